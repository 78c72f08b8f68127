"""Shared by the tests of the quality gate: each of their files uses other pages, so that processes can share them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from eval import gate

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def _bench(tmp_path_factory: pytest.TempPathFactory) -> gate.Bench:
    """Indexes that are built once for a module."""
    return gate.Bench(tmp_path_factory.mktemp("gate"))


@pytest.fixture
def hold(_bench: gate.Bench) -> Callable[[str], None]:
    """Measure a question set, if it is here: every pinned figure holds, and the questions are the pinned ones."""

    def measure(name: str) -> None:
        (one,) = (one for one in gate.SETS if one.name == name)
        if not one.is_here:
            pytest.skip(f"the questions {one.questions} or their pages are not here")
        assert gate.problems(gate.read_floors().get(name), one.sha256(), _bench.measure(one)) == []

    return measure
