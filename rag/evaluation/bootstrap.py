"""95% intervals of the figures, from resampling the questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.evaluation.metrics import BINS, confidence_bin

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from rag.evaluation.outcomes import Outcome

    Counts = npt.NDArray[np.float64]

__all__ = ["Interval", "intervals"]

# Across six seeds, the bounds of a share move by one question in a set of 63, by two in a set of 600 (0.008).
DRAWS = 2000
SEED = 0
_TAILS = (2.5, 97.5)  # percentiles with 95% between them


@dataclass(frozen=True, slots=True)
class Interval:
    """The middle 95% of a figure over resampled sets of questions; ``name`` is the printed name."""

    name: str
    low: float
    high: float


def intervals(rows: Sequence[Outcome]) -> tuple[Interval, ...]:
    """Bootstrap intervals of every figure that the outcomes have, from a fixed seed.

    Answerable questions, unanswerable ones and those with several parts are resampled separately, so that each draw has
    as many of each as the set.
    """
    import numpy as np

    if not rows:
        return ()
    random = np.random.default_rng(SEED)
    times = np.zeros((DRAWS, len(rows)))
    groups = [(bool(row.gold.parts), row.gold.answerable) for row in rows]
    for group in sorted(set(groups)):
        members = [number for number, own in enumerate(groups) if own == group]
        times[:, members] = random.multinomial(len(members), [1 / len(members)] * len(members), size=DRAWS)
    found = []
    for name, values in drawn_figures(rows, times):
        known = values[~np.isnan(values)]
        if known.size:
            low, high = np.percentile(known, _TAILS)
            found.append(Interval(name, float(low), float(high)))
    return tuple(found)


def drawn_figures(rows: Sequence[Outcome], times: Counts) -> list[tuple[str, Counts]]:
    """Every figure for each draw, float64 (n_draws,), NaN if a draw does not have it.

    ``times`` float64 (n_draws, n_rows) says how often each row was drawn.
    """
    import numpy as np

    single = [not row.gold.parts for row in rows]
    yes = [alone and row.gold.answerable for alone, row in zip(single, rows, strict=True)]
    no = [alone and not row.gold.answerable for alone, row in zip(single, rows, strict=True)]

    def share(values: Sequence[float], over: Sequence[float]) -> Counts:
        below = times @ np.array(over, dtype=float)
        with np.errstate(invalid="ignore", divide="ignore"):
            result: Counts = np.where(below > 0, times @ np.array(values, dtype=float) / below, np.nan)
        return result

    def among(mask: Sequence[bool], values: Sequence[bool]) -> Counts:
        return share([here and value for here, value in zip(mask, values, strict=True)], mask)

    def within(values: Sequence[int | None], most: int) -> list[bool]:
        return [value is not None and value <= most for value in values]

    gave = [row.gave for row in rows]
    answered, refused = among(yes, gave), among(no, [not given for given in gave])
    ranks, found, read = (
        [row.right_at for row in rows],
        [row.found_at for row in rows],
        [row.right_words for row in rows],
    )
    figures = [
        ("hit@1", among(yes, within(ranks, 1))),
        ("hit@3", among(yes, within(ranks, 3))),
        ("found@3", among(yes, within(found, 3))),
        ("in50", among(yes, within(read, 50))),
        ("in100", among(yes, within(read, 100))),
        ("answered", answered),
        ("refused", refused),
        ("balanced", (answered + refused) / 2),
        ("auroc", _drawn_auroc(rows, yes, no, times)),
        ("ece", _drawn_calibration_error(rows, single, times)),
        ("words@1", share([row.words_1 or 0 for row in rows], [row.words_1 is not None for row in rows])),
        ("words@3", share([row.words_3 or 0 for row in rows], [row.words_3 is not None for row in rows])),
        ("verbatim", share([sum(row.verbatim) for row in rows], [len(row.verbatim) for row in rows])),
    ]
    parts = [sum(row.found_parts) / len(row.found_parts) if row.found_parts else 0.0 for row in rows]
    several = [not alone for alone in single]
    figures.append(("parts", share(parts, several)))
    figures.append(("all_parts", among(several, [bool(row.found_parts) and all(row.found_parts) for row in rows])))
    return figures


def _drawn_auroc(rows: Sequence[Outcome], yes: Sequence[bool], no: Sequence[bool], times: Counts) -> Counts:
    import numpy as np

    sure = np.array([row.confidence for row in rows])
    high, low = np.array(yes, dtype=bool), np.array(no, dtype=bool)
    if not high.any() or not low.any():
        return np.full(len(times), np.nan)
    above = (sure[high][:, None] > sure[low][None, :]) + 0.5 * (sure[high][:, None] == sure[low][None, :])
    pairs = times[:, high].sum(axis=1) * times[:, low].sum(axis=1)
    result: Counts = ((times[:, high] @ above) * times[:, low]).sum(axis=1) / pairs
    return result


def _drawn_calibration_error(rows: Sequence[Outcome], single: Sequence[bool], times: Counts) -> Counts:
    import numpy as np

    gaps = np.zeros((len(rows), BINS))
    for number, row in enumerate(rows):
        if single[number]:
            gaps[number, confidence_bin(row.confidence)] = row.confidence - row.first_is_right
    total = times @ np.array(single, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        result: Counts = np.where(total > 0, np.abs(times @ gaps).sum(axis=1) / total, np.nan)
    return result
