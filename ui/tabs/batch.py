"""The Batch tab: a file of questions in, rows as they are answered, files to keep out."""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

from rag.answering.answer_tables import OUT_ENDINGS
from rag.answering.batch import answer_rows
from rag.answering.question_files import QUESTION_ENDINGS, read_questions
from rag.errors import PullquoteError
from rag.text.plurals import stretch
from ui.services.temp_files import new_file
from ui.views.answer import BAND_WORDS
from ui.views.citations import ref_of
from ui.views.export import html_report
from ui.views.html import Markup, join, tag
from ui.views.progress_bar import bar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rag.answering.engine import Index
    from rag.records import Answer, Post, QuestionRow
    from ui.services.index_holder import Shelf

__all__ = ["build_batch_tab"]

# Questions in one run: an hour's work at five a second; the command line takes more and resumes.
MAX_QUESTIONS = 20_000

# Rows drawn on the page; the files have all.
MAX_SHOWN_ROWS = 300

# Seconds between redraws: often enough to see rows arrive, rarely enough not to slow the answering.
REDRAW_SECONDS = 0.4

# Questions of a batch that go through the model together; a reader's waits meanwhile, some 30 ms.
READ_TOGETHER = 16

ENDINGS = (".csv", ".jsonl", ".md", ".html")


@dataclass(slots=True)
class Job:
    """One run: what is answered so far, and the flag that stops it."""

    name: str
    total: int
    answers: list[Answer] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    started: float = field(default_factory=time.monotonic)


def build_batch_tab(shelf: Shelf) -> None:
    """Put the tab's components where it is called and wire them."""
    job = gr.State(None, time_to_live=3600)
    gr.HTML(_intro(), js_on_load=None, apply_default_css=False, elem_classes="pq-text")
    questions = gr.File(
        label="Questions file",
        file_types=list(QUESTION_ENDINGS),
        file_count="single",
        elem_id="pq-questions",
        height=120,
    )
    with gr.Row(elem_classes="pq-buttons"):
        # never switched off for want of a file: a click just as the file changes would be lost without a word
        start = gr.Button("Ask all", variant="primary", elem_id="pq-batch-start")
        stop = gr.Button("Stop", variant="secondary", visible=False, elem_id="pq-batch-stop")
    state = gr.HTML("", elem_id="pq-batch-state", js_on_load=None, apply_default_css=False)
    with gr.Row(visible=False, elem_classes="pq-buttons", elem_id="pq-batch-files") as files:
        saves = [gr.DownloadButton(f"Save {ending}", size="sm", variant="secondary") for ending in ENDINGS]
    rows = gr.HTML("", elem_id="pq-batch-rows", js_on_load=None, apply_default_css=False)

    def run(path: str | None) -> Iterator[list[object]]:
        if not path:
            yield [_notice("Choose a file of questions first."), *[gr.skip()] * 9]
            return
        try:
            asked = read_questions(Path(path))
            if len(asked) > MAX_QUESTIONS:
                words = (
                    f"This file holds {len(asked):,} questions; the page takes {MAX_QUESTIONS:,}. Use pullquote batch."
                )
                yield [_notice(words), *[gr.skip()] * 9]
                return
            if not asked:
                yield [_notice("This file holds no questions."), *[gr.skip()] * 9]
                return
        except PullquoteError as error:
            # the path on the server says nothing to the person who dropped the file
            yield [_notice(str(error).replace(path, Path(path).name)), *[gr.skip()] * 9]
            return
        now = Job(Path(path).stem, len(asked))
        busy = [gr.update(interactive=False), gr.update(visible=True), gr.update(visible=False), *[gr.skip()] * 4]
        yield [_progress(now), "", now, *busy]
        with shelf.lend() as index:
            drawn = time.monotonic()
            try:
                for answer in _answered(index, asked):
                    now.answers.append(answer)
                    shelf.make_way()
                    if now.stop.is_set():
                        break
                    if time.monotonic() - drawn > REDRAW_SECONDS:
                        drawn = time.monotonic()
                        yield [_progress(now), _rows(now.answers), now, *[gr.skip()] * 7]
                problem = None
            except PullquoteError as error:
                problem = str(error)
            paths = _files(now, index.post)
        done = [gr.update(interactive=True), gr.update(visible=False), gr.update(visible=True)]
        links = [gr.update(value=str(paths[ending])) for ending in ENDINGS]
        yield [_done(now, problem), _rows(now.answers), now, *done, *links]

    def halt(now: Job | None) -> None:
        if now is not None:
            now.stop.set()

    start.click(
        run,
        [questions],
        [state, rows, job, start, stop, files, *saves],
        show_progress="hidden",
        concurrency_id="batch",
        concurrency_limit=1,
        api_name="page_batch",
        api_visibility="private",
    )
    stop.click(halt, [job], None, show_progress="hidden", api_name="page_halt", api_visibility="private")


