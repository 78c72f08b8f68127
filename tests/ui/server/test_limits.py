"""How many requests may wait, and whose."""

from __future__ import annotations

import base64
import json

import pytest
from made_requests import ASK, JOIN, Event, locked_page
from made_requests import page as made_page

from ui.server.limits import MAX_OF_ADDRESS, MAX_OF_SESSION, Places, is_loopback
from ui.server.middleware import MAX_DIRECT, MAX_DIRECT_WAITING, MAX_MCP, MAX_MCP_OF_CALLER
from ui.server.refusals import Refused


def test_loopback_is_distinguished_from_the_rest() -> None:
    """A warning is given for an address that others can reach."""
    assert is_loopback("127.0.0.1")
    assert is_loopback("::1")
    assert is_loopback("localhost")
    assert not is_loopback("0.0.0.0")  # noqa: S104 - that it is open is the point
    assert not is_loopback("example.org")


def test_a_full_queue_says_so_in_words() -> None:
    """Status 503, when to come again, and no word about the program's internals."""
    page = made_page()
    page.program._queue.waiting = 2
    answer = page.call(JOIN, {"data": ["x"], "fn_index": 3, "session_hash": "s"})
    assert answer.status == 503
    assert "busy" in json.loads(answer.body)["detail"]
    assert int(answer.header(b"retry-after")) > 0


def test_direct_calls_wait_in_a_queue_that_has_an_end() -> None:
    """No more than two at once, and whoever finds the line full is told so."""
    page = made_page()
    taken = page.rules.direct.taken
    taken["somebody"] = MAX_DIRECT + MAX_DIRECT_WAITING
    assert page.call(ASK, {"data": ["x"]}).status == 503
    taken["somebody"] -= 1
    assert page.call(ASK, {"data": ["x"]}).status == 200
    assert taken == {"somebody": MAX_DIRECT + MAX_DIRECT_WAITING - 1}


def test_one_session_cannot_fill_the_queue() -> None:
    """Whoever has a handful waiting is told to wait for these, with a time; another caller is let in."""
    page = made_page()
    queue = page.program._queue
    queue.max_size = 64
    queue.event_ids_to_events.update((str(number), Event("s", "127.0.0.1")) for number in range(MAX_OF_SESSION - 1))
    call = {"data": [], "fn_index": 3, "session_hash": "s"}
    assert page.ask(JOIN, "POST", body=json.dumps(call).encode()).status == 200
    queue.event_ids_to_events["last"] = Event("s", "127.0.0.1")
    told = page.ask(JOIN, "POST", body=json.dumps(call).encode())
    assert told.status == 503
    assert "busy" in json.loads(told.body)["detail"]
    assert told.header(b"retry-after")
    assert page.ask(JOIN, "POST", body=json.dumps({**call, "session_hash": "other"}).encode()).status == 200


@pytest.mark.parametrize("path", [JOIN, "/gradio_api/call/ask"])
def test_one_address_cannot_fill_the_queue_with_many_sessions(path: str) -> None:
    """Half of the queue is left to other addresses; this machine's own may be any reader's behind a proxy."""
    page = made_page()
    queue = page.program._queue
    queue.max_size = 64
    for number in range(MAX_OF_ADDRESS):
        queue.event_ids_to_events[f"a{number}"] = Event(f"a{number}", "10.0.0.1")
        queue.event_ids_to_events[f"b{number}"] = Event(f"b{number}", "127.0.0.1")
    given = {"data": ["q"]} if path != JOIN else {"data": [], "fn_index": 3, "session_hash": "new"}
    body = json.dumps(given).encode()
    assert page.ask(path, "POST", body=body, address="10.0.0.1").status == 503
    assert page.ask(path, "POST", body=body, address="10.0.0.2").status == 200
    assert page.ask(path, "POST", body=body, address="127.0.0.1").status == 200


