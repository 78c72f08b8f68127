"""One turn of the conversation as HTML: the exact words first, then where they stand and how sure that is."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from rag.text.plurals import amount
from ui.views.citations import citation_line, ref_of
from ui.views.html import Markup, escape, join, tag
from ui.views.trace import found_fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rag.records import Answer, Band, Location, Quote, Span, Status

__all__ = ["BAND_WORDS", "Turn", "drawn", "render_log", "render_turn", "welcome"]

# What the three bands are called on the page, and the advice that belongs to each.
BAND_WORDS: dict[Band, tuple[str, str]] = {
    "high": ("Strong match", "These words fit the question closely."),
    "medium": ("Likely match", "Read the words in their post before relying on them."),
    "low": ("Weak match", "This may be beside the point: read it in its post."),
}

# What a reader can report about an answer, by its status; the first of each pair is what feedback rows store.
_WRONG = ("wrong_quote", "Wrong passage")
_REFUSE = ("should_refuse", "Should have refused")
_ANSWER = ("should_answer", "Should have answered")
REPORTS: dict[Status, tuple[tuple[str, str], ...]] = {
    "answered": (_WRONG, _REFUSE),
    "partial": (_WRONG, _REFUSE, _ANSWER),
    "no_answer": (_ANSWER,),
    "error": (),
}


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer as they stand on the page.

    ``link`` is the query string that asks it again, ``history`` the earlier questions it was asked after;
    ``scope_title`` names the post the question was narrowed to. ``order`` counts the turns of a conversation from 0,
    those that are not kept any more included; ``drawn`` is the turn as ``render_turn`` made it, where that was done,
    packed: 40 answers to questions about the seed pages take 4.4 times less, and a page keeps hundreds of
    conversations.
    """

    question: str
    answer: Answer
    link: str
    scope_id: str | None = None
    scope_title: str = ""
    history: tuple[str, ...] = ()
    order: int = 0
    drawn: bytes = b""


def render_log(turns: Sequence[Turn]) -> Markup:
    """The whole conversation."""
    if not turns:
        return Markup()
    return tag("div", *(_unpacked(turn) for turn in turns), class_="turns")


def drawn(turn: Turn) -> Turn:
    """A turn with its picture, so that a longer conversation draws it no more."""
    return replace(turn, drawn=zlib.compress(render_turn(turn).encode(), 1))


def _unpacked(turn: Turn) -> Markup:
    # it was Markup when it was packed
    return Markup(zlib.decompress(turn.drawn).decode()) if turn.drawn else render_turn(turn)


def render_turn(turn: Turn) -> Markup:
    """A question as a heading, its answer, and the line of actions under it."""
    order = turn.order
    narrowed = tag("p", "Asked about one post: ", tag("cite", turn.scope_title), class_="narrowed")
    return tag(
        "article",
        tag("h2", turn.question, class_="question", tabindex="-1"),
        narrowed if turn.scope_id else None,
        _answer(turn.answer),
        _actions(turn, order) if turn.answer.status != "error" else None,
        class_="turn",
        id=f"turn-{order}",
        data_turn=order,
        data_link=turn.link,
        aria_label=f"Question {order + 1}",
    )


def _answer(answer: Answer) -> Markup:
    if answer.status == "error":
        reason = answer.reason or "This question could not be asked."
        return tag("p", reason, class_="verdict verdict-error", role="alert")
    if not answer.parts:
        return _single(answer, 1)
    sections: list[Markup] = []
    number = 1
    for part in answer.parts:
        sections.append(
            tag("section", tag("h3", part.question, class_="part-question"), _single(part, number), class_="part")
        )
        number += len(part.quotes)
    return join(sections)


def _single(answer: Answer, number: int) -> Markup:
    return _quoted(answer, number) if answer.quotes else _refused(answer)


def _quoted(answer: Answer, number: int) -> Markup:
    words, advice = BAND_WORDS[answer.band]
    count = len(answer.quotes)
    posts = len({quote.post_id for quote in answer.quotes})
    total = f"{amount(count, 'quotation')} from {amount(posts, 'post')}"
    return join(
        [
            tag("p", _band(answer.band, words), tag("span", advice, class_="advice"), class_="verdict", title=total),
            _cards(answer.quotes, number),
            _uncovered(answer.uncovered, "Nothing near these words mentions"),
        ]
    )


def _refused(answer: Answer) -> Markup:
    reason = answer.reason or "Nothing in the posts comes close enough to the question."
    closest = None
    if answer.closest:
        closest = tag(
            "details",
            tag("summary", "Closest words found, not an answer"),
            _cards(answer.closest, None),
            class_="closest",
            data_fold=f"closest-{answer.question}",
        )
    return join(
        [
            tag("p", "Not in these posts", class_="refusal"),
            tag("p", reason, class_="reason"),
            # a reason that names the words itself is not said twice
            None
            if any(word in reason for word in answer.uncovered)
            else _uncovered(answer.uncovered, "Nothing close by mentions"),
            closest,
        ]
    )


def _band(band: Band, words: str) -> Markup:
    return tag("span", words, class_=f"band band-{band}")


