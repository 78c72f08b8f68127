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

from rag.config import DEFAULT_PAGES, default_index_path, silent
from rag.errors import ExtraMissing, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from rag.answering import Index
    from rag.config import Progress
    from rag.records import Post

__all__ = ["ask", "batch", "calibrate", "chat", "evaluate", "index", "posts", "say", "status", "verify"]

PAGE_GROUP = "pullquote.page"


def index(options: argparse.Namespace) -> int:
    """Build the index and say what was done."""
    from rag.ingest import build_index
    from rag.terminal import build_lines

    into = _home(options)
    paths = options.paths or [DEFAULT_PAGES]
    with _progress(options) as bars:
        report = build_index(paths, into=into, model=options.model, progress=bars)
    for page in report.skipped:
        say(f"skipped {page.file}: {page.reason}")
    _print(build_lines(report, str(into)))
    if options.second_model is not None:
        with _open(into) as index:
            index.set_second_model(None if options.second_model == "none" else options.second_model)
    return 0


def ask(options: argparse.Namespace) -> int:
    """Answer one question."""
    from rag.explanation import explain_lines
    from rag.files import check_question
    from rag.terminal import Style, answer_lines

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
    if not (home / "current").is_file():
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
    from rag.batch import check_out, partial_path, run_batch
    from rag.files import read_questions

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
    from rag.terminal import Style, merge_lines, post_lines

    with _opened(options) as index:
        posts = index.posts()
        if options.json and options.duplicates:
            _print_json(asdict(merge) for merge in index.merges())
        elif options.json:
            _print_json(_post_dict(post) for post in posts)
        elif options.duplicates:
            _print(merge_lines(posts, index.merges(), Style.of(sys.stdout)))
        else:
            _print(post_lines(posts, Style.of(sys.stdout)))
    return 0


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


def verify(options: argparse.Namespace) -> int:
    """Prove an answers file; status 1 where a quote does not hold."""
    from rag.files import read_answers
    from rag.terminal import failure_lines
    from rag.verification import PagesOfFolder, PagesOfIndex, verify_answers

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
    from rag.evaluation import evaluate as measure
    from rag.evaluation import read_gold
    from rag.report import print_text, render_html

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
    from rag.evaluation import calibrate, read_gold
    from rag.report import print_calibration

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


def status(options: argparse.Namespace) -> int:
    """Say what the index is made of."""
    from rag.terminal import Style, status_lines

    with _opened(options) as index:
        status = index.status()
    if options.json:
        _print_json([status])
    else:
        _print(status_lines(status, Style.of(sys.stdout)))
    return 0


def _home(options: argparse.Namespace) -> Path:
    return options.index if isinstance(options.index, Path) else default_index_path()


def _opened(options: argparse.Namespace) -> AbstractContextManager[Index]:
    return _open(_home(options), getattr(options, "reranker", None))


def _open(home: Path, reranker: str | None = None) -> Index:
    from rag.answering import open_index

    return open_index(home, reranker=reranker)


def _progress(options: argparse.Namespace) -> AbstractContextManager[Progress]:
    from rag.terminal import ProgressBars

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
