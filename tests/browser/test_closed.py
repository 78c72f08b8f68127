"""Closed by default: text is never mark-up, nothing leaves the machine, strangers are not served."""

from __future__ import annotations

import base64
import http.client
import json
import secrets
import shutil
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Site, serve
from ui.server.auth import hashed_line
from ui.server.headers import POLICY
from ui.server.routes import OPEN_ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.browser.conftest import Desk

# Each would run, load or break something if it were taken for mark-up, a template, Markdown or a script.
TRICKS = (
    "<script>window.__xss=1</script>",
    "<img src=x onerror=window.__xss=2>",
    "<svg onload=window.__xss=3>",
    "<iframe srcdoc='<script>parent.__xss=4</script>'></iframe>",
    "\"><img src=x onerror='window.__xss=5'>",
    "' onfocus='window.__xss=6' autofocus='",
    "</mark></div></article><script>window.__xss=7</script>",
    "<a href='javascript:window.__xss=8' autofocus>press</a>",
    "<details open ontoggle=window.__xss=9>",
    "<style>*{display:none!important}</style>",
    "<link rel=stylesheet href=http://evil.test/a.css>",
    "<img src=http://evil.test/pixel.png>",
    "![picture](http://evil.test/markdown.png)",
    "[press](javascript:window.__xss=14)",
    "${window.__xss=15}",
    "`${window.__xss=16}`",
    "{{#with this}}{{window.__xss}}{{/with}} {{value}}",
    "$$\\href{javascript:window.__xss=18}{x}$$",
    "<math><mtext><img src=x onerror=window.__xss=19></mtext></math>",
    "<template><img src=x onerror=window.__xss=20></template>",
    "<base href=http://evil.test/>",
    "<meta http-equiv=refresh content='0;url=http://evil.test/'>",
    "<form action=http://evil.test/><button autofocus>go</button></form>",
    "&lt;img src=x onerror=window.__xss=24&gt; &amp;quot;",
    "<!-- --><img src=x onerror=window.__xss=25> -->",
    "\\u003cimg src=x onerror=window.__xss=26\\u003e \\x3cscript\\x3e",
    "%3Cimg%20src=x%20onerror=window.__xss=27%3E",
    "<object data='data:text/html,<script>parent.__xss=28</script>'></object>",
    "<input onfocus=window.__xss=29 autofocus>",
    "<b>bold</b> _under_ *star* # head | table |",
    "\u202eright to left\u202c \u200bzero width\ufeff",
)
TITLE = 'The quarry ledger <img src=x onerror="window.__xss=100"> ${window.__xss=101} {{value}}'
NAME = "ledger<img src=x onerror=window.__xss=102>${1}.txt"
PAGE = (
    f"{TITLE}\n\n"
    "The quarry ledger lists every trick that the stonecutters of the valley wrote down in their winter evenings.\n\n"
    + "\n\n".join(
        f"Stonecutter number {n} wrote {trick} in the quarry ledger that winter." for n, trick in enumerate(TRICKS, 1)
    )
    + "\n\nThe quarry ledger was closed in spring when the road to the valley opened again.\n"
)


@pytest.fixture(scope="module")
def hostile(_kept: Desk) -> Iterator[Desk]:
    """The index with a page of tricks, dropped under a name that is a trick too."""
    _kept.show_tab("Add pages")
    payload = {"name": NAME, "mimeType": "text/plain", "buffer": PAGE.encode("utf-8")}
    _kept.page.locator("#pq-pages input[type=file]").set_input_files([payload])
    _kept.page.get_by_role("button", name="Add these pages").click()
    expect(_kept.page.locator("#pq-pages-state [role=status]")).to_contain_text("1 new", timeout=120_000)
    yield _kept
    _kept.show_tab("Add pages")
    _kept.page.get_by_role("button", name="Undo the last addition").click()
    expect(_kept.page.locator("#pq-pages-state [role=status]")).to_contain_text("undone", timeout=120_000)


@pytest.fixture
def tricked(hostile: Desk) -> Iterator[Desk]:
    """That page; after each test, nothing has run, loaded or failed."""
    yield hostile
    hostile.watch.holds(hostile.page)


