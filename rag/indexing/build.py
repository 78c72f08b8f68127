"""The write path: pages -> posts -> dedup -> chunks -> vectors and words -> one index, put in place whole.

Where an index is there already, only what is new is worked out; see ``rag.indexing.reuse``. What a build that finds
nothing new does not need is imported where it is used: such a build takes a fifth of a second.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import DEFAULT_INDEX, DEFAULT_PAGES, Clock, silent
from rag.dedup.overrides import read_decisions
from rag.embedding.models import DEFAULT_MODEL
from rag.errors import IndexMissing, InputError
from rag.indexing.reuse import PreviousSnapshot, page_changes, recipe
from rag.loading.pages import NO_POST, read_pages
from rag.records import BuildReport, Page, PageEntry, SkippedPage
from rag.store.address import Address, read_address
from rag.store.manifest import origin
from rag.store.writer import building, clear_older

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager

    from rag.config import Progress
    from rag.dedup.overrides import Decisions
    from rag.indexing.workers import TaskExecutor

__all__ = ["build_index", "index_sources"]


def build_index(
    paths: Sequence[str | Path] | None = None,
    into: str | Path | Address = DEFAULT_INDEX,
    *,
    model: str | None = None,
    dry_run: bool = False,
    workers: int | None = None,
    ray: str | None = None,
    progress: Progress = silent,
) -> BuildReport:
    """Bring the index ``into``, a folder or a server's address, up to date with the pages under ``paths``.

    Only what changed since the last build is worked out, and the outcome is the same as if all of it were. Without
    ``paths`` they are the ones that the index was built from before. An index that is there works until the end.
    ``model`` names another sentence-transformers model by name or path; the index remembers it. ``dry_run`` finds out
    what would happen and changes nothing. ``workers`` processes of one thread each, or those of the ``ray`` cluster at
    that address, read, compare, cut and embed; what comes out is the same.

    Raises:
        InputError: a path does not exist, no post was found under any, or there is no such cluster.
        ExtraMissing: Ray or what speaks to the server is not installed.
        ModelError: the model cannot be loaded.
        IndexBusy: another process is building there.
        IndexProblem: no path was given and the index does not tell its own.

    """
    home = read_address(into)
    if not isinstance(home, Path):
        return _build_for(home, paths, model, dry_run=dry_run, workers=workers, ray=ray, progress=progress)
    sources = index_sources(paths, home)
    reading = read_pages([Path(source) for source in sources])  # what is not there is found out before a folder is made
    decisions = read_decisions(home)
    asked = BuildRequest(home, tuple(sources), model, decisions, put_in_place=not dry_run, progress=progress)
    if dry_run:
        return _update(asked, reading, None)
    with building(home), _crew(home, workers, ray) as crew:
        clear_older(home)  # which a build that was killed at its very end has left
        if crew is not None:
            from rag.indexing.tasks import read_together

            told = partial(progress, "reading pages", total=0)
            reading = read_together([Path(source) for source in sources], crew, told)
        return _update(asked, reading, crew)


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What a build was asked for."""

    home: Path
    sources: tuple[str, ...]
    model_name: str | None
    decisions: Decisions
    put_in_place: bool
    progress: Progress


def _crew(home: Path, count: int | None, ray: str | None) -> AbstractContextManager[TaskExecutor | None]:
    if count is None and ray is None:
        return contextlib.nullcontext()
    from rag.indexing.workers import executor_for

    return executor_for(count, ray, home, recipe())


def _build_for(
    server: Address,
    paths: Sequence[str | Path] | None,
    model: str | None,
    *,
    dry_run: bool,
    workers: int | None,
    ray: str | None,
    progress: Progress,
) -> BuildReport:
    """Build in a folder of this machine, which takes over what the server has, and send what was built there."""
    from rag.store.backends import bring, send

    folder = bring(server, progress)
    report = build_index(paths, folder, model=model, dry_run=dry_run, workers=workers, ray=ray, progress=progress)
    if not dry_run:
        send(server, progress)
    return report


def index_sources(paths: Sequence[str | Path] | None, home: Path) -> list[str]:
    """The paths to build from, absolute: those given, else those that the index remembers, else the default pages.

    Raises:
        IndexProblem: there is an index, but it does not tell.
        InputError: a folder that it remembers is not there.

    """
    if paths is not None:
        return list(dict.fromkeys(str(Path(path).absolute()) for path in paths))
    try:
        known = origin(home).sources
    except IndexMissing:
        return [str(Path(DEFAULT_PAGES).absolute())]
    # a file that is gone was removed; a folder may be on a disk that is not there today
    gone = [source for source in known if not Path(source).exists() and not _was_file(source)]
    left = [source for source in known if Path(source).exists()]
    if gone or not left:
        raise InputError(
            "the index was built from this, but it is gone",
            path=(gone or list(known))[0],
            remedy="Restore it, or name the pages that remain: pullquote index PATH.",
        )
    return left


def _was_file(source: str) -> bool:
    return bool(Path(source).suffix) and Path(source).parent.is_dir()


def _update(asked: BuildRequest, reading: Iterable[Page | SkippedPage], crew: TaskExecutor | None) -> BuildReport:
    home, sources, decisions, progress = asked.home, asked.sources, asked.decisions, asked.progress
    clock = Clock()
    made_by = recipe()
    past = PreviousSnapshot.open(home, made_by)
    with past or contextlib.nullcontext():
        clock.lap("looking at the index")
        pages, skipped = _read(reading, progress)
        clock.lap("reading pages")
        entries = [PageEntry(page.file, page.sha256, page.encoding, page.format, page.path) for page in pages]
        known = past.manifest.model.name if past else DEFAULT_MODEL
        name = asked.model_name or known
        if (
            past is not None
            and past.same_recipe
            and past.manifest.sources == sources
            and past.manifest.decisions == decisions.digest
            and past.pages() == entries
            and [page for page in past.skipped() if page.reason != NO_POST] == skipped
            and name == known
            and (name == DEFAULT_MODEL or _is_same_model(past))
        ):
            return _unchanged(past, clock)
        from rag.indexing.pipeline import BuildPipeline, LazyEncoder

        model = LazyEncoder(name, past, clock, progress)
        assembly = BuildPipeline(home, sources, made_by, decisions, model, past, clock, progress, crew)
        return assembly.run(pages, entries, skipped, put_in_place=asked.put_in_place)


def _is_same_model(past: PreviousSnapshot) -> bool:
    from rag.embedding.encoder import load_encoder

    return load_encoder(past.manifest.model.name).identity == past.manifest.model


def _unchanged(past: PreviousSnapshot, clock: Clock) -> BuildReport:
    manifest, pages = past.manifest, past.pages()
    return BuildReport(
        manifest.pages,
        manifest.posts,
        past.copies() - manifest.posts,
        manifest.chunks,
        manifest.sentences,
        tuple(past.skipped()),
        tuple(clock.laps),
        page_changes(pages, pages),
        "unchanged",
        dropped_lines=past.dropped_lines(),
        sources=manifest.sources,
    )


def _read(reading: Iterable[Page | SkippedPage], progress: Progress) -> tuple[list[Page], list[SkippedPage]]:
    pages, skipped = [], []
    for done, page in enumerate(reading, 1):
        if isinstance(page, Page):
            pages.append(page)
        else:
            skipped.append(page)
        progress("reading pages", done, 0)
    return pages, skipped
