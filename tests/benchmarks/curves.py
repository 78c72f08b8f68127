"""The growth curves as one picture (SVG): a panel for each figure, chunks to the right, both axes logarithmic."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["draw"]

_WIDTH, _HEIGHT, _LEFT, _TOP = 200, 120, 46, 30
_PANELS = ("answer ms", "memory MB", "disk MB", "build s", "recall")


def draw(lines: Sequence[Mapping[str, float]]) -> str:
    """Draw a panel for each figure; ``lines`` have "chunks" and the figures."""
    across = (_WIDTH + _LEFT + 14) * len(_PANELS)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{across}" height="{_HEIGHT + 76}" font-family="sans-serif" '
            'font-size="10" role="img" aria-label="Time, memory, disk and recall against the number of chunks">'
        ),
        f'<rect width="{across}" height="{_HEIGHT + 76}" fill="white"/>',
    ]
    for number, name in enumerate(_PANELS):
        parts.append(f'<g transform="translate({number * (_WIDTH + _LEFT + 14) + _LEFT},{_TOP})">')
        parts += _panel(name, [(line["chunks"], line[name]) for line in lines])
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def _panel(name: str, points: Sequence[tuple[float, float]]) -> list[str]:
    flat = name == "recall"
    right = [math.log10(chunks) for chunks, _ in points]
    values = [value if flat else math.log10(max(value, 1e-3)) for _, value in points]
    low, high = (0.9, 1.02) if flat else (math.floor(min(values)), math.ceil(max(values)))
    high = max(high, low + 0.1)
    first, last = right[0], max(right[-1], right[0] + 0.1)

    def at(x: float, y: float) -> str:
        return (
            f"{(x - first) / (last - first) * _WIDTH:.1f},{_HEIGHT - (max(y, low) - low) / (high - low) * _HEIGHT:.1f}"
        )

    parts = [
        f'<text x="0" y="-10" font-size="12" font-weight="bold">{name}</text>',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="none" stroke="#888"/>',
        f'<polyline fill="none" stroke="#14508c" stroke-width="2" points="{" ".join(map(at, right, values))}"/>',
    ]
    for x, y, (chunks, value) in zip(right, values, points, strict=True):
        place = at(x, y).split(",")
        shown = f"{value:.3f}" if flat else f"{value:,.0f}" if value >= 10 else f"{value:.1f}"
        parts.append(f'<circle cx="{place[0]}" cy="{place[1]}" r="3" fill="#14508c"/>')
        parts.append(f'<text x="{place[0]}" y="{float(place[1]) - 6:.1f}" text-anchor="middle">{shown}</text>')
        label = f"{chunks / 1e6:g}M" if chunks >= 1e6 else f"{chunks / 1e3:g}k"
        parts.append(f'<text x="{place[0]}" y="{_HEIGHT + 14}" text-anchor="middle">{label}</text>')
    parts.append(f'<text x="{_WIDTH / 2}" y="{_HEIGHT + 30}" text-anchor="middle">chunks</text>')
    return parts
