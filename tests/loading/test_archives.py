"""Files inside files: whole ones are read, harmful ones are named, and nothing is written to disk."""

from __future__ import annotations

import base64
import contextlib
import quopri
import stat
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import PageError
from rag.loading import archives, zip_files
from rag.loading.archives import members, on_disk, page_bytes
from rag.loading.mail import main_part

if TYPE_CHECKING:
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
