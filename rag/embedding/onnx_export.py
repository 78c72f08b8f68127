"""The embedding model as ONNX Runtime reads it: written once from the model's weights, kept in the user's cache.

    <user cache>/pullquote/encoders/<model>-<recipe>/
        encoder.onnx    the graph, a few kilobytes
        encoder.data    its weights; mapped, so that the word vectors that no text needs are never read
        tokenizer.json  the model's own
        prepared.json   the model's identity and the SHA-256 of each file

The graph is written from the weights as they lie in ``model.safetensors``, without torch, in ONNX Runtime's own fused
operations (attention, layer norm with its residual, GELU with its bias). It has no mask: the texts of a batch have
one length, so that none is padded.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rag.checksums import Stamps, sha256_of
from rag.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import numpy.typing as npt
    import onnx

    from rag.embedding.models import ModelIdentity

    Weights = dict[str, npt.NDArray[np.float32]]

__all__ = ["GRAPH", "INPUT", "TOKENIZER", "find_prepared", "prepared"]

GRAPH, TOKENIZER, INPUT = "encoder.onnx", "tokenizer.json", "ids"
_DATA, _SEAL = "encoder.data", "prepared.json"
# a graph written by another recipe is made anew
_RECIPE = 3
_FUSED = "com.microsoft"
# what ONNX Runtime 1.20 and later read
_OPSET, _IR_VERSION = 17, 9


def find_prepared(identity: ModelIdentity) -> Path | None:
    """Folder in the cache with the prepared model, every file as it was written; None where there is none.

    The weights are read for that once, and again when they were written to: the stamps lie in the same cache.
    """
    folder = _place(identity)
    try:
        seal = json.loads((folder / _SEAL).read_text(encoding="utf-8"))
        stamps = Stamps(folder)
        whole = all(stamps.is_right(name, digest) for name, digest in seal["files"].items())
        stamps.keep()
        return (
            folder
            if whole and seal["sha256"] == identity.sha256 and {GRAPH, _DATA, TOKENIZER} <= set(seal["files"])
            else None
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


@contextlib.contextmanager
def prepared(identity: ModelIdentity, model: Path) -> Iterator[Path]:
    """Folder with the prepared model; made first where it is missing or damaged.

    ``model`` is the folder of a plain BERT encoder. Where the cache cannot be written the folder is gone afterwards.

    Raises:
        ModelError: the weights are not those of such an encoder.

    """
    found = find_prepared(identity)
    if found is not None:
        yield found
        return
    place = _place(identity)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        _clear_left(place.parent)
        aside = Path(tempfile.mkdtemp(prefix=f".aside-{os.getpid()}-", dir=place.parent))
    except OSError as error:
        _say(f"{place.parent}: cannot keep the prepared model ({error.strerror})")
        aside = Path(tempfile.mkdtemp(prefix="pullquote-"))
    try:
        _prepare(identity, model, aside)
        yield _put(identity, aside, place)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _place(identity: ModelIdentity) -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("pullquote")) / "encoders" / f"{identity.sha256[:32]}-{_RECIPE}"


def _clear_left(encoders: Path) -> None:
    """Remove what processes that were killed have left, some ninety megabytes each."""
    for left in encoders.glob(".aside-*-*"):
        process = left.name.split("-")[1]
        if process.isdigit() and not _lives(int(process)):
            shutil.rmtree(left, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # somebody else's
        return True
    return True


def _put(identity: ModelIdentity, aside: Path, place: Path) -> Path:
    """Move what was made into its place, unless another process was there first or there is no place."""
    if aside.parent != place.parent:
        return aside
    with contextlib.suppress(OSError):
        aside.rename(place)
        return place
    if find_prepared(identity) is None:
        shutil.rmtree(place, ignore_errors=True)
        with contextlib.suppress(OSError):
            aside.rename(place)
    return place if place.is_dir() else aside


def _say(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201 - a person waits for this


def _prepare(identity: ModelIdentity, model: Path, into: Path) -> None:
    import onnx

    _say("preparing the embedding model (once, a few seconds) ...")
    graph = _graph(model)
    if identity.quantised:
        graph = _quantised(graph, into)
    onnx.save_model(graph, into / GRAPH, save_as_external_data=True, location=_DATA, size_threshold=1024)
    shutil.copyfile(model / TOKENIZER, into / TOKENIZER)
    files = {path.name: sha256_of(path) for path in sorted(into.iterdir())}
    (into / _SEAL).write_text(json.dumps({**asdict(identity), "files": files}, indent=1) + "\n", encoding="utf-8")
    into.chmod(0o755)


def _weights(model: Path) -> Weights:
    import numpy as np
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        read = load_file(model / "model.safetensors")
    except (OSError, SafetensorError, TypeError) as error:
        raise ModelError(f"the weights cannot be read ({error})", path=str(model)) from error
    return {name.removeprefix("bert."): value.astype(np.float32) for name, value in read.items()}


def _graph(model: Path) -> onnx.ModelProto:
    """Graph of the transformer: ids int32 (batch, tokens) to states float32 (batch, tokens, dim)."""
    from onnx import TensorProto, helper

    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    drawing = _Drawing(_weights(model), str(model), float(config["layer_norm_eps"]))
    states = drawing.embedding()
    for layer in range(int(config["num_hidden_layers"])):
        states = drawing.layer(layer, states, int(config["num_attention_heads"]))
    drawing.nodes[-1].output[0] = "states"
    graph = helper.make_graph(
        drawing.nodes,
        "encoder",
        [helper.make_tensor_value_info(INPUT, TensorProto.INT32, ["batch", "tokens"])],
        [helper.make_tensor_value_info("states", TensorProto.FLOAT, ["batch", "tokens", int(config["hidden_size"])])],
        drawing.constants,
    )
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_FUSED, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)


class _Drawing:
    """The nodes and constants of a graph while it is drawn."""

    def __init__(self, weights: Weights, path: str, epsilon: float) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._weights = weights
        self._path = path
        self._epsilon = epsilon

    def embedding(self) -> str:
        """Word and position vectors, summed and normed; all tokens are of the first kind of segment."""
        name = "embeddings."
        places = self._weight(f"{name}position_embeddings") + self._weight(f"{name}token_type_embeddings")[0]
        inputs = [INPUT, "", self._put("words", self._weight(f"{name}word_embeddings")), self._put("places", places)]
        norm = self._norm(f"{name}LayerNorm")
        return self._node("EmbedLayerNormalization", [*inputs, "", *norm], ["embedded", "unused"])

    def layer(self, number: int, states: str, heads: int) -> str:
        """One layer: attention and two dense steps, each added to what came in and normed."""
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
        dense = self._dense(f"{name}dense", states)
        inputs = [dense, before, *self._norm(f"{name}LayerNorm"), self._bias(f"{name}dense")]
        return self._node("SkipLayerNormalization", inputs, [f"{name}normed"])

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

    def _put(self, name: str, value: npt.NDArray[np.float32]) -> str:
        import numpy as np
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value, dtype=np.float32), name))
        return name

    def _node(
        self, kind: str, inputs: list[str], outputs: list[str], *, domain: str = _FUSED, num_heads: int | None = None
    ) -> str:
        from onnx import helper

        node = helper.make_node(kind, inputs, outputs, domain=domain)
        if kind.endswith("LayerNormalization"):
            node.attribute.append(helper.make_attribute("epsilon", self._epsilon))
        if num_heads is not None:
            node.attribute.append(helper.make_attribute("num_heads", num_heads))
        self.nodes.append(node)
        return outputs[0]


def _quantised(graph: onnx.ModelProto, into: Path) -> onnx.ModelProto:
    """The same graph with 8-bit weights, a scale for each column; activations are scaled text by text when it runs."""
    import logging

    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    aside = into / "quantised.onnx"
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)  # it advises a step for graphs with shapes unknown; this one has no such
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
