"""The laws of the design, on the seed pages and on made-up heaps, with the real model."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from heaps import Heap, heaps
from hypothesis import HealthCheck, Phase, given, settings

from rag import build_index, open_index, verify
from rag.loading.files.encodings import decode
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rag.answering.engine import Index
    from rag.records import Answer, Post, Quote

QUESTIONS = [
    "What share of people in an organisation are change agents?",
    "When was Google incorporated?",
    "Who wins under the Conservatives' social care proposals?",
    "What motivates policy makers and practitioners?",
    "Why must a coalition for change be spread across different organisations?",
    "Which question gets less attention than how?",
    "What do disabled people's organisations need?",
    "How much do personal budgets cost?",
    "Who pays for social care?",
    "What is the boiling point of tungsten?",
]

# Each example embeds a heap with the real model, about a second on two cores.
few = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _quotes(answer: Answer) -> Iterator[Quote]:
    yield from (*answer.quotes, *answer.closest)
    for part in answer.parts:
        yield from _quotes(part)


def _texts(folder: Path) -> dict[str, str]:
    return {path.name: decode(path.read_bytes())[0] for path in sorted(folder.glob("*.txt"))}


def _is_span_of_its_post(quote: Quote, posts: dict[str, Post]) -> bool:
    return posts[quote.post_id].text[quote.start : quote.end] == quote.text != ""


def _stands_where_it_says(quote: Quote, texts: dict[str, str]) -> bool:
    there = [(texts[place.file][place.start : place.end], place.text) for place in quote.locations]
    return bool(there) and all(
        raw == (quote.text if text is None else text) and fold_white(raw) == fold_white(quote.text)
        for raw, text in there
    )


def _places(folded: str, texts: dict[str, str]) -> dict[str, int]:
    """How often a folded text occurs on each page."""
    counts = {file: fold_white(text).count(folded) for file, text in texts.items()}
    return {file: count for file, count in counts.items() if count}


def _counted(quote: Quote) -> dict[str, int]:
    files = [place.file for place in quote.locations]
    return {file: files.count(file) for file in files}


@pytest.mark.parametrize("question", QUESTIONS)
def test_laws_1_to_3_on_the_seed_pages(seed_index: Index, seeds: Path, question: str) -> None:
    """Check that every quote is a span of its post, at every location that it states, and on no other page."""
    posts = {post.post_id: post for post in seed_index.posts()}
    texts = _texts(seeds)
    answer = seed_index.ask(question, always_answer=True)
    assert answer.quotes
    for quote in _quotes(answer):
        assert _is_span_of_its_post(quote, posts)
        assert _stands_where_it_says(quote, texts)
        assert _counted(quote) == _places(fold_white(quote.text), texts)
    assert verify([answer, seed_index.ask(question)], root=seeds).holds


def test_law_2_for_every_character_of_every_seed_post(seed_index: Index, seeds: Path) -> None:
    """Check that the pieces of every copy join the post's text to the file without a gap."""
    texts = _texts(seeds)
    for post in seed_index.posts():
        for copy in post.copies:
            assert copy.pieces[0].start == 0
            assert copy.pieces[-1].end == len(post.text)
            at, file_at = 0, copy.file_start
            for piece in copy.pieces:
                assert (piece.start, piece.file_start) == (at, file_at)
                at, file_at = piece.end, piece.file_end
                wanted = post.text[piece.start : piece.end] if piece.text is None else piece.text
                assert texts[copy.file][piece.file_start : piece.file_end] == wanted


@few
@given(heaps())
def test_laws_1_to_4_on_made_up_heaps(tmp_path_factory: pytest.TempPathFactory, heap: Heap) -> None:
    """Whatever overlaps, in whatever encoding and with any line ends: exact, complete and repeatable."""
    folder = tmp_path_factory.mktemp("heap")
    heap.write(folder / "pages")
    build_index([folder / "pages"], into=folder / "index")
    texts = _texts(folder / "pages")
    with open_index(folder / "index") as index, open_index(folder / "index") as again:
        posts = {post.post_id: post for post in index.posts()}
        for sentence in heap.sentences()[::3]:
            answer = index.ask(sentence.replace("“", "").replace("”", "").rstrip(".") + "?", always_answer=True)
            for quote in _quotes(answer):
                assert _is_span_of_its_post(quote, posts)
                assert _stands_where_it_says(quote, texts)
                assert _counted(quote) == _places(fold_white(quote.text), texts)
            assert verify([answer], root=folder / "pages").holds
            assert again.ask(answer.question, always_answer=True).to_dict() == answer.to_dict()
    shutil.rmtree(folder)


