"""Many questions in one run: answers come in the order of the rows, and a stopped run loses nothing.

A run keeps its answers as JSON lines in ``OUT.partial`` beside the output file, and a stopped run can continue from
there. When all rows are done, that file becomes OUT or is converted to it.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.answering.files.answer_files import read_answers
from rag.answering.files.answer_tables import OUT_ENDINGS
from rag.answering.process_pool import ask_by_processes
from rag.config import silent
from rag.errors import InputError
from rag.records import Answer
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rag.answering.engine import Index
    from rag.answering.heaps import Heaps
    from rag.config import Progress
    from rag.records import QuestionRow

__all__ = ["BatchReport", "answer_rows", "check_out", "partial_path", "run_batch"]

# A killed process loses nothing it has written; only a power cut can lose what is younger than this.
_SECONDS_BETWEEN_SYNCS = 1.0


@dataclass(frozen=True, slots=True)
class BatchReport:
    """The number of rows with each status, and of those kept from an earlier run."""

    rows: int
    answered: int
    partial: int
    no_answer: int
    error: int
    resumed: int


def answer_rows(
    index: Index | Heaps,
    rows: Sequence[QuestionRow | Answer],
    *,
    always_answer: bool = False,
    processes: int | None = 1,
) -> Iterator[Answer]:
    """Answer every row, in order; rows that are already answers (errors) are passed through.

    If there is enough work, ``processes`` share it; None means one for each processor.
    """
    questions = [row for row in rows if not isinstance(row, Answer)]
    asked = ask_by_processes(index, questions, always_answer=always_answer, processes=processes)
    for row in rows:
        yield row if isinstance(row, Answer) else next(asked)


def check_out(out: Path, questions: Path | None = None) -> None:
    """Check before any work that the output can be written without overwriting the questions file.

    Raises:
        InputError: the ending is unknown, the folder is missing or not writable, or it is the questions file itself.

    """
    if questions is not None and out.resolve() == questions.resolve():
        raise InputError("this is the question file itself", path=str(out), remedy="Name another --out FILE.")
    if out.suffix.casefold() not in OUT_ENDINGS:
        raise InputError(
            "answers cannot be written to a file with this ending",
            path=str(out),
            expected=" or ".join(OUT_ENDINGS),
            got=out.suffix or "no ending",
        )
    if out.is_dir():
        raise InputError("this is a folder", path=str(out), expected="a file to write the answers to")
    if not out.parent.is_dir():
        raise InputError("the output folder does not exist", path=str(out.parent), remedy="Create it first")
    if not os.access(out.parent, os.W_OK):
        raise InputError("the output folder is not writable", path=str(out.parent))


def partial_path(out: Path) -> Path:
    """The file in which a run keeps its answers until it is done."""
    return out.with_name(out.name + ".partial")


def run_batch(
    index: Index | Heaps,
    rows: Sequence[QuestionRow | Answer],
    out: Path,
    *,
    resume: bool = False,
    always_answer: bool = False,
    processes: int | None = 1,
    progress: Progress = silent,
) -> BatchReport:
    """Answer all rows and write them to ``out`` in the format of its ending.

    With ``resume``, the answers of a stopped run are kept and only the remaining rows are asked. If there is enough
    work, ``processes`` share it; None means one for each processor.

    Raises:
        InputError: ``out`` cannot be written, another run is writing it, or the stopped run had other questions.

    """
    check_out(out)
    try:
        with _alone(out):
            return _run(
                index, rows, out, resume=resume, always_answer=always_answer, processes=processes, progress=progress
            )
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror or error}", path=str(out)) from error


@contextlib.contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Keep other runs from writing the same file."""
    import fcntl

    there = out.resolve()
    path = there.with_name(there.name + ".lock")
    with contextlib.ExitStack() as stack:
        while True:
            lock = stack.enter_context(path.open("a"))
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise InputError(
                    "another batch is writing these answers",
                    path=str(out),
                    remedy="Wait until it is done, or name another --out FILE.",
                ) from error
            except OSError:  # a file system without locks
                pass
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(lock.fileno()), path.stat()):
                    break
            # a run that has just ended removed the file before it was locked here
        stack.callback(path.unlink, missing_ok=True)
        yield


def _run(
    index: Index | Heaps,
    rows: Sequence[QuestionRow | Answer],
    out: Path,
    *,
    resume: bool,
    always_answer: bool,
    processes: int | None,
    progress: Progress,
) -> BatchReport:
    partial = partial_path(out)
    done = _resume(out, partial, rows) if resume else 0
    counts: Counter[str] = Counter()
    with partial.open("r+" if done else "w", encoding="utf-8", newline="\n") as journal:
        for _, answer in _sound(partial, read_answers(partial)):
            counts[answer.status] += 1
        journal.seek(0, os.SEEK_END)
        progress("questions", done, len(rows))
        synced = time.monotonic()
        answers = answer_rows(index, rows[done:], always_answer=always_answer, processes=processes)
        for number, answer in enumerate(answers, done + 1):
            journal.write(_json_line(answer))
            journal.flush()
            if time.monotonic() - synced > _SECONDS_BETWEEN_SYNCS:
                os.fsync(journal.fileno())
                synced = time.monotonic()
            counts[answer.status] += 1
            progress("questions", number, len(rows))
        os.fsync(journal.fileno())
    _finish(partial, out)
    return BatchReport(len(rows), counts["answered"], counts["partial"], counts["no_answer"], counts["error"], done)


def _resume(out: Path, partial: Path, rows: Sequence[QuestionRow | Answer]) -> int:
    """Reduce ``partial`` to the complete rows of an earlier run, and count them."""
    borrowed = not partial.exists()
    if borrowed:
        if out.suffix.casefold() != ".jsonl" or not out.exists():
            return 0
        partial.write_bytes(out.read_bytes())
    data = partial.read_bytes()
    os.truncate(partial, data.rfind(b"\n") + 1)  # the last line of a killed run may be incomplete
    try:
        return _count_answers(partial, rows)
    except InputError:
        if borrowed:
            partial.unlink()
        raise


def _count_answers(partial: Path, rows: Sequence[QuestionRow | Answer]) -> int:
    done = 0
    for line, answer in _sound(partial, read_answers(partial)):
        if done >= len(rows) or _named(answer) != _named(rows[done]):
            raise InputError(
                f"line {line} answers a different question from that line of the question file",
                path=str(partial),
                expected=rows[done].question if done < len(rows) else "no more rows",
                got=answer.question,
                remedy="Leave out --resume to begin again.",
            )
        done += 1
    return done


def _named(row: QuestionRow | Answer) -> tuple[str, str]:
    return row.id, fold_white(row.question)  # an answer repeats its question with single spaces


def _sound(path: Path, answers: Iterator[tuple[int, Answer | Exception]]) -> Iterator[tuple[int, Answer]]:
    for line, answer in answers:
        if not isinstance(answer, Answer):
            raise InputError(
                f"line {line} is not an answer: {answer}", path=str(path), remedy="Leave out --resume to begin again."
            )
        yield line, answer


def _finish(partial: Path, out: Path) -> None:
    write = OUT_ENDINGS[out.suffix.casefold()]
    if write is None:
        partial.replace(out)
        return
    aside = out.with_name(out.name + ".aside")
    with aside.open("w", encoding="utf-8", newline="") as file:
        write(lambda: (answer for _, answer in _sound(partial, read_answers(partial))), file)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(out)
    partial.unlink()


def _json_line(answer: Answer) -> str:
    return json.dumps(answer.to_dict(), ensure_ascii=False) + "\n"
