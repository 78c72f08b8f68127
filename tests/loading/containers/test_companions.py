"""Exports in which a table describes the pages, and e-books."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from rag.loading.pages import read_pages
from rag.records import Page, SkippedPage

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "<p>The lock keeper retired last week.</p><p>Nobody minds.</p>"


def _found(tmp_path: Path, files: dict[str, str]) -> tuple[list[tuple[object, ...]], dict[str, str]]:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    found = list(read_pages([tmp_path]))
    pages = [
        (one.file.partition("/")[2], one.posts[0].title, one.posts[0].date)
        for one in found
        if isinstance(one, Page) and one.posts
    ]
    return pages, {one.file.partition("/")[2]: one.reason for one in found if isinstance(one, SkippedPage)}


def test_a_newsletter_platform_s_export(tmp_path: Path) -> None:
    """Titles and days are in its table; a draft is reported."""
    table = (
        "post_id,post_date,is_published,title\n123.keeper,2021-05-04T10:00:00Z,true,The keeper\n124.x,,false,Draft\n"
    )
    pages, reasons = _found(tmp_path, {"posts.csv": table, "posts/123.keeper.html": TEXT, "posts/124.x.html": TEXT})
    assert pages == [("posts/123.keeper.html", "The keeper", "2021-05-04")]
    assert "draft" in reasons["posts/124.x.html"]


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_lines_of_its_table_may_end_in_any_way(tmp_path: Path, end: str) -> None:
    """A carriage return in the middle of a line ended the build."""
    table = f"post_id,post_date,title{end}123.keeper,2021-05-04,The keeper{end}"
    assert _found(tmp_path, {"posts.csv": table, "posts/123.keeper.html": TEXT})[0][0][1:] == (
        "The keeper",
        "2021-05-04",
    )
    broken = "post_id,title\n123.keeper," + "x" * 200_000
    assert "posts/123.keeper.html" not in _found(tmp_path, {"posts.csv": broken, "posts/123.keeper.html": TEXT})[1]


def test_a_read_later_service_s_export(tmp_path: Path) -> None:
    """Its pages are named by their slugs."""
    rows = [{"slug": "the-keeper", "title": "The keeper", "author": "Ann", "publishedAt": "2021-05-04"}]
    files = {"metadata_0_to_20.json": json.dumps(rows), "content/the-keeper.html": TEXT}
    assert _found(tmp_path, files)[0] == [("content/the-keeper.html", "The keeper", "2021-05-04")]


def test_a_blogging_site_s_export(tmp_path: Path) -> None:
    """What it says about the account is not a post."""
    files = {
        "posts/2021-05-04_The-keeper-abc.html": f"<h1>The keeper</h1>{TEXT}",
        "posts/draft_x.html": TEXT,
        "profile/profile.html": TEXT,
        "claps/claps-0001.html": TEXT,
    }
    _, reasons = _found(tmp_path, files)
    assert sorted(reasons) == ["claps/claps-0001.html", "posts/draft_x.html", "profile/profile.html"]


def _unpacked(folder: Path, files: dict[str, str]) -> tuple[dict[str, tuple[object, ...]], dict[str, str]]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    found = list(read_pages([folder]))
    pages = {
        one.file: (one.posts[0].title, one.posts[0].author, one.posts[0].date) if one.posts else ()
        for one in found
        if isinstance(one, Page)
    }
    return pages, {one.file: one.reason for one in found if isinstance(one, SkippedPage)}


def test_calls_in_the_posts_of_an_export_are_no_text(tmp_path: Path) -> None:
    """They are listed as left out."""
    call = "<div class='subscription-widget-wrap'><div><p>Thanks for reading!</p></div></div><p class='button-wrapper'><a>Subscribe"
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("posts.csv", "post_id,post_date,title\n123.keeper,2021-05-04,The keeper\n")
        archive.writestr("posts/123.keeper.html", f"{call}</a></p>{TEXT}")
    (page,) = read_pages([tmp_path])
    assert isinstance(page, Page)
    assert page.posts
    assert page.posts[0].text == "The lock keeper retired last week.\n\nNobody minds."
    assert [line.text for line in page.posts[0].left_out] == ["Thanks for reading!", "Subscribe"]


BOOK = "<package><metadata><dc:creator>A program</dc:creator><dc:date>2023-01-01</dc:date></metadata><manifest>{}</manifest></package>"


def _book(tmp_path: Path, *chapters: str) -> list[tuple[str | None, str | None, str | None, str]]:
    with zipfile.ZipFile(tmp_path / "book.epub", "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "b.opf", BOOK.format("".join(f'<item id="{n}" href="{n}.xhtml"/>' for n in range(len(chapters))))
        )
        for number, chapter in enumerate(chapters):
            archive.writestr(f"{number}.xhtml", f"<html><body>{chapter}</body></html>")
    pages = [one for one in read_pages([tmp_path]) if isinstance(one, Page)]
    return [(one.title, one.author, one.date, one.text) for page in pages for one in page.posts or ()]


def test_an_article_in_an_e_book_has_its_own_author_and_day(tmp_path: Path) -> None:
    """Those of the book are of whoever put it together."""
    text = "The lock keeper retired last week.\n\nNobody minds."
    own = f"<h1>The keeper</h1><p class='article__byline'>Ann Lock</p><p>May 4, 2021</p><p>Source: https://x.org/k</p>{TEXT}"
    assert _book(tmp_path, own, f"<h1>Gates</h1>{TEXT}") == [
        ("The keeper", "Ann Lock", "2021-05-04", text),
        ("Gates", "A program", "2023-01-01", text),
    ]


def test_dated_headings_in_a_chapter_are_posts(tmp_path: Path) -> None:
    """Those without a day are sections."""
    dated = [f"<h2>{name}</h2><p>May {day}, 2021</p>{TEXT}" for name, day in (("The keeper", 4), ("Gates", 6))]
    assert [row[:3] for row in _book(tmp_path, "".join(dated))] == [
        ("The keeper", "A program", "2021-05-04"),
        ("Gates", "A program", "2021-05-06"),
    ]
    assert len(_book(tmp_path, f"{dated[0]}<h2>Gates</h2>{TEXT}")) == 1


NCX = (
    '<item id="n" href="toc.ncx"/>',
    "toc.ncx",
    (
        "<ncx><docTitle><text>Tales</text></docTitle><navMap><navPoint><navLabel><text>The &amp; keeper</text></navLabel>"
        "<content src='0.xhtml'/><navPoint><navLabel><text>Her gate</text></navLabel><content src='0.xhtml#g'/></navPoint>"
        "</navPoint><navPoint><navLabel><text>Loaf</text></navLabel><content src='2.xhtml#top'/></navPoint></navMap></ncx>"
    ),
)
NAV = (
    '<item id="n" href="toc.xhtml" properties="nav"/>',
    "toc.xhtml",
    (
        "<nav epub:type='landmarks'><a href='0.xhtml'>Begin here</a></nav><nav epub:type='toc'><ol><li><a href='0.xhtml'>"
        "The <i>&amp;</i> keeper</a></li><li><a href='2.xhtml'>Loaf</a></li></ol></nav>"
    ),
)


@pytest.mark.parametrize(("item", "name", "contents"), [NCX, NAV])
def test_a_chapter_without_a_heading_is_called_as_in_the_contents(
    tmp_path: Path, item: str, name: str, contents: str
) -> None:
    """A part that is not listed there goes on from the one before; a heading counts more."""
    _book(tmp_path, TEXT, TEXT, f"<h1>Bread</h1>{TEXT}", TEXT)
    with zipfile.ZipFile(tmp_path / "book.epub") as archive:
        members = {one: archive.read(one).decode() for one in archive.namelist()}
    spine = "".join(f'<itemref idref="{number}"/>' for number in range(4))
    members["b.opf"] = members["b.opf"].replace("<manifest>", f"<spine>{spine}</spine><manifest>{item}")
    with zipfile.ZipFile(tmp_path / "book.epub", "w") as archive:
        for one, text in {**members, name: contents}.items():
            archive.writestr(one, text)
    pages = [one for one in read_pages([tmp_path]) if isinstance(one, Page)]
    titles = [post.title for page in pages for post in page.posts or ()]
    assert titles == ["The & keeper", "The & keeper", "Bread", "Loaf"]


def test_the_title_of_a_page_is_not_searched_for_in_each_of_its_posts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chapter without one would be read to its end for each; their headings are their titles."""
    monkeypatch.setattr("rag.loading.known_pages._TITLE", None)
    assert len(_book(tmp_path, "".join(f"<h2>Gate {day}</h2><p>May {day}, 2021</p>{TEXT}" for day in (1, 2, 3)))) == 3


