"""The Ask tab: the exact words first, and one click to see them in their post and on their pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from rag.answering.files.question_rows import MAX_QUESTION_CHARACTERS

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Route

    from tests.browser.conftest import Desk

TEN = (
    "When was the World Wide Web invented?",
    "What question gets even less attention than how?",
    "What proportion of employees are engaged contributors?",
    "How many people should a productive cross-cutting unit consist of?",
    "What are the reasons why political reform happens?",
    "Who wins under the Conservatives’ social care proposals?",
    "Why must a coalition for change be spread across organisations?",
    "What is a wicked issue?",
    "What does culture change mean?",
    "What share of people in an organisation are change agents?",
)


def _marked(hit: Locator) -> str:
    return str(hit.evaluate("node => node.textContent"))


@pytest.mark.parametrize("question", TEN)
def test_each_citation_marks_the_words_that_are_in_the_file(shared: Desk, question: str) -> None:
    """The marked words are the quote, and on every page they are the file's characters at the offsets shown."""
    turn = shared.ask(question)
    quotes = turn.locator(".quote")
    assert quotes.count() >= 1
    for order in range(quotes.count()):
        quote = quotes.nth(order)
        words = _marked(quote.locator("> blockquote"))
        assert _marked(shared.press(quote.locator("a.cite"))) == words
        shared.page.locator("#pq-source .places:not(.variants) summary").click()
        places = shared.page.locator("#pq-source .places:not(.variants) a")
        for number in range(places.count()):
            file = places.nth(number).inner_text()
            if "different words" in (places.nth(number).locator("..").inner_text()):
                continue
            hit = shared.press(places.nth(number))
            facts = shared.page.locator("#pq-source .source-facts").inner_text()
            start, end = (int(figure.replace(",", "")) for figure in re.findall(r"[\d,]+", facts)[:2])
            there = shared.site.text(file)[start:end]
            assert _marked(hit) == there
            assert " ".join(there.split()) == " ".join(words.split())


def test_the_mark_is_in_view_and_has_the_focus(shared: Desk) -> None:
    """After a click on a citation the quote is focused, visible, and inside the chunk's light tone."""
    turn = shared.ask(TEN[1])
    hit = shared.press(turn.locator("a.cite").first)
    expect(hit).to_be_focused()
    expect(hit).to_be_in_viewport()
    assert hit.evaluate("node => node.parentElement.className") == "chunk"
    colours = hit.evaluate("n => [n, n.parentElement].map((one) => getComputedStyle(one).backgroundColor)")
    assert colours[0] != colours[1]


def test_quotes_come_before_titles_and_are_numbered_in_reading_order(shared: Desk) -> None:
    """Citations read [1], [2], ... down the page, and each title is below its words."""
    turn = shared.ask(TEN[0])
    cites = turn.locator("a.cite").all_inner_texts()
    assert cites == [f"[{number}]" for number in range(1, len(cites) + 1)]
    words = turn.locator("blockquote").first.bounding_box()
    title = turn.locator(".origin").first.bounding_box()
    assert words is not None
    assert title is not None
    assert words["y"] + words["height"] <= title["y"]


def test_the_band_is_words_and_never_a_percentage(shared: Desk) -> None:
    """The confidence is one of three phrases."""
    turn = shared.ask(TEN[0])
    band = turn.locator(".verdict .band").first.inner_text()
    assert band in ("Strong match", "Likely match", "Weak match")
    assert "%" not in turn.locator(".verdict").first.inner_text()


def test_words_of_the_question_are_marked_lightly(shared: Desk) -> None:
    """A word that question and quote share is underlined in the quote."""
    turn = shared.ask("When was the World Wide Web invented?")
    covered = " ".join(turn.locator("blockquote").first.locator(".covered").all_inner_texts()).lower()
    assert "invented" in covered
    assert "web" in covered


def test_a_refusal_says_so_and_offers_what_came_closest(shared: Desk, not_there: str) -> None:
    """No quote cards, a reason in a sentence, and the closest words labelled as no answer."""
    turn = shared.ask(not_there)
    expect(turn.locator(".refusal")).to_have_text("Not in these posts")
    assert turn.locator(".reason").inner_text().strip().endswith(".")
    assert turn.locator(".card:visible").count() == 0
    closest = turn.locator("details.closest")
    if closest.count():
        expect(closest.locator("> summary")).to_contain_text("not an answer")
        closest.locator("> summary").click()
        hit = shared.press(closest.locator("a.cite").first)
        assert _marked(hit) == _marked(closest.locator("blockquote").first)


