"""Ranked sentences to quotes: of the best, the smallest span that can be understood alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.answering.locations import locate
from rag.answering.ranker import Seen, covered_spans, signs
from rag.answering.reading import reader_signs
from rag.records import Quote, Span
from rag.text.annotations import facts
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.answering.ranker import Weights
    from rag.answering.ranking import Ranked, Ranking
    from rag.records import Sentence, Variant
    from rag.store.protocols import Snapshot
    from rag.text.annotations import Facts

    Matrix = npt.NDArray[np.float32]

__all__ = ["confidence_signs", "quotes", "spanning"]

# the owner of the page reads this much at a glance; the first quote is to have at most 45 words on average
_MAX_WORDS = 56
# a quotation is shown with who says it, though the two together are a little longer
_MAX_LEAD_WORDS = 16
# a list with its lead-in may be longer, or it says nothing
_MAX_LIST_WORDS = 90
# log odds that a neighbour may lose against the best sentence and still be shown with it; 3.5 shows 3 words more and
# is right 0.005 oftener at first, but finds the evidence within 50 words 0.02 more seldom (788 training questions)
_NEIGHBOUR_GAP = 2.5
# and one that goes on with "They ..." or "This ..."
_PRONOUN_GAP = 7.0
# log odds below the best at which a further quote is no longer worth reading
_QUOTE_GAP = 6.0
# share of words that two quotes may have in common and still say different things
_MAX_OVERLAP = 0.6
# sentences that are looked at to see whether one post stands out
_BEST = 8
# of a vector; only a span without a token has one of none
_NO_LENGTH = 1e-9


def quotes(store: Snapshot, weights: Weights, ranking: Ranking, limit: int = 3) -> list[Quote]:
    """Return the best different quotes, best first, at most ``limit``."""
    chosen: list[tuple[Ranked, int, int]] = []
    spans: dict[str, list[tuple[int, int]]] = {}
    said: list[frozenset[int]] = []
    span_of = spanning(ranking)
    for one in ranking.ranked:
        if len(chosen) == limit or (chosen and one.score < chosen[0][0].score - _QUOTE_GAP):
            break
        taken = spans.setdefault(one.post_id, [])
        rows = ranking.sentences[one.post_id]
        if any(rows[one.place].start < end and start < rows[one.place].end for start, end in taken):
            continue
        start, end = span_of(one)
        text = ranking.bodies[one.post_id].text[start:end]
        here = facts(text)
        if (
            here.is_question
            or (chosen and here.ends_with_colon)
            or any(start < there and begin < end for begin, there in taken)
        ):
            continue
        if any(_overlap(here.unique, other) > _MAX_OVERLAP for other in said):
            continue
        taken.append((start, end))
        said.append(here.unique)
        chosen.append((one, start, end))
    posts = store.posts(list({one.post_id for one, _, _ in chosen}))
    shown = []
    for one, start, end in chosen:
        post, chunk = posts[one.post_id], ranking.chunks[one.chunk_id]
        text = post.text[start:end]
        shown.append(
            Quote(
                text,
                post.post_id,
                post.title,
                one.score,
                start,
                end,
                locate(post, start, end),
                post.date,
                Span(chunk.start, chunk.end),
                tuple(Span(begin, there) for begin, there in covered_spans(ranking.query, text)),
                weights.features(ranking.measures[one.row]),
                tuple(variant for variant in post.variants if _differs_here(variant, text)),
            )
        )
    return shown


def _differs_here(variant: Variant, text: str) -> bool:
    """Whether a version of the post has other words than these."""
    here = f" {fold_white(text)} "
    return any(f" {words} " in here for words in variant.removed.split(" … ") if words)


def spanning(ranking: Ranking) -> Callable[[Ranked], tuple[int, int]]:
    """Return what gives the span of the post to be shown for a sentence."""
    scored = {(one.post_id, one.place): one.score for one in ranking.ranked}

    def span(one: Ranked) -> tuple[int, int]:
        rows = ranking.sentences[one.post_id]
        first, last = _Growing(ranking, one, scored).grow()
        start = rows[first].start
        if first != last and rows[first].marker_start >= 0:
            start = rows[first].marker_start
        return start, rows[last].end

    return span


def _overlap(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / max(min(len(one), len(other)), 1)


class _Growing:
    """The smallest span around a sentence that can be understood alone, grown sentence by sentence.

    ``scored`` are the scores of the ranked sentences, by post id and place.
    """

    def __init__(self, ranking: Ranking, one: Ranked, scored: dict[tuple[str, int], float]) -> None:
        self._rows = ranking.sentences[one.post_id]
        self._text = ranking.bodies[one.post_id].text
        self._listing = ranking.query.asked_for in ("list", "how", "why", "definition", "what")
        self._one = one
        self._scored = scored
        self.first = self.last = one.place

    def grow(self) -> tuple[int, int]:
        """First and last sentence of the span."""
        self._begin_where_it_is_understood()
        self._finish_what_points_on()
        self._take_good_neighbours()
        self._keep_with_lead_in()
        return self.first, self.last

    def _begin_where_it_is_understood(self) -> None:
        rows, first = self._rows, self.first
        opening = self._text[rows[first].start : rows[first].start + 1]
        lead = rows[first].lead_in
        if 0 <= lead < first and rows[lead].kind != "heading" and self._may(lead, self.last, _MAX_WORDS):
            self.first = lead
        elif (
            (opening.islower() or self._read(first).opens_with_pronoun)
            and _joined(rows, first - 1, first, opening)
            and self._may(first - 1, self.last, _MAX_WORDS)
        ):
            self.first = first - 1

    def _finish_what_points_on(self) -> None:
        rows = self._rows
        while _unfinished(self._read(self.last), self._text, rows[self.last]) and self.last + 1 < len(rows):
            if rows[self.last + 1].kind == "item" and self._listing:
                stop = self.last + 1
                while self._may(self.first, stop + 1, _MAX_LIST_WORDS) and rows[stop + 1].kind == "item":
                    stop += 1
                self.last = stop
            elif self._may(self.first, self.last + 1, _MAX_LIST_WORDS):
                self.last += 1
            else:
                break

    def _take_good_neighbours(self) -> None:
        while around := [
            (self._scored[self._one.post_id, place], place)
            for place, low, high in (
                (self.first - 1, self.first - 1, self.last),
                (self.last + 1, self.first, self.last + 1),
            )
            if self._is_good(place)
            and _same_run(self._rows, place, self._one.place)
            and self._may(low, high, _MAX_WORDS)
        ]:
            place = max(around)[1]
            self.first, self.last = min(self.first, place), max(self.last, place)

    def _keep_with_lead_in(self) -> None:
        lead = self._rows[self.first].lead_in
        most = _MAX_WORDS + _MAX_LEAD_WORDS
        if 0 <= lead < self.first and self._rows[lead].kind == "sentence" and self._may(lead, self.last, most):
            self.first = lead

    def _is_good(self, place: int) -> bool:
        """Whether a neighbour scores near the best sentence; one that goes on with "They" may lose more."""
        score = self._scored.get((self._one.post_id, place))
        if score is None:
            return False
        goes_on = place > self._one.place and self._read(place).opens_with_pronoun
        return score > self._one.score - (_PRONOUN_GAP if goes_on else _NEIGHBOUR_GAP)

    def _may(self, low: int, high: int, most: int) -> bool:
        """Whether a span holds only text of the post and at most so many words."""
        rows = self._rows
        return (
            low >= 0
            and high < len(rows)
            and all(rows[i].kind in ("sentence", "item") for i in range(low, high + 1))
            and len(self._text[rows[low].start : rows[high].end].split()) <= most
        )

    def _read(self, place: int) -> Facts:
        return facts(self._text[self._rows[place].start : self._rows[place].end])


def _unfinished(here: Facts, text: str, sentence: Sentence) -> bool:
    """Whether a sentence points on: a question, a colon, a line that breaks off."""
    end = text[sentence.end - 1]
    return here.is_question or here.ends_with_colon or (sentence.kind == "sentence" and (end.isalnum() or end in ",–—"))


def _joined(rows: Sequence[Sentence], before: int, after: int, opening: str) -> bool:
    """Whether two neighbours stand in one paragraph, or a sentence runs on over a border."""
    return before >= 0 and (rows[before].paragraph == rows[after].paragraph or opening.islower())


def _same_run(rows: Sequence[Sentence], place: int, other: int) -> bool:
    """Whether two sentences belong to one paragraph or one list."""
    one, two = rows[place], rows[other]
    if one.kind == "item" and two.kind == "item":
        return one.lead_in == two.lead_in
    return one.paragraph == two.paragraph


def confidence_signs(store: Snapshot, ranking: Ranking, first: Quote) -> Matrix:
    """Measure what the confidence looks at: float32 (n_signs,), the reader's signs last where it was asked.

    The quote's similarity is that of the mean of its sentences' vectors.
    """
    import numpy as np

    best = ranking.ranked[:_BEST]
    chosen = next(one for one in ranking.ranked if _inside(first, ranking.sentences[one.post_id][one.place]))
    chunk = ranking.chunks[chosen.chunk_id]
    body = ranking.bodies[first.post_id]
    titled = f"{body.title}\n"
    places = [place for place, row in enumerate(ranking.sentences[first.post_id]) if _inside(first, row)]
    middle = ranking.sentence_vectors[first.post_id][places].astype(np.float32).mean(axis=0)
    seen = Seen(
        facts(titled + first.text),
        facts(titled + body.text[chunk.start : chunk.end]),
        lambda: facts(titled + body.text),
        float(middle @ ranking.vector / max(float(np.linalg.norm(middle)), _NO_LENGTH)),
        sum(one.post_id == first.post_id for one in best) / len(best),
    )
    scores = ranking.scores[[one.row for one in ranking.ranked]]
    found = signs(ranking.query, ranking.measures[chosen.row], scores, seen, store.lexical.rarity)
    if ranking.log_odds is None:
        return found
    inside = [one.row for one in ranking.ranked if _inside(first, ranking.sentences[one.post_id][one.place])]
    return np.concatenate([found, reader_signs(ranking, inside)])


def _inside(quote: Quote, sentence: Sentence) -> bool:
    """Whether a sentence is part of a quote."""
    return sentence.post_id == quote.post_id and quote.start <= sentence.start and sentence.end <= quote.end
