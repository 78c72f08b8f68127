"""Texts stored in a file are read as they were written, without letter case."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ui.services.folded_texts import FoldedTexts, folded

TEXTS = st.text(st.characters(codec=None))


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
def test_each_text_is_read_again(texts: list[tuple[str, str]]) -> None:
    """Any characters, including empty texts, in any order of reading."""
    kept = FoldedTexts(texts)
    assert len(kept) == len(texts)
    for number in reversed(range(len(texts))):
        assert kept[number] == tuple(map(folded, texts[number]))
