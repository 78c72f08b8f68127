"""Whether a build would make the snapshot in use again, and what it then reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.embedding.models import DEFAULT_MODEL, QUANTISED
from rag.loading.files.paths import INDEX_REASON
from rag.records import BuildReport, PageChanges

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rag.config import Clock
    from rag.indexing.reuse import PreviousSnapshot
    from rag.records import PageEntry, SkippedPage

__all__ = ["has_same_options", "has_same_pages", "unchanged_report"]


def has_same_options(previous: PreviousSnapshot, sources: Sequence[str], decisions: str, model: str) -> bool:
    """Whether a build of the same pages, with these decisions (their digest) and this model, would be the same."""
    manifest = previous.manifest
    return (
        previous.same_recipe
        and manifest.sources == tuple(sources)
        and manifest.decisions == decisions
        and model == manifest.model.name
        # the code determines the packaged model
        and (model.removesuffix(QUANTISED) == DEFAULT_MODEL or _is_same_model(previous))
    )


def has_same_pages(previous: PreviousSnapshot, entries: Sequence[PageEntry], skipped: Iterable[SkippedPage]) -> bool:
    """Whether the pages, and the files that were left out, are those of the last build."""
    return (
        len(entries) == previous.manifest.pages
        and all(one == other for one, other in zip(previous.each_page(), entries, strict=False))
        and _read_again(previous.skipped()) == _read_again(skipped)
    )


def _read_again(skipped: Iterable[SkippedPage]) -> list[SkippedPage]:
    """The files that were left out, except an index among the pages."""
    from rag.loading.pages import NO_POST

    return [page for page in skipped if page.reason not in (NO_POST, INDEX_REASON)]


def _is_same_model(previous: PreviousSnapshot) -> bool:
    from rag.embedding.encoder import load_encoder

    return load_encoder(previous.manifest.model.name).identity == previous.manifest.model


def unchanged_report(previous: PreviousSnapshot, clock: Clock) -> BuildReport:
    """The report of a build that made nothing."""
    manifest = previous.manifest
    return BuildReport(
        manifest.pages,
        manifest.posts,
        previous.copies() - manifest.posts,
        manifest.chunks,
        manifest.sentences,
        tuple(previous.skipped()),
        tuple(clock.laps),
        PageChanges((), (), (), (), manifest.pages),
        "unchanged",
        dropped_lines=previous.dropped_lines(),
        sources=manifest.sources,
    )
