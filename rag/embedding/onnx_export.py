"""Graphs for ONNX Runtime, written from a BERT model's weights without torch.

The graph uses ONNX Runtime's fused operations (attention, GELU with its bias) where they are fastest. It has no mask,
because the texts of a batch have equal length and none is padded.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from rag.embedding.prepared import DATA, GRAPH, INPUT, TOKENIZER
from rag.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    import onnx

    Weights = dict[str, npt.NDArray[np.float32]]
    Numbers = npt.NDArray[np.float32] | npt.NDArray[np.int64] | npt.NDArray[np.int8] | npt.NDArray[np.uint8]

__all__ = ["FUSED", "Drawing", "Weights", "quantised", "read_weights", "save_graph", "write_encoder"]

FUSED = "com.microsoft"
# read by ONNX Runtime 1.20 and later
_OPSET, _IR_VERSION = 17, 9


def write_encoder(model: Path, into: Path, *, eight_bit: bool) -> None:
    """Write the graph of the plain BERT encoder in the folder ``model``, its weights and tokenizer.

    Raises:
        ModelError: the weights do not belong to such an encoder.

    """
    graph = encoder_graph(model)
    save_graph(quantised(graph, into) if eight_bit else graph, into)
    shutil.copyfile(model / TOKENIZER, into / TOKENIZER)


def save_graph(graph: onnx.ModelProto, into: Path, name: str = GRAPH, data: str = DATA) -> None:
    """Write a graph into a folder under this ``name``, and its weights beside it as ``data``."""
    import onnx

    onnx.save_model(graph, into / name, save_as_external_data=True, location=data, size_threshold=1024)


def read_weights(model: Path) -> Weights:
    """Weights by name, float32, from the ``model.safetensors`` in a folder.

    Raises:
        ModelError: the file is missing or damaged.

    """
    import numpy as np
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        read = load_file(model / "model.safetensors")
    except (OSError, SafetensorError, TypeError) as error:
        raise ModelError(f"the weights cannot be read ({error})", path=str(model)) from error
    return {name.removeprefix("bert."): value.astype(np.float32) for name, value in read.items()}


def encoder_graph(model: Path) -> onnx.ModelProto:
    """Graph of the transformer: ids int32 (batch, tokens) to states float32 (batch, tokens, dim)."""
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    drawing = Drawing(read_weights(model), str(model), float(config["layer_norm_eps"]))
    drawing.transformer(config)
    return drawing.model([INPUT], "states", int(config["hidden_size"]))


class Drawing:
    """The nodes and constants of a graph while it is being built."""

    def __init__(self, weights: Weights, path: str, epsilon: float) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._weights = weights
        self._path = path
        self._epsilon = epsilon

    def transformer(self, config: Mapping[str, object], segments: str = "") -> str:
        """The embedding and all layers of a model with this ``config.json``."""
        states = self.embedding(segments)
        for number in range(int(str(config["num_hidden_layers"]))):
            states = self.layer(number, states, int(str(config["num_attention_heads"])))
        return states

    def embedding(self, segments: str = "") -> str:
        """Word and position vectors, summed and normalised; ``segments`` names the input with each token's segment.

        Without it all tokens belong to the first segment.
        """
        name = "embeddings."
        words, places = self._weight(f"{name}word_embeddings"), self._weight(f"{name}position_embeddings")
        kinds = self._weight(f"{name}token_type_embeddings")
        inputs = [
            INPUT,
            segments,
            self._put("words", words),
            self._put("places", places if segments else places + kinds[0]),
        ]
        inputs.append(self._put("kinds", kinds) if segments else "")
        return self._node("EmbedLayerNormalization", [*inputs, *self._norm(f"{name}LayerNorm")], ["embedded", "unused"])

    def dense(self, name: str, states: str) -> str:
        """One dense step with its bias and nothing after it."""
        return self._node("Add", [self._dense(name, states), self._bias(name)], [f"{name}.out.biased"], domain="")

    def model(self, inputs: Sequence[str], output: str, width: int) -> onnx.ModelProto:
        """The graph: int32 (batch, tokens) inputs; the last node's output, float32 (batch, tokens, width)."""
        from onnx import TensorProto, helper

        self.nodes[-1].output[0] = output
        graph = helper.make_graph(
            self.nodes,
            "encoder",
            [helper.make_tensor_value_info(name, TensorProto.INT32, ["batch", "tokens"]) for name in inputs],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", "tokens", width])],
            self.constants,
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(FUSED, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)

    def layer(self, number: int, states: str, heads: int) -> str:
        """One layer: attention and two dense steps, each added to its input and normalised."""
        import numpy as np

        name = f"encoder.layer.{number}."
        parts = [f"{name}attention.self.{part}" for part in ("query", "key", "value")]
        square = self._put(f"{name}qkv", np.concatenate([self._weight(part).T for part in parts], axis=1))
        offset = self._put(f"{name}qkv.bias", np.concatenate([self._weight(part, "bias") for part in parts]))
        seen = self._node("Attention", [states, square, offset], [f"{name}seen"], num_heads=heads)
        states = self._added(f"{name}attention.output.", seen, states)
        wide = self._dense(f"{name}intermediate.dense", states)
        bent = self._node("BiasGelu", [wide, self._bias(f"{name}intermediate.dense")], [f"{name}bent"])
        return self._added(f"{name}output.", bent, states)

    def _added(self, name: str, states: str, before: str) -> str:
        dense = self.dense(f"{name}dense", states)
        return self._normed(f"{name}LayerNorm", self._node("Add", [dense, before], [f"{name}joined"], domain=""))

    def _normed(self, name: str, states: str) -> str:
        """The layer norm of each token's states in single steps; the fused one does not use vector instructions."""

        def step(kind: str, inputs: list[str], output: str, **attributes: list[int]) -> str:
            return self._node(kind, inputs, [f"{name}.{output}"], domain="", **attributes)

        mean = step("ReduceMean", [states], "mean", axes=[-1])
        centred = step("Sub", [states, mean], "centred")
        spread = step("ReduceMean", [step("Mul", [centred, centred], "squares")], "variance", axes=[-1])
        spread = step("Sqrt", [step("Add", [spread, self._number(f"{name}.epsilon", self._epsilon)], "sum")], "spread")
        weight, bias = self._norm(name)
        scaled = step("Mul", [step("Div", [centred, spread], "unit"), weight], "scaled")
        return step("Add", [scaled, bias], "normed")

    def _dense(self, name: str, states: str) -> str:
        return self._node("MatMul", [states, self._put(name, self._weight(name).T)], [f"{name}.out"], domain="")

    def _norm(self, name: str) -> list[str]:
        return [self._put(f"{name}.weight", self._weight(name)), self._bias(name)]

    def _bias(self, name: str) -> str:
        return self._put(f"{name}.bias", self._weight(name, "bias"))

    def _weight(self, name: str, part: str = "weight") -> npt.NDArray[np.float32]:
        try:
            return self._weights[f"{name}.{part}"]
        except KeyError as error:
            raise ModelError("a weight is missing in the model", path=self._path, expected=f"{name}.{part}") from error

    def _put(self, name: str, value: Numbers) -> str:
        import numpy as np
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _number(self, name: str, value: float) -> str:
        import numpy as np

        return self._put(name, np.array(value, dtype=np.float32))

    def _node(
        self,
        kind: str,
        inputs: list[str],
        outputs: list[str],
        *,
        domain: str = FUSED,
        **attributes: int | list[int],
    ) -> str:
        from onnx import helper

        node = helper.make_node(kind, inputs, outputs, name=outputs[0], domain=domain)
        node.attribute.extend(helper.make_attribute(name, value) for name, value in attributes.items())
        if kind.endswith("LayerNormalization"):
            node.attribute.append(helper.make_attribute("epsilon", self._epsilon))
        self.nodes.append(node)
        return outputs[0]


def quantised(graph: onnx.ModelProto, into: Path) -> onnx.ModelProto:
    """The same graph with 8-bit weights and a scale per column; activations are scaled for each text at run time."""
    import logging

    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    aside = into / "quantised.onnx"
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)  # it recommends a step for graphs with unknown shapes, which do not occur here
    try:
        quantize_dynamic(
            graph,
            aside,
            op_types_to_quantize=["MatMul", "Attention"],
            weight_type=QuantType.QInt8,
            per_channel=True,
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
        return onnx.load(aside)
    finally:
        logging.disable(before)
        aside.unlink(missing_ok=True)
