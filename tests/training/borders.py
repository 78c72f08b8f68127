"""Make rag/extraction/boundaries.json, the weights by which pages are cut into posts, from the texts of ../shared/data.

    python tests/training/borders.py                write rag/extraction/boundaries.json, and its figures into this folder's README.md
    python tests/training/borders.py --out FILE     write the table elsewhere, and leave the README.md alone
    python tests/training/borders.py --check        write nothing; exit status 1 when the committed table is another one

Exit status 2 when the texts are absent. Takes about ten minutes.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import html
import json
import random
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cutting import fit, page_cues
from made_pages import MadePage, Text, invented, made_heap
from tables import HERE, ROOT, DataProblem, differences, say, shared, with_figures

from rag.extraction.boundaries import find_starts
from rag.extraction.outline import Heap, Outline, outline
from rag.extraction.text_boilerplate import Glue
from rag.text.dates import trailing_date
from rag.text.lines import cut_blocks, fold_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cutting import Page

    from rag.text.lines import Block

TABLE = ROOT / "rag" / "extraction" / "boundaries.json"
README = HERE / "README.md"
HEADING = "### Figures of the borders"
POSTS = HERE / "posts.json"
SEED = 1
# of 0.003 to 0.3 all do the same on blogs that were left out
PENALTY = 0.03
# How much the pages of a source count together; a real page of an archive counts as much as two. Made pages count
# little each, for there are many and all are made by one hand.
ARCHIVE_PAGE = 2.0
COUNTS = {"digital.gov": 60.0, "single posts": 60.0, "articles": 60.0, "invented": 12.0}
DRAWS = 4  # times that all posts of digital.gov are put on pages; each time in other templates
ARTICLE_HEAPS, INVENTED_HEAPS = 80, 60
MAX_PARAGRAPHS = 60  # of an article; the longer ones are tables and lists, whose every line may be a title
HEAP_SIZES = (8, 20, 40)  # posts in a heap; the smallest is a heap of one page
INVENTED_SIZES = (6, 12, 20)
OVERLAPPING = 0.3  # share of heaps in which posts stand on several pages
# pages with more lines that may be titles than this are left out of the fit: their number of cuts is its square
MAX_STARTS = 120
# numbers of a weight that differ by no more than this are the same: the fit ends where nothing gets better
SAME = 0.02


@dataclass(frozen=True, slots=True)
class LabelledPage:
    """A page as its lines, and the numbers of those that are titles of posts."""

    blocks: tuple[Block, ...]
    titles: tuple[int, ...]


LabelledHeap = tuple[LabelledPage, ...]


def archives() -> dict[str, list[LabelledHeap]]:
    """The real pages: a heap for each blog, named by its files, and the seed pages."""
    found: dict[str, list[LabelledPage]] = {}
    for page in json.loads(shared("archives/gold.json").read_text(encoding="utf-8")):
        stem = Path(page["page"]).stem
        text = shared(f"archives/text/{stem}.txt").read_bytes().decode("utf-8")
        found.setdefault(re.sub(r"-\d+$", "", stem), []).append(_labelled(text, page["posts"]))
    for page in json.loads(shared("../gold/seed-posts.json").read_text(encoding="utf-8")):
        text = next((ROOT / "seeds").glob(f"{Path(page['page']).stem}.*")).read_bytes().decode("utf-8")
        found.setdefault("seeds", []).append(_labelled(text, page["posts"]))
    return {blog: [tuple(pages)] for blog, pages in found.items()}


def _labelled(text: str, posts: Sequence[Mapping[str, str]]) -> LabelledPage:
    """Find the titles of the posts, whose first blocks are known, in their order.

    A title is what the first block is, or stands at most five lines above it. Where no line is what the post is called,
    one that begins so or ends in a date is its title here; else the page has lost it.
    """
    blocks = tuple(cut_blocks(text))
    keys = [fold_key(block.text) for block in blocks]
    titles: list[int] = []
    at = 0
    for post in posts:
        first = fold_key(post["first"])
        title = fold_key(post["title"].split(" · ")[0])  # behind it the name of the blog
        bodies = [line for line in range(at, len(keys)) if first[:40] in keys[line] or _opens(keys[line], first)]
        # another post may quote it: then it is the one below the title
        body = next((line for line in bodies if title in keys[max(line - 5, at) : line + 1]), bodies[0])
        near = range(body, max(body - 5, at) - 1, -1)
        named = [line for line in near if keys[line] == title]
        named += [line for line in near[1:] if keys[line].startswith(title[:12])]
        named += [line for line in near[1:] if trailing_date(blocks[line].text) is not None]
        titles += named[:1]
        at = body + 1
    return LabelledPage(blocks, tuple(titles))


def _opens(key: str, first: str) -> bool:
    """Whether a line is the beginning of a block: one that a page breaks into several lines."""
    return len(key) > 20 and first.startswith(key)


def made(rng: random.Random) -> dict[str, list[LabelledHeap]]:
    """Pages put together from posts of digital.gov, from articles of as many sites, and from made-up words.

    The posts of digital.gov stand on archive pages, and once more each on a page of its own.
    """
    posts = list(_gov_posts())
    heaps: dict[str, list[LabelledHeap]] = {"digital.gov": [], "single posts": [], "articles": [], "invented": []}
    for _ in range(DRAWS):
        rng.shuffle(posts)
        at = 0
        while at < len(posts):
            size = rng.choice(HEAP_SIZES)
            heaps["digital.gov"].append(_heap(posts[at : at + size], rng, single=size == HEAP_SIZES[0]))
            at += size
    for at in range(0, len(posts), HEAP_SIZES[-1]):
        heaps["single posts"].append(_heap(posts[at : at + HEAP_SIZES[-1]], rng, single=False, each=1))
    articles = list(_articles())
    for _ in range(ARTICLE_HEAPS):
        rng.shuffle(articles)
        size = rng.choice(HEAP_SIZES)
        heaps["articles"].append(_heap(articles[:size], rng, single=size == HEAP_SIZES[0]))
    for _ in range(INVENTED_HEAPS):
        heaps["invented"].append(_heap(invented(rng, rng.choice(INVENTED_SIZES)), rng, single=False))
    return heaps


def _heap(texts: Sequence[Text], rng: random.Random, *, single: bool, each: int = 0) -> LabelledHeap:
    overlap = rng.random() < OVERLAPPING and not each
    pages = made_heap(texts, rng, overlap=overlap, single=single, each=each)
    return tuple(_of_made(page) for page in pages)


def _of_made(page: MadePage) -> LabelledPage:
    blocks = tuple(cut_blocks(page.text))
    numbers = {block.start: number for number, block in enumerate(blocks)}
    return LabelledPage(blocks, tuple(numbers[title] for title in page.titles))


def _gov_posts() -> Iterator[Text]:
    """The posts of the sets a and b: others than those that quality is measured on."""
    known = json.loads(POSTS.read_text(encoding="utf-8"))
    wanted = {one for name in ("a", "b") for one in known[name]["govblog-all"]}
    for line in gzip.decompress(shared("govblog-all.jsonl.gz").read_bytes()).decode("utf-8").split("\n")[:-1]:
        row = json.loads(line)
        if row["id"] in wanted and row["title"].strip() and len(row["text"].split()) > 60:
            text = re.sub(r"^[^\S\n]{2,}(?=\S)", "  • ", html.unescape(row["text"]), flags=re.MULTILINE)
            yield _text(html.unescape(row["title"]), text)


def _articles() -> Iterator[Text]:
    """The main texts of article pages, without a first line that repeats the title."""
    for line in shared("webpages/gold.jsonl").read_text(encoding="utf-8").split("\n")[:-1]:
        row = json.loads(line)
        if row["title"] and len(row["main"].split()) > 80 and row["main"].count("\n") < MAX_PARAGRAPHS:
            yield _text(row["title"], row["main"].replace("\n", "\n\n"))


def _text(title: str, body: str) -> Text:
    paragraphs = [part.rstrip() for part in re.split(r"\n\s*?\n", body) if part.strip()]
    title = " ".join(title.split())
    if fold_key(paragraphs[0]) == fold_key(title):
        del paragraphs[0]
    return Text(title, tuple(part.lstrip("\n") for part in paragraphs))


def outlined(heap: LabelledHeap) -> tuple[list[Outline], Heap]:
    """The outlines of the pages as they are when posts are looked for, and what the pages have in common."""
    glue = Glue(block.text for page in heap for block in page.blocks)
    outlines = [outline(page.blocks, glue) for page in heap]
    known = Heap(outlines)
    return [known.framed(one) for one in outlines], known


def measured(heaps: Sequence[LabelledHeap]) -> list[Page]:
    """The cues of every page of these heaps that is not too large."""
    found = []
    for heap in heaps:
        outlines, known = outlined(heap)
        for one, page in zip(outlines, heap, strict=True):
            if one.kinds.count("short") < MAX_STARTS:
                found.append(page_cues(one, known, page.titles))
    return found


def figures(heaps: Sequence[LabelledHeap], weights: Mapping[str, float]) -> dict[str, float]:
    """How well the titles of posts are found, every heap read as its pages are when they are indexed."""
    right = found = wanted = pages = 0
    for heap in heaps:
        outlines, known = outlined(heap)
        for page, starts in zip(heap, find_starts(outlines, known, weights), strict=True):
            titles = {line for line, titled in starts if titled}
            right += len(titles & set(page.titles))
            found += len(titles)
            wanted += len(page.titles)
        pages += len(heap)
    return {
        "pages": pages,
        "titles": wanted,
        "precision": round(right / max(found, 1), 3),
        "recall": round(right / max(wanted, 1), 3),
        "f1": round(2 * right / max(found + wanted, 1), 3),
    }


def fitted(pages: Mapping[str, Sequence[Page]], *, without: str = "") -> dict[str, float]:
    """The weights for all sources but one."""
    counted = [
        (page, COUNTS[name] / len(some) if name in COUNTS else ARCHIVE_PAGE)
        for name, some in pages.items()
        if name != without
        for page in some
    ]
    return fit(counted, PENALTY)


def heaps_sha256(heaps: Mapping[str, Sequence[LabelledHeap]]) -> dict[str, str]:
    """One hash for each source, of the lines of its pages and of which of them are titles."""
    found = {}
    for name, some in heaps.items():
        digest = hashlib.sha256()
        for heap in some:
            for page in heap:
                digest.update(json.dumps([page.titles, [block.text for block in page.blocks]]).encode())
        found[name] = digest.hexdigest()
    return found


def figures_text(held_out: Mapping[str, Mapping[str, float]], trained_on: Mapping[str, Mapping[str, float]]) -> str:
    """The figures as lines for a person."""
    lines = []
    for title, part in (("fitted to the others", held_out), ("fitted to it too", trained_on)):
        lines.append(
            f"{title:<22}" + "".join(f"{name:>11}" for name in ("pages", "titles", "precision", "recall", "f1"))
        )
        lines += [
            f"{name:<22}"
            + "".join(f"{value:>11.3f}" if isinstance(value, float) else f"{value:>11}" for value in row.values())
            for name, row in part.items()
        ]
    return "\n".join(lines)


def table() -> dict[str, object]:
    """Fit the weights and judge them.

    Raises:
        DataProblem: a text is absent.

    """
    heaps = archives() | made(random.Random(SEED))
    say("measuring " + ", ".join(f"{sum(map(len, some))} pages of {name}" for name, some in heaps.items()))
    pages = {name: measured(some) for name, some in heaps.items()}
    held = {}
    for name in heaps:
        if name != "invented":
            say(f"fitting without {name}")
            held[name] = figures(heaps[name], fitted(pages, without=name))
    say("fitting")
    weights = {name: round(weight, 2) for name, weight in fitted(pages).items()}
    return {
        "made_by": f"python tests/training/borders.py (seed {SEED})",
        "pages_sha256": heaps_sha256(heaps),
        "held_out": held,
        "trained_on": {name: figures(some, weights) for name, some in heaps.items()},
        "weights": weights,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the table, print what it is worth, and write or compare it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--out", type=Path, default=TABLE, help="where the table is written (default rag/extraction/boundaries.json)"
    )
    what.add_argument("--check", action="store_true", help="compare with the committed table and write nothing")
    options = parser.parse_args(arguments)
    try:
        made_now = table()
    except DataProblem as problem:
        say(str(problem))
        return 2
    shown = figures_text(made_now["held_out"], made_now["trained_on"])
    sys.stdout.write(shown + "\n")
    if options.check:
        told = differences(json.loads(TABLE.read_text(encoding="utf-8")), made_now, same=SAME)
        for line in told:
            say(line)
        return 1 if told else 0
    options.out.write_text(json.dumps(made_now, indent=1) + "\n", encoding="utf-8")
    if options.out == TABLE:
        README.write_text(with_figures(README.read_text(encoding="utf-8"), shown, HEADING), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
