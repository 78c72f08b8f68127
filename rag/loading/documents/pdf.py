"""PDF files that contain text, read by the optional pypdfium2: a location is a span of the text of all pages.

The text of a file is the text of its pages, in order, with a form feed between two pages.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from rag.errors import ExtraMissing, PageError
from rag.loading.entries import MAX_TITLE_CHARACTERS
from rag.loading.front_matter import date_in_name, title_of_name
from rag.loading.parts import Entries
from rag.loading.pieces import PieceWriter
from rag.records import PostCopy
from rag.text.dates import day_of
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["pdf_record", "pdf_text", "read_pdf"]

MAX_PAGES = 2_000  # a blog printed as one file has hundreds; a thousand pages take some seconds
MIN_RUNNING_PAGES = 3  # a line at the top or bottom of this many pages, and of half of all, is not text

_BETWEEN = "\f"
_LINE = re.compile(r"[^\n\f]+")
_DIGITS = re.compile(r"\d+")
_PDF_DATE = re.compile(r"D:(\d{4})(\d\d)(\d\d)")


def pdf_text(data: bytes) -> str:
    """The text of a PDF file. Raises PageError if it has none or is damaged, ExtraMissing without pypdfium2."""
    pdfium = _pdfium()
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise PageError("the PDF file is damaged or locked with a password", remedy="Save it again") from error
    try:
        if len(document) > MAX_PAGES:
            raise PageError(f"it has more than {MAX_PAGES:,} pages; split it to index it")
        pages = [_page_text(document[number]) for number in range(len(document))]
    except pdfium.PdfiumError as error:
        raise PageError("a page of the PDF file is damaged", remedy="Save it again") from error
    finally:
        document.close()
    if not any(page.strip() for page in pages):
        raise PageError(
            "the PDF file contains pictures of pages but no text", remedy="Run text recognition on it first"
        )
    return _BETWEEN.join(pages)


def pdf_record(text: str, offset: int) -> str:
    """The page of a PDF file that contains an offset of its text, such as "page 3"."""
    return f"page {text.count(_BETWEEN, 0, offset) + 1}"


def read_pdf(text: str, file: str, sha256: str, source: bytes) -> Entries:
    """The post in a PDF file: its lines joined to paragraphs, without those at the top and bottom of each page."""
    lines = [(found.start(), found.group().rstrip()) for found in _LINE.finditer(text)]
    running = _running(text)
    lines = [(start, line) for start, line in lines if line.strip() and _key(line) not in running]
    if not lines:
        return Entries((), ())
    facts = _facts(source)
    title = facts.get("Title") or None
    if title is not None and fold_white(lines[0][1]).casefold() == title.casefold():
        lines = lines[1:] or lines
    width = sorted(len(line) for _, line in lines)[int(len(lines) * 0.9)]
    writer = PieceWriter(text)
    before, previous = "", ""
    for start, line in lines:
        bare = line.strip()
        at = start + len(line) - len(line.lstrip())
        if previous:
            full = len(previous) + 1 + len(bare.split(None, 1)[0]) > width or bare[:1].islower()
            before = " " if full and not (previous[-1] in ".!?" and len(previous) < 0.8 * width) else "\n\n"
        writer.write(before, at, at + len(bare), bare)
        previous = bare
    title = (title or title_of_name(file) or "")[:MAX_TITLE_CHARACTERS].rstrip() or None
    made = _PDF_DATE.match(facts.get("CreationDate", ""))
    date = date_in_name(file) or (day_of("-".join(made.groups())) if made else None)
    starts = [0, *(found.end() for found in re.finditer(_BETWEEN, text))]
    copy = PostCopy(
        file,
        sha256,
        writer.text,
        writer.pieces,
        title,
        facts.get("Author") or None,
        date,
        record=" ".join(map(str, ("pages", *starts))),
    )
    return Entries((copy,), ())


def _page_text(page: object) -> str:
    r"""The text of one page with "\\n" as line ends; it contains no form feed."""
    textpage = page.get_textpage()  # type: ignore[attr-defined]  # the package has no types
    text = str(textpage.get_text_range())
    return text.replace("\r\n", "\n").replace("\r", "\n").replace(_BETWEEN, " ")


def _running(text: str) -> set[str]:
    """The lines at the top or bottom of most pages, ignoring numbers."""
    pages = [[line for line in page.split("\n") if line.strip()] for page in text.split(_BETWEEN)]
    counts = Counter(key for lines in pages for key in {_key(line) for line in (*lines[:2], *lines[-2:])})
    return {key for key, count in counts.items() if count >= MIN_RUNNING_PAGES and 2 * count >= len(pages)}


def _key(line: str) -> str:
    return _DIGITS.sub("#", fold_white(line)).casefold()


def _facts(source: bytes) -> dict[str, str]:
    pdfium = _pdfium()
    document = pdfium.PdfDocument(source)
    try:
        return {name: fold_white(value) for name, value in document.get_metadata_dict().items()}
    finally:
        document.close()


def _pdfium() -> ModuleType:
    try:
        import pypdfium2
    except ModuleNotFoundError as error:
        raise ExtraMissing(
            "reading PDF files needs pypdfium2", remedy="Install it: pip install pullquote[pdf]"
        ) from error
    module: ModuleType = pypdfium2
    return module