POST = """The long way round

The council opened 14 reading rooms in the spring, and on 3 May 2014 the last of them was handed to its neighbours.
Nobody had asked for a ceremony, yet a brass band came along and played until the lamps were lit.

The rooms will be kept warm through the winter, and the volunteers did agree to lend the books without a fee.
Those who came first had brought their own chairs, and the kettle from the old depot still works as well as ever.
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [("14 reading", "15 reading"), ("3 May 2014", "4 May 2014"), ("did agree", "did not agree"), ("2014", "2015")],
)
def test_law_3_a_number_a_date_or_a_negation_is_never_merged_away(tmp_path: Path, old: str, new: str) -> None:
    """Two versions stay two posts, each naming the other and the words that differ."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.txt").write_text(POST)
    (tmp_path / "pages" / "b.txt").write_text(POST.replace(old, new))
    (tmp_path / "pages" / "c.txt").write_text(POST)
    build_index([tmp_path / "pages"], into=tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        posts = sorted(index.posts(), key=lambda post: len(post.copies))
        merged = index.merges()
    assert [sorted(copy.file for copy in post.copies) for post in posts] == [["b.txt"], ["a.txt", "c.txt"]]
    assert [[variant.post_id for variant in post.variants] for post in posts] == [
        [posts[1].post_id],
        [posts[0].post_id],
    ]
    assert [(merge.file, merge.kind) for merge in merged] == [("c.txt", "exact")]


def test_law_3_a_copy_without_its_title_and_with_other_spaces_is_one_more_location(tmp_path: Path) -> None:
    """Nothing is thrown away: the quote is cited on both pages."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.txt").write_text(POST)
    (tmp_path / "pages" / "b.txt").write_text(POST.split("\n\n", 1)[1].replace("brass band", "brass\u00a0band"))
    build_index([tmp_path / "pages"], into=tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        assert [post.title for post in index.posts()] == ["The long way round"]
        quote = index.ask("Who played until the lamps were lit?", always_answer=True).quotes[0]
    assert sorted(place.file for place in quote.locations) == ["a.txt", "b.txt"]


def test_law_4_another_process_gives_the_same_bytes(seed_home: Path, seed_index: Index) -> None:
    """Neither the hash seed nor earlier questions matter."""
    told = []
    for hash_seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "rag", "ask", QUESTIONS[0], "--json", "--index", str(seed_home)],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
        )
        told.append(done.stdout)
    here = json.dumps(seed_index.ask(QUESTIONS[0]).to_dict(), ensure_ascii=False) + "\n"
    assert told == [here.encode(), here.encode()]


def test_law_4_the_same_pages_make_the_same_index(seed_home: Path, seeds: Path, tmp_path: Path) -> None:
    """Rebuilt elsewhere, every byte is the same."""
    build_index([seeds], into=tmp_path)
    assert (tmp_path / "current").read_text() == (seed_home / "current").read_text()


# Loads the libraries once; then, for each number that it reads, a child builds and kills itself at the event of that
# number that touches the index folder, so that every moment of putting an index in place can be tried.
NURSERY = """
import os, signal, sys
from rag.indexing.build import build_index
import rag.store.snapshot, rag.embedding.encoder, sentence_transformers
pages, home = sys.argv[1:]
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        left = int(line)
        def hook(event, arguments):
            global left
            if event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree", "sqlite3.connect"):
                if any(home in str(argument) for argument in arguments):
                    left -= 1
                    if left == 0:
                        os.kill(os.getpid(), signal.SIGKILL)
        sys.addaudithook(hook)
        build_index([pages], into=home)
        os._exit(0)
    print("killed" if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) < 0 else "done", flush=True)
"""


def test_law_6_a_kill_at_any_moment_leaves_the_old_index_or_the_new_one(tmp_path: Path) -> None:
    """Before each kill the pages change, so that old and new can be distinguished; in the end a build succeeds."""
    pages, home = tmp_path / "pages", tmp_path / "index"
    pages.mkdir()
    (pages / "a.txt").write_text(POST)
    build_index([pages], into=home)
    builds, kills = 0, 0
    with subprocess.Popen(
        [sys.executable, "-c", NURSERY, str(pages), str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        at, whole = 1, POST
        while True:
            changed = POST.replace("14 reading", f"{at + 20} reading")
            (pages / "a.txt").write_text(changed)
            nursery.stdin.write(f"{at}\n")
            nursery.stdin.flush()
            ended = nursery.stdout.readline().strip()
            with open_index(home) as index:
                texts = [post.text for post in index.posts()]
            assert texts in (_bodies(whole), _bodies(changed)), f"after event {at}"
            whole = changed if texts == _bodies(changed) else whole
            builds += 1
            if ended == "done":
                break
            kills += 1
            at += 1 + at // 2  # early moments one by one, later ones in growing steps
        nursery.stdin.close()
    assert kills > 5
    assert texts == _bodies(changed)
    assert [path.name for path in home.iterdir() if path.name.startswith((".aside", ".current"))] == []


def _bodies(page: str) -> list[str]:
    return [page.split("\n\n", 1)[1].strip()]
