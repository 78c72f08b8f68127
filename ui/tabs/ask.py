"""The Ask tab: question box, conversation, and what can be kept of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

from rag.errors import PullquoteError
from ui.services.conversation import (
    MAX_QUESTION_CHARS,
    Turns,
    Window,
    ask,
    ask_on,
    branch,
    keep,
    read_link,
    reopened,
    show,
)
from ui.services.feedback import keep_report, read_verdict
from ui.services.saved_conversations import conversations_of
from ui.services.temp_files import new_file
from ui.tabs.scripts import script
from ui.views.export import html_report, jsonl_report, markdown_report
from ui.views.html import Markup, tag
from ui.views.saved_list import saved_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rag.records import Post
    from ui.services.index_holder import Shelf
    from ui.services.saved_conversations import SavedConversations

__all__ = [
    "MAX_ASKING",
    "AskTab",
    "Handlers",
    "account_of",
    "build_ask_tab",
    "narrow",
    "report",
    "shown",
    "wire_ask_tab",
]

# Questions answered at the same time; two cores' worth, measured as the point where more only wait for each other.
MAX_ASKING = 2

ENDINGS = {"html": "Save HTML", "md": "Save Markdown", "jsonl": "Save JSONL"}


@dataclass(frozen=True, slots=True)
class AskTab:
    """The components that the page wires to the reading pane and to the saved conversations."""

    box: gr.Textbox
    log: gr.HTML
    scope: gr.State
    scope_line: gr.HTML
    turns: gr.State
    window: gr.State
    keep: gr.Row
    clear: gr.Button

    @property
    def kept(self) -> list[gr.blocks.Block]:
        """What shows a conversation: its values are those of `shown`."""
        return [self.log, self.turns, self.keep]


def build_ask_tab() -> AskTab:
    """Put the tab's components where it is called."""
    turns = gr.State((), time_to_live=3600)
    scope = gr.State(None, time_to_live=3600)
    window = gr.State(Window(), time_to_live=3600)
    with gr.Row(elem_id="pq-keep", visible=False) as row:
        for ending, label in ENDINGS.items():
            gr.Button(label, size="sm", variant="secondary", elem_id=f"pq-save-{ending}")
        clear = gr.Button("New conversation", size="sm", variant="secondary", elem_id="pq-new")
    log = gr.HTML("", elem_id="pq-log", js_on_load=script("log.js"), apply_default_css=False)
    with gr.Column(elem_id="pq-composer"):
        scope_line = gr.HTML("", elem_id="pq-scope", js_on_load=None, apply_default_css=False)
        box = gr.Textbox(
            label="Your question",
            placeholder="Ask the posts a question",
            submit_btn="Ask",
            lines=1,
            max_lines=4,
            max_length=MAX_QUESTION_CHARS,
            autofocus=True,
            elem_id="pq-box",
        )
    return AskTab(box, log, scope, scope_line, turns, window, row, clear)


def wire_ask_tab(shelf: Shelf, page: gr.Blocks, tab: AskTab, listed: gr.HTML, said: gr.HTML) -> None:
    """Connect question box, conversation and buttons; ``listed`` shows the saved conversations."""
    handlers = Handlers(shelf)
    asking = {"concurrency_id": "ask", "concurrency_limit": MAX_ASKING, "api_visibility": "private"}
    # what the browser adds: the address of the page, and which question was edited
    place = gr.Textbox(visible=False)
    submitted = tab.box.submit(
        handlers.answer if isinstance(shelf.place, Path) else handlers.answer_or_wait,
        [tab.box, tab.turns, tab.scope, tab.window, place],
        [tab.box, *tab.kept, listed, said],
        js="(...given) => window.pullquote.asking(...given)",
        show_progress="hidden",
        api_name="page_ask",
        trigger_mode="once",
        **asking,
    )
    submitted.failure(None, js="() => { window.pullquote.failed(); }")
    page.load(
        handlers.open_link,
        [place, tab.turns],
        [*tab.kept, tab.scope, tab.scope_line, listed, said],
        js="(address, turns) => [window.location.search, turns]",
        show_progress="hidden",
        api_name="page_open",
        **asking,
    )
    hidden = {"show_progress": "hidden", "api_visibility": "private"}
    tab.clear.click(
        handlers.forget,
        [tab.window],
        [tab.box, tab.scope, tab.scope_line, *tab.kept],
        api_name="page_forget",
        cancels=[submitted],  # one that still waits for its turn; one that is being answered asks the window
        **hidden,
    )
    made = gr.File(visible="hidden")
    for button in tab.keep.children:
        ending = str(button.elem_id).removeprefix("pq-save-")
        if ending not in ENDINGS:
            continue
        written = button.click(handlers.writing(ending), [tab.turns], [made], api_name=f"page_save_{ending}", **hidden)
        written.success(None, [made], None, js="(file) => window.pullquote.save(file)")


