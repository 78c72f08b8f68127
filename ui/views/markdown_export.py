"""Answers as Markdown: everything the page shows of them, with a list of references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.text.markdown import escape_markdown, escape_markdown_line
from rag.text.plurals import amount
from ui.views.answer import BAND_WORDS, CLOSEST, UNREAD, Turn, no_answer
from ui.views.citations import citation_line
from ui.views.cited import References, asked_of, label_band, lacking_line, named, said_of
from ui.views.found_posts import is_about_posts, posts_lead, quotes_beside
from ui.views.quotes import label_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.records import Answer, Band, ListShown, Quote
    from ui.views.cited import Cited

__all__ = ["markdown_report"]


def markdown_report(given: Sequence[Answer | Turn], *, title: str) -> str:
    """Questions, all that was shown as their answers with a number for each quote, and the list of their references."""
    lines = [f"# {escape_markdown_line(title)}", ""]
    references = References()
    for asked in asked_of(given):
        lines += [f"## {escape_markdown_line(asked.answer.question)}", ""]
        if asked.scope_title:
            lines += [f"Asked about one post: {escape_markdown_line(asked.scope_title)}", ""]
        for part in asked.parts:
            if part is not asked.answer:
                lines += [f"### {escape_markdown_line(part.question)}", ""]
            lines += _markdown_answer(part, references)
        if asked.fast:
            lines += [UNREAD, ""]
    if references.cited:
        lines += ["## References", ""]
        lines += [f"{one.number}. {escape_markdown_line(citation_line(one.quote))}" for one in references.cited]
        lines.append("")
    return "\n".join(lines)


def _markdown_answer(answer: Answer, references: References) -> list[str]:
    lines = [line for said in said_of(answer) for line in (escape_markdown_line(said), "")]
    posts = _markdown_posts(answer, references)
    cited = [
        line for quote in quotes_beside(answer) for line in _markdown_quote(references.cite(quote), label_band(answer))
    ]
    if is_about_posts(answer):
        return [*lines, *posts, *cited]
    lines += [f"*{BAND_WORDS[answer.band][0] if answer.quotes else _refusal(answer)}*", "", *cited]
    if (lacking := lacking_line(answer)) is not None:
        lines += [escape_markdown_line(lacking), ""]
    lines += [f"{CLOSEST}:", ""] if answer.closest else []
    for quote in answer.closest:
        cite = f"> {escape_markdown_line(citation_line(quote))}"
        lines += [*_markdown_words(quote), cite, "", *_markdown_rest(quote)]
    return lines + posts


def _markdown_posts(answer: Answer, references: References) -> list[str]:
    """The list of posts, each with its best sentence if that is not quoted below."""
    lead = posts_lead(answer)
    lines = [escape_markdown_line(lead), ""] if lead else []
    for post in answer.posts:
        lines += [f"- {escape_markdown_line(named(post))}", ""]
        if post.best is not None and not quotes_beside(answer):
            lines += [f"  {line}".rstrip() for line in _markdown_quote(references.cite(post.best), None)]
    return lines


def _markdown_quote(cited: Cited, band: Band | None) -> list[str]:
    """A quote with the header of its table, its number, and the rest of its list."""
    label = f" {label_of(cited.quote, band)}" if band is not None else ""
    return [*_markdown_words(cited.quote), f"> \\[{cited.number}\\]{label}", "", *_markdown_rest(cited.quote)]


def _markdown_words(quote: Quote) -> list[str]:
    header = ["Header of the table:", "", _block(quote.header.text), ""] if quote.header is not None else []
    return [*header, *_block(quote.text).split("\n"), ">"]


def _markdown_rest(quote: Quote) -> list[str]:
    if quote.list is None:
        return []
    return [_counted(quote.list), "", *(line for rest in quote.list.rest for line in (_block(rest.text), ""))]


def _counted(part: ListShown) -> str:
    return f"{part.shown} of {amount(part.total, 'item')} of a list; the others:"


def _block(text: str) -> str:
    return "\n".join(f"> {line}  " for line in escape_markdown("\n".join(text.splitlines())).split("\n")).rstrip()


def _refusal(answer: Answer) -> str:
    return f"{no_answer(answer)}. {escape_markdown_line(answer.reason or '')}"
