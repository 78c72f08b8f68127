"""Exports in which a table tells about the pages, and e-books."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

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
    """Titles and days are in its table; a draft is named."""
    table = (
        "post_id,post_date,is_published,title\n123.keeper,2021-05-04T10:00:00Z,true,The keeper\n124.x,,false,Draft\n"
    )
    pages, reasons = _found(tmp_path, {"posts.csv": table, "posts/123.keeper.html": TEXT, "posts/124.x.html": TEXT})
    assert pages == [("posts/123.keeper.html", "The keeper", "2021-05-04")]
    assert "draft" in reasons["posts/124.x.html"]


def test_a_read_later_service_s_export(tmp_path: Path) -> None:
    """Its pages are called by their slugs."""
    rows = [{"slug": "the-keeper", "title": "The keeper", "author": "Ann", "publishedAt": "2021-05-04"}]
    files = {"metadata_0_to_20.json": json.dumps(rows), "content/the-keeper.html": TEXT}
    assert _found(tmp_path, files)[0] == [("content/the-keeper.html", "The keeper", "2021-05-04")]


def test_a_blogging_site_s_export(tmp_path: Path) -> None:
    """What it says about the account is no post."""
    files = {
        "posts/2021-05-04_The-keeper-abc.html": f"<h1>The keeper</h1>{TEXT}",
        "posts/draft_x.html": TEXT,
        "profile/profile.html": TEXT,
        "claps/claps-0001.html": TEXT,
    }
    _, reasons = _found(tmp_path, files)
    assert sorted(reasons) == ["claps/claps-0001.html", "posts/draft_x.html", "profile/profile.html"]
