"""Types of files: the content decides, and the ending if the content does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.loading.files.file_types import ENDINGS, HEAD_BYTES, declared_encoding, ending_of, file_type_of, kinds_taken

PAGE = "<!DOCTYPE html>\n<html lang=en><head><title>T</title></head><body><p>Hello"
FEED = '<?xml version="1.0"?>\n<!-- made by hand -->\n<rss version="2.0"><channel>'
ATOM = '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry>'
MIME = "From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\tboundary=x\r\n\r\n--x\r\n"
LINES = '{"title": "One", "text": "Two"}\n{"title": "Three"}\n'
TABLE = "title,text,date\nOne,Two,2012-01-03\n"
PROSE = "A title\n\nSome words, a few; and <b>others</b>.\n"


@pytest.mark.parametrize("name", ["page.txt", "page.html", "page.xml", "page.jsonl", "page.csv", "page.zip", "page"])
@pytest.mark.parametrize(
    ("content", "kind"),
    [(PAGE, "html"), (FEED, "xml"), (ATOM, "xml"), (MIME, "mhtml"), (LINES, "json")],
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_an_ending_that_lies_is_overruled(name: str, content: str, kind: str, codec: str) -> None:
    """In every encoding; only a web archive is always ASCII."""
    if (kind, codec) != ("mhtml", "utf-16-be"):
        assert file_type_of(content.encode(codec), name) == kind


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("page.txt", PROSE, "text"),
        ("page.md", "---\ntitle: x\n---\n# <b>x</b>\n", "markdown"),
        ("page.html", PROSE, "html"),
        ("page.html", "Plain words in a file of that name.\nAs <http://x> says.", "text"),
        ("page.htm", "<p>A fragment", "html"),
        ("page.mhtml", "<div>A fragment", "html"),
        ("page.xml", PROSE, "text"),
        ("page.xml", "<svg/>", "xml"),
        ("page.xml", f"<!DOCTYPE rss [<!ENTITY a '{'a' * 20_000}'>]><rss/>", "xml"),
        ("page.jsonl", "oops\n" + LINES, "json"),
        ("page.jsonl", PROSE, "text"),
        ("page.json", "[" + LINES, "json"),
        ("page.csv", PROSE, "csv"),
        ("page.txt", TABLE, "csv"),
        ("page.txt", TABLE.replace(",", ";").replace("text", "HTML"), "csv"),
        ("page.txt", "text, title and date\nare three words.\n", "text"),
        ("page.txt", '{"key": "of some other program"}', "text"),
        ("page.txt", "{braces} in a text", "text"),
        ("page.php", PAGE, "html"),
        ("index.aspx", FEED, "xml"),
        ("script.js", 'var a = "<html>";', None),
        ("picture.svg", "<svg/>", None),
        ("sheet.xlsx", "PK\x03\x04", None),
        ("pages", "PK\x03\x04", "zip"),
        ("page.txt", "PK\x03\x04", "zip"),
        ("page.zip", "", "text"),
        ("Note: this", "Note: this is\nMIME-Version: no mail\nContent-Type: unknown\n\n", "text"),
    ],
)
def test_what_a_file_is(name: str, content: str, kind: str | None) -> None:
    """The ending decides what the content leaves open; files with other endings are read if they are plainly pages."""
    assert file_type_of(content.encode(), name) == kind


@given(st.binary(max_size=200) | st.text(st.sampled_from("<>!-?[]{}\"'a:,\n\t/=&x"), max_size=80).map(str.encode))
def test_any_bytes_are_of_some_kind(data: bytes) -> None:
    """No content makes the detection fail, for any ending."""
    for ending in (*ENDINGS, ".pdf"):
        assert file_type_of(data, "page" + ending) in {*ENDINGS.values(), None}
    declared_encoding(data)


@pytest.mark.parametrize(
    "unit",
    ["<!--", "<!-- -->", "<?", "<!doctype [", "<a ", '{"', "[", "a:\n", "<!DOCTYPE x [<!ENTITY", '\\"', "<meta "],
)
def test_a_hostile_beginning_costs_nothing(unit: str) -> None:
    """Sixteen kilobytes of any beginning are recognised."""
    data = (unit * HEAD_BYTES).encode()[:HEAD_BYTES]
    assert file_type_of(data, "page.html") is not None
    assert declared_encoding(data) is None


@pytest.mark.parametrize(
    ("head", "label"),
    [
        (b'<?xml version="1.0" encoding="ISO-8859-2"?>', "ISO-8859-2"),
        (b"<html><head><meta charset=utf-8>", "utf-8"),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">', "windows-1251"),
        (b"<p>charset=utf-8", None),
    ],
)
def test_the_encoding_that_a_file_names(head: bytes, label: str | None) -> None:
    """In its XML declaration or a meta element."""
    assert declared_encoding(head) == label


def test_endings() -> None:
    """In any case, from the name alone; all that are read are listed for a person."""
    assert [ending_of(name) for name in ("a/b.HTML", "a.b/c", ".txt", "x.tar.gz", "x.")] == [".html", "", "", ".gz", ""]
    assert kinds_taken().split(", ") == sorted(ending for ending in ENDINGS if ending)
