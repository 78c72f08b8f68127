"""The page before the first question: what the heap is, and questions to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.text.plurals import amount
from ui.views.html import Markup, join, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["HeapFacts", "Suggestions", "fast_switch", "welcome"]

# What is counted where that is not plain from the name.
COUNTED = {"topic": ", with it in the title or more than once near the beginning"}

# Authors and topics named; the Posts tab has all.
MAX_NAMED = 6


@dataclass(frozen=True, slots=True)
class HeapFacts:
    """What the posts are, in numbers and names; each list has (name, posts), the largest first.

    ``topics`` are None while they are being found.
    """

    posts: int
    pages: int
    dates: tuple[str, str] | None = None
    undated: int = 0
    authors: Sequence[tuple[str, int]] = ()
    sources: Sequence[tuple[str, int]] = ()
    topics: Sequence[tuple[str, int]] | None = ()


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Questions that are answered well, and one that is refused ("" if all that were tried are answered)."""

    questions: tuple[str, ...] = ()
    refused: str = ""


def welcome(heap: HeapFacts, suggestions: Suggestions | None = None) -> Markup:
    """The log before the first question; with ``suggestions`` None, they are still being found."""
    return tag(
        "div",
        tag("h2", "What do the posts say?"),
        tag(
            "p",
            "Ask in your own words. The answer is the sentences of the posts themselves, with the place of each, or a "
            "plain no.",
        ),
        _facts(heap),
        _questions(suggestions),
        class_="welcome",
    )


def fast_switch(*, always: bool) -> Markup:
    """The switch under the question box; on and fixed if the page was started with ``--fast``."""
    given_up = "skips the reader: faster, but finds paraphrased answers less often"
    lead = "This page was started with --fast, which " if always else ""
    return tag(
        "p",
        tag(
            "label",
            tag(
                "input",
                type="checkbox",
                id="pq-fast",
                checked=always,
                disabled=always,
                aria_describedby="pq-fast-cost",
            ),
            " Fast",
        ),
        tag("span", f"{lead}{given_up}", id="pq-fast-cost", class_="faint"),
        class_="speed always-fast" if always else "speed",
    )


def _facts(heap: HeapFacts) -> Markup:
    rows = [("Posts", join([f"{amount(heap.posts, 'post')} from {amount(heap.pages, 'saved page')}"]))]
    if heap.dates is not None:
        first, last = heap.dates
        undated = f"; {heap.undated:,} without a date" if heap.undated else ""
        rows.append(("Dates", join([f"{first} to {last}{undated}" if first != last else f"{first}{undated}"])))
    if heap.authors:
        rows.append(("Authors", _named(heap.authors, "author")))
    if heap.sources:
        rows.append(("Sources", _named(heap.sources, "source")))
    if heap.topics is None:
        rows.append(("Topics", tag("span", "Looking for them …", class_="faint finding-topics")))
    elif heap.topics:
        rows.append(("Topics", _named(heap.topics, "topic")))
    return tag("dl", *(join([tag("dt", name), tag("dd", words)]) for name, words in rows), class_="heap-facts")


def _named(names: Sequence[tuple[str, int]], kind: str) -> Markup:
    links = [
        tag(
            "button",
            name,
            type="button",
            class_="quiet named",
            data_list=kind,
            data_value=name,
            title=f"{amount(count, 'post')}{COUNTED.get(kind, '')}",
        )
        for name, count in names[:MAX_NAMED]
    ]
    left = len(names) - len(links)
    return join([join(links, ", "), f" and {left:,} more" if left > 0 else None])


def _questions(suggestions: Suggestions | None) -> Markup | None:
    if suggestions is None:
        return tag("p", "Looking for questions that these posts answer well …", class_="faint suggesting")
    if not suggestions.questions and not suggestions.refused:
        return None
    rows = [tag("li", _question(question)) for question in suggestions.questions]
    lead = tag("p", "Questions that these posts answer:", class_="faint") if rows else None
    refused = (
        tag("p", "And one that they do not: ", _question(suggestions.refused), class_="faint refused-example")
        if suggestions.refused
        else None
    )
    return tag("div", lead, tag("ul", *rows) if rows else None, refused, class_="suggestions")


def _question(question: str) -> Markup:
    return tag("button", question, type="button", class_="suggestion", data_again=question)
