"""A progress bar."""

from __future__ import annotations

from ui.views.html import Markup, tag

__all__ = ["bar"]


def bar(done: int, total: int, label: str) -> Markup:
    """A bar that fills as work is done; without a total it only shows activity."""
    width = round(100 * done / total) if total else 30
    return tag(
        "div",
        tag("span", "", class_="fill" if total else "fill moving", style=f"width:{width}%"),
        class_="progress-bar",
        role="progressbar",
        aria_label=label,
        aria_valuemin=0,
        aria_valuemax=100,
        aria_valuenow=width if total else None,
    )
