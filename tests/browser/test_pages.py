"""The Add pages tab: what each file contains, questions about it at once, and undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.browser.conftest import Desk

BEES = (
    "Bees of the northern allotments\n\n"
    "The allotment society counted forty hives this spring, twice as many as last year.\n\n"
    "Members say the new wildflower strip along the railway made the difference, and the council will plant "
    "another one in October.\n"
)


def add(desk: Desk, *files: dict[str, object]) -> None:
    """Drop files and wait for the end."""
    desk.show_tab("Add pages")
    desk.page.locator("#pq-pages input[type=file]").set_input_files(list(files))
    desk.page.get_by_role("button", name="Add these pages").click()
    expect(desk.page.locator("#pq-pages-state [role=status], #pq-pages-state .problem")).to_be_visible(timeout=120_000)


def undo(desk: Desk) -> None:
    """Undo the last addition."""
    desk.show_tab("Add pages")
    desk.page.get_by_role("button", name="Undo the last addition").click()
    expect(desk.page.locator("#pq-pages-state [role=status]")).to_have_text(
        "The last addition is undone.", timeout=120_000
    )


def _file(name: str, data: str | bytes) -> dict[str, object]:
    raw = data.encode("utf-8") if isinstance(data, str) else data
    return {"name": name, "mimeType": "text/plain", "buffer": raw}


@pytest.fixture(scope="module")
def added(_kept: Desk, seeds: Path) -> Iterator[Desk]:
    """Three files dropped at once: new, known and unreadable; a question is asked while they are added."""
    known = min(seeds.glob("*.txt"))
    files = [_file("bees.txt", BEES), _file(known.name, known.read_bytes()), _file("noise.bin", bytes(range(256)) * 12)]
    _kept.show_tab("Add pages")
    _kept.page.locator("#pq-pages input[type=file]").set_input_files(files)
    _kept.page.get_by_role("button", name="Add these pages").click()
    expect(_kept.page.locator("#pq-pages-state .progress")).to_be_visible()
    _kept.show_tab("Ask")
    turn = _kept.ask("When was the World Wide Web invented?")
    expect(turn.locator("blockquote").first).to_be_visible()
    _kept.show_tab("Add pages")
    expect(_kept.page.locator("#pq-pages-state [role=status]")).to_contain_text("Done", timeout=120_000)
    yield _kept
    if _kept.page.get_by_role("button", name="Undo the last addition").count():
        undo(_kept)


def test_each_file_says_what_it_contains(added: Desk) -> None:
    """New with its title, duplicate with the page that has it, skipped with the reason."""
    states = added.page.locator(".file-states > li")
    expect(states).to_have_count(3)
    kinds = dict(
        zip(states.locator("b.file").all_inner_texts(), states.locator(".kind").all_inner_texts(), strict=True)
    )
    assert sorted(kinds.values()) == ["duplicate", "new", "skipped"]
    assert kinds["bees.txt"] == "new"
    assert kinds["noise.bin"] == "skipped"
    expect(states.filter(has_text="bees.txt")).to_contain_text("Bees of the northern allotments")
    expect(states.filter(has_text="noise.bin").locator("p")).not_to_be_empty()


def test_an_added_page_answers_at_once_and_its_citation_opens_it(added: Desk) -> None:
    """A question that only the new page answers quotes it, and the words are in the dropped file."""
    added.start_over()
    turn = added.ask("How many hives did the allotment society count?")
    words = turn.locator("blockquote").first
    expect(words).to_contain_text("forty hives")
    turn.locator(".quote-line summary").first.click()
    hit = added.press(turn.locator(".quote-line .file").first)
    assert (hit.text_content() or "?") in BEES


def test_pages_that_were_there_keep_their_names(added: Desk) -> None:
    """A dropped file with a name that is taken gets another; it does not rename the old page."""
    added.show_tab("Posts")
    added.page.locator(".heap-fold > summary").click()
    expect(added.page.locator(".page-keys")).to_contain_text("bees.txt")
    keys = added.page.locator(".page-keys li").all_inner_texts()
    names = {key.split(" ", 1)[1] for key in keys}
    seeds = {path.name for path in added.site.pages.glob("*.txt")}
    assert seeds < names
    assert names - seeds == {"bees.txt", min(seeds).replace(".txt", "-2.txt")}


def test_when_nothing_can_be_read_nothing_is_changed(added: Desk) -> None:
    """The reason is shown, and the index is the previous one."""
    before = (added.site.home / "current").read_text(encoding="utf-8")
    add(added, _file("noise.bin", bytes(range(256)) * 12))
    expect(added.page.locator("#pq-pages-state .problem")).to_contain_text("Nothing was changed. No file")
    assert (added.site.home / "current").read_text(encoding="utf-8") == before


def test_the_names_of_chosen_files_can_be_read(desk: Desk) -> None:
    """Before they are added, on a window of usual width, with nothing over them."""
    page = desk.page
    page.set_viewport_size({"width": 1280, "height": 860})
    desk.show_tab("Add pages")
    page.locator("#pq-pages input[type=file]").set_input_files(
        [_file(f"{name} of the northern allotments.txt", BEES) for name in ("Bees", "Wasps")]
    )
    names = page.locator("#pq-pages .filename")
    expect(names).to_have_count(2)
    for stem in names.locator(".stem").all():
        assert stem.evaluate("node => node.scrollWidth <= node.clientWidth && node.clientWidth > 0")
    tools = page.locator("#pq-pages .icon-button-wrapper").bounding_box()
    first = page.locator("#pq-pages tr.file").first.bounding_box()
    assert tools is not None
    assert first is not None
    assert first["x"] + first["width"] <= tools["x"]
    page.locator("#pq-pages").get_by_role("button", name="Clear", exact=True).click()
    expect(names).to_have_count(0)
    page.set_viewport_size({"width": 1360, "height": 860})


def test_undoing_brings_back_what_was_there(added: Desk) -> None:
    """After the undo the new post is gone from answers and list, and the button with it."""
    undo(added)
    expect(added.page.get_by_role("button", name="Undo the last addition")).to_be_hidden()
    added.show_tab("Posts")
    added.page.get_by_label("Find a post").fill("allotments")
    expect(added.page.locator("#pq-posts")).to_contain_text("No post has all of these words.")
    added.page.get_by_label("Find a post").fill("")
    assert not list((added.site.home / "added").glob("*/*"))
