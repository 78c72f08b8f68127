"""Starting the page: closed by default, nothing from outside the machine."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING

from rag.config import MAX_PAGE_MB
from rag.errors import ExtraMissing, InputError, PullquoteError
from ui.server.auth import VARIABLE, read_accounts
from ui.server.limits import is_loopback
from ui.server.middleware import Guard, Rules, allowed_names
from ui.services.index_holder import Shelf
from ui.services.memory import keep_few_heaps, leave_out_of_collections
from ui.services.temp_files import Scratch
from ui.services.uploads import MAX_TOTAL_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import gradio as gr

    from rag.store.address import Address

__all__ = ["build", "launch"]

# Questions that may wait: at forty answers a second (seed pages, two processors), under two seconds; who comes then is
# told that the page is busy.
MAX_WAITING = 64

# Seconds between two messages of their place to all who wait. Chosen: the page does not show it, and gradio by itself
# would tell everybody who waits at every answer.
STATUS_SECONDS = 10.0

# Conversations kept at once; the one that was silent longest is forgotten first. Chosen: full ones, of 40 turns, hold
# at most 0.8 MB each (40 questions about the seed pages, all objects counted), so all together 0.4 GB.
MAX_SESSIONS = 500


def _stay_at_home() -> None:
    """Switch off what calls out in gradio and its libraries, and what it counts; must come before their import."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    # after each event it would lay out the last 10,000 events in a table anew, for the counts that nobody is shown
    os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
    os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(10**9)
    os.environ["GRADIO_SHARE"] = "False"
    os.environ["GRADIO_SSR_MODE"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"


def build(index_path: Path | Address) -> gr.Blocks:
    """The page over an index, not started.

    Raises:
        IndexProblem: there is no index there that can be opened.

    """
    _stay_at_home()
    from ui.tabs.page import build_page

    return build_page(Shelf(index_path))


def launch(
    index_path: Path | Address,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    auth: Path | None = None,
    root_path: str = "",
    max_upload_mb: int = MAX_PAGE_MB,
    mcp: bool = False,
    open_browser: bool = True,
) -> None:
    """Serve the page until it is interrupted.

    ``auth`` is a file with ``name:password`` on each line, else the variable ``PULLQUOTE_ACCOUNTS`` holds such lines,
    else everyone may come in; ``root_path`` is the path, or the full address, at which a proxy offers the page.

    Raises:
        IndexProblem: there is no index there that can be opened.
        InputError: an option cannot be used.
        ExtraMissing: ``mcp`` without the packages it needs.

    """
    if max_upload_mb < 1:
        raise InputError("the largest upload must be at least one megabyte", got=str(max_upload_mb))
    accounts = read_accounts(auth)
    if mcp:
        _require_mcp()
    _stay_at_home()
    keep_few_heaps()
    if not root_path:
        # without a proxy nobody may say for others from where they come: wrong passwords are counted by address
        os.environ["FORWARDED_ALLOW_IPS"] = ""
    if not is_loopback(host) and accounts is None:
        sys.stderr.write(
            f"Everyone who can reach {host} can ask and add pages; --auth FILE, or {VARIABLE}, asks for a name first.\n"
        )
    shelf = Shelf(index_path)
    warming = threading.Thread(target=_warm, args=(shelf,))
    try:
        with _ended_tidily(), Scratch() as scratch:
            warming.start()
            rules = Rules(
                allowed_names(host, root_path),
                frozenset({"mcp"} if mcp else ()) | frozenset({"auth"} if accounts else ()),
                accounts=accounts,
                folder=scratch.folder,
                max_upload_bytes=MAX_TOTAL_BYTES,
                secure=root_path.startswith("https:"),
            )
            _serve(
                shelf,
                rules,
                host=host,
                port=port,
                root_path=root_path,
                max_upload_mb=max_upload_mb,
                open_browser=open_browser,
            )
    except OSError as error:
        raise InputError("the page cannot be served there", got=f"{host}:{port}", remedy=str(error)) from error
    finally:
        if warming.ident is not None:
            warming.join()  # what it loads cannot be dropped halfway
        shelf.close()


def _serve(
    shelf: Shelf, rules: Rules, *, host: str, port: int | None, root_path: str, max_upload_mb: int, open_browser: bool
) -> None:
    """Build the page and let it run until it is interrupted."""
    import gradio as gr
    from starlette.middleware import Middleware

    from ui.tabs.page import build_page

    page = build_page(shelf, max_upload_mb=max_upload_mb)
    page.queue(default_concurrency_limit=2, max_size=MAX_WAITING, status_update_rate=STATUS_SECONDS)
    rules.handlers = frozenset(page.fns)
    rules.servers = frozenset(
        number
        for number, part in page.blocks.items()
        if getattr(getattr(part, "get_source", None), "_is_server_fn", False) is True
    )
    mcp = "mcp" in rules.options
    _, address, _ = page.launch(
        prevent_thread_lock=True,
        quiet=True,
        server_name=host,
        server_port=port,
        share=False,
        inbrowser=open_browser,
        auth=rules.accounts,
        root_path=root_path or None,
        max_file_size=max_upload_mb * 1024 * 1024,
        state_session_capacity=MAX_SESSIONS,
        mcp_server=mcp,
        ssr_mode=False,
        pwa=False,
        show_error=False,
        run_history=False,
        enable_monitoring=False,
        strict_cors=True,
        allowed_paths=[],
        footer_links=["api"],
        favicon_path=str(files("ui").joinpath("static/icon.png")),
        theme=gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        head=_style(),
        app_kwargs={
            "middleware": [Middleware(Guard, rules=rules)],
            "docs_url": None,
            "redoc_url": None,
            "openapi_url": None,
        },
    )
    if mcp and rules.accounts is not None:
        _let_the_tool_in(page, rules.inner_key)
    leave_out_of_collections()
    sys.stderr.write(f"Pullquote is at {address} until you press Ctrl+C.\n")
    page.block_thread()


def _let_the_tool_in(page: gr.Blocks, key: str) -> None:
    """Give the MCP server a client of the page that passes the log-in; its callers have shown who they are before."""
    from gradio_client import Client

    headers = {"x-gradio-user": "mcp", "authorization": f"Bearer {key}"}
    page.mcp_server_obj._client_instance = Client(  # noqa: SLF001 - it would make its own, which is refused
        page.local_url, download_files=False, verbose=False, analytics_enabled=False, headers=headers
    )


@contextlib.contextmanager
def _ended_tidily() -> Iterator[None]:
    """Let a request to end (SIGTERM) unwind the program as Ctrl+C does, so that no files are left lying."""

    def end(number: int, _: object) -> None:
        sys.exit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _style() -> str:
    """Our style sheet for the page's head: gradio's own `css` would put a prefix before every selector."""
    return "<style>" + files("ui").joinpath("static/style.css").read_text(encoding="utf-8") + "</style>"


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
