"""The graph of an MPNet encoder computes the same as torch, for every length."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import torch
from transformers import MPNetConfig, MPNetModel

from rag.embedding.devices import open_session
from rag.embedding.mpnet_graph import write_mpnet
from rag.embedding.prepared import GRAPH, INPUT

if TYPE_CHECKING:
    from pathlib import Path

LONGEST = 300


def test_states_are_those_of_torch(tmp_path: Path) -> None:
    """A small model with random weights; distances go beyond the one that counts as infinite."""
    torch.manual_seed(7)
    config = MPNetConfig(
        vocab_size=50,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=LONGEST + 2,
        initializer_range=0.4,
    )
    model = MPNetModel(config, add_pooling_layer=False).eval()
    folder, into = tmp_path / "model", tmp_path / "into"
    model.save_pretrained(folder)
    (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    into.mkdir()
    assert json.loads((folder / "config.json").read_text(encoding="utf-8"))["model_type"] == "mpnet"
    write_mpnet(folder, into, eight_bit=False, max_tokens=LONGEST)
    session = open_session(into / GRAPH)
    for texts, tokens in ((1, 1), (3, 9), (2, 140), (1, LONGEST)):
        ids = np.random.default_rng(tokens).integers(3, 50, (texts, tokens)).astype(np.int32)
        with torch.no_grad():
            wanted = model(torch.tensor(ids, dtype=torch.int64)).last_hidden_state.numpy()
        np.testing.assert_allclose(session.run(None, {INPUT: ids})[0], wanted, atol=2e-4)
