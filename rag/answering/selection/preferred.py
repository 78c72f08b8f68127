"""The sentences that a form of question prefers: "What is X?" an explanation, "Who does not?" a denial."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from rag.answering.question.abbreviations import is_shortened, spells_out
from rag.answering.question.kinds import has_new_name
from rag.answering.question.polarity import denied, denies_somehow, says_no, wants_no
from rag.answering.question.post_dates import days_named
from rag.answering.question.subjects import content_stems, phrases_of
from rag.answering.question.taking_part import asks_who_may, says_who_may
from rag.answering.selection.choices import choice_of
from rag.answering.selection.comparison import has_contrast
from rag.answering.selection.definitions import explains, names, subject_of
from rag.answering.selection.indirect import indirect
from rag.answering.selection.ranker import roots_of
from rag.answering.selection.ranking import reordered
from rag.answering.selection.recency import asks_version, names_version, names_version_of
from rag.answering.selection.stance import weighed
from rag.records import Hit
from rag.text.tokens import stems

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.answering.question.query import Query
    from rag.answering.selection.definitions import Subject
    from rag.answering.selection.ranking import Ranked, Ranking
    from rag.store.protocols import Snapshot

__all__ = ["fitness", "preferred", "speaking_of", "surer", "with_explanations"]

_WE = re.compile(r"\b(?:we|our|us|i|my)\b", re.IGNORECASE)
_POINTING = re.compile(r"(?:This|These|It|They)\s+(?:is|are|was|were)\s")
_WHICH = re.compile(r"^\W*(?:who|which|what)\b", re.IGNORECASE)
# "How much does it cost?", "How much is a ticket?", "What price is it?"
_PRICE = re.compile(
    r"\b(?:costs?|price[ds]?|charge[sd]?|fees?|pay|paid|expensive)\b|\bhow\s+much\s+(?:is|are|was|were)\b",
    re.IGNORECASE,
)
# not in "carbon-free", "feel free", "free time", "free to choose", "free from dust"
_FREE = re.compile(
    r"(?<![\w-])(?<!\bfeel )(?<!\bset )free\b(?!-)"
    r"(?!\s+(?:time|will|speech|press|markets?|trade|movement|space|up|from|form|hand)\b)"
    r"(?!\s+of\s+(?!charge\b))(?!\s+to\s+(?!(?:all|anyone|everyone|the|join|use|enter|attend|download|visit)\b))"
    r"|\b(?:at|for)\s+no\s+(?:cost|charge)\b|\bwithout\s+charge\b|\bcosts?\s+nothing\b",
    re.IGNORECASE,
)
# chunks with the subject's words in which an explanation is looked for, and those of them that are considered
_LOOKED_AT, _ADDED = 60, 4
# level from which a sentence explains more than in passing
_EXPLAINS = 3.0
# log odds that a sentence of the wanted polarity gains, and again if it denies a word of the question
_SAYS_NO, _DENIES = 2.0, 2.0
# log odds that a sentence gains if it says for whom something is, and the question is who may
_SAYS_WHO_MAY = 2.0
# log odds that a sentence loses if it names other days than the question
_OTHER_DAY = 3.0
# Log odds that an answer gains if its quote has the polarity asked for, and otherwise loses: it gains more, because the
# reader is shy of a "not" in a question, which many near misses that it learnt from have.
_SURER_OF_NO, _LESS_SURE_OF_NO = 1.2, 0.6
# and that it loses besides if nothing in its quote denies or restricts anything: "available for Android", where what is
# not available for it is asked
_AFFIRMS = 1.0
# The same if it tells two things apart and the question is which of them, or says for whom a thing is and the question
# is who may.
_SURER_OF_CONTRAST, _SURER_OF_WHO_MAY = 0.6, 0.6
# The same if a quantity is asked for and the quote, which has every word of the question, says that there is none: it
# is answered from a confidence of 0.03. Of 910 training questions for a quantity, none had such a quote; in those of
# seven some words were missing and four were wrong, where 0.56 right ones were predicted, so such quotes gain nothing.
_SURER_OF_NONE = 3.3
# the same if the latest version is asked for and the quote names one
_SURER_OF_VERSION = 0.6
# and again if it names it right behind the thing, as only sentences about its versions do; the reader has often not
# read such a sentence, which is chosen for having the highest version
_SURER_OF_ITS_VERSION = 2.0
# log odds that an answer loses if a name of the question is in no post
_UNKNOWN_NAME = 0.3
# the same if no word of the question is in the posts: "Hello", "What is the meaning of life?"
_NOTHING_KNOWN = 3.0
# the same if only words of this kind are: "How do I make ramen?" is about ramen
_UNKNOWN_THING = 1.5
_GENERAL = frozenset({
    "make", "made", "making", "get", "got", "getting", "do", "did", "use", "used", "using", "find", "found", "have",
    "has", "had", "need", "know", "want", "go", "take", "give", "best", "good", "way", "ways", "thing", "things",
    "people",
})  # fmt: skip
# log odds that a sentence gains if it names somebody or something new and the question is which one does not
_NAMES_ONE = 0.5
# log odds that a sentence loses if it lacks the letters whose meaning is asked, or has nothing else, and that it gains
# if it has the words with these initials and its post has the letters elsewhere
_WITHOUT_LETTERS, _ONLY_LETTERS, _SPELT_APART = 4.0, 2.0, 5.0
# Log odds that an answer loses if it only mentions the person or letters to be explained. Of the 37 training questions
# over 810 posts of five blogs that ask for this, 30 are answered rightly with any loss up to 2.5. If the sentences that
# explain are left out, 14 are answered without a loss, 4 with this one and 2 with 2.5.
_UNEXPLAINED = 1.5
# log odds that a sentence loses if nothing near it names the subject of a follow-up, and how many sentences before it
# count as near
_WITHOUT_SUBJECT, _NEAR = 8.0, 2
# log odds that each level of explanation adds to a sentence, and to an answer
_PER_LEVEL, _SURER_PER_LEVEL = 1.0, 0.4


def with_explanations(
    store: Snapshot,
    query: Query,
    vector: npt.NDArray[np.float32],
    hits: Sequence[Hit],
    among: Sequence[int] | None = None,
) -> list[Hit]:
    """Add the chunks that explain the subject of a question; ``vector`` float32 (dim,) is the question's."""
    subject = subject_of(query.text)
    if subject is None:
        return list(hits)
    worded = store.lexical.search(list(dict.fromkeys(stems(subject.text))), _LOOKED_AT, among)
    known = {hit.chunk_id for hit in hits}
    chunks = store.chunks([chunk_id for chunk_id, _ in worded])
    bodies = store.bodies(list({chunk.post_id for chunk in chunks.values()}))
    found = []
    for place, (chunk_id, share) in enumerate(worded):
        chunk = chunks[chunk_id]
        pieces = bodies[chunk.post_id].text[chunk.start : chunk.end].replace("? ", "?\n").split("\n")
        level = max((explains(piece, subject) for piece in pieces), default=0.0)
        if chunk_id not in known and level >= _EXPLAINS:
            found.append((-level, place, chunk_id, share / worded[0][1]))
    added = sorted(found)[:_ADDED]
    near = dict(store.dense.search(vector, len(added), [chunk_id for _, _, chunk_id, _ in added])) if added else {}
    return [
        *hits,
        *(
            Hit(chunk_id, 0.0, rank, None, place + 1, near.get(chunk_id, 0.0), share)
            for rank, (_, place, chunk_id, share) in enumerate(added, len(hits) + 1)
        ),
    ]


