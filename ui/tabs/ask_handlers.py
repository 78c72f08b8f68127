"""What the events of the Ask tab do: ask, open an address, start over, write files, keep reports."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import gradio as gr

from rag.errors import PullquoteError
from ui.services.conversation import Turns, Window, ask, ask_on, branch, keep, read_link, reopened, show
from ui.services.feedback import keep_report, read_verdict
from ui.services.saved_conversations import conversations_of
from ui.services.temp_files import file_stem, new_file
from ui.views.export import html_report, jsonl_report
from ui.views.html import Markup, tag
from ui.views.markdown_export import markdown_report
from ui.views.saved_list import saved_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from rag.records import Post
    from ui.services.index_holder import Shelf
    from ui.services.saved_conversations import SavedConversations

__all__ = ["Handlers", "account_of", "conversation_list", "narrow", "read_place", "redrawn", "report", "shown"]


class Handlers:
    """The handlers of the tab's events, for one index."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def saved(self, request: gr.Request | None, window: Window | None) -> SavedConversations | None:
        """The saved conversations of the user; None if the user is unknown."""
        return conversations_of(self._shelf, account_of(request), window.browser if window is not None else "")

    def answer_or_wait(
        self, question: str, before: Turns, scope_id: str | None, now: Window | None, place: str, request: gr.Request
    ) -> Iterator[list[object]]:
        """The values of the page after a question, repeatedly while the server of the index is away."""
        window = now or Window()
        search, edited = read_place(place, window)
        saved = self.saved(request, window)
        if not before and (link := read_link(search)).conversation_id:
            before = reopened(saved, link.conversation_id)  # the program was restarted meanwhile
            scope_id = scope_id or link.scope_id or None
        before = branch(before or (), edited)
        after: Turns = before
        for after in ask_on(self._shelf, question, before, scope_id, window, lambda late: keep(saved, late)):
            yield ["", *shown(self._shelf, after, window), gr.skip(), gr.skip()]
        if after is before:
            return
        after, problem = keep(saved, after)
        words = tag("span", problem, data_again=len(after)) if problem else gr.skip()
        window.deleted = None
        yield ["", *shown(self._shelf, after, window), conversation_list(saved, window), words]

    def answer(
        self, question: str, before: Turns, scope_id: str | None, now: Window | None, place: str, request: gr.Request
    ) -> list[object]:
        """The same at once, if the index is available, because gradio sends the last yielded values twice."""
        last = list(self.answer_or_wait(question, before, scope_id, now, place, request))[-1:]
        return last[0] if last else [gr.skip()] * 6

    def open_link(self, place: str, before: Turns, now: Window | None, request: gr.Request) -> list[object]:
        """The values for an address of the page: a saved conversation, questions asked again, or a first look."""
        search, _ = read_place(place, now or Window())
        saved = self.saved(request, now)
        listed = conversation_list(saved, now)
        if before:
            return [*[gr.skip()] * 5, listed, gr.skip()]
        link = read_link(search)
        after = reopened(saved, link.conversation_id) if link.conversation_id else ()
        words: object = gr.skip()
        if link.conversation_id and not after:
            words = tag("span", "This conversation no longer exists.", data_again=link.conversation_id)
        if not after and link.asked:
            for question, scope_id in link.asked:
                after = ask(self._shelf, question, after, scope_id, fast=now is not None and now.fast)
            after, _ = keep(saved, after)
            listed = conversation_list(saved, now)
        return [*shown(self._shelf, after, now), *narrow(self._shelf, link.scope_id), listed, words]

    def forget(self, now: Window | None) -> list[object]:
        """Start a new conversation; a pending answer belongs to the old one."""
        if now is not None:
            now.conversation += 1
        return ["", None, Markup(), *shown(self._shelf, (), now)]

    def writing(self, ending: str) -> Callable[[Turns, Window | None, gr.Request], str | None]:
        """Write the conversation to a file, only when it is asked for."""

        def written(turns: Turns, now: Window | None, request: gr.Request) -> str | None:
            saved = self.saved(request, now)
            if not turns:
                return None
            saved_id = turns[-1].conversation_id
            known = tuple(saved.load(saved_id)) if saved is not None else ()
            title = saved.title(saved_id) if saved is not None else None
            return _written(self._shelf, known or turns, ending, title or turns[0].question)

        return written


