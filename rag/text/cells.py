"""Table cells for spreadsheets: none can run as a formula, and each can be read back unchanged."""

from __future__ import annotations

import re

__all__ = ["guard_cell", "unguard_cell"]

# What a spreadsheet reads as the start of a formula, including full-width forms.
_SIGNS = r"=+@\uff1d\uff0b\uff0d\uff20"
# At the start of a cell, after any apostrophes; a tab or return there would be left out.
_STARTS = rf"\A(?='*[{_SIGNS}\-\t\r\n])"
# Where semicolons separate cells, as in most of Europe, a comma is text, and so are quotation marks inside of what is
# then a cell: every semicolon, tab and line of ours begins another one there. The smiley ";-)" is no formula.
_INNER = rf"(?<=[;\t\r\n])(?=[\"']*(?:[{_SIGNS}]|-(?!\))))"
_UNGUARDED = re.compile(f"{_STARTS}|{_INNER}")
_GUARDED = re.compile(f"{_STARTS}'|{_INNER}'")


def guard_cell(text: str) -> str:
    """A cell that a spreadsheet shows as text: an apostrophe is put before whatever would begin a formula.

    >>> guard_cell("=1+1"), guard_cell("a=1"), guard_cell("a;=1+1")
    ("'=1+1", 'a=1', "a;'=1+1")
    """
    return _UNGUARDED.sub("'", text)


def unguard_cell(text: str) -> str:
    """The text that `guard_cell` was given.

    >>> unguard_cell("'=1+1"), unguard_cell("'tis so"), unguard_cell("a;'=1+1")
    ('=1+1', "'tis so", 'a;=1+1')
    """
    return _GUARDED.sub("", text)
