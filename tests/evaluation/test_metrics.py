"""The figures of answers: our own definitions, and agreement with the shared ruler if it is there."""

from __future__ import annotations

import importlib.util
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from makers import make_answer, make_quote

from rag.evaluation.gold import GoldPart, GoldRow, gold_row
from rag.evaluation.metrics import Figures, figures, figures_of_rows
from rag.evaluation.outcomes import Sources
from rag.records import Answer, PageEntry, Quote

if TYPE_CHECKING:
    from types import ModuleType

RULER = Path(__file__).parents[3] / "shared" / "tools" / "score.py"
PAGE = "The mill opened in 1821.  It had two wheels.\nThe last miller left in 1930, when the river was turned.\n"


def quote(text: str, file: str = "mill.txt", *, start: int | None = None) -> Quote:
    """A quote of the page, with its place."""
    return make_quote(text, PAGE, file, title="The mill", start=start)


def answer(id_: str, confidence: float, *texts: str, closest: tuple[str, ...] = ()) -> Answer:
    """An answer with these quotes, or a refusal without any."""
    return make_answer(*map(quote, texts), confidence=confidence, closest=tuple(map(quote, closest)), id=id_)


def yes(id_: str, *evidence: str, files: tuple[str, ...] = ()) -> GoldRow:
    """An answerable gold row."""
    return GoldRow(id_, "?", answerable=True, wanted=GoldPart(evidence, files))


def no(id_: str) -> GoldRow:
    """A gold row that the page does not answer."""
    return GoldRow(id_, "?", answerable=False)


def test_hits_count_the_rank_of_the_first_right_quote_and_refusals_as_misses() -> None:
    """hit@1 and hit@3 are over all answerable questions; found@3 also looks at the closest quotes."""
    gold = [yes("a", "1821"), yes("b", "1821"), yes("c", "1821"), yes("d", "1821")]
    answers = [
        answer("a", 0.9, "The mill opened in 1821."),
        answer("b", 0.8, "It had two wheels.", "The mill opened in 1821."),
        answer("c", 0.2, closest=("The mill opened in 1821.",)),
    ]
    got = figures(gold, answers)
    assert (got.hit_1, got.hit_3, got.found_3) == (0.25, 0.5, 0.75)
    assert (got.answered, got.refused, got.missing) == (0.5, None, 1)


def test_evidence_is_found_over_any_white_space_and_counts_words_up_to_its_end() -> None:
    """White space is collapsed on both sides; in50 and in100 read quote after quote."""
    long = "word " * 60 + "The mill\n\topened in 1821."
    got = figures([yes("a", "mill  opened in")], [answer("a", 0.5, long)])
    assert (got.hit_1, got.in50, got.in100) == (1.0, 0.0, 1.0)
    assert got.words_1 == 65


def test_a_quote_from_another_file_is_not_right_when_files_are_named() -> None:
    """A quote counts only with a location in one of the named files, by the file's own name."""
    gold = [yes("a", "1821", files=("sub/mill.txt",)), yes("b", "1821", files=("other.txt",))]
    answers = [answer("a", 0.5, "The mill opened in 1821."), answer("b", 0.5, "The mill opened in 1821.")]
    assert figures(gold, answers).hit_1 == 0.5


def test_parts_are_looked_for_in_the_first_four_quotes() -> None:
    """A question with several parts counts each part, and is left out of the other shares."""
    row = GoldRow("a", "?", answerable=True, parts=(GoldPart(("1821",)), GoldPart(("1930",))))
    got = figures([row], [answer("a", 0.5, "The mill opened in 1821.", "x", "y", "z", "in 1930")])
    assert (got.parts, got.all_parts, got.hit_1, got.ece) == (0.5, 0.0, None, None)


def test_confidence_measures() -> None:
    """The auroc counts pairs, ties half; ece is the gap in each tenth, weighted by its size."""
    gold = [yes("a", "1821"), yes("b", "1821"), no("c"), no("d")]
    answers = [answer("a", 0.9, "The mill opened in 1821."), answer("b", 0.4), answer("c", 0.4), answer("d", 0.1)]
    got = figures(gold, answers)
    assert got.auroc == 0.875
    assert got.ece == pytest.approx((abs(0.9 - 1) + 2 * 0.4 + 0.1) / 4)
    assert (got.answered, got.refused, got.balanced) == (0.5, 1.0, 0.75)


def test_verbatim_opens_the_files(tmp_path: Path) -> None:
    """A quote is verbatim if the file at every location has it in its place, even if the page is not UTF-8."""
    (tmp_path / "mill.txt").write_bytes(PAGE.encode("cp1252"))
    entry = PageEntry("mill.txt", "0", "cp1252", "text", str(tmp_path / "mill.txt"))
    answers = [answer("a", 0.5, "It had two wheels.", "The mill opened in 1821.")]
    gold = [yes("a", "1821")]
    assert figures(gold, answers, Sources.indexed([entry])).verbatim == 1.0
    assert figures(gold, answers, Sources.indexed([])).verbatim == 0.0
    (tmp_path / "mill.txt").write_text(PAGE.replace("wheels", "whales"), encoding="utf-8")
    assert figures(gold, answers, Sources.under(tmp_path)).verbatim == 0.5


def test_the_confidence_is_taken_as_it_is_written() -> None:
    """Figures of answers in memory are those of the answers file: confidences have four digits there."""
    gold = [yes("a", "1821"), no("b")]
    answers = [answer("a", 0.50004, "The mill opened in 1821."), answer("b", 0.50001)]
    assert figures(gold, answers) == figures_of_rows(gold, [row.to_dict() for row in answers])
    assert figures(gold, answers).auroc == 0.5


