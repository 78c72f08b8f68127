"""Make the two tables of weights from this folder's questions and the texts of ../shared/data that they are about.

``rag/answering/selection/ranker.json`` is for answers without the reader, ``ranker_with_reader.json`` for those with it, whose own
training questions are not among these.

    python tests/training/rebuild.py                write both, and their figures into this folder's README.md
    python tests/training/rebuild.py --out FOLDER   write them elsewhere, and leave the README.md alone
    python tests/training/rebuild.py --work FOLDER  keep the indexes there for the next time
    python tests/training/rebuild.py --check        write nothing; exit status 1 when a committed table is another one

Exit status 2 when the texts are absent or not the ones that the questions were written on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import sys
import tempfile
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from ranking import (
    GoldSet,
    collect,
    figures_text,
    held_out,
    pages_sha256,
    table_dict,
    told_by_name,
    train,
    written,
)
from reader_rows import is_held_out
from sources import Source, file_name, post_rows
from tables import HERE, ROOT, DataProblem, differences, say, shared, with_figures

from rag.answering.engine import Index
from rag.evaluation.gold import gold_row
from rag.indexing.build import build_index

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

TABLES = {
    False: ROOT / "rag" / "answering" / "selection" / "ranker.json",
    True: ROOT / "rag" / "answering" / "selection" / "ranker_with_reader.json",
}
QUESTIONS = HERE / "questions.jsonl"
POSTS = HERE / "posts.json"
README = HERE / "README.md"
SETS = ("a", "b", "c")

# where the README.md shows the figures of each
HEADINGS = {False: "### Figures\n", True: "### Figures with the reader\n"}
# Questions about other posts, which these posts cannot answer: about as many as each set has near misses of its own
# (83 to 87), so that neither sort of unanswerable question is all that is seen. Drawn with the seed.
FOREIGN, SEED = 70, 11
# where they come from: posts of another kind, so that no post of the set answers one by chance
STRANGERS = {"a": "c", "b": "squad", "c": "a"}
# The first so many rows of the questions over encyclopaedia paragraphs. Every set counts equally whatever its number
# of rows; these are half again as many as our own and take more than half of the time.
SQUAD_ROWS = 1500
SQUAD = "squad/questions-train.jsonl"
# with the reader, which reads half a second at each, a third of them will do
SQUAD_ROWS_READ = 500
# questions over blog posts that the reader was not trained on; only its table is fitted to them
BLOGS = "blogs/questions-train.jsonl"

Row = dict[str, object]


def sources(name: str) -> dict[str, Source]:
    """The posts of a set by their keys in posts.json.

    Raises:
        DataProblem: a text is absent, or a post is not in it.

    """
    wanted = json.loads(POSTS.read_text(encoding="utf-8"))[name]
    found: dict[str, Source] = {}
    if "govblog-all" in wanted:
        found |= post_rows("govblog-all.jsonl.gz", "id", "text", wanted["govblog-all"])
    if "webpages" in wanted:
        found |= post_rows("webpages/gold.jsonl", "page", "main", wanted["webpages"])
    if "archives" in wanted:
        found |= _archives(wanted["archives"])
    return found


def _archives(wanted: Mapping[str, tuple[int, int]]) -> dict[str, Source]:
    """Posts that are stretches of a page; the key is the page and the number of the post in gold.json."""
    titles = {
        f"{Path(page['page']).stem}#{number}": post["title"]
        for page in json.loads(shared("archives/gold.json").read_text(encoding="utf-8"))
        for number, post in enumerate(page["posts"])
    }
    found = {}
    for one, (start, end) in wanted.items():
        if one not in titles:
            raise DataProblem(f"archives/gold.json has no {one}; the questions were written on another version of it.")
        text = shared(f"archives/text/{one.partition('#')[0]}.txt").read_text(encoding="utf-8")
        body = re.sub(r"\n\s*\n", "\n\n", text[start:end])
        found[one] = Source(file_name(one), text, f"# {titles[one]}\n\n{body}\n")
    return found


def questions(name: str, posts: Mapping[str, Source]) -> list[Row]:
    """Our own questions of a set, their evidence read from the posts, as rows of a gold file."""
    found = []
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["set"] == name:
            named = [posts[key] for key in row.get("posts", [])]
            evidence = [named[place].text[start:end] for place, start, end in row.get("evidence", [])]
            asked: Row = {field: row[field] for field in ("id", "question", "answerable", "kind", "paraphrased")}
            found.append(asked | {"evidence": evidence, "files": [post.file for post in named]})
    return found


def squad() -> list[Row]:
    """The first questions over encyclopaedia paragraphs."""
    with shared(SQUAD).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in islice(lines, SQUAD_ROWS)]


def gold(posts: Mapping[str, Mapping[str, Source]]) -> dict[str, list[Row]]:
    """All questions by set: our own, then those that belong to another set, then the squad questions as a set."""
    own = {name: questions(name, posts[name]) for name in SETS} | {"squad": squad()}
    rng = random.Random(SEED)
    found = {}
    for name in SETS:
        strangers = [row for row in own[STRANGERS[name]] if row["answerable"]]
        rng.shuffle(strangers)
        foreign = {"answerable": False, "evidence": [], "files": [], "kind": "foreign"}
        found[name] = own[name] + [
            {"id": f"x{row['id']}", "question": row["question"], **foreign} for row in strangers[:FOREIGN]
        ]
    return found | {"squad": own["squad"]}


def write_pages(name: str, posts: Mapping[str, Source], into: Path) -> Path:
    """Write the posts of a set as pages.

    Raises:
        DataProblem: they are not the pages that the questions were written on.

    """
    folder = into / name
    folder.mkdir(parents=True, exist_ok=True)
    hashes = []
    for post in posts.values():
        data = post.page.encode()
        (folder / post.file).write_bytes(data)
        hashes.append((post.file, hashlib.sha256(data).hexdigest()))
    expected = json.loads(POSTS.read_text(encoding="utf-8"))[name]["pages_sha256"]
    if pages_sha256(hashes) != expected:
        raise DataProblem(f"The texts of set {name} in ../shared/data are not those the questions were written on.")
    return folder


def blogs() -> list[Row]:
    """Questions over blog posts that were kept from the reader."""
    lines = shared(BLOGS).read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if is_held_out(row["about"])]


def gold_sets(home: Path, *, reader: bool) -> Iterator[GoldSet]:
    """Build an index for each set under ``home``, where there is none, and measure its questions."""
    posts = {name: sources(name) for name in SETS}
    rows = gold(posts)
    folders = {name: write_pages(name, posts[name], home) for name in SETS}
    folders["squad"] = shared("squad/pages/0001.md").parent
    if reader:
        rows |= {"squad": rows["squad"][:SQUAD_ROWS_READ], "blogs": blogs()}
        folders["blogs"] = shared(BLOGS).parent / "pages"
    files = {"squad": SQUAD, "blogs": BLOGS}
    for name, folder in folders.items():
        say(f"{name}: reading {len(rows[name])} questions")
        build_index([folder], into=home / f"{name}-index")
        index = Index(home / f"{name}-index", fast=not reader)
        file = shared(files[name]) if name in files else QUESTIONS
        shown = f"../shared/data/{files[name]}" if name in files else QUESTIONS.relative_to(ROOT).as_posix()
        held = [gold_row(row, f"{name} {row['id']}") for row in rows[name]]
        yield GoldSet(name, index, shown, hashlib.sha256(file.read_bytes()).hexdigest(), collect(index, held))


def table_of(home: Path, *, reader: bool) -> tuple[dict[str, object], str]:
    """Make one table; with it the figures as lines for a person."""
    sets = list(gold_sets(home, reader=reader))
    say("fitting")
    trained = train(sets)
    say("fitting with one set left out in turn")
    names = [one.name for one in sets if one.name != "squad"]
    held = {name: held_out(sets, name) for name in names}
    own = told_by_name(sets, trained)
    table = table_dict(sets, trained.table, held, own, f"python tests/training/rebuild.py (seed {SEED})")
    for one in sets:
        one.index.close()
    return table, figures_text(held, own)


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the tables, print what they are worth, and write or compare them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--out", type=Path, help="a folder to write the tables into, instead of rag/answering/selection")
    what.add_argument("--check", action="store_true", help="compare with the committed tables and write nothing")
    parser.add_argument("--work", type=Path, help="a folder that keeps the indexes, so that they are built once")
    parser.add_argument("--only", choices=["with-reader", "without"], help="make one of the two")
    options = parser.parse_args(arguments)
    found = 0
    try:
        with tempfile.TemporaryDirectory() as passing:
            home = options.work or Path(passing)
            for reader, place in TABLES.items():
                if options.only and (options.only == "with-reader") != reader:
                    continue
                table, figures = table_of(home, reader=reader)
                sys.stdout.write(f"{place.name}\n{figures}\n")
                if options.check:
                    told = differences(json.loads(place.read_text(encoding="utf-8")), table)
                    for line in told:
                        say(line)
                    found |= bool(told)
                    continue
                into = options.out / place.name if options.out else place
                into.write_text(written(table), encoding="utf-8")
                if not options.out:
                    README.write_text(
                        with_figures(README.read_text(encoding="utf-8"), figures, HEADINGS[reader]), encoding="utf-8"
                    )
    except DataProblem as problem:
        say(str(problem))
        return 2
    return found


if __name__ == "__main__":
    sys.exit(main())
