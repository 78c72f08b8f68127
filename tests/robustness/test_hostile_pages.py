"""Samples of hostile.py: whatever a file contains, it is indexed or named, in time linear in its length."""

from __future__ import annotations

import os
import random
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from robustness.hostile import examine, mutated, strange_folder, write_neighbours
from robustness.specimens import ATTACKS, PACKED, SOUND
from robustness.strategies import hostile_files

from rag.dedup.merging import merge
from rag.extraction.outline import LONG_WORDS, Outline
from rag.extraction.posts import divide
from rag.indexing.chunking import cut
from rag.loading.pages import read_pages
from rag.records import Page, SkippedPage

if TYPE_CHECKING:
    from pathlib import Path

# the attacks that take less than a second each
QUICK = [
    *("a word of 2 MB.md", "json-ld.html", "laughs.xml", "quadratic.xml", "outside.xml", "nested.xml"),
    *("brackets.json", "nested.jsonl", "columns.csv", "open quotation marks.csv", "bomb.zip", "overlapping.zip"),
    *("nested.zip", "climbing.zip", "climbing far.zip", "climbing back.zip", "rooted.zip", "drive.zip"),
    *("any size.tar", "lists in lists.webarchive", "no date.webarchive", "a year far away.eml"),
    *("a record without end.warc", "no address.warc", "no encoding.webarchive"),
    *(
        "zero in a name.zip",
        "line in a name.zip",
        "half.zip",
        "lies.zip",
        "unclosed comments.html",
        "unclosed tags.html",
    ),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with sound pages."""
    write_neighbours(tmp_path)
    return tmp_path


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(file=hostile_files())
def test_any_bytes_and_texts_are_read_or_named(
    file: tuple[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Bare and inside sound frames; everything that gets through has real places, and the pages beside it are fine."""
    folder = tmp_path_factory.mktemp("made")
    write_neighbours(folder)
    (folder / file[0]).write_bytes(file[1])
    examine(folder)


@pytest.mark.parametrize("name", list(SOUND))
def test_changed_pages_are_read_or_named(name: str, folder: Path) -> None:
    """A few changes of a sound page of every kind, first unchanged."""
    chance = random.Random(name)
    data = SOUND[name]
    for _ in range(8):
        (folder / name).write_bytes(data)
        examine(folder)
        data = mutated(chance, SOUND[name], list(SOUND.values()))


@pytest.mark.parametrize("name", QUICK)
def test_attacks_are_read_or_named(name: str, folder: Path) -> None:
    """Bombs, climbing names, nesting; the pages beside them are fine."""
    (folder / name).write_bytes(ATTACKS[name]())
    examine(folder)


@pytest.mark.parametrize("name", ["climbing.zip", "climbing far.zip", "climbing back.zip", "rooted.zip", "drive.zip"])
def test_nothing_is_read_or_written_outside_of_an_archive(name: str, tmp_path: Path) -> None:
    """A name that points outside is reported, and no file appears anywhere."""
    (tmp_path / name).write_bytes(ATTACKS[name]())
    (found,) = read_pages([tmp_path])
    assert isinstance(found, SkippedPage)
    assert "points outside the archive" in found.reason
    assert [path.name for path in tmp_path.rglob("*")] == [name]


def test_what_libraries_read_is_not_printed(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A crawl's addresses were, with every character that steers a terminal."""
    crawl = PACKED["crawl.warc"]
    (folder / "steered.warc").write_bytes(crawl.replace(b"/well", b"/\x1b]0;a b\x07 well"))
    (folder / "short.warc").write_bytes(crawl.replace(b"Content-Length: ", b"Content-Length: 1", 1))
    (folder / "packed.warc.gz").write_bytes(PACKED["crawl.warc.gz"][:-20])
    examine(folder)
    assert capfd.readouterr() == ("", "")


def test_links_in_circles_and_strange_names(folder: Path) -> None:
    """Each file is read once or reported with its reason; a folder links back to itself without end."""
    strange_folder(folder)
    try:
        examine(folder)
        found = {one.file: one for one in read_pages([folder])}
    finally:
        (folder / "locked").chmod(0o700)
    assert isinstance(found["line\nend.txt"], Page)
    reasons = {name: one.reason for name, one in found.items() if isinstance(one, SkippedPage)}
    assert "back to a folder above it" in reasons["circle"]
    assert "it cannot be opened" in reasons["self.txt"]
    assert "it cannot be opened" in reasons["nowhere.txt"]
    assert "device, pipe or socket" in reasons["pipe.txt"]
    assert any("not valid Unicode" in reason for reason in reasons.values())
    if os.geteuid() != 0:  # root may read everything
        assert "check its permissions" in reasons["locked.txt"]
        assert "check its permissions" in reasons["locked"]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("short lines.txt", b"A short line here\n"),
        ("titles.txt", b"Title of it\n\nSome words of it that stand in a line of their own and are a text.\n\n"),
        ("sentence.txt", b"words and "),
        ("paragraphs.html", b"<p>Some words stand here, and more.</p>"),
        ("tags.html", b"<div><b>"),
        ("items.xml", b"<item><description>Words.</description></item>"),
        ("rows.csv", b"some words,and more\n"),
    ],
)
def test_twice_the_page_is_twice_the_work(name: str, part: bytes, tmp_path: Path) -> None:
    """Counted in calls, so that a busy machine changes nothing."""
    begin = {"xml": b"<rss><channel>", "csv": b"title,text\n", "html": b"<html><body>"}.get(
        name.rpartition(".")[2], b""
    )

    def steps(times: int) -> int:
        count = 0

        def step(*_: object) -> None:
            nonlocal count
            count += 1

        (tmp_path / name).write_bytes(begin + part * times)
        sys.setprofile(step)
        try:
            pages = [page for page in read_pages([tmp_path]) if isinstance(page, Page)]
            posts, _ = merge(divide(pages))
            for post in posts:
                cut(post, 0, len, 254)
        finally:
            sys.setprofile(None)
        return count

    steps(50)  # what is loaded at the first call counts no further
    assert steps(600) < 3 * steps(300)


def test_the_next_long_line_is_looked_up_and_not_walked_to() -> None:
    """A page of nothing but short lines would need it at every line."""
    lines = 3000
    page = Outline((), ("short",) * lines, (("a", "word"),) * (lines - 1) + (("word",) * LONG_WORDS,), ("",) * lines)
    calls = 0

    def step(*_: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(step)
    try:
        found = [page.long_before(number) for number in range(lines)]
        after = [page.long_after(number) for number in range(lines - 1)]
    finally:
        sys.setprofile(None)
    assert found == [-1] * lines
    assert after == [lines - 1] * (lines - 1)
    assert calls < 20 * lines


def test_an_archive_of_more_files_than_are_read_is_named_at_once(tmp_path: Path) -> None:
    """However little each of them takes in its directory."""
    (tmp_path / "many.zip").write_bytes(ATTACKS["many.zip"]())
    (found,) = read_pages([tmp_path])
    assert isinstance(found, SkippedPage)
    assert "too many files" in found.reason