class Handlers:
    """What the tab's events do, over one index."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def saved(self, request: gr.Request | None) -> SavedConversations:
        """The saved conversations of who asks."""
        return conversations_of(self._shelf, account_of(request))

    def answer_or_wait(
        self, question: str, before: Turns, scope_id: str | None, now: Window | None, place: str, request: gr.Request
    ) -> Iterator[list[object]]:
        """Values of the page after a question, again and again while the server of the index is away."""
        saved = self.saved(request)
        search, edited = _read_place(place)
        if not before and (link := read_link(search)).conversation_id:
            before = reopened(saved, link.conversation_id)  # the program was started anew meanwhile
            scope_id = scope_id or link.scope_id or None
        before = branch(before or (), edited)
        after: Turns = before
        window = now or Window()
        for after in ask_on(self._shelf, question, before, scope_id, window, lambda late: keep(saved, late)):
            yield ["", *shown(self._shelf, after), gr.skip(), gr.skip()]
        if after is before:
            return
        after, problem = keep(saved, after)
        words = tag("span", problem, data_again=len(after)) if problem else gr.skip()
        yield ["", *shown(self._shelf, after), saved_list(saved.listed()), words]

    def answer(
        self, question: str, before: Turns, scope_id: str | None, now: Window | None, place: str, request: gr.Request
    ) -> list[object]:
        """The same in one piece, where the index is at hand: of what is yielded gradio sends the last piece twice."""
        last = list(self.answer_or_wait(question, before, scope_id, now, place, request))[-1:]
        return last[0] if last else [gr.skip()] * 6

    def open_link(self, search: str, before: Turns, request: gr.Request) -> list[object]:
        """What an address of the page shows: a saved conversation, questions asked anew, or a first look."""
        saved = self.saved(request)
        listed = saved_list(saved.listed())
        if before:
            return [*[gr.skip()] * 5, listed, gr.skip()]
        link = read_link(search)
        after = reopened(saved, link.conversation_id) if link.conversation_id else ()
        words: object = gr.skip()
        if link.conversation_id and not after:
            words = tag("span", "This conversation is not here any more.", data_again=link.conversation_id)
        if not after and link.asked:
            for question, scope_id in link.asked:
                after = ask(self._shelf, question, after, scope_id)
            after, _ = keep(saved, after)
            listed = saved_list(saved.listed())
        return [*shown(self._shelf, after), *narrow(self._shelf, link.scope_id), listed, words]

    def forget(self, now: Window | None) -> list[object]:
        """Begin a new conversation; an answer on its way belongs to the old one."""
        if now is not None:
            now.conversation += 1
        return ["", None, Markup(), *shown(self._shelf, ())]

    def writing(self, ending: str) -> Callable[[Turns, gr.Request], str | None]:
        """Write the conversation as a file when it is asked for, since few are."""

        def written(turns: Turns, request: gr.Request) -> str | None:
            known = self.saved(request).load(turns[-1].conversation_id) if turns else []
            return _written(self._shelf, tuple(known) or turns or (), ending)

        return written


def account_of(request: gr.Request | None) -> str | None:
    """The name somebody logged in with; None where the page asks for none."""
    name = getattr(request, "username", None)
    return name if isinstance(name, str) and name else None


def shown(shelf: Shelf, turns: Turns) -> list[object]:
    """Values for the log, the state and the row of things to keep."""
    return [show(shelf, turns), turns, gr.update(visible=bool(turns))]


def _read_place(place: object) -> tuple[str, int | None]:
    """The query string of the page's address, and the number of the turn that is asked anew."""
    try:
        given = json.loads(place) if isinstance(place, str) and place else {}
    except ValueError:
        given = {}
    if not isinstance(given, dict):
        return "", None
    edited = given.get("edit")
    return str(given.get("search") or ""), edited if type(edited) is int else None


def _written(shelf: Shelf, turns: Turns, ending: str) -> str | None:
    if not turns:
        return None
    title = turns[0].question
    path = new_file(f"pullquote-conversation.{ending}")
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
    """The scope and its line over the question box; an unknown or empty id asks all posts again."""
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


def report(shelf: Shelf, turns: Turns, order: object, verdict: object, note: object) -> str:
    """Keep what a reader said about one turn; the sentence that is shown."""
    known = read_verdict(verdict)
    said = next((turn for turn in turns or () if turn.order == order), None)
    if known is None or said is None:
        return "Not kept: this answer is not on the page any more."
    with shelf.lend() as index:
        return keep_report(shelf.home, said, known, note, index.posts())
