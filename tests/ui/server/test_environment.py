"""What gradio reads from the environment."""

from __future__ import annotations

import os
import urllib.request

import pytest

from ui.server.environment import close_environment

OPENING = (
    "GRADIO_ALLOWED_PATHS",
    "GRADIO_LOCAL_DEV_MODE",
    "GRADIO_MCP_SERVER",
    "GRADIO_NUM_WORKERS",
    "GRADIO_ROOT_PATH",
    "GRADIO_SERVER_NAME",
    "GRADIO_SERVER_PORT",
    "GRADIO_VIBE_MODE",
    "GRADIO_WATCH_DIRS",
    "HF_TOKEN",
    "OAUTH_CLIENT_SECRET",
    "SPACE_ID",
    "SYSTEM",
)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that is restored afterwards."""
    monkeypatch.setattr(os, "environ", os.environ.copy())


@pytest.mark.usefixtures("environment")
def test_nothing_in_the_environment_opens_the_page() -> None:
    """Variables that serve files, watch, listen elsewhere or start more are gone; what calls out is off."""
    os.environ.update(dict.fromkeys(OPENING, "1"))
    os.environ.update(GRADIO_SHARE="True", GRADIO_ANALYTICS_ENABLED="True", GRADIO_TEMP_DIR="kept", HOME="kept")
    close_environment()
    assert not set(OPENING) & set(os.environ)
    assert (os.environ["GRADIO_SHARE"], os.environ["GRADIO_ANALYTICS_ENABLED"]) == ("False", "False")
    assert (os.environ["GRADIO_TEMP_DIR"], os.environ["HOME"]) == ("kept", "kept")


@pytest.mark.usefixtures("environment")
def test_the_page_does_not_call_itself_through_an_outside_proxy() -> None:
    """Gradio's calls to its own server stay on the machine, whatever proxy the environment names."""
    os.environ.pop("no_proxy", None)
    os.environ.update(HTTP_PROXY="http://proxy.test:3128", http_proxy="http://proxy.test:3128", NO_PROXY="intra.test")
    close_environment("192.168.1.20")
    for host in ("localhost", "127.0.0.1", "192.168.1.20"):
        assert urllib.request.proxy_bypass_environment(host), host
    assert not urllib.request.proxy_bypass_environment("example.org")
    assert os.environ["NO_PROXY"].startswith("intra.test,")


@pytest.mark.usefixtures("environment")
def test_only_a_proxy_says_where_others_come_from() -> None:
    """Without one, no forwarded address is believed, whatever the environment says; with one, the user decides."""
    os.environ["FORWARDED_ALLOW_IPS"] = "*"
    close_environment(behind_proxy=True)
    assert os.environ["FORWARDED_ALLOW_IPS"] == "*"
    close_environment(behind_proxy=False)
    assert os.environ["FORWARDED_ALLOW_IPS"] == ""
