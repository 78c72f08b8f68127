"""Train the encoder for questions, which ships with the reader (``rag/embedding/question_encoder.py``).

The packaged model gets a low-rank addition to each of its matrices, and learns to give a question a vector near the
sentences that answer it; these keep the vectors they have. For each question, its right chunks are to have the nearest
best sentence among all chunks of its index (a contrastive loss over the hardest of them).
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from reader_model import fast_type
from tables import say
from tokenizers import Tokenizer
from torch import nn
from transformers import AutoModel

from rag.embedding.models import DEFAULT_MODEL, folder_of
from rag.embedding.question_encoder import MAX_TOKENS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt
    from reader_rows import BlogQuestion

    from rag.answering.engine import Index

    Weights = dict[str, npt.NDArray[np.float32]]

__all__ = ["Heap", "QuestionModel", "heap_of", "train_question_encoder"]

_RANK, _STEPS, _RATE, _AT_ONCE, _WARM_UP = 8, 350, 1e-3, 192, 50
# what the product of a matrix's two factors counts, so that the second may begin at zero and grow fast
_COUNTS = 2.0
# of the cosines
_TEMPERATURE = 0.05
# wrong chunks that each question is held against, with those of the others asked with it
_HARDEST = 10
# sentences of a chunk that are looked at; few chunks have more
_SENTENCES = 24
# batches whose questions are sorted by length together, so that little is padded
_WINDOW = 4
_MATRICES = (
    "attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense",
    "intermediate.dense", "output.dense",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heap:
    """Sentences of an index that may be quoted, by chunk, and questions about it.

    ``sentences`` is float32 (n, dim), ``owners`` int64 (n,) the chunk of each, rising; ``right`` has the chunks that
    answer each of the ``questions``.
    """

    sentences: torch.Tensor
    owners: torch.Tensor
    questions: tuple[str, ...]
    right: tuple[tuple[int, ...], ...]

    def hardest(self, vectors: torch.Tensor, most: int) -> torch.Tensor:
        """The chunks with the nearest best sentence to any of the vectors, int64 (n_chunks,), rising."""
        near = (vectors @ self.sentences.T).numpy()
        chunks, starts = np.unique(self.owners.numpy(), return_index=True)
        best = torch.from_numpy(np.maximum.reduceat(near, starts, axis=1)).topk(min(most, len(chunks)), 1).indices
        return torch.from_numpy(chunks)[best.flatten()].unique()

    def best(self, vectors: torch.Tensor, chunks: torch.Tensor) -> torch.Tensor:
        """Cosine of each vector with the nearest sentence of each chunk: float32 (n_vectors, n_chunks)."""
        among = torch.isin(self.owners, chunks)
        counts = torch.unique_consecutive(self.owners[among], return_counts=True)[1]
        first = torch.cumsum(counts, 0) - counts
        steps = torch.arange(min(int(counts.max()), _SENTENCES))[None]
        places = torch.where(steps < counts[:, None], first[:, None] + steps, first[:, None])
        near = vectors @ self.sentences[among].T
        with torch.no_grad():
            best = near[:, places.flatten()].view(len(vectors), *places.shape).argmax(-1)
        return near.gather(1, places.expand(len(vectors), -1, -1).gather(2, best[:, :, None]).squeeze(2))


def heap_of(index: Index, questions: Sequence[BlogQuestion]) -> Heap:
    """Take from an index what the encoder is trained on; questions that it cannot answer are passed over."""
    asked = [one for one in questions if one.answerable and any(chunk.right for chunk in one.chunks)]
    right = tuple(tuple(sorted({chunk.chunk_id for chunk in one.chunks if chunk.right})) for one in asked)
    return Heap(*_sentences(index), tuple(one.question for one in asked), right)


class _LowRank(nn.Module):
    """A linear layer that stays as it is, with the product of two narrow matrices added to its own."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.layer = layer
        self.down = nn.Parameter(torch.randn(_RANK, layer.in_features) / math.sqrt(layer.in_features))
        self.up = nn.Parameter(torch.zeros(layer.out_features, _RANK))

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        given: torch.Tensor = self.layer(states) + _COUNTS * ((states @ self.down.T) @ self.up.T)
        return given


