"""Updates an index from its pages: reads them, and makes a new snapshot if anything changed.

Only what changed is processed again; see ``rag.indexing.reuse``. If no page was touched, none is read
(``rag.indexing.untouched``), which takes a fifth of a second, so what that does not need is imported only where it is
used.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import DEFAULT_INDEX, Clock, silent, working_memory_mb
from rag.dedup.overrides import read_decisions
from rag.embedding.models import DEFAULT_MODEL, PACKAGED_MODELS
from rag.errors import InputError
from rag.indexing.executor import SerialExecutor
from rag.indexing.recipe import recipe
from rag.indexing.sources import index_sources
from rag.indexing.unchanged import has_same_options, has_same_pages, unchanged_report
from rag.indexing.untouched import is_as_seen, keep_look, look_at
from rag.indexing.workers import executor_for
from rag.loading.files.paths import linked_places, named
from rag.records import BuildReport, Page, PageEntry, SkippedPage
from rag.spools import Spools
from rag.store.address import Address, read_address
from rag.store.confirmed import check_model, confirm, confirmed
from rag.store.ownership import building, clear_older
from rag.watchdog import PATIENCE_SECONDS, watched, working_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.config import Progress
    from rag.dedup.overrides import Decisions
    from rag.indexing.executor import TaskExecutor
    from rag.indexing.reuse import PreviousSnapshot
    from rag.indexing.untouched import Look
    from rag.spools import Spool

__all__ = ["build_index"]

# a year; alarms do not reach much further
MAX_PATIENCE_SECONDS = 366 * 86_400.0


@dataclass(frozen=True, slots=True)
class _Options:
    """The options of `build_index`."""

    model: str | None
    dry_run: bool
    workers: int | None
    ray: str | None
    progress: Progress
    follow_links: bool
    memory: int
    patience_seconds: float


def build_index(
    paths: Sequence[str | Path] | None = None,
    into: str | Path | Address = DEFAULT_INDEX,
    *,
    model: str | None = None,
    dry_run: bool = False,
    workers: int | None = None,
    ray: str | None = None,
    progress: Progress = silent,
    follow_links: bool = False,
    memory: int | None = None,
    patience_seconds: float = PATIENCE_SECONDS,
) -> BuildReport:
    """Update the index ``into``, a folder or a server's address, from the pages under ``paths``.

    Only what changed since the last build is processed again; the result equals that of a fresh build. The old index
    can be asked meanwhile. Without ``paths``, those of the last build are used. ``model`` names another
    sentence-transformers model by name or path, which later builds keep. ``dry_run`` reports what would happen and
    changes nothing. With ``workers``, this many single-threaded processes share the work; with ``ray``, the workers of
    the cluster at that address do; the result is the same. Links out of the folders of pages are followed only with
    ``follow_links``, which later builds keep. ``memory`` is the number of megabytes for sorting and counting, by
    default a 200th of the machine's memory and at least 64; the index does not depend on it. A build that makes no
    progress for ``patience_seconds`` ends and names what it was working on; with 0, or outside the main thread, it
    waits for ever.

    Raises:
        InputError: a path does not exist, no post was found, there is no such cluster, the folder contains other things
            than an index, or an option is out of range.
        BuildStalled: there was no progress for too long.
        ExtraMissing: Ray or the client of the server is not installed.
        ModelError: the model cannot be loaded.
        IndexBusy: another process is building there.
        IndexUnconfirmed: no path was given, and nobody on this machine has named those of the index.
        IndexProblem: no path was given, and the index does not name its own.

    """
    if memory is not None and memory < 1:
        raise InputError("a build needs at least one megabyte of memory", got=str(memory))
    _check_patience(patience_seconds)

    def tell(stage: str, done: int, total: int) -> None:
        working_on(stage)
        progress(stage, done, total)

    memory = memory or working_memory_mb()
    options = _Options(model, dry_run, workers, ray, tell, follow_links, memory, patience_seconds)
    home = read_address(into)
    with watched(patience_seconds):
        return _build_in(home, paths, options) if isinstance(home, Path) else _build_for(home, paths, options)


def _check_patience(seconds: float) -> None:
    if not 0 <= seconds <= MAX_PATIENCE_SECONDS:
        expected = f"0 to {MAX_PATIENCE_SECONDS:,.0f} seconds"
        raise InputError("patience is a number of seconds", expected=expected, got=str(seconds))


def _build_in(home: Path, paths: Sequence[str | Path] | None, options: _Options) -> BuildReport:
    """Build in a folder."""
    sources = tuple(index_sources(paths, home))
    roots = [Path(source) for source in sources]
    working_on("the folders of pages")
    # a missing path must raise before a folder is created
    files = named(roots, follow_links=options.follow_links, trusted=confirmed(home).paths)
    decisions = read_decisions(home)
    if options.dry_run:
        build = _Build(home, sources, decisions, options, SerialExecutor())
        return build.run(files)
    with building(home), executor_for(options.workers, options.ray, options.patience_seconds) as executor:
        clear_older(home)  # left by a build that was killed at its very end
        report = _Build(home, sources, decisions, options, executor).run(files)
        models = [options.model] if options.model is not None else []
        linked = linked_places(roots, [path for _, path, reason in files if not reason])
        confirm(home, [*sources, *linked], models)
        return report


def _build_for(server: Address, paths: Sequence[str | Path] | None, options: _Options) -> BuildReport:
    """Build in a local folder, reusing what the server has, and send the result to the server."""
    from rag.store.backends import bring, send

    report = _build_in(bring(server, options.progress), paths, options)
    if not options.dry_run:
        send(server, options.progress)
    return report


@dataclass(frozen=True, slots=True)
class _Build:
    """One build: its home, sources, options and executor."""

    home: Path
    sources: tuple[str, ...]
    decisions: Decisions
    options: _Options
    executor: TaskExecutor

    def run(self, files: Sequence[tuple[str, Path, str]]) -> BuildReport:
        """Read the files, unless they were not touched, and update the index."""
        clock, made_by = Clock(), recipe()
        look = look_at(files, self.sources)
        if look is not None and (report := self._untouched(look, made_by, clock)) is not None:
            return report
        report, may_pass = self._update(files, made_by, clock)
        if look is not None and not may_pass and not self.options.dry_run:
            keep_look(self.home, look)
        return report

    def _untouched(self, look: Look, made_by: str, clock: Clock) -> BuildReport | None:
        """The report, if no page was touched since the last build, nor anything else that the index depends on."""
        if not is_as_seen(self.home, look):
            return None
        from rag.indexing.reuse import PreviousSnapshot

        previous = PreviousSnapshot.open(self.home, made_by, reread=False)
        with previous or contextlib.nullcontext():
            if previous is None or not self._has_same_options(previous):
                return None
            clock.lap("looking at the pages")
            return unchanged_report(previous, clock)

    def _update(self, files: Sequence[tuple[str, Path, str]], made_by: str, clock: Clock) -> tuple[BuildReport, bool]:
        """Read the files and update the index; also returns whether one may be readable at another time."""
        from rag.indexing.reuse import PreviousSnapshot

        previous = PreviousSnapshot.open(self.home, made_by)
        with previous or contextlib.nullcontext(), self._spools() as spools:
            clock.lap("looking at the index")
            pages, entries, skipped = self._read(files, spools)
            may_pass = any(page.passing for page in skipped)
            clock.lap("reading pages")
            if previous is not None and self._has_same_options(previous) and has_same_pages(previous, entries, skipped):
                return unchanged_report(previous, clock), may_pass
            from rag.indexing.chunk_vectors import LazyEncoder
            from rag.indexing.pipeline import BuildPipeline

            with LazyEncoder(self._model_name(previous), previous, clock, self.options.progress) as model:
                pipeline = BuildPipeline(
                    self.home,
                    self.sources,
                    made_by,
                    self.decisions,
                    model,
                    previous,
                    clock,
                    self.options.progress,
                    self.executor,
                    spools,
                )
                return pipeline.run(pages, entries, skipped, put_in_place=not self.options.dry_run), may_pass

    def _has_same_options(self, previous: PreviousSnapshot) -> bool:
        return has_same_options(previous, self.sources, self.decisions.digest, self._model_name(previous))

    def _read(
        self, files: Sequence[tuple[str, Path, str]], spools: Spools
    ) -> tuple[Spool[Page], Spool[PageEntry], list[SkippedPage]]:
        from rag.indexing.tasks import read_files

        pages = spools.spool(Page)
        entries = spools.spool(PageEntry)
        skipped: list[SkippedPage] = []
        self.options.progress("reading pages", 0, len(files))

        def tell(done: int) -> None:
            self.options.progress("reading pages", done, len(files))

        for page in read_files(files, self.executor, tell):
            if isinstance(page, SkippedPage):
                skipped.append(page)
                continue
            entries.append(PageEntry(page.file, page.sha256, page.encoding, page.format, page.path))
            # of a page that separates its posts, only plain text is read again
            pages.append(page if page.posts is None or page.format == "text" else replace(page, text=""))
        return pages, entries, skipped

    @contextlib.contextmanager
    def _spools(self) -> Iterator[Spools]:
        """The folder for records between steps: beside the index, because a temporary folder may be in memory.

        Raises:
            InputError: there is no space for them.

        """
        with Spools(None if self.options.dry_run else self.home, self.options.memory * 2**20) as spools:
            try:
                yield spools
            except OSError as error:
                from rag.store.writer import unwritten

                raise unwritten(self.home, error) from error

    def _model_name(self, previous: PreviousSnapshot | None) -> str:
        """The requested model, or the one of the index.

        Raises:
            IndexUnconfirmed: the index names one that nobody on this machine has named.

        """
        if self.options.model is not None:
            return self.options.model
        if previous is None:
            return DEFAULT_MODEL
        check_model(self.home, previous.manifest.model.name, PACKAGED_MODELS)
        return previous.manifest.model.name
