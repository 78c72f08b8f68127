"""Draw the loss of the reader's training: python tests/training/reader_curve.py WORK/curve.jsonl OUT.svg."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["draw"]

_WIDTH, _HEIGHT, _LEFT, _TOP = 560, 160, 46, 44
_COLOURS = {
    "passages": "#6b665e",
    "blogs": "#1c4f7c",
    "blogs again": "#9a3b26",
    "other posts": "#3c6b3a",
    "more passages": "#6b665e",
    "more posts": "#7a3f7d",
    "other words": "#1c4f7c",
    "still more words": "#9a3b26",
    "near misses": "#3c6b3a",
}


def draw(lines: Sequence[Mapping[str, object]]) -> str:
    """One line for each part, over all steps; ``lines`` have part, step, of and loss."""
    parts = list(dict.fromkeys(str(line["part"]) for line in lines))
    steps = {part: max(int(str(line["of"])) for line in lines if line["part"] == part) for part in parts}
    before = {part: sum(steps[one] for one in parts[:place]) for place, part in enumerate(parts)}
    whole, top = sum(steps.values()), max(float(str(line["loss"])) for line in lines)
    found = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH + _LEFT + 20}" height="{_HEIGHT + _TOP + 40}" '
            'font-family="sans-serif" font-size="12" fill="#1d1b18" role="img" aria-label="Loss against steps">'
        ),
        f'<rect width="{_WIDTH + _LEFT + 20}" height="{_HEIGHT + _TOP + 40}" fill="#fcfaf6"/>',
    ]
    for level in range(int(top) + 1):
        y = _TOP + _HEIGHT * (1 - level / top)
        found.append(f'<line x1="{_LEFT}" x2="{_LEFT + _WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e4dfd6"/>')
        found.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#6b665e">{level}</text>')
    for part in parts:
        points = [
            (
                _LEFT + _WIDTH * (before[part] + int(str(line["step"]))) / whole,
                _TOP + _HEIGHT * (1 - float(str(line["loss"])) / top),
            )
            for line in lines
            if line["part"] == part
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        colour = _COLOURS.get(part, "#1d1b18")
        found.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        # on two lines, because a short part has no room for its name beside the next; the last one ends where it ends
        y = _TOP - (10 if parts.index(part) % 2 else 26)
        x, anchor = (points[-1][0], "end") if part == parts[-1] else (points[0][0], "start")
        found.append(f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}" fill="{colour}">{part}</text>')
    label = f'<text x="{_LEFT}" y="{_TOP + _HEIGHT + 24}" fill="#6b665e">{whole:,} steps; loss to the left</text>'
    return "\n".join([*found, label, "</svg>", ""])


if __name__ == "__main__":
    rows = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    Path(sys.argv[2]).write_text(draw(rows), encoding="utf-8")