def test_there_are_tricks_enough() -> None:
    """The hostile page has at least 25."""
    assert len(TRICKS) >= 25


def test_the_outcome_of_adding_shows_name_and_title_as_text(tricked: Desk) -> None:
    """The Add pages tab, with a name and a title full of mark-up."""
    state = tricked.page.locator(".file-states > li")
    assert "onerror=window.__xss=102" in (state.locator("b.file").text_content() or "")
    assert state.locator("ul a").text_content() == TITLE


def test_every_trick_is_read_in_its_post_letter_by_letter(tricked: Desk) -> None:
    """The Posts tab and the reading pane."""
    tricked.show_tab("Posts")
    tricked.page.get_by_label("Find a post").fill("<img src=x onerror=window.__xss=2>")
    link = tricked.page.locator("#pq-posts a.post-title")
    expect(link).to_have_count(1)
    assert link.text_content() == TITLE
    tricked.press(link)
    shown = tricked.page.locator(".source-text").evaluate("node => node.textContent")
    for trick in TRICKS:
        assert trick in shown
    tricked.page.locator("#pq-source .places summary").first.click()
    tricked.press(tricked.page.locator("#pq-source .places a").first)
    assert tricked.page.locator(".source-text").evaluate("node => node.textContent") == PAGE
    tricked.page.locator(".heap-fold > summary").click()
    expect(tricked.page.locator(".heap-picture")).to_contain_text(TITLE)
    tricked.page.locator(".heap-fold > summary").click()
    tricked.page.get_by_label("Find a post").fill("")


@pytest.mark.parametrize("number", [2, 7, 12, 13, 15, 17, 25])
def test_quotes_of_tricks_are_exact(tricked: Desk, number: int) -> None:
    """The Ask tab: a question about a trick quotes it, and the mark in the pane is the same characters."""
    tricked.start_over()
    turn = tricked.ask(f"What did stonecutter number {number} write in the quarry ledger?")
    cards = turn.locator(".card")
    words = cards.locator("blockquote").first.evaluate("node => node.textContent")
    assert words in PAGE
    if turn.locator("details.closest").count():
        turn.locator("details.closest > summary").click()
    hit = tricked.press(cards.locator("a.cite").first)
    assert hit.evaluate("node => node.textContent") == words
    turn.get_by_text("How it was found").click()


@pytest.mark.parametrize("start", range(0, len(TRICKS), 8))
def test_questions_that_are_tricks_are_shown_as_text(tricked: Desk, start: int) -> None:
    """Asked in the box, each trick is its own heading, in the log, in the link and in the pending line."""
    tricked.start_over()
    switch = tricked.page.get_by_role("checkbox", name="Fast")
    switch.check()  # what is answered does not matter here
    for trick in TRICKS[start : start + 8]:
        turn = tricked.ask(trick)
        assert turn.locator("h2").text_content() == trick.strip()
    switch.uncheck()


def test_a_link_made_of_tricks_is_text(tricked: Desk) -> None:
    """Mark-up in the address asks a question and does nothing else; garbage in it is ignored."""
    # nothing is left of the previous questions, which would otherwise be asked again
    assert tricked.page.evaluate("sessionStorage.getItem('pullquote-question')") is None
    tricked.open("/?q=%3Cimg%20src%3Dx%20onerror%3Dwindow.__xss%3D200%3E&post=%3Cb%3E&x=1&q=")
    expect(tricked.page.locator(".turn")).to_have_count(1)
    assert tricked.page.locator(".turn h2").text_content() == "<img src=x onerror=window.__xss=200>"


