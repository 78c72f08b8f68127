"""What the reader is trained on: questions with a text whose sentences are marked as right or not.

``passages`` are questions over encyclopaedia articles, reviews, forum posts and the like (``../shared/data/reader``), one
text each; ``twins`` are pairs of them over the same text, of which one is answered. Questions over blog posts (``../shared/data/blogs``, and our own in ``reader_questions.jsonl``) come with the
chunks that an index finds for them: the right one, others of the same post, and others that only look right.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sources import articles, post_rows
from tables import HERE, DataProblem, shared

from rag.answering.question import query as questions
from rag.answering.selection.retrieval import retrieve
from rag.embedding.encoder import open_encoder
from rag.records import Span
from rag.text.sentences import split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.answering.engine import Index
    from rag.records import Chunk, Post, Sentence

    Row = dict[str, object]
    Vector = npt.NDArray[np.float32]

__all__ = [
    "OUR_HEAPS",
    "BlogQuestion",
    "MarkedText",
    "blog_questions",
    "blog_rows",
    "is_held_out",
    "our_rows",
    "passages",
    "twins",
]

OURS = HERE / "reader_questions.jsonl"
# what our questions are about: blog posts, posts of a government's blog, encyclopaedia articles
OUR_HEAPS = ("blogs", "govblog-all", "squad11_train")
_BLOGS = "blogs/questions-train.jsonl"

# Passages taken of each file. Real questions and first-person texts count for more than their number; a third has
# nothing to find, most of them questions whose words were turned around so that the passage no longer answers.
MIX = {
    "squad11_train": 16000, "squad2_unans": 9000, "squad11_sameart_neg": 3500, "squad_dev_rest": 1500,
    "squadshifts_reddit": 4000, "squadshifts_amazon": 1500, "squadshifts_newwiki": 2500, "qed_nq": 4500,
    "nqopen_oracle": 1500, "tydiqa_mlqa_en": 2500, "lfrqa": 2500, "fairytaleqa": 1500, "quoref": 1000,
    "selqa": 1500, "cpgqa": 600, "qamr": 1000,
}  # fmt: skip
# characters: a chunk of an index has about 700
_TEXT_LENGTHS = (500, 800, 1000)
# in this file the whole passage counts as the answer; more than its first sentences teach nothing
_WHOLE, _FIRST_OF_WHOLE = "lfrqa", 3
# questions over the same passages, and those of them that have no answer there
_ANSWERED, _UNANSWERED = "squad11_train", "squad2_unans"
# chunks that are fetched for a question; negatives are taken from among them
_FETCHED = 40
# questions about every twelfth post are kept for the tables of weights, which must be fitted to unseen ones
_KEPT_EVERY, _KEPT = 12, 5


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text with its title, the spans of its sentences, and the places of those that answer.

    ``rank`` is where the search put a chunk, -1 where it did not find it; ``same_post`` whether it is of the post that
    the question is about.
    """

    title: str
    text: str
    sentences: tuple[Span, ...]
    right: tuple[int, ...]
    rank: int = -1
    same_post: bool = False
    chunk_id: int = -1


@dataclass(frozen=True, slots=True)
class BlogQuestion:
    """A question with the chunks that an index finds for it."""

    question: str
    about: str
    answerable: bool
    chunks: tuple[MarkedText, ...]


def is_held_out(about: str) -> bool:
    """Whether questions about this post are kept from the reader, for the tables of weights."""
    return int(about[:3]) % _KEPT_EVERY == _KEPT


def passages(seed: int) -> list[tuple[str, MarkedText]]:
    """Questions over passages, in an order drawn with the seed."""
    found = [pair for name, most in MIX.items() for pair in _passages_of(name, most, random.Random(f"{seed}/{name}"))]
    random.Random(seed).shuffle(found)
    return found


