"""The quality gate: floors of figures for pinned question files, which rise freely and fall only with a reason.

        python tests/eval/gate.py                    measure and compare; exit status 1 if a figure is below its floor
        python tests/eval/gate.py --update           raise floors to the current figures; never lowers one
        python tests/eval/gate.py --lower REASON     lower the violated floors, with the reason in CHANGELOG.md

        python tests/eval/gate.py --all              ask every question of every set, embed all pages with the default
                                                     weights, and only print the figures

`--set NAME` (repeatable) selects question sets. Those of ../shared are left out if it does not exist.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rag.evaluation.evaluate import Evaluation

ROOT = Path(__file__).resolve().parents[2]
FLOORS = Path(__file__).with_name("floors.json")
CHANGELOG = ROOT / "CHANGELOG.md"


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """A file of gold questions and the pages they are about, both relative to the project's folder.

    ``every`` is 1 if all questions are asked, 4 if every fourth one is. With ``quantised``, the pages are embedded with
    8-bit weights.
    """

    name: str
    questions: str
    pages: str
    every: int = 1
    quantised: bool = False

    @property
    def is_here(self) -> bool:
        """Whether both exist."""
        return (ROOT / self.questions).is_file() and (ROOT / self.pages).is_dir()

    def sha256(self) -> str:
        """The hash of the lines of the question file that are asked."""
        lines = (ROOT / self.questions).read_bytes().splitlines(keepends=True)
        return hashlib.sha256(b"".join(lines[:: self.every])).hexdigest()


SETS = (
    QuestionSet("seeds", "tests/eval/seed-questions.jsonl", "seeds"),
    QuestionSet("shared-seeds", "../shared/gold/seed-questions.jsonl", "seeds"),
    # the large heaps with 8-bit weights, in half the time of the others
    QuestionSet(
        "govblog", "../shared/data/govblog/questions-dev.jsonl", "../shared/data/govblog/pages", quantised=True
    ),
    QuestionSet(
        "govblog-conversations",
        "../shared/data/govblog/conversations-dev.jsonl",
        "../shared/data/govblog/pages",
        quantised=True,
    ),
    # a part of their 538 and 600 questions, because of the time they take
    QuestionSet(
        "blogs", "../shared/data/blogs/questions-dev.jsonl", "../shared/data/blogs/pages", every=4, quantised=True
    ),
    QuestionSet("squad", "../shared/data/squad/questions-dev.jsonl", "../shared/data/squad/pages", every=4),
)


# Of 407 questions, 6 have another first quote where the reader computes in floats, because the processor has no
# instructions for 8 bits.
_OTHERWISE = 0.02


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure, and its tolerance for other machines, where some questions may have another outcome.

    ``sign`` is 1 if higher is better and -1 if lower is.
    """

    value: float
    slack: float
    sign: int = 1

    def limit(self) -> float:
        """The floor (or ceiling) that this measurement supports, to three digits, rounded away from the value."""
        rounded = math.floor if self.sign > 0 else math.ceil
        return rounded(round((self.value - self.sign * self.slack) * 1000, 6)) / 1000


@dataclass(frozen=True, slots=True)
class Pinned:
    """The pinned state of one question set: the hash of its file, and the limit of each figure."""

    sha256: str
    limits: Mapping[str, float]


def measured_of(evaluation: Evaluation) -> dict[str, Measured]:
    """The pinned figures, each with a tolerance of some questions."""
    rows = [row.gold for row in evaluation.outcomes]
    single = [row for row in rows if not row.parts]
    yes = sum(row.answerable for row in single)
    one, other = _tolerance(yes), _tolerance(len(single) - yes)
    part = _tolerance(len(rows) - len(single))
    slack = dict.fromkeys(("hit@1", "hit@3", "found@3", "in50", "in100"), one)
    slack |= {"balanced": (one + other) / 2, "parts": part, "all_parts": part, "verbatim": 0.0}
    slack |= {"auroc": one / 2, "ece": _tolerance(len(single)), "words@1": 1.0}
    falling = {"ece", "words@1"}
    found = {
        name: Measured(value, slack[name], -1 if name in falling else 1)
        for name, value in evaluation.figures.named()
        if name in slack
    }
    for group in evaluation.by_kind:
        if group.name == "turn: follow-up" and group.figures.hit_3 is not None:
            found["follow-up hit@3"] = Measured(group.figures.hit_3, 1 / group.figures.questions)
    return found


def _tolerance(questions: int) -> float:
    """The part of some questions that may have another outcome on another machine."""
    return max(1, math.ceil(questions * _OTHERWISE)) / max(questions, 1)


def problems(pinned: Pinned | None, sha256: str, measured: Mapping[str, Measured]) -> list[str]:
    """The limits that are violated, in words; empty if the gate is passed."""
    if pinned is None:
        return ["no floors are pinned yet: run python tests/eval/gate.py --update"]
    if pinned.sha256 != sha256:
        return ["the question file is not the one that the floors were measured with"]
    told = []
    for name, limit in pinned.limits.items():
        found = measured.get(name)
        if found is None:
            told.append(f"{name} is not measured any more; its limit is {limit:.3f}")
        elif found.sign * (found.value - limit) < 0:
            told.append(f"{name} is {found.value:.3f}, {'below' if found.sign > 0 else 'above'} {limit:.3f}")
    return told


def raised(pinned: Pinned | None, sha256: str, measured: Mapping[str, Measured]) -> Pinned:
    """The limits, each tightened to the measurement if that is better; none is ever loosened.

    Raises ValueError if the question file changed, because limits say nothing about other questions.
    """
    if pinned is None:
        return lowered(None, sha256, measured)
    if pinned.sha256 != sha256:
        raise ValueError("the question file changed; --lower REASON pins the new one")
    limits = dict(pinned.limits)
    for name, found in measured.items():
        old = limits.get(name)
        limits[name] = found.limit() if old is None else found.sign * max(found.sign * old, found.sign * found.limit())
    return replace(pinned, limits=limits)


