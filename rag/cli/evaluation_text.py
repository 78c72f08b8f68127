"""An evaluation and a calibration as text for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.cli.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rag.evaluation.evaluate import Calibration, Evaluation
    from rag.evaluation.metrics import Figures
    from rag.evaluation.misses import Miss

__all__ = [
    "KIND_COLUMNS",
    "MEANINGS",
    "calibration_text",
    "cells",
    "evaluation_text",
    "heading",
    "number",
    "percent",
    "shorten",
]

MEANINGS = {
    "questions": "questions asked",
    "missing": "questions without an answer row",
    "hit@1": "the first quote contains the answer",
    "hit@3": "one of the first three quotes contains the answer",
    "found@3": "the same, counting the closest quotes of refused questions",
    "in50": "the answer is within the first 50 words shown",
    "in100": "within the first 100 words shown",
    "answered": "answerable questions that got an answer",
    "refused": "unanswerable questions that were refused",
    "balanced": "mean of answered and refused",
    "auroc": "chance that an answerable question gets more confidence than an unanswerable one",
    "ece": "gap between confidence and share right (0 is best)",
    "words@1": "mean words in the first quote",
    "words@3": "mean words in the first three quotes",
    "verbatim": "quotes found in their files word for word",
    "parts": "of questions that ask several things, the parts found",
    "all_parts": "such questions with every part found",
}
KIND_COLUMNS = ("questions", "hit@1", "hit@3", "answered", "refused", "words@1", "all_parts")
_SHOWN_CHARACTERS = 300  # four lines of a terminal


def evaluation_text(evaluation: Evaluation) -> str:
    """The figures with 95% intervals, the figures of each kind, and every miss with what was shown instead."""
    ranges = {interval.name: interval for interval in evaluation.intervals}
    lines = [heading(evaluation), ""]
    for name, value in evaluation.figures.named():
        known = ranges.get(name)
        between = f"[{known.low:.3f}, {known.high:.3f}]" if known else ""
        lines.append(f"{name:<10} {number(value):>8}  {between:<18} {MEANINGS[name]}")
    if evaluation.by_kind:
        names = [visible(group.name, one_line=True) for group in evaluation.by_kind]
        width = max(map(len, names))
        lines += ["", f"{'':<{width}}" + "".join(f" {name:>9}" for name in KIND_COLUMNS)]
        for name, group in zip(names, evaluation.by_kind, strict=True):
            row = cells(group.figures, KIND_COLUMNS)
            lines.append(f"{name:<{width}}" + "".join(f" {cell:>9}" for cell in row))
    lines += ["", f"{len(evaluation.misses)} of {evaluation.figures.questions} questions went wrong:"]
    for miss in evaluation.misses:
        lines += ["", *_miss_lines(miss)]
    return "\n".join(lines)


def calibration_text(found: Calibration) -> str:
    """The effect of a new threshold."""
    before, after = found.before, found.after.effect
    rows = [
        ("", "before", "after"),
        ("confidence required", f"{before.threshold_confidence:.3f}", f"{after.threshold_confidence:.3f}"),
        ("answerable questions answered", percent(before.answered), percent(after.answered)),
        ("other questions refused", percent(before.refused), percent(after.refused)),
        ("mean of both", percent(before.balanced), percent(after.balanced)),
        ("answers given", str(before.given), str(after.given)),
        ("wrong among answers given", percent(before.wrong), percent(after.wrong)),
    ]
    lines = [f"{name:<32}{old:>10}{new:>10}" for name, old, new in rows]
    lines += ["", f"On questions not used for the choice the mean of both is {percent(found.after.held_out_balanced)}:"]
    lines.append("expect that on new questions of the same kind, not the figure above.")
    if found.max_wrong is not None:
        lines.append(f"At most {percent(found.max_wrong)} of the answers given were allowed to be wrong.")
    if found.left_out:
        lines.append(f"{found.left_out} questions that ask several things were left out.")
    return "\n".join(lines)


def heading(evaluation: Evaluation) -> str:
    """How many questions were asked, and whether refusing was on."""
    asked = f"{evaluation.figures.questions} questions asked"
    return asked + (", without refusals" if evaluation.always_answer else "")


def number(value: float) -> str:
    """A figure as printed: counts as integers, shares to three decimals."""
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def percent(share: float | None) -> str:
    """A share in percent; “none” if there is no share."""
    return "none" if share is None else f"{100 * share:.1f}%"


def cells(figures: Figures, names: Iterable[str]) -> list[str]:
    """The named figures as cells of a table, “-” for missing ones."""
    known = dict(figures.named())
    return [number(known[name]) if name in known else "-" for name in names]


def shorten(text: str) -> str:
    """Text on one line, shortened to be read at a glance."""
    words = " ".join(text.split())
    return words if len(words) <= _SHOWN_CHARACTERS else words[: _SHOWN_CHARACTERS - 1] + "…"


def _miss_lines(miss: Miss) -> list[str]:
    lines = [f"{miss.gold.id}  {miss.gold.question}", f"    {miss.problem} (confidence {miss.confidence:.2f})"]
    if miss.wanted:
        lines.append(f"    wanted:  {shorten(' | '.join(miss.wanted))}")
    if miss.reason:
        lines.append(f"    reason:  {shorten(miss.reason)}")
    if miss.shown is not None:
        label = "closest:" if miss.refused else "shown:  "
        lines.append(f"    {label} {shorten(miss.shown.text)}  ({miss.shown.post_title})")
    return [visible(line, one_line=True) for line in lines]
