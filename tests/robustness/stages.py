"""Every stage that reads a stranger's text: the parser of each file type around one line, and what reads a line.

    python tests/robustness/stages.py [--lines 20000] [--seed 1]

puts fuzzed lines through every parser and everything that reads a line, and fails if the time of one grows faster than
its line. Each line is looked at with 1,000 characters, and measured with up to 8,000 if it took long for its length.
One in 40 goes through every stage with 4,000 characters, from the bytes of a file to its chunks: that takes 0.5 s, ten
times as long as the parsers alone, because what follows them is much the same for all.
"""

from __future__ import annotations

import argparse
import base64
import random
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[2])]

from linear import growth_of
from robustness.specimens import SIGNS, SOUND

from rag.answering.conversation.follow_ups import Understood, understand
from rag.answering.posts.questions import names_posts, read_posts_question
from rag.answering.question.message import read_message
from rag.answering.question.polarity import says_no, wants_no
from rag.answering.question.post_dates import find_range
from rag.answering.question.query import parts, query
from rag.answering.question.subjects import phrases_of
from rag.answering.quotes.lists import is_table_row
from rag.answering.selection.comparison import sides_of
from rag.answering.selection.definitions import explains, subject_of
from rag.answering.selection.recency import without_now
from rag.answering.selection.stance import asked_stance
from rag.dedup.merging import merge
from rag.errors import PullquoteError
from rag.extraction.posts import divide
from rag.indexing.chunking import count_tokens, cut
from rag.loading.containers.archives import Budget
from rag.loading.formats import plain_text
from rag.loading.pages import _read as read_bytes
from rag.records import Page
from rag.text.alignment import align
from rag.text.annotations import noted
from rag.text.cells import guard_cell
from rag.text.dates import date_of, read_byline, trailing_date
from rag.text.invisible import isolate, show_invisible
from rag.text.lines import cut_blocks, fold_key
from rag.text.markdown import escape_markdown
from rag.text.paragraphs import units_of
from rag.text.sentences import split
from rag.text.tokens import stems
from rag.text.word_diff import word_diff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["FEWER", "STAGES", "UNITS", "fuzzed"]

_SENTENCE = "It is forty metres deep, and the village still drinks from it when the pipes freeze in January."
_MODEL_TOKENS = 254
# file types without a sound specimen
_MORE = {
    "page.rst": "The well\n========\n\n:Author: Ann\n\n{}\n\n.. note:: " + _SENTENCE,
    "page.org": "#+TITLE: The well\n\n* {}\n\n" + _SENTENCE,
    "page.adoc": "= {}\nAnn <ann@example.org>\n\n" + _SENTENCE,
    "page.textile": "h1. {}\n\nbq. " + _SENTENCE,
    "letter.eml": "From: Ann <ann@example.org>\nTo: b@example.org\nSubject: The well\nDate: Sat, 3 May 2014 10:00:00 "
    "+0000\nContent-Type: text/html\n\n<p>{}</p><p>" + _SENTENCE + "</p>",
    "letters.mbox": "From ann Sat May  3 10:00:00 2014\nFrom: {}\nTo: b@example.org\nSubject: The well\n\n"
    + _SENTENCE
    + "\n",
    "typepad.txt": "TITLE: {0}\nAUTHOR: Ann\nDATE: 05/03/2014 10:00:00 AM\n-----\nBODY:\n<p>{0}</p>\n-----\n--------\n",
    "clippings.txt": "{0} (Ann)\n- Your Highlight on page 1 | Added on 3 May 2014\n\n{0}\n==========\n",
    "tweets.js": 'window.YTD.tweets.part0 = [ {{"tweet": {{"full_text": "{0}"}}}} ]',
    "note.tid": "title: {0}\n\n!! {0}\n[[{0}|x]] ''" + _SENTENCE + "''",
    "page.gmi": "# {0}\n=> gemini://x {0}\n* " + _SENTENCE,
    "matter.md": "---\ntitle: {0}\ntags: [{0}]\n---\n\n{{% x %}} {0} [^1]\n\n- " + _SENTENCE,
}
# the title and the paragraph in the sound specimens
_TITLE, _PARAGRAPH = b"The well", b"The well at the crossroads was dug in 1911 by three brothers"


def _around(name: str, line: str) -> bytes:
    """A file of a kind with a line as title and as text; the line is not escaped, as by a careless or hostile tool."""
    if name in _MORE:
        return _MORE[name].format(line).encode("utf-8", "surrogatepass")
    written = line.encode("utf-8", "surrogatepass")
    return SOUND[name].replace(_PARAGRAPH, written).replace(_TITLE, written[:2000])


def _parsed(name: str, line: str) -> list[Page]:
    """Read a file around a line."""
    data = _around(name, line)
    return [one for one in read_bytes(data, name, f"/{name}", Budget.of(len(data)), 0) if isinstance(one, Page)]


def _as_file(name: str, line: str) -> None:
    """Read a file around a line, find its posts, merge and cut them."""
    posts, _ = merge(divide(_parsed(name, line)))
    for post in posts:
        cut(post, 0, _characters, _MODEL_TOKENS)


def _characters(text: str) -> int:
    """The most tokens that a model can make of a text; like all models, it makes none of white space."""
    return len("".join(text.split()))


