"""Measure how well web pages become posts: archive pages divided, single pages reduced to their text and credits.

        python tests/eval/pages.py             every figure, beside trafilatura's own if it is installed
    python tests/eval/pages.py --json      the same for programs
    python tests/eval/pages.py --each      and the word F1 of every single page

The pages and the known facts about them are those of ../shared/data.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rag.dedup.merging import merge
from rag.extraction.posts import divide
from rag.loading.pages import read_pages
from rag.records import Page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.records import Post, PostCopy

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
MAX_BEFORE_FIRST = 300  # characters that may stand before a post's first block: title, date, captions


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known about one single page; ``wanted`` and ``unwanted`` are snippets of it."""

    page: str
    title: str | None
    author: str | None
    date: str | None
    main: str
    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The post extracted from one single page."""

    text: str
    title: str | None
    author: str | None
    date: str | None


@dataclass(frozen=True, slots=True)
class Single:
    """Figures of single pages; ``kept_letters`` and ``title_letters`` ignore punctuation.

    The known texts have straight quotes where most pages have curly ones, which are kept: 0.891 of the snippets are on
    their pages to the letter, so ``kept`` cannot be higher.
    """

    pages: int
    word_f1: float
    kept: float
    kept_letters: float
    dropped: float
    title: float
    title_letters: float
    author: float
    date: float


@dataclass(frozen=True, slots=True)
class Archives:
    """Figures of archive pages.

    ``placed`` compares a post with the known first and last block at its location, title included; ``bare_titles``
    compares titles without the name of the site at the end of the known ones.
    """

    posts: int
    known: int
    f1: float
    placed: float
    titles: float
    bare_titles: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as one object")
    parser.add_argument("--each", action="store_true", help="print the word F1 of every single page too")
    options = parser.parse_args(arguments)
    if not DATA.is_dir():
        print(f"there are no pages to measure on: {DATA} is missing", file=sys.stderr)  # noqa: T201
        return 2
    figures: dict[str, Archives | Single | float] = {}
    figures["archives"] = measure_archives(DATA / "archives" / "gold.json", DATA / "archives" / "html")
    figures["both forms, posts with two places"] = measure_both(DATA / "archives")
    expected = read_expected(DATA / "webpages" / "gold.jsonl")
    ours = dict(extract(DATA / "webpages" / "html"))
    figures["single pages"] = measure_single(expected, ours)
    theirs: dict[str, Found] = {}
    if importlib.util.find_spec("trafilatura") is not None:
        theirs = dict(extract_with_trafilatura(DATA / "webpages" / "html"))
        figures["single pages, trafilatura"] = measure_single(expected, theirs)
    shown = {name: value if isinstance(value, float) else asdict(value) for name, value in figures.items()}
    if options.json:
        print(json.dumps(shown))  # noqa: T201
        return 0
    for name, value in shown.items():
        rows = value.items() if isinstance(value, dict) else [("", value)]
        told = "  ".join(f"{key} {one:.3f}" if isinstance(one, float) else f"{key} {one}" for key, one in rows)
        print(f"{name}: {told.strip()}")  # noqa: T201
    for row in expected if options.each else ():
        beside = f"  trafilatura {word_f1(theirs[row.page].text, row.main):.3f}" if theirs else ""
        print(f"{row.page}  {word_f1(ours[row.page].text, row.main):.3f}{beside}")  # noqa: T201
    return 0


# --- single pages -----------------------------------------------------------------------------------------------------


def read_expected(path: Path) -> list[Expected]:
    """Read what is known of the single pages."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        known = (row["title"], row["author"], row["date"], row["main"])
        found.append(Expected(row["page"], *known, tuple(row["with"]), tuple(row["without"])))
    return found


def extract(folder: Path) -> Iterator[tuple[str, Found]]:
    """Posts of each page by our own code; several pages are read together."""
    by_page: dict[str, list[PostCopy]] = {}
    pages = [page for page in read_pages([folder]) if isinstance(page, Page)]
    for copy in divide(pages):
        by_page.setdefault(copy.file, []).append(copy)
    for page in pages:
        copies = by_page.get(page.file, [])
        text = "\n\n".join(copy.text for copy in copies)
        first = copies[0] if copies else None
        yield page.file, Found(text, *((first.title, first.author, first.date) if first else (None, None, None)))


