"""For everyone: keyboard alone, names for screen readers, contrast in both schemes, a phone held in one hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import PHONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.conftest import Desk

QUESTION = "What share of people in an organisation are change agents?"
SEVERAL = "What are the reasons why political reform happens?"
TABS = ("Ask", "Posts", "Batch", "Add pages")


# colours fade in after a change; measured on the way, they are neither the old nor the new ones
STILL = "*, *::before, *::after { transition: none !important; animation: none !important; }"


def _serious(page: Page) -> list[str]:
    """What axe finds in the current state, and in the dark scheme, where only colours differ."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found = _found(page, {})
    page.evaluate("document.body.classList.add('dark')")
    dark = _found(page, {"runOnly": ["color-contrast", "link-in-text-block"]})
    page.evaluate("document.body.classList.remove('dark')")
    return [*found, *(f"dark: {one}" for one in dark)]


def _found(page: Page, options: dict[str, object]) -> list[str]:
    response = Axe().run(page, options={"resultTypes": ["violations"], **options}).response
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in response["violations"]
        if one["impact"] in ("moderate", "serious", "critical")
        for node in one["nodes"]
    ]


def _states_of_asking(desk: Desk, not_there: str) -> Iterator[str]:
    page = desk.page
    expect(page.locator(".welcome .suggestion").first).to_be_visible()
    yield "first look"
    page.get_by_label("Fast").check()
    several = desk.ask(SEVERAL)
    page.get_by_label("Fast").uncheck()
    expect(several.get_by_text("Answered fast")).to_be_visible()
    yield "several quotes, answered fast"
    refused = desk.ask(not_there)
    if refused.locator("details.closest").count():
        refused.locator("details.closest > summary").click()
    yield "refusal beside the source of the answer before"
    turn = desk.ask(QUESTION)
    for fold in ("How it was found", "Something is wrong", "Where: "):
        turn.get_by_text(fold).first.click()
    yield "every fold of an answer open"
    turn.get_by_role("button", name="Edit and ask again").click()
    yield "a question that is edited"
    page.keyboard.press("Escape")
    desk.press(turn.locator("a.cite").first)
    page.locator("#pq-source .places summary").first.click()
    yield "source"
    page.get_by_role("button", name="Ask about this post only").click()
    expect(page.locator(".scope")).to_be_visible()
    yield "narrowed to a post"
    page.get_by_role("button", name="Ask all posts").click()
    turn.locator("[data-about]").click()
    expect(page.locator("[data-about-shown]")).to_be_visible()
    yield "everything said about a thing"


def _states_of_conversations(desk: Desk) -> Iterator[str]:
    page = desk.page
    if page.get_by_role("button", name="Back", exact=True).is_visible():
        page.get_by_role("button", name="Back", exact=True).click()
    if page.get_by_role("button", name="Conversations").is_visible():
        page.get_by_role("button", name="Conversations").click()
    row = page.locator(".saved [data-id]").first
    row.hover()
    yield "saved conversations"
    row.get_by_role("button", name="Rename").click()
    yield "a title that is changed"
    page.keyboard.press("Escape")
    row.get_by_role("button", name="Delete").click()
    expect(page.locator(".saved [data-undo]")).to_be_visible()
    yield "a deletion to take back"
    page.locator(".saved [data-undo]").click()
    expect(page.locator(".saved [data-undo]")).to_have_count(0)
    page.keyboard.press("Escape")


