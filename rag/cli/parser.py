"""The commands and their options."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rag.cli import answer_commands, index_commands
from rag.cli.arguments import PlainParser, ShowVersion, port_number
from rag.config import DEFAULT_INDEX, DEFAULT_PAGES, INDEX_VARIABLE, MAX_PAGE_MB
from rag.embedding.devices import DEVICES
from rag.errors import InputError
from rag.store.address import Address, read_address
from rag.watchdog import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    _Group: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - typeshed's own name

__all__ = ["command_parser"]


_EXIT_STATUS = "exit status: 0 success; 1 a check failed; 2 bad usage or input"


def command_parser() -> argparse.ArgumentParser:
    """Build the parser of the command line; ``run`` of the parsed arguments is the command."""
    parser: argparse.ArgumentParser = PlainParser(
        prog="pullquote",
        description="Ask your own saved pages; get exact, cited quotations and nothing else.",
        epilog=_EXIT_STATUS,
    )
    parser.add_argument("--version", action=ShowVersion, nargs=0, help="show the version and exit")
    group = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (_index, _ask, _about, _chat, _batch, _posts, _diff, _verify, _eval, _calibrate, _copy, _status):
        add(group)
    return parser


def _index(group: _Group) -> None:
    index = _command(group, "index", index_commands.index, "build an index from pages, or bring it up to date")
    index.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help=f"pages, or folders of pages (default: what the index was built from, or {DEFAULT_PAGES} for a new index)",
    )
    index.add_argument("--add", action="store_true", help="add PATH to the paths of the index")
    index.add_argument("--dry-run", action="store_true", help="show what would change without changing anything")
    index.add_argument(
        "--follow-links", action="store_true", help="also index files outside the folders of pages that links point to"
    )
    index.add_argument(
        "--watch", action="store_true", help="keep running and index pages as they are saved, changed or removed"
    )
    index.add_argument(
        "--patience",
        type=float,
        default=PATIENCE_SECONDS,
        metavar="SECONDS",
        help=f"stop after this time without progress, and name the page (default {PATIENCE_SECONDS:.0f}; 0: never)",
    )
    index.add_argument("--report", type=Path, metavar="FILE", help="write an HTML report of the build, with a picture")
    index.add_argument("--workers", type=int, metavar="N", help="use N processes of one thread each")
    index.add_argument(
        "--memory",
        type=int,
        metavar="MB",
        help="memory for sorting and counting, in megabytes (default: a 200th of the machine's)",
    )
    index.add_argument(
        "--ray", metavar="ADDRESS", help="use a Ray cluster: HOST:PORT, auto, or local to start one on this machine"
    )
    index.add_argument("--model", metavar="NAME", help="any sentence-transformers model, by name or path")
    index.add_argument(
        "--quantised",
        action="store_true",
        help="use 8-bit weights: builds in about half the time, but on 66 questions about the seed pages the first "
        "quote was right for 0.70 instead of 0.75; --model NAME switches back",
    )
    _device(index)
    _quiet(index)


def _ask(group: _Group) -> None:
    ask = _command(group, "ask", answer_commands.ask, "answer a question with exact quotes", several=True)
    ask.add_argument("question", nargs="+", metavar="QUESTION")
    ask.add_argument("--all", action="store_true", help="show lists in full if only a part is quoted")
    ask.add_argument("--explain", action="store_true", help="show how the answer was found and what came second")
    ask.add_argument(
        "--after", action="append", default=[], metavar="QUESTION", help="an earlier question that this one follows"
    )
    _answering(ask)
    _json(ask, "print the answer as a JSON object")


def _about(group: _Group) -> None:
    about = _command(
        group, "about", answer_commands.about, "show every sentence about a thing, post by post", several=True
    )
    about.add_argument("subject", nargs="+", metavar="SUBJECT")
    about.add_argument("--out", type=Path, metavar="FILE", help="write them with citations: .jsonl, .csv or .md")
    _json(about, "print one JSON object")


def _chat(group: _Group) -> None:
    chat = _command(group, "chat", answer_commands.chat, "open the chat page in the browser", several=True)
    chat.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    chat.add_argument("--port", type=port_number, help="port (default: 7860, or the next free one)")
    chat.add_argument(
        "--auth",
        type=Path,
        metavar="FILE",
        help="require a log-in; FILE has one name:password per line (or set PULLQUOTE_ACCOUNTS)",
    )
    chat.add_argument(
        "--root-path", default="", metavar="PATH", help="path under which a proxy serves the page, such as /quotes"
    )
    chat.add_argument(
        "--max-upload-mb",
        type=int,
        default=MAX_PAGE_MB,
        metavar="N",
        help="largest file accepted, in megabytes (default: %(default)s)",
    )
    chat.add_argument("--watch", action="store_true", help="index pages as they are saved into the index's folders")
    _fast(chat)
    chat.add_argument("--mcp", action="store_true", help="offer `ask` as a tool to other programs (MCP)")
    _device(chat)
    chat.add_argument("--no-browser", action="store_true", help="start the page without opening a browser")


def _batch(group: _Group) -> None:
    what = "answer a file of questions (.txt, .csv, .tsv or .jsonl)"
    batch = _command(group, "batch", answer_commands.batch, what, several=True)
    batch.add_argument("questions", type=Path, metavar="QUESTIONS")
    batch.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="where to write the answers: .jsonl, .csv or .md"
    )
    batch.add_argument("--column", metavar="NAME", help="the column with the questions (default: question)")
    batch.add_argument("--resume", action="store_true", help="continue a run that was stopped")
    _answering(batch)
    _quiet(batch)


def _posts(group: _Group) -> None:
    posts = _command(group, "posts", index_commands.posts, "list the posts of the index")
    posts.add_argument("--duplicates", action="store_true", help="show which copies were merged, and why")
    _json(posts, "print one JSON object per post")


def _diff(group: _Group) -> None:
    diff = _command(group, "diff", index_commands.diff, "show which posts, and which answers, differ in two indexes")
    diff.add_argument("old", type=_address, metavar="OLD_INDEX")
    diff.add_argument("new", type=_address, metavar="NEW_INDEX")
    diff.add_argument(
        "--questions", type=Path, metavar="FILE", help="ask both indexes these questions and show which answers differ"
    )
    _json(diff, "print one JSON object per change")
    _quiet(diff)


def _verify(group: _Group) -> None:
    what = "check every quote of an answers file against the pages"
    verify = _command(group, "verify", answer_commands.verify, what, several=True)
    verify.add_argument("answers", type=Path, metavar="ANSWERS")
    verify.add_argument(
        "--root", type=Path, metavar="DIR", help="look for the pages in DIR instead of where the index found them"
    )


def _eval(group: _Group) -> None:
    evaluate = _command(group, "eval", answer_commands.evaluate, "measure answers on questions with known answers")
    evaluate.description = (
        "Measure answers on questions with known answers. It takes one index, because GOLD names the files of its "
        "pages, and its threshold is what is measured."
    )
    evaluate.add_argument("gold", type=Path, metavar="GOLD")
    evaluate.add_argument("--html", type=Path, metavar="FILE", help="also write a report with charts")
    _answering(evaluate)
    _json(evaluate, "print the figures as a JSON object")
    _quiet(evaluate)


def _calibrate(group: _Group) -> None:
    calibrate = _command(
        group, "calibrate", answer_commands.calibrate, "use your own questions to choose when to refuse"
    )
    calibrate.description = (
        "Use your own questions to choose when to refuse. It takes one index, because each index keeps its own "
        "threshold, even when several are asked together."
    )
    calibrate.add_argument("gold", type=Path, metavar="GOLD")
    calibrate.add_argument(
        "--max-wrong", type=float, metavar="SHARE", help="let at most this share of the answers given be wrong"
    )
    _reranking(calibrate)
    calibrate.add_argument("--dry-run", action="store_true", help="show what would change without changing anything")
    _json(calibrate, "print the effect before and after as a JSON object")
    _quiet(calibrate)


def _copy(group: _Group) -> None:
    copy = group.add_parser(
        "copy",
        help="copy an index to another folder or server",
        description="Copy an index between folders and Milvus servers, and make it the current one there.",
        epilog=_EXIT_STATUS,
    )
    copy.set_defaults(run=index_commands.copy)
    copy.add_argument("source", type=_address, metavar="FROM", help="a folder, or milvus://HOST:PORT/NAME")
    copy.add_argument("target", type=_address, metavar="TO", help="a folder, or milvus://HOST:PORT/NAME")
    _quiet(copy)


def _status(group: _Group) -> None:
    status = _command(group, "status", index_commands.status, "show what the index contains and whether it is sound")
    status.add_argument(
        "--check",
        action="store_true",
        help="read every file again; otherwise large files already checked are read again only if they changed",
    )
    status.add_argument(
        "--confirm",
        action="store_true",
        help="trust the paths and models that the index names, for example after it came from another machine",
    )
    _json(status, "print a JSON object")
    _quiet(status)


def _command(
    group: _Group,
    name: str,
    run: Callable[[argparse.Namespace], int],
    help_: str,
    *,
    several: bool = False,
) -> argparse.ArgumentParser:
    """A command with its option for the index; with ``several``, the option can be repeated."""
    command = group.add_parser(name, help=help_, description=help_[0].upper() + help_[1:] + ".", epilog=_EXIT_STATUS)
    command.set_defaults(run=run)
    again = "; repeat it to use several together" if several else ""
    command.add_argument(
        "--index",
        type=_address,
        action="append" if several else "store",
        metavar="DIR",
        help=f"the index: a folder, or milvus://HOST:PORT/NAME (default: ${INDEX_VARIABLE}, or {DEFAULT_INDEX}){again}",
    )
    return command


def _address(text: str) -> Path | Address:
    try:
        return read_address(text)
    except InputError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _quiet(command: argparse.ArgumentParser) -> None:
    command.add_argument("-q", "--quiet", action="store_true", help="no progress bars")


def _answering(command: argparse.ArgumentParser) -> None:
    command.add_argument("--always-answer", action="store_true", help="never refuse; show the best quotes found")
    _reranking(command)


def _reranking(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--reranker",
        metavar="NAME",
        help="also rank with a sentence-transformers cross-encoder, by name or path",
    )
    _fast(command)
    _device(command)


def _fast(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--fast",
        action="store_true",
        help="answer without the reader: ten times as fast, but paraphrased questions are answered less often",
    )


def _device(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--device",
        choices=DEVICES,
        help="the device to compute on: auto (default) uses a graphics card if the installed ONNX Runtime supports one",
    )


def _json(command: argparse.ArgumentParser, help_: str) -> None:
    command.add_argument("--json", action="store_true", help=help_)
