"""Starts the page: closed by default, with nothing loaded from outside the machine."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, cast

from rag.config import MAX_PAGE_MB
from rag.errors import ExtraMissing, InputError, PullquoteError
from ui.server.auth import VARIABLE, read_accounts
from ui.server.connections import bound_connections, check_host
from ui.server.environment import close_environment
from ui.server.limits import is_loopback
from ui.server.log import LoggedTracebacks, bound_log
from ui.server.login import Login
from ui.server.mcp_answers import send_structured
from ui.server.middleware import Guard, Rules
from ui.server.origins import own_origins
from ui.server.upload_limits import Uploads
from ui.services.index_holder import Shelf
from ui.services.memory import exclude_from_collection, keep_few_heaps
from ui.services.temp_files import Scratch
from ui.services.uploads import MAX_TOTAL_BYTES
from ui.services.watching import watching_pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import gradio as gr
    from fastapi import FastAPI
    from starlette.types import ASGIApp

    from rag.store.address import Address

__all__ = ["build", "launch"]

# Questions that may wait: under two seconds at forty answers a second (seed pages, two processors). Later ones get the
# message that the page is busy.
MAX_WAITING = 64

# Seconds between two messages to all waiting callers about their place in the queue. The page does not show it, and by
# default gradio sends them to everyone at every answer.
STATUS_SECONDS = 10.0

# Conversations in memory at once; the one unused for longest is dropped first. Full ones, of 40 turns, take at most 0.8
# MB each (40 questions about the seed pages, all objects counted), 0.4 GB in total.
MAX_SESSIONS = 500


def build(index_path: Path | Address) -> gr.Blocks:
    """The page over an index, not started.

    Raises:
        IndexProblem: the index is missing or cannot be opened.

    """
    close_environment()
    from ui.tabs.page import build_page

    return build_page(Shelf(index_path))


def launch(
    index_path: Path | Address,
    *,
    others: Sequence[Path | Address] = (),
    host: str = "127.0.0.1",
    port: int | None = None,
    auth: Path | None = None,
    root_path: str = "",
    max_upload_mb: int = MAX_PAGE_MB,
    mcp: bool = False,
    watch: bool = False,
    fast: bool = False,
    open_browser: bool = True,
) -> None:
    """Serve the page until it is interrupted.

    Questions go to the index at ``index_path`` and to ``others`` together; pages are added to the first. ``auth`` is a
    file with ``name:password`` on each line; without it, the variable ``PULLQUOTE_ACCOUNTS`` may contain such lines;
    without either, everyone may use the page. ``root_path`` is the path or full address at which a proxy serves the
    page. ``watch`` indexes pages as they are saved into the folders of the index. With ``fast``, every question is
    answered without the reader.

    Raises:
        IndexProblem: the index is missing or cannot be opened.
        InputError: an option is not valid.
        ExtraMissing: ``mcp`` is given without the packages it needs.

    """
    if max_upload_mb < 1:
        raise InputError("the largest upload must be at least one megabyte", got=str(max_upload_mb))
    check_host(host)
    if mcp:
        _require_mcp()
    rules = _rules(host, auth, root_path, mcp=mcp)
    with (
        _opened(index_path, others, fast=fast) as shelf,
        _ended_tidily(),
        Scratch() as scratch,
        watching_pages(shelf) if watch else contextlib.nullcontext(),
    ):
        rules.uploads = Uploads(scratch.folder, MAX_TOTAL_BYTES)
        bound_connections()
        bound_log()
        try:
            _serve(shelf, rules, host, port, root_path, max_upload_mb, open_browser=open_browser)
        except OSError as error:
            raise InputError("the page cannot be served there", got=f"{host}:{port}", remedy=str(error)) from error


def _rules(host: str, auth: Path | None, root_path: str, *, mcp: bool) -> Rules:
    """Close what gradio leaves open, and set who may log in; warns if that is everyone."""
    accounts = read_accounts(auth)
    close_environment(host, behind_proxy=bool(root_path))
    keep_few_heaps()
    if not is_loopback(host) and accounts is None:
        sys.stderr.write(
            f"Everyone who can reach {host} can ask questions and add pages. "
            f"To ask for a password first, use --auth FILE or {VARIABLE}.\n"
        )
    options = frozenset({"mcp"} if mcp else ()) | frozenset({"auth"} if accounts else ())
    return Rules(own_origins(host, root_path), options, login=Login(accounts, secure=root_path.startswith("https:")))


@contextlib.contextmanager
def _opened(index_path: Path | Address, others: Sequence[Path | Address], *, fast: bool) -> Iterator[Shelf]:
    """Open the index and load its model while the browser loads the page; close it at the end."""
    shelf = Shelf(index_path, tuple(others), fast)
    warming = threading.Thread(target=_warm, args=(shelf,))
    try:
        warming.start()
        yield shelf
    finally:
        warming.join()  # loading cannot be interrupted
        shelf.close()


def _serve(
    shelf: Shelf, rules: Rules, host: str, port: int | None, root_path: str, max_upload_mb: int, *, open_browser: bool
) -> None:
    """Build the page and run it until it is interrupted."""
    import gradio as gr

    from ui.tabs.page import build_page

    _log_tracebacks()
    page = build_page(shelf, max_upload_mb=max_upload_mb)
    page.queue(default_concurrency_limit=2, max_size=MAX_WAITING, status_update_rate=STATUS_SECONDS)
    # the others run in the browser alone, and gradio fails on a call of them
    rules.handlers = frozenset(number for number, handler in page.fns.items() if handler.fn)
    rules.servers = frozenset(
        number
        for number, part in page.blocks.items()
        if getattr(getattr(part, "get_source", None), "_is_server_fn", False) is True
    )
    _, address, _ = page.launch(
        _app=_application(rules),
        auth=rules.login.accounts,
        root_path=root_path or None,
        server_name=host,
        server_port=port,
        inbrowser=open_browser,
        max_file_size=max_upload_mb * 1024 * 1024,
        mcp_server="mcp" in rules.options,
        favicon_path=str(files("ui").joinpath("static/icon.png")),
        theme=gr.themes.Default(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        head=_style(),
        **_CLOSED,
    )
    if "mcp" in rules.options:
        _connect_mcp(page, rules.login.inner_key)
    exclude_from_collection()
    sys.stderr.write(f"Pullquote is at {address} until you press Ctrl+C.\n")
    page.block_thread()


def _log_tracebacks() -> None:
    """Log what gradio prints when a call fails; printed, a stranger's calls could fill a disk."""
    from gradio import queueing, routes

    for module in (queueing, routes):
        module.traceback = LoggedTracebacks()


