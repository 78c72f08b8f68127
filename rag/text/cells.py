"""Cells of a table that a spreadsheet opens: none is run as a formula, and each is read back as it was."""

from __future__ import annotations

import re

__all__ = ["guard_cell", "unguard_cell"]

# What a spreadsheet takes for the start of a formula, full-width forms too, after any apostrophes.
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def guard_cell(text: str) -> str:
    """A cell that a spreadsheet shows as text: an apostrophe goes before what would begin a formula.

    >>> guard_cell("=1+1"), guard_cell("a=1")
    ("'=1+1", 'a=1')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unguard_cell(text: str) -> str:
    """What `guard_cell` was given.

    >>> unguard_cell("'=1+1"), unguard_cell("'tis so")
    ('=1+1', "'tis so")
    """
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
