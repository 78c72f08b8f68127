"""Which tokens of an HTML source show text: scripts and forms do not, nor do words that are hidden or struck out.

Whether an element is hidden depends only on its own tags, its content and the character before it. So a location, which
is only a part of the file, shows the same words as it does within the whole file.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING

from rag.loading.html.tokens import VOID, Token, read_attributes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["BLOCKS", "LINES", "SUPERSCRIPTS", "has_notes_beside", "is_beside", "is_hiding", "shown_tokens"]

BLOCKS = frozenset(
    """
    address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend listing main menu nav ol optgroup p plaintext
    pre search section summary table tbody tfoot thead ul xmp
    """.split()  # noqa: SIM905 - easier to read than quoted words
)
LINES = frozenset({"br", "dd", "dt", "li", "option", "tr"})
# elements whose content is not text of the page: code, pictures, forms, pronunciation of ruby text, and fallbacks that
# are shown only if something fails
_HIDDEN = frozenset(
    """
    annotation annotation-xml audio canvas datalist en-crypt iframe noembed noframes noscript object rp rt script select
    style svg template textarea title video
    """.split()  # noqa: SIM905
)
_STRUCK = frozenset({"del", "s", "strike"})
# elements that may contain all the text, and are not hidden by a style: a page that hides its body will show it later
_NEVER_HIDDEN = BLOCKS | LINES | VOID | _HIDDEN | {"head", "td", "th", "tfoot"}

_MAY_HIDE = re.compile(
    r"<(?:del|s|strike|sup)[\s>]|<a\s[^<>]*+>\s*+(?:[^\w\s<]|\d{1,3}\s*+</a)|\bhidden\b|display\s*:|visibility\s*:"
    r"|sr-only|visuallyhidden|screen-reader-text|mw-editsection|sidenote|marginnote|#_?+ftn",
    re.IGNORECASE,
)
# notes that are shown beside the sentence they are in
_BESIDE = frozenset({"sidenote", "marginnote"})
# for screen readers, and what a wiki shows to its editors
_UNSEEN = _BESIDE | {"sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "mw-editsection"}
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_MATHS = re.compile(r"<math[\s>]", re.IGNORECASE)

# Raised digits are a power after a number, a short symbol or a bracket; elsewhere they are the mark of a note.
SUPERSCRIPTS = str.maketrans("0123456789+-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻")
_RAISED = re.compile(r"\s*[+\-−–]?\d{1,4}\s*")
_MARK = re.compile(r"\s*[\[(]?(?:\d{1,3}|[*†‡§]{1,3}|[a-z])[\])]?\s*")
_NUMBER = re.compile(r"\s*\[?\d{1,3}\]?\s*")
_SIGN = re.compile(r"\s*[^\w\s]{1,4}\s*")
_TAGS = re.compile(r"<[^<>]*+>")
_NOTE = re.compile(r"note|\bcite|reference|\bfn|ftn", re.IGNORECASE)
_TO_NOTE = re.compile(r"""(?<=[\s"'])href\s*+=\s*+["']?[^"'\s>#]*+#""", re.IGNORECASE)
_ENDS_A_WORD = re.compile(r"[.,;:!?…”’\"']$|(?<=[^\W\d_]{4})$")

MIN_NOSCRIPT_WORDS = 50  # fewer words are a notice that the page requires scripts


def shown_tokens(tokens: Iterator[Token], source: str) -> Iterator[Token]:
    """The tokens except those inside elements that show no text; an unclosed element hides nothing.

    Raised digits that are a power become text tokens with the name "sup": `SUPERSCRIPTS` translates them.
    """
    listed = list(tokens)
    may_hide = bool(listed) and _MAY_HIDE.search(source, listed[0].start, listed[-1].end) is not None
    ends = _hidden_elements(listed, source, may_hide=may_hide)
    marks = _SuperscriptReader(listed, source) if may_hide else None
    at = 0
    while at < len(listed):
        token = listed[at]
        if at in ends:
            at = ends[at]
        elif marks is not None and (end := marks.note_end(at)):
            at = end
        elif token.kind != "raw":
            yield token if marks is None else marks.read(at)
        at += 1


def _hidden_elements(listed: Sequence[Token], source: str, *, may_hide: bool) -> dict[int, int]:
    """Map the number of each opening tag that hides its content to the number of its closing tag."""
    ends: dict[int, int] = {}
    shown = {"noscript"} if _shows_noscript(source) else set()
    hiding = _inline_hiding(listed, source) if may_hide else set()
    tracked = _HIDDEN | {listed[number].name for number in hiding}
    opened: dict[str, list[int]] = {name: [] for name in tracked}
    for number, token in enumerate(listed):
        if token.name not in tracked:
            continue
        if token.kind == "open" and source[token.end - 2] != "/":
            opened[token.name].append(number)
        elif token.kind == "close" and opened[token.name]:
            first = opened[token.name].pop()
            start, end = listed[first].start, listed[first].end
            if token.name in _HIDDEN:
                hidden = token.name not in shown and not (token.name == "template" and _is_shadow(source[start:end]))
            else:
                hidden = first in hiding and _is_inline(listed, first, number)
                hidden = hidden and not _MATHS.search(source, end, token.start)
            if hidden:
                ends[first] = number
    return ends


def _inline_hiding(listed: Sequence[Token], source: str) -> set[int]:
    """The numbers of inline opening tags whose content is struck out or hidden."""
    found = set()
    for number, token in enumerate(listed):
        if token.kind != "open" or token.name in _NEVER_HIDDEN:
            continue
        tag = source[token.start : token.end]
        if token.name in _STRUCK or (_MAY_HIDE.search(tag) and is_hiding(read_attributes(tag), inline=True)):
            found.add(number)
    return found


def is_hiding(attributes: dict[str, str], *, inline: bool = False) -> bool:
    """Whether an element says that it is not shown.

    Class names for invisible words, and ``aria-hidden``, count only for inline elements: around a whole text,
    ``aria-hidden`` means that a dialog was open.
    """
    if "hidden" in attributes and attributes["hidden"] != "until-found":
        return True
    if inline and attributes.get("aria-hidden", "").lower() == "true":
        return True
    if inline and not _UNSEEN.isdisjoint(attributes.get("class", "").lower().split()):
        return True
    return bool(_HIDING.search(attributes.get("style", "")))


def has_notes_beside(source: str) -> bool:
    """Whether a page may have notes that are shown beside sentences."""
    return any(name in source for name in _BESIDE)


def is_beside(attributes: dict[str, str]) -> bool:
    """Whether an element is a note that is shown beside the sentence it is in."""
    return not _BESIDE.isdisjoint(attributes.get("class", "").lower().split())


def _is_inline(listed: Sequence[Token], first: int, last: int) -> bool:
    """Whether no block begins between two tags; otherwise an element that is closed late would hide paragraphs."""
    return not any(token.kind == "open" and token.name in BLOCKS for token in listed[first + 1 : last])


def _is_shadow(tag: str) -> bool:
    """Whether a template contains what the element around it shows (a declarative shadow root)."""
    return any(name in ("shadowrootmode", "shadowroot", "shadowmode") for name in read_attributes(tag))


@lru_cache(maxsize=4)
def _shows_noscript(source: str) -> bool:
    """Whether most words of a page are in noscript elements, which then contain its text."""
    if "<noscript" not in source and "<NOSCRIPT" not in source:
        return False
    from rag.loading.html.tokens import tokens_of

    inside = outside = depth = hidden = 0
    for token in tokens_of(source):
        if token.name == "noscript":
            depth = depth + 1 if token.kind == "open" else max(depth - 1, 0)
        elif token.name in _HIDDEN and token.kind in ("open", "close"):
            hidden = hidden + 1 if token.kind == "open" else max(hidden - 1, 0)
        elif token.kind == "text" and not hidden:
            words = len(source[token.start : token.end].split())
            inside, outside = (inside + words, outside) if depth else (inside, outside + words)
    return inside >= MIN_NOSCRIPT_WORDS and inside > outside


class _SuperscriptReader:
    """Distinguishes the marks of notes from powers, token by token."""

    def __init__(self, listed: Sequence[Token], source: str) -> None:
        self._listed = listed
        self._source = source
        self._before = ""  # the last characters shown in this line
        self._raised = False
        self._to_note = False

    def note_end(self, at: int) -> int:
        """The number of the tag that closes the mark of a note or heading that begins here, or 0."""
        token = self._listed[at]
        if token.name == "a" and token.kind == "open":
            return self._sign_end(at)
        if token.name != "sup" or token.kind != "open":
            return 0
        end = self._closed_at(at, "sup")
        if not end:
            return 0
        content = self._source[token.end : self._listed[end].start]
        words = unescape(_TAGS.sub("", content))
        if not _MARK.fullmatch(words):
            return 0
        linked = self._to_note or _TO_NOTE.search(content) or _NOTE.search(self._source[token.start : token.end])
        plain = any(character.isdigit() or character in "*†‡§" for character in words)
        return end if linked or (plain and _ENDS_A_WORD.search(self._before)) else 0

    def _sign_end(self, at: int) -> int:
        """The number of the tag that closes a link within the page that shows only a symbol ("↩", "¶", "#"), or 0.

        The same for the number of a note, in a link that is named so.
        """
        token = self._listed[at]
        tag = self._source[token.start : token.end]
        if _TO_NOTE.search(tag) is None:
            return 0
        end = self._closed_at(at, "a")
        content = unescape(_TAGS.sub("", self._source[token.end : self._listed[end].start])) if end else ""
        is_number = _NUMBER.fullmatch(content) is not None and _NOTE.search(tag) is not None
        return end if is_number or _SIGN.fullmatch(content) else 0

    def read(self, at: int) -> Token:
        """The token, named "sup" if it is a power."""
        token = self._listed[at]
        if token.kind == "text":
            shown = self._source[token.start : token.end]
            power = self._raised and self._before[-1:].strip() and _RAISED.fullmatch(shown)
            self._before = (self._before + unescape(shown[-40:]))[-12:]
            return token._replace(name="sup") if power else token
        if token.name == "sup":
            self._raised = token.kind == "open"
        elif token.name == "a":
            self._to_note = token.kind == "open" and bool(
                _TO_NOTE.search(self._source[token.start : token.end])
                and _NOTE.search(self._source[token.start : token.end])
            )
        elif token.name in BLOCKS or token.name in LINES:
            self._before, self._raised = "", False
        return token

    def _closed_at(self, at: int, name: str) -> int:
        """The number of the tag that closes a short element, or 0."""
        few = range(at + 1, min(at + 8, len(self._listed)))
        return next((n for n in few if self._listed[n].kind == "close" and self._listed[n].name == name), 0)
