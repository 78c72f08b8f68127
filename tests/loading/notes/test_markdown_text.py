"""Markdown to text: blocks, lists, tables, code and HTML, each character with its place."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.loading.notes.markdown_marks import without_marks
from rag.loading.notes.markdown_text import join_blocks, read_blocks

if TYPE_CHECKING:
    from rag.records import Piece

NOTE = """Title
=====

> [!tip] Read *this*
> again and
>
> - one `a
>   b` c
> - two

1. first
2. second
   more
- [x] task

~~~
# no heading
   y
~~~

| a | b \\| c |
|---|---|
| 1 | **2** |

<div>html &amp; <b>tags</b></div>

[ref]: http://x.org

## Two words ##
"""
SHOWN = (
    "Title\n\nRead this\nagain and\n\n• one a b c\n• two\n\n1. first\n2. second more\n\n• task\n\n# no heading\n   y\n\n"
    "a\tb | c\n1\t2\n\nhtml & tags\n\nTwo words"
)


def _pieces(source: str) -> tuple[str, tuple[Piece, ...]]:
    text, pieces = join_blocks(source, read_blocks(source))
    for piece in pieces:
        there = source[piece.file_start : piece.file_end]
        assert there == (text[piece.start : piece.end] if piece.text is None else piece.text)
    for one, following in itertools.pairwise(pieces):
        assert (one.end, one.file_end) == (following.start, following.file_start)
    return text, pieces


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_note_of_every_block(line_end: str) -> None:
    """Blocks are separated by blank lines, items and rows by line ends; code stays as it is."""
    text, _ = _pieces(NOTE.replace("\n", line_end))
    assert text == SHOWN


def test_headings_have_levels_and_code_has_none() -> None:
    """A comment in code is not a heading."""
    blocks = read_blocks(NOTE)
    assert [(block.level, block.text) for block in blocks if block.level] == [(1, "Title"), (2, "Two words")]
    assert [block.text for block in blocks if block.is_code] == ["# no heading y"]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (
            "Hard wrapped text goes on here\nbecause it was too long for\none line of it.",
            "Hard wrapped text goes on here ",
        ),
        ("Milk\nBread\nButter from the farm by the river\n", "Milk\nBread\n"),
        ("a\n\n%%\nhidden\n%%\n\nb", "a\n\nb"),
        (":::note\n\ntext\n\n:::", "text"),
        (":::tip[My *tip*]\n\ntext\n\n:::", "My tip\n\ntext"),
        ("::: warning Take care\ntext\n:::", "Take care\n\ntext"),
        ("::: {.columns}\ntext\n:::", "text"),
        (
            "Bar\n: A bank of sand.\n\nNeap\n\n:   Small,\n    half.\n: Also neaps.",
            "Bar\nA bank of sand.\n\nNeap\nSmall, half.\nAlso neaps.",
        ),
        ("~~~\na\n: b\n~~~", "a\n: b"),
        ("See [a](b) {{ page.x }}\n\n- *c* {.d}\n", "See a\n\n• c"),
        ("a\n\n\\[caption id='x'\\]![y](y.jpg) A hinge\\[/caption\\]\n\nb", "a\n\nb"),
        ("* TOC\n{:toc}\n\ntext", "text"),
        ("- one\n  id:: 62-aa\n  collapsed:: true\n- two", "• one\n• two"),
        ("- one\n  :LOGBOOK:\n  CLOCK: [2019-03-04]\n  :END:\n- two", "• one\n• two"),
        ("- one ((5f1a2b3c-1234-4abc-9def-0123456789ab))\n- two", "• one\n• two"),
        ("a\n\n[caption id='x' width='3']![y](y.jpg) A hinge[/caption]\n\nb", "a\n\nb"),
    ],
)
def test_lines(source: str, shown: str) -> None:
    """Wrapped lines are one paragraph, lines broken on purpose stay lines; lines of directives are not text."""
    assert _pieces(source)[0].startswith(shown)


@pytest.mark.parametrize(
    "code",
    [
        "{% highlight ruby %}\n# not a heading\n{% endhighlight %}",
        "{{< highlight ruby >}}\n# not a heading\n{{< /highlight >}}",
    ],
)
def test_code_between_tags_has_no_headings(code: str) -> None:
    """As in fences; a tag that is never closed begins no code."""
    blocks = read_blocks(f"a\n\n{code}\n\n# b\n\n{{% highlight ruby %}}\n\n# c\n")
    assert [(block.text, block.level, block.is_code) for block in blocks] == [
        ("a", 0, False),
        ("# not a heading", 0, True),
        ("b", 1, False),
        ("c", 1, False),
    ]


def test_code_that_never_ends_is_read_once() -> None:
    """Each tag searched for the end of its own code, through those of all the others."""
    begin = time.process_time()
    without_marks("{% highlight x %}\n" * 5_000, mdx=False)
    assert time.process_time() - begin < 0.5


def test_a_tag_with_a_function_is_a_tag() -> None:
    """The arrow does not end it."""
    source = "<button onClick={() => alert('x')}>Press</button>\n"
    assert join_blocks(source, read_blocks(source, mdx=True))[0] == "Press"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("!!! note\n    The *bees* came.\n", "The bees came."),
        ('!!! tip "In May"\n    The bees came.\n', '"In May"\nThe bees came.'),
        ("??? note inline end\n\n    The bees came.\n", "The bees came."),
        ("!!! What a swarm!\n", "!!! What a swarm!"),
    ],
)
def test_the_mark_of_a_note_is_not_text(source: str, text: str) -> None:
    """As MkDocs writes it; its title is text."""
    assert join_blocks(source, read_blocks(source))[0] == text


def test_nul_stays_as_the_file_has_it() -> None:
    """Replaced by another character, as a parser may, it would leave a paragraph that no quote can be cut from."""
    source = "The \0mill stood dry. It was sold.\r\nThen \0came the fire.\n"
    text, pieces = join_blocks(source, read_blocks(source))
    assert text == "The \0mill stood dry. It was sold. Then \0came the fire."
    assert [piece.text for piece in pieces if piece.text is not None] == ["\r\n"]


def test_components_of_mdx_are_not_text() -> None:
    """Nor are its imports."""
    for value in ("[1, 2]", "[{label: 'a'}, {label: 'b'}]"):
        source = f"import Chart from './c'\n\n<Chart data={{{value}}} />\n\nThe *bees* came.\n"
        text, _ = join_blocks(source, read_blocks(source, mdx=True))
        assert text == "The bees came."


@settings(deadline=None)
@given(st.text(st.sampled_from("ab *_`~[]()!<>&|-+1.>#=:\n\r\t\\ é"), max_size=120))
def test_any_text_is_mapped_without_gaps(source: str) -> None:
    """Whatever Markdown makes of it."""
    _pieces(source)


@pytest.mark.parametrize(
    "hidden",
    [
        '%% board:settings\n```\n{"plugin": "basic"}\n```\n%%\n',
        "%%\nnot yet\n%%\n",
        "```dataview\nTABLE file.ctime FROM #locks\n```\n",
        "{% comment %}\nnot yet\n{% endcomment %}\n",
        "{%- comment -%} not yet {%- endcomment -%}\n",
        "#locks #river/upper #winter plans# #2019/may\n",
        "Tags: #locks, #river\nStatus: #draft\n",
        "```compressed-json\nN4KAkARALgngDgUwgLgAQQQD\n```\n",
        '```json\n{"type":"excalidraw","version":2,"elements":[]}\n```\n',
        "==⚠  Switch to EXCALIDRAW VIEW in the MORE OPTIONS menu. ⚠==\n\n## Text Elements\n",
    ],
)
def test_comments_and_queries_of_programs_are_not_text(hidden: str) -> None:
    """What is between them and after them is."""
    source = f"The gates close.\n\n{hidden}\nNobody minds.\n\n{hidden}\n```js\nopen();\n```\n"
    assert join_blocks(source, read_blocks(source))[0] == "The gates close.\n\nNobody minds.\n\nopen();"


def test_a_tag_in_a_sentence_or_an_item_is_text() -> None:
    """So is a number."""
    source = "Write to #locks about it.\n\n- #idea\n\n#1 #2\n"
    assert join_blocks(source, read_blocks(source))[0] == "Write to #locks about it.\n\n• #idea\n\n#1 #2"


def test_a_sign_for_comments_without_a_second_one_hides_nothing() -> None:
    """Nor do per cent signs in a sentence."""
    source = "%% The gates close.\n\nNobody minds.\n\nIt is 100%% sure.\n"
    assert "Nobody minds." in join_blocks(source, read_blocks(source))[0]
