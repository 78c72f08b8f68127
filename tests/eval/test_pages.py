"""The measurement of web pages counts correctly, and the figures of the measured pages stay the same."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

_PATH = Path(__file__).with_name("pages.py")
_SPEC = importlib.util.spec_from_file_location("eval_pages", _PATH)
assert _SPEC is not None
assert _SPEC.loader is not None
ruler = importlib.util.module_from_spec(_SPEC)
sys.modules[_SPEC.name] = ruler
_SPEC.loader.exec_module(ruler)


def test_words_count_as_often_as_they_stand_there() -> None:
    """F1 of two bags of words, in any order and case."""
    assert ruler.word_f1("a b b", "B a b") == 1.0
    assert ruler.word_f1("a a", "a") == pytest.approx(2 / 3)
    assert ruler.word_f1("", "a") == 0.0


def test_single_pages_are_compared_row_by_row() -> None:
    """Snippets exactly except for white space, credits if both or neither are there, a page without a post as empty."""
    rows = [
        ruler.Expected("a", "T", None, "2020-01-01", "one two", ("one  two", "“one” two"), ("menu",)),
        ruler.Expected("b", None, "Jo", None, "x", ("x",), ("x",)),
    ]
    figures = ruler.measure_single(rows, {"a": ruler.Found("one\n\ntwo menu", "T", None, "2020-01-02")})
    assert (figures.kept, figures.kept_letters, figures.dropped) == (pytest.approx(1 / 3), pytest.approx(2 / 3), 0.5)
    assert (figures.title, figures.author, figures.date) == (1.0, 0.5, 0.5)


@pytest.mark.eval
@pytest.mark.skipif(not ruler.DATA.is_dir(), reason="the pages with known answers are not beside the project")
def test_web_pages_stay_at_their_figures() -> None:
    """Archive pages are divided, single pages reduced, and both forms of a post are one post."""
    archives = ruler.measure_archives(ruler.DATA / "archives" / "gold.json", ruler.DATA / "archives" / "html")
    assert archives.placed >= 0.98
    assert archives.bare_titles >= 0.88
    assert ruler.measure_both(ruler.DATA / "archives") >= 0.95
    pages = ruler.DATA / "webpages"
    figures = ruler.measure_single(ruler.read_expected(pages / "gold.jsonl"), dict(ruler.extract(pages / "html")))
    assert figures.word_f1 >= 0.94
    assert figures.kept >= 0.865
    assert figures.dropped >= 0.95
    assert figures.title >= 0.80
    assert figures.author >= 0.80
    assert figures.date >= 0.75
