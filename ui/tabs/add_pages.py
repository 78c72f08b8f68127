"""The Add pages tab: drop files or a folder, see what is in each, undo the last addition."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

from rag.text.plurals import amount, stretch
from ui.services.pace import Pace
from ui.services.upload_folders import last_addition
from ui.services.uploads import FileState, Step, add_pages, undo_last
from ui.views.citations import Ref
from ui.views.html import Markup, join, tag
from ui.views.progress_bar import bar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ui.services.index_holder import Shelf

__all__ = ["build_pages_tab", "can_undo"]

# Files listed for an archive; `pullquote index` writes a report of all.
MAX_SHOWN_INSIDE = 200

# Titles listed under one file; a page with more is opened from the Posts tab.
MAX_SHOWN_POSTS = 12

_KIND_WORDS = {
    "waiting": "waiting",
    "reading": "read",
    "new": "new",
    "duplicate": "duplicate",
    "variant": "variant",
    "skipped": "skipped",
}


def build_pages_tab(shelf: Shelf, tab: gr.Tab, max_upload_mb: int) -> gr.Button:
    """Add the tab's components and connect them; returns the button that undoes the last addition."""
    gr.HTML(_intro(max_upload_mb), js_on_load=None, apply_default_css=False, elem_classes="pq-text")
    with gr.Row(elem_id="pq-drop", elem_classes="pq-two"):
        pages = gr.File(label="Files", file_count="multiple", elem_id="pq-pages", height=140)
        folder = gr.File(label="A folder", file_count="directory", elem_id="pq-folder", height=140)
    with gr.Row(elem_classes="pq-buttons"):
        add = gr.Button("Add these pages", variant="primary", interactive=False, elem_id="pq-add")
        undo = gr.Button("Undo the last addition", variant="secondary", visible=can_undo(shelf), elem_id="pq-undo")
    state = gr.HTML("", elem_id="pq-pages-state", js_on_load=None, apply_default_css=False)

    def ready(files: list[str] | None, inside: list[str] | None) -> object:
        return gr.update(interactive=bool(files or inside))

    def take(files: list[str] | None, inside: list[str] | None) -> Iterator[list[object]]:
        uploads = [(Path(path).name, Path(path)) for path in [*(files or []), *(inside or [])]]
        yield [_view(Step("Reading files", 0, len(uploads))), gr.update(interactive=False), *[gr.skip()] * 3]
        last = Step("")
        pace = Pace()
        for step in add_pages(shelf, uploads):
            last = step
            yield [_view(step, pace), *[gr.skip()] * 4]
        cleared = gr.skip() if last.problem else gr.update(value=None)
        yield [_view(last), gr.update(interactive=False), gr.update(visible=can_undo(shelf)), cleared, cleared]

    def back() -> Iterator[list[object]]:
        yield [_view(Step("Undoing the last addition")), gr.update(interactive=False)]
        last = Step("")
        pace = Pace()
        for step in undo_last(shelf):
            last = step
            yield [_view(step, pace), gr.skip()]
        words = last.problem or "The last addition is undone."
        yield [tag("p", words, role="status"), gr.update(visible=can_undo(shelf), interactive=True)]

    private = {"show_progress": "hidden", "api_visibility": "private"}
    gr.on([pages.change, folder.change], ready, [pages, folder], [add], api_name="page_drop", **private)
    # another window may have added or undone since this one was opened
    tab.select(lambda: gr.update(visible=can_undo(shelf)), None, [undo], api_name="page_undoable", **private)
    changing = {"concurrency_id": "pages", "concurrency_limit": 1}
    add.click(take, [pages, folder], [state, add, undo, pages, folder], api_name="page_add", **changing, **private)
    undo.click(back, None, [state, undo], api_name="page_undo", **changing, **private)
    return undo


def can_undo(shelf: Shelf) -> bool:
    """Whether the index in use has an addition that can be undone."""
    return last_addition(shelf) is not None


def _intro(max_upload_mb: int) -> Markup:
    return join(
        [
            tag("h2", "Add saved pages"),
            tag(
                "p",
                "Saved web pages (.html, .mhtml), text (.txt, .md), documents (.pdf, .docx, .odt, .epub), mails (.eml, "
                ".mbox), feeds and exports (.xml), tables of posts (.jsonl, .csv) and archives of them (.zip, .tar, "
                f".warc), each up to {max_upload_mb} MB. "
                "Pages that are already here are recognised. Questions are answered from the old pages until the "
                "new ones are ready.",
            ),
            tag("p", "", id="pq-watching", class_="watching", role="status"),
        ]
    )


def _view(step: Step, pace: Pace | None = None) -> Markup:
    working = None
    if not step.ended and step.stage:
        count = f": {step.done:,} of {step.total:,}" if step.total else ""
        left = pace.seconds_left(step.stage, step.done, step.total) if pace is not None else None
        count += f", about {stretch(left)} left" if left is not None else ""
        working = tag(
            "div",
            bar(step.done, step.total, step.stage),
            tag("p", step.stage, count, class_="faint"),
            class_="progress",
        )
    problem = tag("p", step.problem, class_="problem", role="alert") if step.problem else None
    ended = tag("p", _summary(step.files), role="status") if step.ended and step.files and not step.problem else None
    rows = [_file(state) for state in step.files]
    return join([working, problem, ended, tag("ul", *rows, class_="file-states") if rows else None])


def _summary(files: Sequence[FileState]) -> str:
    counts = [
        (sum(state.kind == kind for state in files), _KIND_WORDS[kind])
        for kind in ("new", "variant", "duplicate", "skipped")
    ]
    return "Done: " + ", ".join(f"{count:,} {words}" for count, words in counts if count) + "."


def _file(state: FileState) -> Markup:
    posts = state.posts[:MAX_SHOWN_POSTS]
    left = len(state.posts) - len(posts)
    return tag(
        "li",
        tag("span", _KIND_WORDS.get(state.kind, ""), class_=f"kind kind-{state.kind}"),
        tag(
            "div",
            tag("b", state.name, class_="file"),
            tag("p", state.note, class_="faint") if state.note else None,
            # the list below shows which file of an archive has which post
            tag("ul", *_titles(posts), tag("li", f"and {left} more") if left else None)
            if posts and not state.inside
            else None,
            _inside(state.inside) if state.inside else None,
        ),
    )


def _inside(files: Sequence[FileState]) -> Markup:
    """The files of an archive in a fold, each with its outcome."""
    skipped = sum(one.kind == "skipped" for one in files)
    label = f"{amount(len(files), 'file')} inside" + (f", {skipped:,} skipped" if skipped else "")
    left = len(files) - MAX_SHOWN_INSIDE
    return tag(
        "details",
        tag("summary", label),
        tag(
            "ul",
            *(_file(one) for one in files[:MAX_SHOWN_INSIDE]),
            tag("li", f"and {left:,} more") if left > 0 else None,
            class_="file-states",
        ),
        class_="inside",
    )


def _titles(posts: Iterable[tuple[str, str, str]]) -> Iterator[Markup]:
    for post_id, title, other in posts:
        link = tag("a", title or "Untitled post", href=Ref(post_id).href, class_="cite-link")
        yield tag("li", link, tag("span", f" also on {other}", class_="faint") if other else None)
