"""The growth curves as one picture (SVG): a panel for each figure, chunks from left to right, logarithmic axes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["draw"]

_PANELS = {
    "answer ms": "question to answer, ms",
    "memory MB": "memory of asking, MB",
    "recall": "recall of the nearest ten",
    "disk MB": "disk, MB",
    "build s": "writing, without embedding, s",
}
_IN_A_ROW = 3
_WIDTH, _HEIGHT, _ACROSS, _DOWN = 200, 84, 270, 150
_LEFT, _TOP = 40, 40
_INK, _GREY, _LINE = "#1d1b18", "#6b665e", "#1c4f7c"


def draw(lines: Sequence[Mapping[str, float]]) -> str:
    """Draw a panel for each figure; ``lines`` have "chunks" and the figures."""
    across = _ACROSS * _IN_A_ROW
    down = _DOWN * -(-len(_PANELS) // _IN_A_ROW)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{across}" height="{down}" font-family="sans-serif" '
            f'font-size="12" fill="{_INK}" role="img" '
            'aria-label="Time, memory, recall and disk against the number of chunks">'
        ),
        f'<rect width="{across}" height="{down}" fill="#fcfaf6"/>',
    ]
    for number, (name, title) in enumerate(_PANELS.items()):
        row, column = divmod(number, _IN_A_ROW)
        parts.append(f'<g transform="translate({column * _ACROSS + _LEFT},{row * _DOWN + _TOP})">')
        parts += _panel(name, title, [(line["chunks"], line[name]) for line in lines])
        parts.append("</g>")
    x, y = _ACROSS * (_IN_A_ROW - 1) + _LEFT - 20, down - _DOWN + _TOP
    for number, words in enumerate(
        ("To the right: chunks.", "Both axes are logarithmic,", "but for recall: from 0.9 up.")
    ):
        parts.append(f'<text x="{x}" y="{y + 18 * number}" fill="{_GREY}">{words}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _panel(name: str, title: str, points: Sequence[tuple[float, float]]) -> list[str]:
    flat = name == "recall"
    right = [math.log10(chunks) for chunks, _ in points]
    values = [value if flat else math.log10(max(value, 1e-3)) for _, value in points]
    low, high = (0.9, 1.02) if flat else (math.floor(min(values)), math.ceil(max(values)))
    high = max(high, low + 0.1)
    first, last = right[0], max(right[-1], right[0] + 0.1)
    places = [
        ((x - first) / (last - first) * _WIDTH, _HEIGHT - (max(y, low) - low) / (high - low) * _HEIGHT)
        for x, y in zip(right, values, strict=True)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    parts = [
        f'<text x="-20" y="-22" font-size="13" font-weight="bold">{title}</text>',
        f'<line x1="0" y1="{_HEIGHT}" x2="{_WIDTH}" y2="{_HEIGHT}" stroke="{_GREY}" stroke-width="0.6"/>',
        f'<polyline fill="none" stroke="{_LINE}" stroke-width="2" points="{line}"/>',
    ]
    for (x, y), (chunks, value) in zip(places, points, strict=True):
        shown = f"{value:.3f}" if flat else f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
        label = f"{chunks / 1e6:g}M" if chunks >= 1e6 else f"{chunks / 1e3:g}k"
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{_LINE}"/>')
        parts.append(f'<text x="{x:.1f}" y="{y - 7:.1f}" text-anchor="middle">{shown}</text>')
        parts.append(f'<text x="{x:.1f}" y="{_HEIGHT + 16}" fill="{_GREY}" text-anchor="middle">{label}</text>')
    return parts
