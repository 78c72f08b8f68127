"""Pages: recognised by their content, every character kept, everything left out named with the reason."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import InputError, PageError
from rag.loading import pages
from rag.loading.files.file_types import ENDINGS
from rag.loading.html.text import strip_markup
from rag.loading.pages import MAX_LINES, read_pages, reread
from rag.records import Page, SkippedPage

# what a text file may contain: no surrogates, no control characters except line ends and tabs
PLAIN = st.text(st.one_of(st.characters(exclude_categories=["Cs", "Cc"]), st.sampled_from("\r\n\t")), min_size=1)


def _names(found: list[Page | SkippedPage]) -> list[str]:
    return [one.file for one in found]


def _reasons(folder: Path) -> dict[str, str]:
    return {one.file: one.reason for one in read_pages([folder]) if isinstance(one, SkippedPage)}


def test_a_folder_is_read_to_the_bottom_in_the_order_of_names(tmp_path: Path) -> None:
    """Names are relative to the folder, with a slash between folders; hidden files are skipped."""
    for name in ("b.txt", "a/z.md", "a/y.txt", ".hidden.txt", ".git/x.txt", "c.TXT", "plain"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Some text.")
    assert _names(list(read_pages([tmp_path]))) == ["a/y.txt", "a/z.md", "b.txt", "c.TXT", "plain"]


def test_what_is_left_out_is_named_with_the_reason(tmp_path: Path) -> None:
    """A broken file never stops the others and is never silent."""
    (tmp_path / "good.txt").write_text("A page.")
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "blank.txt").write_text(" \n\xa0\n")
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\x00\x00\x00")
    (tmp_path / "sheet.xlsx").write_bytes(b"x")
    (tmp_path / "README.md").write_text("About these pages.")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(tmp_path / "pipe.txt")
    reasons = _reasons(tmp_path)
    assert set(reasons) == {
        "README.md",
        "blank.txt",
        "empty.txt",
        "gone.txt",
        "loop",
        "picture.txt",
        "pipe.txt",
        "self.txt",
        "sheet.xlsx",
    }
    assert "README" in reasons["README.md"]
    assert "empty" in reasons["blank.txt"]
    assert "empty" in reasons["empty.txt"]
    assert "not text" in reasons["picture.txt"]
    assert ".xlsx" in reasons["sheet.xlsx"]
    assert "leads back" in reasons["loop"]
    assert "pipe" in reasons["pipe.txt"]
    assert [one.file for one in read_pages([tmp_path]) if isinstance(one, Page)] == ["good.txt"]


@pytest.mark.parametrize(("folder", "reason"), [("_drafts", "folder of drafts"), ("Trash", "in the trash")])
def test_folders_of_drafts_and_trash_are_named(tmp_path: Path, folder: str, reason: str) -> None:
    """As blog software and notes programs have them; a file of that name, or the folder itself if given, is read."""
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "kiln.md").write_text("The kiln.")
    (tmp_path / f"{folder}.md").write_text("The oven.")
    assert {file: reason in why for file, why in _reasons(tmp_path).items()} == {f"{folder}/kiln.md": True}
    assert _reasons(tmp_path / folder) == {}


def test_a_readme_that_is_asked_for_by_name_is_read(tmp_path: Path) -> None:
    """Only in a folder is a README taken for its description."""
    (tmp_path / "README.md").write_text("# Notes\n\nText.")
    assert [type(one) for one in read_pages([tmp_path / "README.md"])] == [Page]


def test_a_name_that_is_not_unicode_is_reported_and_does_not_break_the_report(tmp_path: Path) -> None:
    """The reason can be printed, whatever the file's name."""
    (tmp_path / "ok.txt").write_text("A page.")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.txt")).write_text("Another.")
    found = list(read_pages([tmp_path]))
    assert [type(one) for one in found] == [SkippedPage, Page]
    found[0].file.encode("utf-8")


