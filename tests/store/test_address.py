"""Where an index is: folders and servers by their addresses, and no password in any."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.cli import main
from rag.errors import InputError
from rag.store.address import Address, local_folder, read_address, token


@pytest.mark.parametrize("text", ["embeddings", "/a/b", "a:b", "milvus", "C:/x", "./milvus:/x"])
def test_anything_else_is_a_folder(text: str) -> None:
    """Only what begins with one of our schemes is an address."""
    assert read_address(text) == Path(text)


@pytest.mark.parametrize(
    ("text", "uri", "name"),
    [
        ("milvus://localhost:19530/posts", "http://localhost:19530", "posts"),
        ("milvus://10.0.0.7/my_posts", "http://10.0.0.7:19530", "my_posts"),
        ("milvus+https://db.example:443/posts/", "https://db.example:443", "posts"),
        ("milvus://[::1]:7/p", "http://[::1]:7", "p"),
        ("milvus:///var/data/lite.db/posts", "/var/data/lite.db", "posts"),
    ],
)
def test_addresses_are_read(text: str, uri: str, name: str) -> None:
    """What the client connects to, the name there, and the text as shown."""
    assert read_address(text) == Address(uri, name, text)
    assert str(read_address(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "milvus://",
        "milvus://host",
        "milvus://host:99999/posts",
        "milvus://host:19530/two words",
        "milvus://host:19530/a/b",
        "milvus://host:19530/9posts",
        "milvus:///var/data/lite/posts",
        "milvus:///lite.db",
        "milvus://host/posts?x=1",
        "folder\0",
    ],
)
def test_what_is_not_an_address_is_said(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With the form that is expected; on the command line without a traceback."""
    with pytest.raises(InputError, match="expected milvus://HOST:PORT/NAME"):
        read_address(text)
    with pytest.raises(SystemExit):
        main(["status", "--index", text])
    assert "this is not the address of an index" in capsys.readouterr().err


def test_a_password_is_refused_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes only from the environment."""
    with pytest.raises(InputError, match="must not contain a password") as caught:
        read_address("milvus://root:secret@host:19530/posts")
    assert "secret" not in str(caught.value)
    assert "PULLQUOTE_MILVUS_TOKEN" in str(caught.value)
    monkeypatch.setenv("PULLQUOTE_MILVUS_TOKEN", "root:secret")
    assert token() == "root:secret"


def test_an_index_on_a_server_has_a_folder_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One for each index, which a variable moves; a folder is its own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    addresses = [read_address(f"milvus://{place}") for place in ("a/x", "a/y", "b/x")]
    folders = {local_folder(address) for address in addresses}
    assert len(folders) == len(addresses)
    assert local_folder(Path("x")) == Path("x")
