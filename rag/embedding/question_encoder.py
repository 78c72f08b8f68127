"""The encoder for questions: a question to a vector that lies near the sentences that answer it, whatever their words.

A question and the sentence that answers it in other words lie apart for the packaged model, which was trained on
sentences that mean the same. This encoder is that model with a low-rank addition to each of its matrices (LoRA: Hu et
al. 2021, arXiv:2106.09685), trained on questions (``tests/training/question_encoder.py``). Sentences and chunks keep
the vectors that the packaged model gave them, so an index serves both.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rag.embedding.devices import open_session
from rag.embedding.encoder import unit
from rag.embedding.prepared import INPUT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    from tokenizers import Tokenizer

    Vector = npt.NDArray[np.float32]
    Weights = dict[str, npt.NDArray[np.float32]]

__all__ = ["MAX_TOKENS", "QuestionEncoder", "question_weights", "write_question_encoder"]

# tokens of a question that are read, those at its beginning and end included
MAX_TOKENS = 64
# what ships: for the matrix NAME.weight, "question.NAME.up" (outputs, rank) times "question.NAME.down" (rank, inputs)
_PREFIX, _UP, _DOWN = "question.", ".up", ".down"
_GRAPH, _DATA = "questions.onnx", "questions.data"


class QuestionEncoder:
    """A prepared encoder for questions in ONNX Runtime; safe to use from several threads."""

    def __init__(self, tokenizer: Tokenizer, folder: Path, card: str | None = None) -> None:
        self._tokenizer = tokenizer
        self._session = open_session(folder / _GRAPH, card)

    def encode(self, question: str) -> Vector:
        """The vector of a question, float32 (dim,), of unit length: the mean of its tokens' states."""
        import numpy as np

        ids = self._tokenizer.encode(question).ids
        if len(ids) > MAX_TOKENS:
            ids = [*ids[: MAX_TOKENS - 1], ids[-1]]
        states = self._session.run(None, {INPUT: np.array([ids], dtype=np.int32)})[0][0]
        return unit(states.mean(axis=0))


def question_weights(base: Weights, shipped: Mapping[str, npt.NDArray[np.float32]]) -> Weights:
    """The encoder's weights: those of the packaged model, with the low-rank additions that ship."""
    found = dict(base)
    for name, up in shipped.items():
        if name.startswith(_PREFIX) and name.endswith(_UP):
            matrix = name.removeprefix(_PREFIX).removesuffix(_UP)
            found[f"{matrix}.weight"] = found[f"{matrix}.weight"] + up @ shipped[f"{_PREFIX}{matrix}{_DOWN}"]
    return found


def write_question_encoder(
    folder: Path, shipped: Mapping[str, npt.NDArray[np.float32]], into: Path, *, eight_bit: bool
) -> None:
    """Write the encoder's graph and weights; ``folder`` is that of the packaged model.

    Raises:
        ModelError: the packaged model is missing or damaged.

    """
    from rag.embedding.onnx_export import read_weights, save_graph
    from rag.embedding.reader_graph import ReaderDrawing

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    weights = question_weights(read_weights(folder), shipped)
    drawing = ReaderDrawing(weights, str(folder), float(config["layer_norm_eps"]), eight_bit=eight_bit)
    drawing.transformer(config)
    save_graph(drawing.model([INPUT], "states", int(config["hidden_size"])), into, _GRAPH, _DATA)
