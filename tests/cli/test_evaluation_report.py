"""The report: a table for the terminal and one self-contained page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from rag.cli.evaluation_report import render_html
from rag.cli.evaluation_text import calibration_text, evaluation_text
from rag.evaluation.calibration import Effect, OperatingPoint
from rag.evaluation.evaluate import Calibration, Evaluation, evaluate_answers
from rag.evaluation.gold import GoldPart, GoldRow
from rag.records import Answer, Location, Quote

HOSTILE = '<script>alert("x")</script> & 1821'


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    """Twelve questions, some of them missed, with mark-up where texts are shown."""
    gold = [
        GoldRow(f"y{n}", f"{HOSTILE} {n}?", answerable=True, wanted=GoldPart(("1821",)), kind=f"k{n % 2}")
        for n in range(8)
    ]
    gold += [GoldRow(f"n{n}", "Who?", answerable=False, kind="near") for n in range(4)]
    right = Quote(HOSTILE, "p", "<b>Title</b>", 1.0, 0, 9, (Location("m.txt", 0, 9, "0"),))
    wrong = Quote("No year here.", "p", "<b>Title</b>", 1.0, 0, 9, (Location("m.txt", 0, 9, "0"),))
    answers = [
        Answer("?", "answered", 0.5 + n / 20, "high", quotes=(right if n % 3 else wrong,), id=f"y{n}") for n in range(8)
    ]
    answers += [
        Answer("?", "no_answer", n / 10, "low", closest=(wrong,), reason="<i>silent</i>", id=f"n{n}") for n in range(3)
    ]
    return evaluate_answers(gold, answers)


def test_the_text_has_every_figure_every_kind_and_every_miss(evaluation: Evaluation) -> None:
    """Figures to three digits with their interval, groups, and misses with what was shown."""
    text = evaluation_text(evaluation)
    ranges = {interval.name: interval for interval in evaluation.intervals}
    for name, value in evaluation.figures.named():
        line = next(line for line in text.splitlines() if line.startswith(name + " "))
        assert (f"{value:.3f}" if isinstance(value, float) else str(value)) in line
        assert name not in ranges or f"[{ranges[name].low:.3f}, {ranges[name].high:.3f}]" in line
    assert "kind: near (not answerable)" in text
    assert f"{len(evaluation.misses)} of 12 questions went wrong" in text
    assert text.count("No year here.") == 3


def test_the_text_of_a_stranger_does_not_control_the_terminal() -> None:
    """Questions, their ids and kinds come from a file, quotes and titles from pages."""
    clear = "\x1bc\u202e\n\x9b2J"
    gold = [GoldRow(f"y{clear}", f"Who{clear}?", answerable=True, wanted=GoldPart((f"Ann{clear}",)), kind=f"k{clear}")]
    quote = Quote(f"Bob{clear}", "p", f"Title{clear}", 1.0, 0, 9, (Location("m.txt", 0, 9, "0"),))
    answer = Answer("?", "no_answer", 0.1, "low", closest=(quote,), reason=f"No{clear}", id=f"y{clear}")
    text = evaluation_text(evaluate_answers(gold, [answer]))
    assert {"Who", "Ann", "Bob", "Title", "No"} <= set(re.findall(r"Who|Ann|Bob|Title|No", text))
    assert all(sign.isprintable() or sign == "\n" for sign in text)


class Page(HTMLParser):
    """Records what a browser would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loaded: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record the tag and any address."""
        self.tags.append(tag)
        self.loaded += [f"{name}={value}" for name, value in attrs if name in {"src", "href", "srcset", "data"}]


def test_the_page_is_self_contained_and_shows_texts_as_texts(evaluation: Evaluation) -> None:
    """Nothing is loaded or run; mark-up in questions, titles and reasons is shown, not obeyed."""
    html = render_html(evaluation)
    page = Page()
    page.feed(html)
    assert not page.loaded
    assert not {"script", "i", "img", "link", "iframe"} & set(page.tags)
    assert "url(" not in html
    assert "@import" not in html
    assert "&lt;script&gt;" in html
    assert "prefers-color-scheme: dark" in html
    assert html == render_html(evaluation)


def test_the_pictures_draw_the_numbers(evaluation: Evaluation) -> None:
    """Two well-formed pictures in their frames: a bar for each tenth in use, and the curve with the current point."""
    pictures = [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", render_html(evaluation), re.DOTALL)]  # noqa: S314
    assert [picture.findtext("title") for picture in pictures] == [
        "Confidence against share right",
        "Share answered against share wrong",
    ]
    bars = pictures[0].findall("rect")
    tenths = {min(int(row.confidence * 10), 9) for row in evaluation.outcomes}
    assert len(bars) == len(tenths)
    counts = [int(match) for match in re.findall(r"(\d+) questions", pictures[0].findtext("desc") or "")]
    assert sum(counts) == 12
    curve = pictures[1].find("polyline")
    assert curve is not None
    points = [tuple(map(float, point.split(","))) for point in curve.get("points", "").split()]
    assert points == sorted(points)
    assert all(60 <= across <= 620 and 30 <= up <= 340 for across, up in points)
    assert pictures[1].find("circle[@class='now']") is not None


def test_a_run_that_refused_everything_can_be_shown() -> None:
    """No answer given: no current point, and no division by zero."""
    gold = [GoldRow("a", "?", answerable=True, wanted=GoldPart(("x",)))]
    refused = evaluate_answers(gold, [Answer("?", "no_answer", 0.1, "low", id="a")])
    assert "No question was answered." in render_html(refused)
    assert "hit@1" in evaluation_text(refused)


def test_a_calibration_tells_what_changes() -> None:
    """Before and after are side by side, with what to expect on other questions."""
    before, after = Effect(0.5, 0.5, 1.0, 0.75, 10, None), Effect(0.3, 0.9, 0.8, 0.85, 20, 0.25)
    text = calibration_text(Calibration(before, OperatingPoint(after, 0.8), 40, 2, 0.3))
    assert re.search(r"answerable questions answered +50\.0% +90\.0%", text)
    assert re.search(r"wrong among answers given +none +25\.0%", text)
    assert "not used for the choice the mean of both is 80.0%" in text
    assert "2 questions that ask several things were left out" in text
    assert "At most 30.0%" in text
