"""PDF files with text: paragraphs across lines and pages, without what runs along the pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag.loading.pages import read_pages, reread
from rag.loading.pdf import pdf_record
from rag.records import Page, SkippedPage

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGES = (
    ("The Canal Diary", "The lock keeper retired last week after thirty-one years of", "opening gates for boats.", "1"),
    (
        "The Canal Diary",
        "The busiest day was a regatta, when one hundred and twelve",
        "boats went through before dark.",
        "2",
    ),
    ("The Canal Diary", "Her replacement is a machine with a camera, and it has closed", "the gates on a swan.", "3"),
)


def _pdf(pages: Sequence[Sequence[str]], title: str = "") -> bytes:
    """A PDF file with these lines on its pages."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", "", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids = []
    for lines in pages:
        shown = "".join(f"({line}) Tj 0 -20 Td " for line in lines)
        stream = f"BT /F1 12 Tf 50 700 Td {shown}ET"
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents {len(objects)} 0 R/Resources<</Font<</F1 3 0 R>>>>>>"
        )
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(kids)}]>>"
    objects.append(f"<</Title({title})/Author(Ann Lock)/CreationDate(D:20210504100000Z)>>")
    out = "%PDF-1.4\n"
    places = []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj{one}endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"trailer<</Size {len(objects) + 1}/Root 1 0 R/Info {len(objects)} 0 R>>\nstartxref\n{len(out)}\n%%EOF"
    return (out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}").encode()


def test_the_post_of_a_pdf_file(tmp_path: Path) -> None:
    """Lines are put together, running lines left out, and every word is where it is said to be."""
    (tmp_path / "keeper.pdf").write_bytes(_pdf(PAGES, "The keeper"))
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


@pytest.mark.parametrize(("data", "reason"), [(_pdf([[]]), "no text"), (b"%PDF-1.4\nbroken", "damaged")])
def test_a_pdf_file_without_text_is_named(tmp_path: Path, data: bytes, reason: str) -> None:
    """With what can be done."""
    (tmp_path / "a.pdf").write_bytes(data)
    [found] = read_pages([tmp_path])
    assert isinstance(found, SkippedPage)
    assert reason in found.reason
