"""Reports on answers, kept as rows that `pullquote eval` reads."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import TYPE_CHECKING, Literal, get_args

from rag.text.whitespace import fold_white
from ui.views.citations import ref_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rag.records import Answer, Post, Quote
    from ui.views.answer import Turn

__all__ = ["Verdict", "keep_report", "read_verdict"]

Verdict = Literal["right", "wrong_quote", "should_refuse", "should_answer"]

# A note is a sentence or two copied from a post.
MAX_NOTE_CHARS = 2_000

# Readers will not fill a larger file, and a public page must not be able to fill the disk.
MAX_FILE_BYTES = 20_000_000

_lock = threading.Lock()


def read_verdict(value: object) -> Verdict | None:
    """The verdict that a browser sent, or None if it is not valid."""
    return next((known for known in get_args(Verdict) if known == value), None)


def keep_report(
    home: Path, turn: Turn, verdict: Verdict, note: object, posts: Iterable[Post], about: object = ""
) -> str:
    """Write one report beside the index and return a sentence that says what was done.

    ``about`` is the reference of one quote; without it, the report is about the whole answer.

    A row of ``feedback.jsonl`` is a gold question: answerable, with the exact words that answer it, or not answerable.
    A report of a wrong answer without the right words goes to ``feedback-open.jsonl``, to be completed by a person.
    """
    words = note.strip()[:MAX_NOTE_CHARS] if isinstance(note, str) else ""
    meant = [quote for quote in _quotes(turn.answer) if str(ref_of(quote)) == about]
    if about and not meant:
        return "Not saved: this quote is no longer on the page."
    given = [quote.text for quote in meant or turn.answer.quotes]
    evidence: list[str] = []
    if verdict == "right" and given:
        evidence = given[:1] if not turn.answer.parts else given
    elif verdict in ("wrong_quote", "should_answer") and words:
        found = _in_posts(words, posts)
        if found is None:
            return "Not saved: these words are not in any post. Copy them from the post and try again."
        evidence = [found]
    answerable = verdict in ("wrong_quote", "should_answer") or (verdict == "right" and bool(given))
    row: dict[str, object] = {
        "id": _id(turn, verdict, words, about if meant else ""),
        "question": turn.question,
        "answerable": answerable,
        "evidence": evidence,
        "history": list(turn.history),
        "verdict": verdict,
        "given": given,
    }
    whole = bool(evidence) or not answerable
    path = home / ("feedback.jsonl" if whole else "feedback-open.jsonl")
    try:
        with _lock:
            _put(path, row)
    except OSError as error:
        return f"Not saved: {path.name} cannot be written ({error.strerror})."
    if whole:
        return "Saved. Thank you."
    return "Saved. If you add the words that do answer it, the report can be used to measure answers."


def _quotes(answer: Answer) -> list[Quote]:
    return [*answer.quotes, *(quote for part in answer.parts for quote in part.quotes)]


def _in_posts(words: str, posts: Iterable[Post]) -> str | None:
    """The words as they are in a post, ignoring white space."""
    wanted = fold_white(words)
    return next((wanted for post in posts if wanted in fold_white(post.text)), None)


def _id(turn: Turn, verdict: Verdict, words: str, about: object) -> str:
    """The same report has the same id, so that it is kept only once."""
    said = "\0".join(
        (*turn.history, turn.question, turn.scope_id or "", verdict, words, *([str(about)] if about else []))
    )
    return "f" + hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:12]


def _put(path: Path, row: dict[str, object]) -> None:
    if path.exists():
        if path.stat().st_size > MAX_FILE_BYTES:
            raise OSError(0, "it is full")
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith(f'{{"id": "{row["id"]}"'):
                return
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")