class QuestionModel(nn.Module):
    """Questions to unit vectors, float32 (n_questions, dim)."""

    def __init__(self) -> None:
        super().__init__()
        folder = folder_of(DEFAULT_MODEL)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self.model = AutoModel.from_pretrained(folder).requires_grad_(requires_grad=False)
        self.model.eval()  # without dropout
        self.added: dict[str, _LowRank] = {}
        for number, layer in enumerate(self.model.encoder.layer):
            for name in _MATRICES:
                home, _, last = name.rpartition(".")
                inside = layer.get_submodule(home)
                added = self.added[f"encoder.layer.{number}.{name}"] = _LowRank(getattr(inside, last))
                setattr(inside, last, added)

    def length(self, question: str) -> int:
        """Tokens of a question."""
        return len(self._tokenizer.encode(question).ids)

    def forward(self, questions: Sequence[str]) -> torch.Tensor:
        rows = [torch.tensor(self._tokenizer.encode(one).ids) for one in questions]
        ids = nn.utils.rnn.pad_sequence(rows, batch_first=True)
        read = torch.arange(ids.shape[1])[None] < torch.tensor([len(row) for row in rows])[:, None]
        dtype = fast_type() if self.training else torch.float32
        with torch.autocast("cpu", dtype=dtype, enabled=dtype != torch.float32):
            states = self.model(input_ids=ids, attention_mask=read.long()).last_hidden_state
        mean = (states.float() * read[:, :, None]).sum(1) / read.sum(1, keepdim=True)
        return nn.functional.normalize(mean, dim=1)

    def weights(self) -> Weights:
        """What was trained, by the names under which it ships."""
        found = {}
        for name, added in self.added.items():
            found[f"question.{name}.up"] = (_COUNTS * added.up).detach().numpy()
            found[f"question.{name}.down"] = added.down.detach().numpy()
        return found


def train_question_encoder(
    heaps: Sequence[Heap], typed: Callable[[str, random.Random], str], seed: int, steps: int = _STEPS
) -> QuestionModel:
    """Train the encoder; ``typed`` writes a question as people type.

    Each step takes questions of one heap; a heap with more questions is taken more often.
    """
    torch.manual_seed(seed)
    rng = random.Random(seed)
    model = QuestionModel()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.Adam(trained, lr=_RATE)
    rounds = [_rounds(one, model, rng) for one in heaps]
    for step in range(steps):
        (number,) = rng.choices(range(len(heaps)), [len(one.questions) for one in heaps])
        heap, some = heaps[number], next(rounds[number])
        vectors = model([typed(heap.questions[place], rng) for place in some])
        loss = _miss(vectors, heap, [heap.right[place] for place in some])
        for group in optimiser.param_groups:
            group["lr"] = _RATE * min(1.0, (step + 1) / _WARM_UP) * (1 - step / steps)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        if (step + 1) % _WARM_UP == 0:
            say(f"questions: {step + 1} of {steps}, loss {float(loss.detach()):.3f}")
    model.train(mode=False)
    return model


def _rounds(heap: Heap, model: QuestionModel, rng: random.Random) -> Iterator[list[int]]:
    """Places of questions of about the same length, a batch at a time, again and again."""
    lengths = [model.length(one) for one in heap.questions]
    while True:
        order = rng.sample(range(len(lengths)), len(lengths))
        for at in range(0, len(order), _WINDOW * _AT_ONCE):
            near = sorted(order[at : at + _WINDOW * _AT_ONCE], key=lengths.__getitem__)
            some = [near[start : start + _AT_ONCE] for start in range(0, len(near), _AT_ONCE)]
            yield from rng.sample(some, len(some))


def _miss(vectors: torch.Tensor, heap: Heap, right: Sequence[Sequence[int]]) -> torch.Tensor:
    """Minus the log of what falls to right chunks, among them and the hardest wrong ones."""
    own = torch.tensor([chunk for some in right for chunk in some])
    chunks = torch.cat([heap.hardest(vectors.detach(), _HARDEST), own]).unique()
    odds = heap.best(vectors, chunks) / _TEMPERATURE
    wanted = torch.stack([torch.isin(chunks, torch.tensor(some)) for some in right])
    return (torch.logsumexp(odds, 1) - torch.logsumexp(odds.masked_fill(~wanted, -1e4), 1)).mean()


def _sentences(index: Index) -> tuple[torch.Tensor, torch.Tensor]:
    """Vectors of all sentences that may be quoted, float32 (n, dim), and the chunk of each, int64 (n,), rising."""
    post_ids = index.store.post_ids()
    vectors = index.store.sentence_vectors_of(post_ids)
    found, owners = [], []
    for post_id, rows in index.store.sentences(post_ids).items():
        for (_, sentence), vector in zip(rows, vectors[post_id], strict=True):
            if sentence.kind in ("sentence", "item"):
                found.append(vector.astype(np.float32))
                owners.append(sentence.chunk_id)
    order = np.argsort(owners, kind="stable")
    return torch.from_numpy(np.array(found)[order]), torch.tensor(owners)[torch.from_numpy(order)]
