"""The words of a text: one way of splitting, folding and stemming them for every module that compares words."""

from __future__ import annotations

import re
import unicodedata
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Generic, TypeVar

import Stemmer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

T = TypeVar("T")

__all__ = [
    "STOP_WORDS",
    "Word",
    "code",
    "codes",
    "is_stop",
    "runs",
    "says_more",
    "stem",
    "stems",
    "words",
    "words_with",
]

# function words, and words that ask the question; in the folded form that `words` returns
STOP_WORDS = frozenset(
    """
    a about above after again against all also am an and any are aren't as at be because been before being below
    between both but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each either
    else ever every few for from further get gets got had hadn't has hasn't have haven't having he he'd he'll her here
    hers herself him himself his how however i i'd i'll i'm i've if in into is isn't it it'd it'll its itself just let
    many may me might mine more most much must mustn't my myself neither no nor not of off on once only or other
    ought our ours ourselves out over own per please shall shan't she she'd she'll should shouldn't so some such tell
    than that that'd that'll the their theirs them themselves then there there'd there'll these they they'd they'll
    they're they've this those though through thus to too under until unto up upon us very via was wasn't we we'd
    we'll we're we've were weren't what what'll whatever when whenever where wherever whether which whichever while
    who who'd who'll whoever whom whose why will with within without won't would wouldn't yet you you'd you'll you're
    you've your yours yourself yourselves
    """.split()  # noqa: SIM905 - a list of 200 quoted words is harder to read
)

_APOSTROPHES = "'’‘ʼ`´′＇"
# scripts written without spaces between words: every character is a word (kana, Han, Hangul, Thai to Khmer)
_SINGLE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
# combining accents, soft hyphens and joiners occur inside words
_INSIDE = "\u0300-\u036f\u00ad\u200b-\u200d\u2060"


@lru_cache(maxsize=2)
def _cutter(single: str) -> re.Pattern[str]:
    """The pattern that finds words; ``single`` has the ranges of characters that are words on their own."""
    one = f"[{single}]" if single else "(?!)"
    return re.compile(
        rf"""
        (?P<usual>[A-Za-z]{{2,}}(?![^\W_]|[{_INSIDE}{_APOSTROPHES}]))  # most words; those below would give the same
      | (?P<tag>(?<!\w)[\#@](?:[^\W_{single}]|[{_INSIDE}])(?:(?:[^\W_{single}]|[{_INSIDE}])|_)*)
      | (?P<dotted>(?<!\w)(?:[^\W\d_{single}]\.){{2,}}(?:[^\W\d_{single}](?!\w))?)      # U.S. e.g. a.m.
      | (?P<number>[£$€¥]?\d+(?:[.,/:]\d+)*(?:%|(?:[^\W_{single}]|[{_INSIDE}])*))
      | (?P<joined>(?<![\w-])[^\W\d_{single}][-\u2010\u2011](?:[^\W_{single}]|[{_INSIDE}])+)  # e-mail
      | (?P<single>{one})
      | (?P<plain>[^\W_{single}](?:[^\W_{single}]|[{_INSIDE}])*(?:[{_APOSTROPHES}](?:[^\W_{single}]|[{_INSIDE}])+)*)
        """,
        re.VERBOSE,
    )


# Most texts have none of those characters, and the pattern without them compiles ten times as fast.
_SPACED = _cutter("")
# those characters and a few more, written as a negated set, because the exact pattern is slower
_MAYBE_SINGLE = re.compile("[^\x00-\u0dff\u0f00-\u0fff\u10a0-\u177f\u1800-\u303f]")
# characters around a plain word that do not change it
_PIECE = re.compile(r"\S+")
_AROUND = ".,;:!?()[]\"“”‘’'…–—"
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_COUNTRY = frozenset({"US", "USA"})  # in capitals, the country and not the pronoun
# The longest piece between two spaces that is cached: 2,510 blog posts have 85,000 different pieces, at 210 bytes each.
# Longer ones are addresses, or sentences in scripts without spaces, and rarely occur again.
_MOST_KNOWN, _LONGEST_KNOWN = 100_000, 32
# longest text that is cached as a question: a question is split into words again and again while it is answered
_LONGEST_AGAIN = 200
# longest text whose stems are cached: the sentences of the same posts are searched for one name after another
_LONGEST_SENTENCE = 600
_DROPPED = re.compile(f"[{_INSIDE}]")
_FOLDED_APOSTROPHE = str.maketrans(dict.fromkeys(_APOSTROPHES, "'"))

