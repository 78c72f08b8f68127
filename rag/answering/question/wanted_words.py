"""The words that a question looks for, as bits, and the share of their weight in a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.text.tokens import code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rag.answering.question.query import Query
    from rag.text.annotations import Facts, Noted

__all__ = ["Shares", "Wanted"]

# above every code of a stem
_NO_CODE = 1 << 32


class Wanted:
    """The words that a question looks for, one bit each: its stems, names and pairs, and the earlier question's."""

    def __init__(self, query: Query) -> None:
        import numpy as np

        roots = [*query.stems, *query.names, *query.earlier, *(root for pair in query.pairs for root in pair)]
        self.bits = {word: 1 << place for place, word in enumerate(dict.fromkeys(map(code, roots)))}
        self.pairs = frozenset((code(one), code(other)) for one, other in query.pairs)
        self._sorted = np.sort(np.array([*self.bits, _NO_CODE], dtype=np.int64))

    def of(self, roots: Iterable[str]) -> int:
        """The bits of some of these words."""
        return sum({self.bits[code(root)] for root in roots})

    def in_text(self, text: Facts) -> int:
        """The words in a text."""
        return sum(bit for word, bit in self.bits.items() if word in text.unique)

    def in_sentences(self, some: Noted) -> tuple[list[int], list[int]]:
        """The words in each sentence, and the number of pairs that are side by side in it."""
        import numpy as np

        held = [0] * len(some.ends)
        beside: list[set[tuple[int, int]]] = [set() for _ in held]
        found = np.flatnonzero(self._sorted[np.searchsorted(self._sorted, some.codes)] == some.codes)
        rows = np.searchsorted(some.ends, found, side="right")
        before, last, last_row = -2, -1, -1
        for at, row, word in zip(found.tolist(), rows.tolist(), some.codes[found].tolist(), strict=True):
            held[row] |= self.bits[word]
            if at == before + 1 and row == last_row and (last, word) in self.pairs:
                beside[row].add((last, word))
            before, last, last_row = at, word, row
        return held, [len(pairs) for pairs in beside]


class Shares:
    """Shares of the weight of some words that are in texts; ``weights`` has a weight for each bit."""

    def __init__(self, weights: dict[int, float]) -> None:
        self._weights = weights
        self._all = sum(weights)
        self._total = sum(weights.values())
        # few different sets of words occur
        self._shares: dict[int, float] = {}

    def share(self, held: int) -> float:
        """The weight of the words that are present, as a share of all."""
        if self._total <= 0.0:
            return 0.0
        held &= self._all
        found = self._shares.get(held)
        if found is None:
            found = sum(weight for bit, weight in self._weights.items() if held & bit) / self._total
            self._shares[held] = found
        return found