def _states_of_tabs(desk: Desk) -> Iterator[str]:
    page = desk.page
    desk.show_tab("Posts")
    expect(page.locator(".post-row").first).to_be_visible()
    page.locator(".heap-fold > summary").click()
    expect(page.locator(".heap-picture table")).to_be_visible()
    yield "posts and their pages"
    page.locator(".heap-fold > summary").click()
    page.get_by_label("Find a post").fill("change")
    expect(page.locator(".post-snippet mark").first).to_be_visible()
    if page.locator(".sift-fold").is_visible():
        page.locator(".sift-fold").click()
    page.locator(".chip").first.click()
    yield "posts that were looked for"
    page.locator(".chip").first.click()
    page.get_by_label("Find a post").fill("")
    desk.show_tab("Batch")
    yield "batch"
    rows = f"number,question\n1,{QUESTION}\n"
    payload = {"name": "questions.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    page.locator("#pq-questions input[type=file]").set_input_files(payload)
    expect(page.locator(".preview")).to_be_visible()
    yield "the first questions of a file"
    page.get_by_role("button", name="Ask all").click()
    expect(page.get_by_text("questions asked").or_(page.get_by_text("question asked"))).to_be_visible()
    yield "answers to a file"
    desk.show_tab("Add pages")
    yield "add pages"


@pytest.mark.parametrize("scheme", ["shared", "phone"])
def test_axe_finds_nothing_in_any_state(scheme: str, request: pytest.FixtureRequest, not_there: str) -> None:
    """Every state of every tab, with its folds open, at desk size and on a phone, each in light and in dark."""
    desk: Desk = request.getfixturevalue(scheme)
    desk.page.add_style_tag(content=STILL)
    states = (_states_of_asking(desk, not_there), _states_of_conversations(desk), _states_of_tabs(desk))
    found = {state: _serious(desk.page) for some in states for state in some}
    assert {state: problems for state, problems in found.items() if problems} == {}
    assert len(found) > 12


def test_the_keyboard_alone_does_everything(desk: Desk) -> None:
    """Ask, open a citation, read its mark, return to it, and change the tab, all without a pointer."""
    page = desk.page
    expect(page.get_by_label("Your question")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    page.locator(".turn .actions").wait_for()
    desk.settle()
    expect(page.get_by_label("Your question")).to_be_focused()
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('a.cite')"):
            break
    cite = page.evaluate("document.activeElement.getAttribute('href')")
    assert cite is not None
    assert cite.startswith("#src=")
    page.keyboard.press("Enter")
    desk.settle()
    expect(page.locator("#hit")).to_be_focused()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.getAttribute('href')") == cite
    page.get_by_role("tab", name="Ask", exact=True).focus()
    page.keyboard.press("Tab")
    page.get_by_role("tab", name="Posts", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#pq-posts .post-row").first).to_be_visible()


def test_focus_can_be_seen(shared: Desk) -> None:
    """A citation reached by Tab has an outline."""
    turn = shared.ask(QUESTION)
    shared.page.keyboard.press("Tab")
    turn.locator("a.cite").first.focus()
    assert turn.locator("a.cite").first.evaluate("node => getComputedStyle(node).outlineStyle") == "solid"


def test_citations_and_regions_have_names(shared: Desk) -> None:
    """A screen reader is told the number, the title and what a region is, and there is one first-level heading."""
    turn = shared.ask(QUESTION)
    title = turn.locator(".origin cite").first.text_content() or "?"
    assert (turn.locator("a.cite").first.get_attribute("aria-label") or "").startswith(f"Source 1: {title}")
    shared.press(turn.locator("a.cite").first)
    expect(shared.page.get_by_role("region", name="Text of the post")).to_be_visible()
    expect(shared.page.get_by_role("heading", level=1)).to_have_count(1)


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_is_wider_than_a_phone(phone: Desk, width: int) -> None:
    """No tab scrolls sideways at 390 px, nor at 320 px, which is a window of 640 px at 200%."""
    phone.page.set_viewport_size({"width": width, "height": 700})
    phone.ask(QUESTION).get_by_text("How it was found").click()
    for name in TABS:
        phone.page.evaluate("window.scrollTo(0, 0)")
        phone.show_tab(name)
        expect(phone.page.get_by_role("tab", name=name, exact=True)).to_have_attribute("aria-selected", "true")
        fold = phone.page.get_by_role("button", name="Filter", exact=True)
        if name == "Posts":
            fold.click()
            expect(phone.page.get_by_label("Order")).to_be_visible()
        phone.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert phone.page.evaluate("document.documentElement.scrollWidth") <= width, name
        if name == "Posts":
            fold.click()
            expect(phone.page.get_by_label("Order")).to_be_hidden()
    phone.page.set_viewport_size(PHONE)


def test_a_thumb_opens_and_closes_the_source(phone: Desk) -> None:
    """Targets of 44 px, the source over the answer, its Back button in the lower third."""
    turn = phone.ask(QUESTION)
    cite = turn.locator("a.cite").first
    box = cite.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
    assert phone.page.locator("#hit:visible").count() == 0
    cite.tap()
    phone.settle()
    expect(phone.page.locator("#hit")).to_be_in_viewport()
    back = phone.page.get_by_role("button", name="Back", exact=True)
    place = back.bounding_box()
    assert place is not None
    assert place["y"] > 844 * 2 / 3
    back.tap()
    expect(phone.page.locator("#pq-source")).not_to_be_visible()
    expect(cite).to_be_in_viewport()


def test_a_list_of_posts_is_set_straight_on_a_phone(phone: Desk) -> None:
    """Each number stands beside the first line of its title, and "Show" in the middle of its button."""
    turn = phone.ask("Which posts mention Google?")
    tops = turn.locator(".found-posts > li").first.evaluate(
        "(row) => { const words = document.createRange(); words.selectNodeContents(row.querySelector('a'));"
        " return words.getClientRects()[0].top - row.getBoundingClientRect().top; }"
    )
    assert abs(tops) <= 2
    above, below = turn.locator(".found-posts .cite").first.evaluate(
        "(link) => { const words = document.createRange(); words.selectNodeContents(link);"
        " const [inner, outer] = [words.getBoundingClientRect(), link.getBoundingClientRect()];"
        " return [inner.top - outer.top, outer.bottom - inner.bottom]; }"
    )
    assert abs(above - below) <= 2


def test_forced_colours_keep_the_quote_apart(shared: Desk) -> None:
    """If the system chooses all colours, the quoted words still differ from the words around them."""
    shared.page.emulate_media(forced_colors="active")
    turn = shared.ask(QUESTION)
    shared.press(turn.locator("a.cite").first)
    colours = shared.page.locator("#hit").evaluate(
        "node => [node, node.closest('.source-text')].map((one) => getComputedStyle(one).backgroundColor)"
    )
    assert colours[0] != colours[1]
    shared.page.emulate_media(forced_colors="none")


def test_reduced_motion_moves_nothing(phone: Desk) -> None:
    """If a reader asks for less motion, the sheet appears at once."""
    phone.page.emulate_media(reduced_motion="reduce")
    seconds = phone.page.locator("#pq-pane").evaluate("node => getComputedStyle(node).transitionDuration")
    assert set(seconds.split(", ")) == {"0s"}
    phone.page.emulate_media(reduced_motion="no-preference")


def test_dark_is_dark(dark: Desk) -> None:
    """The page follows the system's scheme."""
    red, green, blue = dark.page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).slice(0, 3).map(Number)"
    )
    assert max(red, green, blue) < 60
