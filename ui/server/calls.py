"""Calls of the page's handlers: what a JSON body may contain, and which of its fields are passed on."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from rag.answering.files.question_rows import MAX_QUESTION_CHARACTERS
from ui.server.refusals import Refused
from ui.server.routes import SESSION_PATTERN
from ui.services.event_payloads import WRONG_CALL, are_questions

if TYPE_CHECKING:
    from starlette.types import Message, Send

    from ui.server.routes import Route

__all__ = ["MAX_CALL_BYTES", "read_call", "with_callers_errors"]

# Bodies of calls: the largest that a browser sends is a drop of 500 files, with about a hundred bytes each.
MAX_CALL_BYTES = 1_000_000

# The arguments of `ask`: the question, earlier ones, a post, and two switches.
_ASK_VALUES = 5

# Deeper than any call of the page (a list of files in the list of inputs), but not so deep that a JSON parser fails.
MAX_DEPTH = 12


def read_call(route: Route, body: bytes, handlers: frozenset[int], servers: frozenset[int]) -> bytes:
    """The body of a call to pass on: only known fields, each of the type that gradio expects.

    ``handlers`` has the numbers of the page's events, ``servers`` those of the components with server functions.

    Raises:
        Refused: it is not a call of this page.

    """
    try:
        call = json.loads(body)
        shallow = _depth(call) <= MAX_DEPTH
        kept = {key: value for key, value in call.items() if key in route.keys} if isinstance(call, dict) else None
        encoded = json.dumps(kept, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:  # half of a surrogate pair cannot be encoded
        raise Refused(400, "The body must be JSON in UTF-8.") from error
    sound = kept is not None and all(_is_sound(key, value, handlers, servers) for key, value in kept.items())
    if kept is None or not shallow or not sound or not _is_complete(route, kept):
        raise Refused(400, "The page has no such call. ui/README.md says how to ask a question.")
    if route.keys == {"data"}:
        _check_question(kept["data"])
    return encoded


def with_callers_errors(send: Send) -> Send:
    """Wrap ``send`` so that an error titled ``WRONG_CALL`` has status 400 instead of 500."""
    start: Message | None = None

    async def send_with_status(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start" and message["status"] == 500:  # noqa: PLR2004 - a server error
            start = message
            return
        if start is not None:
            if _title(message.get("body", b"")) == WRONG_CALL:
                start["status"] = 400
            await send(start)
            start = None
        await send(message)

    return send_with_status


def _title(body: bytes) -> object:
    """The title of an error as gradio sends it."""
    try:
        error = json.loads(body)
    except ValueError:
        return None
    return error.get("title") if isinstance(error, dict) else None


def _check_question(given: object) -> None:
    """Raises Refused if a program gives values that `ask` does not take; gradio would report a server error."""
    values = given if isinstance(given, list) else []
    question, history, post_id, *switches = [*values, None, None, None] if len(values) <= _ASK_VALUES else [None] * 3
    if not isinstance(question, str) or not question.strip() or len(question) > MAX_QUESTION_CHARACTERS:
        raise Refused(400, f"The question must be 1 to {MAX_QUESTION_CHARACTERS:,} characters long.")
    if not are_questions(history) or not isinstance(post_id, str | None):
        raise Refused(400, "History is a list of questions, and post_id the id of a post.")
    if not all(isinstance(switch, bool | None) for switch in switches):
        raise Refused(400, "always_answer and fast are true or false.")


def _depth(value: object) -> int:
    deepest, left = 0, [(value, 1)]
    while left:
        item, depth = left.pop()
        deepest = max(deepest, depth)
        if depth > MAX_DEPTH:
            break
        if isinstance(item, dict):
            left.extend((part, depth + 1) for part in item.values())
        elif isinstance(item, list):
            left.extend((part, depth + 1) for part in item)
    return deepest


def _is_complete(route: Route, call: dict[str, object]) -> bool:
    if "fn_name" in route.keys:
        return call.keys() >= {"data", "component_id", "fn_name", "session_hash"}
    if "data" in route.keys:
        return isinstance(call.get("data"), list) and ("fn_index" not in route.keys or "session_hash" in call)
    return "event_id" in call


def _is_sound(key: str, value: object, handlers: frozenset[int], servers: frozenset[int]) -> bool:
    sound = True
    match key:
        case "session_hash" | "event_id":
            sound = isinstance(value, str) and re.fullmatch(SESSION_PATTERN, value, re.ASCII) is not None
        case "fn_index":
            sound = type(value) is int and value in handlers
        case "trigger_id":
            sound = value is None or type(value) is int
        case "component_id":
            sound = type(value) is int and value in servers
        case "fn_name":
            sound = value == "get_source"
        case "event_data":
            sound = value is None or isinstance(value, (dict, list, str, int, float, bool))
    return sound
