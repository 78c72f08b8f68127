"""A question to an answer: chunks, their sentences, quotes; or a refusal with its reason."""

from __future__ import annotations

import sys
import time
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Self

from rag.answering import query as questions
from rag.answering.catalogue import Catalogue
from rag.answering.explanation import explained
from rag.answering.index_settings import IndexSettings
from rag.answering.parts import band_of, combined
from rag.answering.quoting import confidence_signs, quotes
from rag.answering.ranker import load_weights
from rag.answering.ranking import rank, reranked
from rag.answering.reading import read
from rag.answering.reasons import missing_words, reason
from rag.answering.retrieval import retrieve, retrieve_by_sentences
from rag.config import DEFAULT_INDEX
from rag.embedding.batching import batcher_for
from rag.embedding.encoder import load_reranker, open_encoder
from rag.embedding.models import PACKAGED_MODELS
from rag.embedding.reader import open_reader, reader_ships
from rag.errors import InputError, ModelError
from rag.records import Answer
from rag.store.address import Address, read_address
from rag.store.backends import open_snapshot
from rag.store.confirmed import check_model
from rag.text.tokens import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from rag.answering.query import Query
    from rag.answering.ranker import Weights
    from rag.answering.ranking import Ranking
    from rag.embedding.encoder import Encoder
    from rag.embedding.reader import Reader
    from rag.records import QuestionRow, Quote
    from rag.store.protocols import Snapshot

    Vectors = npt.NDArray[np.float32]

__all__ = ["CONSIDERED", "Index", "open_index"]

# chunks whose sentences are ranked; the right one is among them for 0.86 of the questions over 600 posts, and twice as
# many raise that by 0.03 while every question costs twice as much
CONSIDERED = 14
# the same where the reader reads the best of them
CONSIDERED_BY_READER = 24
# questions read ahead in a batch: each number of tokens then comes about ten times, and these go together
_BATCH = 128
_MAX_QUESTION_CHARACTERS = 10_000


