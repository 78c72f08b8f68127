"""Text in a Markdown file: only what a renderer would read as markup is escaped."""

from __future__ import annotations

import re

from rag.text.invisible import show_invisible

__all__ = ["escape_markdown", "escape_markdown_line"]

# Follows CommonMark and GitHub's extensions. "^" and "$" are the ends of a line.
_MARKUP = re.compile(
    r"\\(?=[!-/:-@\[-`{-~]|$)"  # an escape, or a hard break
    r"|[`\[]"  # code and links
    r"|(?<!\s)\*|\*(?!\s)|^\*"  # emphasis and lists, not "a * b"
    r"|(?<![^\W_])_|_(?![^\W_])"  # emphasis, not "a_b"
    r"|<(?=[A-Za-z/!?])"  # HTML and addresses
    r"|&(?=#?\w{1,40};)"  # character references
    r"|(?<=\S)~"  # the end of struck-out text
    r"|(?<=\S)\$(?!\d)|\$(?=\$)"  # the end of a formula, not "$5"
    r"|(?<!\w):(?=(?:(?=[\w+-]*[A-Za-z])[\w+-]++|[+-]1|100|1234):)"  # the names of emoji
    r"|^>"  # block quotations
    r"|^[-+](?=\s|$)"  # lists
    r"|^[-:|](?=(?:[-:|]|[^\S\n])*+$)"  # rules, underlines and tables
    r"|^=(?==*+[^\S\n]*+$)"  # underlines
    r"|^#(?=#{0,5}(?:\s|$))|(?<=\s)#(?=#*+[^\S\n]*+$)"  # headings, and their closing marks
    r"|^(?P<number>\d{1,9})(?=[.)](?:\s|$))",  # numbered lists
    re.MULTILINE,
)


def escape_markdown(text: str) -> str:
    r"""Text of one or more lines that a Markdown renderer shows as it is; spaces at the start of lines are dropped.

    >>> print(escape_markdown("*a* + snake_case <b>\n1. x"))
    \*a\* + snake_case \<b>
    1\. x
    """
    flush = re.sub(r"^[ \t]+", "", show_invisible(text), flags=re.MULTILINE)
    return _MARKUP.sub(_escaped, flush)


def escape_markdown_line(text: str) -> str:
    """Text on one line, with white space collapsed, that a Markdown renderer shows as it is."""
    return escape_markdown(" ".join(text.split()))


def _escaped(found: re.Match[str]) -> str:
    return f"{found[0]}\\" if found["number"] else f"\\{found[0]}"
