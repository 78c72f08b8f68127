"""The tags of an HTML source, each with its exact place.

The maintained parsers report no offsets or, like Python's own before 3.13.6, take quadratic time on hostile files and
change their reading with every patch release. This tokenizer follows the HTML standard in time linear in the source,
and does not build a tree.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["VOID", "Token", "read_attributes", "tokens_of"]

# Quotes delimit values only after "="; an unclosed one counts as a stray character, and occurs at most once.
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*+)(?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)*+>")
# An end tag that lacks its ">" ends where the next tag begins. A browser would swallow that next tag too, and if it
# begins a post, the boundary of the post would be lost.
_END_TAG = re.compile(r"(</)([a-zA-Z][^\s/><]*+)[^<>]*+>?")
_COMMENT_END = re.compile(r"--!?>")
_ATTRIBUTE = re.compile(r"([^\s/>=\"'][^\s/>=]*+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>]++)))?+")

# elements that have no content
VOID = frozenset(
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr".split()  # noqa: SIM905
)
# elements whose content is not mark-up; if one of the first is never closed, the rest of the file is its content
_RAW_TO_THE_END = frozenset({"script", "style", "noembed", "noframes"})
_RAW = _RAW_TO_THE_END | {"title", "textarea", "iframe"}
_RAW_ENDS = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}


class Token(NamedTuple):
    """``source[start:end]``; ``name`` is the tag's, in lower case. A plain tuple, because a page has thousands.

    "raw" is the content of a script, style or title; "comment" is a comment or what a browser reads as one.
    """

    kind: Literal["text", "open", "close", "raw", "comment"]
    start: int
    end: int
    name: str = ""


def tokens_of(source: str, start: int = 0, end: int | None = None) -> Iterator[Token]:
    """Every token of ``source[start:end]``, in order and without gaps; nothing outside it is looked at.

    >>> [token.kind for token in tokens_of("a<b class='x>y'>c</b><!-- d -->")]
    ['text', 'open', 'text', 'close', 'comment']
    """
    size = len(source) if end is None else end
    at = text = start
    never_closed: set[str] = set()
    while True:
        at = _next_tag(source, at, size)
        if text < at:
            yield Token("text", text, at)
        if at == size:
            return
        following = source[at + 1 : at + 3]
        if following[0] in "!?" or (following[0] == "/" and not _is_letter(following[1])):
            text = _comment_end(source, at, size)
            yield Token("comment", at, text)
            at = text
            continue
        match = (_END_TAG if following[0] == "/" else _TAG).match(source, at, size)
        if match is None:  # an unclosed tag: nothing after it is shown
            yield Token("comment", at, size)
            return
        name = match[2].lower()
        at = text = match.end()
        yield Token("close" if match[1] else "open", match.start(), at, name)
        if name in _RAW and not match[1] and source[at - 2] != "/" and name not in never_closed:
            closing = _RAW_ENDS[name].search(source, at, size)
            if closing is None and name not in _RAW_TO_THE_END:
                never_closed.add(name)
                continue
            text = closing.start() if closing else size
            if at < text:
                yield Token("raw", at, text, name)
            at = text


def read_attributes(tag: str) -> dict[str, str]:
    """The attributes of an opening tag, names in lower case, entities decoded; the first of two with one name counts.

    >>> read_attributes('<a HREF="/a?b&amp;c" hidden>')
    {'href': '/a?b&c', 'hidden': ''}
    """
    found: dict[str, str] = {}
    inner = re.match(r"<[^\s/>]*", tag)
    for match in _ATTRIBUTE.finditer(tag, inner.end() if inner else 1, len(tag) - 1):
        value = match[2] or match[3] or match[4] or ""
        found.setdefault(match[1].lower(), unescape(value) if "&" in value else value)
    return found


def _next_tag(source: str, at: int, size: int) -> int:
    """Where the next tag or comment begins, or ``size`` if there is none."""
    while (at := source.find("<", at, size)) >= 0 and at + 1 < size:
        following = source[at + 1]
        if following in "!?" or _is_letter(following) or (following == "/" and at + 2 < size):
            return at
        at += 1
    return size


def _is_letter(character: str) -> bool:
    return "a" <= character <= "z" or "A" <= character <= "Z"


def _comment_end(source: str, at: int, size: int) -> int:
    if source.startswith("<!--", at, size):
        if source.startswith(("<!-->", "<!--->"), at, size):
            return source.index(">", at) + 1
        closing = _COMMENT_END.search(source, at + 4, size)
        return closing.end() if closing else size
    found = source.find(">", at + 2, size)
    return found + 1 if found >= 0 else size
