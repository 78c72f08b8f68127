"""The graph of an MPNet encoder, written from its weights without torch.

MPNet differs from BERT in two ways: every head adds a number to its attention that depends on the distance of two
tokens and is the same in all layers, and its tokens have no segments.
"""

from __future__ import annotations

import json
import math
import shutil
from typing import TYPE_CHECKING

from rag.embedding.onnx_export import Drawing, quantised, read_weights, save_graph
from rag.embedding.prepared import INPUT, TOKENIZER

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

__all__ = ["write_mpnet"]

# positions count from the one after the padding position
_FIRST_POSITION = 2
# distance in tokens that counts as infinite; MPNet's own value
_FAR = 128


def write_mpnet(model: Path, into: Path, *, eight_bit: bool, max_tokens: int) -> None:
    """Write the graph of the MPNet encoder in the folder ``model`` for at most ``max_tokens``, and its tokenizer.

    Raises:
        ModelError: the weights do not belong to such an encoder.

    """
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    drawing = _MpnetDrawing(read_weights(model), str(model), float(config["layer_norm_eps"]))
    states = drawing.mpnet_embedding(max_tokens)
    for layer in range(int(config["num_hidden_layers"])):
        states = drawing.mpnet_layer(layer, states, int(config["num_attention_heads"]))
    graph = drawing.model([INPUT], "states", int(config["hidden_size"]))
    save_graph(quantised(graph, into) if eight_bit else graph, into)
    shutil.copyfile(model / TOKENIZER, into / TOKENIZER)


class _MpnetDrawing(Drawing):
    def mpnet_embedding(self, max_tokens: int) -> str:
        """Word and position vectors, summed and normalised; the distances of all tokens are named ``far``."""
        import numpy as np

        name = "embeddings."
        places = self._weight(f"{name}position_embeddings")[_FIRST_POSITION:][:max_tokens]
        far = _distances(self._weight("encoder.relative_attention_bias"), max_tokens)
        zero, one, two = (np.array([number], dtype=np.int64) for number in range(3))
        length = self._node("Shape", [INPUT], ["length"], domain="", start=1, end=2)
        begin, axes = self._put("zero", zero), self._put("axes", two)
        here = self._node("Slice", [self._put("places", places), begin, length, begin], ["here"], domain="")
        rows = self._node("Slice", [self._put("distances", far), begin, length, axes], ["rows"], domain="")
        self._node("Slice", [rows, begin, length, self._put("last", one + two)], ["far"], domain="")
        words = self._node(
            "Gather", [self._put("words", self._weight(f"{name}word_embeddings")), INPUT], ["found"], domain=""
        )
        return self._normed(f"{name}LayerNorm", self._node("Add", [words, here], ["embedded"], domain=""))

    def mpnet_layer(self, number: int, states: str, heads: int) -> str:
        """One layer: attention with distances and two dense steps, each added to its input and normalised."""
        import numpy as np

        name = f"encoder.layer.{number}."
        parts = [f"{name}attention.attn.{part}" for part in "qkv"]
        square = self._put(f"{name}qkv", np.concatenate([self._weight(part).T for part in parts], axis=1))
        offset = self._put(f"{name}qkv.bias", np.concatenate([self._weight(part, "bias") for part in parts]))
        product = self._node("MatMul", [states, square], [f"{name}product"], domain="")
        projected = self._node("Add", [product, offset], [f"{name}projected"], domain="")
        self._node("Split", [projected], [*parts], domain="", axis=-1)
        seen = self._node("MultiHeadAttention", [*parts, "", "", "far"], [f"{name}seen"], num_heads=heads)
        joined = self._node("Add", [self.dense(f"{name}attention.attn.o", seen), states], [f"{name}joined"], domain="")
        states = self._normed(f"{name}attention.LayerNorm", joined)
        wide = self._dense(f"{name}intermediate.dense", states)
        bent = self._node("BiasGelu", [wide, self._bias(f"{name}intermediate.dense")], [f"{name}bent"])
        return self._added(f"{name}output.", bent, states)


def _distances(table: npt.NDArray[np.float32], tokens: int) -> npt.NDArray[np.float32]:
    """What each head adds for two tokens: float32 (1, heads, tokens, tokens), from a table (buckets, heads).

    Half of the buckets are for earlier tokens, half for later ones; in each half, the first half are single distances,
    and the others grow logarithmically up to the distance that counts as infinite.
    """
    import numpy as np

    half = len(table) // 2
    exact = half // 2
    apart = np.arange(tokens)[None, :] - np.arange(tokens)[:, None]
    size = np.abs(apart)
    ratio = np.log(np.maximum(size, 1).astype(np.float32) / np.float32(exact)) / np.float32(math.log(_FAR / exact))
    grown = exact + (ratio * np.float32(half - exact)).astype(np.int64)
    buckets = np.where(size < exact, size, np.minimum(grown, half - 1)) + np.where(apart > 0, half, 0)
    return np.ascontiguousarray(table[buckets].transpose(2, 0, 1)[None], dtype=np.float32)
