"""Make the table of weights, ``ranking.json``: ``python -m rag.training --set NAME=INDEX:QUESTIONS ... --out FILE``.

Ranking: listwise logistic regression over the sentences of the considered chunks (Cao et al. 2007, "Learning to rank:
from pairwise approach to listwise approach", with the likelihood summed over all right sentences). Confidence: logistic
regression on what is seen at the first quote, whether it is right, over answerable and unanswerable questions. Both are
convex, so the same data give the same table; every set counts equally whatever its size.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.answering import CONSIDERED, Index
from rag.gold import read_gold
from rag.locations import fold_white
from rag.quoting import confidence_signs, quotes
from rag.ranking import FEATURES, SIGNS, Weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from rag.gold import GoldRow
    from rag.quoting import Ranking

    Matrix = npt.NDArray[np.float32]

__all__ = ["Example", "collect", "fit_ranking", "main"]


@dataclass(frozen=True, slots=True)
class Example:
    """One gold question as the ranking sees it: ``measures`` float32 (n, n_features), ``right`` bool (n,)."""

    row: GoldRow
    ranking: Ranking
    measures: Matrix
    right: npt.NDArray[np.bool_]


def collect(index: Index, gold: Sequence[GoldRow]) -> list[Example]:
    """Measure the sentences of every question and mark those that hold its evidence."""
    files = {post.post_id: {Path(copy.file).name for copy in post.copies} for post in index.posts()}
    found = []
    for row in gold:
        ranking = index.ranking(row.question, row.history)
        right = np.zeros(len(ranking.ranked), dtype=bool)
        evidence = [fold_white(text) for text in row.wanted.evidence]
        wanted = {Path(name).name for name in row.wanted.files}
        for one in ranking.ranked:
            if wanted and not wanted & files[one.post_id]:
                continue
            text = fold_white(ranking.text_of(one))
            right[one.row] = any(piece in text for piece in evidence)
        found.append(Example(row, ranking, ranking.measures, right))
    return found
