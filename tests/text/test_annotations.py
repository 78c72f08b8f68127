"""The notes on a sentence, made when indexing, equal what a question would find in its text."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.question.query import query
from rag.answering.question.wanted_words import Wanted
from rag.store.manifest import FORMAT
from rag.text import annotations as noting
from rag.text.annotations import facts, joined_notes, note, noted, numbers, word_count
from rag.text.tokens import code, codes, stem, stems, words


@pytest.mark.parametrize(
    ("bit", "yes", "no"),
    [
        (noting.IS_QUESTION, "Who dug it?”", "Who dug it."),
        (noting.ENDS_WITH_COLON, "The tools: ", "The tools."),
        (noting.OPENS_WITH_PRONOUN, "“They dug it.", "Men dug it."),
        (noting.NUMBER, "In 3 ponds", "In three ponds"),
        (noting.NUMBER_WORD, "In three ponds", "In 3 ponds"),
        (noting.QUANTITY, "For £4m", "For more"),
        (noting.DATE, "In May 1990", "In those days"),
        (noting.PLACE, "It lies near Leeds", "It lies low"),
        (noting.REASON, "Because of fire", "Of fire"),
        (noting.MEANS, "By using spades", "Spades"),
        (noting.DEFINITION, "A coppice is a wood", "We like woods"),
        (noting.LISTING, "Spades, forks, hoes and rakes", "Spades and forks"),
        (noting.NEGATION, "It was never dug", "It was dug"),
    ],
)
def test_each_kind_has_its_bit(bit: int, yes: str, no: str) -> None:
    """In the sentences that contain it and in no others; the number of words is above the bits."""
    assert note(yes) & bit
    assert not note(no) & bit
    assert word_count(note(yes)) == len(yes.split())


def test_a_note_fits_in_32_bits() -> None:
    """Even for a sentence with more words than can be counted there."""
    assert word_count(note("word " * 100_000)) == 0xFFFF
    assert note("no, 3 words: because of £4m? " * 100_000) < 2**32


KEPT = (
    "Who dug the 3 oldest ponds near Leeds?”",
    "They weren’t dug in May 1990 because of fire: organisations, well-being, U.S. e-mails and £4,700.",
    "A coppice is a wood; by using spades, forks, hoes and rakes:",
    "日本語 and #tags of the Café’s twelve users",
)


def test_whoever_changes_what_is_noted_raises_the_format() -> None:
    """An index stores notes; one written by other rules must not be read by these."""
    rules = "\n".join(f"{bit} {pattern.pattern}" for bit, pattern in (noting._SMALL | noting._AS_WRITTEN).items())
    some = noted(KEPT)
    digest = hashlib.sha256(rules.encode() + some.codes.tobytes() + some.notes.tobytes()).hexdigest()[:16]
    assert (FORMAT, digest) == (6, "81c46625a1639487")


@given(st.lists(st.text(st.sampled_from("ab Cd. 1é’\n"), max_size=20), max_size=5))
def test_what_is_noted_together_is_what_each_would_get(texts: list[str]) -> None:
    """Codes of all words in order, the ends between them, and a note for each sentence."""
    some = noted(texts)
    assert some.codes.tolist() == [number for text in texts for number in codes(text)]
    assert np.diff(some.ends, prepend=0).tolist() == [len(words(text)) for text in texts]
    assert some.notes.tolist() == [note(text) for text in texts]
    if texts:
        joined = joined_notes([noted(texts[:1]), noted(texts[1:])])
        assert (joined.codes.tolist(), joined.ends.tolist()) == (some.codes.tolist(), some.ends.tolist())


WORDS = st.lists(st.sampled_from(["oak", "pond", "Leeds", "the", "of", "park"]), max_size=7).map(" ".join)


@given(WORDS.filter(bool), st.lists(WORDS, min_size=1, max_size=4))
def test_wanted_words_are_found_in_numbers_as_in_texts(asked: str, texts: list[str]) -> None:
    """The words in sentences, and the pairs side by side in one sentence but not across two."""
    read = query(asked)
    wanted = Wanted(read)
    held, pairs = wanted.in_sentences(noted(texts))
    assert held == [wanted.in_text(facts(text)) for text in texts]
    for text, bits, count in zip(texts, held, pairs, strict=True):
        found = stem(words(text))
        assert wanted.of([root for root in read.stems if root in found]) == bits & wanted.of(read.stems)
        assert count == len(set(pairwise(found)) & read.pairs)


def test_codes_are_the_same_everywhere() -> None:
    """They are stored in indexes: another number for a word would be another word."""
    assert [code(root) for root in stems("The oldest pond")] == [0x3C456DE6, 0xBD8070EF, 0xB85110F5]


def test_numbers_are_without_what_follows_them() -> None:
    """A full stop or comma after a number is not part of it."""
    assert numbers("In 1990, 4,700 men (3.5%).") == {"1990", "4,700", "3.5"}