def test_a_question_of_two_parts_is_answered_part_by_part(shared: Desk) -> None:
    """Each part has its own heading, and the numbers run on."""
    turn = shared.ask("When was the World Wide Web invented? And what share of people are change agents?")
    assert turn.locator(".part-question").count() == 2
    cites = turn.locator(".card:visible a.cite").all_inner_texts()
    assert cites == [f"[{number}]" for number in range(1, len(cites) + 1)]


def test_a_follow_up_keeps_its_subject(shared: Desk) -> None:
    """The fold of the second answer shows a search for more than the bare follow-up."""
    shared.ask("What share of people in an organisation are change agents?")
    turn = shared.ask("And how many are late adopters?")
    turn.get_by_text("How it was found").click()
    expect(turn.locator(".found-body")).to_contain_text("change agents")


def test_how_it_was_found_is_a_list_a_person_can_read(shared: Desk) -> None:
    """Every chunk names its post, its two ranks in words and its outcome, and none is a dump of fields."""
    turn = shared.ask(TEN[1])
    turn.get_by_text("How it was found").click()
    rows = turn.locator(".chunks > li")
    assert rows.count() >= 3
    for order in range(rows.count()):
        row = rows.nth(order)
        expect(row.locator(".ranks")).to_have_text(
            re.compile(r"(by meaning|not found by meaning), (\d+\w\w by words|not found by words)")
        )
        assert row.locator(".outcome").inner_text().strip()
        assert "_" not in row.inner_text()


def test_next_and_previous_walk_the_citations(shared: Desk) -> None:
    """The pane leads to the next citation of the same answer."""
    asked = (shared.ask(question) for question in TEN)
    turn = next(turn for turn in asked if turn.locator("a.cite").count() > 1)
    shared.press(turn.locator("a.cite").first)
    second = _marked(turn.locator("blockquote").nth(1))
    assert _marked(shared.press(shared.page.get_by_role("button", name="Next", exact=True))) == second


def test_an_answer_moves_nothing(shared: Desk) -> None:
    """From pressing Enter to the finished answer neither the question nor the box below moves."""
    shared.ask(TEN[2])
    shared.page.evaluate(
        """() => { window.seen = []; const look = () => {
          const title = [...document.querySelectorAll(".question")].pop();
          const box = document.querySelector("#pq-box");
          if (!title) return;
          window.seen.push([title.textContent, Math.round(title.getBoundingClientRect().top),
            Math.round(box.getBoundingClientRect().top)]);
          if (window.seen.length < 600) requestAnimationFrame(look);
        }; look(); }"""
    )
    shared.ask(TEN[3])
    seen = [tuple(row) for row in shared.page.evaluate("window.seen") if row[0] == TEN[3]]
    # the first frame after Enter may still be scrolling the question into place
    assert len({row[1] for row in seen[2:]}) == 1
    assert len({row[2] for row in seen[2:]}) == 1


def test_open_folds_stay_open_when_the_next_answer_comes(shared: Desk) -> None:
    """What a reader unfolded stays open, and does not take the focus again.

    The form to report a mistake opens out of sight: it is scrolled into view, ready to be written in.
    """
    first = shared.ask(TEN[2])
    first.get_by_text("How it was found").click()
    first.get_by_text("Something is wrong").click()
    expect(first.get_by_label("The words that do answer it")).to_be_focused()
    expect(first.get_by_label("The words that do answer it")).to_be_in_viewport(ratio=1)
    second = shared.ask(TEN[3])
    expect(first.locator("details.found")).to_have_attribute("open", "")
    expect(first.locator("details.report")).to_have_attribute("open", "")
    expect(shared.page.get_by_label("Your question")).to_be_focused()
    expect(second.locator(".question")).to_be_in_viewport()


def test_an_empty_question_asks_nothing_and_a_long_one_says_why(shared: Desk) -> None:
    """White space adds no turn; the box stops at its limit."""
    shared.page.get_by_label("Your question").fill("   ")
    shared.page.keyboard.press("Enter")
    shared.page.wait_for_timeout(400)
    assert shared.page.locator(".turn").count() == 0
    assert shared.page.get_by_label("Your question").get_attribute("maxlength") == str(MAX_QUESTION_CHARACTERS)


