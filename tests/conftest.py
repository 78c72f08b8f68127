"""What all tests share: the index of the seed pages, built once a run with the real model. Nothing is blocked here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag import build_index, open_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.answering.engine import Index

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of the seed pages."""
    return ROOT / "seeds"


@pytest.fixture(scope="session")
def seed_home(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index of the seed pages; only to be read."""
    home = tmp_path_factory.mktemp("seed-index")
    build_index([seeds], into=home)
    return home


@pytest.fixture(scope="session")
def seed_index(seed_home: Path) -> Iterator[Index]:
    """The opened index of the seed pages."""
    with open_index(seed_home) as index:
        yield index


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what fails fastest first: modules, then the quality gate, then the page in a browser.

    The browser's driver also keeps an event loop in the main thread, in which no test of another kind should run.
    """
    slowness = {"eval": 1, "browser": 2}
    items.sort(key=lambda item: slowness.get(item.path.parent.name, 0))