# Options always given to gradio's launch, so that it shares, monitors and records nothing.
_CLOSED: dict[str, object] = {
    "allowed_paths": [],
    "enable_monitoring": False,
    "footer_links": ["api"],
    "prevent_thread_lock": True,
    "pwa": False,
    "quiet": True,
    "run_history": False,
    "share": False,
    "show_error": False,
    "ssr_mode": False,
    "state_session_capacity": MAX_SESSIONS,
    "strict_cors": True,
}


def _application(rules: Rules) -> FastAPI:
    """Gradio's application, with the guard outside everything that gradio puts before its routes, including CORS."""
    from gradio.routes import App, ORJSONResponse

    class GuardedApp(App):  # type: ignore[misc]  # gradio has no types
        def build_middleware_stack(self) -> ASGIApp:
            return Guard(super().build_middleware_stack(), rules)

    return cast(
        "FastAPI", GuardedApp(docs_url=None, redoc_url=None, openapi_url=None, default_response_class=ORJSONResponse)
    )


def _connect_mcp(page: gr.Blocks, key: str) -> None:
    """Give the MCP server a client that the page trusts; its callers have already been checked."""
    from gradio_client import Client

    headers = {"x-gradio-user": "mcp", "authorization": f"Bearer {key}"}
    send_structured(page.mcp_server_obj)
    page.mcp_server_obj._client_instance = Client(  # noqa: SLF001 - it would make its own, which is refused
        page.local_url, download_files=False, verbose=False, analytics_enabled=False, headers=headers
    )


@contextlib.contextmanager
def _ended_tidily() -> Iterator[None]:
    """Make SIGTERM end the program as Ctrl+C does, so that no files are left behind."""

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
    """The style sheet for the page's head, because gradio's `css` option would prefix every selector."""
    return "<style>" + files("ui").joinpath("static/style.css").read_text(encoding="utf-8") + "</style>"


def _require_mcp() -> None:
    try:
        import_module("mcp")
    except ImportError as error:
        raise ExtraMissing(
            "--mcp needs a package that is not installed", remedy='Install it: pip install "pullquote[mcp]"'
        ) from error


def _warm(shelf: Shelf) -> None:
    """Load the model and list the posts while the browser loads the page, so that nobody waits for them later."""
    with shelf.lend() as index:
        try:
            index.ask("What do the posts say?")
        except PullquoteError:
            return  # the first real question will report the problem
    with shelf.lend_holdings():
        pass  # it prepares the rest by itself
