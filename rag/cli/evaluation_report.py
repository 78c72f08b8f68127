"""An evaluation to look at: a table for the terminal, and one HTML page with its pictures drawn in place."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from rag.evaluation.evaluate import reliability, risk_curve

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rag.evaluation.bootstrap import Interval
    from rag.evaluation.evaluate import Calibration, Evaluation, Miss, ReliabilityBin, RiskPoint
    from rag.evaluation.metrics import Figures

__all__ = ["HTML_PAGE", "print_calibration", "print_text", "render_html"]

_MEANINGS = {
    "questions": "questions asked",
    "missing": "questions without an answer row",
    "hit@1": "the first quote holds the answer",
    "hit@3": "one of the first three quotes does",
    "found@3": "the same, counting what came closest where it refused",
    "in50": "the answer stands within the first 50 words shown",
    "in100": "within the first 100 words shown",
    "answered": "answerable questions that got an answer",
    "refused": "unanswerable questions that were refused",
    "balanced": "mean of answered and refused",
    "auroc": "chance that an answerable question has more confidence than another",
    "ece": "gap between confidence and truth (0 is best)",
    "words@1": "mean words in the first quote",
    "words@3": "mean words in the first three quotes",
    "verbatim": "quotes that stand in their files word for word",
    "parts": "parts found of questions that ask several things",
    "all_parts": "such questions with every part found",
}
_RELIABILITY_TOLD = (
    "Each bar shows what share of the questions in that tenth of confidence was answered rightly by the first quote; "
    "the number above it is how many questions there are, its dot stands at their mean confidence. On the dashed line "
    "confidence and truth are equal."
)
_RISK_TOLD = (
    "From left to right more questions are answered, the surest first; the curve shows what share of the answers given "
    "is wrong. The large dot is where refusing is set now."
)
_KIND_COLUMNS = ("questions", "hit@1", "hit@3", "answered", "refused", "words@1", "all_parts")
_SHOWN_CHARACTERS = 300  # four lines of a terminal
_CURVE_ROWS = 20  # one for each twentieth of the questions can be read at a glance


def print_text(evaluation: Evaluation) -> str:
    """The figures with their 95% intervals, those of each kind, and every miss with what was shown instead."""
    ranges = {interval.name: interval for interval in evaluation.intervals}
    lines = [_heading(evaluation), ""]
    for name, value in evaluation.figures.named():
        known = ranges.get(name)
        between = f"[{known.low:.3f}, {known.high:.3f}]" if known else ""
        lines.append(f"{name:<10} {_number(value):>8}  {between:<18} {_MEANINGS[name]}")
    if evaluation.by_kind:
        width = max(len(group.name) for group in evaluation.by_kind)
        lines += ["", f"{'':<{width}}" + "".join(f" {name:>9}" for name in _KIND_COLUMNS)]
        for group in evaluation.by_kind:
            cells = _cells(group.figures, _KIND_COLUMNS)
            lines.append(f"{group.name:<{width}}" + "".join(f" {cell:>9}" for cell in cells))
    lines += ["", f"{len(evaluation.misses)} of {evaluation.figures.questions} questions went wrong:"]
    for miss in evaluation.misses:
        lines += ["", *_miss_lines(miss)]
    return "\n".join(lines)


def print_calibration(found: Calibration) -> str:
    """What moving the threshold changes, for a person."""
    before, after = found.before, found.after.effect
    rows = [
        ("", "before", "after"),
        ("confidence asked for", f"{before.threshold_confidence:.3f}", f"{after.threshold_confidence:.3f}"),
        ("answerable questions answered", _percent(before.answered), _percent(after.answered)),
        ("other questions refused", _percent(before.refused), _percent(after.refused)),
        ("mean of both", _percent(before.balanced), _percent(after.balanced)),
        ("answers given", str(before.given), str(after.given)),
        ("wrong among answers given", _percent(before.wrong), _percent(after.wrong)),
    ]
    lines = [f"{name:<32}{old:>10}{new:>10}" for name, old, new in rows]
    lines += ["", f"On questions held out of the choice the mean of both is {_percent(found.after.held_out_balanced)}:"]
    lines.append("expect that of other questions of the same kind, not the figure above.")
    if found.max_wrong is not None:
        lines.append(f"At most {_percent(found.max_wrong)} of the answers given were allowed to be wrong.")
    if found.left_out:
        lines.append(f"{found.left_out} questions that ask several things were left out.")
    return "\n".join(lines)


def render_html(evaluation: Evaluation) -> str:
    """One self-contained page: figures, two pictures, kinds and misses; it loads nothing and runs no script."""
    ranges = {interval.name: interval for interval in evaluation.intervals}
    bins, curve = reliability(evaluation.outcomes), risk_curve(evaluation.outcomes)
    single = [row for row in evaluation.outcomes if not row.gold.parts]
    gave = [row for row in single if row.gave]
    wrong = sum(not row.first_is_right for row in gave)
    here = (len(gave) / len(single), wrong / len(gave)) if gave else None
    kinds = [[group.name, *_cells(group.figures, _KIND_COLUMNS)] for group in evaluation.by_kind]
    body = [
        f"<h1>{escape(_heading(evaluation))}</h1>",
        _table(
            ("figure", "value", "95% interval", "what it says"),
            [
                [name, _number(value), _range(ranges.get(name)), _MEANINGS[name]]
                for name, value in evaluation.figures.named()
            ],
            told=True,
        ),
        "<h2>Does the confidence hold?</h2>",
        f"<p>{_RELIABILITY_TOLD}</p>",
        _reliability_picture(bins),
        "<h2>What does answering more cost?</h2>",
        f"<p>{_RISK_TOLD}</p>",
        _risk_picture(curve, here),
    ]
    if kinds:
        body += ["<h2>By kind of question</h2>", _table(("", *_KIND_COLUMNS), kinds)]
    body += [f"<h2>What went wrong ({len(evaluation.misses)} of {evaluation.figures.questions})</h2>"]
    body += [_miss_html(miss) for miss in evaluation.misses]
    return HTML_PAGE.format(title=escape(_heading(evaluation)), style=_STYLE, body="\n".join(body))


def _heading(evaluation: Evaluation) -> str:
    asked = f"{evaluation.figures.questions} questions asked"
    return asked + (", refusing switched off" if evaluation.always_answer else "")


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{100 * share:.1f}%"


def _range(interval: Interval | None) -> str:
    return "" if interval is None else f"{interval.low:.3f} to {interval.high:.3f}"


def _cells(figures: Figures, names: Iterable[str]) -> list[str]:
    known = dict(figures.named())
    return [_number(known[name]) if name in known else "-" for name in names]


def _shorten(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _SHOWN_CHARACTERS else words[: _SHOWN_CHARACTERS - 1] + "…"


def _miss_lines(miss: Miss) -> list[str]:
    lines = [f"{miss.gold.id}  {miss.gold.question}", f"    {miss.problem} (confidence {miss.confidence:.2f})"]
    if miss.wanted:
        lines.append(f"    wanted:  {_shorten(' | '.join(miss.wanted))}")
    if miss.reason:
        lines.append(f"    reason:  {_shorten(miss.reason)}")
    if miss.shown is not None:
        label = "closest:" if miss.refused else "shown:  "
        lines.append(f"    {label} {_shorten(miss.shown.text)}  ({miss.shown.post_title})")
    return lines


def _miss_html(miss: Miss) -> str:
    shown = ""
    if miss.shown is not None:
        label = "Closest" if miss.refused else "Shown"
        words, title = escape(_shorten(miss.shown.text)), escape(miss.shown.post_title)
        shown = f"<dt>{label}</dt><dd><q>{words}</q> <cite>{title}</cite></dd>"
    wanted = "".join(f"<dd><q>{escape(_shorten(text))}</q></dd>" for text in miss.wanted)
    reason = f"<dt>Reason given</dt><dd>{escape(miss.reason)}</dd>" if miss.reason else ""
    return (
        f"<details open><summary><b>{escape(miss.gold.id)}</b> {escape(miss.gold.question)}</summary>"
        f"<p>{escape(miss.problem)} (confidence {miss.confidence:.2f})</p>"
        f"<dl>{'<dt>Wanted</dt>' + wanted if wanted else ''}{reason}{shown}</dl></details>"
    )


def _table(header: Sequence[str], rows: Iterable[Sequence[str]], *, told: bool = False) -> str:
    """Names left, numbers right; with ``told`` the last column is words."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    lines = [
        f'<tr><th scope="row">{escape(row[0])}</th>' + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:]) + "</tr>"
        for row in rows
    ]
    table = '<table class="told">' if told else "<table>"
    return f'<div class="wide">{table}<thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'


