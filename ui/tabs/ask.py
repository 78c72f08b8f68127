"""The Ask tab: question box, conversation, and files to save it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

from rag.answering.files.question_rows import MAX_QUESTION_CHARACTERS
from ui.services.conversation import Window
from ui.tabs.ask_handlers import Handlers
from ui.tabs.scripts import script
from ui.views.welcome import fast_switch

if TYPE_CHECKING:
    from ui.services.index_holder import Shelf

__all__ = ["MAX_ASKING", "AskTab", "build_ask_tab", "wire_ask_tab"]

# Questions answered at the same time: two cores' worth; more only wait for each other (measured).
MAX_ASKING = 2

ENDINGS = {"html": "Save HTML", "md": "Save Markdown", "jsonl": "Save JSONL"}


@dataclass(frozen=True, slots=True)
class AskTab:
    """The components that the page connects to the reading pane and the saved conversations."""

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
        """The components that show a conversation; their values come from `shown`."""
        return [self.log, self.turns, self.keep]


def build_ask_tab(*, fast: bool) -> AskTab:
    """Add the tab's components; with ``fast`` the reader cannot be chosen."""
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
            placeholder="Ask the posts",
            submit_btn="Ask",
            lines=1,
            max_lines=4,
            max_length=MAX_QUESTION_CHARACTERS,
            autofocus=True,
            elem_id="pq-box",
        )
        gr.HTML(fast_switch(always=fast), elem_id="pq-speed", js_on_load=_SPEED, apply_default_css=False)
    return AskTab(box, log, scope, scope_line, turns, window, row, clear)


def wire_ask_tab(shelf: Shelf, page: gr.Blocks, tab: AskTab, listed: gr.HTML, said: gr.HTML) -> None:
    """Connect question box, conversation and buttons; ``listed`` shows the saved conversations."""
    handlers = Handlers(shelf)
    asking = {"concurrency_id": "ask", "concurrency_limit": MAX_ASKING, "api_visibility": "private"}
    # sent by the browser: the address of the page, and which question was edited
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
        [place, tab.turns, tab.window],
        [*tab.kept, tab.scope, tab.scope_line, listed, said],
        js=_OPENING,
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
        cancels=[submitted],  # cancels a waiting question; one being answered checks the window itself
        **hidden,
    )
    made = gr.File(visible="hidden")
    for button in tab.keep.children:
        ending = str(button.elem_id).removeprefix("pq-save-")
        if ending not in ENDINGS:
            continue
        written = button.click(
            handlers.writing(ending), [tab.turns, tab.window], [made], api_name=f"page_save_{ending}", **hidden
        )
        written.success(None, [made], None, js="(file) => window.pullquote.save(file)")


# The choice is kept by this browser, or by the window if the browser keeps nothing.
_SPEED = """const box = element.querySelector("input");
try {
  if (!box.disabled) box.checked = localStorage.getItem("pullquote-fast") === "yes";
} catch (error) { /* it keeps nothing */ }
box.addEventListener("change", () => {
  try { localStorage.setItem("pullquote-fast", box.checked ? "yes" : "no"); } catch (error) { /* it keeps nothing */ }
});"""

# The script of the page's head may still be loading when the page is ready.
_OPENING = """async (place, turns, window_) => {
  while (!window.pullquote?.state) await new Promise((done) => setTimeout(done, 10));
  return [window.pullquote.state(), turns, window_];
}"""
