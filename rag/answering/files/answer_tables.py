"""Answers as a table or a page for people: the formats into which `batch` turns its JSON lines."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, TextIO

from rag.answering.question.parts import BAND_WORDS
from rag.answering.quotes.how_sure import odds_words
from rag.text.cells import guard_cell
from rag.text.markdown import escape_markdown, escape_markdown_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rag.records import Answer, Quote

__all__ = ["OUT_ENDINGS", "quotation"]

# The most quotes that `ask` returns for a single question; a question with several parts may need more columns.
_CSV_QUOTES = 3


def _write_csv(answers: Callable[[], Iterator[Answer]], file: TextIO) -> None:
    """One row per answer: for each quote its text, post title, post id and locations (``file:start-end``).

    If several indexes were asked, columns name the index of each quote. The other columns of the questions file come
    last.
    """
    quotes = max([_CSV_QUOTES, *(len(answer.quotes) for answer in answers())])
    more = list(dict.fromkeys(name for answer in answers() for name, _ in answer.columns))
    header = ["id", "question", "status", "confidence", "band", "reason", "summary", "posts"]
    for number in range(1, quotes + 1):
        header += [f"quote_{number}", f"title_{number}", f"post_id_{number}", f"places_{number}"]
        header += [f"confidence_{number}", f"label_{number}"]
    header += ["closest", "closest_title", "closest_post_id", "closest_places"]
    heaps = any(quote.index for answer in answers() for quote in (*answer.quotes, *answer.closest[:1]))
    if heaps:
        header += [*(f"index_{number}" for number in range(1, quotes + 1)), "closest_index"]
    table = csv.writer(file)
    table.writerow([*header, *map(guard_cell, more)])
    for answer in answers():
        row = [answer.id, answer.question, answer.status, f"{answer.confidence:.4f}", answer.band, answer.reason or ""]
        row += [answer.summary or "", "; ".join(post.title for post in answer.posts)]
        for quote in answer.quotes:
            row += [*_csv_quote(quote), f"{quote.confidence:.4f}", quote.label]
        row += [""] * (6 * (quotes - len(answer.quotes)))
        row += _csv_quote(answer.closest[0]) if answer.closest else [""] * 4
        if heaps:
            row += [*(quote.index or "" for quote in answer.quotes), *[""] * (quotes - len(answer.quotes))]
            row.append(answer.closest[0].index or "" if answer.closest else "")
        carried = dict(answer.columns)
        table.writerow([guard_cell(cell) for cell in [*row, *(carried.get(name, "") for name in more)]])


def _csv_quote(quote: Quote) -> list[str]:
    places = "; ".join(f"{place.file}:{place.start}-{place.end}" for place in quote.locations)
    return [quote.text, quote.post_title, quote.post_id, places]


_STATUS_WORDS = {"partial": "Some parts have an answer.", "no_answer": "No answer.", "error": "Not asked."}


def _write_markdown(answers: Callable[[], Iterator[Answer]], file: TextIO) -> None:
    """One section per answer: its quotes as block quotations with their locations."""
    file.write("# Answers\n")
    for answer in answers():
        file.write(f"\n## {escape_markdown_line(answer.id)}. {escape_markdown_line(answer.question)}\n")
        words = [_STATUS_WORDS.get(answer.status, ""), answer.summary or "", answer.reason or ""]
        if any(words):
            file.write(f"\n{escape_markdown(' '.join(filter(None, words)))}\n")
        if answer.understood is not None:
            file.write(f"\nUnderstood as: {escape_markdown_line(answer.understood)}\n")
        if answer.disagreement is not None:
            file.write(f"\n{escape_markdown_line(answer.disagreement)}\n")
        if answer.quotes and answer.summary is None:
            hedge = f"Confidence: {answer.band}. {BAND_WORDS[answer.band]} {odds_words(answer.confidence)}"
            file.write(f"\n{hedge}\n")
        for post in answer.posts if answer.status == "answered" else ():
            line = ", ".join(filter(None, [post.title, post.date, post.author]))
            file.write(f"\n- {escape_markdown_line(line)}")
        if answer.posts:
            file.write("\n")
        file.writelines(quotation(f"[{number}]", quote) for number, quote in enumerate(answer.quotes, 1))
        if answer.closest:
            file.write("\nClosest, but not an answer:\n")
            file.writelines(quotation("", quote) for quote in answer.closest)


def quotation(number: str, quote: Quote) -> str:
    """A quote as a block quotation with its citation: number, post, date and locations."""
    places = "; ".join(f"{escape_markdown_line(place.file)} {place.start}–{place.end}" for place in quote.locations)
    places += f", {escape_markdown_line(quote.index)}" if quote.index else ""
    cited = " ".join(filter(None, [escape_markdown(number), f"**{escape_markdown_line(quote.post_title)}**"]))
    dated = f", {quote.post_date}" if quote.post_date else ""
    sure = f" ({quote.label}, confidence {quote.confidence:.2f})" if quote.confidence else ""
    header = f"> Header of the table: {escape_markdown_line(quote.header.text)}\n>\n" if quote.header else ""
    return f"\n{header}> {_quoted(quote.text)}\n>\n{_left_out(quote)}> {cited}{dated}, {places}{sure}\n"


def _left_out(quote: Quote) -> str:
    """The items of a list that a quote leaves out, each with its location."""
    if quote.list is None:
        return ""
    lines = [f"> {quote.list.shown} of {quote.list.total}; the others:\n>\n"]
    for rest in quote.list.rest:
        places = "; ".join(f"{escape_markdown_line(place.file)} {place.start}–{place.end}" for place in rest.locations)
        lines.append(f"> {_quoted(rest.text)} ({places})\n>\n")
    return "".join(lines)


def _quoted(text: str) -> str:
    """The text of a block quotation, with its line breaks."""
    return escape_markdown(re.sub(r"\r\n?", "\n", text)).replace("\n", "  \n> ")


# The writer for each file ending; None: the lines of the partial file are the output.
OUT_ENDINGS: dict[str, Callable[[Callable[[], Iterator[Answer]], TextIO], None] | None] = {
    ".jsonl": None,
    ".csv": _write_csv,
    ".md": _write_markdown,
}
