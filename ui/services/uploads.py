"""Adds pages to the index in use: files are kept beside it, and it is swapped when the new one is complete."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import InputError, PageError, PullquoteError
from rag.indexing.subprocess_build import build_in_subprocess
from rag.loading.containers.archives import on_disk
from rag.loading.files.file_types import CONTAINERS, HEAD_BYTES, file_type_of
from rag.loading.pages import decode_page
from rag.store.confirmed import check_sources
from ui.services.temp_files import discard
from ui.services.upload_folders import last_addition, new_folder, note_file, remove_folder, stands
from ui.services.upload_outcomes import FileState, file_outcomes

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from rag.answering.engine import Index
    from rag.answering.heaps import Heaps
    from rag.records import PageEntry
    from ui.services.index_holder import Shelf

__all__ = ["FileState", "Step", "add_pages", "undo_last"]

# Files and bytes of one addition: a folder of a few hundred pages; larger heaps are for the command line.
MAX_FILES = 500
MAX_TOTAL_BYTES = 100_000_000

# Bytes kept of a file's name: half of what file systems allow, so that a number can be added.
MAX_NAME_BYTES = 120

_UNSAFE = re.compile(r"[^\w. -]+")


@dataclass(frozen=True, slots=True)
class Step:
    """The progress of the work: its stage in words, a count if there is one, the state of every file, and the end."""

    stage: str
    done: int = 0
    total: int = 0
    files: tuple[FileState, ...] = ()
    ended: bool = False
    problem: str = ""


def _sources(shelf: Shelf, index: Index | Heaps, leave_out: Path | None) -> list[Path]:
    """The sources of the index, except for the folder to leave out.

    Raises:
        InputError: a folder is missing, without which the index would be built from the rest.
        IndexUnconfirmed: nobody on this machine has named these paths.

    """
    known = [source for source in index.catalogue.sources if Path(source).resolve() != leave_out]
    check_sources(shelf.place, known)
    from rag.indexing.sources import still_there

    return [Path(source) for source in still_there(known)]


def _own_file(entry: PageEntry) -> tuple[Path, str]:
    """The file of a page on disk and its displayed name, or those of the archive that contains it."""
    path = on_disk(Path(entry.path))
    inside = len(Path(entry.path).relative_to(path).parts)
    parts = entry.file.split("/")
    return path, "/".join(parts[: len(parts) - inside])


def add_pages(shelf: Shelf, uploads: Sequence[tuple[str, Path]]) -> Iterator[Step]:
    """Add files; ``uploads`` has pairs of (name, path of the upload). The last step has ``ended``."""
    with contextlib.ExitStack() as stack:
        try:
            _check(uploads)
            folder = stack.enter_context(new_folder(shelf))
        except PullquoteError as error:
            yield Step("", ended=True, problem=str(error))
            return
        yield from _add(shelf, uploads, folder)


def _add(shelf: Shelf, uploads: Sequence[tuple[str, Path]], folder: Path) -> Iterator[Step]:
    states: list[FileState] = [FileState(name, "waiting") for name, _ in uploads]
    kept: dict[str, str] = {}
    problem = "broken off"
    try:
        yield from _copy(shelf, uploads, folder, states, kept)
        with shelf.lend() as index:
            sources = _sources(shelf, index, None)
        with contextlib.closing(_build(shelf, [*sources, folder])) as steps:
            for step in steps:
                yield replace(step, files=tuple(states))
        problem = ""
    except PullquoteError as error:
        problem = str(error)
    finally:
        # also if the reader has left: files not in the index are not kept
        there = not problem or stands(shelf, folder)
        if there is False:
            remove_folder(folder)
    problem = _taken_up(shelf, problem, changed=there)
    if problem:
        yield Step("", files=() if kept else tuple(states), ended=True, problem=problem)
        return
    discard([path for _, path in uploads])
    yield Step("", files=tuple(file_outcomes(shelf, folder, states, kept)), ended=True)


def undo_last(shelf: Shelf) -> Iterator[Step]:
    """Index again without the newest addition, and delete its files."""
    last = last_addition(shelf)
    if last is None:
        yield Step("", ended=True, problem="There is no addition to undo.")
        return
    folder, _ = last
    problem = "broken off"
    try:
        with shelf.lend() as index:
            sources = _sources(shelf, index, folder)
        with contextlib.closing(_build(shelf, sources)) as steps:
            yield from steps
        problem = ""
    except PullquoteError as error:
        problem = str(error)
    finally:
        there = bool(problem) and stands(shelf, folder)
        if there is False:
            remove_folder(folder)
    yield Step("", ended=True, problem=_taken_up(shelf, problem, changed=None if there is None else not there))


def _copy(
    shelf: Shelf, uploads: Sequence[tuple[str, Path]], folder: Path, states: list[FileState], kept: dict[str, str]
) -> Iterator[Step]:
    """Copy the readable files into the folder, one by one; the outcomes go into ``states`` and ``kept``.

    Raises:
        InputError: no file could be read, or the disk is full.

    """
    with shelf.lend() as index:
        entries = index.pages()
    # two files with one name would get folder names in front, but existing pages must keep their names
    taken = {Path(_own_file(entry)[1]).name for entry in entries}
    for order, (name, path) in enumerate(uploads):
        try:
            states[order] = _take(name, path, folder, kept, taken)
        except OSError as error:
            raise InputError(f"The files cannot be saved: {error.strerror}.") from error
        yield Step("Reading files", order + 1, len(uploads), tuple(states))
    if not kept:
        raise InputError("No file could be read.")


def _check(uploads: Sequence[tuple[str, Path]]) -> None:
    if not uploads:
        raise InputError("No files were given", remedy="Drop some first.")
    if len(uploads) > MAX_FILES:
        raise InputError(
            "There are too many files",
            expected=f"at most {MAX_FILES}",
            got=f"{len(uploads):,}",
            remedy="Use pullquote index for large folders.",
        )
    try:
        total = sum(path.stat().st_size for _, path in uploads)
    except OSError as error:  # another window has added the same file
        raise InputError("A dropped file is gone", path=Path(error.filename).name, remedy="Drop it again.") from error
    if total > MAX_TOTAL_BYTES:
        raise InputError(
            "These files are too large together",
            expected=f"at most {MAX_TOTAL_BYTES // 1_000_000} MB",
            got=f"{total // 1_000_000} MB",
            remedy="Use pullquote index for large folders.",
        )


def _take(name: str, path: Path, folder: Path, kept: dict[str, str], taken: set[str]) -> FileState:
    """Copy one upload under a safe, unused name, or return why not; ``kept`` maps names to the given ones."""
    data = path.read_bytes()
    try:
        # the library for PDF files could crash this process, so they are read by the build
        is_read_later = file_type_of(data[:HEAD_BYTES], name) in {*CONTAINERS, "pdf"}
        if not is_read_later and not decode_page(data, name).text.strip():
            return FileState(name, "skipped", "it is empty")
    except PageError as error:
        return FileState(name, "skipped", error.message)
    end = _UNSAFE.sub("_", Path(name).name).encode()[-MAX_NAME_BYTES:].decode(errors="ignore")
    safe = end.lstrip(". ") or "page.txt"
    stem, dot, ending = safe.rpartition(".")
    again = 1
    while safe in kept or safe in taken:
        again += 1
        safe = f"{stem}-{again}{dot}{ending}" if dot else f"{ending}-{again}"
    note_file(folder, safe)
    (folder / safe).write_bytes(data)
    kept[safe] = name
    return FileState(name, "reading")


def _build(shelf: Shelf, sources: Sequence[Path]) -> Generator[Step]:
    """Build beside the index in use, in another process with lower priority than questions.

    Raises:
        PullquoteError: it was not built.

    """
    with contextlib.closing(build_in_subprocess(sources, shelf.place, shelf.asked)) as steps:
        for stage, done, total in steps:
            yield Step(stage[:1].upper() + stage[1:], done, total)


def _taken_up(shelf: Shelf, problem: str, *, changed: bool | None) -> str:
    """Open the new index; returns the problem in words, or "". ``changed`` None means unknown."""
    if changed is None:
        return f"It is not clear whether anything changed. {problem}"
    if not changed:
        return f"Nothing was changed. {problem}"
    try:
        shelf.reopen()
    except PullquoteError as error:
        return f"It is done, but the new index cannot be opened yet. {error}"
    return ""
