"""Conversations and batches as files to keep: JSON Lines, or one HTML page that a reader can check."""

from __future__ import annotations

import json
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

from rag.text.plurals import amount
from ui.views.answer import BAND_WORDS, CLOSEST, UNREAD, lacking, no_answer
from ui.views.citations import citation_line
from ui.views.cited import References, asked_of, label_band, lacking_line, named, said_of
from ui.views.found_posts import is_about_posts, posts_lead, quotes_beside
from ui.views.html import Markup, join, tag
from ui.views.quotes import covered_words, label_of
from ui.views.soft_breaks import flowed, soft_breaks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.records import Answer, Band, ListShown, Post, Quote
    from ui.views.answer import Turn
    from ui.views.cited import Asked, Cited

__all__ = ["html_report", "jsonl_report"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def jsonl_report(turns: Sequence[Turn]) -> str:
    """One line for each question: the object that ``pullquote ask --json`` prints, and what else the page says."""
    lines = []
    for turn in turns:
        row = turn.answer.to_dict()
        if turn.history:
            row["history"] = list(turn.history)
        if turn.scope_id:
            row["asked_about"] = {"post_id": turn.scope_id, "post_title": turn.scope_title}
        if turn.fast:
            row["fast"] = True
        parts = turn.answer.parts or (turn.answer,)
        if lacked := {part.question: list(part.uncovered) for part in parts if lacking(part)}:
            row["not_mentioned"] = lacked
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    return "".join(lines)


def html_report(given: Sequence[Answer | Turn], *, title: str, post: Callable[[str], Post | None]) -> str:
    """One self-contained HTML file: each citation leads to the post beside it, with the quoted words marked there.

    ``post`` returns a post by its id, or None if it is not available; then the citation leads only to the reference.
    The file runs no scripts and loads nothing.
    """
    references = References()
    sections = [_section(asked, references) for asked in asked_of(given)]
    posts = _posts(references.cited, post)
    body = tag(
        "body",
        tag("header", tag("h1", title, dir="auto"), tag("p", _summary(given, references.cited), class_="faint")),
        tag("main", *sections, _reference_list(references.cited)),
        tag("aside", tag("h2", "Posts quoted from"), *posts, aria_label="Posts quoted from") if posts else None,
        tag("footer", tag("p", "Every quotation is word for word what the saved page says. Made with Pullquote.")),
    )
    return Markup("<!doctype html>\n") + tag("html", _report_head(title), body, lang="en")


def _report_head(title: str) -> Markup:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("title", title),
        # our own style sheet, the same in every report
        tag("style", Markup(files("ui").joinpath("static/report.css").read_text(encoding="utf-8"))),
    )


def _summary(given: Sequence[Answer | Turn], references: Sequence[Cited]) -> str:
    posts = len({cited.quote.post_id for cited in references})
    return f"{amount(len(given), 'question')}, {amount(len(references), 'quotation')} from {amount(posts, 'post')}"


def _section(asked: Asked, references: References) -> Markup:
    """A question with all that was shown as its answer; its quotes are also added to the references."""
    body: list[Markup | None] = []
    if asked.scope_title:
        body.append(tag("p", "Asked about one post: ", tag("cite", asked.scope_title, dir="auto"), class_="faint"))
    for part in asked.parts:
        if part is not asked.answer:
            body.append(tag("h3", part.question, dir="auto"))
        body += _report_answer(part, references)
    if asked.fast:
        body.append(tag("p", UNREAD, class_="faint"))
    return tag("section", tag("h2", asked.answer.question, dir="auto"), *body)


def _report_answer(answer: Answer, references: References) -> list[Markup | None]:
    said = [tag("p", line, class_="said", dir="auto") for line in said_of(answer)]
    posts = _report_posts(answer, references)
    quotes = [_report_quote(references.cite(quote), label_band(answer)) for quote in quotes_beside(answer)]
    if is_about_posts(answer):
        return [*said, *posts, *quotes]
    if answer.quotes:
        verdict = tag("p", BAND_WORDS[answer.band][0], class_=f"band band-{answer.band}")
    else:
        verdict = tag("p", tag("b", f"{no_answer(answer)}. "), answer.reason, class_="refused")
    lacking = lacking_line(answer)
    return [
        *said,
        verdict,
        *quotes,
        tag("p", lacking, class_="faint") if lacking is not None else None,
        tag("p", f"{CLOSEST}:", class_="faint") if answer.closest else None,
        *(_report_words(quote, tag("footer", citation_line(quote))) for quote in answer.closest),
        *posts,
    ]


