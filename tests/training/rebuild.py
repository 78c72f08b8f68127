"""Make rag/answering/ranker.json from this folder's questions and the texts of ../shared/data that they are about.

    python tests/training/rebuild.py                write rag/answering/ranker.json, and its figures into this folder's README.md
    python tests/training/rebuild.py --out FILE     write the table elsewhere, and leave the README.md alone
    python tests/training/rebuild.py --check        write nothing; exit status 1 when the committed table is another one

Exit status 2 when the texts are absent or not the ones that the questions were written on.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import re
import sys
import tempfile
from dataclasses import dataclass
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
from tables import HERE, ROOT, DataProblem, differences, say, shared, with_figures

from rag.answering.engine import Index
from rag.evaluation.gold import gold_row
from rag.indexing.build import build_index

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

TABLE = ROOT / "rag" / "answering" / "ranker.json"
QUESTIONS = HERE / "questions.jsonl"
POSTS = HERE / "posts.json"
README = HERE / "README.md"
SETS = ("a", "b", "c")

# Questions about other posts, which these posts cannot answer: about as many as each set has near misses of its own
# (83 to 87), so that neither sort of unanswerable question is all that is seen. Drawn with the seed.
FOREIGN, SEED = 70, 11
# where they come from: posts of another kind, so that no post of the set answers one by chance
STRANGERS = {"a": "c", "b": "squad", "c": "a"}
# The first so many rows of the questions over encyclopaedia paragraphs. Every set counts equally whatever its number
# of rows; these are half again as many as our own and take more than half of the time.
SQUAD_ROWS = 1500
SQUAD = "squad/questions-train.jsonl"

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Source:
    """A post as ../shared/data has it; offsets count in ``text``. ``page`` is indexed, under the name ``file``."""

    file: str
    text: str
    page: str


def sources(name: str) -> dict[str, Source]:
    """The posts of a set by their keys in posts.json.

    Raises:
        DataProblem: a text is absent, or a post is not in it.

    """
    wanted = json.loads(POSTS.read_text(encoding="utf-8"))[name]
    found: dict[str, Source] = {}
    if "govblog-all" in wanted:
        found |= _rows("govblog-all.jsonl.gz", "id", "text", wanted["govblog-all"])
    if "webpages" in wanted:
        found |= _rows("webpages/gold.jsonl", "page", "main", wanted["webpages"])
    if "archives" in wanted:
        found |= _archives(wanted["archives"])
    return found


def _rows(file: str, key: str, text: str, wanted: Sequence[str]) -> dict[str, Source]:
    """Posts that are one row of a file each."""
    raw = shared(file).read_bytes()
    lines = (gzip.decompress(raw) if file.endswith(".gz") else raw).decode().split("\n")
    rows = {row[key]: row for row in map(json.loads, filter(None, lines))}
    found = {}
    for one in wanted:
        if one not in rows:
            raise DataProblem(f"{file} has no {key} {one!r}; the questions were written on another version of it.")
        row = rows[one]
        page = f"# {row['title'] or ''}\n\n{row[text].strip()}\n"
        found[one] = Source(_file_name(one), row[text], page)
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
        found[one] = Source(_file_name(one), text, f"# {titles[one]}\n\n{body}\n")
    return found


def _file_name(key: str) -> str:
    last = key.rsplit("/", maxsplit=1)[-1].removesuffix(".md").removesuffix(".html")
    return re.sub(r"\W+", "-", last)[:60] + ".md"


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
    folder.mkdir()
    hashes = []
    for post in posts.values():
        data = post.page.encode()
        (folder / post.file).write_bytes(data)
        hashes.append((post.file, hashlib.sha256(data).hexdigest()))
    expected = json.loads(POSTS.read_text(encoding="utf-8"))[name]["pages_sha256"]
    if pages_sha256(hashes) != expected:
        raise DataProblem(f"The texts of set {name} in ../shared/data are not those the questions were written on.")
    return folder


def gold_sets(home: Path) -> Iterator[GoldSet]:
    """Build an index for each set under ``home`` and measure its questions."""
    posts = {name: sources(name) for name in SETS}
    rows = gold(posts)
    folders = {name: write_pages(name, posts[name], home) for name in SETS}
    folders["squad"] = shared("squad/pages/0001.md").parent
    for name, folder in folders.items():
        say(f"{name}: reading {len(rows[name])} questions")
        build_index([folder], into=home / f"{name}-index")
        index = Index(home / f"{name}-index")
        file = shared(SQUAD) if name == "squad" else QUESTIONS
        shown = f"../shared/data/{SQUAD}" if name == "squad" else QUESTIONS.relative_to(ROOT).as_posix()
        held = [gold_row(row, f"{name} {row['id']}") for row in rows[name]]
        yield GoldSet(name, index, shown, hashlib.sha256(file.read_bytes()).hexdigest(), collect(index, held))


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the table, print what it is worth, and write or compare it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--out", type=Path, default=TABLE, help="where the table is written (default rag/answering/ranker.json)"
    )
    what.add_argument("--check", action="store_true", help="compare with the committed table and write nothing")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as home:
            sets = list(gold_sets(Path(home)))
            say("fitting")
            trained = train(sets)
            say("fitting with one set left out in turn")
            held = {name: held_out(sets, name) for name in SETS}
            own = told_by_name(sets, trained)
            table = table_dict(sets, trained.table, held, own, f"python tests/training/rebuild.py (seed {SEED})")
            for one in sets:
                one.index.close()
    except DataProblem as problem:
        say(str(problem))
        return 2
    figures = figures_text(held, own)
    sys.stdout.write(figures + "\n")
    if options.check:
        told = differences(json.loads(TABLE.read_text(encoding="utf-8")), table)
        for line in told:
            say(line)
        return 1 if told else 0
    options.out.write_text(written(table), encoding="utf-8")
    if options.out == TABLE:
        README.write_text(with_figures(README.read_text(encoding="utf-8"), figures), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
