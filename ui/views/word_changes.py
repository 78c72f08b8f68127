"""What changed between two wordings, word by word."""

from __future__ import annotations

import difflib
import re

from ui.views.html import Markup, escape, tag

__all__ = ["word_changes"]

# Longest pair of texts compared word by word; of a longer one, only the fact that it differs is shown.
MAX_DIFFERENCE_CHARS = 4_000

_WORDS = re.compile(r"\s+|[^\s]+")


def word_changes(removed: str, added: str) -> Markup:
    """The difference between two wordings, word by word: old words struck out, new ones underlined."""
    if len(removed) + len(added) > MAX_DIFFERENCE_CHARS:
        return tag("span", "a long stretch differs", class_="faint")
    old, new = _WORDS.findall(removed), _WORDS.findall(added)
    parts: list[Markup] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[a:b]), "".join(new[c:d])
        if kind == "equal":
            parts.append(escape(gone))
            continue
        if gone:
            parts.append(tag("del", gone))
        if come:
            parts.append(tag("ins", come))
    return tag("span", *parts, class_="changes")
