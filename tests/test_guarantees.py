"""Each row of the README's table of guarantees names the tests that check it, and they exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_NAMED = re.compile(r"`((?:[\w-]+/)*[\w-]+\.py)(?:::(\w+))?`")


def _rows() -> list[list[str]]:
    """The cells of the rows of the table whose second column is headed "checked by"."""
    rows: list[list[str]] = []
    inside = False
    for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) > 1 and cells[1] == "checked by":
            inside = True
        elif inside and not line.startswith("|"):
            break
        elif inside and set(cells[0]) - set("-: "):
            rows.append(cells)
    return rows


def _tests_of(path: Path) -> set[str]:
    """Names of the test functions of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_guarantee_names_tests_that_exist() -> None:
    """A guarantee without a test, or with one that was renamed, does not count."""
    rows = _rows()
    assert len(rows) >= 8
    for row in rows:
        named = _NAMED.findall(row[1])
        assert named, f"“{row[0]}” names no test"
        for file, test in named:
            path = ROOT / "tests" / file
            assert path.is_file(), f"“{row[0]}”: there is no tests/{file}"
            tests = {name for name in _tests_of(path) if name.startswith("test_")}
            assert tests, f"“{row[0]}”: tests/{file} contains no test"
            assert not test or test in tests, f"“{row[0]}”: tests/{file} has no {test}"
