"""Documents of word processors: tables, notes, and who wrote them when."""

from __future__ import annotations

import io
import time
import zipfile
from typing import TYPE_CHECKING

import pytest

from rag.loading.documents.office import office_part, read_office, strip_office

if TYPE_CHECKING:
    from rag.records import PostCopy

TEXT = "The gates close at six."


def _document(kind: str, body: str, creator: str = "Office 7", **more: str) -> PostCopy:
    """The post of a document by the ``creator`` in its properties; ``more`` are parts of it by their names."""
    name, facts = ("word/document.xml", "docProps/core.xml") if kind == "docx" else ("content.xml", "meta.xml")
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(name, body)
        dated = "<dcterms:created>2020-01-01</dcterms:created>"
        archive.writestr(facts, f"<x><dc:creator>{creator}</dc:creator>{dated}</x>")
        for part, text in more.items():
            archive.writestr(f"word/{part}.xml", text)
    source = data.getvalue()
    (post,) = read_office(office_part(source).decode(), f"a.{kind}", "0" * 64, source).posts
    assert strip_office(body[post.pieces[-1].file_start : post.pieces[-1].file_end])
    return post


def _word(text: str, style: str = "") -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>'


def test_the_cells_of_a_table_stay_in_their_rows() -> None:
    """In both formats; what follows the table is a paragraph."""
    cell = "<{0}><{1}>%s</{1}></{0}>"
    for kind, row, inner, words in (
        ("docx", "w:tr", cell.format("w:tc", "w:p"), "<w:r><w:t>{}</w:t></w:r>"),
        ("odt", "table:table-row", cell.format("table:table-cell", "text:p"), "{}"),
    ):
        rows = (("Wind", "Minutes"), ("calm", "90"))
        table = "".join(f"<{row}>{''.join(inner % words.format(text) for text in cells)}</{row}>" for cells in rows)
        name, paragraph = ("w:tbl", "w:p") if kind == "docx" else ("table:table", "text:p")
        body = f"<{name}>{table}</{name}><{paragraph}>{words.format(TEXT)}</{paragraph}>"
        assert _document(kind, body).text == f"Wind\tMinutes\ncalm\t90\n\n{TEXT}"


def test_author_and_day_below_the_title() -> None:
    """By their styles or in a byline; the document's properties name whoever typed it."""
    styled = _word("Keeper", "Title") + _word("Ann Lock", "Author") + _word("4 May 2021", "Date") + _word(TEXT)
    written = _word("Keeper", "Title") + _word("By Ann Lock, 4 May 2021") + _word(TEXT)
    for body in (styled, written):
        post = _document("docx", body)
        assert (post.title, post.author, post.date, post.text) == ("Keeper", "Ann Lock", "2021-05-04", TEXT)
    post = _document("docx", _word("Keeper", "Title") + _word(TEXT))
    assert (post.author, post.date) == ("Office 7", "2020-01-01")


@pytest.mark.parametrize(
    ("head", "author", "date"),
    [
        ([("Keeper", ""), ("By Ann Lock, Harbour Office", ""), ("4 May 2021", "")], "Ann Lock", "2021-05-04"),
        ([("Keeper", ""), ("Ann Lock, 4 May 2021", "")], "Ann Lock", "2021-05-04"),
        ([("Keeper", "Title"), ("Ann de la Lock", ""), ("4 May 2021", "")], "Ann de la Lock", "2021-05-04"),
        ([("Keeper", "Title"), ("Ida Moss", "")], "Ida Moss", "2020-01-01"),
    ],
)
def test_a_title_without_a_style_and_a_name_without_by(head: list[tuple[str, str]], author: str, date: str) -> None:
    """Above a day, or if the properties name the same person."""
    post = _document("docx", "".join(_word(*one) for one in head) + _word(TEXT), creator="Ida Moss")
    assert (post.title, post.author, post.date, post.text) == ("Keeper", author, date, TEXT)


def test_what_is_no_name_or_title_stays_in_the_text() -> None:
    """A heading in title case below a title, a first line above prose; and a subtitle above a byline."""
    post = _document("docx", _word("Keeper", "Title") + _word("Key Findings") + _word(TEXT))
    assert (post.author, post.text) == ("Office 7", f"Key Findings\n\n{TEXT}")
    post = _document("docx", _word("Keeper") + _word(TEXT))
    assert (post.title, post.text) == (None, f"Keeper\n\n{TEXT}")
    post = _document(
        "docx", _word("Keeper", "Title") + _word("Of a gate", "Subtitle") + _word("by Ann Lock") + _word(TEXT)
    )
    assert (post.title, post.author, post.text) == ("Keeper", "Ann Lock", f"Of a gate\n\n{TEXT}")


def test_notes_are_left_out_and_listed() -> None:
    """They are inside of sentences, or in a part of their own."""
    note = "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>In winter.</text:p></text:note-body></text:note>"
    post = _document("odt", f"<text:p>The gates{note} close at six.</text:p>")
    assert (post.text, [line.text for line in post.left_out]) == (TEXT, ["In winter."])
    post = _document(
        "docx",
        _word(TEXT),
        footnotes=f'<w:footnotes><w:footnote w:id="2">{_word("In winter.")}</w:footnote></w:footnotes>',
    )
    assert [line.text for line in post.left_out] == ["In winter."]
    split = "<w:p><w:r><w:t>In win</w:t></w:r><w:r><w:t>ter, if 4 &lt; 5 &gt; 3.</w:t></w:r></w:p>"
    post = _document("docx", _word(TEXT), endnotes=f"<w:endnotes><w:endnote>{split}</w:endnote></w:endnotes>")
    assert [line.text for line in post.left_out] == ["In winter, if 4 < 5 > 3."]


def test_the_text_of_a_document_of_days_is_not_taken_for_its_credits() -> None:
    """Only the first paragraphs below a title may be."""
    days = "".join(_word(f"{day} May 2021") for day in range(1, 30))
    post = _document("docx", _word("Days", "Title") + days)
    assert (post.date, post.text.split("\n\n")[-1]) == ("2021-05-01", "29 May 2021")


def test_notes_that_never_end_take_no_time_of_their_own() -> None:
    """Each was searched for its end again."""

    def steps(times: int) -> float:
        begin = time.process_time()
        _document("docx", _word(TEXT), footnotes="<w:footnote>" * times)
        return time.process_time() - begin

    steps(10)
    assert steps(100_000) < 1.0


def test_hidden_and_moved_words_are_no_text_and_a_hyphen_is() -> None:
    """What was marked as hidden, or moved elsewhere, is not read; a hyphen at which no line ends does not join words."""

    def run(text: str, marks: str = "") -> str:
        return f"<w:r><w:rPr>{marks}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r>"

    shown = '<w:vanish w:val="0"/>'
    body = (
        f"<w:p>{run('The lock')}<w:r><w:noBreakHyphen/></w:r>{run('keeper')}{run(' secretly', '<w:vanish/>')}"
        f"{run(' left')}<w:moveFrom>{run(' in May')}</w:moveFrom>{run(' at six.', shown)}</w:p>"
    )
    assert _document("docx", body).text == "The lock\u2011keeper left at six."
