"""Whether the characters of a file say a quote: the check behind every location.

For most formats, this compares the quote with `plain_text` of the characters. A stretch of Markdown may begin or end
inside emphasis or a link, where the marks alone do not show what they are; there, the quote must be what is left after
removing nothing but marks.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from rag.loading.formats import plain_text
from rag.loading.html.escapes import unescape as unescape_signs
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["says"]

# The longest quote is a few sentences; at worst, the check takes time proportional to the product of both lengths.
MAX_CHECKED_CHARACTERS = 20_000

_MARKS = tuple(
    re.compile(pattern, re.DOTALL | re.MULTILINE)
    for pattern in (
        r"[*_~=`\[\]>\\|]",
        r"!?\[\^[^\]\s]+\]:?",  # the mark of a footnote
        r"!\[[^\]]*\](?:\([^()\s]*(?:\s+\"[^\"]*\")?\)|\[[^\]]*\])?",  # a picture
        r"\[!\[[^\]]*\]\([^()]*\)\]\([^()]*\)",  # a picture that is a link
        r"!\[\[[^\[\]]*\]\]",
        r"\]\((?:[^()\\]|\\.|\([^()]*\))*\)",  # the target of a link
        r"\]\[[^\]]*\]",
        r"\[\[[^\[\]|]*\|",
        r"\(\[[^\]]*\]\([^()]*\)\)",
        r"<!--.*?-->",
        r"</?[A-Za-z][^<>]*>",
        r"<(?=\w)",
        r"~~.+?~~",
        r"\{\{.*?\}\}|\{%.*?%\}|\{[:.#/][^{}]*\}|%%.*?%%",
        r"^[ \t]*(?:[-+]|\d{1,9}[.)])(?=\s)",  # a list's mark
        r"^[ \t]*#{1,6}(?=\s)|[ \t]#+[ \t]*$",
        r"^[ \t]*(?:`{3,}|~{3,}|:{3,}|={3,}|-{3,})[^\n]*$",
        r"^[ \t>]*+(?:\|[ \t]*+)?+:?-++:?[ \t]*+(?:\|[ \t]*+:?-*+:?[ \t]*+)++$",  # the rule below the header of a table
        r"\[![\w-]+\][-+]?",
        r"\^[\w-]+[ \t]*$|\^(?=\[)",
        r"\[(?:[^\[\]@]*\s)?-?@\w[^\[\]]*\](?![(\[:])",  # what a sentence cites
        r"\'\'|//|,,|\^\^|\[(?:ext|img[^\[\]]*)(?=\[)|\|[^\[\]|\n]*(?=\]\])|<<[^<>\n]*>>",  # TiddlyWiki
        r"\(\([0-9a-f]{8}-[0-9a-f-]{27}\)\)",  # a block of an outliner
        r"^=>[ \t]*\S+",  # the target of a link in gemtext
    )
)
# what a browser does not show, but in code, which ends with a backtick, it is text
_UNSHOWN = (
    re.compile(r"<!\[CDATA\[[^`]*?\]\]>"),
    re.compile(r"<(?P<raw>script|style|title)\b[^<>]*>[^`]*?</(?P=raw)\s*>", re.IGNORECASE),
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w{1,31});")
_SPACED = re.compile(r"\||</?[A-Za-z]")  # marks that may separate words


def says(raw: str, quote: str, format: str) -> bool:  # noqa: A002 - the records name the field
    """Whether ``raw``, characters of a file in a format, says the quote, ignoring mark-up, escapes and white space.

    >>> says("**Salt** goes in [last](salt.html", "Salt goes in last", "markdown")
    True
    """
    shown, wanted = plain_text(raw, format), fold_white(quote)
    if fold_white(shown) == wanted:
        return True
    return format.endswith(("markdown", "markup")) and (
        _is_left(wanted, unescape_signs(raw, format).text, (*_MARKS, *_UNSHOWN)) or _is_left(wanted, shown, _MARKS)
    )


def _is_left(quote: str, raw: str, marks: Sequence[re.Pattern[str]]) -> bool:
    """Whether the quote is what is left if marks are removed from the raw characters."""
    if max(len(raw), len(quote)) > MAX_CHECKED_CHARACTERS:
        return False
    # reached[at]: how many characters of the quote can be accounted for before raw[at]
    reached: dict[int, set[int]] = {0: {0}}
    for at in range(len(raw)):
        for said in reached.pop(at, ()):
            for step, more in _steps(raw, at, quote, said, marks):
                reached.setdefault(at + step, set()).add(said + more)
    return bool({len(quote), len(quote) - quote.endswith(" ")} & reached.get(len(raw), set()))


def _steps(raw: str, at: int, quote: str, said: int, marks: Sequence[re.Pattern[str]]) -> Iterator[tuple[int, int]]:
    """Possible steps: how many characters of the file they skip, and how many of the quote those account for."""
    sign, wanted = raw[at], quote[said : said + 1]
    if sign.isspace():
        if wanted == " ":
            yield 1, 1
        if not wanted or said == 0 or quote[said - 1] == " ":
            yield 1, 0
    elif sign == wanted or (wanted == "•" and sign in "-*+"):
        yield 1, 1
    if entity := _ENTITY.match(raw, at):
        shown = fold_white(unescape(entity[0])) or " "
        if quote.startswith(shown, said):
            yield entity.end() - at, len(shown)
    for mark in marks:
        if (found := mark.match(raw, at)) and found.end() > at:
            yield found.end() - at, 0
            if wanted == " " and _SPACED.match(raw, at):
                yield found.end() - at, 1
