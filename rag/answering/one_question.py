"""One question that stands alone: its ranked sentences become quotes with a confidence, or a refusal with a reason."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from rag.answering.conversation.ellipsis import opened
from rag.answering.conversation.follow_ups import Understood
from rag.answering.question.message import is_pasted, is_remark
from rag.answering.question.parts import band_of, refusal, unsearched
from rag.answering.quotes.disagreement import newer_first
from rag.answering.quotes.further import SHOWN, further
from rag.answering.quotes.headed_lists import SURER_OF_LIST, asked_list
from rag.answering.quotes.how_sure import with_confidence
from rag.answering.quotes.quoting import QUOTE_GAP, confidence_signs, quotes, reader_log_odds
from rag.answering.quotes.reasons import (
    NOTHING_NAMED,
    TYPED,
    covers_keywords,
    missing_words,
    rare_words,
    reason,
    related,
)
from rag.answering.selection.explanation import explained
from rag.answering.selection.indirect import surer_of_indirect
from rag.answering.selection.preferred import fitness, preferred, speaking_of, surer
from rag.answering.selection.ranking import reranked
from rag.answering.selection.recency import asks_version, of_dates, of_other_dates
from rag.answering.selection.stance import surer_of_stance
from rag.answering.selection.unfit import against
from rag.records import Answer
from rag.text.tokens import is_stop, words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.answering.conversation.planning import Part, Scope
    from rag.answering.finding import Finder
    from rag.answering.index_settings import IndexSettings
    from rag.answering.posts.answers import PostsAnswers
    from rag.answering.posts.catalogue import Catalogue
    from rag.answering.question.post_dates import DateRange
    from rag.answering.selection.ranking import Ranking
    from rag.records import Quote
    from rag.store.protocols import Snapshot

    Vectors = npt.NDArray[np.float32]

__all__ = ["OneQuestion"]


# Log odds that an answer loses if it is from another time than the one in the question, and if only the date of its
# post says that it is of that time. Fitted on the 72 training questions over 810 posts of five blogs that end or begin
# with a time: 2 of 8 answers of the first kind were right, and of the second 8 of the 29 that were surer than the other
# answer, where 0.59 and 0.49 were predicted.
_OTHER_TIME, _TIME_UNSAID = 1.6, 1.1


class _Found(NamedTuple):
    """What was found for a question: its quotes, how likely the first answers, and how they differ.

    ``typed``: the nearest sentence is one that was typed with the question, so the quotes are only those behind it.
    """

    ranking: Ranking
    quotes: list[Quote]
    confidence: float
    differing: str | None
    typed: bool = False


class OneQuestion:
    """Answers questions that stand alone, from one index; safe to use from several threads."""

    def __init__(
        self,
        store: Snapshot,
        finder: Finder,
        catalogue: Catalogue,
        settings: IndexSettings,
        posts_answers: PostsAnswers,
        rerank: Callable[[str, Sequence[str]], list[float]] | None,
        encode: Callable[[Sequence[str]], list[Vectors]],
    ) -> None:
        """``rerank`` also counts in the ranking of sentences; ``encode`` turns texts into vectors."""
        self._store = store
        self._finder = finder
        self._catalogue = catalogue
        self._settings = settings
        self._posts_answers = posts_answers
        self.rerank = rerank
        self._encode = encode

    def ranking(self, asked: Understood, among: Sequence[int] | None, *, fast: bool) -> Ranking:
        """Rank the sentences of the best chunks; ``among`` restricts the chunk ids, ``fast`` leaves the reader out."""
        ranking = self._finder.ranking(asked, among, fast=fast)
        if self.rerank:
            ranking = reranked(ranking, self.rerank)
        return speaking_of(preferred(ranking), asked.subject)

    def fit(self, question: str) -> float:
        """The confidence of an answer to a question, taken as typed."""
        ranking = self.ranking(Understood(question), None, fast=True)
        found = quotes(self._store, self._finder.weights_of(ranking), ranking, 1)
        return self._confidence(ranking, found[0]) if found else 0.0

    def quote_similarity(self, ranking: Ranking, first: Quote) -> float:
        """Cosine of the question with the first quote encoded on its own; this costs a pass of the model."""
        return float(self._encode([first.text])[0] @ ranking.vector)

    def _confidence(self, ranking: Ranking, first: Quote) -> float:
        rough = confidence_signs(self._store, ranking, first)
        weights = self._finder.weights_of(ranking)
        seen = weights.settled(rough, lambda: self.quote_similarity(ranking, first))
        gained = fitness(ranking, first.text, self._store.lexical.frequency) + surer_of_stance(ranking, first)
        gained += surer_of_indirect(ranking.query, first)
        gained -= against(ranking.query, first.text, f"{first.post_title}\n{ranking.bodies[first.post_id].text}")
        return surer(weights.confidence(seen), gained)

    def _best(self, asked: Understood, wanted: Scope) -> _Found:
        """The quotes of the question, or of a surer reading.

        That is the question without its time, from the posts of that time, or in the person of an author whom it
        names, from the author's posts.
        """
        bounded = self._posts_answers.bounded(asked, wanted.among)
        ranking = of_dates(self.ranking(bounded.asked, bounded.among, fast=wanted.fast), bounded.dates)
        best = self._found(ranking, wanted, bounded.dates)
        if bounded.dates is not None and bounded.dated and bounded.undated:
            undated = replace(bounded.asked, text=bounded.undated)
            of_time = self._found(self.ranking(undated, bounded.dated, fast=wanted.fast), wanted, bounded.dates)
            surety = surer(of_time.confidence, -_TIME_UNSAID)
            if surety > best.confidence:
                best = of_time._replace(confidence=surety)
        if bounded.by is None:
            return best
        if best.quotes:
            lost = bounded.by.against(best.quotes[0].post_id, best.quotes[0].text)
            best = best._replace(confidence=surer(best.confidence, -lost))
        if not bounded.authored:
            return best
        # the author speaks, so nothing need be said about the author
        asked = replace(bounded.asked, text=bounded.by.text, subject=())
        own = self._found(self.ranking(asked, bounded.authored, fast=wanted.fast), wanted, bounded.dates)
        first = best.quotes[0].post_id if best.quotes else None
        others = first is not None and not bounded.by.speaks(first, best.ranking.bodies[first].text)
        return own if others or own.confidence > best.confidence else best

    def _found(self, ranking: Ranking, wanted: Scope, dates: DateRange | None) -> _Found:
        weights = self._finder.weights_of(ranking)
        limit, gap = SHOWN * (1 + wanted.further), math.inf if wanted.further else QUOTE_GAP
        found = quotes(self._store, weights, ranking, limit, gap)
        found = self._catalogue.marked([quote for quote in found if not is_pasted(quote.text, wanted.context)])
        first, differing = newer_first(found[:SHOWN], ranking.query.names, ranking.bodies)
        if asks_version(ranking.query.text):
            differing = None  # the highest version comes first, and an older one is no contradiction
        else:
            found = first + found[SHOWN:]
        typed = is_remark(wanted.context) and is_pasted(ranking.text_of(ranking.ranked[0]), wanted.context)
        if not found or typed:
            return _Found(ranking, found, 0.0, differing, typed)
        confidence = self._confidence(ranking, found[0])
        if not wanted.further and (listed := asked_list(self._store, ranking, found[0])):
            found = self._catalogue.marked(listed)
            return _Found(ranking, found, surer(confidence, SURER_OF_LIST), None)
        if dates is not None and of_other_dates(dates, found[0].post_date, found[0].text):
            confidence = surer(confidence, -_OTHER_TIME)
        return _Found(ranking, found, confidence, differing)

    def of_post_before(self, part: Part, wanted: Scope) -> Answer | None:
        """The answer of the post that the previous answer quotes first, which may say what a question is about.

        None if there is no such post, if it hardly answered, or if there is an answer to every question.
        """
        before = wanted.before() if wanted.before is not None and not wanted.always_answer else None
        if before is None or before.band == "low" or not before.quotes:
            return None
        first = before.quotes[0]
        of_post = replace(wanted, among=self._store.chunks_of(first.post_id), before=None)
        subject = (part.of_topic or part.asked).subject
        found = self.answer(Understood(part.alone, subject), part.shown, of_post)
        confidence = min(found.confidence, before.confidence)  # it is no surer than that the post is the right one
        return replace(
            found,
            confidence=confidence,
            band=band_of(confidence),
            quotes=tuple(replace(quote, confidence=min(quote.confidence, confidence)) for quote in found.quotes),
            understood=f"{opened(part.alone).rstrip('?. ')} (“{first.post_title}”)?",
        )

    def answer(self, asked: Understood, as_typed: str, wanted: Scope) -> Answer:
        """Answer a question that stands alone; ``as_typed`` is the question shown in the answer."""
        started = time.monotonic()
        if not words(asked.text):
            return unsearched(as_typed, "The question has no words to search for.")
        if not wanted.always_answer and all(map(is_stop, words(asked.text))):
            return unsearched(as_typed, NOTHING_NAMED)
        ranking, found, confidence, differing, typed = self._best(asked, wanted)
        weights = self._finder.weights_of(ranking)
        threshold = self._settings.threshold_for(weights)
        answered = bool(found) and (
            wanted.always_answer or confidence >= threshold or covers_keywords(ranking.query, found[0])
        )
        read = [reader_log_odds(ranking, quote) for quote in found]
        found = with_confidence(found, confidence, read, answered=answered)
        if wanted.further:
            found, differing = related(further(found, wanted.further)), None
            if not found:
                return refusal(as_typed, "No further sentence of these posts is near this question.")
            confidence = found[0].confidence
        shown = found if answered else related(found)
        lacking = missing_words(ranking, shown)
        seconds = time.monotonic() - started
        rarity, frequency = self._store.lexical.rarity, self._store.lexical.frequency
        title = None if wanted.post_id is None else self._catalogue.post(wanted.post_id).title
        return Answer(
            question=as_typed,
            status="answered" if answered else "no_answer",
            confidence=confidence,
            band=band_of(confidence),
            quotes=tuple(found) if answered else (),
            closest=() if answered else tuple(shown),
            reason=None if answered else TYPED if typed else reason(ranking, shown, lacking, frequency, title),
            disagreement=differing if answered else None,
            uncovered=tuple(missing_words(ranking, found)),
            trace=explained(weights, ranking, found, threshold, seconds) if wanted.explain else None,
            posts=() if answered else self._posts_answers.holding(rare_words(ranking, lacking, rarity)),
        )
