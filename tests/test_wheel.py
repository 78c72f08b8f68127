"""A wheel built from the tree contains every module and data file, and answers away from the tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOT_SHIPPED = {".md", ".pyc"}  # and the picture of the README


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy so that nothing is left in the tree."""
    copy, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for name in ("rag", "ui"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = ["pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", out, copy]
    built = subprocess.run([sys.executable, "-m", *map(str, command)], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    (found,) = out.glob("*.whl")
    return found


def test_every_file_of_both_packages_is_in_the_wheel(wheel: Path) -> None:
    """Every module of every room, the tables of weights, the page's pictures, scripts and styles."""
    with zipfile.ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if name.startswith(("rag/", "ui/"))}
    there = {
        path.relative_to(ROOT).as_posix()
        for package in ("rag", "ui")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix not in NOT_SHIPPED
    }
    assert shipped == there - {"ui/screenshot.png"}


def test_the_wheel_answers_away_from_the_tree(wheel: Path, seed_home: Path, tmp_path: Path) -> None:
    """Nothing that it needs is only in the tree."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "site"), "PULLQUOTE_INDEX": str(seed_home)}
    where = subprocess.run(
        [sys.executable, "-c", "import rag; print(rag.__file__)"],
        env=environment, cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(where.stdout.strip()).is_relative_to(tmp_path)
    question = "When was Google incorporated?"
    asked = subprocess.run(
        [sys.executable, "-m", "rag", "ask", question], env=environment, cwd=tmp_path, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert asked.returncode == 0, asked.stderr
    assert "Google was incorporated as a company" in " ".join(asked.stdout.split())
