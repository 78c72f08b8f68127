"""The quotes of an answer as cards: the exact words, their post, and where they were saved."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rag.text.plurals import amount
from rag.text.sentences import split
from ui.views.citations import Ref, citation_line, ref_of
from ui.views.html import Markup, join, tag
from ui.views.list_items import items_of
from ui.views.soft_breaks import flowed, soft_breaks

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from rag.records import Band, ListShown, Location, Passage, Quote, Span

__all__ = ["cards", "covered_words", "label_of"]


def label_of(quote: Quote, band: Band) -> str:
    """The label of a quote among others of an answer of this band: no quote "answers" that is not a strong match."""
    if quote.label != "answers":
        return "Also related"
    return "Answers" if band == "high" else "May answer"


def cards(quotes: Sequence[Quote], number: int | None, band: Band | None = None) -> Markup:
    """Quotes in order, with neighbours from one post in one card; with ``number`` None, unnumbered and not an answer.

    With the ``band`` of the answer, each says whether it answers the question or is only related to it.
    """
    cards: list[Markup] = []
    order = 0
    for _, group in groupby(quotes, key=lambda quote: quote.post_id):
        shown: list[Markup] = []
        for quote in group:
            mark = None if number is None else number + order
            shown.append(_quote(quote, mark, band, first=not shown))
            order += 1
        cards.append(tag("section", *shown, class_="card"))
    return join(cards)


def _quote(quote: Quote, number: int | None, band: Band | None, *, first: bool) -> Markup:
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
    related = band is not None and quote.label != "answers"
    tone = "related" if related else band
    badge = tag("span", label_of(quote, band), class_=f"label label-{tone}") if band is not None else None
    return tag(
        "div",
        _header(quote) if quote.header is not None else None,
        tag("blockquote", covered_words(quote.text, quote.covered), class_="words", dir="auto"),
        _list(quote, quote.list) if quote.list is not None else None,
        tag("p", cite, " ", tag("span", name, date, index, class_="title"), class_="origin"),
        tag(
            "div",
            badge,
            _copy_button(quote),
            _verdicts(quote) if band is not None else None,
            _places(quote),
            class_="quote-line",
        ),
        class_="quote related" if related else "quote",
    )


def _header(quote: Quote) -> Markup:
    """The header of the table of which the quote is a row."""
    text = quote.header.text if quote.header is not None else ""
    return tag("p", tag("span", "Header of the table: ", class_="faint"), text, class_="table-header", dir="auto")


def _list(quote: Quote, part: ListShown) -> Markup:
    """How much of its list the quote shows, and in a fold the other items before and after."""
    rows = [_left_out(quote, rest, "Before this" if rest.start < quote.start else "After this") for rest in part.rest]
    label = tag("summary", f"{part.shown} of {amount(part.total, 'item')}, show all")
    return tag("details", label, *rows, class_="list-fold", data_fold=f"list-{ref_of(quote)}")


def _left_out(quote: Quote, rest: Passage, where: str) -> Markup:
    link = tag(
        "a",
        "Show in the post",
        href=Ref(quote.post_id, rest.start, rest.end, rest.start, rest.end).href,
        class_="cite-link",
    )
    return tag(
        "div",
        tag("p", f"{where} · ", link, class_="faint"),
        tag("blockquote", covered_words(rest.text, ()), class_="words", dir="auto"),
        class_="left-out",
    )


def covered_words(text: str, spans: Sequence[Span]) -> Markup:
    """Text with some spans lightly marked, and the items of its lists beside their markers."""
    breaks = soft_breaks(text)
    parts: list[Markup] = []
    at = 0
    for item in items_of(text, split(text), breaks):
        hang = f"--hang: {item.hang(text)}"
        parts += [
            _covered(text, at, item.start, spans, breaks),
            tag("span", _covered(text, item.start, item.words, spans, breaks), class_="marker", style=hang),
            tag("span", _covered(text, item.words, item.end, spans, breaks), class_="item", style=hang),
        ]
        at = item.end
    return join([*parts, _covered(text, at, len(text), spans, breaks)])


def _covered(text: str, low: int, high: int, spans: Sequence[Span], breaks: Collection[int]) -> Markup:
    parts: list[Markup] = []
    for span in spans:
        start, end = max(span.start, low), min(span.end, high)
        if start >= end:
            continue
        parts.append(flowed(text, low, start, breaks))
        parts.append(tag("span", flowed(text, start, end, breaks), class_="covered"))
        low = end
    return join([*parts, flowed(text, low, high, breaks)])


def _places(quote: Quote) -> Markup | None:
    """The pages that contain the words, in a fold; each opens the page at that place."""
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
    """What happened to the pages since they were indexed; None if they are unchanged."""
    states = [place.page_state for place in quote.locations if place.page_state is not None]
    if len(states) < len(quote.locations):
        return f", {len(states)} changed since indexed" if states else ""
    return ", gone since it was indexed" if "changed" not in states else ", changed since it was indexed"


def _characters(place: Location) -> str:
    return f"characters {place.start:,}–{place.end:,}"


def _verdicts(quote: Quote) -> Markup:
    """The buttons to report on this one of several quotes."""
    title, ref = quote.post_title or "Untitled post", str(ref_of(quote))
    right, wrong = f"This quote is right: {title}", f"This quote is beside the point: {title}"
    choices = (("Right", "right", right), ("Wrong", "wrong_quote", wrong))
    buttons = (
        tag("button", words, type="button", class_="quiet", data_report=verdict, data_quote=ref, aria_label=name)
        for words, verdict, name in choices
    )
    return join(buttons, " ")


def _copy_button(quote: Quote) -> Markup:
    return tag(
        "button",
        "Copy",
        type="button",
        class_="quiet copy",
        data_copy=f"“{quote.text}” ({citation_line(quote)})",
        aria_label=f"Copy this quote with its citation: {quote.post_title}",
    )
