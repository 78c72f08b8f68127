"""Text in a Markdown file is shown as it is, without unnecessary escapes."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rag.text.invisible import show_invisible
from rag.text.markdown import escape_markdown, escape_markdown_line


@given(
    st.text(
        st.sampled_from("ab1 \n-+=*_`#>|~.)(:&;<[]!\\$\t") | st.characters(exclude_categories=["C", "Z"]), max_size=40
    )
)
def test_any_text_is_shown_by_a_markdown_renderer_as_it_is(text: str) -> None:
    """It creates no list, heading, link, entity or code; only white space may be collapsed."""
    rendered = (
        MarkdownIt("commonmark")
        .enable("table")
        .enable("strikethrough")
        .render("> " + escape_markdown(text).replace("\n", "  \n> ") + "\n")
    )
    blocks = "\n".join(re.findall(r"<p>(.*?)</p>", rendered, re.DOTALL))
    assert set(re.findall(r"<(/?\w+)", rendered)) <= {"blockquote", "/blockquote", "p", "/p", "br"}
    assert unescape(re.sub(r"<br />", "", blocks)).split() == show_invisible(text).split()


@given(
    st.text(st.sampled_from("ab1 -+=*_`#>|~.)(:&;<[]!\\$") | st.characters(exclude_categories=["C", "Z"]), max_size=30)
)
def test_any_line_is_a_heading_and_bold_as_it_is(text: str) -> None:
    """After a heading's sign, and between asterisks that make it bold."""
    line = escape_markdown_line(text)
    rendered = MarkdownIt("commonmark").enable("strikethrough").render(f"## x {line}\n\ny **{line or 'a'}**, z\n")
    heading = re.findall(r"<h2>(.*?)</h2>", rendered, re.DOTALL)
    assert unescape(heading[0]).split() == ["x", *show_invisible(text).split()]
    bold = re.findall(r"y <strong>(.*?)</strong>, z", rendered, re.DOTALL)
    assert unescape(bold[0]).split() == (show_invisible(text).split() or ["a"])


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5, or $6 with a (small) cup.",
        "AT&T: 3 < 5 > 2, 5 * 3 + 2 - 1 = 16",
        "snake_case at 10:30:45, ~5 km, C# and F#.",
        "a-b, -5 degrees, +1 more, e.g. (this) one! {x} ^ @you",
        "1.5 is not a list, nor is 1984.",
        "C:\\temp\\new",
        "a | b",
    ],
)
def test_what_means_nothing_is_not_escaped(text: str) -> None:
    """Ordinary sentences come out as they went in."""
    assert escape_markdown(text) == text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("*a* **b** _c_", r"\*a\* \*\*b\*\* \_c\_"),
        ("# no\n- no\n+ no\n1. no\n> no\n---\n===", "\\# no\n\\- no\n\\+ no\n1\\. no\n\\> no\n\\---\n\\==="),
        ("[a](b) ![c](d) <b> <!-- x --> `y`", r"\[a](b) !\[c](d) \<b> \<!-- x --> \`y\`"),
        ("&lt; &#60; :smile: $x$ ~~z~~", r"\&lt; \&#60; \:smile: $x\$ ~\~z\~\~"),
        ("a | b\n--|--", "a | b\n\\--|--"),
        ("pay\u202elap \u200b", "pay\u27e8U+202E\u27e9lap \u27e8U+200B\u27e9"),
    ],
)
def test_what_means_something_is_escaped(text: str, escaped: str) -> None:
    """Every kind of markup, and invisible characters."""
    assert escape_markdown(text) == escaped