@pytest.mark.parametrize("waits", [False, True], ids=["in work", "waits for its turn"])
def test_an_answer_on_its_way_stays_out_of_a_new_conversation(desk: Desk, *, waits: bool) -> None:
    """The new conversation drops a question that is not answered yet; the next ones are answered without it."""
    desk.ask(TEN[0])
    others = ["Who pays for social care?", "Who invented the web?"] if waits else []
    with desk.site.held() as in_work:
        for question in others:
            desk.page.evaluate(
                "(question) => fetch('gradio_api/call/ask', {method: 'POST', "
                "headers: {'Content-Type': 'application/json'}, body: JSON.stringify({data: [question]})})",
                question,
            )
            in_work(question)
        desk.page.get_by_label("Your question").fill(TEN[1])
        with desk.page.expect_response("**/queue/join*"):
            desk.page.keyboard.press("Enter")
        desk.page.locator(".turn.pending").wait_for()
        if not waits:
            in_work(TEN[1])
        desk.page.get_by_role("button", name="New conversation").click()
        desk.page.locator(".welcome").wait_for()
    # the dropped answer comes neither before those asked after it, nor between them
    for question in TEN[2:4]:
        desk.ask(question)
    assert desk.page.locator(".turn .question").all_inner_texts() == list(TEN[2:4])


def test_a_question_asked_while_another_is_withdrawn_is_not_lost(desk: Desk) -> None:
    """Gradio ignores it until it has withdrawn the first one, which lasts on a slow connection."""
    desk.ask(TEN[0])
    withdrawn: list[Route] = []
    desk.page.route("**/gradio_api/cancel", lambda route: withdrawn.append(route))  # noqa: PLW0108 - its signature is read
    with desk.site.held() as in_work:
        desk.page.get_by_label("Your question").fill(TEN[1])
        desk.page.keyboard.press("Enter")
        in_work(TEN[1])
        desk.page.get_by_role("button", name="New conversation").click()
        desk.page.locator(".welcome").wait_for()
        desk.page.get_by_label("Your question").fill(TEN[2])
        desk.page.keyboard.press("Enter")
        desk.page.wait_for_timeout(800)
        assert desk.page.locator(".turn").count() == 0
        withdrawn.pop().continue_()
    expect(desk.page.locator(".turn:not(.pending) .question")).to_have_text([TEN[2]])


def test_a_fast_answer_says_what_it_gave_up_and_is_asked_again_with_the_reader(shared: Desk) -> None:
    """The switch states its cost; the answer says that it is fast; one click asks with the reader and switches back."""
    switch = shared.page.get_by_role("checkbox", name="Fast")
    expect(switch).to_have_accessible_description(re.compile("less often"))
    switch.check()
    expect(shared.ask(TEN[2]).locator(".unread")).to_contain_text("without the reader")
    turns = shared.page.locator(".turn:not(.pending)")
    shared.page.get_by_role("button", name="Ask with the reader").click()
    expect(turns).to_have_count(2)
    expect(turns.nth(1).locator("h2")).to_have_text(TEN[2])
    expect(turns.nth(1).locator(".unread")).to_have_count(0)
    expect(switch).not_to_be_checked()


def test_everything_said_about_a_thing_opens_beside_the_answer(shared: Desk) -> None:
    """Every sentence with its place; a place opens in its post, and from there a button leads back to the list."""
    turn = shared.ask(TEN[9])
    turn.get_by_role("button", name="Everything said about change agents").click()
    pane = shared.page.locator("#pq-source")
    title = pane.get_by_role("heading", name="Everything said about change agents")
    expect(title).to_be_focused()
    cite = pane.locator("a.cite").nth(1)
    words = cite.locator("..").locator(".words").text_content()
    assert "change agents" in (words or "").lower()
    assert _marked(shared.press(cite)) == words
    pane.get_by_role("button", name="Everything about change agents").click()
    expect(title).to_be_focused()
    assert _marked(shared.press(turn.locator("a.cite").first)) == _marked(turn.locator("blockquote").first)
    expect(pane.get_by_role("button", name="Everything about change agents")).to_have_count(0)


def test_a_list_that_is_quoted_in_part_unfolds_to_the_whole(shared: Desk) -> None:
    """The answer says how many of how many are shown; one click shows the rest, each stretch with its place."""
    turn = shared.ask("What is a wicked issue?")
    fold = turn.locator(".list-fold").first
    fold.get_by_text(re.compile(r"\d+ of \d+ items, show all")).click()
    rest = fold.locator(".left-out").first
    words = rest.locator(".words").text_content()
    assert _marked(shared.press(rest.get_by_role("link", name="Show in the post"))) == words


def test_posts_that_are_the_answer_open_at_their_sentence(shared: Desk) -> None:
    """A summary, each post with one sentence, the first of them open beside the list; no sentence twice."""
    turn = shared.ask("Which posts mention Clegg?")
    expect(turn.locator(".summary")).to_contain_text("2 posts mention")
    words = turn.locator(".words").all_text_contents()
    assert len(words) == len(set(words)) == turn.locator(".found-posts > li").count() == 2
    expect(shared.page.locator("#hit")).to_have_text(words[0])
