"""Files inside files: whole ones are read, harmful ones are named, and nothing is written to disk."""

from __future__ import annotations

import base64
import contextlib
import gzip
import io
import quopri
import stat
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from typing import TYPE_CHECKING

import brotli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import PageError
from rag.loading.containers import archives, warc
from rag.loading.containers.archives import Budget, members, on_disk, page_bytes
from rag.loading.containers.mail import main_part
from rag.loading.documents.office import office_part
from rag.loading.files import zip_files
from rag.loading.pages import read_pages

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAGE = "<!doctype html><p>Caf\xe9 = 1 €</p>"


def _zip(path: Path, *files: tuple[str | zipfile.ZipInfo, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return path


def _reasons(path: Path) -> dict[str, str]:
    return {member.name: member.reason for member in members(path)}


def test_members_in_the_order_of_their_names(tmp_path: Path) -> None:
    """Folders and hidden files are skipped; names from other systems are converted."""
    path = _zip(
        tmp_path / "a.zip",
        ("b/z.txt", "1"),
        ("b/", ""),
        ("a.txt", "2"),
        ("./c.txt", "3"),
        ("d\\e.txt", "4"),
        (".x/y", "5"),
        ("__MACOSX/z", "6"),
    )
    found = list(members(path))
    assert [(member.name, member.data) for member in found] == [
        ("a.txt", b"2"),
        ("b/z.txt", b"1"),
        ("c.txt", b"3"),
        ("d/e.txt", b"4"),
    ]
    for member in found:
        assert page_bytes(path / member.name) == member.data
        assert on_disk(path / member.name) == path


def test_names_that_lead_out_links_and_locked_files_are_named(tmp_path: Path) -> None:
    """And the others are read."""
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = _zip(
        tmp_path / "a.zip",
        ("../up.txt", "x"),
        ("/etc/passwd", "x"),
        ("C:/x.txt", "x"),
        ("a/../../b.txt", "x"),
        (link, "/etc/passwd"),
        ("good.txt", "fine"),
    )
    reasons = _reasons(path)
    assert [name for name, reason in reasons.items() if "points outside" in reason] == [
        "../up.txt",
        "/etc/passwd",
        "C:/x.txt",
        "a/../../b.txt",
    ]
    assert "link" in reasons["link.txt"]
    assert reasons["good.txt"] == ""
    for name in ("../up.txt", "link.txt", "nowhere.txt"):
        with pytest.raises(PageError):
            page_bytes(path / name)
    data = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.rindex(signature) + flags] |= 1
    path.write_bytes(data)
    assert "password" in _reasons(path)["good.txt"]


def test_two_files_of_one_name_are_one(tmp_path: Path) -> None:
    """The last one, as unpacking would leave it; the others are named."""
    with pytest.warns(UserWarning, match="Duplicate"):
        path = _zip(tmp_path / "a.zip", ("a.txt", "first"), ("a.txt", "second"))
    found = list(members(path))
    assert [(member.name, member.data) for member in found] == [("a.txt", b""), ("a.txt", b"second")]
    assert "another file with this name" in found[0].reason
    assert page_bytes(path / "a.txt") == b"second"


def test_bombs_are_named_before_they_are_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One file that grows a thousandfold, and many that together grow too much."""
    path = _zip(tmp_path / "a.zip", ("bomb.txt", b"a" * 3_000_000), ("good.txt", "fine"))
    assert "far more than its size" in _reasons(path)["bomb.txt"]
    assert _reasons(path)["good.txt"] == ""
    for module in (archives, zip_files):
        monkeypatch.setattr(module, "MAX_PAGE_BYTES", 1_000)
        monkeypatch.setattr(module, "MAX_TIMES_UNPACKED", 3)
    path = _zip(tmp_path / "b.zip", *((f"{number}.txt", b"ab" * 400) for number in range(9)))
    reasons = _reasons(path)
    assert "the rest was not read" in list(reasons.values())[-1]
    assert len(reasons) < 9


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize(
    "read",
    [
        lambda path: list(members(path)),
        lambda path: page_bytes(path / "word/document.xml"),
        lambda path: office_part(path.read_bytes()),
    ],
    ids=["members", "page", "document"],
)
def test_a_bomb_that_lies_about_its_size_is_not_unpacked(
    tmp_path: Path, method: int, read: Callable[[Path], object]
) -> None:
    """A few bytes that claim to become a thousand would fill the memory."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        archive.writestr("word/document.xml", bytes(12 * 2**20))
    data = bytearray(made.getvalue())
    struct.pack_into("<I", data, data.rindex(b"PK\x01\x02") + 24, 1_000)
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    tracemalloc.start()
    try:
        with contextlib.suppress(PageError):
            read(path)
        assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    finally:
        tracemalloc.stop()


def test_a_directory_is_bounded_wherever_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python reads the last 22 bytes as the end of an archive, whatever else looks like one."""
    path = _zip(tmp_path / "a.zip", *((f"{number}.txt", "x") for number in range(50)))
    data = bytearray(path.read_bytes())
    data[-6:-2] = b"PK\x05\x06"
    path.write_bytes(data)
    monkeypatch.setattr(zip_files, "_MAX_DIRECTORY_BYTES", 1_000)
    with pytest.raises(PageError, match="too many files"):
        list(members(path))


def _tar(path: Path, name: str, long_name: str = "") -> Path:
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT if long_name else tarfile.GNU_FORMAT) as archive:
        info = tarfile.TarInfo(name)
        info.size = len(b"fine")
        info.pax_headers = {"path": long_name} if long_name else {}
        archive.addfile(info, io.BytesIO(b"fine"))
    return path


@pytest.mark.parametrize(
    ("written", "read"), [(b"caf\xe9.txt", "caf\xe9.txt"), ("\u0142\xf3d\u017a.txt".encode(), "\u0142\xf3d\u017a.txt")]
)
def test_names_in_another_encoding_are_read(tmp_path: Path, written: bytes, read: str) -> None:
    """Old archives have Latin-1; a half of a surrogate pair in a name would end the build."""
    path = _tar(tmp_path / "a.tar", written.decode("utf-8", "surrogateescape"))
    assert [page.file for page in read_pages([path])] == [f"a.tar/{read}"]
    assert page_bytes(path / read) == b"fine"


def test_names_that_no_file_has_are_named(tmp_path: Path) -> None:
    """A name of thousands of folders would be looked for part by part; one with a NUL ends there, as in a zip file."""
    path = _tar(tmp_path / "a.tar", "x.txt", "a/" * 40_000 + "b.txt")
    (found,) = read_pages([path])
    assert len(found.file) < 5_000
    with pytest.raises(PageError):
        page_bytes(path / ("a/" * 40_000 + "b.txt"))
    assert [page.file for page in read_pages([_tar(tmp_path / "b.tar", "x.txt", "y.txt\0.exe")])] == ["b.tar/y.txt"]


def test_a_size_below_zero_allows_nothing_more() -> None:
    """As the header of a tar file can claim."""
    budget = Budget(10)
    assert not budget.take(-1_000)
    assert budget.left == 10


def test_a_packed_file_that_claims_to_be_a_tar_file_is_not_unpacked(tmp_path: Path) -> None:
    """Python would look for the packing by itself, and unpack without a bound."""
    inside = _tar(tmp_path / "inside.tar", "x.txt").read_bytes()
    extra = b"ustar".rjust(250, b"\0")
    head = b"\x1f\x8b\x08\x04" + bytes(6) + struct.pack("<H", len(extra)) + extra
    path = tmp_path / "a.tar"
    path.write_bytes(head + zlib.compress(inside, wbits=-15) + struct.pack("<II", zlib.crc32(inside), len(inside)))
    assert path.read_bytes()[257:262] == b"ustar"
    with pytest.raises(PageError, match="damaged"):
        list(members(path, "tar"))


def _crawl(page: bytes, packing: str, status: str = "200 OK", kind: str = "text/html") -> bytes:
    http = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Encoding: {packing}\r\n\r\n".encode() + page
    head = "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://example.org/a\r\nContent-Type: application/http"
    return f"{head}; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n".encode() + http + b"\r\n\r\n"


def test_a_page_is_in_the_encoding_that_only_its_server_named(tmp_path: Path) -> None:
    """If the page itself names one, or the server a wrong one, the bytes stay as they are."""
    plain, declared = "<p>\u010d\u0159 at six.", "<meta charset='windows-1250'><p>\u010d\u0159 at six."
    for page, charset, kept in ((plain, "windows-1250", False), (declared, "latin-1", True), (plain, "utf-8", True)):
        raw = page.encode("windows-1250")
        crawl = _crawl(raw, "identity", kind=f"text/html; charset={charset}")
        (tmp_path / "a.warc").write_bytes(crawl)
        (found,) = members(tmp_path / "a.warc", "warc")
        assert found.data == (raw if kept else page.encode("utf-8"))


def test_pages_that_a_server_did_not_have_are_named(tmp_path: Path) -> None:
    """An error page is no post; an address that led elsewhere is nothing to name."""
    path = tmp_path / "a.warc"
    pages = ((b"No page.", "404 Not Found"), (PAGE.encode(), "200 OK"), (b"", "301 Moved Permanently"))
    path.write_bytes(b"".join(_crawl(page, "identity", status) for page, status in pages))
    error, page = members(path, "warc")
    assert (error.name, error.data, "error 404" in error.reason) == ("example.org/a.html", b"", True)
    assert (page.data, page.reason) == (PAGE.encode(), "")


@pytest.mark.parametrize(
    ("packing", "pack"),
    [
        ("gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data, wbits=-15)),
        ("br", brotli.compress),
        ("gzip", bytes),
        ("br", bytes),
        ("identity", bytes),
    ],
)
def test_pages_of_a_crawl_are_unpacked_no_further_than_a_page_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packing: str, pack: Callable[[bytes], bytes]
) -> None:
    """Whatever way the server packed them, or only said that it did."""
    path = tmp_path / "a.warc"
    path.write_bytes(_crawl(pack(PAGE.encode()), packing))
    assert [member.data for member in members(path, "warc")] == [PAGE.encode()]
    for module in (archives, warc):
        monkeypatch.setattr(module, "MAX_PAGE_BYTES", 1_000)
    path.write_bytes(_crawl(pack(bytes(4 * 2**20)), packing))
    tracemalloc.start()
    try:
        (found,) = members(path, "warc")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "larger than" in found.reason
    assert pack is bytes or peak < 2**20


def test_too_many_members_are_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The directory itself can be a bomb."""
    path = _zip(tmp_path / "a.zip", *((f"{number}.txt", "x") for number in range(50)))
    monkeypatch.setattr(zip_files, "_MAX_DIRECTORY_BYTES", 1_000)
    with pytest.raises(PageError, match="too many files"):
        list(members(path))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, 2**16), st.integers(0, 255), st.booleans())
