"""Compares answers with gold questions: figures, misses, and the threshold that suits these questions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Protocol

from rag.config import silent
from rag.evaluation.bootstrap import Interval, intervals
from rag.evaluation.calibration import (
    Effect,
    JudgedAnswer,
    OperatingPoint,
    check_enough,
    choose_operating_point,
    effect_of,
)
from rag.evaluation.gold import read_gold
from rag.evaluation.metrics import Figures, figures_of
from rag.evaluation.misses import Miss, miss_of
from rag.evaluation.outcomes import Outcome, Sources, outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rag.config import Progress
    from rag.evaluation.gold import GoldRow
    from rag.records import Answer, PageEntry, QuestionRow

__all__ = [
    "Calibration",
    "Evaluation",
    "Group",
    "calibrate",
    "evaluate",
    "evaluate_answers",
    "read_gold",
]


class Asked(Protocol):
    """What can be evaluated, such as an open index."""

    def ask_many(self, rows: Iterable[QuestionRow], *, always_answer: bool = False) -> Iterator[Answer]:
        """Answer each question, in order."""

    def pages(self) -> Iterable[PageEntry]:
        """The pages that were indexed."""


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of questions that have something in common, such as asking for a date."""

    name: str
    figures: Figures
    intervals: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The full result of one run over gold questions, in the order of the questions."""

    figures: Figures
    intervals: tuple[Interval, ...]
    by_kind: tuple[Group, ...]
    misses: tuple[Miss, ...]
    outcomes: tuple[Outcome, ...]
    answers: tuple[Answer, ...]
    always_answer: bool = False

    def to_dict(self) -> dict[str, object]:
        """Figures, intervals, groups and misses as a JSON object; figures are not rounded."""
        return {
            "always_answer": self.always_answer,
            "figures": dict(self.figures.named()),
            "intervals": _interval_dict(self.intervals),
            "by_kind": [
                {
                    "name": group.name,
                    "figures": dict(group.figures.named()),
                    "intervals": _interval_dict(group.intervals),
                }
                for group in self.by_kind
            ],
            "misses": [miss.to_dict() for miss in self.misses],
        }


def _interval_dict(found: Iterable[Interval]) -> dict[str, list[float]]:
    return {interval.name: [interval.low, interval.high] for interval in found}


def evaluate(
    index: Asked, gold: Sequence[GoldRow], *, always_answer: bool = False, progress: Progress | None = None
) -> Evaluation:
    """Ask an index all gold questions and compare the answers with gold, and their quotes with the files.

    ``always_answer`` switches refusing off, to judge ranking on its own.
    """
    answers = _ask_all(index, gold, always_answer=always_answer, progress=progress or silent)
    return evaluate_answers(gold, answers, Sources.indexed(index.pages()), always_answer=always_answer)


def evaluate_answers(
    gold: Sequence[GoldRow], answers: Sequence[Answer], sources: Sources | None = None, *, always_answer: bool = False
) -> Evaluation:
    """Compare answers from an earlier run with gold questions."""
    rows = outcomes(gold, answers, sources)
    given = {answer.id: answer for answer in answers}
    misses = (miss_of(row, given.get(row.gold.id)) for row in rows)
    return Evaluation(
        figures=figures_of(rows),
        intervals=intervals(rows),
        by_kind=_groups(rows),
        misses=tuple(miss for miss in misses if miss is not None),
        outcomes=tuple(rows),
        answers=tuple(answers),
        always_answer=always_answer,
    )


def _ask_all(index: Asked, gold: Sequence[GoldRow], *, always_answer: bool, progress: Progress) -> list[Answer]:
    answers = []
    for answer in index.ask_many((row.asked() for row in gold), always_answer=always_answer):
        answers.append(answer)
        progress("questions", len(answers), len(gold))
    return answers


def _groups(rows: Sequence[Outcome]) -> tuple[Group, ...]:
    """The groups of the questions, for each way of grouping that results in more than one."""
    ways: tuple[Callable[[Outcome], str | None], ...] = (_kind_of, _wording_of, _turn_of)
    found = []
    for way in ways:
        named: dict[str, list[Outcome]] = {}
        for row in rows:
            name = way(row)
            if name is not None:
                named.setdefault(name, []).append(row)
        if len(named) > 1 or any(len(held) < len(rows) for held in named.values()):
            found += [Group(name, figures_of(held), intervals(held)) for name, held in sorted(named.items())]
    return tuple(found)


def _kind_of(row: Outcome) -> str | None:
    if row.gold.kind is None:
        return None
    return f"kind: {row.gold.kind}" + ("" if row.gold.answerable else " (not answerable)")


def _wording_of(row: Outcome) -> str | None:
    if row.gold.paraphrased is None or not row.gold.answerable:
        return None
    return "wording: paraphrased" if row.gold.paraphrased else "wording: near the page's"


def _turn_of(row: Outcome) -> str:
    if row.gold.parts:
        return "turn: several questions in one"
    return "turn: follow-up" if row.gold.history else "turn: first"


@dataclass(frozen=True, slots=True)
class Calibration:
    """The effect of choosing the threshold with gold questions; the ``left_out`` questions have several parts."""

    before: Effect
    after: OperatingPoint
    questions: int
    left_out: int
    max_wrong: float | None = None

    def to_dict(self) -> dict[str, object]:
        """Both effects as a JSON object."""
        return {
            "questions": self.questions,
            "left_out": self.left_out,
            "max_wrong": self.max_wrong,
            "before": asdict(self.before),
            "after": asdict(self.after.effect),
            "held_out_balanced": self.after.held_out_balanced,
        }


def calibrate(
    index: Asked,
    gold: Sequence[GoldRow],
    *,
    threshold_confidence: float,
    max_wrong: float | None = None,
    progress: Progress | None = None,
) -> Calibration:
    """Choose the confidence below which this index should refuse, using gold questions; nothing is stored.

    ``threshold_confidence`` is the one in use, ``max_wrong`` the largest acceptable share of wrong answers among those
    given. Questions with several parts are left out, because each part is refused on its own.

    Raises:
        InputError: there are too few questions, or no threshold meets ``max_wrong``.

    """
    single = [row for row in gold if not row.parts]
    answerable = sum(row.answerable for row in single)
    check_enough(answerable, len(single) - answerable)  # before the long work, so that the error comes at once
    answers = _ask_all(index, single, always_answer=True, progress=progress or silent)
    judged = [
        JudgedAnswer(row.confidence, row.first_is_right, row.gold.answerable) for row in outcomes(single, answers)
    ]
    return Calibration(
        before=effect_of(judged, threshold_confidence),
        after=choose_operating_point(judged, max_wrong=max_wrong),
        questions=len(single),
        left_out=len(gold) - len(single),
        max_wrong=max_wrong,
    )