def lowered(pinned: Pinned | None, sha256: str, measured: Mapping[str, Measured]) -> Pinned:
    """The limits that the measurement supports; for the same questions, only violated limits are loosened."""
    limits = {name: found.limit() for name, found in measured.items()}
    if pinned is not None and pinned.sha256 == sha256:
        for name, found in measured.items():
            old = pinned.limits.get(name)
            if old is not None and found.sign * (found.value - old) >= 0:
                limits[name] = found.sign * max(found.sign * old, found.sign * limits[name])
    return Pinned(sha256, limits)


def loosened(name: str, old: Pinned | None, new: Pinned, measured: Mapping[str, Measured]) -> list[str]:
    """One line for each limit that became easier to pass, or for a change of the questions."""
    if old is None:
        return []
    lines = [] if old.sha256 == new.sha256 else [f"{name}: the questions changed"]
    for figure, limit in old.limits.items():
        now = new.limits.get(figure)
        if now is None:
            lines.append(f"{name}: {figure} is not pinned any more (was {limit:.3f})")
        elif measured[figure].sign * (now - limit) < 0:
            lines.append(f"{name}: {figure} from {limit:.3f} to {now:.3f}")
    return lines


def noted(changelog: str, lines: Sequence[str], reason: str) -> str:
    """The changelog with one more entry at the end of its newest section."""
    entry = f"- Quality floors lowered ({'; '.join(lines)}): {reason}\n"
    first = changelog.find("\n## ")
    second = changelog.find("\n## ", first + 1) if first >= 0 else -1
    if second < 0:
        return changelog.rstrip("\n") + "\n" + entry
    return changelog[:second].rstrip("\n") + "\n" + entry + changelog[second:]


def read_floors() -> dict[str, Pinned]:
    """The pins, by the name of the question set."""
    shape = json.loads(FLOORS.read_text(encoding="utf-8"))
    return {name: Pinned(held["sha256"], held["limits"]) for name, held in shape.items()}


def write_floors(floors: Mapping[str, Pinned]) -> None:
    """Write the pins in the order of the question sets."""
    names = [one.name for one in SETS if one.name in floors]
    shape = {name: {"sha256": floors[name].sha256, "limits": dict(floors[name].limits)} for name in names}
    FLOORS.write_text(json.dumps(shape, indent=2) + "\n", encoding="utf-8")


class Bench:
    """Measures question sets; an index is built once for each folder of pages, in a folder that the caller owns."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._built: dict[tuple[str, bool], Path] = {}

    def measure(self, one: QuestionSet) -> dict[str, Measured]:
        """Build the index if it does not exist, ask the questions, and return the pinned figures."""
        from rag import build_index, open_index
        from rag.embedding.models import DEFAULT_MODEL, QUANTISED
        from rag.evaluation.evaluate import evaluate
        from rag.evaluation.gold import read_gold

        built = one.pages, one.quantised
        if built not in self._built:
            into = self._home / f"index-{len(self._built)}"
            build_index([ROOT / one.pages], into=into, model=DEFAULT_MODEL + QUANTISED * one.quantised)
            self._built[built] = into
        with open_index(self._built[built]) as index:
            return measured_of(evaluate(index, read_gold(ROOT / one.questions)[:: one.every]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the gate from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", choices=[one.name for one in SETS], dest="sets", metavar="NAME")
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--all", action="store_true", help="measure in full, and only print the figures")
    change.add_argument("--update", action="store_true", help="raise floors")
    change.add_argument("--lower", metavar="REASON", help="lower floors, and note the reason in CHANGELOG.md")
    options = parser.parse_args(arguments)
    if options.lower is not None and not options.lower.strip():
        parser.error("--lower needs a reason")
    floors = read_floors()
    failed, notes = False, []
    with tempfile.TemporaryDirectory() as home:
        bench = Bench(Path(home))
        for one in _chosen(options.sets):
            if options.all:
                _show(one.name, None, bench.measure(replace(one, every=1, quantised=False)))
                continue
            measured, old = bench.measure(one), floors.get(one.name)
            _show(one.name, old, measured)
            if options.lower is not None:
                floors[one.name] = lowered(old, one.sha256(), measured)
                notes += loosened(one.name, old, floors[one.name], measured)
                continue
            if options.update and (old is None or old.sha256 == one.sha256()):
                floors[one.name] = raised(old, one.sha256(), measured)
            for problem in problems(floors.get(one.name), one.sha256(), measured):
                failed = True
                _say(f"  {one.name}: {problem}")
    if options.update or options.lower is not None:
        write_floors(floors)
    if notes:
        CHANGELOG.write_text(
            noted(CHANGELOG.read_text(encoding="utf-8"), notes, options.lower.strip()), encoding="utf-8"
        )
    return 1 if failed else 0


def _chosen(names: Iterable[str] | None) -> list[QuestionSet]:
    wanted = [one for one in SETS if names is None or one.name in set(names)]
    for one in wanted:
        if not one.is_here:
            _say(f"{one.name}: left out, {one.questions} is not here")
    return [one for one in wanted if one.is_here]


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _show(name: str, pinned: Pinned | None, measured: Mapping[str, Measured]) -> None:
    _say(name)
    for figure, found in measured.items():
        limit = None if pinned is None else pinned.limits.get(figure)
        held = "" if limit is None else f"{'at least' if found.sign > 0 else 'at most'} {limit:.3f}"
        _say(f"  {figure:<16} {found.value:8.3f}  {held}".rstrip())


if __name__ == "__main__":
    sys.exit(main())
