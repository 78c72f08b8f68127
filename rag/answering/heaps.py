"""Several indexes asked as one: each answers, and the quotes are sorted by confidence.

Confidences are calibrated, so they can be compared even if the indexes have different embedding models. Each index
keeps its own threshold, spelling and follow-ups.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rag.answering.engine import Index
from rag.answering.merged_answers import merged
from rag.answering.posts.mentions import Mentions
from rag.answering.question.courtesies import asking_turns
from rag.answering.quotes.further import LISTED, asked_before, asks_more, further_posts
from rag.errors import InputError, PageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.answering.posts.catalogue import Catalogue
    from rag.answering.posts.mentions import Mentions, PostMentions
    from rag.records import Answer, PageEntry, Post, PostEntry, QuestionRow, SkippedPage
    from rag.store.address import Address
    from rag.store.rows import PostText

    Vectors = npt.NDArray[np.float32]

__all__ = ["Heaps", "indexes_of", "open_indexes", "together"]


class Heaps:
    """Open indexes that answer a question together; safe to use from several threads.

    ``catalogue`` is the one of the first index.
    """

    def __init__(self, indexes: Sequence[Index]) -> None:
        """Ask ``indexes`` together; if two return the same quote, or the same confidence, the earlier one comes first.

        Raises:
            InputError: there is no index, or one is named twice.

        """
        names = [str(one.path.resolve() if isinstance(one.path, Path) else one.path) for one in indexes]
        if not names:
            raise InputError("no index to ask", expected="at least one index")
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise InputError("this index is named twice", got=twice, remedy="Name each index once.")
        self.indexes = tuple(indexes)

    def __enter__(self) -> Self:
        """Use as a context manager."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close all at the end of the block."""
        self.close()

    def close(self) -> None:
        """Close the files of all indexes."""
        for index in self.indexes:
            index.close()

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
        """Answer one question from all indexes, with the options of ``Index.ask``; each quote names its index.

        ``post_id`` restricts the answer to the indexes with that post.

        Raises:
            InputError: the question is empty or far too long, or no index has such a post.

        """
        if post_id is None and (further := self._further_posts(question, history, always_answer, fast, id)) is not None:
            return further
        asked = self.indexes
        if post_id is not None:
            asked = tuple(index for index in asked if index.store.chunks_of(post_id)) or asked[:1]
        answers = [
            index.ask(
                question,
                history=history,
                post_id=post_id,
                always_answer=always_answer,
                fast=fast,
                explain=explain,
                id=id,
            )
            for index in asked
        ]
        return merged(asked, answers)

    def _further_posts(
        self,
        question: str,
        history: Sequence[str],
        always_answer: bool,
        fast: bool,
        id: str,  # noqa: A002
    ) -> Answer | None:
        """More of a list of posts from all indexes; None if that is not asked for, or the list was shown whole."""
        history = asking_turns(history)
        if not history or not asks_more(question):
            return None
        times, before, last = asked_before(history)
        whole = self.ask(last, history=before, always_answer=always_answer, fast=fast, explain=False, id=id)
        if whole.summary is None or len(whole.posts) <= LISTED:
            return None
        found = further_posts(whole, times + 1)
        return replace(found, id=id, question=question, understood=whole.understood or " ".join(last.split()))

    def about(self, subject: str) -> Mentions:
        """Every sentence about a subject in all indexes, with its index; a post in several indexes comes once.

        Raises:
            InputError: the subject is empty or far too long.

        """
        from rag.answering.posts.mentions import Mentions, PostMentions

        found = [index.about(subject) for index in self.indexes]
        names = dict.fromkeys(name for one in found for name in one.names)
        posts: dict[str, PostMentions] = {}
        for index, one in zip(self.indexes, found, strict=True):
            for said in one.posts:
                quotes = tuple(replace(quote, index=str(index.path)) for quote in said.quotes)
                posts.setdefault(said.post.post_id, PostMentions(said.post, quotes))
        ordered = sorted(posts.values(), key=lambda one: (one.post.date is None, one.post.date or "", one.post.title))
        return Mentions(found[0].subject, tuple(names), tuple(ordered))

    def corrected(self, text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """A text and pairs of (written, read), as the first index that finds a misspelt word corrects it."""
        several = (index.corrected(text) for index in self.indexes)
        return next((found for found in several if found[1]), (text, ()))

    def ask_many(self, rows: Iterable[QuestionRow], *, always_answer: bool = False) -> Iterator[Answer]:
        """Answer rows of questions in order; each answer is the one that the question would get alone."""
        kept = list(rows)
        several = [index.ask_many(kept, always_answer=always_answer) for index in self.indexes]
        for answers in zip(*several, strict=True):
            yield replace(merged(self.indexes, answers), columns=answers[0].columns)

    @property
    def has_reranker(self) -> bool:
        """Whether a cross-encoder also counts in the ranking of sentences."""
        return any(index.has_reranker for index in self.indexes)

    @property
    def reads(self) -> bool:
        """Whether the reader counts in the ranking, unless ``fast`` is asked for."""
        return any(index.reads for index in self.indexes)

    def read_ahead(self, rows: Iterable[QuestionRow]) -> dict[str, Vectors]:
        """Vectors of the texts that the answers to rows will need, encoded together; empty if the models differ."""
        kept = list(rows)
        found = [index.read_ahead(kept) for index in self.indexes]
        if len({index.store.manifest.model.sha256 for index in self.indexes}) > 1:
            return {}
        return {text: vector for vectors in found for text, vector in vectors.items()}

    def take(self, vectors: Mapping[str, Vectors]) -> None:
        """Add vectors that another process with the same indexes has encoded."""
        for index in self.indexes:
            index.take(vectors)

    @property
    def catalogue(self) -> Catalogue:
        """The posts and pages of the first index."""
        return self.indexes[0].catalogue

    def posts(self) -> list[Post]:
        """Every post, index by index; a post in several indexes comes once."""
        return list(self.posts_in_order())

    def posts_in_order(self) -> Iterator[Post]:
        """Every post, with a few hundred in memory at a time."""
        seen: set[str] = set()
        for index in self.indexes:
            for post in index.posts_in_order():
                if post.post_id not in seen:
                    seen.add(post.post_id)
                    yield post

    def entries(self) -> list[PostEntry]:
        """Every post without its text, index by index; a post in several indexes comes once."""
        found: dict[str, PostEntry] = {}
        for index in self.indexes:
            for entry in index.entries():
                found.setdefault(entry.post_id, entry)
        return list(found.values())

    def posts_by_id(self, post_ids: Sequence[str]) -> dict[str, Post]:
        """Some posts, each from the first index that has it; unknown ids are left out."""
        return {key: post for index in reversed(self.indexes) for key, post in index.posts_by_id(post_ids).items()}

    def bodies(self, post_ids: Sequence[str]) -> dict[str, PostText]:
        """Title, date and text of some posts, each from the first index that has it; unknown ids are left out."""
        return {key: body for index in reversed(self.indexes) for key, body in index.bodies(post_ids).items()}

    def post(self, post_id: str) -> Post:
        """One post, from the first index that has it.

        Raises:
            InputError: there is no such post.

        """
        for index in self.indexes[:-1]:
            if index.store.posts([post_id]):
                return index.post(post_id)
        return self.indexes[-1].post(post_id)

    def pages(self) -> list[PageEntry]:
        """Every page that was indexed, index by index."""
        return [page for index in self.indexes for page in index.pages()]

    def skipped(self) -> list[SkippedPage]:
        """Every file that was left out, with the reason."""
        return [page for index in self.indexes for page in index.skipped()]

    def page_text(self, file: str) -> str:
        """Decoded text of a page, read again from its file.

        Raises:
            PageError: no index has the page, several have one with that name, or its file is gone or has changed.
            IndexUnconfirmed: the file is in no folder that was named on this machine.

        """
        having = [index for index in self.indexes if any(page.file == file for page in index.pages())]
        if len({page.sha256 for index in having for page in index.pages() if page.file == file}) > 1:
            raise PageError("several of the indexes have a page with this name", path=file)
        return (having or self.indexes)[0].page_text(file)


def open_indexes(
    paths: Sequence[str | Path | Address], *, reranker: str | None = None, fast: bool = False
) -> Index | Heaps:
    """Open one index, or several to be asked together, with the options of ``open_index``.

    Raises:
        InputError: there is no index, or one is named twice.
        IndexProblem: one is missing, damaged or in another format, or its server does not answer.
        ModelError: an embedding model or the reranker is missing.

    """
    opened: list[Index] = []
    try:
        opened.extend(Index(path, reranker=reranker, fast=fast) for path in paths)
        return together(opened)
    except BaseException:
        for index in opened:
            index.close()
        raise


def together(indexes: Sequence[Index]) -> Index | Heaps:
    """A single index unchanged, several as one."""
    return indexes[0] if len(indexes) == 1 else Heaps(indexes)


def indexes_of(asked: Index | Heaps) -> tuple[Index, ...]:
    """The indexes that are asked together, or the single one."""
    return asked.indexes if isinstance(asked, Heaps) else (asked,)
