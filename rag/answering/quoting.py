"""Chunks to quotes: rank their sentences and show, of the best, the smallest span that can be understood alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.answering.context import Window, look_at
from rag.answering.features import Candidates, Wanted, measure
from rag.answering.locations import locate
from rag.answering.ranker import Seen, covered_spans, signs
from rag.records import Quote, Span
from rag.text.annotations import facts
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.answering.query import Query
    from rag.answering.ranker import Weights
    from rag.records import Chunk, Hit, Sentence, Variant
    from rag.store.protocols import Opened
    from rag.store.rows import Body
    from rag.text.annotations import Facts

    Matrix = npt.NDArray[np.float32]

__all__ = ["Ranked", "Ranking", "confidence_signs", "quotes", "rank", "reranked", "rescored", "spanning"]

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
# sentences that a reranker reads; a small cross-encoder takes about 10 ms for each on one core
_RERANKED = 20


@dataclass(frozen=True, slots=True)
class Ranked:
    """One sentence of a considered chunk; ``place`` counts in the sentences of its post."""

    post_id: str
    place: int
    chunk_id: int
    score: float
    row: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """All sentences of the considered chunks, best first, with what was measured of each.

    ``measures`` is float32 (n_candidates, n_features) and ``scores`` float32 (n_candidates,), both by ``Ranked.row``;
    ``vector`` is the question's, float32 (dim,), ``sentence_vectors`` those of each post's sentences, float16
    (n_sentences, dim).
    """

    query: Query
    vector: Matrix
    ranked: tuple[Ranked, ...]
    measures: Matrix
    scores: Matrix
    bodies: dict[str, Body]
    sentences: dict[str, list[Sentence]]
    chunks: dict[int, Chunk]
    hits: tuple[Hit, ...]
    sentence_vectors: dict[str, npt.NDArray[np.float16]]

    def text_of(self, one: Ranked) -> str:
        """Return the sentence's words."""
        sentence = self.sentences[one.post_id][one.place]
        return self.bodies[one.post_id].text[sentence.start : sentence.end]


def rank(
    store: Opened,
    weights: Weights,
    query: Query,
    vector: Matrix,
    hits: Sequence[Hit],
    earlier_posts: Collection[str] = (),
) -> Ranking:
    """Rank the sentences of chunks for a query; ``vector`` float32 (dim,) is the question's.

    ``earlier_posts`` answered the question before.
    """
    import numpy as np

    chunks = store.chunks([hit.chunk_id for hit in hits])
    post_ids = list(dict.fromkeys(chunks[hit.chunk_id].post_id for hit in hits))
    bodies = store.bodies(post_ids)
    sentences = {post_id: [sentence for _, sentence in rows] for post_id, rows in store.sentences(post_ids).items()}
    sentence_vectors = store.sentence_vectors_of(post_ids)
    # only what is ranked, and what stands beside and over it, is looked at: posts may be long
    homed: dict[int, list[int]] = {hit.chunk_id: [] for hit in hits}
    headings: dict[str, dict[int, int]] = {}
    similarity: dict[str, dict[int, float]] = {}
    for post_id, rows in sentences.items():
        places = [place for place, row in enumerate(rows) if row.chunk_id in homed]
        for place in places:
            homed[rows[place].chunk_id].append(place)
        headings[post_id] = over = _headings(rows, places)
        around = {beside for place in places for beside in (place - 1, place, place + 1)} | set(over.values())
        seen = sorted(around.intersection(range(len(rows))))
        vectors = sentence_vectors[post_id][seen].astype(np.float32)
        similarity[post_id] = dict(zip(seen, (vectors @ vector).tolist(), strict=True))
    windows = []
    for hit in hits:
        chunk = chunks[hit.chunk_id]
        if homed[hit.chunk_id]:
            rows, body = sentences[chunk.post_id], bodies[chunk.post_id]
            windows.append(Window(hit, chunk, homed[hit.chunk_id], rows, body))
    wanted, candidates = Wanted(query), Candidates()
    owners: list[tuple[str, int, int]] = []
    look_at(store, wanted, windows)
    for window in windows:
        post_id, here = window.chunk.post_id, window.rows
        over, near = headings[post_id], similarity[post_id]
        places = [place for place in window.places if here[place].kind not in ("chrome", "heading")]
        candidates.texts += map(window.text, places)
        candidates.notes += map(window.note, places)
        candidates.previous_notes += [window.note(place - 1) for place in places]
        candidates.is_item += [here[place].kind == "item" for place in places]
        candidates.in_sentence += map(window.held, places)
        candidates.in_title += [wanted.in_text(facts(window.body.title))] * len(places)
        candidates.in_heading += [window.held_far(over[place], wanted) for place in places]
        candidates.in_previous += [window.held(place - 1) for place in places]
        candidates.in_next += [window.held(place + 1) for place in places]
        candidates.in_chunk += [window.in_chunk(wanted)] * len(places)
        candidates.pairs += map(window.pairs, places)
        candidates.sentence_similarity += [near[place] for place in places]
        candidates.previous_similarity += [near.get(place - 1, 0.0) for place in places]
        candidates.next_similarity += [near.get(place + 1, 0.0) for place in places]
        candidates.heading_similarity += [near.get(over[place], 0.0) for place in places]
        candidates.hits += [window.hit] * len(places)
        candidates.earlier_post += [post_id in earlier_posts] * len(places)
        owners += [(post_id, place, window.chunk.chunk_id) for place in places]
    measures = measure(
        query, wanted, candidates, max((hit.similarity for hit in hits), default=0.0), store.lexical.rarity
    )
    scores = weights.scores(measures)
    order = sorted(range(len(owners)), key=lambda row: (-float(scores[row]), owners[row][2], owners[row][1]))
    ranked = tuple(Ranked(*owners[row], float(scores[row]), row) for row in order)
    return Ranking(query, vector, ranked, measures, scores, bodies, sentences, chunks, tuple(hits), sentence_vectors)


