"""The words of the chunks as BM25 scores on disk: finds the best chunks by shared rare words, and how rare a word is.

    words.txt       the stems in the order of their numbers, one after another
    borders.npy     int64 (n_stems + 1), where each stem begins there, in bytes
    starts.npy      int64 (n_stems + 1), where each stem's row of chunks begins
    chunks.npy      int32, chunk ids: for each stem those that contain it, in order
    scores.npy      float32, what the stem adds to the score of that chunk
    chunks.json     how many chunks there are

All files are mapped and none is read whole: a question touches only the rows of its own words. The scores are those of
bm25s's "lucene" formula, to the bit; but bm25s reads every word into a table when it opens an index, and keeps every
text in memory when it builds one.
"""

from __future__ import annotations

import json
import math
import mmap
import tempfile
from array import array
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, BinaryIO

from rag.errors import IndexDamaged
from rag.store.mmap import LARGE_BYTES, mapped_array, release, release_arrays
from rag.store.plain_files import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.int32]
    Keys = npt.NDArray[np.int64]

__all__ = ["PAIR_BYTES", "LexicalIndex", "rarity"]

# Robertson and Zaragoza 2009 call 1.2 to 2.0 and 0.75 good for most collections; on 240 questions over blog posts,
# encyclopaedia paragraphs and the seed pages, other values changed the share of right chunks in the first ten by < 0.01
_K1 = 1.2
_B = 0.75
# Default number of (stem, chunk) pairs sorted at once while writing, and the bytes counted for each. A pair takes 16;
# the rest is for the different words, which are in memory until then, and for two numbers about each chunk.
_PAIRS, PAIR_BYTES = 2_000_000, 64
# bits of a key for the place of the pair in its group
_PLACE_BITS = 32
_PLACES = 2**_PLACE_BITS - 1
# pairs that are counted at once, and those whose scores are computed at once: 1 MB
_COUNTED_TOGETHER = 2**14
_SCORED_TOGETHER = 2**14
# a chunk without words is written as if it contained this one
_NO_WORD = ""
_ARRAYS = ("borders", "starts", "chunks", "scores")


class _Sizes:
    """The number of stems of each chunk: the different ones, and all."""

    def __init__(self) -> None:
        self.different = array("i")
        self.all = array("i")


