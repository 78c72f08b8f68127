"""Shared by the commands: opening the index, progress, and lines and JSON on standard output."""

from __future__ import annotations

import argparse  # noqa: TC003
import io
import json
import sys
from contextlib import closing, nullcontext
from pathlib import Path  # noqa: TC003
from typing import TYPE_CHECKING

from rag.config import default_index, silent
from rag.store.address import Address, read_address
from rag.text.invisible import escape_invisible

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from rag.answering.engine import Index
    from rag.answering.heaps import Heaps
    from rag.config import Progress

__all__ = [
    "chosen_index",
    "chosen_indexes",
    "open_at",
    "open_chosen",
    "open_together",
    "print_json",
    "print_lines",
    "progress_bars",
    "say",
]


def chosen_index(options: argparse.Namespace) -> Path | Address:
    """The index named by --index, the environment or the default."""
    return read_address(options.index if options.index is not None else default_index())


def chosen_indexes(options: argparse.Namespace) -> list[Path | Address]:
    """The indexes named by one or more --index, the environment or the default."""
    return [read_address(place) for place in options.index or [default_index()]]


def open_together(options: argparse.Namespace) -> AbstractContextManager[Index | Heaps]:
    """Open the indexes to be asked as one, with --reranker and --fast if the command has them."""
    from rag.answering.heaps import open_indexes

    reranker, fast = getattr(options, "reranker", None), getattr(options, "fast", False)
    return open_indexes(chosen_indexes(options), reranker=reranker, fast=fast)


def open_chosen(options: argparse.Namespace) -> AbstractContextManager[Index]:
    """Open the index, with --reranker if the command has it."""
    return open_at(chosen_index(options), getattr(options, "reranker", None), fast=getattr(options, "fast", False))


def open_at(home: Path | Address, reranker: str | None = None, *, fast: bool = False) -> Index:
    """Open the index at a place."""
    from rag.answering.engine import open_index

    return open_index(home, reranker=reranker, fast=fast)


def progress_bars(options: argparse.Namespace) -> AbstractContextManager[Progress]:
    """Progress bars on standard error, or none with --quiet."""
    from rag.cli.progress import ProgressBars

    return nullcontext(silent) if options.quiet else closing(ProgressBars())


def print_lines(lines: Iterable[str]) -> None:
    """Write lines to standard output."""
    for line in lines:
        print(line)


def print_json(objects: Iterable[dict[str, object]]) -> None:
    """Write one JSON object per line to standard output, always in UTF-8."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    for shape in objects:
        print(escape_invisible(json.dumps(shape, ensure_ascii=False)))


def say(line: str) -> None:
    """Write one line for a person to standard error, with control characters shown instead of sent."""
    from rag.cli.terminal import visible

    print(visible(line, one_line=True), file=sys.stderr)
