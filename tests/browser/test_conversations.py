"""Saved conversations, addresses, and windows that follow the index: nothing is lost and nothing is outdated."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.browser.conftest import Desk

QUESTION = "What share of people in an organisation are change agents?"
OTHER = "When was the World Wide Web invented?"


def test_a_conversation_is_saved_under_its_first_question_and_comes_back(shared: Desk) -> None:
    """Reload and a fresh window show both turns, in order, with working citations."""
    turn = shared.ask(QUESTION)
    words = turn.locator(".words").first.text_content()
    shared.ask("And how many are late adopters?")
    expect(shared.page.locator("#pq-saved a[aria-current]")).to_have_text(QUESTION)
    address = shared.page.url
    assert re.search(r"\?c=[\w-]{12}$", address)
    shared.page.reload()
    expect(shared.page.locator(".turn h2")).to_have_text([QUESTION, "And how many are late adopters?"])
    second = shared.page.context.new_page()
    second.goto(address)
    expect(second.locator(".turn h2")).to_have_count(2)
    second.locator("a.cite").first.click()
    expect(second.locator("#hit")).to_have_text(words or "?")
    shared.ask(OTHER)
    expect(second.locator(".turn h2")).to_have_text([QUESTION, "And how many are late adopters?", OTHER])
    expect(second.locator("#hit")).to_have_text(words or "?")
    second.close()


def test_it_is_found_renamed_deleted_and_brought_back(shared: Desk) -> None:
    """Using only the list; undo restores the same conversation."""
    shared.ask("Who pays for social care under the Tory proposals?")
    row = shared.page.locator("#pq-saved li", has=shared.page.locator("a[aria-current]"))
    row.hover()
    row.get_by_role("button", name="Rename").click()
    shared.page.get_by_label("New title").fill("Gates & <keys>")
    shared.page.keyboard.press("Enter")
    renamed = shared.page.locator("#pq-saved a", has_text="Gates & <keys>")
    expect(renamed).to_have_count(1)
    find = shared.page.get_by_label("Find a conversation")
    find.fill("zzzz")
    expect(shared.page.locator("#pq-saved")).to_contain_text("No conversation has all of these words.")
    find.fill("tory PAYS")
    expect(renamed).to_have_count(1)
    find.fill("")
    renamed.hover()
    shared.page.get_by_role("button", name="Delete: Gates & <keys>").click()
    expect(renamed).to_have_count(0)
    expect(shared.page.locator(".welcome")).to_be_visible()
    undo = shared.page.get_by_role("button", name="Undo", exact=True)
    expect(undo).to_be_focused()
    # refreshing the list, here or in another window, does not remove the undo button
    find.fill("zzzz")
    expect(shared.page.locator("#pq-saved")).to_contain_text("No conversation has all of these words.")
    expect(find).to_be_focused()
    find.fill("")
    expect(shared.page.locator("#pq-saved")).not_to_contain_text("No conversation has all of these words.")
    undo.click()
    expect(renamed).to_have_count(1)
    # it was open, so it is opened again
    expect(shared.page.locator(".turn h2")).to_have_text("Who pays for social care under the Tory proposals?")
    expect(renamed).to_have_attribute("aria-current", "true")
    assert re.search(r"\?c=[\w-]{12}$", shared.page.url)


def test_undo_opens_nothing_in_place_of_what_was_opened_since(shared: Desk) -> None:
    """The deleted conversation is only listed again."""
    shared.ask(OTHER)
    shared.start_over()
    shared.ask(QUESTION)
    row = shared.page.locator("#pq-saved li", has=shared.page.locator("a[aria-current]"))
    row.hover()
    row.get_by_role("button", name="Delete").click()
    expect(shared.page.locator(".welcome")).to_be_visible()
    shared.page.locator("#pq-saved a", has_text=OTHER).first.click()
    expect(shared.page.locator(".turn h2")).to_have_text(OTHER)
    total = shared.page.locator("#pq-saved li").count()
    shared.page.get_by_role("button", name="Undo", exact=True).click()
    expect(shared.page.locator("#pq-saved li")).to_have_count(total + 1)
    expect(shared.page.locator(".turn h2")).to_have_text(OTHER)


@pytest.mark.parametrize("width", [1181, 1280, 1360])
def test_what_can_be_done_with_a_conversation_covers_nothing(shared: Desk, width: int) -> None:
    """Neither its title nor the line with its time, in a list as narrow as it gets."""
    shared.page.set_viewport_size({"width": width, "height": 860})
    shared.ask(QUESTION)
    row = shared.page.locator("#pq-saved li", has=shared.page.locator("a[aria-current]"))
    row.hover()
    boxes = [row.locator(part).bounding_box() for part in ("a.saved-open", ".faint", "[data-rename]", "[data-delete]")]
    expect(row.locator("[data-rename]")).to_be_in_viewport(ratio=1)
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            assert one is not None
            assert other is not None
            apart = one["x"] + one["width"] <= other["x"] or one["y"] + one["height"] <= other["y"] + 1
            assert apart, (one, other)
    shared.page.set_viewport_size({"width": 1360, "height": 860})


def test_a_question_is_edited_in_a_new_conversation_and_the_old_stays(shared: Desk) -> None:
    """The turns before it are copied; the old conversation is unchanged."""
    shared.ask(QUESTION)
    turn = shared.ask(OTHER)
    old = shared.page.url
    turn.get_by_role("button", name="Edit and ask again").click()
    box = shared.page.get_by_label("Your question")
    expect(box).to_have_value(OTHER)
    box.fill("What does culture change mean?")
    shared.page.keyboard.press("Enter")
    expect(shared.page.locator(".turn:not(.pending) h2")).to_have_text([QUESTION, "What does culture change mean?"])
    expect(shared.page).not_to_have_url(old)
    shared.page.goto(old)
    expect(shared.page.locator(".turn h2")).to_have_text([QUESTION, OTHER])


def test_arrow_up_brings_earlier_questions_back(shared: Desk) -> None:
    """The last question first, arrow down goes forward again, and typed text is never replaced."""
    shared.ask(QUESTION)
    shared.ask(OTHER)
    box = shared.page.get_by_label("Your question")
    box.press("ArrowUp")
    expect(box).to_have_value(OTHER)
    box.press("ArrowUp")
    expect(box).to_have_value(QUESTION)
    box.press("ArrowDown")
    expect(box).to_have_value(OTHER)
    box.press("ArrowDown")
    expect(box).to_have_value("")
    box.fill("my own")
    box.press("ArrowUp")
    expect(box).to_have_value("my own")


def test_back_goes_back_inside_the_page(shared: Desk) -> None:
    """From a tab back to the source that was open, from there to the answer, from there to the other conversation."""
    shared.ask(OTHER)
    first = shared.page.url
    shared.page.locator("#pq-side").get_by_role("button", name="New conversation").click()
    shared.page.locator(".welcome").wait_for()
    turn = shared.ask(QUESTION)
    shared.press(turn.locator("a.cite").first)
    assert "#src=" in shared.page.url
    shared.show_tab("Posts")
    expect(shared.page).to_have_url(re.compile("tab=posts"))
    expect(shared.page.locator(".post-row").first).to_be_visible()
    shared.page.go_back()
    expect(shared.page.get_by_role("tab", name="Ask", exact=True)).to_have_attribute("aria-selected", "true")
    shared.page.go_back()
    expect(shared.page).not_to_have_url(re.compile("src="))
    shared.page.go_back()
    expect(shared.page).to_have_url(first)
    expect(shared.page.locator(".turn h2")).to_have_text([OTHER])


def test_back_undoes_what_was_opened_in_the_pane(shared: Desk) -> None:
    """From another quote to the first, from everything that is said to the quote, from a post to the list beside it."""
    page = shared.page
    page.set_viewport_size({"width": 1280, "height": 860})
    turn = shared.ask("What does culture change mean?")
    hit = page.locator("#pq-source #hit")
    expect(hit).to_be_visible()
    first = hit.text_content() or "?"
    other = shared.press(turn.locator("a.cite").nth(1)).text_content() or "?"
    turn.locator(".about-button").click()
    expect(page.locator("#source-title")).to_contain_text("Everything said about")
    expect(page).to_have_url(re.compile("#about="))
    shared.press(page.locator("#pq-source .about-list a.cite").first)
    page.go_back()
    expect(page.locator("#source-title")).to_contain_text("Everything said about")
    page.go_back()
    expect(hit).to_have_text(other)
    page.go_back()
    expect(hit).to_have_text(first)
    expect(turn.locator("a.cite[aria-current]")).to_have_text("[1]")
    shared.show_tab("Posts")
    shared.press(page.locator("a.post-title").first)
    expect(hit).to_have_count(0)
    page.go_back()
    expect(hit).to_have_text(first)
    page.go_back()
    shared.start_over()
    expect(page.locator(".source-empty")).to_be_visible()
    shared.show_tab("Posts")
    shared.press(page.locator("a.post-title").first)
    page.go_back()
    expect(page.locator(".source-empty")).to_be_visible()
    page.go_back()
    page.go_back()
    expect(turn.locator("h2")).to_have_text("What does culture change mean?")
    expect(hit).to_have_text(first)
    page.set_viewport_size({"width": 1360, "height": 860})


def test_back_undoes_what_narrowed_the_list_of_posts(shared: Desk) -> None:
    """Each filter by itself and a search as one, whether it was set in the tab or came from the first look."""
    page = shared.page
    page.locator(".heap-facts [data-list=topic]").first.click()
    count = page.locator(".posts-count")
    expect(count).to_contain_text(" of ")
    page.go_back()
    page.locator(".welcome").wait_for()
    shared.show_tab("Posts")
    expect(count).to_contain_text(" posts on ")
    expect(page.locator(".chip[aria-pressed=true]")).to_have_count(0)
    page.locator(".chip").first.click()
    expect(count).to_contain_text(" of ")
    narrowed = count.inner_text()
    page.get_by_label("Find a post").press_sequentially("change", delay=200)
    expect(count).to_contain_text("“change”")
    page.get_by_label("Order").select_option("longest")
    expect(page).to_have_url(re.compile("longest"))
    page.go_back()
    expect(page.get_by_label("Order")).to_have_value("best")
    expect(count).to_contain_text("“change”")
    page.go_back()
    expect(count).to_have_text(narrowed)
    expect(page.get_by_label("Find a post")).to_have_value("")
    page.go_back()
    expect(count).to_contain_text(" posts on ")
    expect(page.locator(".chip[aria-pressed=true]")).to_have_count(0)
    page.go_forward()
    expect(count).to_have_text(narrowed)
    page.go_back()
    page.go_back()
    page.locator(".welcome").wait_for()


def test_back_undoes_asking_only_one_post(shared: Desk) -> None:
    """The scope goes, and the post is open beside the list again."""
    shared.show_tab("Posts")
    shared.press(shared.page.locator("a.post-title").first)
    title = shared.page.locator("#source-title").text_content() or "?"
    shared.page.get_by_role("button", name="Ask about this post only").click()
    expect(shared.page.locator("#pq-scope")).to_contain_text("Asking only about")
    shared.page.go_back()
    expect(shared.page.locator("#pq-scope .scope")).to_have_count(0)
    expect(shared.page.get_by_role("tab", name="Posts", exact=True)).to_have_attribute("aria-selected", "true")
    expect(shared.page.locator("#source-title")).to_have_text(title)


def test_on_a_phone_back_closes_the_sheet_first(phone: Desk) -> None:
    """The answer is there again, and the page was not left."""
    turn = phone.ask(QUESTION)
    turn.locator("a.cite").first.tap()
    phone.settle()
    expect(phone.page.locator("#hit")).to_be_in_viewport()
    phone.page.go_back()
    expect(phone.page.locator("#pq-source")).not_to_be_visible()
    expect(turn.locator("h2")).to_have_text(QUESTION)
    phone.page.get_by_role("button", name="Conversations").click()
    expect(phone.page.locator("#pq-saved a[aria-current]")).to_be_visible()
    phone.page.keyboard.press("Escape")
    expect(phone.page.locator("#pq-saved")).not_to_be_visible()
    address = phone.page.url
    phone.page.get_by_role("button", name="Conversations").click()
    expect(phone.page.locator("#pq-saved")).to_be_visible()
    phone.page.go_back()
    expect(phone.page.locator("#pq-saved")).not_to_be_visible()
    assert phone.page.url == address
    expect(turn.locator("h2")).to_have_text(QUESTION)


def test_a_link_to_a_quote_opens_the_post_with_it_marked(shared: Desk) -> None:
    """Copied from the pane, opened in another window, the same words are marked and focused."""
    shared.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    turn = shared.ask(QUESTION)
    words = shared.press(turn.locator("a.cite").first).text_content()
    shared.page.locator("#pq-source").get_by_role("button", name="Copy link").click()
    expect(shared.page.locator("#pq-said")).to_contain_text("copied")
    other = shared.page.context.new_page()
    other.goto(shared.page.evaluate("navigator.clipboard.readText()"))
    expect(other.locator("#hit")).to_have_text(words or "?")
    other.goto(f"{shared.site.url}/#tab=posts")
    expect(other.get_by_role("tab", name="Posts", exact=True)).to_have_attribute("aria-selected", "true")
    other.close()


def test_all_quotes_of_the_answer_are_marked_and_either_pane_leads(shared: Desk) -> None:
    """The current one strongly, another lightly; clicking the other makes its citation the current one."""
    turn = shared.ask("What does culture change mean?")
    cites = turn.locator("a.cite")
    assert cites.count() >= 2
    shared.press(cites.first)
    also = shared.page.locator("#pq-source mark.also")
    expect(also.first).to_be_visible()
    words = also.first.text_content() or "?"
    also.first.click()
    shared.settle()
    assert (shared.page.locator("#hit").text_content() or "").startswith(words)
    expect(turn.locator("a.cite[aria-current]")).not_to_have_text("[1]")
    turn.locator("blockquote").first.click()
    shared.settle()
    expect(turn.locator("a.cite[aria-current]")).to_have_text("[1]")


def test_selected_words_are_copied_with_their_citation(shared: Desk) -> None:
    """What a reader selects in the post, then title and file."""
    shared.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    turn = shared.ask(QUESTION)
    shared.press(turn.locator("a.cite").first)
    shared.page.locator("#hit").evaluate("node => getSelection().selectAllChildren(node)")
    shared.page.get_by_role("button", name="Copy with citation").click()
    expect(shared.page.locator("#pq-said")).to_have_text("Copied with its citation.")
    copied = shared.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"“{shared.page.locator('#hit').text_content()}” (")
    assert shared.page.locator("#source-title").text_content() in copied


def test_the_button_that_copies_selected_words_stays_with_them(shared: Desk) -> None:
    """Scrolled, it is above the same words, and gone while they are out of view: over other words it misleads."""
    turn = shared.ask("What does culture change mean?")
    shared.press(turn.locator("a.cite").first)
    copy, box = shared.page.get_by_role("button", name="Copy with citation"), shared.page.locator(".source-scroll")
    box.evaluate("node => { node.scrollTop = 0; }")
    shared.page.locator(".source-text").evaluate("node => getSelection().setBaseAndExtent(node, 0, node, 1)")
    expect(copy).to_be_visible()
    box.evaluate("node => { node.scrollTop = node.scrollHeight; }")
    expect(copy).to_be_hidden()
    box.evaluate("node => { node.scrollTop = 0; }")
    expect(copy).to_be_visible()
    shared.page.evaluate("getSelection().removeAllRanges()")
    expect(copy).to_be_hidden()


def test_another_conversation_begins_at_its_top_with_its_folds_shut(shared: Desk) -> None:
    """Neither the position nor the open form of the conversation before is kept."""
    shared.ask(OTHER)
    shared.start_over()
    for question in (QUESTION, OTHER, QUESTION):
        shared.ask(question)
    shared.page.locator(".turn").first.get_by_text("Something is wrong").click()
    expect(shared.page.locator(".turn").first.locator("textarea")).to_be_visible()
    shared.page.locator("#pq-saved a", has_text=OTHER).first.click()
    expect(shared.page.locator(".turn")).to_have_count(1)
    expect(shared.page.locator(".turn textarea")).to_be_hidden()
    for question in (QUESTION, OTHER, QUESTION):
        shared.ask(question)
    shared.page.get_by_role("button", name="New conversation").click()
    expect(shared.page.locator(".welcome h2")).to_be_in_viewport(ratio=1)


def test_a_refusal_dims_the_source_of_the_answer_before(shared: Desk) -> None:
    """A source beside a refusal says that it is from an earlier answer; a citation brings it back.

    The same is true if the refusal names posts that come near, because they are not a source.
    """
    turn = shared.ask(QUESTION)
    expect(shared.page.locator("#hit")).to_be_visible()
    refused = shared.ask("When did the DWP buy a zeppelin?")
    expect(refused.locator(".found-posts")).to_be_visible()
    expect(shared.page.locator("#pq-source")).to_have_class(re.compile("dimmed"))
    shared.press(turn.locator("a.cite").first)
    expect(shared.page.locator("#pq-source")).not_to_have_class(re.compile("dimmed"))


def test_the_first_look_offers_questions_that_are_answered_and_one_that_is_not(shared: Desk) -> None:
    """Each suggestion, asked by its button, is answered; the last is refused."""
    suggestions = shared.page.locator(".welcome .suggestion")
    expect(suggestions.first).to_be_visible()
    questions = suggestions.all_inner_texts()
    assert len(questions) == 6
    for number, question in enumerate(questions):
        if number:
            shared.page.locator("#pq-side").get_by_role("button", name="New conversation").click()
        shared.page.get_by_role("button", name=question, exact=True).click()
        turn = shared.page.locator(".turn:not(.pending)")
        expect(turn.locator("h2")).to_have_text(question)
        expect(turn.locator(".refusal")).to_have_count(1 if number == 5 else 0)


@pytest.mark.parametrize("place", ["?c=AAAAAAAAAAAA", "?c=../../x", "#src=gone:0-5", "#tab=nothing&src="])
def test_an_address_of_what_is_not_there_says_so(shared: Desk, place: str) -> None:
    """The page opens, and questions can be asked."""
    shared.page.goto("about:blank")
    shared.watch.errors.clear()  # streams that leaving the page broke off
    shared.open(place if place[0] == "?" else f"/{place}")
    shared.ask(QUESTION)


@pytest.mark.parametrize("drawn", [True, False], ids=["first look drawn", "still opening"])
def test_a_lost_connection_keeps_the_question_and_asks_it_again(desk: Desk, *, drawn: bool) -> None:
    """A call that fails on the way is shown as waiting, and is answered when the page responds again."""
    desk.page.locator(".welcome .suggestion").first.wait_for()
    if not drawn:
        desk.page.locator(".welcome").evaluate("node => node.remove()")
    joins = 0

    def fail_once(route: object) -> None:
        nonlocal joins
        joins += 1
        if joins == 1:
            route.fulfill(status=503, body=json.dumps({"detail": "busy"}), content_type="application/json")  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    desk.page.route("**/queue/join*", fail_once)
    desk.page.get_by_label("Your question").fill(QUESTION)
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator(".turn.pending .verdict")).to_contain_text("The question is kept")
    turn = desk.page.locator(".turn:not(.pending)")
    expect(turn.locator("h2")).to_have_text(QUESTION)
    expect(turn.locator(".words").first).to_be_visible()
    desk.watch.errors.clear()  # the failure that was made up


def test_a_question_on_its_way_is_asked_again_after_a_reload(desk: Desk) -> None:
    """Reloaded while the answer was on its way, the page comes back with it."""
    with desk.site.held() as in_work:
        desk.page.get_by_label("Your question").fill(QUESTION)
        desk.page.keyboard.press("Enter")
        in_work(QUESTION)
        desk.page.reload()
    expect(desk.page.locator(".turn:not(.pending) h2")).to_have_text(QUESTION)
    desk.watch.errors.clear()  # a stream that the reload broke off


def test_two_windows_stay_true_to_the_index_and_the_list(desk: Desk) -> None:
    """Pages added in one window show in the counts, the list and the old answers of another."""
    other = desk.page.context.new_page()
    other.goto(desk.site.url)
    other.locator(".welcome .heap-facts").wait_for()
    before = other.locator(".heap-facts dd").first.inner_text()
    desk.ask(QUESTION)
    expect(other.locator("#pq-saved a", has_text=QUESTION).first).to_be_visible()
    desk.show_tab("Add pages")
    text = "Hives of the coast\n\nThe lighthouse keeper counted ninety hives along the coast this spring.\n"
    payload = {"name": "hives.txt", "mimeType": "text/plain", "buffer": text.encode()}
    desk.page.locator("#pq-pages input[type=file]").set_input_files([payload])
    desk.page.get_by_role("button", name="Add these pages").click()
    expect(desk.page.locator("#pq-pages-state [role=status]")).to_contain_text("1 new", timeout=120_000)
    try:
        other.bring_to_front()
        expect(other.locator(".heap-facts dd").first).not_to_have_text(before)
        desk.page.bring_to_front()
        desk.show_tab("Ask")
        expect(desk.page.locator(".stale")).to_contain_text("The posts have changed since this was answered")
        desk.show_tab("Posts")
        desk.page.get_by_label("Find a post").fill("lighthouse keeper")
        expect(desk.page.locator("a.post-title")).to_have_count(1)
    finally:
        desk.show_tab("Add pages")
        desk.page.get_by_role("button", name="Undo the last addition").click()
        expect(desk.page.locator("#pq-pages-state [role=status]")).to_contain_text("undone", timeout=120_000)
    other.close()
