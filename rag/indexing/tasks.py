"""The steps of a build that look at a part of the heap alone: what a worker does with its shard.

What comes out is what one process finds, byte for byte: reading, shingling, comparing two texts, cutting and embedding
each hang on their own page, pair, post or text and on nothing beside it. Where pages are looked at together, as to find
the borders on plain ones and the frame of a site, one process does it: a hundredth of the work.
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
from rag.loading.pages import named, read_named, unique
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

__all__ = [
    "CutPost",
    "compare_together",
    "cut_post",
    "cut_together",
    "divide_together",
    "embed_together",
    "read_together",
]

Item = TypeVar("Item")

# Parts of a second's work, so that the last worker is not waited for long and a killed one loses little.
_FILES, _TEXTS, _PAIRS, _POSTS, _CHUNKS = 64, 256, 512, 32, 64
_WEB_PAGES = 16
_PARTITIONS = 16  # of the band keys


def read_together(
    paths: Sequence[Path], workers: TaskExecutor, told: Callable[[int], None]
) -> Iterator[Page | SkippedPage]:
    """What ``read_pages`` gives; ``told`` hears how many files are done."""
    names = named(paths)
    shards = list(_parted(names, _FILES))
    made = workers.run(_read, shards, lambda done: told(min(done * _FILES, len(names))), anew=True)
    return unique(page for pages in made for page in pages)


def _read(names: Sequence[tuple[str, Path, str]]) -> list[Page | SkippedPage]:
    return [page for name, path, reason in names for page in read_named(path, name, reason)]


def divide_together(pages: Sequence[Page], kept: Sequence[str], workers: TaskExecutor) -> list[PostCopy]:
    """What ``divide`` gives; web pages, whose reading takes the time, are read in shards."""

    def read(some: Sequence[Page]) -> Iterator[Read]:
        for drafts in workers.run(partial(read_alone, kept=tuple(kept)), list(_parted(some, _WEB_PAGES))):
            yield from drafts

    return divide(pages, kept, read)


def compare_together(copies: Sequence[PostCopy], memory: Memory, workers: TaskExecutor) -> None:
    """Find out what folding copies will ask: sketches of texts, and verdicts on the pairs that may be one post.

    Texts that agree in a band of their MinHash meet in one partition, whichever shards they are from.
    """
    texts = texts_of(copies)
    unknown = [text for text in texts if text.key not in memory.earlier_sketches]
    shards = list(_parted(unknown, _TEXTS))
    for shard, sketches in zip(shards, workers.run(_sketch, shards), strict=True):
        memory.earlier_sketches.update(zip((text.key for text in shard), sketches, strict=True))
    # the more complete text is the one that the other is compared with
    texts.sort(key=lambda text: in_order(text, memory.earlier_sketches[text.key]))
    partitions: list[list[tuple[bytes, int]]] = [[] for _ in range(_PARTITIONS)]
    for number, text in enumerate(texts):
        for key in band_keys(memory.earlier_sketches[text.key]):
            partitions[zlib.crc32(key) % _PARTITIONS].append((key, number))
    found = {pair for pairs in workers.run(_meet, partitions) for pair in pairs}
    pairs = [(texts[one], texts[other]) for one, other in sorted(found)]
    pairs = [pair for pair in pairs if (pair[0].key, pair[1].key) not in memory.earlier_verdicts]
    shared = list(_parted(pairs, _PAIRS))
    for some, verdicts in zip(shared, workers.run(_judge, shared), strict=True):
        keys = ((one.key, other.key) for one, other in some)
        memory.earlier_verdicts.update(zip(keys, verdicts, strict=True))


def _sketch(texts: Sequence[Text]) -> list[Sketch]:
    return [sketch_of(text) for text in texts]


# of texts that share a band: a family this large is one post many times over, and is compared with its first text
_MOST_IN_BAND = 50


def _meet(keyed: Sequence[tuple[bytes, int]]) -> list[tuple[int, int]]:
    """Pairs of numbers that have a key in common."""
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


@dataclass(frozen=True, slots=True)
class CutPost:
    """A post cut: chunk ids count from 0; ``texts`` are what is embedded of each chunk, ``stems`` its stems."""

    chunks: list[Chunk]
    sentences: list[Sentence]
    texts: list[str]
    stems: list[list[str]]


def cut_post(post: Post, encoder: Encoder) -> CutPost:
    """Cut one post."""
    chunks, sentences = cut(post, 0, encoder.count_tokens, encoder.identity.max_tokens)
    texts = [embedded_text(post.title, post.text[chunk.start : chunk.end]) for chunk in chunks]
    return CutPost(chunks, sentences, texts, [stems(text) for text in texts])


def cut_together(
    posts: Sequence[Post], model: ModelIdentity, workers: TaskExecutor, told: Callable[[int], None]
) -> list[CutPost]:
    """Each post cut."""
    shards = [(model, some) for some in _parted(posts, _POSTS)]
    made = workers.run(_cut, shards, lambda done: told(min(done * _POSTS, len(posts))))
    return [post for some in made for post in some]


def _cut(shard: tuple[ModelIdentity, Sequence[Post]]) -> list[CutPost]:
    model, posts = shard
    return [cut_post(post, _encoder(model)) for post in posts]


def embed_together(
    texts: Sequence[str],
    spans: Sequence[Sequence[Span]],
    model: ModelIdentity,
    workers: TaskExecutor,
    told: Callable[[int], None],
) -> tuple[Vectors, list[Vectors]]:
    """Vectors of texts, float32 (n_texts, dim), and of the spans in each, float32 (n_spans, dim)."""
    import numpy as np

    shards = [
        (model, some, inside) for some, inside in zip(_parted(texts, _CHUNKS), _parted(spans, _CHUNKS), strict=True)
    ]
    made = workers.run(_embed, shards, lambda done: told(min(done * _CHUNKS, len(texts))))
    return np.concatenate([whole for whole, _ in made]), [vectors for _, inside in made for vectors in inside]


def _embed(shard: tuple[ModelIdentity, Sequence[str], Sequence[Sequence[Span]]]) -> tuple[Vectors, list[Vectors]]:
    model, texts, spans = shard
    return _encoder(model).encode_spans(texts, spans)


@lru_cache(maxsize=1)
def _encoder(model: ModelIdentity) -> Encoder:
    """The model, loaded once in each worker; one thread, for its neighbours have the other processors."""
    return open_encoder(model, threads=1)


def _parted(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for at in range(0, len(items), size):
        yield items[at : at + size]
