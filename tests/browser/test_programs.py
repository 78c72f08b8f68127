"""For programs: one public endpoint, from the client, from curl and as an MCP tool; the README's examples."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rag.answering.files.answer_files import answer_from_dict

if TYPE_CHECKING:
    from tests.browser.conftest import Site

DOCUMENT = (Path(__file__).resolve().parents[2] / "ui" / "README.md").read_text(encoding="utf-8")
QUESTION = "What share of people in an organisation are change agents?"

# gradio's client and the MCP client use names of their own libraries that are deprecated
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:(gradio_client|httpx|websockets|mcp|pydantic).*"),
]


def _post(url: str, body: dict[str, object]) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310 - our own address
        url, json.dumps(body).encode("utf-8"), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - our own address
        found: dict[str, Any] = json.load(answer)
    return found


def test_the_client_gets_the_answer_of_the_design(site: Site) -> None:
    """`predict(question, api_name="/ask")` returns the object that `ask --json` prints."""
    from gradio_client import Client

    client = Client(site.url, verbose=False)
    found = client.predict(QUESTION, api_name="/ask")
    answer = answer_from_dict(found)
    assert answer.status == "answered"
    for quote in answer.quotes:
        for place in quote.locations:
            assert site.text(place.file)[place.start : place.end] == (place.text or quote.text)
    assert list(client.view_api(return_format="dict")["named_endpoints"]) == ["/ask"]
    client.close()


def test_curl_gets_it_in_one_request(site: Site) -> None:
    """One POST, one JSON object, the same from the same question."""
    first = _post(f"{site.url}/gradio_api/run/ask", {"data": [QUESTION]})
    again = _post(f"{site.url}/gradio_api/run/ask", {"data": [QUESTION]})
    assert first["data"] == again["data"]
    assert answer_from_dict(first["data"][0]).question == QUESTION


def _example(language: str, site: Site) -> str:
    """The README's example in a language, against the running page."""
    found = re.search(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found is not None
    return found[1].replace("http://127.0.0.1:7860", site.url)


def test_the_python_example_runs(site: Site) -> None:
    """What the README says about the client, letter for letter."""
    names: dict[str, Any] = {}
    exec(_example("python", site).replace("Client(", "Client(verbose=False, src="), names)  # noqa: S102 - our own README
    assert answer_from_dict(names["answer"]).status == "answered"
    assert answer_from_dict(names["follow_up"]).question == "And late adopters?"
    names["client"].close()


def test_the_curl_example_asks(site: Site) -> None:
    """What the README says about curl: address, header and body, sent exactly as written."""
    words = shlex.split(_example("sh", site))
    assert words[0] == "curl"
    assert words[words.index("-H") + 1] == "Content-Type: application/json"
    answer = _post(words[1], json.loads(words[words.index("-d") + 1]))
    assert answer_from_dict(answer["data"][0]).status == "answered"


def test_follow_up_and_single_post_can_be_asked(site: Site) -> None:
    """The endpoint accepts the earlier questions, one post, and the wish for an answer in any case."""
    answer = _post(f"{site.url}/gradio_api/run/ask", {"data": [QUESTION]})["data"][0]
    post_id = answer["quotes"][0]["post_id"]
    alone = _post(f"{site.url}/gradio_api/run/ask", {"data": ["And late adopters?", [QUESTION], post_id, True]})[
        "data"
    ][0]
    assert {quote["post_id"] for quote in alone["quotes"]} == {post_id}


@pytest.mark.parametrize(
    "data", [[""], ["   "], ["x" * 10_001], [None], [7], [{"a": 1}], [QUESTION, None, "no such post"]]
)
def test_a_question_that_is_none_is_refused(site: Site, data: list[object]) -> None:
    """It is an error of the sender, and there is no answer."""
    with pytest.raises(urllib.error.HTTPError) as error:
        _post(f"{site.url}/gradio_api/run/ask", {"data": data})
    assert error.value.code == 400
    error.value.close()


def test_the_same_tool_over_mcp(site: Site, not_there: str) -> None:
    """Started with --mcp, there is one tool, `ask`; its result has the published shape, for every kind of answer."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    address = json.loads(_example("json", site))["mcpServers"]["pullquote"]["url"]

    asked = (
        QUESTION,
        not_there,
        "Who pays for social care? And when was the web invented?",
        "Which posts mention Clegg?",
    )

    async def use() -> tuple[list[Any], list[Any]]:
        async with (
            streamable_http_client(address) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = (await session.list_tools()).tools
            return tools, [await session.call_tool("ask", {"question": question}) for question in asked]

    # the browser of the other tests keeps a loop running in this thread
    with ThreadPoolExecutor(1) as apart:
        tools, results = apart.submit(asyncio.run, use()).result(60)
    assert [tool.name for tool in tools] == ["ask"]
    assert "exact, cited quotations" in tools[0].description
    assert "question" in tools[0].inputSchema["properties"]
    for question, result in zip(asked, results, strict=True):
        direct = _post(f"{site.url}/gradio_api/run/ask", {"data": [question]})["data"][0]
        # the client itself has checked the structured content against this schema
        assert set(tools[0].outputSchema["properties"]) >= set(direct)
        assert result.structuredContent == direct
        assert [json.loads(part.text) for part in result.content] == [direct]
