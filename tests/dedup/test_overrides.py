"""A person's decisions about duplicates are obeyed, survive rebuilds, and are named if they have no effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag import PullquoteError, build_index, open_index
from rag.dedup.merging import post_id
from rag.dedup.overrides import Decisions, read_decisions
from rag.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

BODY = (
    "We pressed eleven crates of windfalls on Saturday and had forty litres of juice before the rain came.\n\n"
    "The press is the one my grandfather built, and the screw still runs true after sixty years in the barn.\n\n"
    "Nobody in the village presses as early as we do, but the windfalls will not wait for a drier week.\n\n"
    "By spring the barrel should be clear enough to bottle, and then we shall know whether the yeast did well."
)
NEAR = BODY.replace("be clear enough", "be quite clear enough").replace("in the barn", "in the old barn")
FAR = (
    "The council voted to give two more streets to bicycles, and the shops on both of them have their doubts.\n\n"
    "The painters begin on Monday, and the signs have been standing in the yard of the depot since the autumn."
)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Three pages with one post each: two near copies and another post."""
    folder = tmp_path / "pages"
    folder.mkdir()
    for name, text in (("a.txt", BODY), ("b.txt", NEAR), ("far away.txt", FAR)):
        title = "Bicycles first" if text is FAR else "Pressing day"
        (folder / name).write_text(f"# {title}\n\n{text}\n", encoding="utf-8")
    return folder


def _files(home: Path) -> list[list[str]]:
    with open_index(home) as index:
        return sorted(sorted({copy.file for copy in post.copies}) for post in index.posts())


def _decide(home: Path, text: str) -> None:
    home.mkdir(exist_ok=True)
    (home / "duplicates.txt").write_text(text, encoding="utf-8")


def test_never_merge_keeps_two_texts_apart_and_shows_them_as_versions(pages: Path, tmp_path: Path) -> None:
    """By the names of their pages and by ids; without the line they are one post again."""
    home = tmp_path / "index"
    build_index([pages], into=home)
    together = _files(home)
    assert ["a.txt", "b.txt"] in together
    ids = post_id(BODY)[:8], post_id(NEAR)
    for line in ("never-merge a.txt b.txt", f"# a note\n\nnever-merge {ids[0]} {ids[1]}  # another"):
        _decide(home, line)
        report = build_index(None, into=home)
        assert report.notes == ()
        assert _files(home) == [["a.txt"], ["b.txt"], ["far away.txt"]]
        with open_index(home) as index:
            variants = {post.copies[0].file: len(post.variants) for post in index.posts()}
        assert variants == {"a.txt": 1, "b.txt": 1, "far away.txt": 0}
        (home / "duplicates.txt").unlink()
        build_index(None, into=home)
        assert _files(home) == together


def test_always_merge_makes_one_post_of_two_and_the_account_says_who_decided(pages: Path, tmp_path: Path) -> None:
    """A name with a space is in quotation marks; the lines outlive a build from nothing."""
    home = tmp_path / "index"
    _decide(home, f'always-merge "far away.txt" {post_id(BODY)}')
    build_index([pages], into=home)
    assert _files(home) == [["a.txt", "b.txt", "far away.txt"]]
    with open_index(home) as index:
        told = {merge.file: merge.kind for merge in index.merges()}
        (post,) = index.posts()
    assert told["far away.txt"] == "decided"
    assert sorted(told.values()) == ["decided", "near"]
    assert post.text in (BODY, NEAR)
    assert (home / "duplicates.txt").is_file()


def test_a_line_without_effect_is_named(pages: Path, tmp_path: Path) -> None:
    """One that matches nothing, one of equal texts, one that an earlier line contradicts, one that could mean many."""
    home = tmp_path / "index"
    (pages / "copy.txt").write_bytes((pages / "a.txt").read_bytes())
    (pages / "two.txt").write_text(f"# Pressing day\n\n{BODY}\n\n# Bicycles first\n\n{FAR}\n", encoding="utf-8")
    _decide(
        home,
        "never-merge gone.txt a.txt\nnever-merge a.txt copy.txt\n"
        f"never-merge {post_id(FAR)} a.txt\nalways-merge {post_id(FAR)} {post_id(BODY)}\nalways-merge two.txt b.txt\n",
    )
    notes = build_index([pages], into=home).notes
    assert len(notes) == 4
    for note, words in zip(
        notes, ("line 1, never-merge gone.txt", "line 2", "line 4", "line 5, always-merge two.txt"), strict=True
    ):
        assert words in note
    assert "no page has the name" in notes[0]
    assert "same words" in notes[1]
    assert "opposite" in notes[2]
    assert "2 posts" in notes[3]


@pytest.mark.parametrize("line", ["never-merge one", "sometimes-merge a b", 'never-merge "a b', "always-merge a b c"])
def test_a_line_that_cannot_be_read_stops_the_build(pages: Path, tmp_path: Path, line: str) -> None:
    """With the file, the line's number, and the right form; the index stays as it was."""
    home = tmp_path / "index"
    build_index([pages], into=home)
    before = (home / "current").read_text()
    _decide(home, f"# first\n{line}\n")
    with pytest.raises(PullquoteError) as problem:
        build_index(None, into=home)
    assert "duplicates.txt: line 2" in str(problem.value)
    assert "never-merge ONE OTHER" in str(problem.value)
    assert (home / "current").read_text() == before


def test_a_line_taken_for_a_sites_frame_is_taken_back(tmp_path: Path) -> None:
    """It is below every page and is left out; kept, it is part of every post."""
    pages, home = tmp_path / "pages", tmp_path / "index"
    pages.mkdir()
    foot = "All recipes are our own"
    bodies = (BODY, FAR, BODY.replace("e", "a").title(), FAR.replace("o", "u").title())
    for number, text in enumerate(bodies):
        (pages / f"{number}.txt").write_text(f"The {number + 3} crates of {number}\n\n{text}\n\n{foot}\n")
    build_index([pages], into=home)

    def held() -> int:
        with open_index(home) as index:
            return sum(foot in post.text for post in index.posts())

    assert held() == 0
    _decide(home, f'keep "{foot.upper()}"\nkeep "No such line"\n')
    report = build_index(None, into=home)
    assert held() == len(bodies)
    assert report.notes == ('keep "No such line": no post has this line',)


def test_notes_and_blank_lines_decide_nothing(tmp_path: Path) -> None:
    """A file with only comments is the same as none."""
    _decide(tmp_path, "# nothing\n\n   # decided\n")
    assert read_decisions(tmp_path) == Decisions()
    assert read_decisions(tmp_path).digest == read_decisions(tmp_path / "none").digest == ""


def test_a_file_of_any_size_is_not_read(tmp_path: Path) -> None:
    """Beside an index from elsewhere, one of holes would fill the memory."""
    with (tmp_path / "duplicates.txt").open("wb") as file:
        file.write(b"\xff")  # that it is too large is said of a file that is not UTF-8, too
        file.truncate(2**40)
    with pytest.raises(InputError, match="too large"):
        read_decisions(tmp_path)


def test_no_line_of_a_linked_file_is_shown(tmp_path: Path) -> None:
    """In a stranger's index, the file may be a link to another file of this machine."""
    home, private = tmp_path / "index", tmp_path / "private.txt"
    home.mkdir()
    private.write_text("the password is heron\n", encoding="utf-8")
    (home / "duplicates.txt").symlink_to(private)
    with pytest.raises(InputError, match="line 1 cannot be read") as caught:
        read_decisions(home)
    assert "heron" not in str(caught.value)
