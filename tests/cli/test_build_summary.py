"""The summary of a build and of its duplicates: everything is named, in words and with correct plurals."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

from makers import make_post

from rag import build_index, open_index
from rag.cli import main
from rag.cli.build_report import render_build
from rag.cli.build_summary import build_lines, duplicate_lines
from rag.cli.terminal import Style
from rag.records import BuildReport, Merge, PageChanges, SkippedPage

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from rag.answering.engine import Index

PLAIN = Style(None, colour=False)


def test_the_account_of_a_build_names_all_that_was_done() -> None:
    """Pages, posts, copies, what was left out, what was skipped and why, what changed, how long each stage took."""
    skipped = (SkippedPage("a.bin", "no text"), SkippedPage("b.bin", "no text"), SkippedPage("c", "it is empty"))
    changes = PageChanges(("new.txt",), (), ("gone.txt",), (("old.txt", "now.txt"),), 1)
    report = BuildReport(
        1, 1, 1, 1, 9, skipped, (("embedding", 2.0), ("writing", 0.01)), changes, "grown", 1,
        came=(("f" * 16, "A title"),), dropped_lines=1, notes=("line 3, never-merge x y: no text has this id",),
    )  # fmt: skip
    told = "\n".join(build_lines(report, "index"))
    assert told.startswith("index: 1 post on 1 page, 1 copy merged, 1 chunk\n")
    for words in (
        "pages: 1 added, 1 removed, 1 renamed, 1 as before",
        "+ new.txt", "- gone.txt", "> old.txt, now now.txt",
        "new posts: 1", "ffffffff  A title",
        "1 chunk embedded, 0 reused",
        "1 line of menus", "3 files skipped", "2 × no text", "1 × it is empty",
        "duplicates.txt, line 3, never-merge x y", "2.0 seconds: embedding 2.0 s",
    ):  # fmt: skip
        assert words in told
    assert "writing" not in told


def test_every_copy_and_every_version_is_accounted_for(seed_index: Index) -> None:
    """Each merged copy is under its post with the reason, each pair of versions once; and how to decide otherwise."""
    posts, merges = seed_index.posts(), seed_index.merges()
    lines = list(duplicate_lines(posts, merges, "index", PLAIN))
    for merge in merges:
        place = f"{merge.file} at {merge.start:,}: {'exact' if merge.kind == 'exact' else 'near'}"
        assert sum(place in line for line in lines) == 1
    for merge in merges:
        if merge.kind == "near":
            assert merge.changes or merge.similarity == 1.0
            assert merge.text_id[:8] in "\n".join(lines)
    assert sum(len(post.copies) - 1 for post in posts) == len(merges)
    assert any("never-merge" in line for line in lines)


def test_no_duplicates_are_said_in_words() -> None:
    """A heap of posts that are each in one place."""
    lines = list(duplicate_lines([make_post(post_id="a" * 16)], [], "index", PLAIN))
    assert lines[0].startswith("No copies were merged")


def test_what_is_not_the_same_never_shows_as_a_hundred_percent() -> None:
    """A share of 0.9999 is shown as 99%."""
    made = make_post(post_id="a" * 16)
    lines = list(duplicate_lines([made], [Merge(made.post_id, "b.txt", "near", 0.9999)], "index", PLAIN))
    assert "99% of word shingles" in lines[1]


class _Reader(HTMLParser):
    """Reads a page and records what it would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.outside += [str(value) for name, value in attrs if name in {"src", "href", "srcset", "action"}]


def test_the_report_is_one_page_that_loads_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the summary, the picture and every merged copy; a page's mark-up is shown, not obeyed."""
    lines = [f"In the year {year} the neighbours repaired the mill with borrowed tools." for year in range(1870, 1882)]
    (tmp_path / "pages").mkdir()
    for name, tools in (("a", "borrowed"), ("b", "rented")):
        text = "\n\n".join([*lines[:-1], lines[-1].replace("borrowed", tools)])
        (tmp_path / "pages" / f"{name}.md").write_text(f"# The mill\n\n{text}\n", encoding="utf-8")
    out = tmp_path / "report.html"
    arguments = ["index", str(tmp_path / "pages"), "--index", str(tmp_path / "index"), "--quiet", "--report", str(out)]
    assert main(arguments) == 0
    told = capsys.readouterr().out
    page = out.read_text(encoding="utf-8")
    reader = _Reader()
    reader.feed(page)
    assert not reader.outside
    assert "script" not in reader.tags
    assert {"svg", "path", "table", "del", "ins"} <= set(reader.tags)
    assert told.splitlines()[0] in page
    with open_index(tmp_path / "index") as index:
        assert page.count(" at ") >= len(index.merges()) > 0


def test_hostile_words_stay_words() -> None:
    """Titles, names and reasons with mark-up in them."""
    bad = "<script>alert(1)</script>"
    made = make_post(bad, title=bad, post_id="a" * 16)
    report = BuildReport(1, 1, 1, 1, 1, (SkippedPage(bad, bad),), (), notes=(bad,))
    page = render_build(report, bad, [made], [Merge(made.post_id, bad, "near", 0.9)], [])
    assert "<script" not in page


def test_nothing_changed_is_said_in_a_line(tmp_path: Path) -> None:
    """The second build of the same pages."""
    (tmp_path / "a.md").write_text("# Title\n\nThe council voted to give two more streets to bicycles this year.\n")
    build_index([tmp_path / "a.md"], into=tmp_path / "index")
    told = list(build_lines(build_index(None, into=tmp_path / "index"), "index"))
    assert told[0] == "index: 1 post on 1 page, 0 copies merged, 1 chunk"
    assert "nothing has changed" in told[1]