def rescored(ranking: Ranking, weights: Weights) -> Ranking:
    """Rank the same sentences by other weights."""
    return _ordered(ranking, weights.scores(ranking.measures))


def reranked(ranking: Ranking, score: Callable[[str, Sequence[str]], list[float]]) -> Ranking:
    """Add a reranker's scores to those of the best sentences; it reads each with its post's title."""
    best = ranking.ranked[:_RERANKED]
    texts = [f"{ranking.bodies[one.post_id].title}\n{ranking.text_of(one)}" for one in best]
    scores = ranking.scores.copy()
    for one, added in zip(best, score(ranking.query.text, texts), strict=True):
        scores[one.row] += added
    return _ordered(ranking, scores)


def _ordered(ranking: Ranking, scores: Matrix) -> Ranking:
    ranked = [replace(one, score=float(scores[one.row])) for one in ranking.ranked]
    ranked.sort(key=lambda one: (-one.score, one.chunk_id, one.place))
    return replace(ranking, ranked=tuple(ranked), scores=scores)


def _headings(rows: Sequence[Sentence], places: Sequence[int]) -> dict[int, int]:
    """For each of some places, in order, that of the heading it stands under, or -1."""
    found: dict[int, int] = {}
    for place in places:
        over = place - 1
        while over >= 0 and rows[over].kind != "heading":
            if over in found:
                over = found[over]
                break
            over -= 1
        found[place] = over
    return found


def quotes(store: Opened, weights: Weights, ranking: Ranking, limit: int = 3) -> list[Quote]:
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
        first, last = _grow(ranking, one, scored)
        start = rows[first].start
        if first != last and rows[first].marker_start >= 0:
            start = rows[first].marker_start
        return start, rows[last].end

    return span


def _overlap(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / max(min(len(one), len(other)), 1)


def _grow(ranking: Ranking, one: Ranked, scored: dict[tuple[str, int], float]) -> tuple[int, int]:
    """First and last sentence of the smallest span around a sentence that can be understood alone."""
    rows = ranking.sentences[one.post_id]
    text = ranking.bodies[one.post_id].text
    first = last = one.place

    def length(low: int, high: int) -> int:
        return len(text[rows[low].start : rows[high].end].split())

    def may(low: int, high: int, most: int) -> bool:
        return (
            low >= 0
            and high < len(rows)
            and all(rows[i].kind in ("sentence", "item") for i in range(low, high + 1))
            and length(low, high) <= most
        )

    def read(place: int) -> Facts:
        return facts(text[rows[place].start : rows[place].end])

    def goes_on(place: int) -> bool:
        return place > one.place and read(place).opens_with_pronoun

    opening = text[rows[first].start : rows[first].start + 1]
    lead = rows[first].lead_in
    if 0 <= lead < first and rows[lead].kind != "heading" and may(lead, last, _MAX_WORDS):
        first = lead
    elif (opening.islower() or read(first).opens_with_pronoun) and _joined(rows, first - 1, first, opening):
        first = first - 1 if may(first - 1, last, _MAX_WORDS) else first
    listing = ranking.query.asked_for in ("list", "how", "why", "definition", "what")
    while _unfinished(read(last), text, rows[last]) and last + 1 < len(rows):
        if rows[last + 1].kind == "item" and listing:
            stop = last + 1
            while may(first, stop + 1, _MAX_LIST_WORDS) and rows[stop + 1].kind == "item":
                stop += 1
            last = stop
        elif may(first, last + 1, _MAX_LIST_WORDS):
            last += 1
        else:
            break
    while True:
        around = [
            (scored[one.post_id, place], place)
            for place, low, high in ((first - 1, first - 1, last), (last + 1, first, last + 1))
            if (one.post_id, place) in scored
            and scored[one.post_id, place] > one.score - (_PRONOUN_GAP if goes_on(place) else _NEIGHBOUR_GAP)
            and _same_run(rows, place, one.place)
            and may(low, high, _MAX_WORDS)
        ]
        if not around:
            break
        place = max(around)[1]
        first, last = min(first, place), max(last, place)
    lead = rows[first].lead_in
    if 0 <= lead < first and rows[lead].kind == "sentence" and may(lead, last, _MAX_WORDS + _MAX_LEAD_WORDS):
        first = lead
    return first, last


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


def confidence_signs(store: Opened, ranking: Ranking, first: Quote) -> Matrix:
    """Measure what the confidence looks at: float32 (n_signs,).

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
    return signs(ranking.query, ranking.measures[chosen.row], scores, seen, store.lexical.rarity)


def _inside(quote: Quote, sentence: Sentence) -> bool:
    """Whether a sentence is part of a quote."""
    return sentence.post_id == quote.post_id and quote.start <= sentence.start and sentence.end <= quote.end
