"""Conversations and batches as files to keep: Markdown with references, or one HTML file with working citations."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

from rag.text.markdown import escape_markdown, escape_markdown_line
from ui.views.answer import BAND_WORDS
from ui.views.citations import citation_line
from ui.views.html import Markup, escape, join, tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rag.records import Answer, Post, Quote

__all__ = ["html_report", "markdown_report"]


@dataclass(frozen=True, slots=True)
class _Cited:
    """A quote with its number in the reference list."""

    number: int
    quote: Quote


def _single(answers: Iterable[Answer]) -> list[tuple[Answer, list[Answer]]]:
    """Each answer with the single answers it consists of."""
    return [(answer, list(answer.parts) or [answer]) for answer in answers]


def markdown_report(answers: Sequence[Answer], *, title: str) -> str:
    """Questions, exact quotes with numbers, and the list of references they point to."""
    lines = [f"# {escape_markdown_line(title)}", ""]
    references: list[_Cited] = []
    for answer, parts in _single(answers):
        lines += [f"## {escape_markdown_line(answer.question)}", ""]
        for part in parts:
            if part is not answer:
                lines += [f"### {escape_markdown_line(part.question)}", ""]
            if not part.quotes:
                lines += [f"*{_refusal(part)}*", ""]
            else:
                lines += [f"*{BAND_WORDS[part.band][0]}*", ""]
            for quote in part.quotes:
                references.append(_Cited(len(references) + 1, quote))
                lines += [_block(quote.text), ">", f"> \\[{len(references)}\\]", ""]
    if references:
        lines += ["## References", ""]
        lines += [f"{cited.number}. {escape_markdown_line(citation_line(cited.quote))}" for cited in references]
        lines.append("")
    return "\n".join(lines)


def _block(text: str) -> str:
    return "\n".join(f"> {line}  " for line in escape_markdown("\n".join(text.splitlines())).split("\n")).rstrip()


def _refusal(answer: Answer) -> str:
    reason = escape_markdown_line(answer.reason or "")
    return f"Not asked. {reason}" if answer.status == "error" else f"Not in these posts. {reason}"


def html_report(answers: Sequence[Answer], *, title: str, post: Callable[[str], Post | None]) -> str:
    """One self-contained HTML file: each citation leads to the post at the end, with the quoted words marked there.

    ``post`` gives a post by its id, or None where it is not to be had; then the citation leads to the reference only.
    """
    sections: list[Markup] = []
    references: list[_Cited] = []
    for answer, parts in _single(answers):
        body: list[Markup] = []
        for part in parts:
            if part is not answer:
                body.append(tag("h3", part.question))
            if part.quotes:
                body.append(tag("p", BAND_WORDS[part.band][0], class_="band"))
            else:
                body.append(
                    tag("p", join(["Not asked. " if part.status == "error" else "Not in these posts. ", part.reason]))
                )
            for quote in part.quotes:
                number = len(references) + 1
                references.append(_Cited(number, quote))
                cite = tag("a", f"[{number}]", href=f"#q{number}", id=f"c{number}", aria_label=f"Source {number}")
                body.append(tag("blockquote", tag("span", quote.text, class_="words"), " ", cite))
        sections.append(tag("section", tag("h2", answer.question), *body))
    rows = [
        tag("li", citation_line(cited.quote), " ", tag("a", "back", href=f"#c{cited.number}"), id=f"r{cited.number}")
        for cited in references
    ]
    posts = _posts(references, post)
    page = tag(
        "html",
        tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", http_equiv="Content-Security-Policy", content="default-src 'none'; style-src 'unsafe-inline'"),
            tag("title", title),
            tag("style", Markup(files("ui").joinpath("static/report.css").read_text(encoding="utf-8"))),
        ),
        tag(
            "body",
            tag("h1", title),
            *sections,
            tag("section", tag("h2", "References"), tag("ol", *rows)) if rows else None,
            tag("section", tag("h2", "Posts quoted from"), *posts) if posts else None,
        ),
        lang="en",
    )
    return Markup("<!doctype html>\n") + page


def _posts(references: Sequence[_Cited], post: Callable[[str], Post | None]) -> list[Markup]:
    """The posts cited, in the order of their first citation, every quote marked and led back to its question."""
    by_post: dict[str, list[_Cited]] = {}
    for cited in references:
        by_post.setdefault(cited.quote.post_id, []).append(cited)
    sections = []
    for post_id, members in by_post.items():
        found = post(post_id)
        whole = found is not None and all(
            found.text[cited.quote.start : cited.quote.end] == cited.quote.text for cited in members
        )
        head = tag("h3", members[0].quote.post_title)
        if found is None or not whole:
            lost = [tag("blockquote", cited.quote.text, id=f"q{cited.number}", class_="words") for cited in members]
            sections.append(tag("article", head, tag("p", "The post is not in the index any more."), *lost))
            continue
        sections.append(tag("article", head, tag("div", _marked(found.text, members), class_="text")))
    return sections


def _marked(text: str, members: Sequence[_Cited]) -> Markup:
    """The text cut at every quote's ends: stretches that any quote covers are marked, anchors stand at the starts."""
    cuts = sorted({0, len(text), *(c.quote.start for c in members), *(c.quote.end for c in members)})
    parts: list[Markup] = []
    for low, high in pairwise(cuts):
        parts.extend(
            tag("a", f"[{c.number}]", href=f"#c{c.number}", id=f"q{c.number}", class_="anchor")
            for c in members
            if c.quote.start == low
        )
        covered = any(c.quote.start <= low and high <= c.quote.end for c in members)
        parts.append(tag("mark", text[low:high]) if covered else escape(text[low:high]))
    return join(parts)
