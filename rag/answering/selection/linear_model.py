"""A weighted sum of named features: it orders sentences, and it computes the confidence of an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    Matrix = npt.NDArray[np.float32]

__all__ = ["LinearModel"]

# decimals kept of each number when a model is written
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Mean, scale and weight of each named feature, each float32 (n_measures,) in the order of ``names``."""

    names: tuple[str, ...]
    means: Matrix
    scales: Matrix
    weights: Matrix
    offset: float = 0.0

    @classmethod
    def of(cls, names: Sequence[str], table: Mapping[str, Mapping[str, float]], offset: float = 0.0) -> Self:
        """Read a model from a table of ``mean``, ``scale`` and ``weight`` by name."""
        import numpy as np

        means, scales, weights = (
            np.array([table[name][key] for name in names], dtype=np.float32) for key in ("mean", "scale", "weight")
        )
        return cls(tuple(names), means, scales, weights, offset)

    @classmethod
    def blank(cls, names: Sequence[str]) -> Self:
        """A model in which every weight is zero."""
        import numpy as np

        nothing = np.zeros(len(names), dtype=np.float32)
        return cls(tuple(names), nothing, nothing + 1, nothing)

    def contributions(self, measures: Matrix) -> Matrix:
        """What each feature adds: float32, the shape of ``measures``, which is (..., n_measures)."""
        return (measures - self.means) / self.scales * self.weights

    def sums(self, measures: Matrix) -> Matrix:
        """The sum of each row of features, without the offset: float32 (n_rows,)."""
        total: Matrix = self.contributions(measures).sum(axis=1)
        return total

    def log_odds(self, measures: Matrix) -> float:
        """The sum of one row of features, float32 (n_measures,), and the offset."""
        return float(self.contributions(measures).sum()) + self.offset

    def table(self) -> dict[str, dict[str, float]]:
        """The model as `of` reads it."""
        columns = {"mean": self.means, "scale": self.scales, "weight": self.weights}
        return {
            name: {key: round(float(column[place]), _DECIMALS) for key, column in columns.items()}
            for place, name in enumerate(self.names)
        }
