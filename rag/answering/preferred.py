"""The sentences that a form of question prefers: "What is X?" one that explains, "Who does not?" one that denies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rag.answering.definitions import explains, names, subject_of
from rag.answering.polarity import denied, says_no, wants_no
from rag.answering.post_dates import days_named
from rag.answering.ranking import reordered
from rag.records import Hit
from rag.text.tokens import stems

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.answering.definitions import Subject
    from rag.answering.query import Query
    from rag.answering.ranking import Ranking
    from rag.store.protocols import Snapshot

__all__ = ["fitness", "preferred", "speaking_of", "surer", "with_explanations"]

# chunks that hold the subject's words and are looked at for an explanation, and those of them that are considered
_LOOKED_AT, _ADDED = 60, 4
# from here on a sentence explains more than in passing
_EXPLAINS = 3.0
# log odds that a sentence of the wanted polarity gains, and again where it denies a word of the question
_SAYS_NO, _DENIES = 2.0, 2.0
# log odds that a sentence loses which names other days than the question
_OTHER_DAY = 3.0
# log odds that an answer gains where its quote has the polarity that is asked for, and loses where it has not
_SURER_OF_NO = 0.6
# log odds that a sentence loses which has not the letters whose meaning is asked
_WITHOUT_LETTERS = 4.0
# log odds that a sentence loses with which nothing near it names the subject of a follow-up, and how many sentences
# before it are near
_WITHOUT_SUBJECT, _NEAR = 4.0, 2
# what a level of an explanation adds to the log odds of a sentence, and of an answer
_PER_LEVEL, _SURER_PER_LEVEL = 1.0, 0.4


def with_explanations(
    store: Snapshot,
    query: Query,
    vector: npt.NDArray[np.float32],
    hits: Sequence[Hit],
    among: Sequence[int] | None = None,
) -> list[Hit]:
    """Add the chunks that explain what a question wants explained; ``vector`` float32 (dim,) is the question's."""
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
    if subject is None and not denying and not days:
        return ranking
    scores = ranking.scores.copy()
    for one in ranking.ranked:
        text = ranking.text_of(one)
        if subject is not None:
            scores[one.row] += _PER_LEVEL * explains(text, subject)
            if subject.wish == "meaning" and subject.is_abbreviation and not names(text, subject):
                scores[one.row] -= _WITHOUT_LETTERS
        if days and (named := days_named(text)) and days.isdisjoint(named):
            scores[one.row] -= _OTHER_DAY
        if denying and says_no(text):
            scores[one.row] += _SAYS_NO + _DENIES * denied(text, ranking.query.stems)
    return reordered(ranking, scores)


def speaking_of(ranking: Ranking, subject: Sequence[str]) -> Ranking:
    """Put sentences that speak of the subject of a follow-up, given as its stems, before the others.

    A sentence speaks of it where it, one of the two before it or the title of its post has the words.
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


def fitness(ranking: Ranking, text: str) -> float:
    """The log odds that an answer gains by the form of its quote: it explains what is to be explained, or denies."""
    question = ranking.query.text
    subject: Subject | None = subject_of(question)
    level = 0.0 if subject is None else explains(text, subject)
    gained = _SURER_PER_LEVEL * level if level >= _EXPLAINS else 0.0
    if wants_no(question):
        gained += _SURER_OF_NO if says_no(text) else -_SURER_OF_NO
    return gained


def surer(confidence: float, gained: float) -> float:
    """A confidence with some log odds more."""
    if not gained or not 0.0 < confidence < 1.0:
        return confidence
    log_odds = math.log(confidence / (1.0 - confidence)) + gained
    return 1.0 / (1.0 + math.exp(-log_odds))
