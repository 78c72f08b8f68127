"""An evaluation report: one HTML page with charts, which loads nothing and runs no scripts."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from rag.cli.charts import reliability_chart, risk_chart
from rag.cli.evaluation_text import KIND_COLUMNS, MEANINGS, cells, heading, number, shorten
from rag.cli.html_page import render_page, table
from rag.evaluation.curves import reliability, risk_curve

if TYPE_CHECKING:
    from rag.evaluation.bootstrap import Interval
    from rag.evaluation.evaluate import Evaluation
    from rag.evaluation.misses import Miss

__all__ = ["render_html"]

_RELIABILITY_NOTE = (
    "Each bar shows the share of questions in that tenth of confidence whose first quote was right. The number above "
    "it counts the questions; the dot marks their mean confidence. On the dashed line confidence and share right are "
    "equal."
)
_RISK_NOTE = (
    "From left to right, more questions are answered, the most confident first. The curve shows the share of wrong "
    "answers. "
    "The large dot is the current setting."
)


def render_html(evaluation: Evaluation) -> str:
    """A self-contained page: figures, two charts, kinds and misses; it loads nothing and runs no scripts."""
    ranges = {interval.name: interval for interval in evaluation.intervals}
    bins, curve = reliability(evaluation.outcomes), risk_curve(evaluation.outcomes)
    single = [row for row in evaluation.outcomes if not row.gold.parts]
    gave = [row for row in single if row.gave]
    wrong = sum(not row.first_is_right for row in gave)
    here = (len(gave) / len(single), wrong / len(gave)) if gave else None
    kinds = [[group.name, *cells(group.figures, KIND_COLUMNS)] for group in evaluation.by_kind]
    body = [
        f"<h1>{escape(heading(evaluation))}</h1>",
        table(
            ("figure", "value", "95% interval", "meaning"),
            [
                [name, number(value), _range(ranges.get(name)), MEANINGS[name]]
                for name, value in evaluation.figures.named()
            ],
            wordy=True,
        ),
        "<h2>Is the confidence reliable?</h2>",
        f"<p>{_RELIABILITY_NOTE}</p>",
        reliability_chart(bins),
        "<h2>What does answering more cost?</h2>",
        f"<p>{_RISK_NOTE}</p>",
        risk_chart(curve, here),
    ]
    if kinds:
        body += ["<h2>By kind of question</h2>", table(("", *KIND_COLUMNS), kinds)]
    body += [f"<h2>What went wrong ({len(evaluation.misses)} of {evaluation.figures.questions})</h2>"]
    body += [_miss_html(miss) for miss in evaluation.misses]
    return render_page(escape(heading(evaluation)), _STYLE, "\n".join(body))


def _range(interval: Interval | None) -> str:
    return "" if interval is None else f"{interval.low:.3f} to {interval.high:.3f}"


def _miss_html(miss: Miss) -> str:
    shown = ""
    if miss.shown is not None:
        label = "Closest" if miss.refused else "Shown"
        words, title = escape(shorten(miss.shown.text)), escape(miss.shown.post_title)
        shown = f"<dt>{label}</dt><dd><q>{words}</q> <cite>{title}</cite></dd>"
    wanted = "".join(f"<dd><q>{escape(shorten(text))}</q></dd>" for text in miss.wanted)
    reason = f"<dt>Reason given</dt><dd>{escape(miss.reason)}</dd>" if miss.reason else ""
    return (
        f"<details open><summary><b>{escape(miss.gold.id)}</b> {escape(miss.gold.question)}</summary>"
        f"<p>{escape(miss.problem)} (confidence {miss.confidence:.2f})</p>"
        f"<dl>{'<dt>Wanted</dt>' + wanted if wanted else ''}{reason}{shown}</dl></details>"
    )


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
tbody th, thead th:first-child, .wordy td:last-child, .wordy th:last-child { text-align: left; }
svg { display: block; width: 100%; max-width: 48rem; height: auto; }
svg text { fill: var(--ink); font: 13px system-ui, sans-serif; }
.grid { stroke: var(--line); } .equal { stroke: var(--faint); stroke-width: 2; stroke-dasharray: 6 5; }
.bar { fill: var(--bar); } .dot { fill: var(--page); stroke: var(--ink); stroke-width: 2; }
.curve { fill: none; stroke: var(--curve); stroke-width: 3; } .now { fill: var(--now); }
details { margin: .75rem 0; } summary { cursor: pointer; } dd { margin: 0 0 .5rem 1rem; }
dt, cite { color: var(--faint); }
"""
