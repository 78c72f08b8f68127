"""Whether two texts are copies of one post, versions of it, or different posts."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from rag.text.alignment import Stretch, align, to_spaces
from rag.text.lines import fold_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from rag.records import PostCopy

__all__ = ["KEY_BYTES", "Text", "Verdict", "differing_words", "similarity", "verdict"]

Verdict = Literal["same", "version", "apart"]

SHINGLE_WORDS = 3
KEY_BYTES = 16

# Copies of one post share well over 0.7 of their shingles unless one was cut short. Among 2,510 posts of one blog, 30
# pairs of different posts are above 0.7, all of them notices written from one template.
MIN_JACCARD = 0.7

# Nearly all shingles of a shortened copy are in the whole post, but not all, because the cut joins words.
MIN_CONTAINMENT = 0.9

# Words that only one of two texts has, as a share of the shorter text. Copies differ by added links and corrected words
# (at most 0.02 on the seed pages); notices from one template have paragraphs of their own.
MAX_REWRITTEN = 0.1
MAX_REWRITTEN_RETITLED = 0.04  # with another title: a version for another audience (0.01 measured), not a template

# Two different titles mean two posts, unless hardly anything differs: then one page has a heading where the other has
# the title. The most similar pair of different posts with different titles has 0.9.
MIN_JACCARD_RETITLED = 0.97

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_LINK = re.compile(r"\b(?:https?://|www\.)\S+")
_ENUMERATOR = re.compile(r"^[ \t\xa0]*\(?\d{1,3}[.)](?=\s)", re.MULTILINE)
# the end of an excerpt: the sign that something follows, and the link to it; the word before the sign may be cut
_CUT_OFF = re.compile(
    r"""(?:(?<=[.!?…"”’)])\s{1,8}\W{0,3}(?:(?:continue|keep)\sreading|read\s(?:more|on|the\s(?:full|rest|whole)))\b[^.]{0,80}$
    |(?:\S{0,80}(?:…|\.\.\.)|\s{0,80}(?:\[\s*(?:…|\.\.\.)\s*\]|\(\s*(?:…|\.\.\.)\s*\)|…|\.\.\.))
    \s*(?:\W{0,3}(?:read|continue|more|view|keep|full|see|weiter|mehr)\b[^.]{0,80})?\W{0,80}$)""",
    re.IGNORECASE | re.VERBOSE,
)
MAX_TAIL_CHARACTERS = 160  # at the end of an excerpt that are searched
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’)\]]*(?:\s|$)")
_MONTHS_THAT_ARE_WORDS = frozenset({"may", "march"})
_FACTS = frozenset(
    """
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
    nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion half third quarter
    first second fourth fifth once twice
    january february april june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday
    no not never none nor neither without cannot nothing nobody
    """.split()  # noqa: SIM905 - easier to read than quoted words
)


@dataclass(frozen=True)
class Text:
    """One text and every copy that has it (ignoring white space), first the copy whose characters are used."""

    copies: tuple[PostCopy, ...]

    @property
    def first(self) -> PostCopy:
        """The copy that represents the text."""
        return self.copies[0]

    @cached_property
    def key(self) -> bytes:
        """A hash of everything that a verdict depends on: equal for two texts that are judged alike."""
        chrome = [(span.start, span.end) for span in self.first.chrome]
        content = repr((self.first.text, chrome, sorted(self.titles)))
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).digest()[:KEY_BYTES]

    @cached_property
    def end(self) -> int:
        """Where the text ends without the end of an excerpt, "[…] Read more", and without a cut word before it."""
        text = self.first.text
        cut = _CUT_OFF.search(text, max(len(text) - MAX_TAIL_CHARACTERS, 0))
        return cut.start() if cut is not None else len(text)

    @cached_property
    def words(self) -> list[str]:
        """The words without captions, links and other chrome, and without the mark of an excerpt."""
        plain, at = [], 0
        for span in self.first.chrome:
            plain.append(self.first.text[at : min(span.start, self.end)])
            at = span.end
        return _words("\n".join([*plain, self.first.text[at : self.end]]))

    @cached_property
    def shingles(self) -> NDArray[np.uint32]:
        """Hashes of every three consecutive words, sorted and without repetition."""
        words = self.words
        lines = (" ".join(words[at : at + SHINGLE_WORDS]) for at in range(max(len(words) - SHINGLE_WORDS + 1, 1)))
        return np.unique(np.fromiter((zlib.crc32(line.encode()) for line in lines), np.uint32))

    @cached_property
    def titles(self) -> frozenset[str]:
        """The titles of its copies, folded."""
        return frozenset(key for copy in self.copies if copy.title and (key := fold_key(copy.title)))


def similarity(one: Text, other: Text) -> float:
    """Jaccard similarity of the word shingles, 0 to 1."""
    common = _common(one, other)
    return common / (len(one.shingles) + len(other.shingles) - common)


def verdict(whole: Text, text: Text) -> Verdict:
    """Whether ``text`` is the same post as ``whole``, a version of it with other facts or another title, or neither."""
    jaccard = similarity(whole, text)
    if jaccard < MIN_JACCARD and not _is_cut_short(whole, text):
        return "apart"
    retitled = not _same_title(whole.titles, text.titles)
    stretches = align(whole.first.text, text.first.text[: text.end])
    rewritten = _rewritten(whole, text, stretches) / min(len(whole.words), len(text.words))
    if rewritten > (MAX_REWRITTEN_RETITLED if retitled else MAX_REWRITTEN) or (retitled and jaccard < MIN_JACCARD):
        return "apart"
    # spaces in place of list numbers, so that all offsets stay the same
    both = whole.first.text, text.first.text[: text.end]
    plain, other = (_ENUMERATOR.sub(lambda match: " " * len(match.group()), one) for one in both)
    differing = _differing(plain, other, stretches)
    if (retitled and jaccard < MIN_JACCARD_RETITLED) or any(_facts(left) != _facts(right) for left, right in differing):
        return "version"
    return "same"


def _common(one: Text, other: Text) -> int:
    return len(np.intersect1d(one.shingles, other.shingles, assume_unique=True))


def _is_cut_short(whole: Text, text: Text) -> bool:
    """Whether the text is the beginning or the end of the whole, not a quotation from its middle."""
    if _common(whole, text) < MIN_CONTAINMENT * len(text.shingles):
        return False
    edge = SHINGLE_WORDS * 2
    return whole.words[:edge] == text.words[:edge] or whole.words[-edge:] == text.words[-edge:]


def _same_title(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Whether no two titles contradict each other; a missing title never does, nor one followed by the site's name."""
    if not ours or not theirs:
        return True
    return any(one.startswith(other) or other.startswith(one) for one in ours for other in theirs)


def _rewritten(whole: Text, text: Text, stretches: Sequence[Stretch]) -> int:
    """The number of words that each text has and the other lacks; 0 if one contains all words of the other."""
    left = right = 0
    for stretch in stretches:
        if not stretch.equal:
            left += len(_words(whole.first.text[stretch.start : stretch.end]))
            right += len(_words(text.first.text[stretch.right_start : stretch.right_end]))
    return min(left, right)


def differing_words(left: str, right: str) -> list[tuple[str, str]]:
    """List the words that differ, place by place.

    Whole lines and sentences that one side lacks are left out, because they contradict nothing.
    """
    return _differing(left, right, align(left, right))


def _differing(left: str, right: str, stretches: Sequence[Stretch]) -> list[tuple[str, str]]:
    found = []
    for stretch in stretches:
        if stretch.equal:
            continue
        start, end = to_spaces(left, stretch.start, stretch.end)
        right_start, right_end = to_spaces(right, stretch.right_start, stretch.right_end)
        removed, added = left[start:end], right[right_start:right_end]
        if _words(removed) == _words(added):
            continue
        if not _words(added) and _is_whole(left, start, end):
            continue
        if not _words(removed) and _is_whole(right, right_start, right_end):
            continue
        found.append((removed.strip(), added.strip()))
    return found


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether a span that the other text lacks consists of whole lines, or contains a whole sentence."""
    inside = text[start:end]
    before, after = text[:start].rstrip(" \t\xa0"), text[end:].lstrip(" \t\xa0")
    head, tail = inside[: len(inside) - len(inside.lstrip())], inside[len(inside.rstrip()) :]
    begins = not before.strip() or before[-1] in "\r\n" or "\n" in head
    ends = not after.strip() or after[0] in "\r\n" or "\n" in tail
    return (begins and ends) or (len(_words(inside)) > SHINGLE_WORDS and _SENTENCE_END.search(inside) is not None)


def _words(text: str) -> list[str]:
    return [word.casefold().replace("’", "'") for word in _WORD.findall(_LINK.sub(" ", text))]


def _facts(text: str) -> Counter[str]:
    """Count numbers, dates and negations."""
    found: Counter[str] = Counter()
    for word in _WORD.findall(_LINK.sub(" ", text)):
        plain = word.casefold().replace("’", "'")
        month = plain in _MONTHS_THAT_ARE_WORDS and word[0].isupper()
        if month or plain in _FACTS or plain.endswith("n't") or any(character.isdigit() for character in plain):
            found[plain] += 1
    return found