def extract_with_trafilatura(folder: Path) -> Iterator[tuple[str, Found]]:
    """The text that trafilatura extracts from each page with its own settings."""
    import trafilatura

    for page in read_pages([folder]):
        if isinstance(page, Page):
            text = trafilatura.extract(page.text) or ""
            known = trafilatura.extract_metadata(page.text)
            yield page.file, Found(text, known.title, known.author, known.date)


def measure_single(expected: Sequence[Expected], found: dict[str, Found]) -> Single:
    """Compare; words count as often as they occur, and white space in snippets and credits is collapsed."""
    pairs = [(row, found.get(row.page, Found("", None, None, None))) for row in expected]
    wanted = [(snippet, one.text) for row, one in pairs for snippet in row.wanted]
    unwanted = [(snippet, one.text) for row, one in pairs for snippet in row.unwanted]
    return Single(
        len(pairs),
        _mean(word_f1(one.text, row.main) for row, one in pairs),
        _mean(fold(snippet) in fold(text) for snippet, text in wanted),
        _mean(letters(snippet) in letters(text) for snippet, text in wanted),
        _mean(fold(snippet) not in fold(text) for snippet, text in unwanted),
        _mean(fold(row.title) == fold(one.title) for row, one in pairs),
        _mean(letters(row.title or "") == letters(one.title or "") for row, one in pairs),
        _mean(fold(row.author) == fold(one.author) for row, one in pairs),
        _mean(fold(row.date) == fold(one.date) for row, one in pairs),
    )


def word_f1(text: str, main: str) -> float:
    """F1 of the words of two texts, each counted as often as it occurs."""
    ours, theirs = (Counter(re.findall(r"\w+", one.casefold())) for one in (text, main))
    return 2 * (ours & theirs).total() / max(ours.total() + theirs.total(), 1)


def fold(text: str | None) -> str:
    """White space collapsed; None is the same as an empty text."""
    return " ".join((text or "").split())


def letters(text: str) -> str:
    """Letters and digits only."""
    return re.sub(r"[\W_]+", "", text).casefold()


def _mean(values: Iterator[float]) -> float:
    listed = list(values)
    return sum(listed) / max(len(listed), 1)


# --- archive pages ----------------------------------------------------------------------------------------------------


def measure_archives(gold: Path, folder: Path) -> Archives:
    """Compare with the first and last block of every known post."""
    from rag.loading.html.text import strip_markup

    pages = {Path(page.file).stem: page for page in read_pages([folder]) if isinstance(page, Page)}
    copies = divide(list(pages.values()))
    known = json.loads(gold.read_text(encoding="utf-8"))
    wanted = right = placed = titled = bare = 0
    for row in known:
        page = pages[Path(row["page"]).stem]
        here = [copy for copy in copies if copy.file == page.file]
        stripped = [strip_markup(page.text[copy.pieces[0].file_start : copy.pieces[-1].file_end]) for copy in here]
        wanted += len(row["posts"])
        for post in row["posts"]:
            first, last = letters(post["first"])[:120], letters(post["last"])[-120:]
            match = next((copy for copy in here if _holds(letters(copy.text), first, last)), None)
            place = next(
                (copy for copy, text in zip(here, stripped, strict=True) if _holds(letters(text), first, last)), None
            )
            right += match is not None
            placed += place is not None
            if match is not None:
                titled += letters(match.title or "") == letters(post["title"])
            if place is not None:
                bare += letters(post["title"]).startswith(letters(place.title or "?"))
    f1, placed_f1 = (2 * count / (len(copies) + wanted) for count in (right, placed))
    return Archives(len(copies), wanted, f1, placed_f1, titled / max(right, 1), bare / max(placed, 1))


def _holds(text: str, first: str, last: str) -> bool:
    return 0 <= text.find(first) <= MAX_BEFORE_FIRST and last in text


def measure_both(folder: Path) -> float:
    """Share of the posts of the HTML pages that are one post with their counterparts on the text pages."""
    pages = [page for page in read_pages([folder / "html", folder / "text"]) if isinstance(page, Page)]
    posts, _ = merge(divide(pages))
    formats = [_formats(post) for post in posts]
    html = [one for one in formats if "html" in one]
    return sum(len(one) > 1 for one in html) / max(len(html), 1)


def _formats(post: Post) -> set[str]:
    return {copy.format for copy in post.copies}


if __name__ == "__main__":
    sys.exit(main())
