"""What all tests share: the index of the seed pages, built once with the real model, and how tests are spread over processes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from rag import build_index, open_index

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from rag.answering.engine import Index

ROOT = Path(__file__).resolve().parents[1]

# How long an example takes depends on what else the machine does, so no clock fails a test; linear.py counts processor time.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of the seed pages."""
    return ROOT / "seeds"


@pytest.fixture(scope="session")
def seed_home(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index of the seed pages; only to be read. The first process of a run that needs it builds it."""
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


def _slowness(item: pytest.Item) -> int:
    """Modules, then the quality gate, then the page in a browser.

    The browser's driver keeps an event loop in the main thread, in which no test of another kind should run afterwards.
    """
    return {"eval": 1, "browser": 2}.get(item.path.parent.name, 0)


def _spread(items: list[pytest.Item]) -> None:
    """Put the long measurements of the quality gate among the modules, so that no process has them all at the end."""
    groups: dict[str, list[pytest.Item]] = {}
    for item in items:
        groups.setdefault(item.nodeid.rpartition("@")[2], []).append(item)
    ordered = sorted(groups.values(), key=lambda group: _slowness(group[0]))
    long = [group for group in ordered if _slowness(group[0]) == 1]
    ordered = [group for group in ordered if _slowness(group[0]) != 1]
    for place, group in enumerate(long):
        ordered.insert(place * 8, group)
    items[:] = [item for group in ordered for item in group]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None]:
    """Keep the tests of a file in one process, and run what fails fastest first.

    A test that names a group of its own (`pytest.mark.xdist_group`) may run beside the others of its file.
    """
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.relative_to(ROOT).as_posix()))
    yield
    if config.getoption("dist", "no") == "loadgroup" and hasattr(config, "workerinput"):
        _spread(items)
    else:
        items.sort(key=_slowness)
