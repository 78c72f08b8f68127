"""The escapes of XML, JSON and tables: where each is in a stretch of a file, and the character it means.

The marks that a text browser writes before links are like escapes that mean nothing.
"""

from __future__ import annotations

import json
import re
from html import unescape as unescape_references
from html.entities import html5
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["ANNOTATED", "ESCAPES", "MARKED_PASSAGES", "block_texts", "text_parts"]

_XML = re.compile(r"<!\[CDATA\[|<!--|<\?|&(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w*);")
_REFERENCE = re.compile(r"(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w*);")
_JSON = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\[^u]", re.DOTALL)
# a character as two to four bytes of UTF-8, each written as if it were a character, as Facebook and Instagram export
_BYTES = re.compile(
    r"\\u00(?:[cd][\da-f]\\u00[89ab][\da-f]|e[\da-f](?:\\u00[89ab][\da-f]){2}|f[0-4](?:\\u00[89ab][\da-f]){3})",
    re.IGNORECASE,
)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*+)(?:"|\Z)', re.DOTALL)
_STRING_END = re.compile(r'(?:[^"\\]|\\.)*+"', re.DOTALL)
_BETWEEN_ITEMS = re.compile(r'"\s*,\s*"')
_BRACKET = re.compile(r"[\[\]]")
_BRACE = re.compile(r"[{}]")
# under which the objects of a list have its text; an item of a list that is a string has no name
_TEXTS = frozenset({"", "text", "string"})
# the same in the documents of an editor that calls its objects nodes
_NODES, _NODE_TEXTS = '"nodeType"', frozenset({"value"})
# the same in those that are a list of insertions, and in those whose blocks are beside each other
_INSERTIONS, _INSERTED = re.compile(r'"insert"\s*:'), frozenset({"insert"})
_BLOCK_ENDS = '"inlineStyleRanges"'
# under which an annotation of a page has the words that were marked, and what was said about them
MARKED_PASSAGES = frozenset({"exact"})
ANNOTATED = MARKED_PASSAGES | {"text"}
_BOX = '"isChecked"'
_NAMED = re.compile(r"\s*:")
# what a string has in JSON that is itself a string of JSON: an escape of the inner one, of the outer one, or neither
_DEEP_UNIT = r'(?:[^"\\]|\\\\(?:\\\\|\\"|[^\\"])|\\[^"\\])'
_DEEP_ESCAPE = re.compile(
    r'\\\\u[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\\\u[0-9a-fA-F]{4}|\\\\(?:\\\\|\\"|[^\\"])|'
    + _JSON.pattern,
    re.DOTALL,
)
_DEEP_END = re.compile(_DEEP_UNIT + r'*+\\"', re.DOTALL)
# the texts of an editor's document: a marker of Mobiledoc, a node of Lexical, or a card of Markdown in either
_BLOCK_TEXT = re.compile(
    r'(?:\[0,\s?\[[\d,\s]{0,40}\],\s?\d{1,4},\s?|\\"(?:text|markdown)\\":\s?)'
    r'\\"(?P<text>' + _DEEP_UNIT + r'*+)(?:\\"|\Z)',
    re.DOTALL,
)
_SAME_PARAGRAPH = re.compile(r'\\"\],\s?\[0,\s?\[[\d,\s]{0,40}\],\s?\d{1,4},\s?\\"')
_JSON_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_XML_NAMES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_QUOTES = re.compile('""')
# before a link of a text browser, or after one in a page that was saved as text
_LINK_MARK = re.compile(r"\[\d{1,4}\](?=\S)|[ \t]?<(?:https?://|mailto:|#)[^<>\s]*+>")
_OPEN, _CLOSE = "<![CDATA[", "]]>"
_UNKNOWN = "\ufffd"  # for half a character (a lone surrogate) or a number that is not a character
_LAST_CHARACTER = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_WINDOWS = range(0x80, 0xA0)


def _xml_escapes(raw: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    close = raw.find(_CLOSE, start, end)  # before any opening, it ends a section that began before
    return _sections_and_escapes(raw, start, end, inside=close >= 0 and raw.find(_OPEN, start, close) < 0)


def _twice_escapes(raw: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Like XML, but with the ampersand of each reference escaped too: ``&amp;lt;`` is one escape."""
    for begin, stop, character in _xml_escapes(raw, start, end):
        again = _REFERENCE.match(raw, stop, end) if character == "&" else None
        named = _entity(again[1]) if again is not None else None
        yield (begin, stop, character) if again is None or named is None else (begin, again.end(), named)


def _cdata_escapes(raw: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    return _sections_and_escapes(raw, start, end, inside=True)


def _sections_and_escapes(raw: str, start: int, end: int, *, inside: bool) -> Iterator[tuple[int, int, str]]:
    at = start
    endless: set[str] = set()  # unclosed comments and instructions are searched for only once
    while True:
        if inside:
            close = raw.find(_CLOSE, at, end)
            if close < 0:
                return
            at = close + len(_CLOSE)
            inside = False
            yield close, at, ""
            continue
        match = _XML.search(raw, at, end)
        if match is None:
            return
        at = match.end()
        if match[1]:
            character = _entity(match[1])
            if character is not None:
                yield match.start(), at, character
        elif match.group() == _OPEN:
            inside = True
            yield match.start(), at, ""
        else:
            closing = "-->" if match.group() == "<!--" else "?>"
            close = -1 if closing in endless else raw.find(closing, at, end)
            if close < 0:
                endless.add(closing)
                continue
            at = close + len(closing)
            yield match.start(), at, ""


def _entity(name: str) -> str | None:
    if name[0] == "#":
        number = int(name.lstrip("#xX"), 16) if name[1] in "xX" else int(name.lstrip("#"))
        good = 0 < number <= _LAST_CHARACTER and number not in _SURROGATES
        # numbers of control characters mean characters of the Windows code page, as in browsers
        return unescape_references(f"&#{number};") if number in _WINDOWS else chr(number) if good else _UNKNOWN
    named = _XML_NAMES.get(name) or html5.get(name + ";")
    return named if named is not None and len(named) == 1 else None


def _json_escapes(raw: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    at = start
    while match := _JSON.search(raw, at, end):
        of_bytes = _BYTES.match(raw, match.start(), end)
        character = _of_bytes(of_bytes.group()) if of_bytes else ""
        at = of_bytes.end() if of_bytes and character else match.end()
        yield match.start(), at, character or _meant(match.group())


def _of_bytes(token: str) -> str:
    """The character whose bytes are written one by one; "" if they are not one's."""
    try:
        return bytes.fromhex(token.replace("\\u00", "")).decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _meant(token: str) -> str:
    """The character that an escape of JSON means."""
    if token[1] != "u":
        return _JSON_LETTERS.get(token[1], token[1])
    if len(token) > len("\\u0000"):
        return chr(0x10000 + ((int(token[2:6], 16) - 0xD800) << 10) + int(token[8:], 16) - 0xDC00)
    number = int(token.removeprefix("\\u"), 16)
    return _UNKNOWN if number in _SURROGATES else chr(number)


def text_parts(raw: str, start: int, end: int, names: frozenset[str] | None = None) -> Iterator[tuple[int, int]]:
    """The strings of a JSON list that make up a text: its items, and what its objects have under "text" or "string".

    With other ``names``, the strings under those. Yields where each begins and ends, without its marks.
    """
    if names is None:
        names = _NODE_TEXTS if raw.find(_NODES, start, end) >= 0 else _TEXTS
        names = _INSERTED if _INSERTIONS.search(raw, start, end) else names
    name, here = "", start
    for found in _STRING.finditer(raw, start, end):
        if raw.find("}", here, found.start()) >= 0:
            name = ""  # the object whose value this would be has ended
        here = found.end()
        if _NAMED.match(raw, here, end):
            name = found[1]
        elif name in names:
            yield found.span(1)


def _parts_escapes(raw: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """As JSON, without what lies between the parts of a text; items, and the parts of two lists, are on two lines."""
    close = _STRING_END.match(raw, start, end)
    stop = close.end() - 1 if close else end
    yield from _json_escapes(raw, start, stop)
    for begin, following in text_parts(raw, stop + 1, end):
        are_lines = _BETWEEN_ITEMS.fullmatch(raw, stop, begin) or _leaves_or_enters_list(raw, stop, begin)
        yield stop, begin, "\n" if are_lines else ""
        yield from _json_escapes(raw, begin, following)
        stop = following
    if stop < end:
        yield stop, end, ""


def _marked_escapes(raw: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """As JSON, each passage of an annotation on a line, without what lies between them."""
    close = _STRING_END.match(raw, start, end)
    stop = close.end() - 1 if close else end
    yield from _json_escapes(raw, start, stop)
    for begin, following in text_parts(raw, stop + 1, end, ANNOTATED):
        yield stop, begin, "\n"
        yield from _json_escapes(raw, begin, following)
        stop = following
    if stop < end:
        yield stop, end, ""


def _leaves_or_enters_list(raw: str, start: int, end: int) -> bool:
    """Whether a list that began before a stretch ends in it, or one that begins in it goes on after it.

    The boxes of a list of things to do are lines, too, and so are blocks that are objects in objects.
    """
    if raw.find(_BOX, start, end) >= 0 or raw.find(_BLOCK_ENDS, start, end) >= 0:
        return True
    steps = accumulate(1 if brace == "{" else -1 for brace in _BRACE.findall(raw, start, end))
    if min(steps, default=0) < -1:
        return True
    depth = 0
    for bracket in _BRACKET.findall(raw, start, end):
        depth += 1 if bracket == "[" else -1
        if depth < 0:
            return True
    return depth > 0


def block_texts(raw: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The texts of the document of a block editor, Mobiledoc or Lexical, that is JSON inside a string of JSON.

    Yields where each begins and ends, without its marks.
    """
    yield from (found.span("text") for found in _BLOCK_TEXT.finditer(raw, start, end))


def _blocks_escapes(raw: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Both escapes of such a document's texts, without what lies between them; each block is a line."""
    close = _DEEP_END.match(raw, start, end)
    stop = close.end() - 2 if close else end
    yield from _deep_escapes(raw, start, stop)
    for begin, following in block_texts(raw, stop, end):
        between = raw[stop:begin]
        yield stop, begin, "" if _is_one_paragraph(between) else "\n"
        yield from _deep_escapes(raw, begin, following)
        stop = following
    if stop < end:
        yield stop, end, ""


def _is_one_paragraph(between: str) -> bool:
    """Whether nothing but marks lies between two texts: neither a new list of texts nor a line break."""
    if _SAME_PARAGRAPH.fullmatch(between):
        return True
    new_list = "[" in between.partition("]")[2]
    return between.startswith('\\",') and not new_list and "linebreak" not in between


def _deep_escapes(raw: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    for match in _DEEP_ESCAPE.finditer(raw, start, end):
        token = match.group()
        inner = json.loads(f'"{token}"') if token.startswith("\\\\") else ""
        yield match.start(), match.end(), _meant(inner or token)


def _csv_escapes(raw: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    for match in _QUOTES.finditer(raw, start, end):
        yield match.start(), match.end(), '"'


def _link_marks(raw: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    for match in _LINK_MARK.finditer(raw, start, end):
        yield match.start(), match.end(), ""


ESCAPES: dict[str, Callable[[str, int, int], Iterator[tuple[int, int, str]]]] = {
    "xml": _xml_escapes,
    "xml-twice": _twice_escapes,
    "cdata": _cdata_escapes,
    "xml-shortcodes": _xml_escapes,
    "cdata-shortcodes": _cdata_escapes,
    "json": _json_escapes,
    "json-html": _json_escapes,
    "json-parts": _parts_escapes,
    "json-marked": _marked_escapes,
    "json-markdown": _json_escapes,
    "json-blocks": _blocks_escapes,
    "csv": _csv_escapes,
    "csv-html": _csv_escapes,
    "csv-markdown": _csv_escapes,
    "links": _link_marks,
}