# one spelling for British and American forms, so that a question in one finds a page in the other
_SPELLINGS = (
    (re.compile(r"(?:(?<=[a-z]{2}[^aocuvw])|(?<=ic))is(?=(?:e|ed|es|er|ers|ing|ation|ations|ational)$)"), "iz"),
    (re.compile(r"(?<=[a-z]{2}ly)s(?=(?:e|ed|es|er|ers|ing)$)"), "z"),
    (re.compile(r"(?<=[a-z]{3})our(?=$|s$|ed$|ing$|al$|ally$|able$|ite$|ites$|hood$|hoods$|er$|ers$)"), "or"),
    (re.compile(r"(?<=[a-z]{3})tre(?=s?$)"), "ter"),
    (re.compile(r"(?<=[a-z]{3}l)ogue(?=s?$)"), "og"),
    (re.compile(r"^(def|off|pret|lic)ence(?=s?$)"), r"\1ense"),
    (re.compile(r"(?<=gram)me(?=s?$)"), ""),
)
# a substring that every such word contains
_SPELT_TWO_WAYS = re.compile("is|lys|our|tre|ogue|ence|gramme")


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its folded form and its span in the text."""

    text: str
    start: int
    end: int


def words(text: str) -> list[Word]:
    """Split a text into words, folded so that equal words compare equal.

    Case, accents, kinds of apostrophe and the possessive are folded; a hyphen separates two words; numbers keep their
    separators; the marks of #tags and @names belong to the span but not to the word.

    >>> [word.text for word in words("The DWP’s £4,700 well-being plan")]
    ['the', 'dwp', '£4700', 'well', 'being', 'plan']
    """
    return list(_cut(text)) if len(text) <= _LONGEST_AGAIN else _words_of(text)


def _words_of(text: str) -> list[Word]:
    found = []
    cutter = _SPACED if text.isascii() or not _MAYBE_SINGLE.search(text) else _cutter(_SINGLE)
    for match in cutter.finditer(text):
        folded = _fold(match.group(), match.lastgroup or "plain")
        if folded:
            found.append(Word(folded, match.start(), match.end()))
    return found


@lru_cache(maxsize=64)
def _cut(text: str) -> tuple[Word, ...]:
    return tuple(_words_of(text))


def stem(found: Iterable[Word]) -> list[str]:
    """The stem of each word, in the same order and number.

    >>> stem(words("organisations organized"))
    ['organiz', 'organiz']
    """
    return [_stem_of(word.text) for word in found]


def stems(text: str) -> list[str]:
    """The stems of all words of a text, in order."""
    # no word contains white space, and looking up a piece between two spaces is six times as fast as splitting it
    return [root for piece in text.split() for root in _known[piece]]


def code(root: str) -> int:
    """The code of a stem: 32 bits, the same in every process.

    The chance that a stem of a question shares its code with one of 100,000 other stems is 2 in 100,000.
    """
    return zlib.crc32(root.encode("utf-8", "surrogatepass"))


def codes(text: str) -> list[int]:
    """The codes of the stems of all words of a text, in order."""
    return [number for piece in text.split() for number in _coded[piece]]


def words_with(text: str, roots: Collection[str]) -> list[Word]:
    """The words of a text whose stem is in ``roots``, without function words."""
    wanted = frozenset(roots)
    numbers = frozenset(map(code, wanted))
    found = []
    for piece in _PIECE.finditer(text):  # no word contains white space
        if numbers.isdisjoint(_coded[piece.group()]):
            continue
        before = piece.start()
        found += [
            Word(word.text, before + word.start, before + word.end)
            for word in words(piece.group())
            if _stem_of(word.text) in wanted and not is_stop(word)
        ]
    return found


def runs(text: str, roots: Sequence[str]) -> list[tuple[int, int]]:
    """Where the given stems occur side by side and in order: from the start of the first word to the end of the last.

    >>> runs("A mill. The old mills stand", ["old", "mill"])
    [(12, 21)]
    """
    wanted = tuple(roots)
    if not wanted or wanted[0] not in (flat := _flat(text) if len(text) <= _LONGEST_SENTENCE else tuple(stems(text))):
        return []
    places = [at for at in range(len(flat) - len(wanted) + 1) if flat[at : at + len(wanted)] == wanted]
    if not places:
        return []
    inside = {at for place in places for at in (place, place + len(wanted) - 1)}
    spans: dict[int, tuple[int, int]] = {}
    before, last = 0, max(inside)
    for piece in _PIECE.finditer(text):
        if before > last:
            break
        size = len(_known[piece.group()])
        if not inside.isdisjoint(range(before, before + size)):
            first = piece.start()
            for at, word in enumerate(words(piece.group()), before):
                spans[at] = first + word.start, first + word.end
        before += size
    return [(spans[place][0], spans[place + len(wanted) - 1][1]) for place in places]


@lru_cache(maxsize=4096)
def _flat(text: str) -> tuple[str, ...]:
    return tuple(stems(text))


def says_more(text: str, roots: Collection[str]) -> bool:
    """Whether a text has a word, other than function words, whose stem is not in ``roots``."""
    known = frozenset(roots)
    for piece in text.split():
        if known.issuperset(_known[piece]):
            continue
        if any(_stem_of(word.text) not in known and not is_stop(word) for word in words(piece)):
            return True
    return False


def is_stop(word: Word) -> bool:
    """Whether a word is a function word."""
    return word.text in STOP_WORDS


# English text repeats its words: in 600 blog posts, 95% of the words were already in this cache
@lru_cache(maxsize=65536)
def _fold(raw: str, kind: str) -> str:
    folded = raw
    if not raw.isascii():
        folded = unicodedata.normalize("NFKD", raw.translate(_FOLDED_APOSTROPHE))
        folded = unicodedata.normalize("NFC", _DROPPED.sub("", folded))
    if kind in {"dotted", "joined"}:
        folded = re.sub(r"[.\-\u2010\u2011]", "", folded)
    elif kind == "tag":
        folded = folded[1:]
    elif kind == "number":
        folded = _THOUSANDS.sub("", folded)
    if folded in _COUNTRY:
        return "usa"
    return folded.casefold().translate(_FOLDED_APOSTROPHE).removesuffix("'s")


def _stems_of(piece: str) -> tuple[str, ...]:
    """The stems of the words in a piece between two spaces."""
    plain = piece.strip(_AROUND)
    if plain.isascii() and plain.isalpha():  # most pieces are a plain word, perhaps with punctuation
        return (_stem_of("usa" if plain in _COUNTRY else plain.casefold()),)
    return tuple(stem(words(piece)))


def _codes_of(piece: str) -> tuple[int, ...]:
    return tuple(map(code, _stems_of(piece)))


class _Pieces(dict[str, tuple[T, ...]], Generic[T]):
    """A cache of the results for pieces: a plain dict is the fastest to look up, and computes what is missing."""

    def __init__(self, find: Callable[[str], tuple[T, ...]]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, piece: str) -> tuple[T, ...]:
        """Compute the result, and keep it if the piece is likely to occur again."""
        found = self._find(piece)
        if len(piece) <= _LONGEST_KNOWN:
            if len(self) >= _MOST_KNOWN:
                self.clear()
            self[piece] = found
        return found


_known, _coded = _Pieces(_stems_of), _Pieces(_codes_of)


@lru_cache(maxsize=65536)
def _stem_of(word: str) -> str:
    if _SPELT_TWO_WAYS.search(word):
        for pattern, spelling in _SPELLINGS:
            word = pattern.sub(spelling, word)
    # a stemmer must not be shared between threads, and making one costs less than a lock
    stemmed: str = Stemmer.Stemmer("english").stemWord(word)
    return stemmed
