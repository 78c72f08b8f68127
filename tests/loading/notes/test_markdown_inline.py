"""Markdown inside a paragraph: what is read and where it is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.loading.notes.markdown_inline import inline_runs


def _read(content: str) -> str:
    return "".join(run.shown for run in inline_runs(content, {}))


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("a **b** _c_ `d *e*` ~~gone~~f", "a b c d *e* f"),
        ("[link](http://x.org/a_b 'title') and <http://y.org>", "link and http://y.org"),
        ("before ![picture](x.png) after [![badge](b.svg)](x)", "before  after "),
        ("[bread]({% post_url 2019-02-01-bread %}) ![]({{ site.url }}/x.png)![p]({{ site.url }}/x.png)", "bread "),
        ("[[Town library|library]] [[Honey]] ![[hive.png]]", "library Honey "),
        ("salt[^1] {{< figure src='x' >}}{% raw %}last{: .lead } %%hidden%%", "salt last "),
        ("==marked== a == b", "marked a == b"),
        ("nine frames. ^roof-note", "nine frames."),
        (r"5 \* 3 &lt; 16 &amp; 2 * 3", "5 * 3 < 16 & 2 * 3"),
        ("one\ntwo  \nthree<br>four", "one two\nthree\nfour"),
        ("<b>bold</b> <free for all> <!-- no --> <del>old</del>new", "bold <free for all>  new"),
        ("snake_case_name **open", "snake_case_name **open"),
        ("`` a`b `` and ` x `", "a`b and x"),
        (
            "moves [@marsh1999, p. 12; see also @wren2001]. So [see @x] [@ann](a) at a@b.org [-@foo]",
            "moves. So @ann at a@b.org",
        ),
        ("It moves.^[Not in 1987.] x^2 ^[a", "It moves. [Not in 1987.] x^2 ^[a"),
        ("text ([View Highlight](https://read.example.org/read/01h))", "text "),
    ],
)
def test_marks_are_not_text(content: str, shown: str) -> None:
    """Those of CommonMark and of the dialects; what only looks like one is text."""
    assert _read(content) == shown


@settings(deadline=None)
@given(st.text(st.sampled_from("ab *_`~[]()!<>&;\\=^{}%|\n#"), max_size=60))
def test_every_run_is_where_it_says(content: str) -> None:
    """Runs are in order and do not overlap, and a run of the same length has exactly these characters."""
    last = 0
    for run in inline_runs(content, {}):
        assert last <= run.start < run.end <= len(content)
        last = run.end
        if len(run.shown) == run.end - run.start and run.shown.strip():
            there = content[run.start : run.end]
            assert run.shown == there.replace("\n", " ") or there.startswith(("&", "\\", "<br"))
