"""Sentences are exact spans, never cross a block, and know what introduces them."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from rag.records import Span
from rag.sentences import Cut, split


def pieces(text: str, kind: str | None = None) -> list[str]:
    """Give the texts of the cuts, all or of one kind."""
    return [text[cut.start : cut.end] for cut in split(text) if kind in {None, cut.kind}]


def check_spans(text: str, cuts: list[Cut]) -> None:
    """Hold the laws of every cut: in order, apart, tight, nothing lost."""
    covered: set[int] = set()
    here = 0
    for place, cut in enumerate(cuts):
        assert here <= cut.start < cut.end <= len(text)
        assert text[cut.start : cut.end] == text[cut.start : cut.end].strip()
        assert -1 <= cut.lead_in < place
        if cut.marker_start >= 0:
            assert here <= cut.marker_start <= cut.start
            covered.update(range(cut.marker_start, cut.start))
        covered.update(range(cut.start, cut.end))
        here = cut.end
    assert all(character.isspace() or place in covered for place, character in enumerate(text))


PROSE = st.text(
    alphabet=st.sampled_from(list("ab AB.!?…:;,()[]“”’'\"-–•*#1 2\n\n\t\r\u00a0\u200b。😀é@/")), max_size=300
)


@given(st.one_of(st.text(max_size=200), PROSE), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30)), max_size=3))
@example("1.\n•\n\n#\n# \n- -", [])
@example("\x1c\x85a.\u2028b\x00", [(1, 1)])
def test_every_text_is_covered_in_order(text: str, places: list[tuple[int, int]]) -> None:
    """Any text, with any chrome: spans in order, apart, tight, and nothing but white space and markers left out."""
    chrome = [Span(start, start + length) for start, length in places]
    cuts = split(text, chrome)
    check_spans(text, cuts)
    assert split(text, chrome) == cuts
    never_quoted = {place for span in chrome for place in range(span.start, span.end)}
    for cut in cuts:
        inside = never_quoted.intersection(range(cut.start, cut.end))
        assert len(inside) in {0, cut.end - cut.start}
        assert not inside or cut.kind == "chrome"