class LexicalIndex:
    """BM25 scores of chunks for stemmed words; row number is chunk id."""

    def __init__(self, folder: Path) -> None:
        """Open a saved index with its arrays mapped.

        Raises:
            IndexDamaged: a file is missing or cannot be read.

        """
        import numpy as np

        try:
            with (folder / "words.txt").open("rb") as words:
                self._words = mmap.mmap(words.fileno(), 0, access=mmap.ACCESS_READ)
            mapped = [np.load(folder / f"{name}.npy", mmap_mode="r") for name in _ARRAYS]
            self._chunks = int(json.loads((folder / "chunks.json").read_text(encoding="ascii"))["chunks"])
        except OSError as error:
            raise unreadable(folder, error) from error
        except (ValueError, EOFError, KeyError, TypeError) as error:
            raise _damaged(folder) from error
        # plain views of the mapped arrays: numpy's memmap class runs Python code at every access
        self._borders, self._starts, self._ids, self._scores = map(np.asarray, mapped)
        self._large = [array.base for array in mapped[2:] if array.nbytes > LARGE_BYTES]
        if len(self._borders) != len(self._starts) or len(self._ids) != len(self._scores):
            raise _damaged(folder)
        # a question looks up each of its words about ten times
        self._number = lru_cache(maxsize=4096)(self._find)

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Open a saved index."""
        return cls(folder)

    @classmethod
    def write(cls, stems: Iterable[Sequence[str]], folder: Path, pairs: int = _PAIRS) -> None:
        """Write the index of the stems of each chunk, in order, into a new folder.

        The stems are read once and not kept in memory, which grows only with the number of different stems. This many
        ``pairs`` of a stem and a chunk are sorted at once.
        """
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as spool:
            numbers, sizes = _spool(stems, spool)
            rank = _write_words(numbers, folder)
            del numbers  # the words themselves are no longer needed
            _write_rows(spool, rank, sizes, folder, pairs)
        (folder / "chunks.json").write_text(json.dumps({"chunks": len(sizes.all)}) + "\n", encoding="ascii")

    def __len__(self) -> int:
        """The number of chunks."""
        return self._chunks

    def search(self, stems: Sequence[str], limit: int, among: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Chunk ids and BM25 scores above zero, best first, equal ones by chunk id.

        ``among`` restricts the search to these chunk ids.
        """
        import numpy as np

        known = sorted({number for number in map(self._number, stems) if number >= 0})
        if not known:
            return []
        scores = np.zeros(self._chunks, np.float32)
        for number in known:
            start, end = self._starts[number : number + 2]
            scores[self._ids[start:end]] += self._scores[start:end]
        release(self._large)
        ids = np.flatnonzero(scores > 0) if among is None else np.asarray(sorted(among), dtype=np.int64)
        if len(ids) > limit:
            # ties with the last one are kept, and their ids decide which come first
            ids = ids[scores[ids] >= np.partition(scores[ids], len(ids) - limit)[len(ids) - limit]]
        found = [(int(i), float(scores[i])) for i in ids if scores[i] > 0]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def frequency(self, stem: str) -> int:
        """The number of chunks with the stem."""
        number = self._number(stem)
        return 0 if number < 0 else int(self._starts[number + 1] - self._starts[number])

    def rarity(self, stem: str) -> float:
        """Inverse document frequency of a stem: 0.0 or less if in every chunk, just below 1.0 if in none."""
        return rarity(self.frequency(stem), self._chunks)

    def stems(self) -> Iterator[tuple[str, int]]:
        """Every stem in the order of their numbers, with the number of chunks that have it."""
        for number in range(len(self._starts) - 1):
            stem = self._words[self._borders[number] : self._borders[number + 1]]
            yield stem.decode("utf-8", "surrogatepass"), int(self._starts[number + 1] - self._starts[number])

    def weights(self, first: int, end: int) -> list[dict[int, float]]:
        """The contribution of each stem to the score of each of these chunks, by the number of the stem."""
        import numpy as np

        places = np.flatnonzero((self._ids >= first) & (self._ids < end))
        numbers = np.searchsorted(self._starts, places, side="right") - 1
        found: list[dict[int, float]] = [{} for _ in range(first, end)]
        for number, chunk, weight in zip(
            numbers.tolist(), self._ids[places].tolist(), self._scores[places].tolist(), strict=True
        ):
            found[chunk - first][number] = weight
        return found

    def _find(self, stem: str) -> int:
        """Number of a stem, or -1; found by bisection, because UTF-8 sorts like its code points."""
        wanted = stem.encode("utf-8", "surrogatepass")
        low, high = 0, len(self._borders) - 1
        while low < high:
            middle = (low + high) // 2
            here = self._words[self._borders[middle] : self._borders[middle + 1]]
            if here == wanted:
                return middle
            low, high = (middle + 1, high) if here < wanted else (low, middle)
        return -1


def rarity(frequency: int, chunks: int) -> float:
    """Inverse document frequency of a stem that this many chunks contain."""
    return math.log((chunks + 1) / (frequency + 1)) / math.log(chunks + 2)


def _damaged(folder: Path) -> IndexDamaged:
    remedy = "Build the index again: pullquote index."
    return IndexDamaged("the word index cannot be read", path=str(folder), remedy=remedy)


def _spool(stems: Iterable[Sequence[str]], spool: BinaryIO) -> tuple[dict[str, int], _Sizes]:
    """Write the stems of each chunk; return the number of each stem, by first occurrence, and the chunks' sizes.

    Of each chunk of n stems, the file has int32 (2, n): the numbers of its stems, and the count of each.
    """
    # an extra word, so that an empty heap can be indexed too
    numbers: dict[str, int] = {_NO_WORD: 0}
    sizes = _Sizes()
    for row in stems:
        times = Counter(row) if row else Counter([_NO_WORD])
        sizes.different.append(len(times))
        sizes.all.append(max(len(row), 1))
        held = (numbers.setdefault(stem, len(numbers)) for stem in times)
        spool.write(array("i", (*held, *times.values())).tobytes())
    return numbers, sizes


