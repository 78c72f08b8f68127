"""The check of quotes: true ones pass, every kind of change fails, and nothing in an answers file can do harm."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from makers import make_answer, make_quote

from rag.answering.files.answer_files import answer_from_dict, read_answers
from rag.answering.files.reopened_pages import PagesOfFolder, PagesOfIndex
from rag.answering.verification import Verification, verify_answers
from rag.errors import InputError
from rag.records import Answer, Location, PageEntry, Post

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "Parks\r\n\r\nThe first\u00a0park was opened by two neighbours.\r\nIt has 14 trees.\r\n"
START = PAGE.index("The first")
END = PAGE.index("\r\nIt has")
RAW = PAGE[START:END]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one page, and outside it a file that no answer may reach."""
    root = tmp_path / "pages"
    (root / "blog").mkdir(parents=True)
    (root / "blog" / "parks.txt").write_bytes(PAGE.encode())
    (tmp_path / "secret.txt").write_bytes(PAGE.encode())
    return root


def _place(**changes: object) -> Location:
    digest = hashlib.sha256(PAGE.encode()).hexdigest()
    return replace(Location("blog/parks.txt", START, END, digest, RAW), **changes)  # type: ignore[arg-type]


def _answer(*places: Location, text: str = RAW.replace("\u00a0", " ")) -> Answer:
    return make_answer(replace(make_quote(text, title="Parks"), locations=places), question="Who opened it?", id="q1")


def _verified(folder: Path, *answers: Answer) -> Verification:
    return verify_answers(enumerate(answers, 1), PagesOfFolder(folder))


def test_a_true_quote_holds(folder: Path) -> None:
    """The location's own white space is compared exactly, the quote's words up to white space."""
    found = _verified(folder, _answer(_place()), _answer(_place(text=None), text=RAW))
    assert found.holds
    assert (found.answers, found.quotes, found.locations) == (2, 2, 2)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (_answer(), "has no location"),
        (_answer(_place(start=START + 1, end=END + 1)), "different text at this place"),
        (_answer(_place(text=RAW.replace("\u00a0", " "))), "different text at this place"),
        (_answer(_place(text=None)), "different text at this place"),
        (_answer(_place(), text=RAW.replace("two", "ten")), "not that of the quote"),
        (_answer(_place(sha256="0" * 64)), "not the one that was quoted"),
        (_answer(_place(start=-len(PAGE) + START)), "offsets are not inside"),
        (_answer(_place(end=10**30)), "offsets are not inside"),
        (_answer(_place(start=END, end=START)), "offsets are not inside"),
        (_answer(_place(start=5, end=5, text=""), text=""), "no words"),
        (_answer(_place(file="blog/none.txt")), "no such page"),
        (_answer(_place(file="../secret.txt")), "no such page"),
        (_answer(_place(file="blog/../../secret.txt")), "no such page"),
        (_answer(_place(file="blog")), "no such page"),
        (_answer(_place(file="")), "no such page"),
        (_answer(_place(file="a\x00b")), "no such page"),
        (_answer(_place(file="x" * 5000)), "no such page"),
        (replace(_answer(_place()), quotes=()), "has no quote"),
    ],
)
def test_each_untruth_is_found(folder: Path, answer: Answer, problem: str) -> None:
    """A change to a true answer is named with its line and the answer's id, and nothing else is."""
    found = _verified(folder, _answer(_place()), answer)
    assert {(failure.line, failure.answer_id) for failure in found.failures} == {(2, "q1")}
    assert any(problem in failure.problem for failure in found.failures), found.failures


def test_an_answer_about_the_posts_needs_no_quote(folder: Path) -> None:
    """Nor does a message with several such questions; what it quotes besides is proven."""
    counted = replace(_answer(_place()), quotes=(), summary="There are 12 posts in this index.")
    both = replace(_answer(_place()), quotes=(), parts=(counted, counted))
    assert _verified(folder, counted, both).holds


def test_absolute_paths_and_links_out_of_the_folder_are_refused(folder: Path) -> None:
    """An answers file cannot make the check read what is not a page."""
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    for file in (str(folder.parent / "secret.txt"), "link.txt"):
        assert "no such page" in _verified(folder, _answer(_place(file=file))).failures[0].problem


