"""The quality gate on 810 posts of five blogs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.eval
@pytest.mark.parametrize("name", ["blogs"])
def test_no_figure_is_below_its_floor(name: str, hold: Callable[[str], None]) -> None:
    """Every pinned figure."""
    hold(name)