def _report_posts(answer: Answer, references: References) -> list[Markup]:
    """The list of posts, each with its best sentence if that is not quoted below."""
    lead = posts_lead(answer)
    beside = bool(quotes_beside(answer))
    rows = []
    for post in answer.posts:
        best = None if beside or post.best is None else _report_quote(references.cite(post.best), None)
        rows.append(tag("li", named(post), best, dir="auto"))
    return [*([tag("p", lead)] if lead else []), *([tag("ul", *rows)] if rows else [])]


def _report_quote(cited: Cited, band: Band | None) -> Markup:
    number, quote = cited.number, cited.quote
    name = f"c{number}" if cited.first else None
    cite = tag("a", f"[{number}]", href=f"#q{number}", id=name, class_="cite", aria_label=f"Source {number}")
    whose = join([quote.post_title or "Untitled post", quote.post_date], " · ") if quote.post_date else quote.post_title
    label = tag("span", label_of(quote, band), class_="label") if band is not None else None
    return _report_words(quote, tag("footer", cite, " ", tag("cite", whose or "Untitled post", dir="auto"), " ", label))


def _report_words(quote: Quote, origin: Markup) -> Markup:
    header = quote.header
    return tag(
        "blockquote",
        tag("p", "Header of the table: ", header.text, class_="words faint", dir="auto")
        if header is not None
        else None,
        tag("p", covered_words(quote.text, ()), class_="words", dir="auto"),
        _rest_of(quote.list) if quote.list is not None else None,
        origin,
    )


def _rest_of(part: ListShown) -> Markup:
    rest = [tag("p", covered_words(passage.text, ()), class_="words", dir="auto") for passage in part.rest]
    return tag("details", tag("summary", f"{part.shown} of {amount(part.total, 'item')}, show all"), *rest)


def _reference_list(references: Sequence[Cited]) -> Markup | None:
    rows = [
        tag(
            "li",
            citation_line(cited.quote),
            " ",
            tag("a", "back", href=f"#c{cited.number}", aria_label=f"Back to quotation {cited.number}"),
            tag("span", "sha256 ", cited.quote.locations[0].sha256, class_="hash") if cited.quote.locations else None,
            id=f"r{cited.number}",
        )
        for cited in references
    ]
    return tag("section", tag("h2", "References"), tag("ol", *rows), class_="references") if rows else None


def _posts(references: Sequence[Cited], post: Callable[[str], Post | None]) -> list[Markup]:
    """The cited posts, in the order of their first citation, with every quote marked and linked to its question."""
    by_post: dict[str, list[Cited]] = {}
    for cited in references:
        by_post.setdefault(cited.quote.post_id, []).append(cited)
    sections = []
    for post_id, members in by_post.items():
        found = post(post_id)
        whole = found is not None and all(
            found.text[cited.quote.start : cited.quote.end] == cited.quote.text for cited in members
        )
        head = tag("h3", members[0].quote.post_title or "Untitled post", dir="auto")
        if found is None or not whole:
            lost = [tag("blockquote", cited.quote.text, id=f"q{cited.number}", class_="words") for cited in members]
            sections.append(tag("article", head, tag("p", "The post is no longer in the index."), *lost))
            continue
        facts = tag("p", join([fact for fact in (found.source, found.date) if fact], " · "), class_="faint")
        sections.append(
            tag("article", head, facts, tag("div", _marked(found.text, members), class_="text", dir="auto"))
        )
    return sections


def _marked(text: str, members: Sequence[Cited]) -> Markup:
    """The text split at the ends of every quote, with quoted parts marked and anchors at their starts."""
    cuts = sorted({0, len(text), *(c.quote.start for c in members), *(c.quote.end for c in members)})
    breaks = soft_breaks(text)
    parts: list[Markup] = []
    for low, high in pairwise(cuts):
        parts.extend(
            tag("a", f"[{c.number}]", href=f"#c{c.number}", id=f"q{c.number}", class_="anchor")
            for c in members
            if c.quote.start == low
        )
        covered = any(c.quote.start <= low and high <= c.quote.end for c in members)
        shown = flowed(text, low, high, breaks)
        parts.append(tag("mark", shown) if covered else shown)
    return join(parts)