def test_closest_quotes_and_those_of_parts_are_proven_too(folder: Path) -> None:
    """They are shown as exact words as well."""
    untrue = _answer(_place(start=0, end=5)).quotes
    refused = Answer("Who?", "no_answer", 0.1, "low", closest=untrue, id="q2")
    parted = replace(_answer(_place()), parts=(refused,))
    found = _verified(folder, refused, parted)
    assert [(failure.line, failure.quote) for failure in found.failures] == [(1, 1), (2, 2)]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"post_title": "Somebody else's post"}, "the post has another title"),
        ({"post_id": "0" * 16}, "the index has no such post"),
        ({"start": 1, "end": 1 + len(RAW)}, "the post has different words at this span"),
    ],
)
def test_a_quote_given_to_another_post_fails(folder: Path, changes: dict[str, object], problem: str) -> None:
    """True words under a false title, post or span prove nothing."""
    true = _answer(_place(text=None), text=RAW)
    false = replace(true, quotes=(replace(true.quotes[0], **changes),))  # type: ignore[arg-type]

    def post_of(post_id: str) -> Post:
        if post_id != "p1":
            raise InputError("there is no such post", got=post_id)
        return Post("p1", "Parks", PAGE[START:], ())

    assert verify_answers([(1, true)], PagesOfFolder(folder), post_of).holds
    found = verify_answers([(1, false)], PagesOfFolder(folder), post_of)
    assert [failure.problem for failure in found.failures] == [problem]


def test_a_changed_page_fails_with_both_texts_shown(folder: Path) -> None:
    """The excerpt shows where they differ."""
    (folder / "blog" / "parks.txt").write_bytes(PAGE.replace("two", "ten").encode())
    digest = hashlib.sha256((folder / "blog" / "parks.txt").read_bytes()).hexdigest()
    failure = _verified(folder, _answer(_place(sha256=digest))).failures[0]
    assert ("two" in failure.expected, "ten" in failure.got) == (True, True)


def test_only_pages_that_the_index_knows_are_opened(folder: Path) -> None:
    """With an index, names lead to where the pages were, in the encoding found then."""
    path = folder / "blog" / "parks.txt"
    path.write_bytes(PAGE.encode("cp1252"))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    pages = PagesOfIndex([PageEntry("blog/parks.txt", digest, "cp1252", "text", str(path))])
    assert verify_answers([(1, _answer(_place(sha256=digest)))], pages).holds
    unknown = verify_answers([(1, _answer(_place(file="secret.txt", sha256=digest)))], pages)
    assert "has no page" in unknown.failures[0].problem
    path.unlink()
    gone = PagesOfIndex([PageEntry("blog/parks.txt", digest, "cp1252", "text", str(path))])
    assert "cannot be read" in verify_answers([(1, _answer(_place(sha256=digest)))], gone).failures[0].problem


def test_lines_that_are_not_answers_fail_and_the_others_are_proven(folder: Path, tmp_path: Path) -> None:
    """A broken line is one failure."""
    good = json.dumps(_answer(_place()).to_dict())
    broken = json.dumps(_answer(_place()).to_dict()).replace(f'"start": {START}', '"start": "x"')
    path = tmp_path / "answers.jsonl"
    path.write_text(f"{good}\nnot JSON\n{broken}\n[]\n\n{good}\n")
    found = verify_answers(read_answers(path), PagesOfFolder(folder))
    assert [failure.line for failure in found.failures] == [2, 3, 4]
    assert found.quotes == 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["file", "start", "end", "sha256", "text"]), JSON)
def test_any_change_of_a_location_fails_and_never_crashes(folder: Path, field: str, value: object) -> None:
    """Whatever a field contains, the check ends with a verdict; only the true value holds."""
    shape = _answer(_place()).to_dict()
    place = {"file": "blog/parks.txt", "start": START, "end": END, "text": RAW, "sha256": _place().sha256}
    changed = place | {field: value}
    quote = {"text": RAW, "post_id": "p", "post_title": "t", "score": 0.0, "start": 0, "end": len(RAW)}
    line = json.dumps(shape | {"quotes": [quote | {"locations": [changed]}]})
    (folder / "answers.jsonl").write_text(line)
    found = verify_answers(read_answers(folder / "answers.jsonl"), PagesOfFolder(folder))
    same = type(value) is type(place[field]) and value == place[field]
    assert found.holds == (same or (field == "text" and value is None))


def test_what_to_dict_leaves_out_is_not_needed_for_the_proof(folder: Path) -> None:
    """The JSON form alone is checked."""
    assert _verified(folder, answer_from_dict(_answer(_place()).to_dict())).holds