def _as_encoded_mail(line: str) -> None:
    body = base64.encodebytes(line.encode("utf-8", "surrogatepass")).decode()
    head = "From: a@b\nTo: c@d\nSubject: =?utf-8?q?x?=\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\n"
    data = (head + body).encode()
    list(read_bytes(data, "encoded.eml", "/encoded.eml", Budget.of(len(data)), 0))


_WHOLE = ("pages.zip", "wide.txt", "windows.txt", "old.htm")  # the same parsers as others
_SUBJECT = subject_of("What is the FOI?")
_FILES = [name for name in SOUND if name not in _WHOLE] + list(_MORE)

STAGES: dict[str, Callable[[str], object]] = {
    **{name: partial(_as_file, name) for name in _FILES},
    "encoded mail": _as_encoded_mail,
    "sentences": lambda text: split(text, ()),
    "units": lambda text: list(units_of(text)),
    "notes": lambda text: noted([text]),
    "stems": stems,
    "lines": lambda text: (cut_blocks(text), fold_key(text)),
    "dates": lambda text: (read_byline(text), trailing_date(text), date_of(text)),
    "tokens": count_tokens,
    "copies": lambda text: (align(text, text[1:]), word_diff(text[:1000], text[1:1000])),
    "shown": lambda text: (escape_markdown(text), show_invisible(text), isolate(text), guard_cell(text)),
    "plain": lambda text: [plain_text(text, kind) for kind in ("html", "markdown", "csv", "json", "text")],
    "question": lambda text: (query(text), parts(text), read_message(text), phrases_of(text)),
    "kind of question": lambda text: (
        sides_of(text),
        subject_of(text),
        wants_no(text),
        without_now(text),
        asked_stance(text),
    ),
    "follow-up": lambda text: understand(f"And {text}", [Understood("Who built FBOpen?")]),
    "question before": lambda text: understand("Who built it?", [Understood(f"What is {text}?")]),
    "question about posts": lambda text: (
        read_posts_question(text, lambda: None),
        names_posts(text, lambda: None),
        find_range(text, lambda: None),
    ),
    "sentence of a post": lambda text: (
        explains(text, _SUBJECT) if _SUBJECT else None,
        says_no(text),
        is_table_row(text),
    ),
}

# every parser by itself, and whatever reads a line and no pages
_PARSERS: dict[str, Callable[[str], object]] = {
    **{f"parser of {name}": partial(_parsed, name) for name in _FILES},
    **{name: stage for name, stage in STAGES.items() if name not in _FILES and name != "copies"},
}
# the length at which each fuzzed line is looked at first, and how many lines there are to one that goes through all
_LOOK, _ALL_STAGES_EVERY = 1_000, 40

UNITS = (
    *("a", "_", "?", ".", " ", "-", "*", "[", "<", "\u201c", "\u3002", "\u0301", "\n"),
    *("a ", "? ", "A. ", "1,", "](", "<a ", "a=", "&#", "\\", "| ", "a_", "http://", "- \n", "> "),
)


# input that takes a stage a second, whatever the size of the text
FEWER = {"copies": ("a ", "?", "- \n")}


def fuzzed(chance: random.Random) -> Callable[[int], str]:
    """A maker of lines: something once, something repeated, and something at the end."""
    signs = [sign.decode("utf-8", "replace") for sign in SIGNS] + list(UNITS)
    unit = "".join(chance.choices(signs, k=chance.choice((1, 1, 2, 2, 3, 4)))) or "a"
    before, after = ("".join(chance.choices(signs, k=chance.randrange(3))) for _ in range(2))
    return lambda size: before + unit * (size // len(unit)) + after


def _problems(
    stages: Mapping[str, Callable[[str], object]], make: Callable[[int], str], look: int
) -> Iterator[tuple[str, str]]:
    """The stages whose time grows faster than a line, or that raise an error for it, with the problem."""
    for name, stage in stages.items():
        try:
            problem = growth_of(stage, make, look)
        except PullquoteError as error:  # no text of a stranger may end a build
            problem = f"{make(40)!r}… {error}"
        if problem:
            yield name, problem


def main() -> int:
    """Fuzz, and print what grows too fast."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--lines", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance, begun = random.Random(options.seed), time.monotonic()
    slow: dict[str, int] = {}
    for number in range(options.lines):
        make = fuzzed(chance)
        problems = list(_problems(_PARSERS, make, _LOOK))
        if number % _ALL_STAGES_EVERY == 0:
            problems += _problems(STAGES, make, 4 * _LOOK)
        for name, problem in problems:
            slow[name] = slow.get(name, 0) + 1
            sys.stdout.write(f"{name}: {problem}\n")
        if number % 500 == 499:
            sys.stderr.write(f"{number + 1:,} lines in {time.monotonic() - begun:,.0f} s\n")
    told = ", ".join(f"{name} {count}" for name, count in slow.items()) or "none grows faster than its line"
    whole = -(-options.lines // _ALL_STAGES_EVERY)
    sys.stdout.write(
        f"{options.lines:,} lines through {len(_PARSERS)} parsers, {whole:,} through {len(STAGES)} stages: {told}\n"
    )
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
