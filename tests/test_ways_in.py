"""Every supported form: the same posts are the same in every form, and every quote is verified in each of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from made_pdf import PAGES, pdf_of
from made_posts import POSTS, QUESTIONS, WAYS, write_all

from rag import build_index, open_index, verify
from rag.answering.files.answer_files import read_answers
from rag.answering.files.reopened_pages import PagesOfFolder, PagesOfIndex
from rag.answering.verification import verify_answers
from rag.dedup.merging import merge
from rag.extraction.posts import divide
from rag.loading.pages import read_pages, reread
from rag.loading.proof import says
from rag.records import Page
from rag.text.whitespace import fold_white
from ui.views.citations import citation_line, ref_of
from ui.views.reading_pane import panel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.answering.engine import Index
    from rag.records import Answer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every form in a folder of its own."""
    made = tmp_path_factory.mktemp("ways")
    write_all(made)
    return made


@pytest.fixture(scope="module")
def index(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """One index of all forms at once."""
    home = tmp_path_factory.mktemp("ways-index")
    build_index([folder], into=home)
    with open_index(home) as opened:
        yield opened


@pytest.fixture(scope="module")
def answers(index: Index) -> list[Answer]:
    """An answer to every question."""
    return [index.ask(question, always_answer=True) for question, _ in QUESTIONS]


@pytest.mark.parametrize("way", WAYS)
def test_the_posts_of_each_form_are_the_posts(folder: Path, way: str) -> None:
    """Titles, days and words, and the text is read again from the file."""
    pages = [page for page in read_pages([folder / way]) if isinstance(page, Page)]
    posts, _ = merge(divide(pages))
    found = {post.title: (post.date, fold_white(post.text)) for post in posts}
    assert found == {title: (date, " ".join(text)) for title, date, text in POSTS}
    for page in pages:
        assert reread(Path(page.path), page.encoding, page.sha256) == page.text


def test_all_forms_together_are_one_post_each_with_a_place_in_every_form(index: Index) -> None:
    """Only the wrapping differs, which does not count as a difference."""
    posts = index.posts()
    assert sorted(post.title for post in posts) == sorted(title for title, _, _ in POSTS)
    for post in posts:
        assert {place.file.split("/")[0] for place in post.locations()} == set(WAYS)


def test_every_quote_is_found_in_every_form_and_proven(index: Index, answers: list[Answer], folder: Path) -> None:
    """In the places where the index saw the files, and in the folder alone, as an answers file says."""
    for (question, evidence), answer in zip(QUESTIONS, answers, strict=True):
        assert any(evidence in quote.text for quote in answer.quotes), question
        for quote in answer.quotes:
            assert {place.file.split("/")[0] for place in quote.locations} == set(WAYS)
            for place in quote.locations:
                there = index.page_text(place.file)[place.start : place.end]
                assert there == (quote.text if place.text is None else place.text)
                assert says(there, quote.text, place.format)
                assert (place.record is not None) == (
                    place.file.split("/")[0].split("-")[0] in ("jsonl", "csv", "json")
                )
    assert verify(answers, index=index.path).holds
    path = folder.parent / "answers.jsonl"
    path.write_text("".join(json.dumps(answer.to_dict()) + "\n" for answer in answers), encoding="utf-8")
    for pages in (PagesOfFolder(folder), PagesOfIndex(index.pages())):
        found = verify_answers(read_answers(path), pages)
        assert (found.holds, found.quotes > len(QUESTIONS)) == (True, True)


def test_another_record_format_or_place_in_an_archive_is_found_out(folder: Path, answers: list[Answer]) -> None:
    """Each field of a location is checked."""
    quote = answers[0].quotes[0]
    for old, new in (
        ('"record": "line 2"', '"record": "line 3"'),
        ('"format": "json"', '"format": "text"'),
        ('"format": "html"', '"format": "csv-html"'),
        ('"format": "xml"', '"format": "sgml"'),
        ("saved.zip/saved/", "saved.zip/other/"),
        ("saved.zip/saved/", "saved.zip/../../"),
    ):
        line = json.dumps(answers[0].to_dict())
        assert old in line
        (folder.parent / "untrue.jsonl").write_text(line.replace(old, new))
        assert not verify_answers(read_answers(folder.parent / "untrue.jsonl"), PagesOfFolder(folder)).holds
    assert quote.locations


def test_a_quote_opens_its_page_at_its_place_in_every_form(index: Index, answers: list[Answer]) -> None:
    """The source pane marks exactly the characters of the file, and names the record."""
    for quote in answers[2].quotes[:1]:
        for order, place in enumerate(quote.locations):
            made = str(panel(index, ref_of(quote).at(order)))
            assert place.file in made
            assert made.count('id="hit"') == 1
            assert place.record is None or place.record in made
        table = [place for place in quote.locations if place.record]
        line = citation_line(replace(quote, locations=(table[0],)))
        assert f"{table[0].file}, {table[0].record}, characters" in line


def test_a_quote_of_a_document_names_its_page(tmp_path: Path) -> None:
    """And is verified there; on another page it is not."""
    (tmp_path / "keeper.pdf").write_bytes(pdf_of(PAGES, "The keeper"))
    build_index([tmp_path / "keeper.pdf"], into=tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        answer = index.ask("How many boats went through on the busiest day?", always_answer=True)
        assert "one hundred and twelve boats" in answer.quotes[0].text
        assert [place.record for place in answer.quotes[0].locations] == ["page 2"]
        assert verify([answer], index=index.path).holds
        places = tuple(replace(place, record="page 3") for place in answer.quotes[0].locations)
        untrue = replace(answer, quotes=(replace(answer.quotes[0], locations=places),))
        assert not verify([untrue], index=index.path).holds
