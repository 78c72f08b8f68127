"""The steps of a build as tasks: functions that look at one file, web page, text, pair, post or chunk at a time.

Any executor (``rag.indexing.workers``) runs them with the same outcome, byte for byte. What has to see the whole heap,
such as where a plain page divides into posts and what belongs to a site's frame, stays in the process that builds: it
is a hundredth of the work.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import combinations
from typing import TYPE_CHECKING, TypeVar

from rag.dedup.merging import in_order, texts_of
from rag.dedup.minhash import band_keys, sketch_of
from rag.dedup.similarity import similarity, verdict
from rag.embedding.encoder import open_encoder
from rag.extraction.posts import divide
from rag.extraction.web_pages import read_alone
from rag.indexing.chunking import cut, embedded_text
from rag.loading.pages import read_named, unique
from rag.text.tokens import stems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from rag.dedup.minhash import Memory, Sketch
    from rag.dedup.similarity import Text, Verdict
    from rag.embedding.encoder import Encoder
    from rag.embedding.models import ModelIdentity
    from rag.extraction.web_pages import Read
    from rag.indexing.workers import TaskExecutor
    from rag.records import Chunk, Page, Post, PostCopy, Sentence, SkippedPage, Span

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

# Items that a worker gets at a time: parts of a second's work, so that the last worker is not waited for long and one
# that is killed loses little.
_FILES, _TEXTS, _PAIRS, _POSTS, _CHUNKS = 64, 256, 512, 32, 64
_WEB_PAGES = 16
# Chunks that one process alone embeds together: enough that each of the model's threads finds work to the end.
_CHUNKS_ALONE = 128
_PARTITIONS = 16  # of the band keys
# Of texts that share a band: a family this large is one post many times over, and is compared with its first text.
_MOST_IN_BAND = 50

# where tasks that run in this process get a model from; a worker opens it for itself, once
_lent: dict[ModelIdentity, Callable[[], Encoder]] = {}


def lend_encoder(model: ModelIdentity, encoder: Callable[[], Encoder]) -> None:
    """Let the tasks that run in this process get a model by calling ``encoder``; see `take_back_encoder`."""
    _lent[model] = encoder


def take_back_encoder(model: ModelIdentity) -> None:
    """No longer lend a model."""
    _lent.pop(model, None)


def _encoder(model: ModelIdentity) -> Encoder:
    return _lent[model]() if model in _lent else _own_encoder(model)


@lru_cache(maxsize=1)
def _own_encoder(model: ModelIdentity) -> Encoder:
    """The model of a worker, with one thread: the other processors are for the other workers."""
    return open_encoder(model, threads=1)


# --- reading ----------------------------------------------------------------------------------------------------------


def read_files(
    files: Sequence[Named], executor: TaskExecutor, on_done: Callable[[int], None]
) -> Iterator[Page | SkippedPage]:
    """Read files, as ``rag.loading.pages.named`` lists them; ``on_done`` hears how many are done."""
    return unique(page for pages in executor.map(_read, files, _FILES, on_done) for page in pages)


def _read(files: Sequence[Named]) -> list[list[Page | SkippedPage]]:
    return [list(read_named(path, name, reason)) for name, path, reason in files]


def divide_pages(pages: Sequence[Page], kept: Sequence[str], executor: TaskExecutor) -> list[PostCopy]:
    """Find the copies of posts on pages; see ``rag.extraction.posts.divide``."""

    def read(some: Sequence[Page]) -> Iterator[Read]:
        return executor.map(partial(read_alone, kept=tuple(kept)), some, _WEB_PAGES)

    return divide(pages, kept, read)


# --- comparing --------------------------------------------------------------------------------------------------------


def compare_texts(copies: Sequence[PostCopy], memory: Memory, executor: TaskExecutor) -> None:
    """Sketch the texts of copies, and where several workers can do so compare the pairs that may be one post.

    One process alone compares only what folding asks for, which is less. Texts that agree in a band of their MinHash
    meet in one partition, whichever shards they are from.
    """
    texts = texts_of(copies)
    unknown = [text for text in texts if text.key not in memory.earlier_sketches]
    for text, sketch in zip(unknown, executor.map(_sketch, unknown, _TEXTS), strict=True):
        memory.earlier_sketches[text.key] = sketch
    if executor.workers == 1:
        return
    # the more complete text is the one that the other is compared with
    texts.sort(key=lambda text: in_order(text, memory.earlier_sketches[text.key]))
    partitions: list[list[tuple[bytes, int]]] = [[] for _ in range(_PARTITIONS)]
    for number, text in enumerate(texts):
        for key in band_keys(memory.earlier_sketches[text.key]):
            partitions[zlib.crc32(key) % _PARTITIONS].append((key, number))
    found = {pair for pairs in executor.map(_meet, partitions, 1) for pair in pairs}
    pairs = [(texts[one], texts[other]) for one, other in sorted(found)]
    pairs = [pair for pair in pairs if (pair[0].key, pair[1].key) not in memory.earlier_verdicts]
    for (one, other), judged in zip(pairs, executor.map(_judge, pairs, _PAIRS), strict=True):
        memory.earlier_verdicts[one.key, other.key] = judged


def _sketch(texts: Sequence[Text]) -> list[Sketch]:
    return [sketch_of(text) for text in texts]


def _meet(partitions: Sequence[Sequence[tuple[bytes, int]]]) -> list[list[tuple[int, int]]]:
    """For each partition the pairs of numbers that have a key in common."""
    return [_pairs_in(partition) for partition in partitions]


def _pairs_in(keyed: Sequence[tuple[bytes, int]]) -> list[tuple[int, int]]:
    holders: dict[bytes, list[int]] = defaultdict(list)
    for key, number in keyed:
        holders[key].append(number)
    pairs: set[tuple[int, int]] = set()
    for numbers in holders.values():
        pairs.update(combinations(numbers[:_MOST_IN_BAND], 2))
        pairs.update((numbers[0], number) for number in numbers[_MOST_IN_BAND:])
    return sorted(pairs)


def _judge(pairs: Sequence[tuple[Text, Text]]) -> list[tuple[Verdict, float]]:
    return [(verdict(one, other), similarity(one, other)) for one, other in pairs]


# --- cutting and embedding --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CutPost:
    """A post cut: chunk ids count from 0; ``texts`` are what is embedded of each chunk, ``stems`` its stems."""

    chunks: list[Chunk]
    sentences: list[Sentence]
    texts: list[str]
    stems: list[list[str]]


def cut_posts(posts: Sequence[Post], model: ModelIdentity, executor: TaskExecutor) -> Iterator[CutPost]:
    """Cut posts for a model; gives each of them in order."""
    return executor.map(partial(_cut, model), posts, _POSTS)


def _cut(model: ModelIdentity, posts: Sequence[Post]) -> list[CutPost]:
    return [_cut_post(post, _encoder(model)) for post in posts]


def _cut_post(post: Post, encoder: Encoder) -> CutPost:
    chunks, sentences = cut(post, 0, encoder.count_tokens, encoder.identity.max_tokens)
    texts = [embedded_text(post.title, post.text[chunk.start : chunk.end]) for chunk in chunks]
    return CutPost(chunks, sentences, texts, [stems(text) for text in texts])


def embed_chunks(
    chunks: Sequence[tuple[str, Sequence[Span]]],
    model: ModelIdentity,
    executor: TaskExecutor,
    on_done: Callable[[int], None],
) -> Iterator[tuple[Vectors, Vectors]]:
    """Embed texts with the spans in each: gives, in order, float32 (dim,) and float32 (n_spans, dim)."""
    return executor.map(partial(_embed, model), chunks, _CHUNKS, on_done, alone_items=_CHUNKS_ALONE)


def _embed(model: ModelIdentity, chunks: Sequence[tuple[str, Sequence[Span]]]) -> list[tuple[Vectors, Vectors]]:
    vectors, inside = _encoder(model).encode_spans([text for text, _ in chunks], [spans for _, spans in chunks])
    return list(zip(vectors, inside, strict=True))
