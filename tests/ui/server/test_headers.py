"""Headers that every response carries."""

from __future__ import annotations

from made_requests import page as made_page

from ui.server.headers import POLICY


def test_every_response_has_the_headers_once() -> None:
    """Those of the page and the policy, for what is served and what is refused."""
    for host in ("localhost", "evil.test"):
        headers = made_page().ask(host=host).headers
        names = [name for name, _ in headers]
        assert len(names) == len(set(names))
        assert dict(headers)[b"content-security-policy"] == POLICY.encode()


def test_the_policy_lets_nothing_in_from_outside() -> None:
    """No source but the page itself, its inline parts, data and blobs."""
    allowed = {"'self'", "'none'", "'unsafe-inline'", "'unsafe-eval'", "data:", "blob:"}
    for rule in POLICY.split("; "):
        assert set(rule.split(" ")[1:]) <= allowed


def test_no_header_opens_a_response_to_another_origin() -> None:
    """Headers by which gradio lets other origins read are removed, whatever they name."""
    page = made_page()
    page.program.headers = [(b"Access-Control-Allow-Origin", b"*"), (b"access-control-allow-credentials", b"true")]
    names = [name.lower() for name, _ in page.ask("/config").headers]
    assert not [name for name in names if name.startswith(b"access-control-")]
    assert b"x-own" in names
