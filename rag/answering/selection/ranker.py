"""How likely a sentence is to answer: its features, added up with the weights of a small table.

The table, ``ranker.json``, contains each feature's mean, scale and weight, and the weights of the confidence. It is
made by ``tests/training/rebuild.py`` and is also meant to be read by people.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from rag.answering.question.kinds import kind_found
from rag.answering.question.wanted_words import Shares, Wanted
from rag.answering.selection.features import FEATURES
from rag.answering.selection.linear_model import LinearModel
from rag.records import Feature
from rag.text.irregular_forms import forms_of
from rag.text.tokens import code, stems, words_with

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

    from rag.answering.question.query import Query
    from rag.text.annotations import Facts

    Matrix = npt.NDArray[np.float32]

__all__ = [
    "READER_FEATURES",
    "READER_SIGNS",
    "SIGNS",
    "Seen",
    "Weights",
    "covered_spans",
    "load_weights",
    "roots_of",
    "signs",
    "uncovered",
]

# What the confidence is computed from, and the direction in which each sign may count: a sign may never count against
# its own meaning, whatever the training questions suggest. Writers of unanswerable questions borrow the posts' words,
# so without this a quote that covers the question would count against itself.
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
# What the reader adds to the features of a sentence: its cosine with the tuned vector of the question, whether its
# chunk was read, and the log odds of the sentence and of all sentences of the chunk together (0 if it was not read).
READER_FEATURES = ("reader_near", "reader_looked", "reader_log_odds", "reader_of_chunk")
# and to the signs of the confidence: the log odds of the best sentence of the first quote, and of all that was read
READER_SIGNS = {"reader_of_quote": 1, "reader_of_all": 1}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the confidence depends on besides the scores; ``quote`` are the facts of the first quote with its title.

    ``post`` returns those of the whole post; ``same_post`` is the share of the best sentences that are in it.
    """

    quote: Facts
    chunk: Facts
    post: Callable[[], Facts]
    quote_similarity: float
    same_post: float


def signs(query: Query, best: Matrix, scores: Matrix, seen: Seen, rarity: Callable[[str], float]) -> Matrix:
    """The signs from which the confidence is computed: float32 (n_signs,), in the order of ``SIGNS``.

    ``best``, float32 (n_features or more,), are the features of the best sentence, those of ``FEATURES`` first;
    ``scores``, float32 (n,), are all scores, in descending order.
    """
    import numpy as np

    column = dict(zip(FEATURES, best, strict=False))
    wanted = Wanted(query)
    weights = {wanted.of([root]): rarity(root) for root in query.stems}
    unknown = rarity("")  # of a stem that stands in no chunk
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
        "covered_with_title": Shares(weights).share(in_quote),
        "names_in_quote": len(names & quote) / len(names) if names else 1.0,
        "names_in_chunk": len(names & seen.chunk.unique) / len(names) if names else 1.0,
        # what is in the chunk is also in its post, which takes long to read
        "name_not_in_post": float(bool(names - seen.chunk.unique) and bool(names - seen.post().unique)),
        "rarest_uncovered": max((weight for bit, weight in weights.items() if not in_quote & bit), default=0.0),
        "unknown_words": sum(weight >= unknown for weight in weights.values()) / max(len(weights), 1),
        "kind_found": float(kind_found(query, seen.quote)),
        "question_words": math.log(len(query.stems) + 1),
    }
    return np.array([values[name] for name in SIGNS], dtype=np.float32)


_QUOTE = tuple(SIGNS).index("quote_similarity")
# Confidences between which the first quote is encoded on its own before it is accepted or refused: this applies to a
# third of the training questions and of those in the quality gate. It costs one and a half times as much as encoding
# the question; for every question, it would raise auroc by 0.000 to 0.007 in those sets.
_IN_DOUBT = (0.07, 0.30)
# a larger lead says no more
_FAR_AHEAD = 5.0
_VERSION = re.compile(r"\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Weights:
    """The table: one model orders sentences, the other computes the confidence of the first quote.

    The names of ``ranking`` are ``FEATURES`` and those of ``confidence_by`` are ``SIGNS``; in the table for the reader,
    ``READER_FEATURES`` and ``READER_SIGNS`` follow. ``threshold_confidence`` is the confidence below which an index
    refuses. ``quote_line`` is the slope and offset that turn the similarity of a quote's sentences into that of the
    quote encoded on its own.
    """

    ranking: LinearModel
    confidence_by: LinearModel
    threshold_confidence: float
    quote_line: tuple[float, float] = (1.0, 0.0)

    def features(self, measures: Matrix) -> tuple[Feature, ...]:
        """The features of one sentence and what each adds to its score; ``measures`` is float32 (n_features,)."""
        return tuple(map(Feature, self.ranking.names, measures.tolist(), self.ranking.contributions(measures).tolist()))

    def scores(self, measures: Matrix) -> Matrix:
        """Scores of candidates: float32 (n_candidates,); the difference of two is a log odds."""
        return self.ranking.sums(measures)

    def settled(self, rough: Matrix, quote_similarity: Callable[[], float]) -> Matrix:
        """The signs of the first quote, float32 (n_signs,), with its exact similarity if that may decide.

        ``rough`` has the cosine of the question with the mean of the quote's sentences, each encoded in its context. A
        straight line estimates the cosine of the quote encoded on its own. ``quote_similarity``, which costs a pass of
        the model, is called if the confidence is near this table's threshold (a calibrated index may have another
        threshold; its confidences stay the same).
        """
        seen = rough.copy()
        slope, offset = self.quote_line
        seen[_QUOTE] = slope * float(rough[_QUOTE]) + offset
        if self.confidence_by.weights[_QUOTE] and _IN_DOUBT[0] < self.confidence(seen) < _IN_DOUBT[1]:
            seen[_QUOTE] = quote_similarity()
        return seen

    def confidence(self, seen: Matrix) -> float:
        """The calibrated probability that the first quote answers, from the signs: 0.0 to 1.0."""
        value = self.confidence_by.log_odds(seen)
        return 1.0 / (1.0 + math.exp(-max(min(value, 30.0), -30.0)))


@lru_cache(maxsize=2)
def load_weights(*, reader: bool = False) -> Weights:
    """Read the table that ships with the package: the one for answers with the reader, or without."""
    file = "ranker_with_reader.json" if reader else "ranker.json"
    table = json.loads(Path(__file__).with_name(file).read_text(encoding="utf-8"))
    return Weights(
        LinearModel.of((*FEATURES, *READER_FEATURES) if reader else FEATURES, table["features"]),
        LinearModel.of((*SIGNS, *READER_SIGNS) if reader else tuple(SIGNS), table["signs"], float(table["offset"])),
        float(table["threshold_confidence"]),
        (float(table["quote_line"]["slope"]), float(table["quote_line"]["offset"])),
    )


def uncovered(query: Query, *texts: Facts) -> list[str]:
    """Words of the question, as written, that are in none of the texts in any form."""
    return [
        shown
        for root, shown in query.shown
        if not any(code(form) in text.unique for form in roots_of(root, shown) for text in texts)
    ]


def roots_of(root: str, shown: str) -> frozenset[str]:
    """The stems of all forms of a word: of an irregular one several; a version "1.68" is also "1.68.0"."""
    if _VERSION.fullmatch(root):
        return frozenset({root, f"{root}.0"})
    return frozenset({root, *(stem for form in forms_of(shown.casefold()) for stem in stems(form))})


def covered_spans(query: Query, text: str) -> list[tuple[int, int]]:
    """Spans of the words of a text that are also in the question, without function words."""
    return [(word.start, word.end) for word in words_with(text, query.stems)]
