"""The steps of a build as tasks: functions that look at one file, web page, text, pair, post or chunk at a time.

Any executor (``rag.indexing.workers``) runs them with the same result, byte for byte. Work that needs the whole heap,
such as dividing plain pages into posts and finding a site's boilerplate, stays in the building process; it is a
hundredth of the total.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import combinations
from typing import TYPE_CHECKING, TypeVar, overload

from rag.dedup.merging import texts_of
from rag.dedup.minhash import sketch_files, sketch_of
from rag.dedup.similarity import KEY_BYTES, similarity, verdict
from rag.embedding.encoder import open_encoder
from rag.extraction.posts import divided
from rag.extraction.web_pages import read_alone
from rag.indexing.chunking import cut, embedded_text
from rag.loading.pages import read_named, unique
from rag.records import PostCopy
from rag.spools import Chosen
from rag.text.tokens import stems
from rag.watchdog import working_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from rag.dedup.candidates import SketchFiles
    from rag.dedup.minhash import Memory, Sketch
    from rag.dedup.similarity import Text, Verdict
    from rag.embedding.encoder import Encoder
    from rag.embedding.models import ModelIdentity
    from rag.extraction.web_pages import Read
    from rag.indexing.executor import TaskExecutor
    from rag.records import Chunk, Page, Post, Sentence, SkippedPage, Span
    from rag.spools import Spool, Spools

    Vectors = npt.NDArray[np.float32]
    Named = tuple[str, Path, str]

__all__ = [
    "CutPost",
    "compare_texts",
    "cut_posts",
    "divide_pages",
    "embed_chunks",
    "lend_encoder",
    "read_files",
    "take_back_encoder",
]

Item = TypeVar("Item")

# Items that a worker gets at a time: less than a second's work, so that waiting for the last worker is short and little
# is lost if one is killed.
_FILES, _TEXTS, _PAIRS, _POSTS, _CHUNKS = 64, 256, 512, 32, 64
_WEB_PAGES = 16
# Chunks that a single process embeds together: enough to keep each of the model's threads busy.
_CHUNKS_ALONE = 128
# Texts that share a band: a larger family is one post many times over, and is only compared with its first text.
_MOST_IN_BAND = 50

# the model for tasks in this process; each worker opens its own, once
_lent: dict[ModelIdentity, Callable[[], Encoder]] = {}


def lend_encoder(model: ModelIdentity, encoder: Callable[[], Encoder]) -> None:
    """Let the tasks in this process get a model by calling ``encoder``; see `take_back_encoder`."""
    _lent[model] = encoder


def take_back_encoder(model: ModelIdentity) -> None:
    """Stop lending the model."""
    _lent.pop(model, None)


def _encoder(model: ModelIdentity) -> Encoder:
    return _lent[model]() if model in _lent else _own_encoder(model)


@lru_cache(maxsize=1)
def _own_encoder(model: ModelIdentity) -> Encoder:
    """The model of a worker, with one thread, because the other processors are for the other workers."""
    return open_encoder(model, threads=1)


# --- reading ----------------------------------------------------------------------------------------------------------


def read_files(
    files: Sequence[Named], executor: TaskExecutor, on_done: Callable[[int], None]
) -> Iterator[Page | SkippedPage]:
    """Read files, as listed by ``rag.loading.pages.named``; ``on_done`` is called with the number done."""
    return unique(page for pages in executor.map(_read, files, _FILES, on_done) for page in pages)


def _read(files: Sequence[Named]) -> list[list[Page | SkippedPage]]:
    return [_read_one(*file) for file in files]


def _read_one(name: str, path: Path, reason: str) -> list[Page | SkippedPage]:
    working_on(name)
    return list(read_named(path, name, reason))


def divide_pages(pages: Sequence[Page], kept: Sequence[str], executor: TaskExecutor, spools: Spools) -> Spool[PostCopy]:
    """Find the copies of posts on pages; see ``rag.extraction.posts.divided``."""

    def read(some: Sequence[Page]) -> Iterator[Read]:
        return executor.map(partial(_read_web_pages, kept=tuple(kept)), some, _WEB_PAGES)

    copies = spools.spool(PostCopy)
    for copy in divided(pages, kept, read, spools):
        working_on(copy.file)  # a file may have thousands of posts
        copies.append(copy)
    return copies


def _read_web_pages(pages: Sequence[Page], kept: Sequence[str]) -> list[Read]:
    found: list[Read] = []
    for page in pages:
        working_on(page.file)
        found += read_alone([page], kept)
    return found


# --- comparing --------------------------------------------------------------------------------------------------------


def compare_texts(copies: Sequence[PostCopy], memory: Memory, executor: TaskExecutor, spools: Spools) -> None:
    """Sketch the texts of copies and, if there are several workers, compare the pairs that may be one post.

    A single process only compares what merging asks for, which is less.
    """
    texts = texts_of(copies)
    if executor.workers == 1:
        for text in texts:
            working_on(text.first.file)
            memory.sketch(text)
        return
    keys, unknown = bytearray(), array("q")
    for number, text in enumerate(texts):
        keys += text.key
        if text.key not in memory.earlier_sketches:
            unknown.append(number)
    for key, sketch in executor.map(_sketch, Chosen(texts, unknown), _TEXTS):
        memory.earlier_sketches[key] = sketch
    found = [bytes(keys[at : at + KEY_BYTES]) for at in range(0, len(keys), KEY_BYTES)]
    # the less complete text is compared with the more complete one
    order = texts.in_order(array("q", (memory.earlier_sketches[key].words for key in found)))
    files = sketch_files((memory.earlier_sketches[found[number]] for number in order), spools)
    pairs = [(order[one], order[other]) for one, other in sorted(set(_pairs(files)))]
    pairs = [pair for pair in pairs if (found[pair[0]], found[pair[1]]) not in memory.earlier_verdicts]
    for (one, other), judged in zip(pairs, executor.map(_judge, _Pairs(texts, pairs), _PAIRS), strict=True):
        memory.earlier_verdicts[found[one], found[other]] = judged


def _sketch(texts: Sequence[Text]) -> list[tuple[bytes, Sketch]]:
    return [_sketch_one(text) for text in texts]


def _sketch_one(text: Text) -> tuple[bytes, Sketch]:
    working_on(text.first.file)
    return text.key, sketch_of(text)


def _pairs(files: SketchFiles) -> Iterator[tuple[int, int]]:
    """Pairs of texts that agree in a band."""
    for members, sizes in files.alike():
        at = 0
        for size in sizes.tolist():
            numbers = members[at : at + size].tolist()
            at += size
            yield from combinations(numbers[:_MOST_IN_BAND], 2)
            yield from ((numbers[0], number) for number in numbers[_MOST_IN_BAND:])


class _Pairs(Sequence["tuple[Text, Text]"]):
    """Pairs of texts by their numbers; texts are read when a pair is accessed."""

    def __init__(self, texts: Sequence[Text], numbers: Sequence[tuple[int, int]]) -> None:
        self._texts, self._numbers = texts, numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> tuple[Text, Text]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[tuple[Text, Text]]: ...
    def __getitem__(self, place: int | slice) -> tuple[Text, Text] | Sequence[tuple[Text, Text]]:
        if isinstance(place, slice):
            return [(self._texts[one], self._texts[other]) for one, other in self._numbers[place]]
        one, other = self._numbers[place]
        return self._texts[one], self._texts[other]


def _judge(pairs: Sequence[tuple[Text, Text]]) -> list[tuple[Verdict, float]]:
    return [_judge_one(*pair) for pair in pairs]


def _judge_one(one: Text, other: Text) -> tuple[Verdict, float]:
    working_on(other.first.file)
    return verdict(one, other), similarity(one, other)


# --- cutting and embedding --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CutPost:
    """A cut post: chunk ids count from 0; ``texts`` has the text to embed for each chunk, ``stems`` its stems."""

    chunks: list[Chunk]
    sentences: list[Sentence]
    texts: list[str]
    stems: list[list[str]]


def cut_posts(posts: Sequence[Post], model: ModelIdentity, executor: TaskExecutor) -> Iterator[CutPost]:
    """Cut posts for a model; yields each in order."""
    return executor.map(partial(_cut, model), posts, _POSTS)


def _cut(model: ModelIdentity, posts: Sequence[Post]) -> list[CutPost]:
    return [_cut_post(post, _encoder(model)) for post in posts]


def _cut_post(post: Post, encoder: Encoder) -> CutPost:
    working_on(post.title)
    chunks, sentences = cut(post, 0, encoder.count_tokens, encoder.identity.max_tokens)
    texts = [embedded_text(post.title, post.text[chunk.start : chunk.end]) for chunk in chunks]
    return CutPost(chunks, sentences, texts, [stems(text) for text in texts])


def embed_chunks(
    chunks: Sequence[tuple[str, Sequence[Span]]],
    model: ModelIdentity,
    executor: TaskExecutor,
    on_done: Callable[[int], None],
) -> Iterator[tuple[Vectors, Vectors]]:
    """Embed texts and the spans in each: yields, in order, float32 (dim,) and float32 (n_spans, dim)."""
    return executor.map(partial(_embed, model), chunks, _CHUNKS, on_done, alone_items=_CHUNKS_ALONE)


def _embed(model: ModelIdentity, chunks: Sequence[tuple[str, Sequence[Span]]]) -> list[tuple[Vectors, Vectors]]:
    working_on("embedding chunks")
    vectors, inside = _encoder(model).encode_spans([text for text, _ in chunks], [spans for _, spans in chunks])
    return list(zip(vectors, inside, strict=True))
