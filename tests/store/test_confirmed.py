"""Paths and models that an index names are used only once somebody on this machine has named them."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from rag import build_index, open_index
from rag.answering.files.reopened_pages import PagesOfIndex
from rag.cli import main
from rag.errors import IndexUnconfirmed
from rag.store import confirmed as module
from rag.store.confirmed import check_model, check_paths, check_sources, confirm, confirmed

if TYPE_CHECKING:
    from pathlib import Path

WELL = "The well at the crossroads\n\nThe well at the crossroads was dug in 1911 by three brothers with their goats.\n"


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder with one page."""
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "well.txt").write_text(WELL)
    return folder


def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Act as another user on another machine."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "another"))


def test_an_index_from_elsewhere_is_not_built_from_the_paths_it_names(
    pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They could be any private folder of this machine; whoever names them here may use them."""
    home = tmp_path / "index"
    build_index([pages], into=home)
    assert build_index(None, into=home).outcome == "unchanged"
    _elsewhere(monkeypatch, tmp_path)
    with pytest.raises(IndexUnconfirmed, match="pullquote index PATH"):
        build_index(None, into=home)
    with pytest.raises(IndexUnconfirmed), open_index(home) as index:
        index.page_text("well.txt")
    with pytest.raises(IndexUnconfirmed), open_index(home) as index:
        PagesOfIndex(index.pages(), home).page("well.txt")
    build_index([pages], into=home)
    assert build_index(None, into=home).outcome == "unchanged"
    with open_index(home) as index:
        assert index.page_text("well.txt") == WELL


def test_the_person_at_the_machine_can_confirm(
    pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With one command, which shows what is confirmed."""
    home = tmp_path / "index"
    build_index([pages], into=home)
    _elsewhere(monkeypatch, tmp_path)
    assert main(["index", "--index", str(home), "--quiet"]) == 2
    assert "pullquote index PATH" in capsys.readouterr().err
    assert main(["status", "--confirm", "--index", str(home), "--quiet"]) == 0
    assert f"confirmed: pages {pages}" in capsys.readouterr().err
    assert build_index(None, into=home).outcome == "unchanged"


def test_a_seal_is_for_its_paths_and_this_user_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written by somebody else, or altered, it confirms nothing."""
    assert confirm(tmp_path, ["/pages"], ["/model"])
    check_sources(tmp_path, ["/pages"])
    check_model(tmp_path, "/model", ())
    assert confirm(tmp_path, ["/more"])
    assert confirmed(tmp_path).paths == {"/pages", "/more"}
    rows = json.loads((tmp_path / module.FILE).read_text())
    (tmp_path / module.FILE).write_text(json.dumps({**rows, "paths": ["/etc"]}))
    with pytest.raises(IndexUnconfirmed):
        check_sources(tmp_path, ["/etc"])
    (tmp_path / module.FILE).write_text(json.dumps(rows))
    _elsewhere(monkeypatch, tmp_path)
    with pytest.raises(IndexUnconfirmed):
        check_sources(tmp_path, ["/pages"])
    with pytest.raises(IndexUnconfirmed):
        check_model(tmp_path, "/model", ())
    check_model(tmp_path, "/model", ["/model"])


@pytest.mark.parametrize("text", ["", "[]", "{", '{"seal": 1}', '{"paths": 1, "models": 2, "seal": "x"}', "[" * 99999])
def test_what_is_not_a_seal_confirms_nothing(text: str, tmp_path: Path) -> None:
    """And this is not an error."""
    confirm(tmp_path, ["/pages"])
    (tmp_path / module.FILE).write_text(text)
    assert confirmed(tmp_path).paths == frozenset()


def test_a_page_is_read_only_where_pages_were_named(tmp_path: Path) -> None:
    """Not beside them, and not through a link that leads out."""
    named, secret = tmp_path / "named", tmp_path / "named-not"
    named.mkdir()
    secret.mkdir()
    (named / "link").symlink_to(secret)
    confirm(tmp_path, [str(named)])
    check_paths(tmp_path, [str(named / "a.txt"), str(named / "saved.zip" / "inside" / "a.txt")])
    for path in (secret / "a.txt", named / ".." / "named-not" / "a.txt", named / "link" / "a.txt"):
        with pytest.raises(IndexUnconfirmed):
            check_paths(tmp_path, [str(path)])


@pytest.mark.parametrize("odd", ["\0", "\ud800"])
def test_a_path_that_no_file_can_have_is_in_no_folder(tmp_path: Path, odd: str) -> None:
    """An index on a server can name one, and its sources may have been confirmed with one."""
    confirm(tmp_path, [str(tmp_path / "named"), str(tmp_path / odd)])
    check_paths(tmp_path, [str(tmp_path / "named" / "a.txt")])
    with pytest.raises(IndexUnconfirmed):
        check_paths(tmp_path, [str(tmp_path / "named" / f"a{odd}.txt")])


def test_an_index_that_names_a_model_does_not_load_it(
    pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither for asking nor for a build, because a model file is code to some libraries."""
    from rag.store.manifest import snapshot_name

    home = tmp_path / "index"
    build_index([pages], into=home)
    old = home / (home / "current").read_text().strip()
    manifest = json.loads((old / "manifest.json").read_text())
    manifest["model"]["name"] = str(tmp_path / "model")
    text = json.dumps(manifest)
    (old / "manifest.json").write_text(text)
    old.rename(home / snapshot_name(text))
    (home / "current").write_text(snapshot_name(text))
    loaded: list[str] = []
    monkeypatch.setattr("rag.embedding.encoder.load_encoder", loaded.append)
    monkeypatch.setattr("rag.answering.engine.open_encoder", loaded.append)
    with pytest.raises(IndexUnconfirmed):
        open_index(home)
    with pytest.raises(IndexUnconfirmed):
        build_index(None, into=home)
    assert loaded == []


def test_without_a_home_folder_nothing_is_confirmed_and_nothing_fails(
    pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index is built and asked all the same."""
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr("platformdirs.user_data_dir", lambda _: "~/.local/share/pullquote")
    home = tmp_path / "index"
    build_index([pages], into=home)
    assert not (home / module.FILE).exists()
    with open_index(home) as index:
        assert index.ask("Who dug the well?").quotes
    shutil.rmtree(home)
