"""Starting the page: closed by default, nothing from outside the machine."""

from __future__ import annotations

import os
import sys
import threading
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING

from rag.errors import ExtraMissing, InputError, PullquoteError
from ui.guard import Guard, allowed_names, is_loopback, read_accounts
from ui.shelf import Shelf

if TYPE_CHECKING:
    from pathlib import Path

    import gradio as gr

__all__ = ["build", "launch"]

# One page load after another asks at most for this many at once; more wait and are then told to come again.
MAX_WAITING = 64


def _stay_at_home() -> None:
    """Switch off everything in gradio and its libraries that would call out; must come before their import."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_SHARE"] = "False"
    os.environ["GRADIO_SSR_MODE"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"


def build(index_path: Path) -> gr.Blocks:
    """The page over an index, not started.

    Raises:
        IndexProblem: there is no index there that can be opened.

    """
    _stay_at_home()
    from ui.page import build_page

    return build_page(Shelf(index_path))


def launch(
    index_path: Path,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    auth: Path | None = None,
    root_path: str = "",
    max_upload_mb: int = 5,
    mcp: bool = False,
    open_browser: bool = True,
) -> None:
    """Serve the page until it is interrupted.

    ``auth`` is a file with ``name:password`` on each line; ``root_path`` the path, or the full address, at which a
    proxy offers the page.

    Raises:
        IndexProblem: there is no index there that can be opened.
        InputError: an option cannot be used.
        ExtraMissing: ``mcp`` without the packages it needs.

    """
    if max_upload_mb < 1:
        raise InputError("the largest upload must be at least one megabyte", got=str(max_upload_mb))
    known = read_accounts(auth) if auth is not None else None
    if mcp:
        _require_mcp()
    _stay_at_home()
    shelf = Shelf(index_path)
    import gradio as gr
    from starlette.middleware import Middleware

    from ui.page import build_page

    page = build_page(shelf, max_upload_mb=max_upload_mb)
    page.queue(default_concurrency_limit=2, max_size=MAX_WAITING)
    if not is_loopback(host) and known is None:
        sys.stderr.write(f"Everyone who can reach {host} can ask and add pages; --auth FILE asks for a name first.\n")
    warming = threading.Thread(target=_warm, args=(shelf,))
    warming.start()
    theme = gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
    try:
        _, address, _ = page.launch(
            prevent_thread_lock=True,
            quiet=True,
            server_name=host,
            server_port=port,
            share=False,
            inbrowser=open_browser,
            auth=known,
            root_path=root_path or None,
            max_file_size=max_upload_mb * 1024 * 1024,
            mcp_server=mcp,
            ssr_mode=False,
            pwa=False,
            show_error=False,
            run_history=False,
            enable_monitoring=False,
            strict_cors=True,
            allowed_paths=[],
            footer_links=["api"],
            favicon_path=str(files("ui").joinpath("icon.png")),
            theme=theme,
            head=_style(),
            app_kwargs={
                "middleware": [Middleware(Guard, names=allowed_names(host, root_path))],
                "docs_url": None,
                "redoc_url": None,
                "openapi_url": None,
            },
        )
        sys.stderr.write(f"Pullquote is at {address} until you press Ctrl+C.\n")
        page.block_thread()
    except OSError as error:
        raise InputError("the page cannot be served there", got=f"{host}:{port}", remedy=str(error)) from error
    finally:
        warming.join()  # what it loads cannot be dropped halfway
        shelf.close()


def _style() -> str:
    """Our style sheet for the page's head: gradio's own `css` would put a prefix before every selector."""
    return "<style>" + files("ui").joinpath("style.css").read_text(encoding="utf-8") + "</style>"


def _require_mcp() -> None:
    try:
        import_module("mcp")
    except ImportError as error:
        raise ExtraMissing(
            "--mcp needs a package that is not installed", remedy='Install it: pip install "pullquote[mcp]"'
        ) from error


def _warm(shelf: Shelf) -> None:
    """Load the model while the browser loads the page, so that the first question does not wait for it."""
    with shelf.lend() as index:
        try:
            index.ask("What do the posts say?")
        except PullquoteError:
            return  # the first real question will say what is wrong
