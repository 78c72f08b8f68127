"""The matrix that moves a question's vector to where the sentences that answer it are.

A question and the sentence that answers it in other words lie apart for a model that was trained on sentences that mean
the same. A residual matrix is trained on questions over blog posts: for each, its right chunk is to have the
nearest best sentence among all chunks (a contrastive loss over the hardest, with an L2 penalty that keeps the matrix
small, so that what was near stays near).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from rag.embedding.encoder import open_encoder

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from reader_rows import BlogQuestion

    from rag.answering.engine import Index

    Matrix = npt.NDArray[np.float32]

__all__ = ["Heap", "heap_of", "train_projection"]

_STEPS, _RATE, _AT_ONCE = 300, 2e-3, 256
# of the cosines; and what the squares of the matrix cost (0.02 and 0.06 tried: less finds more)
_TEMPERATURE, _PENALTY = 0.05, 0.01
# wrong chunks that each question is held against
_HARDEST = 60


@dataclass(frozen=True, slots=True)
class Heap:
    """Sentences of an index that may be quoted, and questions about it.

    ``sentences`` is float32 (n, dim), ``owners`` int64 (n,) the chunk of each; ``asked`` float32 (m, dim) are vectors of
    questions, ``right`` bool (m, chunks) the chunks that answer each.
    """

    sentences: torch.Tensor
    owners: torch.Tensor
    asked: torch.Tensor
    right: torch.Tensor


def heap_of(index: Index, questions: Sequence[BlogQuestion]) -> Heap:
    """Take from an index what the matrix is trained on; questions that it cannot answer are passed over."""
    sentences, owners = _sentences(index)
    asked = [one for one in questions if one.answerable and any(chunk.right for chunk in one.chunks)]
    vectors = open_encoder(index.store.manifest.model).encode([" ".join(one.question.split()) for one in asked])
    right = torch.zeros(len(asked), int(owners.max()) + 1, dtype=torch.bool)
    for row, one in enumerate(asked):
        right[row, [chunk.chunk_id for chunk in one.chunks if chunk.right]] = True
    return Heap(sentences, owners, torch.from_numpy(vectors), right)


def train_projection(heaps: Sequence[Heap], seed: int) -> Matrix:
    """Train the matrix, float32 (dim, dim): a question's vector ``v`` becomes ``v + v @ matrix``, scaled to unit length.

    Each step takes questions of one heap; a heap with more questions is taken more often.
    """
    torch.manual_seed(seed)
    rng = random.Random(seed)
    dim = heaps[0].asked.shape[1]
    matrix = torch.zeros(dim, dim, requires_grad=True)
    optimiser = torch.optim.Adam([matrix], lr=_RATE)
    for step in range(_STEPS):
        heap = rng.choices(heaps, [len(one.asked) for one in heaps])[0]
        some = torch.randperm(len(heap.asked))[:_AT_ONCE]
        moved = heap.asked[some] + heap.asked[some] @ matrix
        loss = _miss(torch.nn.functional.normalize(moved, dim=1), heap, heap.right[some])
        loss = loss + _PENALTY * (matrix**2).sum()
        for group in optimiser.param_groups:
            group["lr"] = _RATE * (1 - step / _STEPS)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    found: Matrix = matrix.detach().numpy()
    return found


def _miss(moved: torch.Tensor, heap: Heap, right: torch.Tensor) -> torch.Tensor:
    """Minus the log of what falls to right chunks, among them and the hardest wrong ones."""
    with torch.no_grad():
        hardest = _best(moved, heap.sentences, heap.owners, right.shape[1]).topk(_HARDEST, 1).indices
    among = torch.unique(torch.cat([hardest.flatten(), right.nonzero()[:, 1]]))
    kept = torch.isin(heap.owners, among)
    chunks, own = torch.unique(heap.owners[kept], return_inverse=True)
    odds = _best(moved, heap.sentences[kept], own, len(chunks)) / _TEMPERATURE
    wanted = odds.masked_fill(~right[:, chunks], -1e4)
    return (torch.logsumexp(odds, 1) - torch.logsumexp(wanted, 1)).mean()


def _best(moved: torch.Tensor, sentences: torch.Tensor, owners: torch.Tensor, chunks: int) -> torch.Tensor:
    """Cosine of each question with the nearest sentence of each chunk: float32 (questions, chunks)."""
    nothing = torch.full((len(moved), chunks), -1.0)
    return nothing.scatter_reduce(1, owners.expand(len(moved), -1), moved @ sentences.T, "amax")


def _sentences(index: Index) -> tuple[torch.Tensor, torch.Tensor]:
    """Vectors of all sentences that may be quoted, float32 (n, dim), and the chunk of each, int64 (n,)."""
    post_ids = index.store.post_ids()
    vectors = index.store.sentence_vectors_of(post_ids)
    found, owners = [], []
    for post_id, rows in index.store.sentences(post_ids).items():
        for (_, sentence), vector in zip(rows, vectors[post_id], strict=True):
            if sentence.kind in ("sentence", "item"):
                found.append(vector.astype(np.float32))
                owners.append(sentence.chunk_id)
    return torch.from_numpy(np.array(found)), torch.tensor(owners)
