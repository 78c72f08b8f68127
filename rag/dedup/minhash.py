"""Which texts of a heap may be copies of one another, without comparing each with each; what was found is remembered.

A sketch is a MinHash (Broder 1997) of a text's word shingles, made by rensa, and the hashes of its long lines. Sketches
and verdicts hang on the texts alone, so that a heap that grows by a page needs only those of that page.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from rag.dedup.similarity import similarity, verdict
from rag.text.lines import fold_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.dedup.similarity import Text, Verdict

__all__ = ["Memory", "Sketch", "band_keys", "candidates", "sketch_of"]

MIN_NEAR_WORDS = 12  # below that a handful of everyday words decides; such texts are merged only when exactly equal

# Texts that agree in one of 25 bands of 5 hashes are compared: of pairs that share 0.7 of their shingles 99 in 100 do,
# of pairs that share 0.3 not 6 in 100.
BANDS, BAND_HASHES = 25, 5
MAX_SHARERS = 50  # a line that stands in more posts than this is boilerplate and says nothing about a pair
MIN_LINE_WORDS = 8
OPENING_WORDS = 9  # that an excerpt shares with its post; the shortest seen has 25 words

SEED = 1  # of the family of hashes; another family would be as good

_LINE_BYTES = 8


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is kept of a text to find its copies.

    ``words`` counts them; ``minima`` are uint32 (BANDS * BAND_HASHES,), the least hash of each kind; ``lines`` are
    8 bytes for each long line, in order, and for the opening words of the text.
    """

    words: int
    minima: bytes
    lines: bytes


@dataclass(slots=True)
class Memory:
    """Sketches and verdicts of an earlier build, and those that this build used: what the next one needs."""

    earlier_sketches: dict[bytes, Sketch] = field(default_factory=dict)
    earlier_verdicts: dict[tuple[bytes, bytes], tuple[Verdict, float]] = field(default_factory=dict)
    sketches: dict[bytes, Sketch] = field(default_factory=dict)
    verdicts: dict[tuple[bytes, bytes], tuple[Verdict, float]] = field(default_factory=dict)

    def sketch(self, text: Text) -> Sketch:
        """The sketch of a text, remembered or made."""
        found = self.sketches.get(text.key) or self.earlier_sketches.get(text.key) or sketch_of(text)
        self.sketches[text.key] = found
        return found

    def judge(self, whole: Text, text: Text) -> tuple[Verdict, float]:
        """Verdict and similarity of two texts, remembered or found."""
        pair = whole.key, text.key
        found = self.verdicts.get(pair) or self.earlier_verdicts.get(pair)
        if found is None:
            found = verdict(whole, text), similarity(whole, text)
        self.verdicts[pair] = found
        return found


def candidates(sketches: Sequence[Sketch]) -> Iterator[list[int]]:
    """For each text the earlier ones that may be the same post: by MinHash, and by a long line in common."""
    bands: dict[bytes, list[int]] = defaultdict(list)
    sharers: dict[bytes, list[int]] = defaultdict(list)
    for number, sketch in enumerate(sketches):
        nearby: set[int] = set()
        if sketch.words >= MIN_NEAR_WORDS:
            for key in band_keys(sketch):
                alike = bands[key]
                nearby.update(alike)
                alike.append(number)
            for at in range(0, len(sketch.lines), _LINE_BYTES):
                holders = sharers[sketch.lines[at : at + _LINE_BYTES]]
                if len(holders) <= MAX_SHARERS:
                    nearby.update(holders)
                    holders.append(number)
        yield sorted(nearby)


def band_keys(sketch: Sketch) -> list[bytes]:
    """Keys of the bands of a sketch; texts with one in common are compared. None where a text is too short for it."""
    width = BAND_HASHES * 4
    if sketch.words < MIN_NEAR_WORDS:
        return []
    return [bytes([band]) + sketch.minima[band * width : (band + 1) * width] for band in range(BANDS)]


def sketch_of(text: Text) -> Sketch:
    """Make the sketch of a text."""
    if len(text.words) < MIN_NEAR_WORDS:
        return Sketch(len(text.words), b"", b"")
    from rensa import RMinHash

    hashes = text.shingles.astype(np.uint64)
    kinds = BANDS * BAND_HASHES
    minima = RMinHash.digest_matrix_from_flat_token_hashes(hashes, [0, len(hashes)], kinds, SEED).to_rows()[0]
    lines = {fold_key(line) for line in text.first.text.splitlines() if line.count(" ") >= MIN_LINE_WORDS - 1}
    lines.add(" ".join(text.words[:OPENING_WORDS]))  # an excerpt has no whole line of its post
    hashed = (hashlib.sha256(line.encode("utf-8", "surrogatepass")).digest()[:_LINE_BYTES] for line in sorted(lines))
    return Sketch(len(text.words), np.array(minima, "<u4").tobytes(), b"".join(hashed))
