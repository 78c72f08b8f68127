"""Table cells for spreadsheets: none can run as a formula, and each can be read back unchanged."""

from __future__ import annotations

import re

__all__ = ["guard_cell", "unguard_cell"]

# What a spreadsheet reads as the start of a formula, including full-width forms, after any apostrophes.
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def guard_cell(text: str) -> str:
    """A cell that a spreadsheet shows as text: one that would begin a formula gets an apostrophe in front.

    >>> guard_cell("=1+1"), guard_cell("a=1")
    ("'=1+1", 'a=1')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unguard_cell(text: str) -> str:
    """The text that `guard_cell` was given.

    >>> unguard_cell("'=1+1"), unguard_cell("'tis so")
    ('=1+1', "'tis so")
    """
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
