"""Finds texts that may be copies of one another without comparing every pair, and remembers what was found.

A sketch is a MinHash (Broder 1997) of a text's word shingles, made by rensa, and the hashes of its long lines. Sketches
and verdicts depend only on the texts, so a heap that grows by one page needs only those of that page.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from rag.dedup.candidates import Sharing, SketchFiles
from rag.dedup.similarity import similarity, verdict
from rag.spools import Spools
from rag.text.lines import fold_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, MutableMapping

    from rag.dedup.similarity import Text, Verdict

__all__ = ["Memory", "Sketch", "likely_copies", "sketch_files", "sketch_of"]

MIN_NEAR_WORDS = 12  # shorter texts differ by a few common words, and are merged only if exactly equal

# Texts that agree in one of 25 bands of 5 hashes are compared: this finds 99% of the pairs that share 0.7 of their
# shingles, and 6% of the pairs that share 0.3.
BANDS, BAND_HASHES = 25, 5
MAX_SHARERS = 50  # a line in more posts is boilerplate and says nothing about a pair
MIN_LINE_WORDS = 8
OPENING_WORDS = 9  # shared by an excerpt and its post; the shortest excerpt seen has 25

SEED = 1  # of the hash functions; any other would do

_LINE_BYTES = 8


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is stored about a text to find its copies.

    ``words`` is their number; ``minima`` are uint32 (BANDS * BAND_HASHES,), the least value of each hash function;
    ``lines`` are 8 bytes for each long line, in order, and for the opening words of the text.
    """

    words: int
    minima: bytes
    lines: bytes


@dataclass(slots=True)
class Memory:
    """Sketches and verdicts of an earlier build, and those that this build used, which the next build needs."""

    earlier_sketches: MutableMapping[bytes, Sketch] = field(default_factory=dict)
    earlier_verdicts: MutableMapping[tuple[bytes, bytes], tuple[Verdict, float]] = field(default_factory=dict)
    sketches: MutableMapping[bytes, Sketch] = field(default_factory=dict)
    verdicts: MutableMapping[tuple[bytes, bytes], tuple[Verdict, float]] = field(default_factory=dict)

    def sketch(self, text: Text) -> Sketch:
        """The sketch of a text, remembered or computed."""
        found = self.sketches.get(text.key)
        if found is None:
            found = self.earlier_sketches.get(text.key) or sketch_of(text)
            self.sketches[text.key] = found
        return found

    def judge(self, whole: Text, text: Text) -> tuple[Verdict, float]:
        """Verdict and similarity of two texts, remembered or computed."""
        pair = whole.key, text.key
        found = self.verdicts.get(pair)
        if found is None:
            found = self.earlier_verdicts.get(pair) or (verdict(whole, text), similarity(whole, text))
            self.verdicts[pair] = found
        return found


def likely_copies(sketches: Iterable[Sketch], spools: Spools | None = None) -> Iterator[list[int]]:
    """For each text, the earlier ones that may be the same post: by MinHash, or by a long line in common.

    The sketches are read once and not kept in memory: what they share is sorted in files of ``spools``.
    """
    with Spools() as own:
        files = sketch_files(sketches, spools or own)
        by_band, by_line = Sharing(files.alike()), Sharing(files.sharers(MAX_SHARERS + 1))
        for number in range(files.texts):
            yield sorted(by_band.before(number) | by_line.before(number))


def sketch_files(sketches: Iterable[Sketch], spools: Spools) -> SketchFiles:
    """Write sketches to files, to find those that share something; short texts share nothing."""
    files = SketchFiles(spools, BANDS, BAND_HASHES)
    for sketch in sketches:
        files.add(sketch.minima, sketch.lines)
    return files


def sketch_of(text: Text) -> Sketch:
    """Make the sketch of a text."""
    if len(text.words) < MIN_NEAR_WORDS:
        return Sketch(len(text.words), b"", b"")
    from rensa import RMinHash

    hashes = text.shingles.astype(np.uint64)
    kinds = BANDS * BAND_HASHES
    minima = RMinHash.digest_matrix_from_flat_token_hashes(hashes, [0, len(hashes)], kinds, SEED).to_rows()[0]
    lines = {fold_key(line) for line in text.first.text.splitlines() if line.count(" ") >= MIN_LINE_WORDS - 1}
    lines.add(" ".join(text.words[:OPENING_WORDS]))  # an excerpt may have no whole line of its post
    hashed = (hashlib.sha256(line.encode("utf-8", "surrogatepass")).digest()[:_LINE_BYTES] for line in sorted(lines))
    return Sketch(len(text.words), np.array(minima, "<u4").tobytes(), b"".join(hashed))