def test_a_batch_of_tricks_is_text_on_the_page_and_in_the_report(tricked: Desk, tmp_path: Path) -> None:
    """The Batch tab, its file name, and the saved report opened from disk."""
    tricked.show_tab("Batch")
    rows = "".join(json.dumps({"id": trick, "question": trick}) + "\n" for trick in TRICKS)
    payload = {"name": f"{NAME}.jsonl", "mimeType": "text/plain", "buffer": rows.encode("utf-8")}
    tricked.page.locator("#pq-questions input[type=file]").set_input_files([payload])
    tricked.page.get_by_role("button", name="Ask all").click()
    expect(tricked.page.locator("#pq-batch-state")).to_contain_text("questions asked", timeout=60_000)
    cells = tricked.page.locator(".batch-row td:nth-child(2)").evaluate_all("all => all.map((one) => one.textContent)")
    assert cells == [trick.strip() for trick in TRICKS]
    with tricked.page.expect_download() as download:
        tricked.page.get_by_role("button", name="Save .html", exact=True).click()
    report = tmp_path / "report.html"
    download.value.save_as(report)
    other = tricked.page.context.new_page()
    other.on("request", tricked.watch.request)
    other.goto(report.as_uri())
    assert other.evaluate("window.__xss === undefined")
    assert other.locator("h2").first.text_content() == TRICKS[0].strip()
    other.close()


@pytest.mark.parametrize(
    "ref",
    ["", "../../etc/passwd", "<img src=x>", "p:9-3", "nothing:0-5", "x" * 500, "p:0-99999999999", None, 7, {"a": []}],
)
def test_a_forged_place_gives_a_sentence_and_no_mark(site: Site, ref: object) -> None:
    """Whatever is sent as a reference, the answer is a pane without a mark."""
    with urllib.request.urlopen(f"{site.url}/config", timeout=20) as answer:  # noqa: S310 - our own address
        parts = json.load(answer)["components"]
    pane = next(part["id"] for part in parts if part["props"].get("elem_id") == "pq-source")
    call = {"data": ref, "component_id": pane, "fn_name": "get_source", "session_hash": "x"}
    status, words = _sent(site, "/gradio_api/component_server/", json.dumps(call).encode())
    assert status == 200
    made = json.loads(words)
    assert "<mark" not in made
    assert "source-title" in made


def _get(site: Site, path: str = "/", method: str = "GET", **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=20)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_every_response_carries_the_policy(site: Site) -> None:
    """The page, its parts and refusals all have the content security policy and the other headers."""
    for path in ("/", "/config", "/theme.css", "/nothing-here"):
        answer = _get(site, path)
        assert answer.getheader("content-security-policy") == POLICY
        assert answer.getheader("x-content-type-options") == "nosniff"
        assert answer.getheader("x-frame-options") == "DENY"


def test_strangers_are_not_served(site: Site) -> None:
    """Another host name, forwarded or not, and a request from another site's page are refused."""
    assert _get(site, Host="evil.test").status == 421
    assert _get(site, X_Forwarded_Host="evil.test").status == 421
    assert _get(site, "/gradio_api/run/ask", "POST", Origin="http://evil.test", Content_Length="0").status == 403
    assert _get(site, "/gradio_api/run/ask", "POST", Origin="null", Content_Length="0").status == 403
    assert _get(site, "/config", Origin="http://localhost:1").status == 403
    own = _get(site, "/config", Origin=site.url)
    assert (own.status, own.getheader("access-control-allow-origin")) == (200, None)
    asked = _get(site, "/config", "OPTIONS", Origin="http://localhost:1", Access_Control_Request_Method="GET")
    assert (asked.status, asked.getheader("access-control-allow-origin")) == (403, None)
    assert _get(site, Host=urlsplit(site.url).netloc.replace("127.0.0.1", "localhost")).status == 200


@pytest.mark.parametrize("path", ["/etc/passwd", "../../etc/passwd", "pyproject.toml", "http://evil.test/x"])
def test_files_of_the_machine_are_not_given_out(site: Site, path: str) -> None:
    """Nothing but what the page itself offers can be fetched."""
    assert _get(site, f"/gradio_api/file={path}").status in (403, 404)


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/redoc", "/monitoring"])
def test_unused_routes_are_closed(site: Site, path: str) -> None:
    """No schema, no documentation server, no monitoring."""
    assert _get(site, path).status in (403, 404)