@pytest.fixture(scope="module")
def ruler() -> ModuleType:
    """The shared ruler as a module."""
    if not RULER.is_file():
        pytest.skip("the ruler ../shared/tools/score.py is not here")
    spec = importlib.util.spec_from_file_location("ruler", RULER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def same(ours: Figures, theirs: dict[str, float]) -> None:
    """Equal names, equal values."""
    assert dict(ours.named()) == theirs


SENTENCES = ["The mill opened in 1821.", "It had two wheels.", "The last miller left in 1930", "river was turned"]


def made_up(seed: int) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Gold rows and answers in every shape that the ruler reads."""
    chance = random.Random(seed)
    gold: list[dict[str, object]] = []
    answers: list[dict[str, object]] = []
    kinds = chance.choice([["yes"], ["no"], ["parts"], ["yes", "no"], ["yes", "no", "parts", "file", "files"]])
    for number in range(chance.randrange(1, 40)):
        kind = chance.choice(kinds)
        id_: object = number if chance.random() < 0.2 else f"q{number}"
        row: dict[str, object] = {"id": id_, "question": "?", "answerable": kind != "no", "evidence": []}
        words = [chance.choice(SENTENCES)[2:].replace(" ", chance.choice([" ", "  ", "\n"])) for _ in range(2)]
        if kind == "parts":
            del row["evidence"]
            row["parts"] = [
                {"evidence": [word], "files": chance.choice([[], ["mill.txt"], ["b.txt"]])} for word in words
            ]
        elif kind != "no":
            row["evidence"] = words
            row |= {"file": {"file": "in/mill.txt"}, "files": {"files": ["b.txt", "c/d.txt"]}}.get(kind, {})
        gold.append(row)
        if chance.random() < 0.1:
            continue
        shown = [made_up_quote(chance) for _ in range(chance.randrange(6))]
        status = chance.choice(["answered", "partial", "no_answer", "error"])
        given: dict[str, object] = {"id": id_, "status": status, "quotes": shown, "closest": shown[::-1]}
        confidence = chance.choice([chance.random(), round(chance.random(), 1), 0.0, 1.0, None])
        given |= {} if chance.random() < 0.1 else {"confidence": confidence}
        answers += [given] * chance.choice([1, 1, 1, 2])
    chance.shuffle(answers)
    return gold, answers


def made_up_quote(chance: random.Random) -> dict[str, object]:
    """A quote as in an answers file, right or wrong in every way."""
    text = chance.choice([*SENTENCES, "word " * 30, "word " * 45 + SENTENCES[0], ""])
    start = PAGE.find(text) if chance.random() < 0.9 else 3
    place = {"file": chance.choice(["mill.txt", "in/mill.txt", "c/d.txt"]), "start": start, "end": start + len(text)}
    if chance.random() < 0.2:
        place["text"] = text.replace(" ", "  ")
    return {"text": text, "post_title": "The mill", "locations": [place] * chance.choice([0, 1, 1, 1, 2])}


@pytest.mark.parametrize("seed", range(60))
def test_our_figures_are_the_rulers_to_the_last_digit(seed: int, ruler: ModuleType, tmp_path: Path) -> None:
    """On made-up rows of every shape, our figures and the ruler's are equal, not nearly equal."""
    for name in ("mill.txt", "in/mill.txt", "c/d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(PAGE, encoding="utf-8", newline="")
    gold, answers = made_up(seed)
    rows = [gold_row(row, "made up") for row in gold]
    same(figures_of_rows(rows, answers), ruler.score(gold, answers))
    same(figures_of_rows(rows, answers, Sources.under(tmp_path)), ruler.score(gold, answers, tmp_path))


def test_without_answers_our_figures_are_the_rulers(ruler: ModuleType) -> None:
    """No answers, no answerable questions, and only those: the same figures are left out."""
    rows = [
        {"id": "a", "question": "?", "answerable": True, "evidence": ["1821"]},
        {"id": "b", "question": "?", "answerable": False, "evidence": []},
    ]
    refusal = [{"id": "b", "status": "no_answer", "confidence": 0.3, "quotes": [], "closest": []}]
    for gold in (rows, rows[:1], rows[1:]):
        read = [gold_row(row, "made up") for row in gold]
        same(figures_of_rows(read, []), ruler.score(gold, []))
        same(figures_of_rows(read, refusal), ruler.score(gold, refusal))


def test_answers_in_memory_have_the_figures_of_their_file(ruler: ModuleType, tmp_path: Path) -> None:
    """Answer records, their JSON lines read by the ruler, and our reading of those lines agree."""
    (tmp_path / "mill.txt").write_text(PAGE, encoding="utf-8")
    chance = random.Random(5)
    gold = [yes(f"q{n}", SENTENCES[n % 4]) if n % 3 else no(f"q{n}") for n in range(50)]
    answers = [
        answer(
            row.id,
            chance.random(),
            *chance.sample(SENTENCES, chance.randrange(4)),
            closest=tuple(chance.sample(SENTENCES, 2)),
        )
        for row in gold
    ]
    lines = [json.loads(json.dumps(one.to_dict())) for one in answers]
    shapes = [{"id": r.id, "answerable": r.answerable, "evidence": list(r.wanted.evidence)} for r in gold]
    sources = Sources.under(tmp_path)
    assert figures(gold, answers, sources) == figures_of_rows(gold, lines, sources)
    same(figures(gold, answers, sources), ruler.score(shapes, lines, tmp_path))
