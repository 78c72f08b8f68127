"""The text of a stretch of a file, in each format that a location can have.

text       the words, unchanged
links      words with the marks of a text browser: ``[12]Home``, ``Home <https://example.org/>``
html       HTML (web pages, Atom's xhtml)
xml        HTML escaped as XML text: ``&lt;p&gt;``
xml-twice  HTML escaped twice, as some feeds have it: ``&amp;lt;p&amp;gt;``
cdata      HTML inside a CDATA section
xml-shortcodes, cdata-shortcodes   the same with WordPress's shortcodes: ``[gallery ids="1"]``
json       plain text in a JSON string
json-html  HTML in a JSON string
json-parts plain text in the strings of a JSON list, with names and other values between them
json-markdown, csv-markdown   Markdown in a JSON string, or in a quoted cell of a table
json-marked plain text in the strings of an annotation: what was marked, and what was said about it
json-blocks plain text in an editor's document (Mobiledoc, Lexical) that is JSON inside a JSON string
csv        plain text in a quoted cell of a table
csv-html   HTML in a quoted cell of a table
markdown   Markdown, with the HTML in it
markup     reStructuredText, Org, AsciiDoc, Textile, wiki text, TiddlyWiki or gemtext
office     the XML of a word processor's document
blog_text  HTML in an export of labelled lines (Movable Type, TypePad)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.errors import InputError
from rag.loading.html.escape_signs import ESCAPES
from rag.loading.html.escapes import BLOG_TEXT_BORDER, WITH_SHORTCODES, is_html, unescape
from rag.loading.html.shortcodes import without_shortcodes
from rag.loading.html.text import strip_markup

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PAGE_FORMATS", "plain_text"]

# the formats that locations in each format of page can have; an answers file that names another is not trusted
PAGE_FORMATS: dict[str, frozenset[str]] = {
    "text": frozenset({"text", "links"}),
    "markdown": frozenset({"markdown"}),
    "markup": frozenset({"markup"}),
    "office": frozenset({"office"}),
    "blog_text": frozenset({"blog_text"}),
    "clippings": frozenset({"text"}),
    "pdf": frozenset({"text"}),
    "html": frozenset({"html"}),
    "xml": frozenset({"text", "html", "xml", "xml-twice", "cdata", "xml-shortcodes", "cdata-shortcodes"}),
    "json": frozenset({"json", "json-html", "json-parts", "json-marked", "json-markdown", "json-blocks"}),
    "csv": frozenset({"text", "html", "csv", "csv-html", "csv-markdown", "markdown"}),
}

_FORMATS = frozenset(name for names in PAGE_FORMATS.values() for name in names)


def plain_text(raw: str, format: str) -> str:  # noqa: A002 - the records name the field
    r"""The words in a stretch of a file of a given format: escapes undone, tags stripped, entities decoded.

    Raises InputError if there is no such format.

    >>> plain_text("A caf\\u00e9 &amp; <b>bar</b>", "json-html")
    'A café & bar'
    """
    if format not in _FORMATS:
        raise InputError("there is no such format", expected=" or ".join(sorted(_FORMATS)), got=format)
    if format in ESCAPES:
        raw = unescape(raw, format).text
    strip = _STRIPPED.get(format)
    if strip is not None:
        return strip(raw)
    raw = without_shortcodes(raw) if format in WITH_SHORTCODES else raw
    return strip_markup(raw) if is_html(format) else raw


def _strip_markdown(raw: str) -> str:
    from rag.loading.notes.markdown_text import join_blocks, read_blocks  # only such pages need its parser

    return join_blocks(raw, read_blocks(raw))[0]


def _strip_light_markup(raw: str) -> str:
    from rag.loading.notes.light_markup import strip_light_markup

    return strip_light_markup(raw)


def _strip_office(raw: str) -> str:
    from rag.loading.documents.office import strip_office

    return strip_office(raw)


def _strip_blog_text(raw: str) -> str:
    return strip_markup(BLOG_TEXT_BORDER.sub("\n\n", raw))


_STRIPPED: dict[str, Callable[[str], str]] = {
    "markdown": _strip_markdown,
    "json-markdown": _strip_markdown,
    "csv-markdown": _strip_markdown,
    "markup": _strip_light_markup,
    "office": _strip_office,
    "blog_text": _strip_blog_text,
}