class Index:
    """An opened index that answers questions; safe to use from several threads.

    ``catalogue`` has its posts and pages, ``settings`` the threshold and the second model.
    """

    def __init__(
        self, path: str | Path | Address = DEFAULT_INDEX, *, reranker: str | None = None, fast: bool = False
    ) -> None:
        """Open the index in a folder or on a server.

        ``reranker`` names a cross-encoder that has a say in the order of sentences. With ``fast`` the reader is not
        loaded: answers take a tenth of the time, and paraphrased questions find their answer less often.

        Raises:
            IndexProblem: there is none, it is damaged or of another format, or its server does not answer.
            IndexUnconfirmed: it names a model that nobody at this machine has named.
            ModelError: its embedding model, its second model or the reranker is not there.

        """
        self.path = read_address(path)
        self.store: Snapshot = open_snapshot(self.path)
        self._fast = fast or not reader_ships()
        self._weights = load_weights()
        self._rerank = load_reranker(reranker) if reranker else None
        # an index may come from a stranger: a model that it names is not loaded unasked
        check_model(self.path, self.store.manifest.model.name, PACKAGED_MODELS)
        self.catalogue = Catalogue(self.store, self.path)
        threshold = load_weights(reader=not self._fast).threshold_confidence
        self.settings = IndexSettings(self.store, threshold, self.path)
        # programs find the posts and pages, and what is set, at the index itself too
        self.posts, self.post = self.catalogue.posts, self.catalogue.post
        self.pages, self.page_text = self.catalogue.pages, self.catalogue.page_text
        self.merges, self.skipped = self.catalogue.merges, self.catalogue.skipped
        self.set_threshold, self.set_second_model = self.settings.set_threshold, self.settings.set_second_model
        self._encoder: Encoder = open_encoder(self.store.manifest.model)
        self._waiting = batcher_for(self._encoder)
        if self._encoder.identity.sha256 != self.store.manifest.model.sha256:
            raise ModelError(
                "the index was built with another embedding model",
                path=str(path),
                expected=f"{self.store.manifest.model.name} {self.store.manifest.model.sha256[:12]}",
                got=self._encoder.identity.sha256[:12],
                remedy="Build the index again: pullquote index.",
            )

    def __enter__(self) -> Self:
        """Use as a context manager."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close at the end of the block."""
        self.close()

    def close(self) -> None:
        """Let go of the files."""
        self.store.close()

    def ask(
        self,
        question: str,
        *,
        history: Sequence[str] = (),
        post_id: str | None = None,
        always_answer: bool = False,
        fast: bool = False,
        explain: bool = True,
        id: str = "",  # noqa: A002 - the design names the field
    ) -> Answer:
        """Answer one question with exact quotes, or say why the posts do not.

        ``history`` are the earlier questions of the conversation, oldest first; ``post_id`` narrows the answer to one
        post; ``always_answer`` switches refusing off; ``fast`` answers without the reader; ``explain`` keeps how
        the answer was found in ``trace``.

        Raises:
            InputError: the question is empty or far too long, or there is no such post.

        """
        text = " ".join(question.split())
        if not text:
            raise InputError("the question is empty", remedy="Ask something.")
        if len(text) > _MAX_QUESTION_CHARACTERS:
            raise InputError(
                "the question is too long",
                expected=f"at most {_MAX_QUESTION_CHARACTERS:,} characters",
                got=f"{len(text):,}",
            )
        among = None
        if post_id is not None:
            among = self.store.chunks_of(post_id)
            if not among:
                raise InputError("there is no such post", got=post_id, remedy="List the posts: pullquote posts.")
        single = questions.parts(text)
        if len(single) == 1:
            return self._one(text, text, history, among, always_answer=always_answer, fast=fast, explain=explain, id=id)
        answers = []
        before = list(history)
        for part in single:
            answers.append(
                self._one(part, part, before, among, always_answer=always_answer, fast=fast, explain=explain, id=id)
            )
            before.append(part)
        return combined(text, answers, id)

    def ask_many(self, rows: Iterable[QuestionRow], *, always_answer: bool = False) -> Iterator[Answer]:
        """Answer rows of questions in their order; the answers are those that each would get alone."""
        several = iter(rows)
        while window := list(islice(several, _BATCH)):
            self.read_ahead(window)
            for row in window:
                yield self.ask(row.question, history=row.history, always_answer=always_answer, explain=False, id=row.id)

    @property
    def has_reranker(self) -> bool:
        """Whether a cross-encoder has a say in the order of sentences."""
        return self._rerank is not None

    def read_ahead(self, rows: Iterable[QuestionRow]) -> dict[str, Vectors]:
        """Vectors of the texts that answers to rows will need, read together; asking does not read them again."""
        texts = list(dict.fromkeys(text for row in rows for text in _read_ahead(row)))
        return dict(zip(texts, self._encode(texts), strict=True))

    def take(self, vectors: Mapping[str, Vectors]) -> None:
        """Know what another process with the same index has read ahead."""
        self._waiting.keep(vectors)

    @property
    def reads(self) -> bool:
        """Whether the reader has a say in answers that are not asked for fast."""
        return not self._fast and self._reader is not None

    @cached_property
    def _reader(self) -> Reader | None:
        """The reader; None, and a line on standard error that says why, where it cannot be opened."""
        try:
            return open_reader()
        except ModelError as error:
            print(f"answering without the reader: {error}", file=sys.stderr)  # noqa: T201
            return None

    def _encode(self, texts: Sequence[str]) -> list[Vectors]:
        return self._waiting.vectors(texts)

    def ranking(
        self,
        question: str,
        history: Sequence[str] = (),
        among: Sequence[int] | None = None,
        *,
        fast: bool = False,
    ) -> Ranking:
        """Rank the sentences of the best chunks for one question: what an answer is made from.

        With ``fast`` the reader is not asked.
        """
        query, vector, posts = self._read(question, history, among)
        if fast or not self.reads:
            hits = retrieve(self.store, query, vector, CONSIDERED, among)
            ranking = rank(self.store, self._weights, query, vector, hits, posts)
        else:
            ranking = self._reading(query, vector, posts, among)
        return reranked(ranking, self._rerank) if self._rerank else ranking

    def _reading(self, query: Query, vector: Vectors, posts: frozenset[str], among: Sequence[int] | None) -> Ranking:
        """Rank sentences with the reader's say."""
        reader = self._reader
        if reader is None:
            raise ValueError("there is no reader")
        tuned = reader.tuned(vector, self.store.manifest.model.name)
        hits = retrieve_by_sentences(self.store, query, vector, tuned, CONSIDERED_BY_READER, among)
        ranking = rank(self.store, self._weights, query, vector, hits, posts)
        return read(reader, load_weights(reader=True), ranking, tuned)

    def _weights_of(self, ranking: Ranking) -> Weights:
        """The table that a ranking was made with."""
        return load_weights(reader=True) if ranking.log_odds is not None else self._weights

    def quote_similarity(self, ranking: Ranking, first: Quote) -> float:
        """Cosine of the question with the first quote read by itself; it costs a pass of the model."""
        return float(self._encode([first.text])[0] @ ranking.vector)

    def nearness(self, ranking: Ranking, first: Quote) -> float | None:
        """How near the second model finds the first quote's chunk; None where the index has no second model."""
        if self.settings.second is None:
            return None
        body = ranking.bodies[first.post_id]
        chunk = body.text[first.chunk.start : first.chunk.end]
        return self.settings.second.nearness(ranking.query.text, f"{body.title}\n{chunk}")

    def _confidence(self, ranking: Ranking, first: Quote) -> float:
        rough = confidence_signs(self.store, ranking, first)
        weights = self._weights_of(ranking)
        seen = weights.settled(rough, lambda: self.quote_similarity(ranking, first))
        return weights.confidence(seen, self.nearness(ranking, first))

    def _read(
        self, question: str, history: Sequence[str], among: Sequence[int] | None
    ) -> tuple[Query, Vectors, frozenset[str]]:
        """Query, its vector, and the posts that answered the question before."""
        import numpy as np

        asked = [" ".join(turn.split()) for turn in history if turn.strip()][-_REMEMBERED:]
        if not asked:
            return questions.query(question), self._encode([question])[0], frozenset()
        posts = self._posts_of(asked, among)
        if not questions.is_follow_up(question):
            return questions.query(question), self._encode([question])[0], posts
        subject = _subject(asked)
        query = questions.query(question, subject)
        alone, together = self._encode([question, query.text])
        vector = alone + together
        return query, np.asarray(vector / np.linalg.norm(vector), dtype=np.float32), posts

    def _posts_of(self, asked: Sequence[str], among: Sequence[int] | None) -> frozenset[str]:
        """The post of the best sentence for the last of earlier questions."""
        ranking = self.ranking(asked[-1], asked[:-1], among, fast=True)
        return frozenset(one.post_id for one in ranking.ranked[:1])

    def _one(
        self,
        question: str,
        shown: str,
        history: Sequence[str],
        among: Sequence[int] | None,
        *,
        always_answer: bool,
        fast: bool,
        explain: bool,
        id: str,  # noqa: A002 - the design names the field
    ) -> Answer:
        started = time.monotonic()
        if not words(question):
            why = "The question holds no words to look for."
            return Answer(question=shown, status="no_answer", confidence=0.0, band="low", reason=why, id=id)
        ranking = self.ranking(question, history, among, fast=fast)
        weights = self._weights_of(ranking)
        found = quotes(self.store, weights, ranking)
        confidence = self._confidence(ranking, found[0]) if found else 0.0
        threshold = self.settings.threshold_for(weights)
        answered = bool(found) and (always_answer or confidence >= threshold)
        missing = missing_words(ranking, found)
        return Answer(
            question=shown,
            status="answered" if answered else "no_answer",
            confidence=confidence,
            band=band_of(confidence),
            quotes=tuple(found) if answered else (),
            closest=() if answered else tuple(found),
            reason=None if answered else reason(ranking, found, missing, self.store.lexical.frequency),
            id=id,
            uncovered=tuple(missing),
            trace=explained(weights, ranking, found, threshold, time.monotonic() - started) if explain else None,
        )

    def status(self) -> dict[str, object]:
        """What the index is made of, in plain values."""
        return {"path": str(self.path)} | self.settings.status()

    @property
    def threshold_confidence(self) -> float:
        """Confidence below which the index refuses."""
        return self.settings.threshold_confidence