def test_names_that_collide_get_the_folder_in_front(tmp_path: Path) -> None:
    """Two folders with a page of the same name give two names; a single folder keeps the short one."""
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "page.txt").write_text("Text in " + folder)
    both = list(read_pages([tmp_path / "one", tmp_path / "two"]))
    assert _names(both) == ["one/page.txt", "two/page.txt"]
    assert _names(list(read_pages([tmp_path / "two"]))) == ["page.txt"]


def test_a_file_given_twice_is_one_page(tmp_path: Path) -> None:
    """By its own name, through its folder, or through a link."""
    page = tmp_path / "page.txt"
    page.write_text("Text.")
    (tmp_path / "again.txt").symlink_to(page)
    assert len(list(read_pages([tmp_path, page]))) == 1


def test_a_path_that_is_not_there_is_an_error_at_once(tmp_path: Path) -> None:
    """A typing mistake in the command is reported before any work is done."""
    with pytest.raises(InputError):
        read_pages([tmp_path / "nowhere"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=PLAIN.filter(lambda text: bool(text.strip()) and not text.startswith("\ufeff")))
def test_reading_again_gives_the_same_text(tmp_path: Path, text: str) -> None:
    """The stored encoding is enough to get the page's text back."""
    path = tmp_path / "page.txt"
    path.write_bytes(text.encode())
    (page,) = read_pages([path])
    assert isinstance(page, Page)
    assert reread(path, page.encoding) == page.text == text


def test_reading_again_names_a_page_that_has_changed(tmp_path: Path) -> None:
    """Bytes that no longer fit the encoding raise an error that says so."""
    path = tmp_path / "page.txt"
    path.write_bytes(b"caf\xe9")
    with pytest.raises(PageError, match="changed"):
        reread(path, "utf-8")
    with pytest.raises(PageError, match="cannot be read"):
        reread(tmp_path / "gone.txt", "utf-8")


WEB = "<!doctype html><meta charset=%s><title>T</title><p>Caf\xe9"
_WORDS = ("damaged", "empty", "points outside", "README", "archive inside", "not text", ".xlsx")
FEED = "<rss><channel><item><title>A feed's post</title><description>Some words.</description></item></channel></rss>"


def test_files_are_recognised_by_their_content(tmp_path: Path) -> None:
    """Whatever their ending; each kind is decoded as it declares."""
    files = {
        "a.txt": WEB.encode() % b"utf-8",
        "b.html": (WEB % "windows-1252").encode("cp1252"),
        "c.html": b"A title\n\nPlain words.",
        "d.csv": FEED.encode(),
        "e.xml": b'{"text": "Words."}',
        "f.php": WEB.encode("utf-16"),
        "g.jsonl": b"text\nWords.\n",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data.replace(b"%s", b"utf-8"))
    found = [one for one in read_pages([tmp_path]) if isinstance(one, Page)]
    assert [(page.file, page.format, page.encoding) for page in found] == [
        ("a.txt", "html", "utf-8"),
        ("b.html", "html", "cp1252"),
        ("c.html", "text", "utf-8"),
        ("d.csv", "xml", "utf-8"),
        ("e.xml", "json", "utf-8"),
        ("f.php", "html", "utf-16"),
        ("g.jsonl", "text", "utf-8"),
    ]
    assert "Café" in found[1].text
    assert [page.posts is None for page in found] == [page.format in ("text", "html") for page in found]
    for page in found:
        assert reread(Path(page.path), page.encoding, page.sha256) == page.text


def test_files_in_an_archive_are_pages_of_their_own(tmp_path: Path) -> None:
    """Broken ones are reported, the others are read, in order, and read again from the archive."""
    with zipfile.ZipFile(tmp_path / "saved.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("blog/one.html", WEB % "utf-8")
        archive.writestr("blog/feed.xml", FEED)
        archive.writestr("two.txt", "Some text.")
        archive.writestr("inner.zip", b"PK\x03\x04 and more")
        archive.writestr("noise.html", b"<html>" + bytes(range(256)))
        archive.writestr("README.md", "What this is.")
        archive.writestr("../up.txt", "Some text.")
        archive.writestr("sheet.xlsx", "PK\x03\x04")
    (tmp_path / "broken.zip").write_bytes((tmp_path / "saved.zip").read_bytes()[:-30])
    (tmp_path / "empty.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    (tmp_path / "z.txt").write_text("The last page.")
    found = list(read_pages([tmp_path]))
    pages = [one for one in found if isinstance(one, Page)]
    assert [page.file for page in pages] == [
        "saved.zip/blog/feed.xml",
        "saved.zip/blog/one.html",
        "saved.zip/two.txt",
        "z.txt",
    ]
    for page in pages:
        assert reread(Path(page.path), page.encoding, page.sha256) == page.text
        assert page.posts is None or page.posts[0].file == page.file
    reasons = {one.file: one.reason for one in found if isinstance(one, SkippedPage)}
    assert {name: next((word for word in _WORDS if word in reason), reason) for name, reason in reasons.items()} == {
        "broken.zip": "damaged",
        "empty.zip": "empty",
        "saved.zip/../up.txt": "points outside",
        "saved.zip/README.md": "README",
        "saved.zip/inner.zip": "damaged",
        "saved.zip/noise.html": "not text",
        "saved.zip/sheet.xlsx": ".xlsx",
    }


def test_a_name_that_an_archive_and_a_folder_share_is_reported(tmp_path: Path) -> None:
    """One page has the name; the other is reported, and nothing fails later."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two" / "a.zip").mkdir(parents=True)
    (tmp_path / "two" / "a.zip" / "x.txt").write_text("In a folder.")
    with zipfile.ZipFile(tmp_path / "one" / "a.zip", "w") as archive:
        archive.writestr("x.txt", "In an archive.")
    found = list(read_pages([tmp_path / "one", tmp_path / "two"]))
    assert [(one.file, isinstance(one, Page)) for one in found] == [("a.zip/x.txt", True), ("a.zip/x.txt", False)]


def test_the_bad_parts_of_a_file_are_named_after_it(tmp_path: Path) -> None:
    """The page is read without them; a file of which nothing is left is reported itself."""
    (tmp_path / "a.jsonl").write_bytes(b'{"text": "Good."}\n{"text": "caf\xe9"}\noops\n')
    (tmp_path / "b.jsonl").write_text('{"title": "No text"}')
    (tmp_path / "c.xml").write_text("<rss><channel></channel></rss>")
    (tmp_path / "d.csv").write_text("name,price\nx,1\n")
    (tmp_path / "e.xml").write_text('<!DOCTYPE a [<!ENTITY b "c">]><rss/>')
    (tmp_path / "f.mhtml").write_text(
        "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x\n\nwords\n"
    )
    found = [(one.file, isinstance(one, Page)) for one in read_pages([tmp_path])]
    assert found == [
        ("a.jsonl", True),
        ("a.jsonl, line 2", False),
        ("a.jsonl, line 3", False),
        ("b.jsonl, line 1", False),
        ("c.xml", False),
        ("d.csv", False),
        ("e.xml", False),
        ("f.mhtml", False),
    ]


def test_all_endings_are_named_where_one_is_not_read(tmp_path: Path) -> None:
    """A person sees at once how to save it."""
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04")
    reason = _reasons(tmp_path)["a.xlsx"]
    assert all(ending in reason for ending in ENDINGS if ending)


def test_what_is_too_large_or_no_page_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is read, or before it costs anything."""
    monkeypatch.setattr(pages, "MAX_PAGE_BYTES", 150)
    monkeypatch.setattr(pages, "MAX_LINE_CHARACTERS", 50)
    monkeypatch.setattr(pages, "MAX_PAGE_CHARACTERS", 95)
    (tmp_path / "large.txt").write_text("a\n" * 76)
    (tmp_path / "lines.txt").write_text("a\n" * 49)
    (tmp_path / "picture.html").write_text('<img src="data:image/png;base64,' + "A" * 70 + '"><p>Text')
    (tmp_path / "long.txt").write_text("\n" * 45 + "a" * 51)
    (tmp_path / "short.txt").write_text("a" * 50 + "\n" + "b" * 40)
    assert {name: reason[:21] for name, reason in _reasons(tmp_path).items()} == {
        "large.txt": "it is larger than 64 ",
        "lines.txt": "it has more than 95 c",
        "long.txt": "it has a line longer ",
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.binary(max_size=200),
    st.sampled_from(sorted(ENDINGS)),
    st.sampled_from([b"", b"<rss>", b'{"text":', b"text,title\n", b"<html>", b"PK\x03\x04"]),
)
def test_any_bytes_under_any_name_are_read_or_named(tmp_path: Path, data: bytes, ending: str, head: bytes) -> None:
    """Nothing in a file makes reading fail, and what was read is read again unchanged."""
    path = tmp_path / ("page" + ending)
    path.write_bytes(head + data)
    found = list(read_pages([path]))
    path.unlink()
    assert found
    for one in found:
        if isinstance(one, Page):
            path.write_bytes(head + data)
            assert reread(Path(one.path), one.encoding, one.sha256) == one.text
            path.unlink()
        else:
            assert one.reason


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n"])
def test_a_page_of_more_lines_than_any_blog_is_named(tmp_path: Path, line_end: str) -> None:
    """Whatever its line ends; one with exactly as many is read."""
    for name, lines in (("full.txt", MAX_LINES), ("over.txt", MAX_LINES + 1)):
        (tmp_path / name).write_bytes(f"word{line_end}".encode() * lines)
    read, named = read_pages([tmp_path])
    assert isinstance(read, Page)
    assert isinstance(named, SkippedPage)
    assert "200,000 lines" in named.reason


def test_the_source_of_a_static_site_may_be_html(tmp_path: Path) -> None:
    """Its front matter is no text, but says title, author and day; a draft is named."""
    head = "---\nlayout: post\ntitle: The well\nauthor: Jo Smith\ndate: 2014-03-03\n{}---\n"
    text = "<p>The well at the crossroads was dug in 1911 by three brothers.</p>\n<p>It is forty metres deep.</p>\n"
    (tmp_path / "a.html").write_text(head.format("") + text)
    (tmp_path / "b.html").write_text(head.format("draft: true\n") + text)
    found = list(read_pages([tmp_path]))
    (page,) = (one for one in found if isinstance(one, Page))
    (skipped,) = (one for one in found if isinstance(one, SkippedPage))
    assert (skipped.file, "draft" in skipped.reason) == ("b.html", True)
    (post,) = page.posts or ()
    assert (post.title, post.author, post.date) == ("The well", "Jo Smith", "2014-03-03")
    assert post.text.startswith("The well at the crossroads")
    assert strip_markup(page.text[post.pieces[0].file_start : post.pieces[-1].file_end]) == " ".join(post.text.split())


def test_labelled_lines_above_a_saved_text_are_no_text(tmp_path: Path) -> None:
    """Programs that reduce a page to its text write them; several such heads in one file are several posts."""
    head = "Title: The well\nAuthor: Jo Smith\nURL: http://example.org/well\nDate: 2014-03-03\n\n"
    text = "The well at the crossroads was dug in 1911 by three brothers.\n\nIt is forty metres deep.\n"
    (tmp_path / "a.txt").write_text(head + text)
    (tmp_path / "b.txt").write_text(2 * (head + text + "\n"))
    first, second = (one for one in read_pages([tmp_path]) if isinstance(one, Page))
    (post,) = first.posts or ()
    assert (post.title, post.author, post.date) == ("The well", "Jo Smith", "2014-03-03")
    assert post.text == text.strip()
    assert second.posts is None
