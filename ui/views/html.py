"""The one place where text becomes HTML. MarkupSafe's `Markup` marks what is HTML already; all else is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import markupsafe
from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Markup", "escape", "join", "tag"]

# A parser turns a bare carriage return into a line feed and drops NUL, and a lone surrogate cannot be sent at all:
# as references or as the replacement character they keep the count of code points, which citations depend on.
_EXACT = {0x0D: "&#13;", 0x00: "\ufffd", **dict.fromkeys(range(0xD800, 0xE000), "\ufffd")}

_VOID = frozenset({"br", "hr", "img", "input", "meta"})


def escape(text: str) -> Markup:
    """Text as HTML that a browser reads back code point for code point; markup stays as it is.

    >>> escape('<b title="x">')
    Markup('&lt;b title=&#34;x&#34;&gt;')
    """
    if isinstance(text, Markup):
        return text
    return Markup(str(markupsafe.escape(text)).translate(_EXACT))  # noqa: S704 - escaped one call before


def join(parts: Iterable[str | None], between: str = "") -> Markup:
    """The parts as one piece of HTML; plain text is escaped and None left out."""
    return escape(between).join(escape(part) for part in parts if part is not None)


def tag(name: str, /, *children: str | None, **attributes: str | int | bool | None) -> Markup:
    """One element; plain children and all attribute values are escaped.

    Attribute names have ``_`` for ``-`` and may end in ``_`` where Python reserves the word. None and False leave an
    attribute out, True gives it without a value.

    >>> str(tag("p", "a < b", class_="note", hidden=True))
    '<p class="note" hidden>a &lt; b</p>'
    """
    words = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        plain = key.rstrip("_").replace("_", "-")
        words.append(plain if value is True else f'{plain}="{escape(str(value))}"')
    opening = f"<{' '.join(words)}>"
    body = "" if name in _VOID else f"{join(children)}</{name}>"
    return Markup(opening + body)  # noqa: S704 - made of escaped parts