def test_an_export_that_was_unpacked_is_known_as_in_its_archive(tmp_path: Path) -> None:
    """Titles, authors and days come from the table beside the pages, which is not reported; a draft is."""
    table = "post_id,post_date,is_published,title\n123.k,2021-05-04T10:00:00Z,true,The keeper\n124.x,,false,Draft\n"
    rows = [{"slug": "the-lock", "title": "The lock", "author": "Ann Pike", "publishedAt": "2021-05-05"}]
    files = {
        "letters/posts.csv": table,
        "letters/posts/123.k.html": TEXT,
        "letters/posts/124.x.html": TEXT,
        "saved/metadata_0_to_20.json": json.dumps(rows),
        "saved/content/the-lock.html": TEXT,
        "saved/content/another.html": f"<h1>Another</h1>{TEXT}",
        "blog/posts/draft_x.html": TEXT,
        "blog/profile/profile.html": TEXT,
    }
    pages, reasons = _unpacked(tmp_path / "all", files)
    assert pages == {
        "letters/posts/123.k.html": ("The keeper", None, "2021-05-04"),
        "saved/content/the-lock.html": ("The lock", "Ann Pike", "2021-05-05"),
        "saved/content/another.html": (),
    }
    assert sorted(reasons) == ["blog/posts/draft_x.html", "blog/profile/profile.html", "letters/posts/124.x.html"]