def preferred(ranking: Ranking) -> Ranking:
    """Put the sentences of the form that a question prefers before the others."""
    subject = subject_of(ranking.query.text)
    denying, days = wants_no(ranking.query.text), days_named(ranking.query.text)
    gains, asks_may = weighed(ranking) | indirect(ranking), asks_who_may(ranking.query.text)
    if subject is None and not (denying or days or gains or asks_may):
        return ranking
    asks_which = _WHICH.match(ranking.query.text) is not None
    scores = ranking.scores.copy()
    for one in ranking.ranked:
        text = ranking.text_of(one)
        scores[one.row] += gains.get(one.row, 0.0)
        if subject is not None:
            level = explains(text, subject) or explains(_with_previous(ranking, one), subject)
            scores[one.row] += _PER_LEVEL * level
            if not level and subject.wish == "meaning" and subject.is_abbreviation:
                scores[one.row] += _of_letters(ranking, one, subject)
        if days and (named := days_named(text)) and days.isdisjoint(named):
            scores[one.row] -= _OTHER_DAY
        if asks_may and says_who_may(text):
            scores[one.row] += _SAYS_WHO_MAY
        if denying and says_no(text):
            scores[one.row] += _SAYS_NO + _DENIES * denied(text, ranking.query.stems)
            scores[one.row] += _NAMES_ONE * (asks_which and has_new_name(ranking.query, text))
    return reordered(ranking, scores)


def _with_previous(ranking: Ranking, one: Ranked) -> str:
    """A sentence that begins with "It" or "These" together with the one that names what they are; else ""."""
    text = ranking.text_of(one)
    if one.place == 0 or not _POINTING.match(text):
        return ""
    before = ranking.sentences[one.post_id][one.place - 1]
    return f"{ranking.bodies[one.post_id].text[before.start : before.end]} {text}"


