"""The features of a sentence for a question: shared words, cosines, ranks, and the kind of thing it contains.

The sentences of a question are measured together, column by column, from numbers stored in the index.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.answering.question.kinds import kind_measures
from rag.answering.question.wanted_words import Shares
from rag.text.annotations import ENDS_WITH_COLON, IS_QUESTION, OPENS_WITH_PRONOUN, word_count

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.answering.question.query import Query
    from rag.answering.question.wanted_words import Wanted
    from rag.records import Hit

    Matrix = npt.NDArray[np.float32]

__all__ = ["FEATURES", "Candidates", "measure"]

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

# weight of the post that answered the previous question, for a question that does not depend on that one
_STANDS_ALONE = 0.5
# words; half of the sentences of 600 blog posts have 10 to 28
_VERY_SHORT, _SHORT, _LONG = 4, 6, 60
_LENGTHS = tuple(math.log(count + 1) for count in range(_LONG + 1))


@dataclass(slots=True)
class Candidates:
    """The sentences of a question in columns, filled chunk by chunk: a list for each thing that features are made of.

    ``in_...`` are bits of `Wanted`; ``pairs`` are counts; ``notes`` are as in `rag.text.annotations.note`; similarities
    are cosines with the question; ``earlier_post`` says whether the post answered the previous question.
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
    """Features of sentences: float32 (n_candidates, n_features), columns in the order of ``FEATURES``.

    ``best`` is the cosine of the nearest chunk; ``rarity`` returns the inverse document frequency of a stem, 0.0 to
    1.0.
    """
    import numpy as np

    shares = Shares({wanted.of([root]): rarity(root) for root in query.stems})
    columns = _columns(query, wanted, its, best, shares.share) | kind_measures(query, its.notes, its.texts, its.is_item)
    if query.earlier:
        earlier = Shares({wanted.of([root]): rarity(root) for root in query.earlier})
        around = zip(its.in_sentence, its.in_chunk, its.in_title, strict=True)
        columns["earlier_words"] = [earlier.share(one | chunk | title) for one, chunk, title in around]
    nothing = [0.0] * len(its.texts)
    table = np.array([columns.get(name, nothing) for name in FEATURES], dtype=np.float32)
    return np.ascontiguousarray(table.T)


def _columns(
    query: Query, wanted: Wanted, its: Candidates, best: float, share: Callable[[int], float]
) -> dict[str, list[float]]:
    """The features that every question needs, one column each."""
    hits, words = its.hits, [word_count(note) for note in its.notes]

    def noted(bit: int) -> list[float]:
        return [float(note & bit != 0) for note in its.notes]

    return {
        "sentence_similarity": its.sentence_similarity,
        "chunk_similarity": [hit.similarity for hit in hits],
        "chunk_similarity_below_best": [hit.similarity - best for hit in hits],
        "previous_similarity": its.previous_similarity,
        "next_similarity": its.next_similarity,
        "heading_similarity": its.heading_similarity,
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
    } | _word_columns(query, wanted, its, share)


def _word_columns(
    query: Query, wanted: Wanted, its: Candidates, share: Callable[[int], float]
) -> dict[str, list[float]]:
    """The features of the words that a sentence and its surroundings share with the question."""
    with_title = [one | other for one, other in zip(its.in_sentence, its.in_title, strict=True)]
    covered, titled = [share(held) for held in its.in_sentence], [share(held) for held in with_title]
    in_chunk = [one | other for one, other in zip(its.in_chunk, its.in_title, strict=True)]
    names = wanted.of(query.names)

    def added_by(beside: Sequence[int]) -> list[float]:
        return [
            share(held | more) - alone if more else 0.0
            for more, held, alone in zip(beside, with_title, titled, strict=True)
        ]

    def named(places: Sequence[int]) -> list[float]:
        return [(names & held).bit_count() / names.bit_count() if names else 0.0 for held in places]

    return {
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
        "no_names_asked": [float(not names)] * len(its.hits),
    }