def test_a_file_is_not_fetched_from_an_address(site: Site) -> None:
    """A handler that takes a file refuses one named by its address; the end of the site checks that nobody looked."""
    with urllib.request.urlopen(f"{site.url}/config", timeout=20) as answer:  # noqa: S310 - our own address
        handlers = json.load(answer)["dependencies"]
    batch = next(one["id"] for one in handlers if one["api_name"] == "page_batch")
    file = {"path": "http://evil.test/questions.txt", "meta": {"_type": "gradio.FileData"}}
    body = json.dumps({"data": [file], "fn_index": batch, "session_hash": "forged"}).encode()
    headers = {"Content-Type": "application/json"}
    joined = urllib.request.Request(f"{site.url}/gradio_api/queue/join", body, headers)  # noqa: S310 - as above
    urllib.request.urlopen(joined, timeout=20).close()  # noqa: S310 - as above
    stream = f"{site.url}/gradio_api/queue/data?session_hash=forged"
    with urllib.request.urlopen(stream, timeout=20) as answer:  # noqa: S310 - as above
        lines = [line.decode() for line in answer if b"process_completed" in line]
    assert lines
    assert all('"success":false' in line.replace(" ", "") for line in lines)


def _joined(site: Site, name: str, data: list[object], **more: object) -> tuple[int, str]:
    """Call a private handler by its number, as anybody can; returns the status and the page's final message."""
    with urllib.request.urlopen(f"{site.url}/config", timeout=20) as answer:  # noqa: S310 - our own address
        handlers = json.load(answer)["dependencies"]
    number = next(one["id"] for one in handlers if one["api_name"] == name)
    session = secrets.token_hex(8)
    call = {"data": data, "fn_index": number, "session_hash": session, **more}
    status, words = _sent(site, "/gradio_api/queue/join", json.dumps(call).encode())
    if status != 200:
        return status, words
    stream = f"{site.url}/gradio_api/queue/data?session_hash={session}"
    with urllib.request.urlopen(stream, timeout=60) as answer:  # noqa: S310 - as above
        return status, next(line.decode() for line in answer if b"process_completed" in line)


def _sent(site: Site, path: str, body: bytes, kind: str = "application/json", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=60)
    fields = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
    connection.request("POST", path, body, fields)
    answer = connection.getresponse()
    words = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, words


PASSWD = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}


@pytest.mark.parametrize(
    ("name", "data", "more"),
    [
        ("page_batch", [PASSWD], {}),
        ("page_batch", [{"path": "pyproject.toml"}], {}),
        ("page_batch", [{"path": "\x00"}], {}),
        ("page_batch", [{"url": "http://evil.test/x", "path": "x"}], {}),
        ("page_batch", [7], {}),
        ("page_batch", [], {}),
        ("page_add", [[PASSWD], None], {}),
        ("page_add", [[{"path": "/etc"}] * 6_000, None], {}),
        ("page_ask", [{"a": 1}, None, None, None], {}),
        ("page_ask", [], {}),
        ("page_open", [["x"], None], {}),
    ],
    ids=str,
)
def test_a_private_handler_called_by_number_refuses_what_no_browser_sends(
    site: Site, name: str, data: list[object], more: dict[str, object]
) -> None:
    """Other files, other types, too few: a failure in words; the end of the site checks that nothing broke."""
    status, words = _joined(site, name, data, **more)
    assert status == 200
    assert '"success":false' in words.replace(" ", "")
    assert "root:" not in words


@pytest.mark.parametrize(
    "event",
    [None, 7, "x", [], {}, {"post": 7}, {"turn": "x", "verdict": [], "note": {}}, {"do": "delete", "id": "../../x"}],
)
@pytest.mark.parametrize(
    "name",
    [
        "page_narrow",
        "page_report",
        "page_refresh",
        "page_about",
        "page_open_saved",
        "page_change_saved",
        "page_look_saved",
    ],
)
def test_a_forged_event_does_nothing(site: Site, name: str, event: object) -> None:
    """Whatever is sent as the event's record, the handler ends well and reveals nothing about the machine."""
    status, words = _joined(site, name, [None, None], event_data=event)
    assert status == 200
    assert '"success":true' in words.replace(" ", "")


