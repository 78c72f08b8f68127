"""Collapses white space, so that two texts can be compared by their words."""

from __future__ import annotations

import re

__all__ = ["fold_white"]

_WHITE = re.compile(r"\s+")


def fold_white(text: str) -> str:
    """Text with every run of white space as one space, and none at the ends."""
    return _WHITE.sub(" ", text).strip()
