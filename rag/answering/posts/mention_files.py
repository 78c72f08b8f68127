"""Writes everything said about a thing to a file: JSON lines, a table, or Markdown with citations."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

from rag.answering.files.answer_tables import quotation
from rag.errors import InputError
from rag.text.cells import guard_cell
from rag.text.markdown import escape_markdown_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TextIO

    from rag.answering.posts.mentions import Mentions

__all__ = ["check_mentions_file", "write_mentions"]


def check_mentions_file(out: Path) -> None:
    """Check before any work that the file can be written.

    Raises:
        InputError: its ending is unknown, or its folder does not exist.

    """
    if out.suffix.casefold() not in _WRITERS:
        raise InputError(
            "mentions cannot be written to a file with this ending",
            path=str(out),
            expected=" or ".join(_WRITERS),
            got=out.suffix or "no ending",
        )
    if not out.parent.is_dir():
        raise InputError("the output folder does not exist", path=str(out.parent), remedy="Create it first")


def write_mentions(found: Mentions, out: Path) -> None:
    """Write every sentence with its post, date and locations, in the format of the file's ending.

    Raises:
        InputError: it cannot be written.

    """
    check_mentions_file(out)
    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            _WRITERS[out.suffix.casefold()](found, file)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror or error}", path=str(out)) from error


def _write_jsonl(found: Mentions, file: TextIO) -> None:
    for one in found.posts:
        for quote in one.quotes:
            row = {"about": found.subject, "date": one.post.date, "author": one.post.author} | quote.to_dict()
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _write_csv(found: Mentions, file: TextIO) -> None:
    table = csv.writer(file)
    table.writerow(["about", "date", "title", "author", "post_id", "sentence", "places"])
    for one in found.posts:
        for quote in one.quotes:
            places = "; ".join(f"{place.file}:{place.start}-{place.end}" for place in quote.locations)
            post = one.post
            row = [found.subject, post.date or "", post.title, post.author or "", post.post_id, quote.text, places]
            table.writerow([guard_cell(cell) for cell in row])


def _write_markdown(found: Mentions, file: TextIO) -> None:
    file.write(f"# {escape_markdown_line(found.subject)}\n")
    number = 0
    for one in found.posts:
        byline = ", ".join(filter(None, [one.post.date, one.post.author]))
        file.write(f"\n## {escape_markdown_line(one.post.title)}\n")
        if byline:
            file.write(f"\n{escape_markdown_line(byline)}\n")
        for quote in one.quotes:
            number += 1
            file.write(quotation(f"[{number}]", quote))


_WRITERS: dict[str, Callable[[Mentions, TextIO], None]] = {
    ".jsonl": _write_jsonl,
    ".csv": _write_csv,
    ".md": _write_markdown,
}
