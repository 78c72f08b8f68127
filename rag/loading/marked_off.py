"""The posts of pages that separate them themselves, by the format of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.errors import PageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag.loading.decoding import DecodedPage
    from rag.loading.parts import Entries, Mapped

__all__ = ["posts_of"]

_MENDED = "/replace"


def posts_of(page: DecodedPage, file: str, sha256: str) -> Entries:
    """The posts of a page, and what is left out of it. Raises PageError if it has no posts of its format."""
    read = _READ.get(page.format)
    if read is None:
        raise PageError("its posts are not separated")
    return read(page, file, sha256)


def _markdown(page: DecodedPage, file: str, sha256: str) -> Entries:
    from rag.loading.notes.markdown import read_markdown

    return read_markdown(page.text, file, sha256)


def _markup(page: DecodedPage, file: str, sha256: str) -> Entries:
    from rag.loading.notes.light_markup import read_light_markup

    return read_light_markup(page.text, file, sha256)


def _feed(page: DecodedPage, file: str, sha256: str) -> Entries:
    from rag.loading.exports.feeds import read_feed

    return read_feed(page.text, file, sha256)


def _table(page: DecodedPage, file: str, sha256: str) -> Entries:
    from rag.loading.exports.tables import read_table

    mended = page.encoding.endswith(_MENDED)
    return read_table(page.text, page.format, file, sha256, mended=mended, markdown=_mapped_markdown)


def _mapped_markdown(source: str) -> Mapped:
    from rag.loading.notes.markdown_text import mapped_markdown  # only few exports need its parser

    return mapped_markdown(source)


def _blog_text(page: DecodedPage, file: str, sha256: str) -> Entries:
    from rag.loading.exports.blog_text import read_blog_text

    return read_blog_text(page.text, file, sha256)


def _clippings(page: DecodedPage, file: str, sha256: str) -> Entries:
    from rag.loading.exports.clippings import read_clippings

    return read_clippings(page.text, file, sha256)


def _office(page: DecodedPage, file: str, sha256: str) -> Entries:
    from rag.loading.documents.office import read_office

    return read_office(page.text, file, sha256, page.source)


def _pdf(page: DecodedPage, file: str, sha256: str) -> Entries:
    from rag.loading.documents.pdf import read_pdf

    return read_pdf(page.text, file, sha256, page.source)


def _known(page: DecodedPage, file: str, sha256: str) -> Entries:
    from rag.loading.exports.notebooks import is_notebook, read_notebook

    if page.format == "html" and is_notebook(page.text):
        return read_notebook(page.text, file, sha256)
    from rag.loading.known_pages import read_known_page

    return read_known_page(page, file, sha256)


_READ: dict[str, Callable[[DecodedPage, str, str], Entries]] = {
    "markdown": _markdown,
    "markup": _markup,
    "xml": _feed,
    "json": _table,
    "csv": _table,
    "blog_text": _blog_text,
    "clippings": _clippings,
    "office": _office,
    "pdf": _pdf,
    "html": _known,
    "text": _known,
}
