"""The command line: data on standard output, progress and warnings on standard error, exit status 0, 1 or 2."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from contextlib import closing, nullcontext
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, entry_points, version
from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import DEFAULT_INDEX, DEFAULT_PAGES, INDEX_VARIABLE, default_index_path, silent
from rag.errors import ExtraMissing, InputError, PullquoteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager

    from rag.answering import Index
    from rag.config import Progress
    from rag.records import Post

__all__ = ["main"]

PAGE_GROUP = "pullquote.page"

_MAX_UPLOAD_MB = 64  # as much as a page may have to be indexed

_INTERRUPTED = 128 + 2  # what a shell reports for Ctrl-C
_NOBODY_READS = 128 + 13  # the same for a pipe that was closed, as by `| head`

_EXIT_STATUS = "exit status: 0 done; 1 a check failed; 2 bad usage or input"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = int(options.run(options))
        sys.stdout.flush()
    except BrokenPipeError:
        # the rest of the output has nowhere to go; without this the interpreter complains when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _NOBODY_READS
    except KeyboardInterrupt:
        return _INTERRUPTED
    except PullquoteError as error:
        _say(f"pullquote: {error}")
        return 2
    except OSError as error:
        _say(f"pullquote: {error.filename or 'the system'}: {error.strerror or error}")
        return 2
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pullquote",
        description="Ask your own saved pages; get exact, cited quotations and nothing else.",
        epilog=_EXIT_STATUS,
    )
    parser.add_argument("--version", action="version", version=f"pullquote {_version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    index = _command(commands, "index", _index, "build the index from pages and folders of pages")
    index.add_argument("paths", nargs="*", metavar="PATH", help=f"pages or folders (default: {DEFAULT_PAGES})")
    index.add_argument("--model", metavar="NAME", help="any sentence-transformers model by name or path")
    _quiet(index)

    ask = _command(commands, "ask", _ask, "answer a question with exact quotes")
    ask.add_argument("question", nargs="+", metavar="QUESTION")
    ask.add_argument("--explain", action="store_true", help="show how the answer was found and what came second")
    _answering(ask)
    _json(ask, "print the answer as a JSON object")

    chat = _command(commands, "chat", _chat, "open the chat page in the browser")
    chat.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    chat.add_argument("--port", type=int, help="port (default: 7860, or the next one that is free)")
    chat.add_argument(
        "--auth", type=Path, metavar="FILE", help="ask for a login; FILE has a line user:password for each"
    )
    chat.add_argument(
        "--root-path", default="", metavar="PATH", help="path under which a proxy serves the page, such as /quotes"
    )
    chat.add_argument(
        "--max-upload-mb",
        type=int,
        default=_MAX_UPLOAD_MB,
        metavar="N",
        help="largest file taken (default: %(default)s)",
    )
    chat.add_argument("--mcp", action="store_true", help="offer `ask` as a tool for other programs (MCP)")
    chat.add_argument("--no-browser", action="store_true", help="start the page without opening it")

    batch = _command(commands, "batch", _batch, "answer a file of questions (.txt, .csv or .jsonl)")
    batch.add_argument("questions", type=Path, metavar="QUESTIONS")
    batch.add_argument("--out", type=Path, required=True, metavar="FILE", help="answers; .jsonl, .csv or .md")
    batch.add_argument("--resume", action="store_true", help="go on where a stopped run ended")
    _answering(batch)
    _quiet(batch)

    posts = _command(commands, "posts", _posts, "list the posts of the index")
    posts.add_argument("--duplicates", action="store_true", help="show which copies were folded, and why")
    _json(posts, "print a JSON object for each post")

    verify = _command(commands, "verify", _verify, "prove the quotes of an answers file against the pages")
    verify.add_argument("answers", type=Path, metavar="ANSWERS")
    verify.add_argument(
        "--root", type=Path, metavar="DIR", help="look for the pages here instead of where the index says"
    )

    evaluate = _command(commands, "eval", _eval, "measure answers against questions with known answers")
    evaluate.add_argument("gold", type=Path, metavar="GOLD")
    evaluate.add_argument("--html", type=Path, metavar="FILE", help="write a report with pictures too")
    _answering(evaluate)
    _json(evaluate, "print the figures as a JSON object")
    _quiet(evaluate)

    calibrate = _command(commands, "calibrate", _calibrate, "choose on your own questions when to refuse")
    calibrate.add_argument("gold", type=Path, metavar="GOLD")
    calibrate.add_argument(
        "--max-wrong", type=float, metavar="SHARE", help="of the answers given, at most this share wrong"
    )
    _reranking(calibrate)
    calibrate.add_argument("--dry-run", action="store_true", help="show what would change and change nothing")
    _json(calibrate, "print both effects as a JSON object")
    _quiet(calibrate)

    status = _command(commands, "status", _status, "say what the index is made of")
    _json(status, "print a JSON object")
    return parser


def _version() -> str:
    try:
        return version("pullquote")
    except PackageNotFoundError:
        return "(not installed)"


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: object,
    help_: str,
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=help_, description=help_[0].upper() + help_[1:] + ".", epilog=_EXIT_STATUS)
    command.set_defaults(run=run)
    command.add_argument(
        "--index", type=Path, metavar="DIR", help=f"the index (default: ${INDEX_VARIABLE}, or {DEFAULT_INDEX})"
    )
    return command


def _quiet(command: argparse.ArgumentParser) -> None:
    command.add_argument("-q", "--quiet", action="store_true", help="no progress bars")


def _answering(command: argparse.ArgumentParser) -> None:
    command.add_argument("--always-answer", action="store_true", help="never refuse, show the best there is")
    _reranking(command)


def _reranking(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--reranker",
        metavar="NAME",
        help="let a cross-encoder of sentence-transformers, by name or path, have a say too",
    )


def _json(command: argparse.ArgumentParser, help_: str) -> None:
    command.add_argument("--json", action="store_true", help=help_)


def _index(options: argparse.Namespace) -> int:
    from rag.ingest import build_index
    from rag.terminal import build_lines

    into = _home(options)
    paths = options.paths or [DEFAULT_PAGES]
    with _progress(options) as bars:
        report = build_index(paths, into=into, model=options.model, progress=bars)
    for page in report.skipped:
        _say(f"skipped {page.file}: {page.reason}")
    _print(build_lines(report, str(into)))
    return 0


def _ask(options: argparse.Namespace) -> int:
    from rag.files import check_question
    from rag.terminal import Style, answer_lines, explain_lines

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


def _chat(options: argparse.Namespace) -> int:
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


def _batch(options: argparse.Namespace) -> int:
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
            _say(f"\nStopped. What is done is in {partial_path(options.out)}; the same command with --resume goes on.")
            raise
    kept = f" ({report.resumed} kept from the run before)" if report.resumed else ""
    _say(
        f"{options.out}: {report.rows} rows{kept}: {report.answered} answered, {report.partial} in part, "
        f"{report.no_answer} without an answer, {report.error} with an error"
    )
    return 0


def _posts(options: argparse.Namespace) -> int:
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


def _verify(options: argparse.Namespace) -> int:
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


def _eval(options: argparse.Namespace) -> int:
    from rag.evaluation import evaluate, read_gold
    from rag.report import print_text, render_html

    gold = read_gold(options.gold)
    with _opened(options) as index, _progress(options) as bars:
        found = evaluate(index, gold, always_answer=options.always_answer, progress=bars)
    if options.html is not None:
        options.html.write_text(render_html(found), encoding="utf-8")
    if options.json:
        _print_json([found.to_dict()])
    else:
        print(print_text(found))
    return 0


def _calibrate(options: argparse.Namespace) -> int:
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


def _status(options: argparse.Namespace) -> int:
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


def _say(line: str) -> None:
    print(line, file=sys.stderr)
