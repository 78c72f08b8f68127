"""The reader in torch: the packaged model with a logit for each token and one for "none of them", and its loss."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import nn

from rag.embedding.onnx_export import read_weights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from rag.embedding.reader import Tokens

    Weights = Mapping[str, npt.NDArray[np.float32]]

__all__ = ["Batch", "ReaderModel", "batch_of", "fast_type", "loss_of", "odds_of"]

# the token of a hidden word; special tokens have smaller numbers
_MASK = 103
# a logit that stands for nothing there
_NOTHING = -1e4
# what the loss over all chunks of a question counts beside that of each chunk
_GROUP_WEIGHT = 0.5


def fast_type() -> torch.dtype:
    """What matrices are multiplied in: bfloat16 where the processor does it, float32 elsewhere.

    A processor that can only imitate bfloat16 takes sixty times as long for it.
    """
    known = torch.cpu.get_capabilities()
    return torch.bfloat16 if known.get("avx512_bf16") or known.get("amx_bf16") else torch.float32


class _Layer(nn.Module):
    def __init__(self, dim: int, heads: int, wide: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv, self.out = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.up, self.down = nn.Linear(dim, wide), nn.Linear(wide, dim)
        self.first_norm, self.second_norm = nn.LayerNorm(dim, eps=1e-12), nn.LayerNorm(dim, eps=1e-12)

    def forward(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        rows, tokens, dim = states.shape
        query, key, value = self.qkv(states).view(rows, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        # written out: on processors the fused attention takes twice as long backwards
        scores = torch.matmul(query * (dim // self.heads) ** -0.5, key.transpose(-1, -2))
        shares = scores.masked_fill(~mask, _NOTHING).softmax(-1)
        seen = torch.matmul(shares, value).transpose(1, 2).reshape(rows, tokens, dim)
        states = self.first_norm(states + self.out(seen))
        return self.second_norm(states + self.down(nn.functional.gelu(self.up(states))))


class ReaderModel(nn.Module):
    """Token logits, float32 (batch, tokens), and logits of "none", float32 (batch,)."""

    def __init__(self, folder: Path, weights: Weights | None = None) -> None:
        """Begin with the packaged model in ``folder``, or with weights by its names and those of the two heads."""
        super().__init__()
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        dim = int(config["hidden_size"])
        known = {name: torch.from_numpy(value) for name, value in (weights or read_weights(folder)).items()}
        self.words = nn.Embedding.from_pretrained(known["embeddings.word_embeddings.weight"], freeze=True)
        self.places = nn.Parameter(known["embeddings.position_embeddings.weight"].clone())
        self.segments = nn.Parameter(known["embeddings.token_type_embeddings.weight"].clone())
        self.norm = nn.LayerNorm(dim, eps=1e-12)
        layers = range(int(config["num_hidden_layers"]))
        heads, wide = int(config["num_attention_heads"]), int(config["intermediate_size"])
        self.layers = nn.ModuleList(_Layer(dim, heads, wide) for _ in layers)
        self.token, self.none = nn.Linear(dim, 1), nn.Linear(dim, 1)
        for head in (self.token, self.none):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)
        with torch.no_grad():
            for parameter, name in self._named():
                if name in known:
                    parameter.copy_(known[name])
            for number, layer in enumerate(self.layers):
                for part in ("weight", "bias"):
                    three = [known[f"encoder.layer.{number}.attention.self.{one}.{part}"] for one in _THREE]
                    getattr(layer.qkv, part).copy_(torch.cat(three))

    def _named(self) -> list[tuple[nn.Parameter, str]]:
        """Parameters with the names that the packaged model has for them."""
        modules = [(self.norm, "embeddings.LayerNorm"), (self.token, "token"), (self.none, "none")]
        for number, layer in enumerate(self.layers):
            name = f"encoder.layer.{number}"
            modules += [
                (layer.out, f"{name}.attention.output.dense"),
                (layer.first_norm, f"{name}.attention.output.LayerNorm"),
                (layer.up, f"{name}.intermediate.dense"),
                (layer.down, f"{name}.output.dense"),
                (layer.second_norm, f"{name}.output.LayerNorm"),
            ]
        found = [(getattr(one, part), f"{name}.{part}") for one, name in modules for part in ("weight", "bias")]
        places = (self.places, "embeddings.position_embeddings.weight")
        return [*found, places, (self.segments, "embeddings.token_type_embeddings.weight")]

    def weights(self) -> dict[str, npt.NDArray[np.float32]]:
        """Everything that was trained, by the packaged model's names."""
        found = {name: parameter.detach().float().numpy() for parameter, name in self._named()}
        for number, layer in enumerate(self.layers):
            for part in ("weight", "bias"):
                three = getattr(layer.qkv, part).detach().float().chunk(3)
                for one, value in zip(_THREE, three, strict=True):
                    found[f"encoder.layer.{number}.attention.self.{one}.{part}"] = value.numpy()
        return found

    def forward(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        tokens = batch.ids.shape[1]
        states = self.norm(self.words(batch.ids) + self.places[:tokens] + self.segments[batch.segments])
        mask = (torch.arange(tokens)[None] < batch.lengths[:, None])[:, None, None, :]
        for layer in self.layers:
            states = layer(states, mask)
        states = states.float()
        return self.token(states).squeeze(-1), self.none(states[:, 0]).squeeze(-1)


_THREE = ("query", "key", "value")


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts side by side, padded: ids, segments and owners int64 (batch, tokens), lengths int64 (batch,).

    ``right`` is bool (batch, most sentences); ``groups`` int64 (batch,) numbers the questions, None where every text
    has a question of its own.
    """

    ids: torch.Tensor
    segments: torch.Tensor
    owners: torch.Tensor
    lengths: torch.Tensor
    right: torch.Tensor
    groups: torch.Tensor | None

    def masked(self, share: float) -> Batch:
        """The same with a share of the tokens hidden."""
        if not share:
            return self
        hidden = (torch.rand(self.ids.shape) < share) & (self.ids > _MASK)
        return replace(self, ids=self.ids.masked_fill(hidden, _MASK))


def batch_of(texts: Sequence[Tokens], right: Sequence[Sequence[int]], groups: Sequence[int] | None) -> Batch:
    """Pad texts to the longest of them; a right sentence that is beyond what is read does not count."""
    longest = max(len(text.ids) for text in texts)
    sentences = max(1, *(max(text.owners) + 1 for text in texts))

    def padded(rows: Sequence[Sequence[int]], blank: int) -> torch.Tensor:
        return torch.tensor([[*row, *[blank] * (longest - len(row))] for row in rows])

    marked = torch.zeros(len(texts), sentences, dtype=torch.bool)
    for number, (text, places) in enumerate(zip(texts, right, strict=True)):
        for place in set(places) & set(text.owners):
            marked[number, place] = True
    return Batch(
        padded([text.ids for text in texts], 0),
        padded([text.segments for text in texts], 0),
        padded([text.owners for text in texts], -1),
        torch.tensor([len(text.ids) for text in texts]),
        marked,
        None if groups is None else torch.tensor(groups),
    )


def odds_of(tokens: torch.Tensor, none: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Log odds of each sentence against "none": float32 (batch, most sentences)."""
    rows, sentences = batch.right.shape
    most = tokens.detach().max()
    inside = torch.exp(tokens - most) * (batch.owners >= 0)
    to = torch.where(batch.owners >= 0, batch.owners, sentences)
    sums = torch.zeros(rows, sentences + 1).scatter_add(1, to, inside)[:, :sentences]
    logits = torch.where(sums > 0, torch.log(sums.clamp_min(1e-20)) + most, torch.tensor(_NOTHING))
    return logits - none[:, None]


def loss_of(odds: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Cross-entropy of the right sentences, or "none", in each chunk; and of all chunks of a question together."""
    loss = _miss(odds, batch.right).mean()
    if batch.groups is None:
        return loss
    numbers = range(int(batch.groups.max()) + 1)
    whole = [
        _miss(odds[batch.groups == one].reshape(1, -1), batch.right[batch.groups == one].reshape(1, -1))
        for one in numbers
    ]
    return loss + _GROUP_WEIGHT * torch.cat(whole).mean()


def _miss(odds: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Minus the log of what falls to right sentences; "none", with log odds 0, is right where no sentence is."""
    every = torch.cat([odds, torch.zeros(len(odds), 1)], 1)
    wanted = torch.cat([right, ~right.any(1, keepdim=True)], 1)
    return torch.logsumexp(every, 1) - torch.logsumexp(every.masked_fill(~wanted, _NOTHING), 1)