def test_what_runs_in_the_browser_alone_cannot_be_called(site: Site) -> None:
    """Handlers of the page without a function on the server: gradio printed a traceback for each call."""
    with urllib.request.urlopen(f"{site.url}/config", timeout=20) as answer:  # noqa: S310 - as above
        numbers = [one["id"] for one in json.load(answer)["dependencies"] if not one["backend_fn"]]
    assert numbers
    for number in numbers:
        call = {"data": [], "fn_index": number, "session_hash": "s"}
        assert _sent(site, "/gradio_api/queue/join", json.dumps(call).encode())[0] == 400


def test_messages_of_an_unknown_session_end_in_words(site: Site) -> None:
    """The client is told that there is none; the end of the site checks that no traceback was printed."""
    stream = f"{site.url}/gradio_api/queue/data?session_hash={secrets.token_hex(8)}"
    with urllib.request.urlopen(stream, timeout=20) as answer:  # noqa: S310 - as above
        assert b'"session_not_found":true' in answer.read()


def test_history_cannot_be_forged(site: Site) -> None:
    """A conversation sent by a browser is not read, because the page keeps that itself."""
    forged = [{"question": "forged words", "answer": {"quotes": ["forged quote"]}}]
    _, words = _joined(site, "page_ask", ["When was the World Wide Web invented?", forged, "no-such-post", None])
    assert '"success":true' in words.replace(" ", "")
    assert "forged" not in words


def test_a_very_long_question_is_told_to_be_shorter(site: Site) -> None:
    """A hundred thousand characters, bypassing the box's own limit; the body of a call has one, too."""
    _, words = _joined(site, "page_ask", ["why " * 25_000, None, None, None])
    assert "longer than 10,000 characters" in words
    assert _sent(site, "/gradio_api/run/ask", b"{" + b" " * 1_000_001)[0] == 413


@pytest.mark.parametrize("body", [b"", b"{", b'{"data": 7}', b'{"data": ["\\ud800"]}', b"[" * 90_000, b"\xff"])
def test_a_body_that_is_not_a_call_is_refused_in_words(site: Site, body: bytes) -> None:
    """Status 400 and a sentence."""
    status, words = _sent(site, "/gradio_api/run/ask", body)
    assert status == 400
    assert json.loads(words)["detail"].endswith(".")


@pytest.mark.parametrize(
    "name", ["../../../escape.txt", "..\\escape.txt", "/var/escape.txt", "a\x00.txt", ".", "x" * 400]
)
def test_an_upload_stays_in_its_folder(site: Site, name: str) -> None:
    """Whatever its name, a file is written to the page's own folder, or is refused; never elsewhere."""
    border = "border"
    part = f'--{border}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\nwords\r\n--{border}--\r\n'
    status, words = _sent(site, "/gradio_api/upload", part.encode(), f"multipart/form-data; boundary={border}")
    assert status in (200, 400)
    if status == 200:
        (path,) = json.loads(words)
        assert Path(path).resolve().is_relative_to(site.home.parent / "uploads")


def test_too_many_and_too_large_uploads_are_refused(site: Site) -> None:
    """One drop has a maximum size, and an upload without a length is not started."""
    kind = "multipart/form-data; boundary=b"
    assert _sent(site, "/gradio_api/upload", b"--b--", kind, Content_Length="200000000")[0] == 413
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=20)
    connection.request("POST", "/gradio_api/upload", iter([b"--b--"]), {"Content-Type": kind}, encode_chunked=True)
    assert connection.getresponse().status == 411
    connection.close()