def account_of(request: gr.Request | None) -> str | None:
    """The user name of the log-in; None if the page needs none."""
    name = getattr(request, "username", None)
    return name if isinstance(name, str) and name else None


def shown(shelf: Shelf, turns: Turns, window: Window | None) -> list[object]:
    """The values for the log, the state and the row of buttons to save."""
    if window is not None:
        window.turns = turns
    return [show(shelf, turns), turns, gr.update(visible=bool(turns))]


def redrawn(shelf: Shelf, window: Window) -> Markup:
    """The log of what the window shows now, drawn again if that changed meanwhile, so that nothing left comes back."""
    while True:
        turns = window.turns
        log = show(shelf, turns)
        if window.turns is turns:
            return log


def conversation_list(saved: SavedConversations | None, window: Window | None) -> Markup:
    """The list of saved conversations as shown in a window."""
    now = window or Window()
    return saved_list(saved.listed() if saved is not None else (), now.find, now.deleted)


def read_place(place: object, window: Window) -> tuple[str, int | None]:
    """The query string of the page's address, and the number of the turn that is asked again.

    The browser sends its key, and whether it wants fast answers, with them; both are kept in the window.
    """
    try:
        given = json.loads(place) if isinstance(place, str) and place else {}
    except (ValueError, RecursionError):
        given = {}
    if not isinstance(given, dict):
        return "", None
    if isinstance(given.get("browser"), str):
        window.browser = given["browser"]
    window.fast = given.get("fast") is True
    edited = given.get("edit")
    return str(given.get("search") or ""), edited if type(edited) is int else None


def _written(shelf: Shelf, turns: Turns, ending: str, title: str) -> str:
    path = new_file(f"{file_stem(title, 'conversation')}.{ending}")
    if ending == "md":
        path.write_text(markdown_report(turns, title=title), encoding="utf-8")
    elif ending == "jsonl":
        path.write_text(jsonl_report(turns), encoding="utf-8")
    else:
        with shelf.lend() as index:

            def post(post_id: str) -> Post | None:
                try:
                    return index.post(post_id)
                except (PullquoteError, KeyError):
                    return None

            path.write_text(html_report(turns, title=title, post=post), encoding="utf-8")
    return str(path)


def narrow(shelf: Shelf, post_id: object) -> tuple[str | None, Markup]:
    """The scope and its line above the question box; with an unknown or empty id, all posts are asked."""
    if not isinstance(post_id, str) or not post_id:
        return None, Markup()
    with shelf.lend() as index:
        try:
            title = index.post(post_id[:64]).title
        except (PullquoteError, KeyError):
            return None, Markup()
    line = tag(
        "p",
        tag("span", "Asking only about ", tag("cite", title, dir="auto")),
        tag("button", "Ask all posts", type="button", class_="quiet", data_scope=""),
        class_="scope",
        data_post=post_id,
    )
    return post_id, line


def report(shelf: Shelf, turns: Turns, given: Mapping[str, object]) -> str:
    """Save a report on one turn, or one of its quotes; return the sentence to show."""
    known, order = read_verdict(given.get("verdict")), given.get("turn")
    said = next((turn for turn in turns or () if turn.order == order), None)
    if known is None or said is None:
        return "Not saved: this answer is no longer on the page."
    with shelf.lend() as index:
        posts = index.posts_in_order()  # read only as far as needed
        return keep_report(shelf.home, said, known, given.get("note"), posts, given.get("quote") or "")