# the drawing area inside a picture of 640 by 400: its left, top, width and height
_LEFT, _TOP, _WIDE, _HIGH = 60, 30, 560, 310


def _x(share: float) -> str:
    return f"{_LEFT + share * _WIDE:.1f}"


def _y(share: float) -> str:
    return f"{_TOP + (1 - share) * _HIGH:.1f}"


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


def _picture(name: str, title: str, told: str, drawn: str) -> str:
    return (
        f'<svg viewBox="0 0 640 400" role="img" aria-labelledby="{name}-title {name}-told">'
        f'<title id="{name}-title">{title}</title><desc id="{name}-told">{escape(told)}</desc>{drawn}</svg>'
    )


def _reliability_picture(bins: Sequence[ReliabilityBin]) -> str:
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
    told = "; ".join(
        f"confidence {held.low:.1f} to {held.high:.1f}: {held.questions} questions, {_percent(held.right)} right"
        for held in bins
    )
    rows = [
        [f"{held.low:.1f} to {held.high:.1f}", str(held.questions), f"{held.confidence:.3f}", f"{held.right:.3f}"]
        for held in bins
    ]
    table = _table(("confidence", "questions", "mean confidence", "share right"), rows)
    picture = _picture("reliability", "Confidence against share right", told, "".join(drawn))
    return f"{picture}<details><summary>The same in numbers</summary>{table}</details>"


