"""The whole page: tabs on the left, the shared reading pane on the right, and the only public endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

from rag.answering.files.question_rows import MAX_QUESTION_CHARACTERS, check_question
from rag.config import MAX_PAGE_MB
from rag.errors import InputError, PullquoteError
from ui.services.conversation import Turns, Window
from ui.services.event_payloads import WRONG_CALL, are_questions, checked_files, checked_text, record
from ui.services.page_calls import PageCalls
from ui.tabs.add_pages import build_pages_tab, can_undo
from ui.tabs.ask import MAX_ASKING, AskTab, build_ask_tab, wire_ask_tab
from ui.tabs.ask_handlers import narrow, redrawn, report
from ui.tabs.batch import build_batch_tab
from ui.tabs.posts import build_posts_tab
from ui.tabs.saved import build_saved, wire_saved
from ui.tabs.scripts import script
from ui.views.about import MAX_SUBJECT_CHARS, about_panel
from ui.views.html import Markup, tag
from ui.views.reading_pane import empty_panel, message_panel

if TYPE_CHECKING:
    from ui.services.index_holder import Shelf

__all__ = ["build_page"]


class _Page(gr.Blocks):  # type: ignore[misc]  # gradio has no types
    """Blocks that check inputs before any handler sees them; the public endpoint may be called with fewer."""

    def validate_inputs(self, block_fn: gr.blocks.BlockFunction, inputs: list[object]) -> None:
        """Fill in what a plain POST leaves out; refuse what no browser sends, with a sentence and no traceback."""
        if block_fn.api_name == "ask":
            inputs.extend(_DEFAULTS[len(inputs) :])
        elif len(inputs) == _LAST_MAY_LACK.get(block_fn.api_name):
            inputs.append(None)
        wanted = block_fn.inputs
        if len(inputs) < len(wanted):
            raise gr.Error("Something is missing in this call.", print_exception=False)
        del inputs[len(wanted) :]
        try:
            for place, part in enumerate(wanted):
                if part.stateful:
                    inputs[place] = None
                elif isinstance(part, gr.File):
                    inputs[place] = checked_files(inputs[place], Path(part.GRADIO_CACHE))
                elif isinstance(part, gr.Textbox):
                    inputs[place] = checked_text(inputs[place])
        except InputError as error:
            raise gr.Error(f"{error}.".replace("..", "."), print_exception=False) from error
        super().validate_inputs(block_fn, inputs)

    async def postprocess_data(
        self, block_fn: gr.blocks.BlockFunction, predictions: object, state: gr.blocks.SessionState | None
    ) -> list[object]:
        """Send what a handler returns, and drop the copy that gradio keeps for links to a session, which are closed."""
        sent: list[object] = await super().postprocess_data(block_fn, predictions, state)
        if state is not None:
            state.config_values.clear()
        return sent


# Earlier questions that a caller may send; more than any follow-up depends on.
MAX_EARLIER = 20

# Defaults of the public endpoint's arguments: the question (none), history, post, `always_answer` and `fast`.
_DEFAULTS: tuple[object, ...] = ("", None, None, False, False)

# Handlers whose last input is optional, and their number of inputs without it: the page's address, and the column of a
# file.
_LAST_MAY_LACK = {"page_ask": 4, "page_batch": 1}


def build_page(shelf: Shelf, *, max_upload_mb: int = MAX_PAGE_MB) -> gr.Blocks:
    """The whole page for one index."""
    with _Page(title="Pullquote", analytics_enabled=False, fill_width=True, delete_cache=None) as page:
        gr.HTML(_head(), js_on_load=script("page.js"), apply_default_css=False, elem_id="pq-head")
        with gr.Row(elem_id="pq-main", equal_height=False):
            with gr.Column(scale=2, min_width=200, elem_id="pq-side"):
                listed = build_saved()
            with (
                gr.Column(scale=6, min_width=280, elem_id="pq-work"),
                gr.Tabs(elem_id="pq-tabs", overflow_behavior="wrap") as tabs,
            ):
                with gr.Tab("Ask", id="ask"):
                    asking = build_ask_tab(fast=shelf.fast)
                with gr.Tab("Posts", id="posts"):
                    build_posts_tab()
                with gr.Tab("Batch", id="batch"):
                    build_batch_tab(shelf)
                with gr.Tab("Add pages", id="pages") as pages:
                    undo = build_pages_tab(shelf, pages, max_upload_mb)
            with gr.Column(scale=5, min_width=280, elem_id="pq-pane"):
                pane = _pane(PageCalls(shelf))
        said = gr.HTML("", elem_id="pq-toast", js_on_load=_SAY, apply_default_css=False)
        wire_ask_tab(shelf, page, asking, listed, said)
        wire_saved(shelf, listed, asking)
        _wire(shelf, pane, asking, tabs, said, undo)
        _serve(shelf)
    return page


def _head() -> Markup:
    return tag(
        "header",
        tag(
            "button",
            "Conversations",
            type="button",
            class_="quiet drawer",
            data_drawer=True,
            aria_expanded="false",
            aria_controls="pq-side",
        ),
        tag("h1", "Pullquote"),
        tag("p", "Exact words from your saved pages, with the place of each.", class_="tagline"),
        tag("div", "", id="pq-said", role="status", aria_live="polite"),
        class_="masthead",
    )


# Shows messages of the server in the line that confirms a copy.
_SAY = """watch("value", () => {
  const text = element.textContent.trim();
  if (text && window.pullquote.say) window.pullquote.say(text);
});"""


def _pane(calls: PageCalls) -> gr.HTML:
    def get_source(wanted: object) -> str:
        return calls(wanted)

    return gr.HTML(
        empty_panel(),
        elem_id="pq-source",
        js_on_load=script("panel.js"),
        server_functions=[get_source],
        apply_default_css=False,
    )


def _wire(shelf: Shelf, pane: gr.HTML, asking: AskTab, tabs: gr.Tabs, said: gr.HTML, undo: gr.Button) -> None:
    def scoped(event: gr.EventData) -> list[object]:
        scope_id, line = narrow(shelf, record(event).get("post"))
        return [scope_id, line, gr.skip() if record(event).get("stay") else gr.Tabs(selected="ask")]

    def reported(turns: Turns, event: gr.EventData) -> Markup:
        words = report(shelf, turns, record(event))
        # a span of changing length, so that repeating a sentence is a change
        return tag("span", words, class_="said-line", data_again=len(turns))

    def refreshed(now: Window | None) -> list[object]:
        return [redrawn(shelf, now or Window()), gr.update(visible=can_undo(shelf))]

    def about(event: gr.EventData) -> Markup:
        subject = str(record(event).get("subject") or "").strip()[:MAX_SUBJECT_CHARS]
        with shelf.lend_to_reader() as index:
            try:
                return about_panel(index.about(check_question(subject)))
            except PullquoteError as error:
                return message_panel("Cannot be shown", str(error))

    hidden = {"show_progress": "hidden", "api_visibility": "private"}
    asking_too = {"concurrency_id": "ask", "concurrency_limit": MAX_ASKING, **hidden}
    pane.about(about, None, [pane], api_name="page_about", **asking_too)
    pane.narrow(scoped, None, [asking.scope, asking.scope_line, tabs], api_name="page_narrow", **hidden)
    pane.report(reported, [asking.turns], [said], api_name="page_report", **hidden)
    # the index has changed since the page was drawn
    pane.refresh(refreshed, [asking.window], [asking.log, undo], api_name="page_refresh", **hidden)


def _serve(shelf: Shelf) -> None:
    def ask(
        question: str,
        history: list[str] | None = None,
        post_id: str | None = None,
        always_answer: bool = False,
        fast: bool = False,
    ) -> dict[str, object]:
        """Answer a question with exact, cited quotations from the indexed posts, or say that they do not answer it.

        Args:
            question: The question, in plain words.
            history: The earlier questions of the conversation, oldest first, for a follow-up.
            post_id: Ask only this post.
            always_answer: Return the closest quotes even if they may not answer.
            fast: Answer without the reader: faster, but paraphrased questions find their answer less often.

        Returns:
            An object with status, confidence, band, reason, quotes and closest; each quote has its exact text, the
            title of its post and its locations in the files.

        """
        if not isinstance(question, str) or not question.strip() or len(question) > MAX_QUESTION_CHARACTERS:
            wanted = f"1 to {MAX_QUESTION_CHARACTERS:,} characters"
            raise gr.Error(f"The question must be {wanted} long.", print_exception=False, title=WRONG_CALL)
        if not are_questions(history) or not isinstance(post_id, str | None):
            told = "History is a list of questions, and post_id the id of a post."
            raise gr.Error(told, print_exception=False, title=WRONG_CALL)
        with shelf.lend_to_reader() as index:
            try:
                answer = index.ask(
                    question,
                    history=[words[:MAX_QUESTION_CHARACTERS] for words in (history or [])[-MAX_EARLIER:]],
                    post_id=post_id or None,
                    always_answer=bool(always_answer),
                    fast=bool(fast),
                )
            except InputError as error:
                raise gr.Error(str(error), print_exception=False, title=WRONG_CALL) from error
            except PullquoteError as error:
                raise gr.Error(str(error), print_exception=False) from error
        return answer.to_dict()

    gr.api(ask, api_name="ask", concurrency_id="ask", concurrency_limit=MAX_ASKING)