def _write_words(numbers: Mapping[str, int], folder: Path) -> Numbers:
    """Write the stems in order; return the place of each in this order, by its number."""
    import numpy as np

    names = sorted(numbers)
    rank = np.empty(len(names), np.int32)
    rank[[numbers[name] for name in names]] = np.arange(len(names))
    encoded = [name.encode("utf-8", "surrogatepass") for name in names]
    (folder / "words.txt").write_bytes(b"".join(encoded) or b"\n")
    np.save(folder / "borders.npy", np.cumsum([0, *map(len, encoded)], dtype=np.int64))
    return rank


def _frequencies(spool: BinaryIO, rank: Numbers, different: Sequence[int]) -> npt.NDArray[np.int64]:
    """The number of chunks that contain each stem, by its rank."""
    import numpy as np

    found = np.zeros(len(rank), np.int64)
    for keys, _, _ in _pairs(spool, rank, different, _COUNTED_TOGETHER):
        np.add.at(found, keys >> _PLACE_BITS, 1)
    return found


def _write_rows(spool: BinaryIO, rank: Numbers, sizes: _Sizes, folder: Path, together: int) -> None:
    """Turn chunks of stems into stems of chunks, some millions of pairs at a time."""
    import numpy as np

    held = _frequencies(spool, rank, sizes.different)
    starts = np.append(np.int64(0), np.cumsum(held))
    np.save(folder / "starts.npy", starts)
    ids = mapped_array(folder / "chunks.npy", np.int32, (int(starts[-1]),))
    scores = mapped_array(folder / "scores.npy", np.float32, (int(starts[-1]),))
    shares = 1 + (len(sizes.all) - held + 0.5) / (held + 0.5)
    rarity = np.fromiter(map(math.log, shares), np.float32, len(shares))
    norm = np.array(sizes.all, np.float64)
    mean = norm.mean() if len(norm) else 1.0
    norm *= _B
    norm /= mean
    norm += 1 - _B
    norm *= _K1
    free = starts[:-1].copy()
    for keys, chunks, times in _pairs(spool, rank, sizes.different, together):
        keys.sort()
        for at in range(0, len(keys), _SCORED_TOGETHER):
            some = keys[at : at + _SCORED_TOGETHER]
            stem, places = some >> _PLACE_BITS, some & _PLACES
            chunk, count = chunks[places], times[places]
            first = np.flatnonzero(np.diff(stem, prepend=-1))
            run = np.diff(first, append=len(stem))
            place = free[stem] + np.arange(len(stem)) - np.repeat(first, run)
            ids[place] = chunk
            scores[place] = rarity[stem] * (count / (norm[chunk] + count))
            free[stem[first]] += run
            release_arrays(ids, scores)  # each step goes on from where the last one ended in the files


def _pairs(
    spool: BinaryIO, rank: Numbers, different: Sequence[int], together: int
) -> Iterable[tuple[Keys, Numbers, Numbers]]:
    """What was spooled, in groups of pairs: keys, chunk ids and times, as an int64 and two int32 arrays of one length.

    A key is the rank of the stem, then the place of the pair in its group. Sorting keys needs no memory of its own, and
    each group takes the place of the one before it.
    """
    import numpy as np

    spool.seek(0)
    above = rank.astype(np.int64) << _PLACE_BITS
    ends = np.cumsum(different, dtype=np.int64)
    borders = [0]  # whole chunks, up to the one with which there are enough pairs
    while borders[-1] < len(different):
        before = int(ends[borders[-1] - 1]) if borders[-1] else 0
        borders.append(min(int(np.searchsorted(ends, before + together)) + 1, len(different)))
    most = max((sum(different[first:end]) for first, end in pairwise(borders)), default=0)
    keys, chunks, times = np.empty(most, np.int64), np.empty(most, np.int32), np.empty(most, np.int32)
    for first, end in pairwise(borders):
        at = 0
        for chunk, size in enumerate(different[first:end], first):
            row = np.frombuffer(spool.read(8 * size), np.int32)
            keys[at : at + size] = above[row[:size]] + np.arange(at, at + size)
            chunks[at : at + size] = chunk
            times[at : at + size] = row[size:]
            at += size
        yield keys[:at], chunks[:at], times[:at]