def twins(seed: int, most: int) -> list[tuple[str, MarkedText]]:
    """Questions in pairs over one text: one that it answers, one much like it that it does not.

    The passages are those of SQuAD 2.0. A pair is drawn for each of ``most`` of its unanswerable questions, so the
    words that both questions share with the text tell nothing; every question is taken once.
    """
    rng = random.Random(f"{seed}/twins")
    answered: dict[str, list[Row]] = {}
    for row in _reader_rows(_ANSWERED):
        answered.setdefault(str(row["passage"]), []).append(row)
    for rows in answered.values():
        rng.shuffle(rows)
    unanswered = _reader_rows(_UNANSWERED)
    rng.shuffle(unanswered)
    found: list[tuple[str, MarkedText]] = []
    for row in unanswered:
        if len(found) >= 2 * most:
            break
        rows = answered.get(str(row["passage"]), [])
        spans, right = _spans(rows[-1]) if rows else ([], [])
        if not right:
            continue
        twin = rows.pop()
        text = _window(str(twin["title"]), str(twin["passage"]), spans, right, rng)
        found += [(str(twin["q"]), text), (str(row["q"]), replace(text, right=()))]
    return found


def _reader_rows(name: str) -> list[Row]:
    with gzip.open(shared(f"reader/{name}.jsonl.gz"), "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _spans(row: Row) -> tuple[list[Span], list[int]]:
    """The sentences of a row's passage, and which of them hold an answer."""
    text, answers = str(row["passage"]), row["answers"]
    spans = [Span(part.start, part.end) for part in split(text) if part.kind != "chrome"]
    places = [match.span() for answer in answers for match in re.finditer(re.escape(answer), text)]  # type: ignore[attr-defined]
    return spans, marked(spans, places)


def _passages_of(name: str, most: int, rng: random.Random) -> Iterator[tuple[str, MarkedText]]:
    rows = _reader_rows(name)
    rng.shuffle(rows)
    taken = 0
    for row in rows:
        if taken == most:
            return
        spans, right = _spans(row)
        if not spans or (row["answers"] and not right):
            continue
        if name == _WHOLE:
            right = right[:_FIRST_OF_WHOLE]
        taken += 1
        title = str(row["title"]) if name != _WHOLE else ""
        yield str(row["q"]), _window(title, str(row["passage"]), spans, right, rng)


def marked(spans: Sequence[Span], places: Sequence[tuple[int, int]]) -> list[int]:
    """Which spans hold one of the places: half of the span, or half of the place, lies in the other."""
    found = []
    for number, span in enumerate(spans):
        for start, end in places:
            common = min(span.end, end) - max(span.start, start)
            if common > 0 and 2 * common >= min(span.end - span.start, end - start):
                found.append(number)
                break
    return found


def _window(title: str, text: str, spans: Sequence[Span], right: Sequence[int], rng: random.Random) -> MarkedText:
    """Sentences around a right one (or any, where none is), as long as a chunk."""
    most = rng.choice(_TEXT_LENGTHS)
    first = last = rng.choice(right) if right else rng.randrange(len(spans))
    while True:
        ways = []
        if first > 0 and spans[last].end - spans[first - 1].start <= most:
            ways.append(-1)
        if last + 1 < len(spans) and spans[last + 1].end - spans[first].start <= most:
            ways.append(1)
        if not ways:
            break
        if rng.choice(ways) < 0:
            first -= 1
        else:
            last += 1
    base = spans[first].start
    kept = tuple(Span(span.start - base, span.end - base) for span in spans[first : last + 1])
    inside = tuple(place - first for place in right if first <= place <= last)
    return MarkedText(title, text[base : spans[last].end], kept, inside)


def blog_rows() -> list[Row]:
    """The training questions over ``../shared/data/blogs``."""
    return [json.loads(line) for line in shared(_BLOGS).read_text(encoding="utf-8").splitlines()]


def our_rows(home: Path) -> dict[str, list[Row]]:
    """Our own questions by where their posts are from (``OUR_HEAPS``), as rows like those over the blogs.

    Posts that no folder of ``../shared/data`` holds as pages are written into a folder of ``home`` for each heap.

    Raises:
        DataProblem: a text is absent, or not the one that the questions were written on.

    """
    rows = [json.loads(line) for line in OURS.read_text(encoding="utf-8").splitlines()]
    named = {heap: list(dict.fromkeys(row["post"] for row in rows if row["source"] == heap)) for heap in OUR_HEAPS}
    texts = {
        "govblog-all": post_rows("govblog-all.jsonl.gz", "id", "text", named["govblog-all"]),
        "squad11_train": articles("reader/squad11_train.jsonl.gz", named["squad11_train"]),
    }
    files = {}
    for heap, posts in texts.items():
        (home / heap).mkdir(parents=True, exist_ok=True)
        for number, (key, post) in enumerate(posts.items()):
            files[key] = f"{number:04d}-{post.file}"
            (home / heap / files[key]).write_text(post.page, encoding="utf-8")
    found: dict[str, list[Row]] = {heap: [] for heap in OUR_HEAPS}
    for row in rows:
        heap, post = row["source"], row["post"]
        text = texts[heap][post].text if heap in texts else shared(f"blogs/pages/{post}").read_text(encoding="utf-8")
        if row["length"] != len(text):
            raise DataProblem(f"The text of {post} is not the one that our questions were written on.")
        evidence = [text[start:end] for start, end in row["evidence"]]
        file = files.get(post, post)
        asked: Row = {"question": row["question"], "answerable": bool(evidence), "evidence": evidence}
        found[heap].append(asked | {"files": [file], "about": file, "round": row.get("round", 1)})
    return found


def blog_questions(index: Index, rows: Sequence[Row]) -> list[BlogQuestion]:
    """Questions over blog posts with the chunks that ``index``, of those posts, finds for them."""
    vectors = open_encoder(index.store.manifest.model).encode([" ".join(str(row["question"]).split()) for row in rows])
    posts = {post.post_id: post for post in index.posts()}
    named: dict[str, set[str]] = {}
    for post in posts.values():
        for place in post.locations():
            named.setdefault(Path(place.file).name, set()).add(post.post_id)
    return [_blog_question(index, row, vector, posts, named) for row, vector in zip(rows, vectors, strict=True)]


def _blog_question(
    index: Index,
    row: Row,
    vector: Vector,
    posts: Mapping[str, Post],
    named: Mapping[str, set[str]],
) -> BlogQuestion:
    question, about = str(row["question"]), str(row["about"])
    store = index.store
    query = questions.query(" ".join(question.split()))
    ranks = {hit.chunk_id: hit.rank for hit in retrieve(store, query, vector, _FETCHED)}
    own = {post_id for name in row["files"] for post_id in named.get(Path(str(name)).name, ())}
    same = own | named.get(about, set())
    chunks = store.chunks([*ranks, *(chunk for post_id in sorted(same) for chunk in store.chunks_of(post_id))])
    sentences = store.sentences(list({chunk.post_id for chunk in chunks.values()}))
    found = []
    for chunk in chunks.values():
        post, rows = posts[chunk.post_id], [one for _, one in sentences[chunk.post_id]]
        evidence = _places(post.text, row["evidence"]) if chunk.post_id in own else []
        text = _chunk(post, chunk, rows, evidence, ranks.get(chunk.chunk_id, 0) - 1, chunk.post_id in same)
        if text.sentences:
            found.append(text)
    return BlogQuestion(question, about, bool(row["answerable"]), tuple(found))


def _places(text: str, evidence: object) -> list[tuple[int, int]]:
    """Where evidence stands in a text, whatever the white space."""
    patterns = [r"\s+".join(map(re.escape, str(piece).split())) for piece in evidence]  # type: ignore[attr-defined]
    return [match.span() for pattern in patterns for match in re.finditer(pattern, text)]


def _chunk(
    post: Post, chunk: Chunk, rows: Sequence[Sentence], evidence: Sequence[tuple[int, int]], rank: int, same: bool
) -> MarkedText:
    own = [one for one in rows if one.chunk_id == chunk.chunk_id and one.kind not in ("chrome", "heading")]
    right = marked([Span(one.start, one.end) for one in own], evidence)
    length = chunk.end - chunk.start
    spans = tuple(Span(max(one.start - chunk.start, 0), min(one.end - chunk.start, length)) for one in own)
    return MarkedText(post.title, post.text[chunk.start : chunk.end], spans, tuple(right), rank, same, chunk.chunk_id)
