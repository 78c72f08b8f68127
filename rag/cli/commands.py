"""What each command does with its parsed options; every one returns an exit status."""

from __future__ import annotations

import argparse  # noqa: TC003
import io
import json
import sys
from contextlib import closing, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import default_index, silent
from rag.errors import ExtraMissing, InputError
from rag.store.address import Address, local_folder, read_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from rag.answering.engine import Index
    from rag.config import Progress
    from rag.records import Dropped, Merge, Post

__all__ = ["ask", "batch", "calibrate", "chat", "copy", "diff", "evaluate", "index", "posts", "say", "status", "verify"]

PAGE_GROUP = "pullquote.page"


def index(options: argparse.Namespace) -> int:
    """Bring the index up to date and say what was done."""
    from rag.cli.build_summary import build_lines
    from rag.indexing.build import build_index, index_sources
    from rag.store.backends import bring

    into = _home(options)
    paths = options.paths or None
    if options.add:
        if paths is None:
            raise InputError("--add needs a path", remedy="Name what to add: pullquote index --add PATH.")
        folder = into if isinstance(into, Path) else bring(into)
        paths = [*index_sources(None, folder), *paths] if (folder / "current").is_file() else paths
    with _progress(options) as bars:
        report = build_index(
            paths,
            into=into,
            model=_model(options),
            dry_run=options.dry_run,
            workers=options.workers,
            ray=options.ray,
            progress=bars,
        )
    for page in report.skipped:
        say(f"skipped {page.file}: {page.reason}")
    _print(build_lines(report, str(into)))
    if options.report is not None and not options.dry_run:
        from rag.cli.build_report import render_build

        with _open(into) as index:
            told = render_build(report, str(into), index.posts(), index.merges(), index.store.dropped())
        options.report.write_text(told, encoding="utf-8")
    if options.second_model is not None:
        with _open(into) as index:
            index.set_second_model(None if options.second_model == "none" else options.second_model)
    return 0


def _model(options: argparse.Namespace) -> str | None:
    from rag.embedding.models import DEFAULT_MODEL, QUANTISED

    name = str(options.model) if options.model else None
    return f"{name or DEFAULT_MODEL}{QUANTISED}" if options.quantised else name


def ask(options: argparse.Namespace) -> int:
    """Answer one question."""
    from rag.answering.question_files import check_question
    from rag.cli.explain import explain_lines
    from rag.cli.terminal import Style, answer_lines

    question = check_question(" ".join(options.question))
    with _opened(options) as index:
        answer = index.ask(question, always_answer=options.always_answer, explain=options.explain)
    if options.json:
        _print_json([answer.to_dict()])
        return 0
    style = Style.of(sys.stdout)
    _print(answer_lines(answer, style))
    if options.explain:
        _print(["", *explain_lines(answer, style)])
    return 0


def chat(options: argparse.Namespace) -> int:
    """Start the page."""
    from importlib.metadata import entry_points

    page = next(iter(entry_points(group=PAGE_GROUP)), None)
    if page is None:
        raise ExtraMissing("the chat page is not installed", remedy="Install it: pip install -e .")
    home = _home(options)
    if not isinstance(home, Path) or not (home / "current").is_file():
        _open(home).close()  # says in words what is missing, before the page's libraries take their seconds
    try:
        launch = page.load()
    except ModuleNotFoundError as error:
        raise ExtraMissing(f"the chat page needs {error.name}", remedy="Install it: pip install -e .") from error
    launch(
        home,
        host=options.host,
        port=options.port,
        auth=options.auth,
        root_path=options.root_path,
        max_upload_mb=options.max_upload_mb,
        mcp=options.mcp,
        open_browser=not options.no_browser,
    )
    return 0


def batch(options: argparse.Namespace) -> int:
    """Answer a file of questions."""
    from rag.answering.batch import check_out, partial_path, run_batch
    from rag.answering.question_files import read_questions

    check_out(options.out, options.questions)
    rows = read_questions(options.questions)
    with _opened(options) as index, _progress(options) as bars:
        try:
            report = run_batch(
                index,
                rows,
                options.out,
                resume=options.resume,
                always_answer=options.always_answer,
                processes=None,
                progress=bars,
            )
        except KeyboardInterrupt:
            say(f"\nStopped. What is done is in {partial_path(options.out)}; the same command with --resume goes on.")
            raise
    kept = f" ({report.resumed} kept from the run before)" if report.resumed else ""
    say(
        f"{options.out}: {report.rows} rows{kept}: {report.answered} answered, {report.partial} in part, "
        f"{report.no_answer} without an answer, {report.error} with an error"
    )
    return 0


def posts(options: argparse.Namespace) -> int:
    """List the posts, or account for the folded copies."""
    from rag.cli.build_summary import drop_lines, duplicate_lines
    from rag.cli.terminal import Style, post_lines

    with _opened(options) as index:
        posts = index.posts()
        if options.json and options.duplicates:
            _print_json(_account_dicts(posts, index.merges(), index.store.dropped()))
        elif options.json:
            _print_json(_post_dict(post) for post in posts)
        elif options.duplicates:
            style = Style.of(sys.stdout)
            _print(duplicate_lines(posts, index.merges(), str(local_folder(_home(options))), style))
            _print(drop_lines(index.store.dropped(), style))
        else:
            _print(post_lines(posts, Style.of(sys.stdout)))
    return 0