def _uncovered(words: Iterable[str], lead: str) -> Markup | None:
    named = [tag("span", f"“{word}”", class_="uncovered") for word in words]
    return tag("p", f"{lead} ", join(named, ", "), ".", class_="uncovered-line") if named else None


def _cards(quotes: Sequence[Quote], number: int | None) -> Markup:
    """Quotes in their order, neighbours from one post in one card; ``number`` None: not numbered, not an answer."""
    cards: list[Markup] = []
    order = 0
    for _, group in groupby(quotes, key=lambda quote: quote.post_id):
        shown: list[Markup] = []
        for quote in group:
            shown.append(_quote(quote, None if number is None else number + order, first=not shown))
            order += 1
        cards.append(tag("section", *shown, class_="card"))
    return join(cards)


def _quote(quote: Quote, number: int | None, *, first: bool) -> Markup:
    """The exact words, then the citation with title and date, then the pages."""
    title = quote.post_title or "Untitled post"
    when = f", {quote.post_date}" if quote.post_date else ""
    label = f"Source {number}: {title}{when}" if number is not None else f"Closest words: {title}{when}"
    cite = tag(
        "a",
        f"[{number}]" if number is not None else "Show",
        href=ref_of(quote).href,
        class_="cite" if number is not None else "cite cite-closest",
        aria_label=label,
        title="Show in the post",
    )
    name = tag("cite", title) if first else tag("span", "the same post", class_="faint")
    date = tag("span", quote.post_date, class_="date") if quote.post_date and first else None
    return tag(
        "div",
        tag("blockquote", _covered(quote.text, quote.covered), class_="words"),
        tag("p", cite, " ", tag("span", name, date, class_="title"), class_="origin"),
        tag("div", _places(quote), _copy_button(quote), class_="quote-line"),
        class_="quote",
    )


def _covered(text: str, spans: Sequence[Span]) -> Markup:
    parts: list[Markup] = []
    at = 0
    for span in spans:
        start, end = max(span.start, at), min(span.end, len(text))
        if start >= end:
            continue
        parts.append(escape(text[at:start]))
        parts.append(tag("span", text[start:end], class_="covered"))
        at = end
    parts.append(escape(text[at:]))
    return join(parts)


def _places(quote: Quote) -> Markup:
    """The first page by name, the others in a fold; each opens that page at that place."""
    ref = ref_of(quote)
    if not quote.locations:
        return tag("span", class_="where")
    first = quote.locations[0].file
    link = tag("a", first, href=ref.at(0).href, class_="cite-link file")
    others = len(quote.locations) - 1
    if not others:
        return tag("span", link, class_="where")
    rows = [
        tag(
            "li",
            tag("a", place.file, href=ref.at(order).href, class_="cite-link"),
            tag("span", place.record, ", " if place.record else None, _characters(place), class_="faint"),
        )
        for order, place in enumerate(quote.locations)
        if order
    ]
    label = f"also on {amount(others, 'other page')}"
    fold = tag("details", tag("summary", label), tag("ul", *rows), class_="places", data_fold=f"places-{ref}")
    return join([tag("span", link, class_="where"), fold])


def _characters(place: Location) -> str:
    return f"characters {place.start:,}–{place.end:,}"


def _copy_button(quote: Quote) -> Markup:
    return tag(
        "button",
        "Copy",
        type="button",
        class_="quiet copy",
        data_copy=f"“{quote.text}” ({citation_line(quote)})",
        aria_label=f"Copy this quote with its citation: {quote.post_title}",
    )


def _actions(turn: Turn, order: int) -> Markup:
    reports = [
        tag("button", words, type="button", class_="quiet", data_report=value, data_turn=order)
        for value, words in REPORTS[turn.answer.status]
    ]
    note_id = f"note-{order}"
    form = tag(
        "div",
        tag("label", "The words that do answer it, if you know them (optional)", for_=note_id),
        tag("textarea", "", id=note_id, rows=2, maxlength=2000),
        tag("div", *reports, class_="reports"),
        class_="report-form",
    )
    return tag(
        "div",
        found_fold(turn.answer),
        tag(
            "div",
            tag("button", "Copy link", type="button", class_="quiet", data_copy_link=turn.link),
            tag("button", "This is right", type="button", class_="quiet", data_report="right", data_turn=order),
            tag("details", tag("summary", "Something is wrong"), form, class_="report", data_fold="report"),
            tag("span", "", class_="said", role="status"),
            class_="row-actions",
        ),
        class_="actions",
    )


def welcome(posts: int, pages: int, titles: Sequence[tuple[str, str]]) -> Markup:
    """What stands in the log before the first question; ``titles`` are (post id, title) of a few posts to open."""
    rows = [tag("li", tag("a", title, href=f"#src={post_id}", class_="cite-link")) for post_id, title in titles]
    return tag(
        "div",
        tag("h2", "What do the posts say?"),
        tag(
            "p",
            f"Ask in your own words. The answer is the sentences of the posts themselves, with the place where each "
            f"stands, or a plain no. {amount(posts, 'post')} from "
            f"{amount(pages, 'saved page')} can be asked.",
        ),
        tag("p", "Some of what is in here:", class_="faint") if rows else None,
        tag("ul", *rows) if rows else None,
        class_="welcome",
    )
