"""The recipe covers every module and data file of every room: an index made by other code is not updated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.indexing import recipe as module

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_every_file_of_the_package_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code, tables and weights of every room; compiled files do not."""
    monkeypatch.setattr(module, "files", lambda _: tmp_path)
    names = ["records.py", "text/words.py", "answering/table.json", "embedding/weights/reader.onnx", "store/a/b.py"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"one")
    made = module.recipe.__wrapped__()
    (tmp_path / "text" / "__pycache__").mkdir()
    (tmp_path / "text" / "__pycache__" / "words.pyc").write_bytes(b"two")
    assert module.recipe.__wrapped__() == made
    for name in names:
        (tmp_path / name).write_bytes(b"two")
        assert module.recipe.__wrapped__() != made, name
        (tmp_path / name).write_bytes(b"one")
    assert module.recipe.__wrapped__() == made


def test_what_vectors_depend_on_is_distinguished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors are reused from an index of older code, as long as the encoder is the same."""
    monkeypatch.setattr(module, "files", lambda _: tmp_path)
    for name in ("embedding/encoder.py", "text/words.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"one")
    vectors, rest = module.recipe.__wrapped__().split("-")
    (tmp_path / "text" / "words.py").write_bytes(b"two")
    assert module.recipe.__wrapped__().split("-")[0] == vectors
    (tmp_path / "embedding" / "encoder.py").write_bytes(b"two")
    assert module.recipe.__wrapped__().split("-")[0] != vectors
    assert rest
