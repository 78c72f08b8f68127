"""What is measured of a sentence for a question: the words they share, their cosines, their ranks, the kind of thing.

The sentences of a question are measured together, column by column, from numbers that the index keeps.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.text.annotations import (
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
from rag.text.tokens import code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.answering.query import Query
    from rag.records import Hit
    from rag.text.annotations import Facts, Noted

    Matrix = npt.NDArray[np.float32]

__all__ = ["FEATURES", "Candidates", "Shares", "Wanted", "kind_found", "measure"]

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

    ``in_...`` are bits of `Wanted`; ``pairs`` counts; ``notes`` are as `rag.text.annotations.note` gives them;
    similarities are cosines with the question; ``earlier_post`` says that the post answered the question before.
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

    shares = Shares({wanted.of([root]): rarity(root) for root in query.stems})
    columns = _columns(query, wanted, its, best, shares.share) | _kind_columns(query, its)
    if query.earlier:
        earlier = Shares({wanted.of([root]): rarity(root) for root in query.earlier})
        around = zip(its.in_sentence, its.in_chunk, its.in_title, strict=True)
        columns["earlier_words"] = [earlier.share(one | chunk | title) for one, chunk, title in around]
    nothing = [0.0] * len(its.texts)
    table = np.array([columns.get(name, nothing) for name in FEATURES], dtype=np.float32)
    return np.ascontiguousarray(table.T)


class Shares:
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

    if query.asked_for == "date":
        return {"date_asked_and_there": holding(DATE)}
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
