"""How answers and posts look on a terminal: the exact words first, then where they come from."""

from __future__ import annotations

import os
import shutil
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from rag.answering.question.parts import BAND_WORDS
from rag.answering.quotes.how_sure import odds_words
from rag.text.invisible import isolate, show_invisible
from rag.text.plurals import amount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rag.answering.posts.mentions import Mentions
    from rag.answering.verification import Failure
    from rag.records import Answer, ListShown, Passage, Post, PostMatch, Quote

__all__ = [
    "Style",
    "answer_lines",
    "clipped",
    "failure_lines",
    "mention_lines",
    "post_lines",
    "status_lines",
    "visible",
]

# Lines of more than about ninety characters are hard to read, however wide the window is.
_MAX_WIDTH = 92
_MIN_WIDTH = 40


@dataclass(frozen=True, slots=True)
class Style:
    """What the output can show; with ``width`` None, lines are not wrapped."""

    width: int | None
    colour: bool

    @classmethod
    def of(cls, stream: TextIO) -> Style:
        """Detect the style: a terminal gets wrapped lines and, unless NO_COLOR is set, colours; a file or pipe neither.

        COLUMNS always sets the width.
        """
        terminal = stream.isatty()
        wrapped = terminal or os.environ.get("COLUMNS", "").isdigit()
        width = min(max(shutil.get_terminal_size().columns, _MIN_WIDTH), _MAX_WIDTH) if wrapped else None
        colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        return cls(width, colour)

    def bold(self, text: str) -> str:
        """Text in bold."""
        return f"\x1b[1m{text}\x1b[0m" if self.colour else text

    def faint(self, text: str) -> str:
        """Text in grey."""
        return f"\x1b[2m{text}\x1b[0m" if self.colour else text

    def warm(self, text: str) -> str:
        """Text in a warning colour."""
        return f"\x1b[33m{text}\x1b[0m" if self.colour else text


def answer_lines(answer: Answer, style: Style, *, every: bool = False) -> Iterator[str]:
    """Show an answer: numbered quotes with their locations, then its confidence in words.

    With ``every``, lists that are quoted in part are shown in full.
    """
    if answer.parts:
        number = 1
        for part in answer.parts:
            if part is not answer.parts[0]:
                yield ""
            yield from _wrapped(part.question, style, "", style.bold)
            yield ""
            yield from _body(part, style, number, every=every, is_first=part is answer.parts[0])
            number += len(part.quotes)
        return
    yield from _body(answer, style, 1, every=every, is_first=True)


def _body(answer: Answer, style: Style, number: int, *, every: bool, is_first: bool) -> Iterator[str]:
    for line in _reading(answer, is_first=is_first):
        yield from _wrapped(line, style, "", style.faint)
        yield ""
    if answer.summary is not None:
        yield from _wrapped(answer.summary, style, "", None)
        yield ""
    yield from _quotes(answer.quotes, style, number, every=every)
    if answer.status == "answered":
        yield from _matches(answer.posts)
    if answer.quotes and answer.summary is None:
        yield from _wrapped(f"{BAND_WORDS[answer.band]} {odds_words(answer.confidence)}", style, "", style.faint)
    if answer.quotes or (answer.summary is not None and answer.reason is None):
        return
    yield from _wrapped(answer.reason or "These posts do not answer that.", style, "", style.warm)
    if answer.closest:
        yield from ["", "Closest, but not an answer:"]
    for quote in answer.closest:
        yield ""
        yield from _quote(quote, "-", style, every=every)
    if answer.posts:
        yield from ["", "Posts that come near the question:"]
        yield from _matches(answer.posts)


def _quotes(quotes: Iterable[Quote], style: Style, number: int, *, every: bool) -> Iterator[str]:
    """Numbered quotes; those that are only related to the question come under a line that says so."""
    related = False
    for at, quote in enumerate(quotes, number):
        if quote.confidence and quote.label == "also related" and not related:
            related = True
            yield from ["Also related:", ""]
        yield from _quote(quote, f"[{at}]", style, every=every)
        yield ""


