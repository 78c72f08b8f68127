"""Pages with metadata from elsewhere: mails, chapters of an e-book, posts of an export with a table.

The whole page is one post, without the boilerplate of a site. What a mail hides or says about itself is not part of its
text, nor are the buttons and calls to subscribe that a newsletter platform puts into its posts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from rag.loading.containers.mail_lines import mail_lines
from rag.loading.entries import MAX_TITLE_CHARACTERS
from rag.loading.front_matter import date_in_name, title_of_name
from rag.loading.html.escapes import body
from rag.loading.html.text import render, strip_markup
from rag.loading.html.tokens import VOID, read_attributes, tokens_of
from rag.loading.parts import Entries, Known
from rag.loading.pieces import pieces_within, shown_spans
from rag.records import LeftOut, PostCopy, Span
from rag.text.dates import read_byline
from rag.text.lines import cut_blocks, fold_key
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rag.loading.decoding import DecodedPage
    from rag.records import Piece

__all__ = ["read_known_page"]

MIN_DATED = 2  # headings with a day below them make a page a collection of posts
MIN_OWN_WORDS = 3  # in a mail that answers another
MAX_BELOW_HEADING = 2_000  # characters of tags and text that may hold the line below a heading

_HEADING = re.compile(r"<h([1-3])\b[^<>]*+>((?:(?!<h[1-3]\b).)*?)</h[1-3]\s*+>", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<title\b[^<>]*+>((?:(?!<title\b).)*?)</title\s*+>", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|max-height\s*:\s*0(?![.\d])|font-size\s*:\s*0(?![.\d])|mso-hide\s*:\s*all",
    re.IGNORECASE,
)

_CREDIT = re.compile(
    r"""<(p|div|span|address)\b[^<>]*?\sclass\s*=\s*["'][^"'<>]*(?:byline|author)[^"'<>]*["'][^<>]*+>(.{1,400}?)</\1\s*+>""",
    re.IGNORECASE | re.DOTALL,
)
_BY = re.compile(r"by:?\s+", re.IGNORECASE)
_NAME = re.compile(r"(?:[^\W\d_][\w.'’-]*+[ ,]*+){1,6}")
_SOURCE = re.compile(r"(?:(?:source|url|link|original)\s*:\s*)?(?:https?://|www\.)\S+", re.IGNORECASE)
# the line above a mail that is answered, and the lines that repeat it
_WROTE = r"^[^>\n]{0,300}\b(?:wrote|writes|schrieb|écrit|escribió) ?:[ \t]*(?=\n\s{0,4}>)"
_ATTRIBUTION = re.compile(_WROTE, re.MULTILINE)
_REPEATED = re.compile(rf"{_WROTE}|^>[^\n]*+(?:\n>[^\n]*+)*+", re.MULTILINE)
_ANSWERED = frozenset({"gmail_quote", "gmail_quote_container", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote"})
# what some mail programs put above it instead, with all of it below: a line, or its headers alone
_ORIGINAL = re.compile(
    r"^(?:-{2,}[ \t]*original message[ \t]*-{2,}[ \t]*\n\s*+(?=\S)|(?=from:[^\n]*+\n\s*+(?:sent|date):))"
    r"(?:(?:from|sent|date|to|cc|subject|importance):[^\n]*+\n\s*+){3,8}",
    re.IGNORECASE | re.MULTILINE,
)
_PASSED_ON = re.compile(r"forwarded message", re.IGNORECASE)
# names of the buttons, and of the calls to subscribe or to pay, in the posts of newsletters
_CALL = re.compile(r"(?:^|[\s_-])(?:button|paywall|subscribe|subscription)(?:$|[\s_-])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Ends:
    """The text of a page, ``text[start:end]``, and what the lines around it say.

    ``is_surer`` says that its author and day count more than what is known from outside.
    """

    start: int
    end: int
    author: str | None = None
    date: str | None = None
    is_surer: bool = False


def read_known_page(page: DecodedPage, file: str, sha256: str) -> Entries:
    """The posts of a page, with the known title, author and day, or their own.

    A page is one post unless several of its headings have a day below them.
    """
    known = page.known or Known()
    may_be_several = page.format == "html" and not known.in_mail and not known.begins
    spans = _dated_sections(page.text) if may_be_several else []
    copies = (_copy(page, file, sha256, span, known) for span in spans or [Span(known.begins, len(page.text))])
    return Entries(tuple(copy for copy in copies if copy is not None), ())


def _dated_sections(source: str) -> list[Span]:
    """The posts of a page with several headings of one level that have a day below them; empty for any other page."""
    by_level: dict[str, list[re.Match[str]]] = {}
    for heading in _HEADING.finditer(source):
        by_level.setdefault(heading[1].lower(), []).append(heading)
    for headings in by_level.values():
        ends = [heading.start() for heading in headings[1:]] + [len(source)]
        dated = [
            heading.start() for heading, end in zip(headings, ends, strict=True) if _is_dated(source, heading, end)
        ]
        if len(dated) >= MIN_DATED and dated[0] == headings[0].start():
            borders = [0, *dated[1:], len(source)]
            return [Span(start, end) for start, end in pairwise(borders)]
    return []


def _is_dated(source: str, heading: re.Match[str], end: int) -> bool:
    """Whether the first line below a heading is a date line."""
    lines = cut_blocks(render(source, heading.end(), min(end, heading.end() + MAX_BELOW_HEADING)).text)
    byline = read_byline(lines[0].text) if lines else None
    return byline is not None and byline.date is not None


def _copy(page: DecodedPage, file: str, sha256: str, span: Span, known: Known) -> PostCopy | None:
    """The post at a span of a page, or None where there is no text."""
    credit = heading = None
    cuts: list[Span] = []
    if page.format == "html":
        cuts = list(_unseen(page.text, span, in_mail=known.in_mail))
        shown = render(page.text, span.start, span.end, cuts)
        text, pieces = shown.text, shown.pieces
        headings = (strip_markup(found[2]) for found in _HEADING.finditer(page.text, span.start, span.end))
        heading = next(filter(None, headings), None)
        credit = _CREDIT.search(page.text, span.start, span.end)
    else:
        mapped = body(page.text, span.start, span.end, "text")
        text, pieces = mapped.text, mapped.pieces
    title = known.title or heading or known.label or _named(page)
    ends = _ends(text, title, known, strip_markup(credit[2]) if credit else "")
    unseen = (LeftOut(words, "hidden") for cut in cuts if (words := strip_markup(page.text[cut.start : cut.end])))
    left_out = (*unseen, *(_lines_around(text, ends, title) if known.in_mail else ()))
    text, pieces = text[ends.start : ends.end], pieces_within(pieces, ends.start, ends.end)
    answered = tuple(_answered(page, span, text, pieces)) if known.in_mail else ()
    if not text.strip():
        return None
    title = fold_white(title or title_of_name(file) or "")[:MAX_TITLE_CHARACTERS].rstrip() or None
    author, date = known.author or ends.author, known.date or ends.date
    if ends.is_surer:
        author, date = ends.author or known.author, ends.date or known.date
    date = date or date_in_name(file)
    return PostCopy(file, sha256, text, pieces, title, author, date, answered, page.format, left_out=left_out)


def _answered(page: DecodedPage, span: Span, text: str, pieces: Sequence[Piece]) -> list[Span]:
    """The spans of a mail's text that repeat another mail, which it answers; they are not its writer's words.

    None if there is little else, or if the other mail was passed on.
    """
    original = _ORIGINAL.search(text)
    if original is not None:
        found = [Span(original.start(), len(text))]
    elif page.format == "html":
        inside = list(_elements(page.text, span, _is_answered))
        if any(_PASSED_ON.search(page.text, one.start, one.end) for one in inside):
            return []
        found = list(shown_spans(pieces, inside))
    elif _ATTRIBUTION.search(text) is None:
        return []
    else:
        found = [Span(*one.span()) for one in _REPEATED.finditer(text)]
    rest = len(text.split()) - sum(len(text[one.start : one.end].split()) for one in found)
    return found if rest >= MIN_OWN_WORDS else []


def _is_answered(name: str, attributes: dict[str, str]) -> bool:
    """Whether an element of a mail is what mail programs put around the mail that is answered."""
    is_cited = name == "blockquote" and attributes.get("type", "").casefold() == "cite"
    return is_cited or not _ANSWERED.isdisjoint(attributes.get("class", "").casefold().split())


def _named(page: DecodedPage) -> str | None:
    """The title that a web page gives itself; searched for only if no other is known, because the page may be long."""
    found = _TITLE.search(page.text) if page.format == "html" else None
    return strip_markup(found[1]) if found else None


def _lines_around(text: str, ends: _Ends, title: str | None) -> Iterator[LeftOut]:
    """The lines of a mail around its text, without its title."""
    around = (line.text for line in cut_blocks(text) if not ends.start <= line.start < ends.end)
    return (LeftOut(line, "outside") for line in around if fold_key(line) != fold_key(title or ""))


def _unseen(source: str, span: Span, *, in_mail: bool) -> Iterator[Span]:
    """The elements that a mail hides, such as the preview next to its subject, or the calls in a post of an export."""

    def is_unseen(_name: str, attributes: dict[str, str]) -> bool:
        if not in_mail:
            return _CALL.search(attributes.get("class", "")) is not None
        return "hidden" in attributes or _UNSEEN.search(attributes.get("style", "")) is not None

    return _elements(source, span, is_unseen)


def _elements(source: str, span: Span, is_wanted: Callable[[str, dict[str, str]], bool]) -> Iterator[Span]:
    """The outermost elements whose name and attributes are wanted."""
    depth, start, name = 0, 0, ""
    for token in tokens_of(source, span.start, span.end):
        if token.kind == "open" and token.name not in VOID:
            if depth:
                depth += token.name == name
            elif is_wanted(token.name, read_attributes(source[token.start : token.end])):
                depth, start, name = 1, token.start, token.name
        elif token.kind == "close" and depth and token.name == name:
            depth -= 1
            if not depth:
                yield Span(start, token.end)


def _ends(text: str, title: str | None, known: Known, credit: str) -> _Ends:
    """Where the text of a page begins and ends, and the author and day around it; ``credit`` is an author's line."""
    lines = cut_blocks(text)
    first, last = 0, len(lines)
    author = date = None
    key = fold_key(title or "")
    name = _BY.sub("", credit, count=1)
    while first < last:
        line = lines[first].text
        byline = read_byline(line) if first else None
        is_credit = bool(first and name and _NAME.fullmatch(name) and fold_key(line) == fold_key(credit))
        if not (fold_key(line) == key or byline or is_credit or (first and _SOURCE.fullmatch(line))):
            break
        author = author or (byline.author if byline else None) or (name if is_credit else None)
        date = date or (byline.date if byline else None)
        first += 1
    is_surer = known.of_whole
    if known.in_mail:
        found = mail_lines(lines, first, title)
        first, last = found.first, found.last
        author, date = found.author or author, found.date or date
        is_surer = is_surer or found.author is not None
    while first < last and not any(map(str.isalnum, lines[first].text)):
        first += 1  # a rule below a title
    if first >= last:
        return _Ends(0, len(text), author, date, is_surer=is_surer)
    return _Ends(lines[first].start, lines[last - 1].end, author, date, is_surer=is_surer)
