"""The text of a post in a feed: where it is in its element, and how it is escaped."""

from __future__ import annotations

import re
from html import unescape as unescape_entities

from rag.loading.html.escapes import MARKED, unescape

__all__ = ["ELEMENTS", "content_at"]

ELEMENTS = "elements"  # the kind of a text whose mark-up is elements of the feed itself

_OPEN, _CLOSE = "<![CDATA[", "]]>"
_TEXTS = frozenset({"html", "text", "xhtml", "text/html", "text/plain", "application/xhtml+xml"})
# a text that begins or ends with a paragraph tag is HTML as a whole, not plain text about HTML
_BEGINS = re.compile(r"\A\s*+<(?:p|div|h[1-6]|ul|ol|blockquote|figure|table)(?:\s[^<>]*+)?>", re.IGNORECASE)
_ENDS = re.compile(r"</(?:p|div|ul|ol|blockquote|figure|table)>\s*+\Z", re.IGNORECASE)


def content_at(text: str, start: int, end: int, kind: str, *, is_export: bool) -> tuple[int, int, str]:
    """The span of the content of an element at ``text[start:end]``, and its format; an empty span if it is not text.

    ``kind`` is what the element says of itself, or `ELEMENTS`; ``is_export`` says that its texts contain shortcodes.
    """
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if kind == ELEMENTS:
        return start, end, "html"
    if kind not in _TEXTS:
        return start, start, "text"  # a picture, or the name of another file
    inside = text.startswith(_OPEN, start)
    if inside:
        start += len(_OPEN)
        end -= len(_CLOSE) * text.endswith(_CLOSE, start, end)
    escaped = "cdata" if inside else "xml"
    shown = unescape(text, escaped, start, end).text
    marked = MARKED.search(shown) is not None
    if not marked and "&" in shown:
        said = unescape_entities(shown)
        if _BEGINS.match(said) or _ENDS.search(said):
            return start, end, "xml" if inside else "xml-twice"
    if kind not in ("text", "text/plain") or marked:
        return start, end, f"{escaped}-shortcodes" if is_export else escaped
    # in plain text, an entity is the character to show
    return start, end, "text" if inside else "html"
