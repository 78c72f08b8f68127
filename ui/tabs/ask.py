"""The Ask tab: question box, conversation, and what can be kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

from rag.errors import PullquoteError
from ui.services.conversation import MAX_QUESTION_CHARS, Turns, Window, ask, ask_on, read_link, show
from ui.services.feedback import keep_report, read_verdict
from ui.services.temp_files import new_file
from ui.views.export import html_report, markdown_report
from ui.views.html import Markup, tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.records import Post
    from ui.services.index_holder import Shelf

__all__ = ["AskTab", "build_ask_tab"]

# Questions answered at the same time; two cores' worth, measured as the point where more only wait for each other.
MAX_ASKING = 2


@dataclass(frozen=True, slots=True)
class AskTab:
    """The components that the page wires to the reading pane."""

    box: gr.Textbox
    log: gr.HTML
    scope: gr.State
    scope_line: gr.HTML
    turns: gr.State


def build_ask_tab(shelf: Shelf, page: gr.Blocks) -> AskTab:
    """Put the tab's components where it is called and wire them to each other."""
    turns = gr.State((), time_to_live=3600)
    scope = gr.State(None, time_to_live=3600)
    window = gr.State(Window(), time_to_live=3600)
    with gr.Row(elem_id="pq-keep", visible=False) as keep:
        save_html = gr.Button("Save HTML", size="sm", variant="secondary")
        save_markdown = gr.Button("Save Markdown", size="sm", variant="secondary")
        clear = gr.Button("New conversation", size="sm", variant="secondary")
    log = gr.HTML(
        show(shelf, ()),
        elem_id="pq-log",
        js_on_load=files("ui").joinpath("static/log.js").read_text(encoding="utf-8"),
        apply_default_css=False,
    )
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
    made = gr.File(visible="hidden")
    kept = [log, turns, keep]

    def answer_or_wait(
        question: str, before: Turns, scope_id: str | None, now: Window | None
    ) -> Iterator[list[object]]:
        for after in ask_on(shelf, question, before or (), scope_id, now or Window()):
            yield ["", *_shown(shelf, after)]

    def answer(question: str, before: Turns, scope_id: str | None, now: Window | None) -> list[object]:
        # in one piece where the index is at hand: of what is yielded gradio sends the last piece twice
        last = list(answer_or_wait(question, before, scope_id, now))[-1:]
        return last[0] if last else [gr.skip()] * 4

    def open_link(search: str, before: Turns) -> list[object]:
        asked = read_link(search)
        if not asked or before:
            return [gr.skip()] * len(kept)
        after: Turns = ()
        for question, scope_id in asked:
            after = ask(shelf, question, after, scope_id)
        return _shown(shelf, after)

    def forget(now: Window | None) -> list[object]:
        if now is not None:
            now.conversation += 1
        return ["", None, Markup(), *_shown(shelf, ())]

    asking = {"concurrency_id": "ask", "concurrency_limit": MAX_ASKING, "api_visibility": "private"}
    submitted = box.submit(
        answer if isinstance(shelf.place, Path) else answer_or_wait,
        [box, turns, scope, window],
        [box, *kept],
        js=_PENDING,
        show_progress="hidden",
        api_name="page_ask",
        trigger_mode="once",
        **asking,
    )
    submitted.failure(None, js=_FAILED)
    # the browser gives the address: a request's own record of it keeps one value of each name
    address = gr.Textbox(visible=False)
    page.load(
        open_link,
        [address, turns],
        kept,
        js="(address, turns) => [window.location.search, turns]",
        show_progress="hidden",
        api_name="page_open",
        **asking,
    )
    clear.click(
        forget,
        [window],
        [box, scope, scope_line, *kept],
        show_progress="hidden",
        api_name="page_forget",
        api_visibility="private",
        cancels=[submitted],  # one that still waits for its turn; one that is being answered asks the window
    )
    for button, ending in ((save_html, "html"), (save_markdown, "md")):
        written = button.click(
            lambda now, ending=ending: _written(shelf, now, ending),
            [turns],
            [made],
            show_progress="hidden",
            api_name=f"page_save_{ending}",
            api_visibility="private",
        )
        written.success(None, [made], None, js=_SAVE)
    return AskTab(box, log, scope, scope_line, turns)


# Shows the question at once, where its answer will stand, so that nothing moves when the answer comes.
_PENDING = """(question, turns, scope, window_) => {
  const words = question.trim();
  const host = document.querySelector("#pq-log .turns, #pq-log .welcome");
  if (words && host) {
    const turn = document.createElement("article");
    turn.className = "turn pending";
    const title = document.createElement("h2");
    title.className = "question";
    title.textContent = words;
    const wait = document.createElement("p");
    wait.className = "verdict";
    wait.textContent = "Looking in the posts";
    turn.append(title, wait);
    if (host.classList.contains("welcome")) { host.replaceChildren(turn); } else { host.append(turn); }
    turn.scrollIntoView({ block: "start" });
  }
  return [question, turns, scope, window_];
}"""


# What stands there when the page was too busy or the server broke off: the question stays to be asked again.
_FAILED = """() => {
  const wait = document.querySelector("#pq-log .pending .verdict");
  if (wait) wait.textContent = "No answer came: Pullquote is busy or was stopped. Ask again in a moment.";
}"""


# Gives the file that was just written to the browser to keep.
_SAVE = """(file) => {
  if (!file) return;
  const link = document.createElement("a");
  link.href = file.url;
  link.download = file.orig_name || "";
  document.body.append(link);
  link.click();
  link.remove();
}"""


def _shown(shelf: Shelf, turns: Turns) -> list[object]:
    """Values for the log, the state and the row of things to keep."""
    return [show(shelf, turns), turns, gr.update(visible=bool(turns))]


def _written(shelf: Shelf, turns: Turns, ending: str) -> str | None:
    """The path of the conversation as a file; written when it is asked for, since few are."""
    asked = [turn.answer for turn in turns or ()]
    if not asked:
        return None
    path = new_file(f"pullquote-conversation.{ending}")
    if ending == "md":
        path.write_text(markdown_report(asked, title="A conversation with the posts"), encoding="utf-8")
        return str(path)
    with shelf.lend() as index:

        def post(post_id: str) -> Post | None:
            try:
                return index.post(post_id)
            except (PullquoteError, KeyError):
                return None

        path.write_text(html_report(asked, title="A conversation with the posts", post=post), encoding="utf-8")
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
        tag("span", "Asking only about ", tag("cite", title)),
        tag("button", "Ask all posts", type="button", class_="quiet", data_scope=""),
        class_="scope",
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
