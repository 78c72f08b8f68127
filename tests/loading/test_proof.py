"""Whether a stretch of a file says a quote: only marks may be removed."""

from __future__ import annotations

import pytest

from rag.loading.proof import says


@pytest.mark.parametrize(
    ("raw", "quote"),
    [
        ("**Salt** goes in [last](salt.html)", "Salt goes in last"),
        ("More** text and `x*y`", "More text and x*y"),
        ('link text](http://x.org "t") more', "link text more"),
        ("- one\n- two", "• one\n• two"),
        ("a | b |\n|---|---|\n| 1 | 2", "a\tb\n1\t2"),
        ("x [[t|n]] y[^1]. Next", "x n y. Next"),
        ("> a\n> b", "a b"),
        ("a <wp:y><![CDATA[not shown]]></wp:y> c", "a c"),
        ("a<x:y>b</x:y><title>Not shown</title> c", "ab c"),
        ("a &amp; b \\* c <b>d</b>", "a & b * c d"),
    ],
)
def test_what_is_left_without_marks_is_said(raw: str, quote: str) -> None:
    """Even if a stretch begins or ends inside emphasis or a link."""
    assert says(raw, quote, "markdown")


def test_no_word_beside_tags_that_are_shown_as_code_may_be_missing() -> None:
    """The tags are text there, and hide nothing."""
    assert not says("Use `<script>` to load code and end it with `</script>`.", "Use .", "markdown")


@pytest.mark.parametrize(
    ("raw", "quote"),
    [("a not b", "a b"), ("a b", "a c b"), ("10 000", "10000"), ("**a** b", "b a"), ("a (not) b", "a b"), ("a", "")],
)
def test_no_word_may_be_missing_added_or_moved(raw: str, quote: str) -> None:
    """A quote with different words is not accepted."""
    assert not says(raw, quote, "markdown")
    assert not says(raw, quote, "text")
