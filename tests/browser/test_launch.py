"""How the page is started: closed by default, and opened only by an option."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rag.errors import InputError
from ui.app import launch

# Starts the page with gradio's own `launch` replaced by a function that prints its arguments.
_TELL = """
import json, os, sys, warnings
from pathlib import Path
from ui.app import launch
home, options = Path(sys.argv[1]), json.loads(sys.argv[2])
if "auth" in options:
    options["auth"] = Path(options["auth"])
import ui.app
from ui.server.environment import close_environment
close_environment()
ui.app._connect_mcp = lambda page, key: None
import gradio

def tell(self, **given):
    app = given["_app"]
    guard = app.build_middleware_stack()
    known = given.pop("auth")
    plain = {name: value for name, value in given.items() if isinstance(value, (str, int, bool, list, type(None)))}
    plain |= {"names": sorted(guard.rules.origins.names), "auth": known and known("ada", "secret"), "queue": self.max_size
        if hasattr(self, "max_size") else None, "analytics": self.analytics_enabled,
        "fast": "always-fast" in json.dumps(self.config, default=str),
        "environment": {name: os.environ.get(name) for name in ("GRADIO_ANALYTICS_ENABLED", "GRADIO_SHARE",
            "HF_HUB_OFFLINE")}, "hidden": [
            app.docs_url, app.redoc_url, app.openapi_url]}
    print("\\ntold", json.dumps(plain))
    return None, "http://nowhere", None

gradio.Blocks.launch = tell
gradio.Blocks.block_thread = lambda self: None
launch(home, **options)
"""


def _told(home: Path, **options: object) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", _TELL, str(home), json.dumps(options)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, object] = json.loads(done.stdout.rsplit("told ", 1)[1])
    return {**told, "said": done.stderr}


def test_without_options_it_is_closed(seed_home: Path) -> None:
    """This machine only, no share link, no analytics, no extra routes, no folder served."""
    told = _told(seed_home)
    expected = {
        "server_name": "127.0.0.1",
        "share": False,
        "inbrowser": True,
        "auth": None,
        "root_path": None,
        "max_file_size": 64 * 1024 * 1024,
        "mcp_server": False,
        "ssr_mode": False,
        "run_history": False,
        "enable_monitoring": False,
        "strict_cors": True,
        "show_error": False,
        "allowed_paths": [],
        "analytics": False,
        "hidden": [None, None, None],
        "environment": {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_SHARE": "False", "HF_HUB_OFFLINE": "1"},
    }
    assert {name: told[name] for name in expected} == expected
    assert told["fast"] is False
    assert "--auth" not in str(told["said"])


def test_each_option_opens_what_it_says(seed_home: Path, tmp_path: Path) -> None:
    """Host, port, accounts, path and upload limit arrive; a share link cannot be requested."""
    accounts = tmp_path / "accounts"
    accounts.write_text("ada:secret\n", encoding="utf-8")
    told = _told(
        seed_home,
        host="0.0.0.0",  # noqa: S104 - that it is open is the point
        port=7999,
        auth=str(accounts),
        root_path="https://a.example/ask",
        max_upload_mb=7,
        mcp=True,
        fast=True,
        open_browser=False,
    )
    assert told["fast"] is True
    assert told["server_name"] == "0.0.0.0"  # noqa: S104 - as above
    assert told["server_port"] == 7999
    assert told["auth"] is True
    assert told["root_path"] == "https://a.example/ask"
    assert told["max_file_size"] == 7 * 1024 * 1024
    assert told["mcp_server"] is True
    assert told["inbrowser"] is False
    assert told["share"] is False
    assert "a.example" in told["names"]  # type: ignore[operator]


@pytest.mark.parametrize("options", [{"max_upload_mb": 0}, {"auth": Path("no-such-file")}])
def test_an_option_that_cannot_be_used_stops_it(seed_home: Path, options: dict[str, Any]) -> None:
    """The page does not start half locked; the error is ours and says what is wrong."""
    with pytest.raises(InputError):
        launch(seed_home, **options)