def _answered(index: Index, rows: Sequence[QuestionRow | Answer]) -> Iterator[Answer]:
    for at in range(0, len(rows), READ_TOGETHER):
        yield from answer_rows(index, rows[at : at + READ_TOGETHER])


def _intro() -> Markup:
    return join(
        [
            tag("h2", "Many questions at once"),
            tag(
                "p",
                "Drop a text file with a question on each line, or a .csv or .jsonl file with the columns question "
                "and, if you like, id. You get one row of answer for every row, in the same order.",
            ),
        ]
    )


def _notice(words: str) -> Markup:
    return tag("p", words, class_="problem", role="alert")


def _progress(job: Job) -> Markup:
    done = len(job.answers)
    seconds = time.monotonic() - job.started
    left = ""
    if 0 < done < job.total:
        left = f", about {stretch(seconds / done * (job.total - done))} left"
    words = f"{done:,} of {job.total:,} questions{left}"
    return tag("div", bar(done, job.total, "Questions answered"), tag("p", words, class_="faint"), class_="progress")


def _done(job: Job, problem: str | None) -> Markup:
    done = len(job.answers)
    answered = sum(answer.status in ("answered", "partial") for answer in job.answers)
    refused = sum(answer.status == "no_answer" for answer in job.answers)
    errors = sum(answer.status == "error" for answer in job.answers)
    counts = [f"{answered:,} answered", f"{refused:,} not in these posts"]
    if errors:
        counts.append(f"{errors:,} could not be asked")
    head = f"Stopped after {done:,} of {job.total:,} questions" if done < job.total else f"All {done:,} questions asked"
    return tag(
        "div",
        bar(done, job.total, "Questions answered"),
        tag("p", f"{head}: {', '.join(counts)}.", role="status"),
        _notice(problem) if problem else None,
        class_="progress",
    )


def _rows(answers: Sequence[Answer]) -> Markup:
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
    else:
        words = "Not asked" if answer.status == "error" else "Not in these posts"
        shown = join([tag("span", words, class_="band band-none"), tag("p", answer.reason or "", class_="faint")])
    return tag("tr", tag("td", answer.id), tag("td", answer.question), tag("td", shown), class_="batch-row")


def _files(job: Job, post: Callable[[str], Post]) -> dict[str, Path]:
    """The answers in every form, in a folder of their own."""
    name = re.sub(r"[^\w-]+", "-", job.name).strip("-")[:60] or "questions"
    first = new_file(f"{name}-answers{ENDINGS[0]}")
    paths = {ending: first.with_suffix(ending) for ending in ENDINGS}
    for ending, write in OUT_ENDINGS.items():
        if ending in paths and write is not None:
            with paths[ending].open("w", encoding="utf-8", newline="") as file:
                write(lambda: iter(job.answers), file)
    lines = [json.dumps(answer.to_dict(), ensure_ascii=False) + "\n" for answer in job.answers]
    paths[".jsonl"].write_text("".join(lines), encoding="utf-8")

    def found(post_id: str) -> Post | None:
        try:
            return post(post_id)
        except PullquoteError:
            return None

    paths[".html"].write_text(html_report(job.answers, title=f"Answers to {job.name}", post=found), encoding="utf-8")
    return paths
