"""Replaces invisible characters, and those that reverse the direction of text, by their code points."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["escape_invisible", "isolate", "replace_invisible", "show_invisible"]

# Characters without a shape of their own (Unicode's Default_Ignorable_Code_Point and the format characters), and the
# control characters, which a terminal may obey, except white space.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)

# Characters that join others into one shape, as some scripts and emoji need: the two joiners and the variation
# selectors.
_JOINING = frozenset(map(chr, (0x200C, 0x200D, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))

# Caseless letters, marks and pictures: the characters that these can join.
_JOINED = frozenset({"Lo", "Mn", "Mc", "So", "Sk"})

# Bidirectional classes of right-to-left letters.
_RIGHT_TO_LEFT = frozenset({"R", "AL", "RLE", "RLO", "RLI"})


def show_invisible(text: str) -> str:
    """Text with each invisible character as its code point, except those that join the letters of a script or an emoji.

    >>> show_invisible("pay" + chr(0x202E) + "lap")
    'pay⟨U+202E⟩lap'
    """
    return replace_invisible(text, lambda _, number: f"\u27e8{number}\u27e9")


def replace_invisible(text: str, write: Callable[[str, str], str]) -> str:
    """Text with each such character replaced by ``write(character, number)``; the number looks like ``U+202E``."""
    return _INVISIBLE.sub(lambda found: found[0] if _joins(found) else write(found[0], f"U+{ord(found[0]):04X}"), text)


def escape_invisible(encoded: str) -> str:
    r"""JSON with each invisible character escaped; it reads back as the same text.

    >>> print(escape_invisible('"pay' + chr(0x202E) + 'lap"'))
    "pay\u202elap"
    """
    return _INVISIBLE.sub(_escaped, encoded)


def _escaped(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _joins(found: re.Match[str]) -> bool:
    """Whether a character joins what is before it, as its script or emoji needs."""
    sign, at = found[0], found.start()
    before = found.string[at - 1] if at else ""
    if not before or sign not in _JOINING:
        return False
    if before in _JOINING:
        return sign == "\u200d" and before == "\ufe0f"  # a picture followed by its selector joins to the next
    keycap = sign == "\ufe0f" and before in "0123456789#*"
    return keycap or unicodedata.category(before) in _JOINED


def isolate(line: str) -> str:
    """One line in which right-to-left letters do not change the order of what is written around it."""
    if any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in line):
        return f"\u2068{line}\u2069"
    return line
