"""XML as found in feeds: common errors are repaired, and constructs that only attacks need are refused."""

from __future__ import annotations

import re

from rag.errors import PageError

__all__ = ["judge_entity", "repaired"]

# Characters that XML forbids but feeds contain: bare ampersands and control characters. Each is replaced by one
# character.
_FORBIDDEN = re.compile(r"&(?!#\d+;|#[xX][0-9a-fA-F]+;|[A-Za-z]\w*;)|[\x00-\x08\x0b\x0c\x0e-\x1f]")
# the declaration at the top, which some feeds have in the second line, and which is not needed
_DECLARATION = re.compile(r"\A\s*<\?xml\s[\t\r\n -=?-~]*?\?>")
_FORBIDDEN_WIDE = re.compile("[\ufffe\uffff]")


def repaired(text: str) -> bytes:
    """The text as UTF-8 that a parser accepts; each character keeps its place."""
    allowed = _FORBIDDEN_WIDE.sub("\ufffd", _FORBIDDEN.sub("_", text))  # with as many bytes
    allowed = _DECLARATION.sub(lambda found: re.sub(r"\S", " ", found[0]), allowed)
    return allowed.encode("utf-8", "replace")


def judge_entity(
    _name: str, is_parameter: int, value: str | None, _base: str | None, _file: str | None, *_: str | None
) -> None:
    """Accept entities for single characters, as in old feeds; refuse those for texts and files, which serve attacks."""
    if (is_parameter and value is None) or (value is not None and len(value) == 1):
        return  # another file is never opened
    raise PageError("it declares its own entities, which no feed needs", remedy="Export the feed again")