def test_a_table_that_contains_the_posts_itself_is_read(tmp_path: Path) -> None:
    """A table is not a companion if it names none of the pages around it, in a folder and in an archive."""
    table = "slug,title,text\nkeeper,The keeper,The lock keeper retired last week and nobody minds.\n"
    files = {"posts.csv": table, "other.html": f"<h1>Other</h1>{TEXT}"}
    pages, reasons = _unpacked(tmp_path / "folder", files)
    assert pages["posts.csv"] == ("The keeper", None, None)
    assert not reasons
    assert ("posts.csv", "The keeper", None) in _found(tmp_path, files)[0]


def test_nothing_above_the_folder_given_is_looked_at(tmp_path: Path) -> None:
    """A table beside the folder does not count, nor does one that a link leads to."""
    table = "post_id,post_date,title\n123.k,2021-05-04,The keeper\n"
    _unpacked(tmp_path / "all", {"posts.csv": table, "posts/123.k.html": TEXT})
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "posts.csv").symlink_to(tmp_path / "all" / "posts.csv")
    for folder in ("all/posts", "linked"):
        pages, _ = _unpacked(tmp_path / folder, {"123.k.html": TEXT})
        assert pages["123.k.html"] == ()


def test_of_a_packed_crawl_only_what_was_crawled_counts(tmp_path: Path) -> None:
    """Its tables may repeat the texts of the pages, with their menus, and are not reported."""
    page = {"url": "https://example.org", "title": "The keeper", "text": "Menu. The lock keeper retired last week."}
    files = {
        "archive/data.warc": "WARC/1.0\r\n",
        "pages/pages.jsonl": json.dumps(page) + "\n",
        "datapackage.json": '{"profile": "data-package"}',
    }
    with zipfile.ZipFile(tmp_path / "crawl.wacz", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    assert {one.file for one in read_pages([tmp_path])} == {"crawl.wacz/archive/data.warc"}
