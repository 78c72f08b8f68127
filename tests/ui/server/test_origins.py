"""Names and origins: which a request may name, and that no other origin reads or writes."""

from __future__ import annotations

import pytest
from made_requests import ASK
from made_requests import page as made_page


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost", "LOCALHOST:80", "[::1]:7860", "192.168.1.20:7860"])
def test_addresses_and_this_machine_are_served(host: str) -> None:
    """Addresses and localhost are names of this machine."""
    assert made_page().ask(host=host).status == 200


@pytest.mark.parametrize(
    "host", ["evil.test", "evil.test:7860", "", "127.0.0.1.evil.test", "localhost.evil.test", "[::1", "localhost,evil"]
)
def test_foreign_names_are_refused(host: str) -> None:
    """A name that was pointed at this machine is not served."""
    assert made_page().ask(host=host).status == 421


def test_a_forwarded_name_is_held_to_the_same() -> None:
    """What a proxy forwards must be the address given for it, each of several."""
    assert made_page().ask(x_forwarded_host="evil.test").status == 421
    assert made_page().ask(x_forwarded_host="evil.test, localhost").status == 421
    assert made_page().ask(x_forwarded_host="a.example").status == 421
    assert made_page(root_path="https://a.example/ask").ask(x_forwarded_host="a.example").status == 200


OWN = "127.0.0.1:7860"


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        ("http://localhost:7860", "localhost:7860", 200),
        ("http://LOCALHOST:7860", "localhost:7860", 200),
        ("http://127.0.0.1:7860", OWN, 200),
        ("http://[::1]:7860", "[::1]:7860", 200),
        ("http://192.168.1.20", "192.168.1.20", 200),
        ("http://192.168.1.20:80", "192.168.1.20", 200),
        ("http://localhost:8000", "localhost:7860", 403),
        ("http://localhost", "localhost:7860", 403),
        ("http://localhost:7860", OWN, 403),
        ("https://127.0.0.1:7860", OWN, 403),
        ("http://10.0.0.9:7860", OWN, 403),
        ("http://203.0.113.9", OWN, 403),
        ("http://evil.test", OWN, 403),
        ("http://localhost.evil.test:7860", "localhost:7860", 403),
        ("http://127.0.0.1:7860.evil.test", OWN, 403),
        ("http://127.0.0.1:99999", OWN, 403),
        ("null", OWN, 403),
        ("", OWN, 403),
    ],
)
def test_only_the_page_s_own_origin_reads_and_writes(origin: str, host: str, status: int) -> None:
    """Pages of other sites, of other addresses and of other ports of this machine can neither read nor write."""
    page = made_page()
    assert page.call(ASK, {"data": ["x"]}, host=host, origin=origin).status == status
    assert page.ask("/config", host=host, origin=origin).status == status
    assert len(page.program.seen) == (2 if status == 200 else 0)


def test_the_address_of_a_proxy_is_an_origin_of_the_page() -> None:
    """Scheme, host and port of --root-path, and no other scheme or port of it."""
    page = made_page(root_path="https://a.example/ask")
    assert page.ask("/config", host=OWN, origin="https://a.example").status == 200
    assert page.ask("/config", host="a.example", origin="https://a.example:443").status == 200
    for other in ("https://a.example:8443", "http://a.example:443", "https://b.example"):
        assert page.ask("/config", host=OWN, origin=other).status == 403


@pytest.mark.parametrize("path", ["/", "/config", ASK])
def test_a_preflight_of_another_origin_opens_nothing(path: str) -> None:
    """A browser's request before it lets another origin in is refused, and never reaches gradio's CORS."""
    page = made_page()
    answer = page.ask(path, "OPTIONS", origin="http://localhost:8000", access_control_request_method="POST")
    assert answer.status == 403
    assert page.ask(path, "OPTIONS", access_control_request_method="POST").status == 404
    assert page.program.seen == []


def test_other_sites_and_other_ports_may_link_here_and_nothing_else() -> None:
    """What the browser marks as sent by another site or port is refused, unless somebody followed a link."""
    page = made_page()
    for site in ("cross-site", "same-site"):
        assert page.ask(sec_fetch_site=site, sec_fetch_mode="navigate").status == 200
        assert page.ask(sec_fetch_site=site, sec_fetch_mode="no-cors").status == 403
        assert page.ask("/config", sec_fetch_site=site, sec_fetch_mode="navigate").status == 403
        assert page.ask("/", "HEAD", sec_fetch_site=site, sec_fetch_mode="navigate").status == 403
    assert page.ask("/config", sec_fetch_site="same-origin").status == 200
    assert page.ask("/config", sec_fetch_site="none").status == 200
