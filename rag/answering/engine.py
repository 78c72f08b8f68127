"""A question to an answer: chunks, their sentences and quotes, or a refusal with its reason."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Self

from rag.answering.conversation.planning import REMEMBERED, Planner, Scope
from rag.answering.conversation.readings import surer_reading
from rag.answering.conversation.spelling import Speller
from rag.answering.files.question_rows import check_question
from rag.answering.finding import CONSIDERED, Finder
from rag.answering.index_settings import IndexSettings
from rag.answering.one_question import OneQuestion
from rag.answering.posts.answers import PostsAnswers
from rag.answering.posts.catalogue import Catalogue
from rag.answering.question.courtesies import asking_turns
from rag.answering.question.parts import combined, refusal, unsearched
from rag.answering.quotes.further import asked_before, asks_more
from rag.answering.quotes.reasons import ASK_ALL, unasked_reason, unknown_reason
from rag.answering.two_things import TwoThings
from rag.config import DEFAULT_INDEX
from rag.embedding.batching import batcher_for
from rag.embedding.encoder import load_reranker, open_encoder
from rag.embedding.models import PACKAGED_MODELS
from rag.errors import InputError, ModelError
from rag.store.address import Address, read_address
from rag.store.backends import open_snapshot
from rag.store.confirmed import check_model

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from rag.answering.conversation.planning import Part
    from rag.answering.posts.mentions import Mentions
    from rag.answering.selection.ranking import Ranking
    from rag.embedding.encoder import Encoder
    from rag.records import Answer, QuestionRow, Quote
    from rag.store.protocols import Snapshot

    Vectors = npt.NDArray[np.float32]

__all__ = ["CONSIDERED", "Index", "open_index"]

# questions read ahead in a batch: about ten of them then have the same number of tokens and are encoded together
_BATCH = 128


class Index:
    """An open index that answers questions; safe to use from several threads.

    ``catalogue`` has its posts and pages, ``settings`` the threshold.
    """

    def __init__(
        self, path: str | Path | Address = DEFAULT_INDEX, *, reranker: str | None = None, fast: bool = False
    ) -> None:
        """Open the index in a folder or on a server.

        ``reranker`` names a cross-encoder that also counts in the ranking of sentences. With ``fast`` the reader is not
        loaded: answers take a tenth of the time, but paraphrased questions are answered less often.

        Raises:
            IndexProblem: it is missing, damaged or in another format, or its server does not answer.
            IndexUnconfirmed: it names a model that nobody has named on this machine.
            ModelError: its embedding model or the reranker is missing.

        """
        self.path = read_address(path)
        self.store: Snapshot = open_snapshot(self.path)
        # an index may come from a stranger, so a model that it names is not loaded unasked
        check_model(self.path, self.store.manifest.model.name, PACKAGED_MODELS)
        self.catalogue = Catalogue(self.store, self.path)
        self._finder = Finder(self.store, self._encode, fast=fast)
        self.settings = IndexSettings(self.store, self._finder.usual_threshold)
        # programs can also reach the posts, pages and settings from the index itself
        self.posts, self.post = self.catalogue.posts, self.catalogue.post
        self.posts_in_order, self.posts_by_id = self.catalogue.posts_in_order, self.catalogue.posts_by_id
        self.entries, self.bodies = self.catalogue.entries, self.catalogue.bodies
        self.pages, self.page_text = self.catalogue.pages, self.catalogue.page_text
        self.merges, self.skipped = self.catalogue.merges, self.catalogue.skipped
        self.set_threshold = self.settings.set_threshold
        self._encoder: Encoder = open_encoder(self.store.manifest.model)
        self._waiting = batcher_for(self._encoder)
        self._posts_answers = PostsAnswers(self.store)
        self._one = OneQuestion(
            self.store,
            self._finder,
            self.catalogue,
            self.settings,
            self._posts_answers,
            load_reranker(reranker) if reranker else None,
            self._encode,
        )
        self._two = TwoThings(self.store, self._one, self._posts_answers)
        self._planner = Planner(Speller(self.store, self._encoder.count_tokens, self._one.fit))
        self.corrected = self._planner.corrected
        if self._encoder.identity.sha256 != self.store.manifest.model.sha256:
            raise ModelError(
                "the index was built with another embedding model",
                path=str(path),
                expected=f"{self.store.manifest.model.name} {self.store.manifest.model.sha256[:12]}",
                got=self._encoder.identity.sha256[:12],
                remedy="Build the index again: pullquote index.",
            )

    def __enter__(self) -> Self:
        """Open for a block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close at the end of the block."""
        self.close()

    def close(self) -> None:
        """Close the files."""
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
        """Answer one question with exact quotes, or say why the posts do not answer it.

        ``history`` contains the earlier questions of the conversation, oldest first; ``post_id`` restricts the answer
        to one post; ``always_answer`` switches refusals off; ``fast`` answers without the reader; ``explain`` records
        in ``trace`` how the answer was found.

        Raises:
            InputError: the question is empty or far too long, or there is no such post.
            TypeError: the history is not a sequence of strings.

        """
        text = check_question(question)
        if isinstance(history, str) or not all(isinstance(turn, str) for turn in history):
            raise TypeError("history must be a sequence of earlier questions, each a str")
        among = None
        if post_id is not None:
            among = self.store.chunks_of(post_id)
            if not among:
                raise InputError("there is no such post", got=post_id, remedy="List the posts: pullquote posts.")
        named, before = None, None
        history = asking_turns(history)
        if history:
            from rag.answering.conversation.ordinals import counted, counted_in
            from rag.answering.posts.cited import about_citation, without_citations

            spoken = without_citations(history)
            if asks_more(text):
                return self._further(text, spoken, Scope(among, post_id, "", always_answer, explain, fast), id)
            before = partial(self._again, spoken, post_id, fast=fast)
            if cited := about_citation(text, history, self.store, before):
                return replace(cited, id=id)
            earlier, last = counted_in(history := spoken[-REMEMBERED:])
            named = counted(text, lambda: self._again([*earlier, last], post_id, fast=fast))
        plan = self._planner.plan(named or text, history)
        wanted = Scope(among, post_id, plan.context, always_answer, explain, fast, before=before)
        answers = [self._answer(part, wanted) for part in plan.parts]
        if named is not None:
            return replace(answers[0], id=id, question=text, understood=answers[0].understood or named)
        if len(answers) == 1:
            return replace(answers[0], id=id)
        return combined(" ".join(text.split()), answers, id)

    def _again(self, turns: Sequence[str], post_id: str | None, *, fast: bool) -> Answer:
        """The answer to the last turn of a conversation."""
        return self.ask(turns[-1], history=turns[:-1], post_id=post_id, explain=False, fast=fast)

    def _further(self, text: str, history: Sequence[str], scope: Scope, id: str) -> Answer:  # noqa: A002
        """Further quotes of the previous answer, or the posts of its list that were not shown."""
        times, before, last = asked_before(history)
        plan = self._planner.plan(last, before)
        wanted = replace(scope, context=plan.context, further=times + 1)
        answers = [self._answer(part, wanted) for part in plan.parts]
        found = answers[0] if len(answers) == 1 else combined(last, answers, id)
        return replace(found, id=id, question=text, understood=found.understood or " ".join(last.split()))

    def about(self, subject: str) -> Mentions:
        """Every sentence about a subject, whatever form its name has, in posts from the oldest to the newest.

        Raises:
            InputError: the subject is empty or far too long.

        """
        from rag.answering.posts.mentions import find_mentions

        return find_mentions(self.store, self._planner.spelt(check_question(subject)))

    def ask_many(self, rows: Iterable[QuestionRow], *, always_answer: bool = False) -> Iterator[Answer]:
        """Answer rows of questions in order; each answer is the one that the question would get alone."""
        several = iter(rows)
        while window := list(islice(several, _BATCH)):
            self.read_ahead(window)
            for row in window:
                answer = self.ask(
                    row.question, history=row.history, always_answer=always_answer, explain=False, id=row.id
                )
                yield replace(answer, columns=row.columns)

    @property
    def has_reranker(self) -> bool:
        """Whether a cross-encoder also counts in the ranking of sentences."""
        return self._one.rerank is not None

    def read_ahead(self, rows: Iterable[QuestionRow]) -> dict[str, Vectors]:
        """Vectors of the texts that the answers to rows will need, encoded together in advance."""
        texts = list(dict.fromkeys(text for row in rows for text in self._planner.texts(row)))
        return dict(zip(texts, self._encode(texts), strict=True))

    def take(self, vectors: Mapping[str, Vectors]) -> None:
        """Add vectors that another process with the same index has encoded."""
        self._waiting.keep(vectors)

    @property
    def reads(self) -> bool:
        """Whether the reader counts in the ranking, unless ``fast`` is asked for."""
        return self._finder.reads

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
        """Rank the sentences of the best chunks for a question; with ``fast``, without the reader."""
        return self._one.ranking(self._planner.plan(question, history).parts[-1].asked, among, fast=fast)

    def quote_similarity(self, ranking: Ranking, first: Quote) -> float:
        """Cosine of the question with the first quote encoded on its own; this costs a pass of the model."""
        return self._one.quote_similarity(ranking, first)

    def _answer(self, part: Part, wanted: Scope) -> Answer:
        """Answer one question of a message, read as it is most surely answered."""
        if (
            wanted.post_id is None
            and (about := self._posts_answers.answer(part.asked.text, wanted.further)) is not None
        ):
            understood = part.asked.text if part.asked.changed else None
            return replace(about, question=part.shown, understood=understood, read_as=part.read_as)
        if (why := unasked_reason(part.alone)) is not None and not wanted.always_answer:
            return unsearched(part.shown, why)
        if not wanted.always_answer and self._planner.knows_none(part.asked.text):
            return refusal(part.shown, unknown_reason(part.asked.text))
        answer = self._two.completed(self._one.answer(part.asked, part.shown, wanted), part, wanted)
        other = surer_reading(
            part,
            answer,
            lambda asked: self._one.answer(asked, part.shown, wanted),
            lambda: self._one.of_post_before(part, wanted),
        )
        if other is not None:
            return other
        if answer.status == "no_answer" and wanted.post_id is None and (said := self._listed(part, wanted)) is not None:
            answer = replace(said, question=part.shown, closest=() if said.status == "answered" else answer.closest)
        if answer.status == "no_answer" and wanted.post_id is not None and not wanted.always_answer:
            everywhere = replace(wanted, among=None, post_id=None, explain=False)
            if self._one.answer(part.asked, part.shown, everywhere).status == "answered":
                answer = replace(answer, reason=f"{answer.reason} {ASK_ALL}")
        return replace(answer, understood=part.asked.text if part.asked.changed else None, read_as=part.read_as)

    def _listed(self, part: Part, wanted: Scope) -> Answer | None:
        """The posts about what no sentence answers; more of them only if the first answer was their list."""
        said = self._posts_answers.posts_about(part.asked.text, wanted.further)
        if said is None or not wanted.further:
            return said
        first = self._one.answer(part.asked, part.shown, replace(wanted, further=0, explain=False))
        return said if first.status == "no_answer" else None

    def status(self) -> dict[str, object]:
        """The facts about the index, as plain values."""
        return {"path": str(self.path)} | self.settings.status()

    @property
    def threshold_confidence(self) -> float:
        """The confidence below which the index refuses."""
        return self.settings.threshold_confidence


def open_index(path: str | Path | Address = DEFAULT_INDEX, *, reranker: str | None = None, fast: bool = False) -> Index:
    """Open the index in a folder or on a server; arguments and errors are those of `Index`."""
    return Index(path, reranker=reranker, fast=fast)
