"""The commands about an index itself; each returns an exit status."""

from __future__ import annotations

import argparse  # noqa: TC003
import contextlib
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rag.cli.output import chosen_index, open_at, open_chosen, print_json, print_lines, progress_bars, say
from rag.errors import InputError, PullquoteError
from rag.store.address import local_folder, read_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rag.records import BuildReport, Dropped, Merge, Post
    from rag.store.address import Address

__all__ = ["copy", "diff", "index", "posts", "status"]


def index(options: argparse.Namespace) -> int:
    """Update the index and report what was done."""
    from rag.cli.build_summary import build_lines, skipped_lines
    from rag.indexing.build import build_index
    from rag.indexing.sources import index_sources
    from rag.store.backends import bring

    into = chosen_index(options)
    paths = options.paths or None
    if options.add:
        if paths is None:
            raise InputError("--add needs a path", remedy="Name what to add: pullquote index --add PATH")
        folder = into if isinstance(into, Path) else bring(into)
        paths = [*index_sources(None, folder), *paths] if (folder / "current").is_file() else paths
    if options.watch and options.dry_run:
        raise InputError("--watch and --dry-run cannot be used together", remedy="Leave one of them out.")

    def build(paths: Sequence[str | Path] | None) -> BuildReport:
        with progress_bars(options) as bars:
            report = build_index(
                paths,
                into=into,
                model=_model(options),
                dry_run=options.dry_run,
                workers=options.workers,
                ray=options.ray,
                progress=bars,
                follow_links=options.follow_links,
                memory=options.memory,
                patience_seconds=options.patience,
            )
        for line in skipped_lines(report.skipped):
            say(line)
        print_lines(build_lines(report, str(into)))
        return report

    report = build(paths)
    if options.report is not None and not options.dry_run:
        from rag.cli.build_report import render_build

        with open_at(into) as index:
            html = render_build(report, str(into), index.posts(), index.merges(), index.catalogue.dropped())
        options.report.write_text(html, encoding="utf-8")
    if options.watch:
        _watch(report.sources, into, lambda: build(None))
    return 0


def _watch(sources: Sequence[str], into: Path | Address, build: Callable[[], object]) -> None:
    """Rebuild whenever pages are added, changed or removed, until Ctrl-C."""
    from rag.indexing.watching import changed_pages

    say(f"watching {', '.join(sources)}; press Ctrl-C to stop")
    with contextlib.suppress(KeyboardInterrupt):
        for _ in changed_pages(sources, [local_folder(into)]):
            try:
                build()
            except PullquoteError as error:  # such as a folder that is empty at the moment
                say(f"pullquote: {error}")


def _model(options: argparse.Namespace) -> str | None:
    from rag.embedding.models import DEFAULT_MODEL, QUANTISED

    name = str(options.model) if options.model else None
    return f"{name or DEFAULT_MODEL}{QUANTISED}" if options.quantised else name


def posts(options: argparse.Namespace) -> int:
    """List the posts, or the copies that were merged into them."""
    from rag.cli.build_summary import drop_lines, duplicate_lines
    from rag.cli.terminal import Style, post_lines

    with open_chosen(options) as index:
        posts = index.posts()
        if options.json and options.duplicates:
            print_json(_account_dicts(posts, index.merges(), index.catalogue.dropped()))
        elif options.json:
            print_json(_post_dict(post) for post in posts)
        elif options.duplicates:
            style = Style.of(sys.stdout)
            print_lines(duplicate_lines(posts, index.merges(), str(local_folder(chosen_index(options))), style))
            print_lines(drop_lines(index.catalogue.dropped(), style))
        else:
            print_lines(post_lines(posts, Style.of(sys.stdout)))
    return 0


def _account_dicts(
    posts: Sequence[Post], merges: Iterable[Merge], dropped: Iterable[Dropped]
) -> Iterator[dict[str, object]]:
    """One object for every merged copy, every version kept separate and every dropped line."""
    from rag.text.word_diff import word_diff

    yield from (asdict(merge) for merge in merges)
    by_id = {post.post_id: post for post in posts}
    for post in posts:
        for variant in post.variants:
            changes = word_diff(post.text, by_id[variant.post_id].text)
            shape = {"kind": "variant", "post_id": post.post_id, "other_id": variant.post_id}
            yield {**shape, "changes": [asdict(change) for change in changes]}
    for line in dropped:
        yield {**asdict(line), "kind": f"dropped {line.kind}"}


def _post_dict(post: Post) -> dict[str, object]:
    return {
        "post_id": post.post_id,
        "title": post.title,
        "author": post.author,
        "date": post.date,
        "source": post.source,
        "text": post.text,
        "locations": [{"file": place.file, "start": place.start, "end": place.end} for place in post.locations()],
        "variants": [
            {"post_id": variant.post_id, "removed": variant.removed, "added": variant.added}
            for variant in post.variants
        ],
    }


def diff(options: argparse.Namespace) -> int:
    """Show what changed between two indexes."""
    from rag.answering.files.question_files import read_questions
    from rag.cli.diff import compare, version_lines
    from rag.cli.terminal import Style
    from rag.records import QuestionRow

    asked = read_questions(options.questions) if options.questions is not None else []
    rows = [row for row in asked if isinstance(row, QuestionRow)]
    if len(rows) < len(asked):
        say(f"{options.questions}: {len(asked) - len(rows)} of {len(asked)} rows cannot be asked and were left out")
    with (
        open_at(read_address(options.old)) as old,
        open_at(read_address(options.new)) as new,
        progress_bars(options) as bars,
    ):
        found = compare(old, new, rows, progress=bars)
    if options.json:
        print_json(found.to_dicts())
    else:
        print_lines(version_lines(found, Style.of(sys.stdout)))
    return 0


def copy(options: argparse.Namespace) -> int:
    """Copy an index from one place to another."""
    from rag.store.backends import copy_index

    with progress_bars(options) as bars:
        name = copy_index(options.source, options.target, bars)
    say(f"{options.target}: now has {name} from {options.source}")
    return 0


def status(options: argparse.Namespace) -> int:
    """Show what the index contains."""
    from rag.cli.terminal import Style, status_lines

    if options.confirm:
        from rag.store.backends import confirm_index

        for line in confirm_index(chosen_index(options)):
            say(f"confirmed: {line}")
    if options.check:
        from rag.store.backends import check_index

        with progress_bars(options) as bars:
            check_index(chosen_index(options), bars)
    with open_chosen(options) as index:
        from rag.indexing.untouched import forget_look

        status = index.status()
        if options.check:
            states = index.catalogue.page_states([page.file for page in index.pages()])
            status["pages_changed"] = sum(state == "changed" for state in states.values())
            status["pages_gone"] = sum(state == "gone" for state in states.values())
            if states:
                forget_look(local_folder(chosen_index(options)))
    if options.check:
        status["checked"] = "every file was read and is intact"
    if options.json:
        print_json([status])
    else:
        print_lines(status_lines(status, Style.of(sys.stdout)))
    return 0
