"""The quotes of an answer as cards: the exact words, whose they are, and where they were saved."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rag.text.plurals import amount
from ui.views.citations import citation_line, ref_of
from ui.views.html import Markup, escape, join, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.records import Location, Quote, Span

__all__ = ["cards"]


def cards(quotes: Sequence[Quote], number: int | None) -> Markup:
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
    name = tag("cite", title, dir="auto") if first else tag("span", "the same post", class_="faint")
    date = tag("span", quote.post_date, class_="date") if quote.post_date and first else None
    index = tag("span", quote.index, class_="date") if quote.index else None
    return tag(
        "div",
        tag("blockquote", _covered(quote.text, quote.covered), class_="words", dir="auto"),
        tag("p", cite, " ", tag("span", name, date, index, class_="title"), class_="origin"),
        tag("div", _copy_button(quote), _places(quote), class_="quote-line"),
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


def _places(quote: Quote) -> Markup | None:
    """The pages that hold the words, in a fold; each opens that page at that place."""
    if not quote.locations:
        return None
    ref = ref_of(quote)
    rows = [
        tag(
            "li",
            tag("a", place.file, href=ref.at(order).href, class_="cite-link file"),
            tag("span", place.record, ", " if place.record else None, _characters(place), class_="faint"),
        )
        for order, place in enumerate(quote.locations)
    ]
    pages = len({place.file for place in quote.locations})
    label = tag("summary", f"Where: {amount(pages, 'saved page')}{_since(quote)}")
    return tag("details", label, tag("ul", *rows), class_="places", data_fold=f"places-{ref}")


def _since(quote: Quote) -> str:
    """What became of the pages since they were indexed; nothing while they are as they were."""
    states = [place.page_state for place in quote.locations if place.page_state is not None]
    if len(states) < len(quote.locations):
        return f", {len(states)} changed since indexed" if states else ""
    return ", gone since it was indexed" if "changed" not in states else ", changed since it was indexed"


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
