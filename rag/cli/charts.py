"""The charts of an evaluation as SVG, each with a table of the same numbers."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from rag.cli.evaluation_text import percent
from rag.cli.html_page import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.evaluation.curves import ReliabilityBin, RiskPoint

__all__ = ["reliability_chart", "risk_chart"]

_CURVE_ROWS = 20  # one for each twentieth of the questions can be read at a glance
# the drawing area inside a picture of 640 by 400: its left, top, width and height
_LEFT, _TOP, _WIDE, _HIGH = 60, 30, 560, 310


def reliability_chart(bins: Sequence[ReliabilityBin]) -> str:
    """A bar for each tenth of confidence: what share of its questions was right."""
    drawn = [_axes("confidence", "share right")]
    for held in bins:
        height, width = held.right * _HIGH, (held.high - held.low) * _WIDE - 4
        left = _LEFT + held.low * _WIDE + 2
        drawn.append(
            f'<rect class="bar" x="{left:.1f}" y="{_y(held.right)}" width="{width:.1f}" height="{height:.1f}"/>'
            f'<text text-anchor="middle" x="{left + width / 2:.1f}" y="{_TOP + (1 - held.right) * _HIGH - 10:.1f}">'
            f"{held.questions}</text>"
        )
    drawn.append(f'<line class="equal" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>')
    drawn += [f'<circle class="dot" cx="{_x(held.confidence)}" cy="{_y(held.right)}" r="4"/>' for held in bins]
    description = "; ".join(
        f"confidence {held.low:.1f} to {held.high:.1f}: {held.questions} questions, {percent(held.right)} right"
        for held in bins
    )
    rows = [
        [f"{held.low:.1f} to {held.high:.1f}", str(held.questions), f"{held.confidence:.3f}", f"{held.right:.3f}"]
        for held in bins
    ]
    numbers = table(("confidence", "questions", "mean confidence", "share right"), rows)
    picture = _picture("reliability", "Confidence against share right", description, "".join(drawn))
    return f"{picture}<details><summary>The same in numbers</summary>{numbers}</details>"


def risk_chart(curve: Sequence[RiskPoint], here: tuple[float, float] | None) -> str:
    """Share answered against share wrong; ``here`` is the point (answered, wrong) in use now."""
    points = " ".join(f"{_x(point.answered)},{_y(point.wrong)}" for point in curve)
    drawn = [
        _axes("share of questions answered", "share of answers wrong"),
        f'<polyline class="curve" points="{points}"/>',
    ]
    description = "no question was answered"
    if here is not None:
        answered, wrong = here
        description = (
            f"now {percent(answered)} of the questions are answered, {percent(wrong)} of these answers are wrong"
        )
        drawn.append(f'<circle class="now" cx="{_x(answered)}" cy="{_y(wrong)}" r="6"/>')
    few = [*curve[: -1 : len(curve) // _CURVE_ROWS + 1], *curve[-1:]]
    rows = [[f"{point.confidence:.3f}", f"{point.answered:.3f}", f"{point.wrong:.3f}"] for point in few]
    numbers = table(("confidence from", "share answered", "share of these wrong"), rows)
    picture = _picture("risk", "Share answered against share wrong", description, "".join(drawn))
    said = escape(description[0].upper() + description[1:])
    return f"{picture}<p>{said}.</p><details><summary>The same in numbers</summary>{numbers}</details>"


def _picture(name: str, title: str, description: str, drawn: str) -> str:
    return (
        f'<svg viewBox="0 0 640 400" role="img" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{title}</title><desc id="{name}-desc">{escape(description)}</desc>{drawn}</svg>'
    )


def _axes(across: str, up: str) -> str:
    lines = []
    for number in range(0, 11, 2):
        share = number / 10
        lines.append(f'<line class="grid" x1="{_x(0)}" x2="{_x(1)}" y1="{_y(share)}" y2="{_y(share)}"/>')
        lines.append(
            f'<text text-anchor="end" x="{_LEFT - 8}" y="{_TOP + (1 - share) * _HIGH + 5:.1f}">{share:.1f}</text>'
        )
        lines.append(f'<text text-anchor="middle" x="{_x(share)}" y="{_TOP + _HIGH + 20}">{share:.1f}</text>')
    middle = _TOP + _HIGH / 2
    lines.append(f'<text text-anchor="middle" x="{_x(0.5)}" y="{_TOP + _HIGH + 46}">{across}</text>')
    lines.append(f'<text text-anchor="middle" transform="translate(16 {middle:.0f}) rotate(-90)">{up}</text>')
    return "".join(lines)


def _x(share: float) -> str:
    return f"{_LEFT + share * _WIDE:.1f}"


def _y(share: float) -> str:
    return f"{_TOP + (1 - share) * _HIGH:.1f}"
