"""An evaluation: what went wrong, for which kinds, how reliable confidence is, and what a new threshold changes."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from makers import make_answer, make_quote

from rag.errors import InputError
from rag.evaluation.curves import reliability, risk_curve
from rag.evaluation.evaluate import calibrate, evaluate, evaluate_answers
from rag.evaluation.gold import GoldPart, GoldRow, read_gold
from rag.records import Answer, PageEntry, Quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rag.answering.engine import Index
    from rag.records import QuestionRow

PAGE = "The mill opened in 1821. It had two wheels.\n"


def quote(text: str) -> Quote:
    """A quote of the page, with its place."""
    return make_quote(text, PAGE, "m.txt", title="The mill")


def answer(id_: str, confidence: float, *texts: str, closest: tuple[str, ...] = ()) -> Answer:
    """An answer with these quotes, or a refusal without any."""
    near = tuple(map(quote, closest))
    return make_answer(*map(quote, texts), confidence=confidence, closest=near, reason="the posts are silent", id=id_)


class Canned:
    """An index with fixed answers; with refusals off, the closest quotes become the answer."""

    def __init__(self, answers: Iterable[Answer], page: Path) -> None:
        self._answers = {one.id: one for one in answers}
        self._page = page
        self.asked: list[QuestionRow] = []

    def ask_many(self, rows: Iterable[QuestionRow], *, always_answer: bool = False) -> Iterator[Answer]:
        """Answer each question, in order."""
        for row in rows:
            self.asked.append(row)
            known = self._answers[row.id]
            if always_answer and known.closest:
                known = answer(row.id, known.confidence, *(near.text for near in known.closest))
            yield known

    def pages(self) -> list[PageEntry]:
        """The one page."""
        return [PageEntry("m.txt", "0", "utf-8", "text", str(self._page))]


OPENED, WHEELS = "The mill opened in 1821.", "It had two wheels."
GOLD = [
    GoldRow("when", "When did it open?", answerable=True, wanted=GoldPart(("1821",)), kind="when", paraphrased=False),
    GoldRow("second", "When?", answerable=True, wanted=GoldPart(("1821",)), kind="when", history=("Which mill?",)),
    GoldRow(
        "shy", "How many wheels?", answerable=True, wanted=GoldPart(("two wheels",)), kind="number", paraphrased=True
    ),
    GoldRow("lost", "Which wheels?", answerable=True, wanted=GoldPart(("two wheels",)), kind="what"),
    GoldRow("bold", "Who owned it?", answerable=False, kind="near"),
    GoldRow("still", "What is a lathe?", answerable=False, kind="near"),
    GoldRow("both", "When, and what?", answerable=True, parts=(GoldPart(("1821",)), GoldPart(("two wheels",)))),
    GoldRow("gone", "?", answerable=False),
]
ANSWERS = [
    answer("when", 0.95, OPENED),
    answer("second", 0.85, WHEELS, OPENED),
    answer("shy", 0.3, closest=(WHEELS,)),
    answer("lost", 0.7, OPENED),
    answer("bold", 0.6, OPENED),
    answer("still", 0.1, closest=(WHEELS,)),
    answer("both", 0.8, OPENED),
]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """The page on disk."""
    path = tmp_path / "m.txt"
    path.write_text(PAGE, encoding="utf-8")
    return path


def test_every_way_of_going_wrong_is_reported_with_what_was_shown() -> None:
    """Misses name the problem; right answers and right refusals are not among them."""
    misses = {miss.gold.id: miss for miss in evaluate_answers(GOLD, ANSWERS).misses}
    assert {id_: miss.problem for id_, miss in misses.items()} == {
        "second": "quote 2 was the first right one",
        "shy": "it was refused, though quote 1 of the closest was right",
        "lost": "none of the quotes is right",
        "bold": "it was answered, though the pages do not answer it",
        "both": "1 of 2 parts were found",
        "gone": "there is no answer with this id",
    }
    assert misses["second"].shown == quote(WHEELS)
    assert (misses["shy"].shown, misses["shy"].refused) == (quote(WHEELS), True)
    assert misses["both"].wanted == ("1821", "two wheels")


def test_questions_are_grouped_by_kind_wording_and_turn() -> None:
    """Each group has the figures of its own questions alone."""
    groups = {group.name: group.figures for group in evaluate_answers(GOLD, ANSWERS).by_kind}
    assert (groups["kind: when"].questions, groups["kind: when"].hit_1, groups["kind: when"].hit_3) == (2, 0.5, 1.0)
    assert groups["kind: near (not answerable)"].refused == 0.5
    assert groups["wording: paraphrased"].hit_1 == 0.0
    assert groups["turn: follow-up"].questions == 1
    assert groups["turn: several questions in one"].parts == 0.5


def test_a_set_of_one_kind_has_no_groups() -> None:
    """Groups that contain every question are not reported."""
    gold = [GoldRow("when", "?", answerable=True, wanted=GoldPart(("1821",)))]
    assert evaluate_answers(gold, ANSWERS).by_kind == ()


def test_an_index_is_asked_with_history_and_its_quotes_are_checked(page: Path) -> None:
    """Each gold question is asked once, follow-ups with the previous questions; progress reaches the end."""
    steps: list[tuple[str, int, int]] = []
    index = Canned(ANSWERS, page)
    found = evaluate(index, GOLD[:7], progress=lambda *step: steps.append(step))
    assert [(row.id, row.history) for row in index.asked[:2]] == [("when", ()), ("second", ("Which mill?",))]
    assert steps[-1] == ("questions", 7, 7)
    assert found.figures.verbatim == 1.0
    page.write_text("x" + PAGE, encoding="utf-8")
    assert evaluate(index, GOLD[:7]).figures.verbatim == 0.0
    assert evaluate(index, GOLD[:7], always_answer=True).figures.answered == 1.0


def test_reliability_counts_what_the_calibration_error_counts() -> None:
    """The gaps of the tenths, weighted by their questions, add up to the figure."""
    found = evaluate_answers(GOLD, ANSWERS)
    bins = reliability(found.outcomes)
    total = sum(held.questions for held in bins)
    assert total == 7  # without the question of several parts
    assert sum(held.questions / total * abs(held.confidence - held.right) for held in bins) == pytest.approx(
        found.figures.ece
    )


def test_the_risk_curve_answers_the_surest_first() -> None:
    """Each point states the share answered and the share of those wrong; refused ones count by their closest quotes."""
    points = [
        (point.confidence, point.answered, point.wrong)
        for point in risk_curve(evaluate_answers(GOLD, ANSWERS).outcomes)
    ]
    assert points[0] == (0.95, 1 / 7, 0.0)
    assert points[1] == (0.85, 2 / 7, 1 / 2)
    assert points[4] == (0.3, 5 / 7, 3 / 5)  # the shy one would have been right
    assert points[-1] == (0.0, 1.0, 5 / 7)


def test_json_has_every_figure_unrounded() -> None:
    """The JSON object can be written, and has figures, intervals, groups and misses."""
    found = evaluate_answers(GOLD, ANSWERS)
    shape = json.loads(json.dumps(found.to_dict()))
    assert shape["figures"] == dict(found.figures.named())
    assert shape["intervals"]["hit@1"][0] <= shape["figures"]["hit@1"] <= shape["intervals"]["hit@1"][1]
    assert [miss["id"] for miss in shape["misses"]] == ["second", "shy", "lost", "bold", "both", "gone"]
    assert shape["misses"][1]["shown"]["text"] == WHEELS


def test_calibrating_asks_with_refusing_off_and_tells_both_effects(page: Path) -> None:
    """Refused questions whose closest quote was right count as right; those with several parts are left out."""
    gold = [GoldRow(f"y{n}", "?", answerable=True, wanted=GoldPart(("1821",))) for n in range(30)]
    gold += [GoldRow(f"n{n}", "?", answerable=False) for n in range(15)]
    answers = [answer(f"y{n}", 0.3 + n / 100, closest=(OPENED if n % 2 else WHEELS,)) for n in range(30)]
    answers += [answer(f"n{n}", 0.1 + n / 100, closest=(WHEELS,)) for n in range(15)]
    found = calibrate(Canned(answers, page), [*gold, GOLD[6]], threshold_confidence=0.7)
    assert (found.questions, found.left_out) == (45, 1)
    assert (found.before.answered, found.before.refused, found.before.wrong) == (0.0, 1.0, None)
    assert 0.24 < found.after.effect.threshold_confidence < 0.3
    assert (found.after.effect.balanced, found.after.effect.wrong) == (1.0, 0.5)
    assert json.loads(json.dumps(found.to_dict()))["after"]["given"] == 30


def test_calibrating_on_too_few_questions_asks_none(page: Path) -> None:
    """The error comes before the work."""
    index = Canned(ANSWERS, page)
    with pytest.raises(InputError, match="at least 20 answerable and 10 unanswerable ones, got 4 and 2"):
        calibrate(index, GOLD[:7], threshold_confidence=0.5)
    assert not index.asked


def test_real_answers_have_the_figures_that_the_ruler_gives_their_file(seed_index: Index, seeds: Path) -> None:
    """On the seed pages, an evaluation of every third question has exactly the figures that the ruler computes from the written answers."""
    ruler_path = Path(__file__).parents[3] / "shared" / "tools" / "score.py"
    if not ruler_path.is_file():
        pytest.skip("the ruler ../shared/tools/score.py is not here")
    spec = importlib.util.spec_from_file_location("ruler", ruler_path)
    assert spec is not None
    assert spec.loader is not None
    ruler = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(ruler)
    path = Path(__file__).parents[1] / "eval" / "seed-questions.jsonl"
    found = evaluate(seed_index, read_gold(path)[::3])
    written = [json.loads(json.dumps(one.to_dict())) for one in found.answers]
    assert dict(found.figures.named()) == ruler.score(ruler.read_jsonl(path)[::3], written, seeds)
    assert found.figures.verbatim == 1.0
