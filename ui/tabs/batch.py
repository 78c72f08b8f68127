"""The Batch tab: a file of questions in, rows as they are answered, files to keep out."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

from rag.answering.batch import answer_rows
from rag.answering.files.answer_tables import OUT_ENDINGS
from rag.answering.files.question_files import QUESTION_ENDINGS
from rag.errors import PullquoteError
from ui.services.batch_questions import QuestionTable, add_columns, read_question_table
from ui.services.temp_files import file_stem, new_file
from ui.views.batch import batch_table, ended, intro, notice, preview, progress
from ui.views.export import html_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rag.answering.engine import Index
    from rag.answering.heaps import Heaps
    from rag.records import Answer, Post, QuestionRow
    from ui.services.index_holder import Shelf
    from ui.views.html import Markup

__all__ = ["build_batch_tab"]

# Questions in one run: an hour's work at five a second; the command line takes more and can resume.
MAX_QUESTIONS = 20_000

# Seconds between redraws: often enough to see rows arrive, rarely enough not to slow the answering.
REDRAW_SECONDS = 0.4

# Questions of a batch that are encoded together; meanwhile a reader's question waits some 30 ms.
READ_TOGETHER = 16

# Questions of a file shown before they are asked.
MAX_PREVIEW = 5
# names shown of the columns to choose from
MAX_COLUMNS_NAMED = 8

ENDINGS = (".csv", ".jsonl", ".md", ".html")


@dataclass(slots=True)
class Job:
    """One run: the answers so far, and the flag that stops it."""

    name: str
    total: int
    answers: list[Answer] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    started: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The components of the tab that its events change."""

    questions: gr.File
    column: gr.Dropdown
    preview: gr.HTML
    start: gr.Button
    stop: gr.Button
    state: gr.HTML
    files: gr.Row
    saves: list[gr.DownloadButton]
    rows: gr.HTML

    @property
    def changing(self) -> list[gr.blocks.Block]:
        """The components that a run changes, in the order of its values after the job."""
        return [self.preview, self.state, self.rows, self.start, self.stop, self.files, *self.saves]


def build_batch_tab(shelf: Shelf) -> None:
    """Add the tab's components and connect them."""
    job = gr.State(None, time_to_live=3600)
    parts = _parts()
    run = _Run(shelf)
    hidden = {"show_progress": "hidden", "api_visibility": "private"}
    gr.on(
        [parts.questions.change, parts.column.input],
        run.preview,
        [parts.questions, parts.column],
        [parts.preview, parts.column],
        api_name="page_preview",
        trigger_mode="always_last",
        **hidden,
    )
    parts.start.click(
        run.ask_all,
        [parts.questions, parts.column],
        [job, *parts.changing],
        concurrency_id="batch",
        concurrency_limit=1,
        api_name="page_batch",
        **hidden,
    )
    parts.stop.click(_halt, [job], None, api_name="page_halt", **hidden)


def _parts() -> _Parts:
    gr.HTML(intro(), js_on_load=None, apply_default_css=False, elem_classes="pq-text")
    questions = gr.File(
        label="Questions file",
        file_types=list(QUESTION_ENDINGS),
        file_count="single",
        elem_id="pq-questions",
        height=120,
    )
    # a browser's choice is checked against the file, not against the choices that were offered
    column = gr.Dropdown(
        [], label="Column with the questions", visible=False, allow_custom_value=True, elem_id="pq-column"
    )
    preview = gr.HTML("", elem_id="pq-preview", js_on_load=None, apply_default_css=False)
    with gr.Row(elem_classes="pq-buttons"):
        # never disabled without a file, because a click just as the file changes would be lost silently
        start = gr.Button("Ask all", variant="primary", elem_id="pq-batch-start")
        stop = gr.Button("Stop", variant="secondary", visible=False, elem_id="pq-batch-stop")
    state = gr.HTML("", elem_id="pq-batch-state", js_on_load=None, apply_default_css=False)
    with gr.Row(visible=False, elem_classes="pq-buttons", elem_id="pq-batch-files") as files:
        saves = [gr.DownloadButton(f"Save {ending}", size="sm", variant="secondary") for ending in ENDINGS]
    rows = gr.HTML("", elem_id="pq-batch-rows", js_on_load=None, apply_default_css=False)
    return _Parts(questions, column, preview, start, stop, state, files, saves, rows)


def _halt(job: Job | None) -> None:
    if job is not None:
        job.stop.set()


