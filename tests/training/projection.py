"""The matrix that moves a question's vector to where the sentences that answer it are.

A question and the sentence that answers it in other words lie apart for a model that was trained on sentences that mean
the same. A residual matrix is trained on the questions over blog posts: for each, its right chunk is to have the
nearest best sentence among all chunks (a contrastive loss over the hardest, with an L2 penalty that keeps the matrix
small, so that what was near stays near).
"""

from __future__ import annotations

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

__all__ = ["train_projection"]

_STEPS, _RATE, _AT_ONCE = 160, 2e-3, 256
# of the cosines; and what the squares of the matrix cost (0.02 and 0.06 tried: 0.02 finds more)
_TEMPERATURE, _PENALTY = 0.05, 0.02
# wrong chunks that each question is held against
_HARDEST = 60


def train_projection(index: Index, blogs: Sequence[BlogQuestion], seed: int) -> Matrix:
    """Train the matrix, float32 (dim, dim): a question's vector ``v`` becomes ``v + v @ matrix``, scaled to unit length."""
    torch.manual_seed(seed)
    sentences, owners = _sentences(index)
    asked = [one for one in blogs if one.answerable and any(chunk.right for chunk in one.chunks)]
    encoder = open_encoder(index.store.manifest.model)
    vectors = torch.from_numpy(encoder.encode([" ".join(one.question.split()) for one in asked]))
    right = torch.zeros(len(asked), int(owners.max()) + 1, dtype=torch.bool)
    for row, one in enumerate(asked):
        right[row, [chunk.chunk_id for chunk in one.chunks if chunk.right]] = True
    matrix = torch.zeros(vectors.shape[1], vectors.shape[1], requires_grad=True)
    optimiser = torch.optim.Adam([matrix], lr=_RATE)
    for step in range(_STEPS):
        some = torch.randperm(len(asked))[:_AT_ONCE]
        moved = vectors[some] + vectors[some] @ matrix
        moved = torch.nn.functional.normalize(moved, dim=1)
        with torch.no_grad():
            hardest = _best(moved, sentences, owners, right.shape[1]).topk(_HARDEST, 1).indices
        among = torch.unique(torch.cat([hardest.flatten(), right[some].nonzero()[:, 1]]))
        kept = torch.isin(owners, among)
        chunks, own = torch.unique(owners[kept], return_inverse=True)
        odds = _best(moved, sentences[kept], own, len(chunks)) / _TEMPERATURE
        wanted = odds.masked_fill(~right[some][:, chunks], -1e4)
        loss = (torch.logsumexp(odds, 1) - torch.logsumexp(wanted, 1)).mean() + _PENALTY * (matrix**2).sum()
        for group in optimiser.param_groups:
            group["lr"] = _RATE * (1 - step / _STEPS)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    found: Matrix = matrix.detach().numpy()
    return found


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
