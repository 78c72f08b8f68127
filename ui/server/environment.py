"""Controls what gradio and its libraries read from the environment: nothing there opens the page or calls out."""

from __future__ import annotations

import os

__all__ = ["close_environment"]

# The folder for gradio's files, in which `services.temp_files` makes its own.
_KEPT = frozenset({"GRADIO_TEMP_DIR"})

# Variables that make gradio behave as on a hosting service, where it opens more.
_SERVICES = ("SYSTEM", "SPACE_", "SPACES_", "KAGGLE_", "OAUTH_", "OPENID_", "HF_TOKEN")

_CLOSED = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    # after each event gradio would build a table of the last 10,000 events, for counts that are never shown
    "GRADIO_ANALYTICS_MAX_EVENTS": "1",
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": str(10**9),
    "GRADIO_SHARE": "False",
    "GRADIO_SSR_MODE": "False",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


def close_environment(host: str = "127.0.0.1", *, behind_proxy: bool = True) -> None:
    """Remove gradio's variables, which open files, ports and tools, and switch off what calls out.

    Gradio calls its own server, for example with questions from MCP clients: at ``host``, and never through an outside
    proxy. Call this before importing gradio. Without a proxy, no header may claim another address, because wrong
    passwords are counted by address.
    """
    for name in list(os.environ):
        if (name.startswith("GRADIO_") and name not in _KEPT) or name.startswith(_SERVICES):
            del os.environ[name]
    os.environ.update(_CLOSED)
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name, ""), "localhost", "127.0.0.1", "::1", host]))
    if not behind_proxy:
        os.environ["FORWARDED_ALLOW_IPS"] = ""
