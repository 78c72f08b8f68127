"""The answers of several indexes to one question, merged into one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rag.answering.question.parts import combined
from rag.answering.quotes.disagreement import newer_first
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.answering.engine import Index
    from rag.records import Answer, PostMatch, Quote

    Vectors = npt.NDArray[np.float32]

__all__ = ["merged"]

# as many as in an answer from one index; an answer to a comparison has more
_LEAST_QUOTES = 3


def _named(name: str, answer: Answer) -> Answer:
    """The answer of an index, with the index named in its quotes and posts."""
    return replace(
        answer,
        quotes=tuple(replace(quote, index=name) for quote in answer.quotes),
        closest=tuple(replace(quote, index=name) for quote in answer.closest),
        posts=tuple(_named_post(name, post) for post in answer.posts),
        parts=tuple(_named(name, part) for part in answer.parts),
    )


def _named_post(name: str, post: PostMatch) -> PostMatch:
    return replace(post, index=name, best=None if post.best is None else replace(post.best, index=name))


def merged(indexes: Sequence[Index], answers: Sequence[Answer]) -> Answer:
    """One answer from the answers of several indexes to the same question."""
    named = {str(index.path): _named(str(index.path), answer) for index, answer in zip(indexes, answers, strict=True)}
    surest = max(named.values(), key=_order)
    asked = [tuple(part.question for part in answer.parts) for answer in answers]
    if surest.parts and len(set(asked)) == 1:
        parts = [_merged_one({name: answer.parts[at] for name, answer in named.items()}) for at in range(len(asked[0]))]
        return combined(surest.question, parts, surest.id)
    return _merged_one(named)


def _merged_one(answers: Mapping[str, Answer]) -> Answer:
    """The merged answer to a message with one question; ``answers`` are by the name of the index."""
    surest = max(answers.values(), key=_order)
    given = {name: answer for name, answer in answers.items() if answer.status in ("answered", "partial")}
    reason = None if given else _by_index({name: answer.reason for name, answer in answers.items()})
    posts = tuple(post for answer in (given or answers).values() for post in answer.posts)
    if any(answer.summary is not None for answer in answers.values()):
        # a question about the posts themselves: each index lists its own, in the order of the indexes
        return replace(
            surest,
            quotes=tuple(quote for answer in given.values() for quote in answer.quotes),
            posts=posts,
            summary=_by_index({name: answer.summary for name, answer in answers.items()}),
            reason=reason,
        )
    if not given:
        most = max(len(answer.closest) for answer in answers.values())
        closest = _in_order(quote for answer in answers.values() for quote in answer.closest)[:most]
        return replace(surest, closest=tuple(closest), reason=reason, posts=posts)
    most = max(_LEAST_QUOTES, *(len(answer.quotes) for answer in given.values()))
    found = _in_order(quote for answer in given.values() for quote in answer.quotes)[:most]
    quotes, differing = newer_first(found)
    return replace(surest, quotes=tuple(quotes), disagreement=differing)


def _order(answer: Answer) -> tuple[bool, bool, float]:
    """Answered before refused, then by confidence."""
    return answer.status != "no_answer", answer.status == "answered", answer.confidence


def _in_order(quotes: Iterable[Quote]) -> list[Quote]:
    """Quotes by confidence; the same words only once, with the highest confidence."""
    found: dict[str, Quote] = {}
    for quote in sorted(quotes, key=lambda quote: -quote.confidence):
        found.setdefault(fold_white(quote.text), quote)
    return list(found.values())


def _by_index(said: Mapping[str, str | None]) -> str | None:
    """What several indexes say: once if they all say the same, otherwise each after the name of the index."""
    different = {text for text in said.values() if text is not None}
    if len(different) <= 1:
        return next(iter(different), None)
    return " ".join(f"{name}: {text}" for name, text in said.items() if text is not None)
