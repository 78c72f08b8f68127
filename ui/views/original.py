"""The original address of a saved page, as given in the page, and a link to the quoted words there."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote, urlsplit

from rag.errors import InputError
from ui.views.html import Markup, tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.records import Post

__all__ = ["original_address", "original_link", "original_of"]

# Characters of a page that are searched, because addresses are in its head. An estimate: enough for heads with style
# sheets.
MAX_HEAD_CHARS = 200_000
MAX_ADDRESS_CHARS = 2_000

# Saved pages of a post that are read to find its original address.
MAX_ASKED_PAGES = 3

# A longer quote is identified by this many words at its beginning and end.
MAX_FRAGMENT_WORDS = 8

_SAVED_FROM = re.compile(r"<!--\s{0,9}saved from url=\(\d{1,5}\)(\S{1,2000})\s{0,9}-->")
_ELEMENT = re.compile(r"<(?:link|meta)\s[^<>]{1,3000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:-]{1,30})\s{0,9}=\s{0,9}(?:"([^"]{0,2000})"|'([^']{0,2000})'|([^\s"'>]{1,2000}))""")


class Pages(Protocol):
    """The parts of an open index that are needed here."""

    def page_text(self, file: str) -> str:
        """The decoded text of a page, as it was indexed."""


def original_address(page: str) -> str | None:
    """The web address that an HTML page gives as its own; None if it gives none.

    >>> original_address('<link rel="canonical" href="https://example.org/a?b=1&amp;c=2">')
    'https://example.org/a?b=1&c=2'
    """
    return next(
        (address for address in map(html.unescape, _told(page[:MAX_HEAD_CHARS])) if _is_of_the_web(address)), None
    )


def _told(head: str) -> Iterator[str]:
    for found in _ELEMENT.finditer(head):
        given = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(found[0])}
        if given.get("rel", "").lower() == "canonical":
            yield given.get("href", "")
        elif given.get("property", "").lower() == "og:url":
            yield given.get("content", "")
    saved = _SAVED_FROM.search(head)
    if saved is not None:
        yield saved[1]


def _is_of_the_web(address: str) -> bool:
    if len(address) > MAX_ADDRESS_CHARS or not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None


def original_link(address: str, words: str = "") -> Markup:
    """A link to a page on the web, which the browser opens at the quoted words if it finds them."""
    bare = address.partition("#")[0]
    return tag(
        "a",
        f"Original on {urlsplit(address).hostname}",
        href=f"{bare}#:~:text={_fragment(words)}" if words.strip() else address,
        class_="cite-link original",
        target="_blank",
        rel="noopener noreferrer",
        title=address,
    )


def original_of(index: Pages, post: Post, words: str) -> Markup | None:
    """The link to the web page from which the post was saved, if one of its saved pages gives it."""
    for copy in post.copies[:MAX_ASKED_PAGES]:
        if copy.format != "html":
            continue
        try:
            address = original_address(index.page_text(copy.file))
        except InputError:
            continue
        if address is not None:
            return original_link(address, words)
    return None


def _fragment(words: str) -> str:
    """Words as browsers search for them: all of them, or those at both ends.

    >>> _fragment("one - two"), _fragment("a b c d e f g h i j").count(",")
    ('one%20%2D%20two', 1)
    """
    read = words.split()
    if len(read) <= MAX_FRAGMENT_WORDS:
        return _escaped(read)
    half = MAX_FRAGMENT_WORDS // 2
    return f"{_escaped(read[:half])},{_escaped(read[-half:])}"


def _escaped(read: list[str]) -> str:
    return quote(" ".join(read), safe="").replace("-", "%2D")
