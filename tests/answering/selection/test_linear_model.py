"""The weighted sum that both orders sentences and computes the confidence."""

from __future__ import annotations

import numpy as np
import pytest

from rag.answering.selection.linear_model import LinearModel

TABLE = {
    "near": {"mean": 1.0, "scale": 2.0, "weight": 3.0},
    "short": {"mean": 0.5, "scale": 0.25, "weight": -1.0},
}


def test_each_measure_counts_its_weight_for_each_scale_above_its_mean() -> None:
    """In the order of the names, row by row; the offset is only in the log odds."""
    model = LinearModel.of(("short", "near"), TABLE, offset=0.5)
    measures = np.array([[0.75, 1.0], [0.5, 5.0]], dtype=np.float32)
    assert model.contributions(measures).tolist() == [[-1.0, 0.0], [0.0, 6.0]]
    assert model.sums(measures).tolist() == [-1.0, 6.0]
    assert model.log_odds(measures[1]) == pytest.approx(6.5)


def test_a_model_is_written_as_it_is_read() -> None:
    """By name, whatever the order."""
    assert LinearModel.of(("near", "short"), TABLE).table() == TABLE


def test_in_a_blank_model_nothing_counts() -> None:
    """Whatever the features are."""
    assert LinearModel.blank(("near", "short")).log_odds(np.array([7.0, -7.0], dtype=np.float32)) == 0.0
