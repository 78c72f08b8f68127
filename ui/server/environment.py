"""What gradio and its libraries would read from the environment: nothing there opens the page or calls out."""

from __future__ import annotations

import os

__all__ = ["close_environment"]

# Gradio's folder for files is ours to choose; `services.temp_files` makes one of its own in it.
_KEPT = frozenset({"GRADIO_TEMP_DIR"})

# Variables that make gradio believe that it runs on a hosting service, where it opens more.
_SERVICES = ("SYSTEM", "SPACE_", "SPACES_", "KAGGLE_", "OAUTH_", "OPENID_", "HF_TOKEN")

_CLOSED = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    # after each event gradio would lay out the last 10,000 in a new table, for counts that nobody is shown
    "GRADIO_ANALYTICS_MAX_EVENTS": "1",
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": str(10**9),
    "GRADIO_SHARE": "False",
    "GRADIO_SSR_MODE": "False",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


def close_environment(host: str = "127.0.0.1", *, behind_proxy: bool = True) -> None:
    """Drop gradio's variables, which open files, ports and tools, and switch off what calls out.

    Gradio calls its own server, questions of MCP clients among these calls: at ``host``, and through no outside proxy.
    Must come before gradio is imported. Without a proxy nobody may say for others where they come from, since wrong
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