@pytest.fixture(scope="module")
def locked(seed_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The page behind accounts, one plain and one hashed, with its tool."""
    scratch = tmp_path_factory.mktemp("locked")
    accounts = scratch / "accounts"
    accounts.write_text(f"ada:secret words\n{hashed_line('grace', 'hopper')}\n", encoding="utf-8")
    accounts.chmod(0o600)
    shutil.copytree(seed_home, scratch / "index")
    process, url = serve(scratch / "index", scratch, mcp=True, auth=accounts)
    yield Site(url, scratch / "index", scratch, scratch)
    process.terminate()
    process.wait(20)
    (log,) = scratch.glob("page-*.log")
    assert "Traceback" not in log.read_text(encoding="utf-8", errors="replace")


def test_every_open_route_asks_who_it_is(locked: Site) -> None:
    """With accounts, each route that the page serves returns 401 and nothing else, except the log-in itself."""
    for door in OPEN_ROUTES:
        path = door.route.replace("{api_name}", "ask")
        for name in ("session_hash", "event_id", "path:path", "path_or_url:path"):
            path = path.replace("{" + name + "}", "x")
        if door.body == "login" or door.before_login or door.route == "/":
            continue
        for method in door.methods - {"HEAD"}:
            headers = {"Content_Length": "0"} if method == "POST" else {}
            assert _get(locked, path, method, **headers).status == 401, path


def test_a_person_logs_in_and_out(locked: Site, browser: Browser) -> None:
    """The form; a wrong password is reported, a right one lets the user in; after logging out the form is back."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(locked.url)
    expect(page.get_by_label("Name")).to_be_focused()
    page.get_by_label("Name").fill("grace")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("Wrong user name or password")
    page.get_by_label("Password").fill("hopper")
    page.keyboard.press("Enter")
    page.get_by_label("Your question").fill("When was the World Wide Web invented?", timeout=60_000)
    page.keyboard.press("Enter")
    expect(page.locator(".turn blockquote").first).to_contain_text("1989", timeout=60_000)
    page.goto(f"{locked.url}/logout")
    expect(page.get_by_label("Password")).to_be_visible()
    context.close()


def test_a_program_calls_and_uses_the_tool_with_its_name(locked: Site) -> None:
    """HTTP Basic opens the endpoint and the tool; gradio's client logs in as usual; without a name neither opens."""
    call = json.dumps({"data": ["When was the World Wide Web invented?"]}).encode()
    basic = "Basic " + base64.b64encode(b"ada:secret words").decode()
    assert "1989" in _sent(locked, "/gradio_api/run/ask", call, Authorization=basic)[1]
    tool = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
    asked = json.dumps({**tool, "params": {"name": "ask", "arguments": {"question": "When was the Web invented?"}}})
    accept = {"Accept": "application/json, text/event-stream"}
    assert _sent(locked, "/gradio_api/mcp/", asked.encode(), **accept)[0] == 401
    status, words = _sent(locked, "/gradio_api/mcp/", asked.encode(), Authorization=basic, **accept)
    assert status == 200
    assert "1989" in words


def test_who_guesses_waits(locked: Site) -> None:
    """After a handful of wrong passwords the page says how long to wait, also for the right one, then lets it in."""
    form = "application/x-www-form-urlencoded"
    answers = [_sent(locked, "/login", b"username=ada&password=guess", form)[0] for _ in range(8)]
    assert answers[0] == 400
    assert 429 in answers
    status, words = _sent(locked, "/login", b"username=ada&password=secret+words", form)
    assert status == 429
    assert "Try again in" in json.loads(words)["detail"]


def test_only_the_public_endpoint_is_listed(site: Site) -> None:
    """The page's own handlers are not in the description of the interface."""
    with urllib.request.urlopen(f"{site.url}/gradio_api/info", timeout=20) as answer:  # noqa: S310 - our own address
        assert list(json.load(answer)["named_endpoints"]) == ["/ask"]


def test_an_upload_over_the_limit_is_refused(desk: Desk) -> None:
    """A file larger than the limit is not accepted, and the button stays disabled."""
    desk.show_tab("Add pages")
    big = {"name": "big.txt", "mimeType": "text/plain", "buffer": b"a" * (5 * 1024 * 1024 + 10)}
    desk.page.locator("#pq-pages input[type=file]").set_input_files([big])
    expect(desk.page.locator("[data-testid=toast-body]")).to_contain_text("maximum")
    expect(desk.page.get_by_role("button", name="Add these pages")).to_be_disabled()
    desk.watch.errors.clear()  # the browser itself reports the refused upload