# earlier questions that a follow-up may reach back to
_REMEMBERED = 4


def open_index(path: str | Path | Address = DEFAULT_INDEX, *, reranker: str | None = None, fast: bool = False) -> Index:
    """Open the index in a folder or on a server.

    ``reranker`` names a cross-encoder that has a say in the order of sentences; ``fast`` answers without the reader.

    Raises:
        IndexProblem: there is none, it is damaged or of another format, or its server does not answer.
        ModelError: its embedding model or the reranker is not there.

    """
    return Index(path, reranker=reranker, fast=fast)


def _read_ahead(row: QuestionRow) -> list[str]:
    """Texts whose vectors the answer to a row will need."""
    question = " ".join(row.question.split())
    if not question or len(question) > _MAX_QUESTION_CHARACTERS:
        return []
    turns = [" ".join(turn.split()) for turn in row.history if turn.strip()][-_REMEMBERED:]
    asked = [*turns, *questions.parts(question)]
    leaning = [
        questions.query(turn, _subject(asked[max(place - _REMEMBERED, 0) : place])).text
        for place, turn in enumerate(asked)
        if place and questions.is_follow_up(turn)
    ]
    return [*asked, *leaning]


def _subject(asked: Sequence[str]) -> str:
    """The last questions back to the one that stands on its own."""
    kept: list[str] = []
    for turn in reversed(asked):
        kept.insert(0, turn)
        if not questions.is_follow_up(turn):
            break
    return " ".join(kept)