def _risk_picture(curve: Sequence[RiskPoint], here: tuple[float, float] | None) -> str:
    points = " ".join(f"{_x(point.answered)},{_y(point.wrong)}" for point in curve)
    drawn = [
        _axes("share of questions answered", "share of answers wrong"),
        f'<polyline class="curve" points="{points}"/>',
    ]
    told = "no question was answered"
    if here is not None:
        answered, wrong = here
        told = f"now {_percent(answered)} of the questions are answered, {_percent(wrong)} of these answers are wrong"
        drawn.append(f'<circle class="now" cx="{_x(answered)}" cy="{_y(wrong)}" r="6"/>')
    few = [*curve[: -1 : len(curve) // _CURVE_ROWS + 1], *curve[-1:]]
    rows = [[f"{point.confidence:.3f}", f"{point.answered:.3f}", f"{point.wrong:.3f}"] for point in few]
    table = _table(("confidence from", "share answered", "share of these wrong"), rows)
    picture = _picture("risk", "Share answered against share wrong", told, "".join(drawn))
    said = escape(told[0].upper() + told[1:])
    return f"{picture}<p>{said}.</p><details><summary>The same in numbers</summary>{table}</details>"


_STYLE = """
:root { color-scheme: light dark; --page: #ffffff; --ink: #1a1a1a; --faint: #5f6368; --line: #d5d8dc; --bar: #8ab4f8;
        --curve: #0b57d0; --now: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --page: #17191c; --ink: #e8eaed; --faint: #a9adb3; --line: #3c4043; --bar: #3b6fc4; --curve: #8ab4f8;
          --now: #f2b8b5; }
}
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; background: var(--page); color: var(--ink);
       font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; font-size: 1.25rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem; border-bottom: 1px solid var(--line); text-align: right; }
tbody th, thead th:first-child, .told td:last-child, .told th:last-child { text-align: left; }
svg { display: block; width: 100%; max-width: 48rem; height: auto; }
svg text { fill: var(--ink); font: 13px system-ui, sans-serif; }
.grid { stroke: var(--line); } .equal { stroke: var(--faint); stroke-width: 2; stroke-dasharray: 6 5; }
.bar { fill: var(--bar); } .dot { fill: var(--page); stroke: var(--ink); stroke-width: 2; }
.curve { fill: none; stroke: var(--curve); stroke-width: 3; } .now { fill: var(--now); }
details { margin: .75rem 0; } summary { cursor: pointer; } dd { margin: 0 0 .5rem 1rem; }
dt, cite { color: var(--faint); }
"""

# a page that loads nothing: {title}, {style} and {body} are put in, each as HTML already
HTML_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""