def test_direct_calls_of_one_address_are_bounded_too() -> None:
    """The same for the endpoint that bypasses the queue."""
    page = made_page()
    page.rules.direct.taken["10.0.0.1"] = MAX_OF_ADDRESS
    assert page.ask(ASK, "POST", body=b'{"data": ["q"]}', address="10.0.0.1").status == 503
    assert page.ask(ASK, "POST", body=b'{"data": ["q"]}', address="10.0.0.2").status == 200
    assert page.rules.direct.taken == {"10.0.0.1": MAX_OF_ADDRESS}


def test_all_addresses_of_an_ipv6_network_have_one_share() -> None:
    """Whoever has one address of it has all; this machine's own, also as IPv6 writes it, may be any reader's."""
    page = made_page()
    queue = page.program._queue
    queue.max_size = 64
    for number in range(MAX_OF_ADDRESS):
        queue.event_ids_to_events[f"a{number}"] = Event(f"a{number}", f"2001:db8::{number}")
        queue.event_ids_to_events[f"b{number}"] = Event(f"b{number}", "::ffff:127.0.0.1")
    page.rules.direct.taken["2001:db8::/64"] = MAX_OF_ADDRESS
    call = json.dumps({"data": [], "fn_index": 3, "session_hash": "new"}).encode()
    ask = b'{"data": ["q"]}'
    for address, status in (("2001:db8::ffff", 503), ("2001:db8:0:1::1", 200), ("::ffff:127.0.0.1", 200), ("::1", 200)):
        assert page.ask(JOIN, "POST", body=call, address=address).status == status
        assert page.ask(ASK, "POST", body=ask, address=address).status == status


MCP = "/gradio_api/mcp/"
CALL = {"data": [], "fn_index": 3, "session_hash": "tool"}


def test_places_are_counted_and_given_back() -> None:
    """A total and a limit per caller; a nameless caller only counts in the total; a failure frees its place."""
    places = Places(3, 1)
    with (
        places.take("a"),
        places.take(""),
        places.take(""),
        pytest.raises(Refused, match="busy: 3"),
        places.take("b"),
    ):
        pass
    with places.take("a"), pytest.raises(Refused, match="yours"), places.take("a"):
        pass
    with pytest.raises(ValueError, match="x"), places.take("a"):
        raise ValueError("x")
    assert not places.taken


def test_a_caller_of_the_tool_cannot_take_the_places_of_the_others() -> None:
    """MCP calls are counted by caller, an account or an address, and leave half of the queue to people."""
    page = made_page(options=frozenset({"mcp"}))
    page.rules.mcp.taken["10.0.0.1"] = MAX_MCP_OF_CALLER
    assert page.ask(MCP, "POST", body=b"{}", address="10.0.0.1").status == 503
    assert page.ask(MCP, "POST", body=b"{}", address="10.0.0.2").status == 200
    assert page.ask(MCP, address="10.0.0.1").status == 200
    page.rules.mcp.taken["10.0.0.3"] = MAX_MCP - MAX_MCP_OF_CALLER
    assert page.ask(MCP, "POST", body=b"{}", address="10.0.0.2").status == 503
    locked = locked_page()
    locked.rules.mcp.taken["ada"] = MAX_MCP_OF_CALLER
    basic = "Basic " + base64.b64encode(b"ada:secret").decode()
    for address in ("10.0.0.4", "10.0.0.5"):
        assert locked.ask(MCP, "POST", body=b"{}", address=address, authorization=basic).status == 503


def test_the_tool_s_own_client_is_not_held_to_one_session_s_share() -> None:
    """Gradio makes all MCP calls in one session; only the page's own client can show that it is that session."""
    page = made_page(options=frozenset({"mcp"}))
    queue = page.program._queue
    queue.max_size = 64
    queue.event_ids_to_events.update((str(number), Event("tool", "127.0.0.1")) for number in range(MAX_OF_SESSION))
    assert page.call(JOIN, CALL).status == 503
    assert page.call(JOIN, CALL, authorization="Bearer guess").status == 503
    assert page.call(JOIN, CALL, authorization=f"Bearer {page.rules.login.inner_key}").status == 200