def _account_dicts(
    posts: Sequence[Post], merges: Iterable[Merge], dropped: Iterable[Dropped]
) -> Iterator[dict[str, object]]:
    """An object for every folded copy, every version that was kept apart and every line that was dropped."""
    from rag.text.word_diff import word_diff

    yield from (asdict(merge) for merge in merges)
    by_id = {post.post_id: post for post in posts}
    for post in posts:
        for variant in post.variants:
            changes = word_diff(post.text, by_id[variant.post_id].text)
            told = {"kind": "variant", "post_id": post.post_id, "other_id": variant.post_id}
            yield {**told, "changes": [asdict(change) for change in changes]}
    for line in dropped:
        yield {**asdict(line), "kind": f"dropped {line.kind}"}


def _post_dict(post: Post) -> dict[str, object]:
    return {
        "post_id": post.post_id,
        "title": post.title,
        "author": post.author,
        "date": post.date,
        "text": post.text,
        "locations": [{"file": place.file, "start": place.start, "end": place.end} for place in post.locations()],
        "variants": [
            {"post_id": variant.post_id, "removed": variant.removed, "added": variant.added}
            for variant in post.variants
        ],
    }


def diff(options: argparse.Namespace) -> int:
    """Tell what has changed from one index to another."""
    from rag.answering.question_files import read_questions
    from rag.cli.diff import compare, version_lines
    from rag.cli.terminal import Style
    from rag.records import QuestionRow

    asked = read_questions(options.questions) if options.questions is not None else []
    rows = [row for row in asked if isinstance(row, QuestionRow)]
    if len(rows) < len(asked):
        say(f"{options.questions}: {len(asked) - len(rows)} of {len(asked)} rows cannot be asked and are left out")
    with _open(read_address(options.old)) as old, _open(read_address(options.new)) as new, _progress(options) as bars:
        found = compare(old, new, rows, progress=bars)
    if options.json:
        _print_json(found.to_dicts())
    else:
        _print(version_lines(found, Style.of(sys.stdout)))
    return 0


def verify(options: argparse.Namespace) -> int:
    """Prove an answers file; status 1 where a quote does not hold."""
    from rag.answering.question_files import read_answers
    from rag.answering.verification import PagesOfFolder, PagesOfIndex, verify_answers
    from rag.cli.terminal import failure_lines

    if options.root is None:
        with _opened(options) as index:
            found = verify_answers(read_answers(options.answers), PagesOfIndex(index.pages()), index.post)
    elif options.root.is_dir():
        found = verify_answers(read_answers(options.answers), PagesOfFolder(options.root))
    else:
        raise InputError("this is not a folder", path=str(options.root), expected="the folder of the pages")
    for failure in found.failures:
        _print(failure_lines(failure))
    counted = f"{found.answers} answers, {found.quotes} quotes, {found.locations} places"
    verdict = "every quote holds" if found.holds else f"{len(found.failures)} do not hold"
    print(f"{counted}: {verdict}")
    return 0 if found.holds else 1


def evaluate(options: argparse.Namespace) -> int:
    """Measure answers against gold questions."""
    from rag.cli.evaluation_report import print_text, render_html
    from rag.evaluation.evaluate import evaluate as measure
    from rag.evaluation.evaluate import read_gold

    gold = read_gold(options.gold)
    with _opened(options) as index, _progress(options) as bars:
        found = measure(index, gold, always_answer=options.always_answer, progress=bars)
    if options.html is not None:
        options.html.write_text(render_html(found), encoding="utf-8")
    if options.json:
        _print_json([found.to_dict()])
    else:
        print(print_text(found))
    return 0


def calibrate(options: argparse.Namespace) -> int:
    """Move the point where refusing begins."""
    from rag.cli.evaluation_report import print_calibration
    from rag.evaluation.evaluate import calibrate, read_gold

    gold = read_gold(options.gold)
    with _opened(options) as index, _progress(options) as bars:
        found = calibrate(
            index,
            gold,
            threshold_confidence=index.threshold_confidence,
            max_wrong=options.max_wrong,
            progress=bars,
        )
        if not options.dry_run:
            index.set_threshold(found.after.effect.threshold_confidence, str(options.gold))
    if options.json:
        _print_json([found.to_dict()])
    else:
        print(print_calibration(found), end="")
    return 0


def copy(options: argparse.Namespace) -> int:
    """Copy an index from one home to another."""
    from rag.store.backends import copy_index

    with _progress(options) as bars:
        name = copy_index(options.source, options.target, bars)
    say(f"{options.target}: {name}, as in {options.source}")
    return 0


def status(options: argparse.Namespace) -> int:
    """Say what the index is made of."""
    from rag.cli.terminal import Style, status_lines

    if options.check:
        from rag.store.backends import check_index

        with _progress(options) as bars:
            check_index(_home(options), bars)
    with _opened(options) as index:
        status = index.status()
    if options.check:
        status["checked"] = "all of it was read, and is as it was written"
    if options.json:
        _print_json([status])
    else:
        _print(status_lines(status, Style.of(sys.stdout)))
    return 0


def _home(options: argparse.Namespace) -> Path | Address:
    return read_address(options.index if options.index is not None else default_index())


def _opened(options: argparse.Namespace) -> AbstractContextManager[Index]:
    return _open(_home(options), getattr(options, "reranker", None))


def _open(home: Path | Address, reranker: str | None = None) -> Index:
    from rag.answering.engine import open_index

    return open_index(home, reranker=reranker)


def _progress(options: argparse.Namespace) -> AbstractContextManager[Progress]:
    from rag.cli.terminal import ProgressBars

    return nullcontext(silent) if options.quiet else closing(ProgressBars())


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def _print_json(objects: Iterable[dict[str, object]]) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    for shape in objects:
        print(json.dumps(shape, ensure_ascii=False))


def say(line: str) -> None:
    """Write a line for a person to standard error."""
    print(line, file=sys.stderr)
