"""PDF files with text: paragraphs across lines and pages, without running heads and feet."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_pdf import PAGES, pdf_of

from rag.loading.documents.pdf import pdf_record
from rag.loading.pages import read_pages, reread
from rag.records import Page, SkippedPage


def test_the_post_of_a_pdf_file(tmp_path: Path) -> None:
    """Lines are joined, running lines left out, and every word is where it is said to be."""
    (tmp_path / "keeper.pdf").write_bytes(pdf_of(PAGES, "The keeper"))
    [page] = read_pages([tmp_path])
    assert isinstance(page, Page)
    [post] = page.posts or ()
    assert (post.title, post.author, post.date) == ("The keeper", "Ann Lock", "2021-05-04")
    assert " ".join(post.text.split()) == " ".join(line for lines in PAGES for line in lines[1:3])
    assert "years of opening gates" in post.text
    assert reread(Path(page.path), page.encoding, page.sha256) == page.text
    for piece in post.pieces:
        if piece.text is None:
            assert page.text[piece.file_start : piece.file_end] == post.text[piece.start : piece.end]
    assert pdf_record(page.text, page.text.index("swan")) == "page 3"


@pytest.mark.parametrize(("data", "reason"), [(pdf_of([[]]), "no text"), (b"%PDF-1.4\nbroken", "damaged")])
def test_a_pdf_file_without_text_is_named(tmp_path: Path, data: bytes, reason: str) -> None:
    """The reason says what can be done."""
    (tmp_path / "a.pdf").write_bytes(data)
    [found] = read_pages([tmp_path])
    assert isinstance(found, SkippedPage)
    assert reason in found.reason