class _Run:
    """Previews a file of questions and asks them, for one index."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def preview(self, path: str | None, column: object) -> list[object]:
        """The first questions of a file, and the choice of a column if one must be chosen."""
        if not path:
            return ["", gr.update(visible=False, value=None)]
        try:
            table = read_question_table(Path(path), column if isinstance(column, str) else "")
        except PullquoteError as error:
            return [notice(_named(error, path)), gr.update(visible=False, value=None)]
        choice = gr.update(choices=list(table.columns), value=table.column or None, visible=len(table.columns) > 1)
        return [_shown(table), choice]

    def ask_all(self, path: str | None, column: object) -> Iterator[list[object]]:
        """The values of the page while the questions of a file are asked: the job, then those of `_Parts.changing`."""
        left = [gr.skip()] * (3 + len(ENDINGS))
        table, problem = _askable(path, column)
        if path is None or table is None:
            # in the place of the preview, so that the next file chosen takes it away
            yield [gr.skip(), notice(problem), gr.skip(), gr.skip(), *left]
            return
        job = Job(Path(path).stem, len(table.rows))
        busy = [gr.update(interactive=False), gr.update(visible=True), gr.update(visible=False)]
        yield [
            job,
            gr.skip(),
            _progress(job),
            "",
            *busy,
            *[gr.skip()] * len(ENDINGS),
        ]
        with self._shelf.lend() as index:
            try:
                for _ in self._redraws(index, job, table):
                    yield [
                        job,
                        gr.skip(),
                        _progress(job),
                        batch_table(job.answers),
                        *left,
                    ]
            except PullquoteError as error:
                problem = str(error)
            paths = _files(job, index.post, table)
        done = [gr.update(interactive=True), gr.update(visible=False), gr.update(visible=True)]
        links = [gr.update(value=str(paths[ending])) for ending in ENDINGS]
        yield [job, gr.skip(), ended(job.answers, job.total, problem), batch_table(job.answers), *done, *links]

    def _redraws(self, index: Index | Heaps, job: Job, table: QuestionTable) -> Iterator[None]:
        """Answer row by row until the job is stopped; yields whenever the page may be redrawn."""
        drawn = time.monotonic()
        for answer in _answered(index, table.rows):
            job.answers.append(answer)
            self._shelf.make_way()
            if job.stop.is_set():
                return
            if time.monotonic() - drawn > REDRAW_SECONDS:
                drawn = time.monotonic()
                yield


def _askable(path: str | None, column: object) -> tuple[QuestionTable | None, str]:
    """The questions of a file, or None and why they cannot be asked."""
    if not path:
        return None, "Choose a file of questions first."
    try:
        table = read_question_table(Path(path), column if isinstance(column, str) else "")
    except PullquoteError as error:
        return None, _named(error, path)
    problem = _unaskable(table)
    return (None, problem) if problem else (table, "")


def _named(error: PullquoteError, path: str) -> str:
    """The error with the file's own name, because the user does not know the path on the server."""
    return str(error).replace(path, Path(path).name)


def _unaskable(table: QuestionTable) -> str:
    """Why a table cannot be asked; "" if it can."""
    if table.columns and not table.column:
        return f"No column is called “question”. Choose the column with the questions: {_listed(table.columns)}."
    if len(table.rows) > MAX_QUESTIONS:
        return f"This file has {len(table.rows):,} questions; the page accepts {MAX_QUESTIONS:,}. Use pullquote batch."
    return "" if table.rows else "This file contains no questions."


def _listed(columns: Sequence[str]) -> str:
    named = [name for name in columns if name]
    more = len(named) - MAX_COLUMNS_NAMED
    return ", ".join(named[:MAX_COLUMNS_NAMED]) + (f" and {more} more" if more > 0 else "")


def _progress(job: Job) -> Markup:
    return progress(len(job.answers), job.total, time.monotonic() - job.started)


def _shown(table: QuestionTable) -> Markup:
    if table.columns and not table.column:
        return notice(_unaskable(table))
    others = [name for name in table.others[0] if name] if table.others else []
    return preview([row.question for row in table.rows[:MAX_PREVIEW]], len(table.rows), others)


def _answered(index: Index | Heaps, rows: Sequence[QuestionRow | Answer]) -> Iterator[Answer]:
    for at in range(0, len(rows), READ_TOGETHER):
        yield from answer_rows(index, rows[at : at + READ_TOGETHER])


def _files(job: Job, post: Callable[[str], Post], table: QuestionTable) -> dict[str, Path]:
    """The answers in every format, in their own folder."""
    first = new_file(f"{file_stem(job.name, 'questions')}-answers{ENDINGS[0]}")
    paths = {ending: first.with_suffix(ending) for ending in ENDINGS}
    for ending, write in OUT_ENDINGS.items():
        if ending in paths and write is not None:
            with paths[ending].open("w", encoding="utf-8", newline="") as file:
                write(lambda: iter(job.answers), file)
    add_columns(paths[".csv"], table.others)
    lines = [json.dumps(answer.to_dict(), ensure_ascii=False) + "\n" for answer in job.answers]
    paths[".jsonl"].write_text("".join(lines), encoding="utf-8")

    def found(post_id: str) -> Post | None:
        try:
            return post(post_id)
        except PullquoteError:
            return None

    paths[".html"].write_text(html_report(job.answers, title=f"Answers to {job.name}", post=found), encoding="utf-8")
    return paths