def mention_lines(found: Mentions, style: Style) -> Iterator[str]:
    """Show everything said about a thing: its sentences, numbered, under their posts."""
    names = f" ({', '.join(found.names[1:])})" * (len(found.names) > 1)
    counted = f"{amount(found.count, 'sentence')} in {amount(len(found.posts), 'post')}"
    yield f"{counted} about {visible(found.subject)}{visible(names)}"
    number = 0
    for one in found.posts:
        yield ""
        index = next((quote.index for quote in one.quotes), None)
        title = " · ".join(filter(None, [one.post.title, one.post.date, one.post.source, index]))
        yield from _wrapped(title, style, "", style.bold)
        for quote in one.quotes:
            number += 1
            mark = f"[{number}] "
            lines = list(_wrapped(f"“{quote.text}”", style, " " * len(mark), None))
            yield mark + lines[0][len(mark) :]
            yield from lines[1:]
            yield from _folded(_places(quote), style, " " * len(mark), style.faint)


def _reading(answer: Answer, *, is_first: bool) -> Iterator[str]:
    """How a question was understood, if not as typed; only the first of a message can follow up an earlier one."""
    if answer.read_as:
        yield f"Read as: {', '.join(meant for _, meant in answer.read_as)}"
    if answer.disagreement is not None:
        yield answer.disagreement
    if answer.understood is not None:
        alone = " (to ask it on its own, leave out --after)" if is_first else ""
        yield f"Understood as: {answer.understood}{alone}"


def _matches(posts: Iterable[PostMatch]) -> Iterator[str]:
    """One line per post: id, date, how often it mentions the subject, title, and author or file."""
    for post in posts:
        times = f"{post.times}×" if post.times else ""
        source = post.author or next((place.site or place.file for place in post.locations), "")
        title = visible(post.title or "(no title)", one_line=True)
        index = f" · {visible(post.index, one_line=True)}" if post.index else ""
        behind = f", {visible(source, one_line=True)}" if source else ""
        yield f"{post.post_id[:8]}  {post.date or '-':<10}  {times:>4}  {title}{behind}{index}"


def _list(shown: ListShown, style: Style, indent: str, *, every: bool) -> Iterator[str]:
    """How much of a list a quote shows, and with ``every`` the items that it leaves out, each with its location."""
    counted = f"{shown.shown} of {amount(shown.total, 'item')}"
    if not every:
        yield from _wrapped(f"{counted}; --all shows the whole list", style, indent, style.faint)
        return
    yield from _wrapped(f"{counted}; the others:", style, indent, style.faint)
    for rest in shown.rest:
        yield from _wrapped(f"“{rest.text}”", style, indent, style.bold)
        yield from _folded(_places(rest), style, indent, style.faint)


def _quote(quote: Quote, mark: str, style: Style, *, every: bool = False) -> Iterator[str]:
    indent = " " * (len(mark) + 1)
    lines = list(_wrapped(f"“{quote.text}”", style, indent, style.bold))
    yield f"{mark} {lines[0][len(indent) :]}"
    yield from lines[1:]
    site = next((place.site for place in quote.locations if place.site), None)
    title = " · ".join(filter(None, [quote.post_title, quote.post_date, site, quote.index]))
    yield from _wrapped(title, style, indent, None)
    yield from _folded(_places(quote), style, indent, style.faint)
    if quote.header is not None:
        yield from _wrapped(f"header of the table: {quote.header.text}", style, indent, style.faint)
    if quote.list is not None:
        yield from _list(quote.list, style, indent, every=every)
    for variant in quote.variants:
        note = f"another version of this post differs: {_difference(variant.removed, variant.added)}"
        yield from _wrapped(note, style, indent, style.warm)


