"""How an answer was found, for a person: the considered chunks, their scores, and why the others rank lower."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.answering.selection.contributions import families, ranks
from ui.views.citations import Ref
from ui.views.html import Markup, join, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.records import Answer, Considered, Feature

__all__ = ["found_fold"]

# Chunks listed in the fold: beyond eight, all are far behind, and nobody reads on.
MAX_SHOWN_CHUNKS = 8

# Characters shown of the best sentence of a chunk, about three lines on the page.
MAX_SENTENCE_CHARS = 220

# Contributions listed for a chunk, the largest first.
MAX_FEATURES = 4


def found_fold(answer: Answer) -> Markup | None:
    """The fold under an answer, or None if it has no trace."""
    sections = [_trace(part, part.question) for part in answer.parts if part.trace is not None]
    if not sections and answer.trace is not None:
        sections = [_trace(answer, None)]
    if not sections:
        return None
    return tag(
        "details",
        tag("summary", "How it was found"),
        tag("div", *sections, class_="found-body"),
        class_="found",
        data_fold="found",
    )


def _trace(answer: Answer, heading: str | None) -> Markup:
    trace = answer.trace
    if trace is None:
        return Markup()
    chunks = trace.considered[:MAX_SHOWN_CHUNKS]
    # one scale for all bars, so that chunks can be compared
    top = max((abs(value) for chunk in chunks for value in families(chunk.features).values()), default=0.0)
    rows = [_chunk(chunk, order, top) for order, chunk in enumerate(chunks, 1)]
    left = len(trace.considered) - len(rows)
    return join(
        [
            tag("h3", heading) if heading else None,
            tag("p", _asked(answer, trace.query), _certainty(answer.confidence, trace.threshold_confidence)),
            tag("ol", *rows, class_="chunks"),
            tag("p", f"{left} more {'was' if left == 1 else 'were'} considered and ranked lower.", class_="faint")
            if left > 0
            else None,
            tag("p", f"Found in {trace.seconds:.2f} seconds.", class_="faint"),
        ]
    )


def _asked(answer: Answer, query: str) -> Markup:
    if query.strip() == answer.question.strip():
        return join(["The posts were searched for your question by meaning and by words. "])
    return join(["With what was asked before, the posts were searched for “", tag("em", query), "”. "])


def _certainty(confidence: float, least: float) -> Markup:
    """The calibrated confidence as a frequency, which is easier to understand than a probability."""
    tenths = round(confidence * 10)
    bar = round(least * 10)
    return join(
        [
            f"Of answers like this one, about {tenths} in 10 are right; ",
            f"an answer is shown from about {bar} in 10." if bar else "every answer is shown.",
        ]
    )


def _chunk(chunk: Considered, order: int, top: float) -> Markup:
    sentence = chunk.best_sentence.strip()
    if len(sentence) > MAX_SENTENCE_CHARS:
        sentence = sentence[: MAX_SENTENCE_CHARS - 1].rstrip() + "…"
    ref = Ref(chunk.post_id, chunk.start, chunk.end, chunk.start, chunk.end)
    return tag(
        "li",
        tag(
            "div",
            tag("a", chunk.post_title or "Untitled post", href=ref.href, class_="cite-link"),
            tag("span", ranks(chunk), class_="ranks"),
            class_="chunk-head",
        ),
        tag("p", sentence, class_="chunk-sentence") if sentence else None,
        _features(chunk.features, top),
        tag("p", chunk.outcome, class_="outcome"),
        value=order,
    )


def _features(features: Sequence[Feature], top: float) -> Markup | None:
    """What counted for and against a chunk, the largest first, as bars; ``top`` is the value of the longest bar."""
    sums = families(features)
    largest = sorted(sums.items(), key=lambda item: -abs(item[1]))[:MAX_FEATURES]
    # a fiftieth of the longest bar cannot be seen
    rows = [_bar(name, value, top) for name, value in largest if top > 0.0 and abs(value) >= top / 50]
    return tag("ul", *rows, class_="features") if rows else None


def _bar(name: str, value: float, top: float) -> Markup:
    width = max(round(100 * abs(value) / top), 2)
    speaks = "for" if value > 0 else "against"
    return tag(
        "li",
        tag("span", name, class_="feature-name"),
        tag("span", tag("span", "", class_=f"bar bar-{speaks}", style=f"width:{width}%"), class_="track"),
        tag("span", speaks, class_="speaks"),
    )