def _of_letters(ranking: Ranking, one: Ranked, subject: Subject) -> float:
    """The log odds for a sentence that does not explain the letters whose meaning is asked."""
    text = ranking.text_of(one)
    if names(text, subject):
        return -_ONLY_LETTERS
    apart = spells_out(text, subject.text) and names(ranking.bodies[one.post_id].text, subject)
    return _SPELT_APART if apart else -_WITHOUT_LETTERS


def speaking_of(ranking: Ranking, subject: Sequence[str]) -> Ranking:
    """Put sentences about the subject of a follow-up, given as its stems, before the others.

    A sentence is about it if it, one of the two before it or the title of its post has the words.
    """
    wanted = frozenset(subject)
    if not wanted:
        return ranking
    scores = ranking.scores.copy()
    titles = {post_id: frozenset(stems(body.title)) for post_id, body in ranking.bodies.items()}
    for one in ranking.ranked:
        rows = ranking.sentences[one.post_id]
        near = ranking.bodies[one.post_id].text[rows[max(one.place - _NEAR, 0)].start : rows[one.place].end]
        held = wanted & (titles[one.post_id] | frozenset(stems(near)))
        scores[one.row] -= _WITHOUT_SUBJECT * (1.0 - len(held) / len(wanted))
    return reordered(ranking, scores)


def fitness(ranking: Ranking, text: str, frequency: Callable[[str], int]) -> float:
    """The log odds that an answer gains by the form of its quote, and loses by names that are in no post.

    The form is right if it explains the subject, or denies what is asked; ``frequency`` counts the chunks with a stem.
    """
    query = ranking.query
    subject: Subject | None = subject_of(query.text)
    level = 0.0 if subject is None else explains(text, subject)
    gained = _SURER_PER_LEVEL * level if level >= _EXPLAINS else 0.0
    if subject is not None and level < _EXPLAINS and _must_explain(subject) and not spells_out(text, subject.text):
        gained -= _UNEXPLAINED
    if wants_no(query.text):
        gained += _SURER_OF_NO if denied(text, frozenset(query.stems) - query.names) else -_LESS_SURE_OF_NO
        gained -= _AFFIRMS * (not denies_somehow(text))
    elif query.asked_for == "number":
        gained += _of_none(text, query)
    if (choice := choice_of(query.text)) is not None:
        gained += _SURER_OF_CONTRAST * has_contrast(text, choice.sides)
    if asks_who_may(query.text):
        gained += _SURER_OF_WHO_MAY * says_who_may(text)
    if asks_version(query.text):
        gained += _SURER_OF_VERSION if names_version(text) else -_SURER_OF_VERSION
        gained += _SURER_OF_ITS_VERSION * names_version_of(text, query.text)
    known = [word for root, word in query.shown if any(map(frequency, roots_of(root, word)))]
    if all(word.casefold() in _GENERAL for word in known) and len(known) < len(query.shown):
        gained -= _UNKNOWN_THING if known else _NOTHING_KNOWN
    if any(_is_unknown_name(root, word, query, frequency) for root, word in query.shown):
        gained -= _UNKNOWN_NAME
    return gained


def _of_none(text: str, query: Query) -> float:
    """The log odds for a text that denies an assumption of the question: "How much do they pay?", "They do not pay"."""
    if _says_free(text, query):
        return _SURER_OF_NONE
    # whoever is named may speak: "How much does the Trust charge visitors?", "We do not charge visitors"
    wanted = frozenset(query.stems) - (query.names if _WE.search(text) else frozenset())
    return _SURER_OF_NONE if wanted <= frozenset(stems(text)) and denied(text, query.stems, reach=1) else 0.0


def _says_free(text: str, query: Query) -> bool:
    """Whether the price of something is asked for, and a text with its name or initials says that it is free."""
    priced = [found[0] for found in _PRICE.finditer(query.text)]
    if not priced or _FREE.search(text) is None:
        return False
    short = [phrase.text for phrase in phrases_of(query.text) if phrase.is_name and is_shortened(phrase.text, text)]
    wanted = frozenset(query.stems).difference(*map(content_stems, [*priced, *short]))
    return bool(wanted or short) and wanted <= frozenset(stems(text))


def _is_unknown_name(root: str, word: str, query: Query, frequency: Callable[[str], int]) -> bool:
    return root in query.names and word[0].isalpha() and not any(map(frequency, roots_of(root, word)))


def _must_explain(subject: Subject) -> bool:
    """Whether only an explanation answers: who a person is, what letters stand for."""
    return subject.is_person or (subject.wish == "meaning" and subject.is_abbreviation)


def surer(confidence: float, gained: float) -> float:
    """A confidence with log odds added."""
    if not gained or not 0.0 < confidence < 1.0:
        return confidence
    log_odds = math.log(confidence / (1.0 - confidence)) + gained
    return 1.0 / (1.0 + math.exp(-log_odds))