def _places(quote: Quote | Passage) -> str:
    if not quote.locations:
        return "on no page"
    first = quote.locations[0]
    record = f", {visible(first.record, one_line=True)}," if first.record is not None else ""
    shown = f"{visible(first.file, one_line=True)}{record} {first.start}–{first.end}"
    others = len({place.file for place in quote.locations} - {first.file})
    again = len(quote.locations) - 1 - others
    if others:
        shown += f", also on {others} other page{'s' * (others > 1)}"
    elif again:
        shown += f", {again} more time{'s' * (again > 1)} on this page"
    states = [place.page_state for place in quote.locations if place.page_state is not None]
    if len(states) == len(quote.locations):
        shown += f"; this page {'is gone' if states[0] == 'gone' else 'has changed'} since it was indexed"
    elif states:
        shown += f"; {len(states)} of these places changed since they were indexed"
    return shown


def post_lines(posts: Iterable[Post], style: Style) -> Iterator[str]:
    """List posts, one per line: id, date, number of pages, title and author; variants below."""
    for post in posts:
        pages = len({copy.file for copy in post.copies})
        title = style.bold(visible(post.title or "(no title)"))
        counted = f"{pages:>3} page{'s' if pages != 1 else ' '}"
        source = style.faint(visible(post.source, one_line=True))
        yield f"{post.post_id[:8]}  {post.date or '-':<10}  {counted}  {title}, {source}"
        for variant in post.variants:
            yield f"          differs from {variant.post_id[:8]}: {_difference(variant.removed, variant.added)}"


def _difference(removed: str, added: str) -> str:
    words = [
        f"without “{clipped(removed, 60)}”" if removed else "",
        f"with “{clipped(added, 60)}”" if added else "",
    ]
    return ", ".join(filter(None, words))


def status_lines(status: dict[str, object], style: Style) -> Iterator[str]:
    """Show what an index contains, one line per item."""
    width = max((len(name) for name in status), default=0)
    for name, value in status.items():
        shown = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
        yield f"{style.bold(name.replace('_', ' ').ljust(width))}  {visible(shown)}"


def failure_lines(failure: Failure) -> Iterator[str]:
    """Show one failure: the quote, where it is, what was expected and what was found."""
    where = f"line {failure.line}"
    if failure.answer_id:
        where += f", answer {visible(failure.answer_id)}"
    if failure.quote:
        where += f", quote {failure.quote}"
    place = f" {visible(failure.file, one_line=True)} {failure.start}–{failure.end}" if failure.file else ""
    yield f"{where}:{place}: {visible(failure.problem)}" if place else f"{where}: {visible(failure.problem)}"
    if failure.expected or failure.got:
        yield f"    expected  {visible(failure.expected)}"
        yield f"    got       {visible(failure.got)}"


def _wrapped(text: str, style: Style, indent: str, paint: Callable[[str], str] | None) -> Iterator[str]:
    yield from _folded(visible(text), style, indent, paint)


def _folded(shown: str, style: Style, indent: str, paint: Callable[[str], str] | None) -> Iterator[str]:
    """Wrap text, already made `visible`, to the width of the style."""
    for line in shown.split("\n"):
        pieces = [line] if style.width is None else _fold(line, style.width - len(indent))
        for piece in pieces:
            yield indent + (paint(piece) if paint else piece) if piece else ""


def _fold(line: str, width: int) -> list[str]:
    return textwrap.wrap(
        line, width, break_long_words=False, break_on_hyphens=False, expand_tabs=False, replace_whitespace=False
    ) or [""]


def clipped(text: str, length: int) -> str:
    """Text on one line, shortened to ``length`` characters."""
    line = " ".join(visible(text).split())
    return line if len(line) <= length else line[: length - 1] + "…"


def visible(text: str, *, one_line: bool = False) -> str:
    """Text with its control and invisible characters shown, so that no page or file name controls the terminal.

    With ``one_line``, line ends are shown too, so that a name cannot look like a line of the program.
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    if one_line:
        plain = plain.replace("\n", "\u240a")
    shown = show_invisible("".join(_SHOWN.get(letter, letter) for letter in plain))
    return "\n".join(isolate(line) for line in shown.split("\n"))


# control characters as their pictures
_SHOWN = {
    **{chr(code): chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t"},
    "\x7f": "\u2421",
}
