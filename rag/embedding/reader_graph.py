"""The reader's graph: in float weights, or with weights and activations in 8 bits.

An 8-bit matrix product scales each token's activations by their own largest value, so a token with outliers costs the
others no precision; ONNX Runtime's own dynamic quantisation has one scale for all tokens. The log odds of 120 chunks
differ from the exact ones by 0.10 (root mean square). With ONNX Runtime's dynamic quantisation, and the second half of
each dense step exact, they differed by 0.14, and took 1.4 times as long. The graph takes one text at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.embedding.onnx_export import FUSED, Drawing

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from rag.embedding.onnx_export import Weights

    Floats = npt.NDArray[np.float32]

__all__ = ["ReaderDrawing"]

# bytes are unsigned with this zero point, because processors multiply unsigned by signed bytes fastest
_ZERO = 128
# GELU is never below -0.16998: raised by this, it is never negative, and all 255 steps of a byte are used
_RAISED = 0.17
# no row of activations is all zero; this only keeps the division defined
_LEAST_SCALE = 1e-9


class ReaderDrawing(Drawing):
    """Nodes and constants of the reader's graph; with ``eight_bit``, its products are of bytes."""

    def __init__(self, weights: Weights, path: str, epsilon: float, *, eight_bit: bool) -> None:
        super().__init__(weights, path, epsilon)
        self._eight_bit = eight_bit

    def layer(self, number: int, states: str, heads: int) -> str:
        """One layer: attention and two dense steps, each added to its input and normalised."""
        import numpy as np

        name = f"encoder.layer.{number}."
        parts = [f"{name}attention.self.{part}" for part in ("query", "key", "value")]
        square = np.concatenate([self._weight(part).T for part in parts], axis=1)
        offset = np.concatenate([self._weight(part, "bias") for part in parts])
        projected = self._sum(f"{name}projected", self._product(f"{name}qkv", states, square), offset)
        split = [f"{name}{part}" for part in ("query", "key", "value")]
        self._node("Split", [projected], split, domain="", axis=-1)
        seen = self._node("MultiHeadAttention", split, [f"{name}seen"], num_heads=heads)
        states = self._joined(f"{name}attention.output.", seen, states)
        wide_name = f"{name}intermediate.dense"
        wide = self._product(wide_name, states, self._weight(wide_name).T)
        bent = self._node("BiasGelu", [wide, self._bias(wide_name)], [f"{name}bent"])
        return self._joined(f"{name}output.", bent, states, raised=_RAISED)

    def _joined(self, name: str, states: str, before: str, *, raised: float = 0.0) -> str:
        """A dense step, added to its input, and the norm of the sum."""
        weight, bias = self._weight(f"{name}dense").T, self._weight(f"{name}dense", "bias")
        product = self._product(f"{name}dense", states, weight, raised=raised)
        if self._eight_bit and raised:
            bytes_, scale = _columns_in_bytes(weight)
            bias = bias - raised * bytes_.astype(bias.dtype).sum(axis=0) * scale
        joined = self._sum(f"{name}biased", product, bias)
        joined = self._node("Add", [joined, before], [f"{name}joined"], domain="")
        return self._normed(f"{name}LayerNorm", joined)

    def _product(self, name: str, states: str, weight: Floats, *, raised: float = 0.0) -> str:
        """States times a matrix float32 (inputs, outputs); in 8 bits, states are first ``raised`` by this amount.

        ``raised`` is set if no state is below its negative.
        """
        if not self._eight_bit:
            return self._node("MatMul", [states, self._put(name, weight)], [f"{name}.out"], domain="")

        def step(kind: str, inputs: list[str], output: str, **attributes: list[int] | int) -> str:
            return self._node(kind, inputs, [f"{name}.{output}"], domain="", **attributes)

        if raised:
            above = states = step("Add", [states, self._number(f"{name}.raise", raised)], "raised")
        else:
            above = step("Abs", [states], "size")
        steps, zero = (255.0, 0) if raised else (127.0, _ZERO)
        most = step("ReduceMax", [above], "most", axes=[0, 2], keepdims=0)
        scale = step("Mul", [most, self._number(f"{name}.step", 1.0 / steps)], "each")
        scale = step("Max", [scale, self._number(f"{name}.least", _LEAST_SCALE)], "scale")
        zeros = step("Expand", [self._byte(f"{name}.zero", zero), step("Shape", [scale], "tokens")], "zeros")
        bytes_ = step("QuantizeLinear", [states, scale, zeros], "bytes", axis=1)
        columns, widths = _columns_in_bytes(weight)
        inputs = [
            bytes_,
            self._put(name, columns),
            self._number(f"{name}.one", 1.0),
            self._put(f"{name}.widths", widths),
        ]
        product = self._node(
            "MatMulIntegerToFloat", [*inputs, self._byte(f"{name}.zero", zero)], [f"{name}.summed"], domain=FUSED
        )
        rows = step("Unsqueeze", [scale, self._put(f"{name}.last", _last_axis())], "rows")
        return step("Mul", [product, rows], "out")

    def _sum(self, name: str, states: str, value: Floats) -> str:
        return self._node("Add", [states, self._put(f"{name}.added", value)], [name], domain="")

    def _byte(self, name: str, value: int) -> str:
        import numpy as np

        return self._put(name, np.array(value, dtype=np.uint8))


def _columns_in_bytes(weight: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """A matrix float32 (inputs, outputs) as int8 of the same shape, and float32 (outputs,): the step of each column."""
    import numpy as np

    widths = (np.abs(weight).max(axis=0) / 127).astype(np.float32)
    return np.round(weight / np.maximum(widths, _LEAST_SCALE)).astype(np.int8), widths


def _last_axis() -> npt.NDArray[np.int64]:
    import numpy as np

    return np.array([-1], dtype=np.int64)
