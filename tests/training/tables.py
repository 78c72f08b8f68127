"""Tables of weights: the texts of ../shared/data they are made from, and how a new one differs from the committed one.

The README.md here shows the figures of both tables, each in a block of its own.
"""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["DATA", "HERE", "ROOT", "DataProblem", "differences", "say", "shared", "with_figures"]

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DATA = ROOT.parent / "shared" / "data"
# numbers that differ by no more than this are the same: the third decimal
SAME = 0.0005


class DataProblem(Exception):
    """The texts of ../shared/data are not there, or not the ones that a table was made from."""


def shared(name: str) -> Path:
    """A file of ../shared/data.

    Raises:
        DataProblem: it is not there.

    """
    path = DATA / name
    if not path.is_file():
        raise DataProblem(
            f"{name} is not in ../shared/data, beside the folder of this project. The tables of weights are made from "
            "texts that are not part of it: without them a table can be used, but not made again."
        )
    return path


def differences(committed: object, made: object, where: str = "", *, same: float = SAME) -> list[str]:
    """What is not the same in two tables, in words; numbers count as the same when they differ by ``same`` or less."""
    if isinstance(committed, dict) and isinstance(made, dict):
        names = list(dict.fromkeys([*committed, *made]))
        return [
            line
            for name in names
            for line in differences(
                committed.get(name), made.get(name), f"{where}.{name}" if where else name, same=same
            )
        ]
    if isinstance(committed, list) and isinstance(made, list) and len(committed) == len(made):
        pairs = enumerate(zip(committed, made, strict=True))
        return [line for place, (old, new) in pairs for line in differences(old, new, f"{where}[{place}]", same=same)]
    if isinstance(committed, int | float) and isinstance(made, int | float):
        return [] if abs(committed - made) <= same else [f"{where}: {committed} is {made} now"]
    return [] if committed == made else [f"{where}: {committed!r} is {made!r} now"]


def with_figures(readme: str, figures: str, heading: str = "") -> str:
    """The README.md with other figures in the first block behind a heading."""
    start = readme.index("```text\n", readme.index(heading)) + len("```text\n")
    return readme[:start] + figures + "\n" + readme[readme.index("```", start) :]


def say(line: str) -> None:
    """Tell the person who waits."""
    sys.stderr.write(line + "\n")
