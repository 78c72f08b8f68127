"""WordPress shortcodes in the HTML of an export: ``[gallery]`` is not text; in ``[b]words[/b]``, the words are."""

from __future__ import annotations

import re

__all__ = ["without_shortcodes"]

# shortcodes whose content is not part of the post either
_WHOLE = re.compile(
    r"\[(caption|wp_caption|playlist|embed|audio|video|gallery)\b[^\[\]]*\](?:[^\[]|\[(?!/?\1\b)){0,4000}?\[/\1\]"
)
# Words in brackets are the author's unless they look like a program's name, have attributes, or are closed.
_SHORTCODE = re.compile(
    r"\[/[a-z][\w-]*\]|\[[a-z][a-z0-9]*[_-][\w-]*(?:\s[^\[\]]*)?/?\]|\[[a-z][\w-]*+\s++[\w-]++=[^\[\]]*+\]"
    r"|\[(?:gallery|caption|audio|video|playlist|embed|toc|more|divider|clear|row|column|section)/?\]"
)
_PAIRED = re.compile(r"\[/([a-z][\w-]*)\]")


def without_shortcodes(html: str) -> str:
    """The HTML with a tag of the same length in place of each shortcode, so that all offsets stay valid.

    >>> without_shortcodes("[vc_row]Words[/vc_row]")
    '<p     >Words<p      >'
    """
    if "[" not in html:
        return html
    html = _WHOLE.sub(_tag, html)
    html = _SHORTCODE.sub(_tag, html)
    for name in {*_PAIRED.findall(html)}:
        html = re.sub(rf"\[{re.escape(name)}\]", _tag, html)
    return html


def _tag(found: re.Match[str]) -> str:
    """A paragraph tag if the shortcode is alone on its line, else a comment."""
    html, (start, end) = found.string, found.span()
    alone = html[start - 1 : start] in ("", "\n", "]", ">") or html[end : end + 1] in ("", "\n", "[", "<")
    size = end - start
    return f"<p{' ' * (size - 3)}>" if alone else f"<!{'x' * (size - 3)}>"
