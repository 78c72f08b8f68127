"""Replaces misspelt words with words of the posts, and restores the capitals of names."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from rag.answering.question.english_words import is_english_word
from rag.answering.question.message import is_all_capitals
from rag.answering.selection.ranker import roots_of
from rag.text.tokens import Word, is_stop, stems, words, words_with

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.store.protocols import Snapshot

__all__ = ["Speller"]

# fewest letters of a word to correct; too many shorter words are one letter apart
_MIN_LETTERS = 4
# letters of the longest word; the tokenizer does not split longer ones
_MAX_LETTERS = 40
# letters of a word from which one may be wrong
_MIN_EXCHANGED = 6
# letters of a word from which two slips are accepted
_TWO_SLIPS = 9
# a word in the tokenizer's vocabulary is three tokens, with the two around every text
_ALONE_TOKENS = 3
# most letters of a word after its stem
_MOST_ENDING = 5
# stems whose words are compared with a misspelt word
_TRIED = 12
# chunks read to see how the posts write a word
_LOOKED_AT = 20
_OWNED = re.compile(r"['’]s$")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


class Speller:
    """Corrects the words of questions to those of an index; safe to use from several threads."""

    def __init__(self, store: Snapshot, count_tokens: Callable[[str], int], fit: Callable[[str], float]) -> None:
        """``count_tokens`` is the embedding model's: an English word in its vocabulary is not taken for a slip.

        ``fit`` returns the confidence of the answer to a question; of several corrections, the one with the highest
        confidence is used.
        """
        self._store = store
        self._count_tokens = count_tokens
        self._fit = fit

    def corrected(self, question: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Replace misspelt words with words of the posts; return the question and pairs of (written, read)."""
        changes = []
        for word in reversed(words(question)):
            written = question[word.start : word.end]
            if is_stop(word) or not _WORD.fullmatch(written) or not self._is_slip(written):
                continue
            meant = self._nearest(question, word)
            if meant is not None:
                question = question[: word.start] + meant + question[word.end :]
                changes.append((written, meant))
        return question, tuple(reversed(changes))

    def knows_none(self, question: str) -> bool:
        """Whether no content word of a question is in the posts or English."""
        content = [question[word.start : word.end] for word in words(question) if not is_stop(word)]
        return bool(content) and not any(map(self._is_known, content))

    def cased(self, question: str) -> str:
        """Write a question in all capitals or all lower case with the capitals of the posts."""
        capitals = is_all_capitals(question)
        if not capitals and question != question.lower():
            return question
        lowered = question.lower()
        for word in reversed(words(lowered)):
            written = lowered[word.start : word.end]
            if is_stop(word) or not _WORD.fullmatch(written):
                continue
            lowered = lowered[: word.start] + self._as_written(written) + lowered[word.end :]
        return lowered[:1].upper() + lowered[1:] if capitals else lowered

    def _is_slip(self, written: str) -> bool:
        """Whether a word is in no post and is not English."""
        if len(written) < _MIN_LETTERS or written[1:] != written[1:].lower():
            return False
        return not self._is_known(written)

    def _is_known(self, written: str) -> bool:
        """Whether a word is in some post or is English."""
        root = stems(written)[0]
        if self._is_english(written) or is_english_word(written):
            return True
        # "tims" is not a word of posts that contain "Tim"
        return any(map(self._store.lexical.frequency, roots_of(root, written))) and not (
            written.islower() and self._is_name_of_others(root, written)
        )

    def _is_name_of_others(self, root: str, written: str) -> bool:
        """Whether the posts have a stem only in names, and never the word as written."""
        forms = self._forms(root)
        names = {form.lower() for form in forms if form[:1].isupper()}
        return bool(names) and written not in names and all(form.lower() in names for form in forms)

    def _is_english(self, word: str) -> bool:
        return len(word) <= _MAX_LETTERS and self._count_tokens(word.lower()) == _ALONE_TOKENS

    def _nearest(self, question: str, word: Word) -> str | None:
        """The word of the posts spelt almost like one of a question; of several, the one that fits best."""
        from rapidfuzz.distance import OSA

        written = question[word.start : word.end].lower()
        slips = 2 if len(written) >= _TWO_SLIPS else 1
        near = []
        for root in self._known.get(written[0], ()):
            if len(written) - _MOST_ENDING <= len(root) <= len(written) + slips:
                for beginning in {written[: max(len(root) + slip, 1)] for slip in range(-1, 2)}:
                    distance = OSA.distance(beginning, root, score_cutoff=slips)
                    if distance <= slips:
                        near.append((distance, -len(root), root, beginning))
        forms: dict[str, int] = {}
        for _, _, root, beginning in sorted(near)[:_TRIED]:
            ended = root + written[len(beginning) :]
            several = [*self._forms(root), *([ended] if self._is_english(ended) else [])]
            for form in several:
                distance = OSA.distance(form.lower(), written, score_cutoff=slips)
                if distance <= slips and not _is_another_word(form.lower(), written):
                    forms[form] = distance
        return self._best(question, word, forms)

    def _best(self, question: str, word: Word, forms: dict[str, int]) -> str | None:
        """The nearest of some forms, by the letters that differ; a missing letter is likelier than a wrong one."""
        written = question[word.start : word.end]
        several: dict[str, tuple[int, int]] = {}
        for form, distance in sorted(forms.items()):
            cased = form[:1].upper() + form[1:] if written[0].isupper() else form
            if cased[1:].islower() and written.islower() and self._is_english(cased):
                cased = cased.lower()
            if cased.islower():
                several = {known: key for known, key in several.items() if known.lower() != cased}
            elif cased.lower() in several:
                continue
            several[cased] = distance, -len(form)
        if not several:
            return None
        nearest = min(several.values())
        best = [form for form, key in several.items() if key == nearest]
        if len(best) > 1:
            others = [
                stems(question[one.start : one.end])[0] for one in words(question) if not is_stop(one) and one != word
            ]
            company = self._company(others, best)
            best = [form for form in best if company[form] == max(company.values())]
        if len(best) == 1:
            return best[0]
        return max(best, key=lambda form: self._fit(question[: word.start] + form + question[word.end :]))

    def _company(self, others: Sequence[str], forms: Sequence[str]) -> dict[str, int]:
        """How many chunks with the other stems of a question have a word of each form's family ("inventor")."""
        chunks = self._store.chunks([chunk for chunk, _ in self._store.lexical.search(list(others), _LOOKED_AT)])
        bodies = self._store.bodies(list({chunk.post_id for chunk in chunks.values()}))
        texts = [bodies[chunk.post_id].text[chunk.start : chunk.end].lower() for chunk in chunks.values()]
        families = {form: re.compile(rf"\b{re.escape(stems(form)[0])}") for form in forms}
        return {form: sum(family.search(text) is not None for text in texts) for form, family in families.items()}

    def _as_written(self, word: str) -> str:
        """A lower-case word with the capitals it has in the posts, except at the start of a sentence."""
        seen: dict[str, int] = {}
        for form, times in self._forms(stems(word)[0]).items():
            bare = _OWNED.sub("", form)
            if bare.lower() == word:
                seen[bare] = seen.get(bare, 0) + times
        return word if word in seen or not seen else max(sorted(seen), key=lambda form: seen[form])

    def _forms(self, root: str) -> dict[str, int]:
        """The words with a stem as some chunks write them, and how often, ignoring capitals that start a sentence."""
        seen: dict[str, int] = {}
        chunks = self._store.chunks([chunk for chunk, _ in self._store.lexical.search([root], _LOOKED_AT)])
        bodies = self._store.bodies(list({chunk.post_id for chunk in chunks.values()}))
        for chunk in chunks.values():
            text = bodies[chunk.post_id].text[chunk.start : chunk.end]
            for found in words_with(text, [root]):
                form = text[found.start : found.end]
                before = text[: found.start].rstrip(" “\"'(")
                if form[1:].islower() and (not before or before[-1] in ".!?:\n"):
                    form = form.lower()
                seen[form] = seen.get(form, 0) + 1
        return seen

    @cached_property
    def _known(self) -> dict[str, list[str]]:
        """The stems of the posts by their first letter."""
        found: dict[str, list[str]] = {}
        for stem, _ in self._store.lexical.stems():
            found.setdefault(stem[:1], []).append(stem)
        return found


def _is_another_word(form: str, written: str) -> bool:
    """Whether two words differ as words do, not by a slip: in their last letter, or in a letter of a short word."""
    if len(form) != len(written) or sorted(form) == sorted(written):
        return False
    return form[:-1] == written[:-1] or len(written) < _MIN_EXCHANGED
