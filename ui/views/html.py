"""The one place where text becomes HTML: every value passes through ``escape``, no template ever holds data."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Markup", "escape", "join", "tag"]

# A parser turns a bare carriage return into a line feed and drops NUL, and a lone surrogate cannot be sent at all:
# as references or as the replacement character they keep the count of code points, which citations depend on.
_EXACT = {0x0D: "&#13;", 0x00: "\ufffd", **dict.fromkeys(range(0xD800, 0xE000), "\ufffd")}

_VOID = frozenset({"br", "hr", "input", "meta"})


class Markup(str):
    """Text that is HTML already: made by ``tag``, ``escape`` and ``join`` and by nothing else."""

    __slots__ = ()


def escape(text: str) -> Markup:
    """Text as HTML that a browser reads back code point for code point.

    >>> escape('<b title="x">')
    '&lt;b title=&quot;x&quot;&gt;'
    """
    if isinstance(text, Markup):
        return text
    return Markup(html.escape(text, quote=True).translate(_EXACT))


def join(parts: Iterable[str | None], between: str = "") -> Markup:
    """The parts as one piece of HTML, those that are plain text escaped, None left out."""
    return Markup(escape(between).join(escape(part) for part in parts if part is not None))


def tag(name: str, /, *children: str | None, **attributes: str | int | bool | None) -> Markup:
    """One element; plain children and all attribute values are escaped.

    Attribute names have ``_`` for ``-`` and may end in ``_`` where Python reserves the word. None and False leave an
    attribute out, True gives it without a value.

    >>> tag("p", "a < b", class_="note", hidden=True)
    '<p class="note" hidden>a &lt; b</p>'
    """
    words = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        plain = key.rstrip("_").replace("_", "-")
        words.append(plain if value is True else f'{plain}="{escape(str(value))}"')
    opening = f"<{' '.join(words)}>"
    return Markup(opening) if name in _VOID else Markup(f"{opening}{join(children)}</{name}>")