def test_a_damaged_archive_is_named_and_never_crashes(tmp_path: Path, at: int, byte: int, cut: bool) -> None:
    """Any byte changed, or the end cut off anywhere: files come out whole, or the damage is reported."""
    path = _zip(tmp_path / "a.zip", ("a.txt", "alpha " * 20), ("b.txt", "beta " * 20))
    data = bytearray(path.read_bytes())
    at %= len(data)
    data[at] = byte
    path.write_bytes(data[:at] if cut else data)
    with contextlib.suppress(PageError):
        for member in members(path):
            assert member.reason or member.data in (b"alpha " * 20, b"beta " * 20)


@pytest.mark.parametrize("coding", ["quoted-printable", "base64", "8bit", "7bit"])
@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_the_page_of_a_web_archive(coding: str, line_end: bytes) -> None:
    """In every way that browsers write it, including parts inside parts."""
    data = PAGE.encode()
    if coding == "7bit":
        data = PAGE.encode("ascii", "xmlcharrefreplace")
    written = {"quoted-printable": quopri.encodestring, "base64": base64.encodebytes}.get(coding, bytes)(data)
    lines = [
        b"From: <Saved by Blink>", b"MIME-Version: 1.0", b"Content-Type: multipart/related;", b'\tboundary="--x y"', b"", b"before",
        b"----x y", b"Content-Type: multipart/alternative; boundary=inner", b"", b"--inner", b"Content-Type: text/plain", b"", b"words",
        b"--inner", b'Content-Type: text/html; charset="utf-8"', b"Content-Transfer-Encoding: " + coding.encode(), b"", written,
        b"--inner--", b"----x y", b"Content-Type: text/html", b"", b"<p>a frame", b"----x y--", b"",
    ]  # fmt: skip
    page, charset = main_part(line_end.join(lines))
    assert page.rstrip() == data
    assert charset == "utf-8"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n",
        b"MIME-Version: 1.0\nContent-Type: multipart/related\n\n--x\nContent-Type: text/html\n\n<p>",
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2000)),
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 200_000,
        b"X: y\n" * 100_000 + b"Content-Type: text/html\n\n<p>",
    ],
    ids=["empty", "no parts", "no boundary", "nested", "many parts", "many headers"],
)
def test_a_web_archive_without_a_page_says_so(data: bytes) -> None:
    """Whatever is wrong with it."""
    with pytest.raises(PageError, match="no web page"):
        main_part(data)


@given(st.integers(0, 400))
def test_a_web_archive_cut_short_gives_what_is_there_or_says_so(cut: int) -> None:
    """A page's beginning is found at the page's beginning."""
    whole = b"Content-Type: multipart/related; boundary=x\n\n--x\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\n"
    whole += base64.encodebytes(PAGE.encode() * 4) + b"--x--\n"
    try:
        page, _ = main_part(whole[: min(cut, len(whole))])
    except PageError:
        return
    assert (PAGE.encode() * 4).startswith(page)
