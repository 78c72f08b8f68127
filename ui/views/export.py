"""Conversations and batches as files to keep: Markdown, JSON Lines, or one HTML page that a reader can check."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

from rag.records import Answer
from rag.text.markdown import escape_markdown, escape_markdown_line
from rag.text.plurals import amount
from ui.views.answer import BAND_WORDS, Turn
from ui.views.citations import citation_line
from ui.views.html import Markup, join, tag
from ui.views.quotes import covered_words, label_of
from ui.views.soft_breaks import flowed, soft_breaks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.records import Band, ListShown, Post, PostMatch, Quote

__all__ = ["html_report", "jsonl_report", "markdown_report"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class _Cited:
    """A quote with its number in the reference list."""

    number: int
    quote: Quote


@dataclass(frozen=True, slots=True)
class _Asked:
    """An answer, the answers to its parts, and the title of the post to which it was restricted."""

    answer: Answer
    parts: tuple[Answer, ...]
    scope_title: str


def _asked(given: Sequence[Answer | Turn]) -> list[_Asked]:
    rows = [(one, "") if isinstance(one, Answer) else (one.answer, one.scope_title) for one in given]
    return [_Asked(answer, answer.parts or (answer,), scope) for answer, scope in rows]


def jsonl_report(turns: Sequence[Turn]) -> str:
    """One line for each question: the object that ``pullquote ask --json`` prints, and its restriction."""
    lines = []
    for turn in turns:
        row = turn.answer.to_dict()
        if turn.history:
            row["history"] = list(turn.history)
        if turn.scope_id:
            row["asked_about"] = {"post_id": turn.scope_id, "post_title": turn.scope_title}
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    return "".join(lines)


def markdown_report(given: Sequence[Answer | Turn], *, title: str) -> str:
    """Questions, exact quotes with numbers, and the list of their references."""
    lines = [f"# {escape_markdown_line(title)}", ""]
    references: list[_Cited] = []
    for asked in _asked(given):
        lines += [f"## {escape_markdown_line(asked.answer.question)}", ""]
        if asked.scope_title:
            lines += [f"Asked about one post: {escape_markdown_line(asked.scope_title)}", ""]
        for part in asked.parts:
            if part is not asked.answer:
                lines += [f"### {escape_markdown_line(part.question)}", ""]
            lines += [line for said in _said(part) for line in (escape_markdown_line(said), "")]
            if _is_about_posts(part):
                lines += [escape_markdown_line(part.summary or ""), ""]
                lines += [*(f"- {_post_line(post)}" for post in part.posts), ""]
            elif not part.quotes:
                lines += [f"*{_refusal(part)}*", ""]
            else:
                lines += [f"*{BAND_WORDS[part.band][0]}*", ""]
            for quote in part.quotes:
                references.append(_Cited(len(references) + 1, quote))
                lines += _markdown_quote(references[-1], _label_band(part))
    if references:
        lines += ["## References", ""]
        lines += [f"{cited.number}. {escape_markdown_line(citation_line(cited.quote))}" for cited in references]
        lines.append("")
    return "\n".join(lines)


def _is_about_posts(answer: Answer) -> bool:
    """Whether posts are the answer, with quotes from them."""
    return answer.status in ("answered", "partial") and (bool(answer.posts) or answer.summary is not None)


def _label_band(answer: Answer) -> Band | None:
    """The band by which quotes are labelled; None if there is one alone, or posts are the answer."""
    return answer.band if len(answer.quotes) > 1 and not _is_about_posts(answer) else None


def _said(answer: Answer) -> list[str]:
    """What an answer says besides its quotes: how the question was understood, and how two quotes disagree."""
    read = [f"“{written}” read as “{taken}”" for written, taken in answer.read_as]
    understood = f"Understood as: {answer.understood}" if answer.understood is not None else None
    return [line for line in (understood, ", ".join(read), answer.disagreement) if line]


def _markdown_quote(cited: _Cited, band: Band | None) -> list[str]:
    """A quote with the header of its table, the rest of its list, and its number."""
    quote, lines = cited.quote, []
    if quote.header is not None:
        lines += ["Header of the table:", "", _block(quote.header.text), ""]
    label = f" {label_of(quote, band)}" if band is not None else ""
    lines += [_block(quote.text), ">", f"> \\[{cited.number}\\]{label}", ""]
    if quote.list is not None:
        lines += [_counted(quote.list), ""]
        lines += [line for rest in quote.list.rest for line in (_block(rest.text), "")]
    return lines


def _counted(part: ListShown) -> str:
    return f"{part.shown} of {amount(part.total, 'item')} of a list; the others:"


def _post_line(post: PostMatch) -> str:
    return escape_markdown_line(_named(post))


def _named(post: PostMatch) -> str:
    return ", ".join(fact for fact in (post.title or "Untitled post", post.author, post.date) if fact)


def _block(text: str) -> str:
    return "\n".join(f"> {line}  " for line in escape_markdown("\n".join(text.splitlines())).split("\n")).rstrip()


def _refusal(answer: Answer) -> str:
    reason = escape_markdown_line(answer.reason or "")
    return f"Not asked. {reason}" if answer.status == "error" else f"Not in these posts. {reason}"


def html_report(given: Sequence[Answer | Turn], *, title: str, post: Callable[[str], Post | None]) -> str:
    """One self-contained HTML file: each citation leads to the post beside it, with the quoted words marked there.

    ``post`` returns a post by its id, or None if it is not available; then the citation leads only to the reference.
    The file runs no scripts and loads nothing.
    """
    references: list[_Cited] = []
    sections = [_section(asked, references) for asked in _asked(given)]
    posts = _posts(references, post)
    body = tag(
        "body",
        tag("header", tag("h1", title, dir="auto"), tag("p", _summary(given, references), class_="faint")),
        tag("main", *sections, _references(references)),
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


def _summary(given: Sequence[Answer | Turn], references: Sequence[_Cited]) -> str:
    posts = len({cited.quote.post_id for cited in references})
    return f"{amount(len(given), 'question')}, {amount(len(references), 'quotation')} from {amount(posts, 'post')}"


def _section(asked: _Asked, references: list[_Cited]) -> Markup:
    """A question with its quotes, which are also added to the references."""
    body: list[Markup] = []
    if asked.scope_title:
        body.append(tag("p", "Asked about one post: ", tag("cite", asked.scope_title, dir="auto"), class_="faint"))
    for part in asked.parts:
        if part is not asked.answer:
            body.append(tag("h3", part.question, dir="auto"))
        body += [tag("p", said, class_="said", dir="auto") for said in _said(part)]
        if _is_about_posts(part):
            body += [tag("p", part.summary), tag("ul", *(tag("li", _named(post), dir="auto") for post in part.posts))]
        elif part.quotes:
            body.append(tag("p", BAND_WORDS[part.band][0], class_=f"band band-{part.band}"))
        else:
            lead = "Not asked. " if part.status == "error" else "Not in these posts. "
            body.append(tag("p", tag("b", lead), part.reason, class_="refused"))
        for quote in part.quotes:
            references.append(_Cited(len(references) + 1, quote))
            body.append(_report_quote(references[-1], _label_band(part)))
    return tag("section", tag("h2", asked.answer.question, dir="auto"), *body)


def _report_quote(cited: _Cited, band: Band | None) -> Markup:
    number, quote = cited.number, cited.quote
    cite = tag("a", f"[{number}]", href=f"#q{number}", id=f"c{number}", class_="cite", aria_label=f"Source {number}")
    whose = join([quote.post_title or "Untitled post", quote.post_date], " · ") if quote.post_date else quote.post_title
    label = tag("span", label_of(quote, band), class_="label") if band is not None else None
    header = quote.header
    return tag(
        "blockquote",
        tag("p", "Header of the table: ", header.text, class_="words faint", dir="auto")
        if header is not None
        else None,
        tag("p", covered_words(quote.text, ()), class_="words", dir="auto"),
        _rest_of(quote.list) if quote.list is not None else None,
        tag("footer", cite, " ", tag("cite", whose or "Untitled post", dir="auto"), " ", label),
    )


def _rest_of(part: ListShown) -> Markup:
    rest = [tag("p", passage.text, class_="words", dir="auto") for passage in part.rest]
    return tag("details", tag("summary", f"{part.shown} of {amount(part.total, 'item')}, show all"), *rest)


def _references(references: Sequence[_Cited]) -> Markup | None:
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


def _posts(references: Sequence[_Cited], post: Callable[[str], Post | None]) -> list[Markup]:
    """The cited posts, in the order of their first citation, with every quote marked and linked to its question."""
    by_post: dict[str, list[_Cited]] = {}
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


def _marked(text: str, members: Sequence[_Cited]) -> Markup:
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
