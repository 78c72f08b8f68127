"""Shared by all tests: the index of the seed pages, built once with the real model, and how tests are distributed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from rag import build_index, open_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.answering.engine import Index

ROOT = Path(__file__).resolve().parents[1]

# How long an example takes depends on the load of the machine, so no clock fails a test; linear.py counts processor
# time.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of the seed pages."""
    return ROOT / "seeds"


@pytest.fixture(scope="session")
def seed_home(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index of the seed pages; read only. The first process of a run that needs it builds it."""
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "seed-index"
    with FileLock(home.with_suffix(".lock")):
        if not (home / "current").exists():
            build_index([seeds], into=home)
    return home


@pytest.fixture(scope="session")
def seed_index(seed_home: Path) -> Iterator[Index]:
    """The opened index of the seed pages."""
    with open_index(seed_home) as index:
        yield index


# A process takes its next file two tests before the end of the current one; this many files later, another process
# takes the next long one.
_FILES_BETWEEN = 8


def _slowness(item: pytest.Item) -> int:
    """Modules, then the quality gate, then the page in a browser.

    The browser's driver keeps an event loop in the main thread, in which no test of another kind should run afterwards.
    """
    return {"eval": 1, "browser": 2}.get(item.path.parent.name, 0)


def _spread(items: list[pytest.Item]) -> None:
    """Spread the long measurements of the quality gate among the modules, so that no process has them all."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    long = [tests for tests in files.values() if _slowness(tests[0]) == 1]
    ordered = sorted((tests for tests in files.values() if tests not in long), key=lambda tests: _slowness(tests[0]))
    for place, tests in enumerate(long):
        ordered.insert(place * _FILES_BETWEEN, tests)
    items[:] = [item for tests in ordered for item in tests]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run what fails fastest first; if several processes share the files, start the long ones early."""
    items.sort(key=_slowness)
    if hasattr(config, "workerinput"):
        _spread(items)
