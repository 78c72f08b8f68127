"""Near copies are found without comparing every pair, and results are remembered."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from rag.dedup.minhash import MIN_NEAR_WORDS, Memory, likely_copies
from rag.dedup.similarity import Text, similarity
from rag.records import Piece, PostCopy

if TYPE_CHECKING:
    import pytest

WORDS = [f"word{number}" for number in range(4000)]


def _text(words: list[str], title: str = "A title") -> Text:
    text = " ".join(words)
    return Text((PostCopy("a.txt", "0" * 64, text, (Piece(0, len(text), 0, len(text)),), title),))


def _near(chance: random.Random, words: list[str], changed: int) -> list[str]:
    copy = list(words)
    for place in chance.sample(range(len(copy)), changed):
        copy[place] = "other" + copy[place]
    return copy


def test_near_copies_are_candidates_and_strangers_hardly_ever() -> None:
    """Of 60 pairs that share 0.75 to 0.9 of their shingles, none is missed; of 60 unrelated ones, few are compared."""
    chance = random.Random(3)
    texts = []
    for _ in range(60):
        words = chance.sample(WORDS, 200)
        texts += [_text(words), _text(_near(chance, words, 7))]
    shares = [similarity(texts[at], texts[at + 1]) for at in range(0, len(texts), 2)]
    assert 0.75 < min(shares) <= max(shares) < 0.95
    memory = Memory()
    found = list(likely_copies([memory.sketch(text) for text in texts]))
    assert all(at - 1 in found[at] for at in range(1, len(texts), 2))
    assert sum(len(nearby) for nearby in found) < len(texts)


def test_a_short_text_has_no_candidates() -> None:
    """A few common words decide nothing."""
    memory = Memory()
    short = [_text(WORDS[: MIN_NEAR_WORDS - 1]) for _ in range(2)]
    assert list(likely_copies([memory.sketch(text) for text in short])) == [[], []]


def test_what_is_remembered_is_not_worked_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sketches and verdicts of an earlier build are used; only those that were used are passed on."""
    one, other, gone = _text(WORDS[:100]), _text([*WORDS[:99], "changed"]), _text(WORDS[200:300])
    first = Memory()
    for text in (one, other, gone):
        first.sketch(text)
    told = first.judge(one, other)
    monkeypatch.setattr("rag.dedup.minhash.verdict", lambda *_: None)
    monkeypatch.setattr("rag.dedup.minhash.similarity", lambda *_: None)
    second = Memory(first.sketches, first.verdicts)
    assert second.judge(one, other) == told
    assert second.sketch(one) is first.sketches[one.key]
    assert list(second.sketches) == [one.key]
    assert list(second.verdicts) == [(one.key, other.key)]


def test_a_key_covers_all_that_a_verdict_depends_on() -> None:
    """Another word or another title makes another key; another page does not."""
    text = _text(WORDS[:50])
    (copy,) = text.copies
    moved = PostCopy("b.txt", "1" * 64, copy.text, copy.pieces, copy.title)
    assert Text((moved,)).key == text.key
    assert _text([*WORDS[:49], "x"]).key != text.key
    assert _text(WORDS[:50], "Another").key != text.key
