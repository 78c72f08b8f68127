"""Records as bytes: equal when read again, and nothing but data."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from rag.indexing.cutting import PostCut
from rag.packing import Packing
from rag.records import Change, Chunk, Copy, LeftOut, Merge, Page, Piece, Post, PostCopy, Sentence, Span, Variant

ROOT = Path(__file__).resolve().parents[1]
# modules that turn bytes into objects, and so do whatever the bytes say
RUNNING = {"pickle", "_pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "jsonpickle"}
PIECES = (Piece(0, 4, 10, 14), Piece(4, 5, 14, 19, "&amp;"))
COPY = PostCopy("a.html", "0" * 64, "é, 漢, \ud800\x00\r\n", PIECES, None, "Ann", "2014-05-03", (Span(1, 2),))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (str, "half a character: \ud83e"),
        (list[list[str]], [["well", "dug"], []]),
        (LeftOut, LeftOut("Share", "menu")),
        (PostCopy, COPY),
        (Page, Page("a.csv", "text", "0" * 64, "utf-8", posts=(COPY,))),
        (Page, Page("a.html", "text", "0" * 64, "utf-8", posts=())),
        (Page, Page("a.txt", "text", "0" * 64, "utf-8")),
        (
            Post,
            Post(
                "p", "The well", "text", (Copy("a.html", "0" * 64, PIECES),), variants=(Variant("q", "1911", "1912"),)
            ),
        ),
        (list[Merge], [Merge("p", "a", "near", 0.1 + 0.2, changes=(Change("a", "b", "c", "d"),))]),
        (PostCut, PostCut([Chunk(0, "p", 0, 4, 1)], [Sentence("p", 0, 0, 4, 0, "item")], ["text"], (3, 4))),
        (PostCut, PostCut([], [], [])),
    ],
)
def test_what_is_read_equals_what_was_written(kind: type[Any], value: object) -> None:
    """Field by field and type by type, down to half a character and the last digit."""
    packing = Packing(kind)
    again = packing.unpack(packing.pack(value))
    assert again == value
    assert repr(again) == repr(value)
    assert packing.pack(again) == packing.pack(value)


def test_a_type_that_is_more_than_data_cannot_be_packed() -> None:
    """It is reported before anything is written."""
    for kind in (Path, dict[str, str], object, set[int]):
        with pytest.raises(TypeError, match="cannot be packed"):
            Packing(kind)


def test_no_module_makes_objects_of_bytes() -> None:
    """None imports pickle or anything like it; such features of numpy and YAML stay off."""
    for path in [*ROOT.glob("rag/**/*.py"), *ROOT.glob("ui/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not RUNNING & {name.split(".")[0] for name in names}, path
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                given = {one.arg: ast.unparse(one.value) for one in node.keywords}
                assert called not in {"eval", "exec", "torch.load"}, path
                assert given.get("allow_pickle", "False") == "False", path
                assert called != "yaml.load" or given.get("Loader") == "yaml.BaseLoader", path
