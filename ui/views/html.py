"""The only place where text becomes HTML. MarkupSafe's `Markup` marks what is already HTML; all else is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import markupsafe
from markupsafe import Markup

from rag.text.invisible import replace_invisible

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Markup", "escape", "join", "tag"]

# A parser turns a bare carriage return into a line feed and drops NUL, and a lone surrogate cannot be sent at all.
# Written as references or as the replacement character, they keep the count of code points, on which citations depend.
_EXACT = {0x0D: "&#13;", 0x00: "\ufffd", **dict.fromkeys(range(0xD800, 0xE000), "\ufffd")}

# Elements whose text a browser does not parse as HTML.
_TEXT_ONLY = frozenset({"option", "textarea", "title"})

_VOID = frozenset({"br", "hr", "img", "input", "meta"})


def escape(text: str) -> Markup:
    """Text as HTML that a browser reads back code point for code point; markup is unchanged.

    Invisible and bidirectional control characters become elements of their own: isolated, and shown by the style sheet.

    >>> escape('<b title="x">')
    Markup('&lt;b title=&#34;x&#34;&gt;')
    """
    if isinstance(text, Markup):
        return text
    return Markup(replace_invisible(_plain(text), _sign))  # noqa: S704 - escaped one call before


def _plain(text: str) -> str:
    return str(markupsafe.escape(text)).translate(_EXACT)


def _sign(sign: str, number: str) -> str:
    return f'<bdi class="sign" data-sign="{number}">{sign}</bdi>'


def join(parts: Iterable[str | None], between: str = "") -> Markup:
    """The parts as one piece of HTML; plain text is escaped and None is left out."""
    return escape(between).join(escape(part) for part in parts if part is not None)


def tag(name: str, /, *children: str | None, **attributes: str | int | bool | None) -> Markup:
    """One element; plain children and all attribute values are escaped.

    Attribute names have ``_`` for ``-`` and may end in ``_`` if Python reserves the word. None and False omit an
    attribute, True writes it without a value.

    >>> str(tag("p", "a < b", class_="note", hidden=True))
    '<p class="note" hidden>a &lt; b</p>'
    """
    words = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        plain = key.rstrip("_").replace("_", "-")
        words.append(plain if value is True else f'{plain}="{_plain(str(value))}"')
    opening = f"<{' '.join(words)}>"
    inside = "".join(_plain(one) for one in children if one is not None) if name in _TEXT_ONLY else join(children)
    body = "" if name in _VOID else f"{inside}</{name}>"
    return Markup(opening + body)  # noqa: S704 - made of escaped parts
