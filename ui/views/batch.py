"""The Batch tab: the questions of a file before they are asked, the progress of a run, and its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.text.plurals import amount, stretch
from ui.views.answer import BAND_WORDS, no_answer
from ui.views.citations import ref_of
from ui.views.html import Markup, join, tag
from ui.views.progress_bar import bar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.records import Answer

__all__ = ["batch_table", "ended", "intro", "notice", "preview", "progress"]

# Rows shown on the page; the files have all.
MAX_SHOWN_ROWS = 300

# Posts shown in one row; the files have all.
MAX_SHOWN_POSTS = 5


def preview(questions: Sequence[str], total: int, kept: Sequence[str]) -> Markup:
    """The first questions of ``total``, and the names of the other columns, which the table of answers keeps."""
    shown = [tag("li", question, dir="auto") for question in questions]
    others = tag("p", "Kept in the .csv file: ", ", ".join(kept), class_="faint") if kept else None
    lead = tag("p", f"{amount(total, 'question')}, beginning with:", class_="faint")
    return tag("div", lead, tag("ol", *shown), others, class_="preview")


def intro() -> Markup:
    """The purpose of the tab."""
    return join(
        [
            tag("h2", "Many questions at once"),
            tag(
                "p",
                "Drop a text file with a question on each line, or a .csv or .jsonl file with the columns question "
                "and, if you like, id. You get one row of answers for every row, in the same order.",
            ),
        ]
    )


def notice(words: str) -> Markup:
    """What is wrong, in words."""
    return tag("p", words, class_="problem", role="alert")


def progress(done: int, total: int, seconds: float) -> Markup:
    """The progress of a run after this many seconds, and how long the rest is likely to take."""
    left = ""
    if 0 < done < total:
        left = f", about {stretch(seconds / done * (total - done))} left"
    words = f"{done:,} of {total:,} questions{left}"
    return tag("div", bar(done, total, "Questions answered"), tag("p", words, class_="faint"), class_="progress")


def ended(answers: Sequence[Answer], total: int, problem: str) -> Markup:
    """The outcome of a run, and what stopped it ("" if nothing did)."""
    done = len(answers)
    answered = sum(answer.status in ("answered", "partial") for answer in answers)
    refused = sum(answer.status == "no_answer" for answer in answers)
    errors = sum(answer.status == "error" for answer in answers)
    counts = [f"{answered:,} answered", f"{refused:,} not in these posts"]
    if errors:
        counts.append(f"{errors:,} could not be asked")
    head = f"Stopped after {done:,} of {total:,} questions" if done < total else f"All {done:,} questions asked"
    return tag(
        "div",
        bar(done, total, "Questions answered"),
        tag("p", f"{head}: {', '.join(counts)}.", role="status"),
        notice(problem) if problem else None,
        class_="progress",
    )


def batch_table(answers: Sequence[Answer]) -> Markup:
    """The last answered rows, as a table."""
    first = max(len(answers) - MAX_SHOWN_ROWS, 0)
    note = (
        tag("p", f"The last {MAX_SHOWN_ROWS} rows; the files have all {len(answers):,}.", class_="faint")
        if first
        else None
    )
    heads = tag("tr", *(tag("th", words, scope="col") for words in ("Id", "Question", "Answer")))
    body = [_row(answer) for answer in answers[first:]]
    return join([note, tag("table", tag("thead", heads), tag("tbody", *body), class_="batch")])


def _row(answer: Answer) -> Markup:
    if answer.quotes:
        cites = [
            tag(
                "a",
                f"[{order}]",
                href=ref_of(quote).href,
                class_="cite",
                aria_label=f"Source {order}: {quote.post_title}",
            )
            for order, quote in enumerate(answer.quotes, 1)
        ]
        shown = join(
            [
                tag("span", BAND_WORDS[answer.band][0], class_=f"band band-{answer.band}"),
                tag("blockquote", answer.quotes[0].text, class_="words"),
                tag("p", join(cites, " "), class_="batch-cites"),
            ]
        )
    elif answer.posts and answer.status in ("answered", "partial"):
        names = [tag("li", post.title or "Untitled post", dir="auto") for post in answer.posts[:MAX_SHOWN_POSTS]]
        shown = join([tag("p", answer.summary), tag("ul", *names)])
    else:
        shown = join(
            [tag("span", no_answer(answer), class_="band band-none"), tag("p", answer.reason or "", class_="faint")]
        )
    return tag("tr", tag("td", answer.id), tag("td", answer.question), tag("td", shown), class_="batch-row")
