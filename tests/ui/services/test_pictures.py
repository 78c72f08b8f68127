"""Pictures saved beside a page are shown in its post; nothing else on the disk is."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING

import pytest
from makers import make_post

from rag.records import Copy, PageEntry, Piece, Post
from ui.services.pictures import MAX_PICTURES, pictures_of

if TYPE_CHECKING:
    from pathlib import Path

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
BEFORE, AFTER = "The mill stood here.", "It ground barley."


class Index:
    """A page in a folder, and a post that is its two paragraphs."""

    def __init__(self, folder: Path, between: str) -> None:
        self.source = f"<p>{BEFORE}</p>{between}<p>{AFTER}</p>"
        self.path = folder / "pages/mill.html"
        self.path.parent.mkdir(exist_ok=True)
        first, second = self.source.index(BEFORE), self.source.index(AFTER)
        text = f"{BEFORE}\n\n{AFTER}"
        gap = self.source[first + len(BEFORE) : second]
        pieces = (
            Piece(0, len(BEFORE), first, first + len(BEFORE)),
            Piece(len(BEFORE), len(BEFORE) + 2, first + len(BEFORE), second, gap),
            Piece(len(BEFORE) + 2, len(text), second, second + len(AFTER)),
        )
        self.post: Post = make_post(text, Copy("mill.html", "0" * 64, pieces, format="html"))

    def page_text(self, file: str) -> str:
        assert file == "mill.html"
        return self.source

    def pages(self) -> list[PageEntry]:
        return [PageEntry("mill.html", "0" * 64, "utf-8", "html", str(self.path))]


def test_a_picture_beside_the_page_comes_where_the_page_has_it(tmp_path: Path) -> None:
    """Before the block that follows it, with its description, and with an address that contacts no server."""
    image = '<img class="a" src="mill_files/the%20mill.png?x=1" alt="The mill &amp; its wheel">'
    index = Index(tmp_path, f"<figure>{image}</figure>")
    (tmp_path / "pages/mill_files").mkdir()
    (tmp_path / "pages/mill_files/the mill.png").write_bytes(PNG)
    (found,) = pictures_of(index, index.post)
    assert (found.at, found.description) == (len(BEFORE) + 2, "The mill & its wheel")
    assert found.address == "data:image/png;base64," + base64.b64encode(PNG).decode()


def test_a_picture_behind_the_last_words_is_of_the_post(tmp_path: Path) -> None:
    """Up to where the post ends in the page; those of comments and sidebars do not count."""
    index = Index(tmp_path, "")
    inside = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    index.source += f'<p><img src="{inside}" alt="mill"></p></article><img src="{inside}" alt="avatar">'
    assert [(found.at, found.description) for found in pictures_of(index, index.post)] == [
        (len(index.post.text), "mill")
    ]


def test_a_picture_within_the_page_is_shown_too(tmp_path: Path) -> None:
    """What a page saver put into the page as base64."""
    index = Index(tmp_path, f'<img src="data:image/png;base64,{base64.b64encode(PNG).decode()}">')
    assert [found.address[:22] for found in pictures_of(index, index.post)] == ["data:image/png;base64,"]


@pytest.mark.parametrize(
    "source",
    [
        "../secret.png",
        "%2e%2e/secret.png",
        "mill_files/../../secret.png",
        "link.png",
        "/etc/passwd",
        "file:///etc/passwd",
        "https://example.org/a.png",
        "//example.org/a.png",
        "pipe.png",
        "script.svg",
        "passwords.png",
        "missing.png",
        "",
        "data:image/svg+xml;base64,PHN2Zz4=",
        "data:text/html;base64,PHN2Zz4=",
        "data:image/png;base64,!!!",
    ],
)
def test_nothing_but_a_picture_in_the_folder_of_the_page_is_read(tmp_path: Path, source: str) -> None:
    """No file above or by a link, nothing from the web, no pipe, no format that can run scripts, no other file."""
    index = Index(tmp_path, f'<img src="{source}">')
    (tmp_path / "secret.png").write_bytes(PNG)
    (tmp_path / "pages/mill_files").mkdir()
    (tmp_path / "pages/link.png").symlink_to(tmp_path / "secret.png")
    (tmp_path / "pages/script.svg").write_text("<svg onload='x()'/>")
    (tmp_path / "pages/passwords.png").write_text("root:x:0:0")
    os.mkfifo(tmp_path / "pages/pipe.png")
    assert pictures_of(index, index.post) == []


def test_a_page_of_a_thousand_pictures_shows_the_first(tmp_path: Path) -> None:
    """As many as a reader scrolls past, even if the page never closes one."""
    index = Index(tmp_path, '<img src="a.png">' * 1000 + "<img " * 1000)
    (tmp_path / "pages/a.png").write_bytes(PNG)
    assert len(pictures_of(index, index.post)) == MAX_PICTURES
