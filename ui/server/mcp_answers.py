"""Answers for MCP clients: structured content with a schema, and the same as JSON in text.

Gradio would send a function's return value as its Python text, without a schema.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

__all__ = ["ANSWER_SCHEMA", "send_structured"]

_TEXT = {"type": "string"}
_TEXT_OR_NONE = {"type": ["string", "null"]}
_OFFSET = {"type": "integer", "minimum": 0}
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}


def _record(required: dict[str, object], **others: object) -> dict[str, object]:
    return {"type": "object", "properties": {**required, **others}, "required": list(required)}


def _list(of: str) -> dict[str, object]:
    return {"type": "array", "items": {"$ref": f"#/$defs/{of}"}}


_PLACE = _record(
    {"file": _TEXT, "start": _OFFSET, "end": _OFFSET, "sha256": _TEXT},
    text={**_TEXT, "description": "the text of the file at this location, if it is not letter for letter the quote"},
    format=_TEXT,
    record=_TEXT,
    page_state={"enum": ["changed", "gone"]},
    site={**_TEXT, "description": "the site that the page names as its source"},
)
_PASSAGE = _record({"text": _TEXT, "start": _OFFSET, "end": _OFFSET, "locations": _list("place")})
_QUOTE = _record(
    {
        "text": {**_TEXT, "description": "the exact words of the post"},
        "post_id": _TEXT,
        "post_title": _TEXT,
        "score": {"type": "number"},
        "confidence": _SHARE,
        "label": {"enum": ["answers", "also related"]},
        "start": _OFFSET,
        "end": _OFFSET,
        "locations": _list("place"),
    },
    post_date=_TEXT,
    index=_TEXT,
    header={"$ref": "#/$defs/passage"},
    list=_record({"shown": _OFFSET, "total": _OFFSET, "rest": _list("passage")}),
)
_POST = _record(
    {
        "post_id": _TEXT,
        "title": _TEXT,
        "author": _TEXT_OR_NONE,
        "date": _TEXT_OR_NONE,
        "times": _OFFSET,
        "best": {"anyOf": [{"$ref": "#/$defs/quote"}, {"type": "null"}]},
        "locations": _list("place"),
    }
)

# The shape of `Answer.to_dict`.
ANSWER_SCHEMA: dict[str, object] = {
    **_record(
        {
            "id": _TEXT,
            "question": _TEXT,
            "status": {"enum": ["answered", "partial", "no_answer", "error"]},
            "confidence": {**_SHARE, "description": "of the answers at 0.8, about 8 in 10 are right"},
            "band": {"enum": ["high", "medium", "low"]},
            "reason": {**_TEXT_OR_NONE, "description": "why there is no answer"},
            "quotes": _list("quote"),
            "closest": {**_list("quote"), "description": "the closest quotes if there is no answer"},
        },
        posts=_list("post"),
        summary=_TEXT,
        disagreement=_TEXT,
        understood=_TEXT,
        read_as={"type": "object", "additionalProperties": _TEXT},
        columns={"type": "object", "additionalProperties": _TEXT},
        parts={"type": "array", "items": {"$ref": "#"}},
    ),
    "$defs": {"place": _PLACE, "passage": _PASSAGE, "quote": _QUOTE, "post": _POST},
}


class _GradioServer(Protocol):
    """The part of gradio's MCP server that is used here."""

    mcp_server: Any
    types: Any
    postprocess_output_data: Callable[[Sequence[object], str], list[object]]


def send_structured(server: _GradioServer) -> None:
    """Make the only tool of an MCP server return structured content, and publish its schema."""
    types, handlers = server.types, server.mcp_server.request_handlers
    list_tools: Callable[[object], Awaitable[Any]] = handlers[types.ListToolsRequest]
    call_tool: Callable[[object], Awaitable[Any]] = handlers[types.CallToolRequest]

    def as_text(data: Sequence[object], root_url: str) -> list[object]:  # noqa: ARG001 - gradio gives both
        return [types.TextContent(type="text", text=json.dumps(one, ensure_ascii=False)) for one in data]

    async def listed(request: object) -> object:
        found = await list_tools(request)
        for tool in found.root.tools:
            tool.outputSchema = ANSWER_SCHEMA
        return found

    async def called(request: object) -> object:
        found = await call_tool(request)
        if not found.root.isError:
            found.root.structuredContent = json.loads(found.root.content[0].text)
        return found

    server.postprocess_output_data = as_text
    handlers[types.ListToolsRequest] = listed
    handlers[types.CallToolRequest] = called
