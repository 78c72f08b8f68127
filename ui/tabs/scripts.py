"""The scripts that run in the browser, one for each part of the page that needs one."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["script"]


def script(name: str) -> str:
    """The text of a script in ``ui/static``, for gradio to run when its component is on the page."""
    return files("ui").joinpath("static", name).read_text(encoding="utf-8")
