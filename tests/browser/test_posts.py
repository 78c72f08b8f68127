"""The Posts tab: find a post, filter the list, read the post, ask only about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from rag import open_index

if TYPE_CHECKING:
    from pathlib import Path

    from rag.records import Post
    from tests.browser.conftest import Desk


@pytest.fixture(scope="module")
def posts(seed_home: Path) -> list[Post]:
    """All posts of the index, in order."""
    with open_index(seed_home) as index:
        return index.posts()


@pytest.fixture
def listed(shared: Desk) -> Desk:
    """The Posts tab with every post in it."""
    shared.show_tab("Posts")
    shared.page.get_by_label("Find a post").fill("")
    expect(shared.page.locator(".posts-count")).not_to_contain_text(" of ")
    expect(shared.page.locator(".post-row").first).to_be_visible()
    return shared


def _shown(title: str) -> str:
    return " ".join(title.split())


def test_every_post_is_listed_with_its_length_and_pages(listed: Desk, posts: list[Post]) -> None:
    """Scrolled through, the list has each title once, with its words, and knows how many there are."""
    seen: dict[int, str] = {}
    scroll = listed.page.locator(".post-scroll")
    for _ in range(40):
        for row in listed.page.locator(".post-row").all():
            seen[int(row.get_attribute("aria-posinset") or 0)] = row.inner_text()
        if len(seen) == len(posts):
            break
        scroll.evaluate("node => node.scrollBy(0, node.clientHeight / 2)")
        listed.page.wait_for_timeout(100)
    assert sorted(seen) == list(range(1, len(posts) + 1))
    for number, post in enumerate(posts, 1):
        assert _shown(post.title) in _shown(seen[number])
        assert f"{len(post.text.split()):,} word" in seen[number]
    expect(listed.page.locator(".posts-count")).to_contain_text(f"{len(posts)} posts")


def test_finding_shows_the_words_and_opens_at_the_first(listed: Desk, posts: list[Post]) -> None:
    """The posts that have all of them, with the words marked in the snippet and in the opened post."""
    word = max(posts[-1].text.split(), key=len).strip(".,;:()“”’‘").lower()
    expected = {_shown(post.title) for post in posts if word in f"{post.title}\n{post.date}\n{post.text}".lower()}
    listed.page.get_by_label("Find a post").fill(word)
    titles = listed.page.locator("a.post-title")
    expect(titles).to_have_count(len(expected))
    assert {_shown(title) for title in titles.all_text_contents()} == expected
    assert (listed.page.locator(".post-snippet mark").first.text_content() or "").lower() == word
    hit = listed.press(titles.first)
    assert (hit.text_content() or "").lower() == word
    expect(hit).to_be_in_viewport()


def test_what_is_looked_for_is_marked_walked_and_kept_in_the_address(listed: Desk, posts: list[Post]) -> None:
    """Holds: every found word is marked, Next goes through all that were found, a reload shows the same list."""
    page = listed.page
    page.get_by_label("Find a post").fill("change")
    counted = page.locator(".posts-count")
    expect(counted).to_contain_text(f" of {len(posts)} posts")
    found = [post for post in posts if "change" in f"{post.title}\n{post.text}".lower()]
    expect(counted).to_have_text(f"{len(found)} of {len(posts)} posts contain “change”, also inside longer words")
    listed.press(page.locator("a.post-title").first)
    title = page.locator("#source-title").text_content()
    opened = next(post for post in found if post.title == title)
    assert page.locator("#hit, #pq-source mark.also").count() == opened.text.lower().count("change")
    also = page.locator("#pq-source mark.also").first
    place = also.get_attribute("data-open")
    also.click()
    expect(page.locator(f'#pq-source:has(#hit):not(:has([data-open="{place}"]))')).to_be_visible()
    walk = page.locator(".source-walk")
    for number in range(2, len(found) + 1):
        walk.get_by_role("button", name="Next").click()
        expect(walk).to_contain_text(f"{number} of {len(found)}")
    expect(walk.get_by_role("button", name="Next")).to_be_disabled()
    walk.get_by_role("button", name="Previous").click()
    where = f"{len(found) - 1} of {len(found)}"
    expect(walk).to_contain_text(where)
    marked = page.locator("#hit, #pq-source mark.also").count()
    page.reload()
    expect(counted).to_contain_text(f"{len(found)} of {len(posts)} posts")
    # the post that was open is still one of those found
    expect(walk).to_contain_text(where)
    expect(page.locator("#hit, #pq-source mark.also")).to_have_count(marked)
    expect(page.get_by_label("Find a post")).to_have_value("change")
    listed.watch.errors.clear()  # a stream that the reload broke off
    page.get_by_role("button", name="Show all posts").click()
    expect(counted).not_to_contain_text(" of ")
    expect(page.get_by_role("button", name="Show all posts")).to_have_count(0)


def test_finding_nothing_says_so(listed: Desk) -> None:
    """No empty list without a word."""
    listed.page.get_by_label("Find a post").fill("zyxwvut")
    expect(listed.page.locator(".posts-count")).to_have_text("No post has all of these words.")


def test_a_misspelt_word_is_found_as_in_a_question(listed: Desk) -> None:
    """It is said how it was read, its words are marked in the list and in the post, and the address keeps what was typed."""
    listed.page.get_by_label("Find a post").fill("goverment")
    counted = listed.page.locator(".posts-count")
    expect(counted).to_contain_text("“goverment” read as “government”. ")
    expect(counted).to_contain_text(" contain “government”, also inside longer words")
    expect(listed.page.locator(".post-snippet mark").first).to_have_text("government", ignore_case=True)
    expect(listed.press(listed.page.locator("a.post-title").first)).to_have_text("government", ignore_case=True)
    assert "goverment" in listed.page.url


def test_the_order_can_be_chosen(listed: Desk, posts: list[Post]) -> None:
    """The longest first, and the undated after all dated ones."""
    first = listed.page.locator("a.post-title").first
    listed.page.get_by_label("Order").select_option("longest")
    expect(first).to_have_text(_shown(max(posts, key=lambda post: len(post.text)).title))
    listed.page.get_by_label("Order").select_option("oldest")
    expect(first).to_have_text(
        _shown(min((post for post in posts if post.date), key=lambda post: post.date or "").title)
    )
    listed.page.get_by_label("Order").select_option("best")
    expect(first).to_have_text(_shown(posts[0].title))


def test_a_topic_narrows_the_list_and_the_first_look_leads_to_it(listed: Desk) -> None:
    """Pressed, a topic shows only its posts and says how many; pressed again, all are back."""
    chip = listed.page.locator(".chip").first
    count = chip.locator(".chip-count").inner_text().strip()
    name = (chip.get_attribute("data-topic") or "?").strip()
    chip.click()
    told = "in the title or more than once near the beginning"
    expect(listed.page.locator(".posts-count")).to_contain_text(f"{count} of ")
    expect(listed.page.locator(".posts-count")).to_contain_text(f"have “{name}” {told}")
    expect(chip).to_have_attribute("title", f"{count} posts, with it {told}")
    expect(chip).to_have_attribute("aria-pressed", "true")
    chip.click()
    expect(listed.page.locator(".posts-count")).not_to_contain_text(" of ")
    listed.show_tab("Ask")
    named = listed.page.locator(".heap-facts").get_by_role("button", name=name, exact=True)
    expect(named).to_have_attribute("title", f"{count} posts, with it {told}")
    named.click()
    expect(listed.page.locator(".posts-count")).to_contain_text(f"{count} of ")
    listed.page.locator(".chip[aria-pressed=true]").click()


def test_the_list_has_the_most_of_its_tab(listed: Desk, posts: list[Post]) -> None:
    """Whatever the number of topics; a search on its way dims the rows, and is asked again if nothing responds."""
    page = listed.page
    page.locator(".topics .chip").first.wait_for()
    page.evaluate(
        """() => {
          const host = document.querySelector(".topics"), chip = host.querySelector(".chip");
          for (let more = 0; more < 30; more += 1) {
            const other = chip.cloneNode(true);
            other.classList.add("made-up");
            chip.before(other);
          }
        }"""
    )
    page.set_viewport_size({"width": 1280, "height": 860})
    more = page.get_by_role("button", name=re.compile(r"^All \d+ topics$"))
    expect(more).to_be_visible()
    assert (page.locator(".topics").bounding_box() or {})["height"] < 60
    assert (page.locator(".post-scroll").bounding_box() or {})["height"] > 860 / 2
    more.click()
    expect(page.locator(".topics .chip").last).to_be_visible()
    page.get_by_role("button", name="Fewer topics").click()
    expect(page.locator(".topics .chip").last).to_be_hidden()
    page.locator(".made-up").evaluate_all("all => all.forEach((one) => one.remove())")
    page.set_viewport_size({"width": 1360, "height": 860})
    page.evaluate(
        """() => {
          const reads = pullquote.reader;
          const held = () => new Promise((_, no) => { window.fail = () => { pullquote.reader = reads; no(new Error()); }; });
          pullquote.reader = (wanted) => wanted.posts ? held() : reads(wanted);
        }"""
    )
    page.get_by_label("Find a post").fill("change")
    expect(page.locator(".post-scroll[aria-busy=true]")).to_be_visible()
    page.wait_for_function("window.fail !== undefined")
    page.evaluate("window.fail()")
    expect(page.locator(".posts-count")).to_contain_text(f" of {len(posts)} posts contain “change”")
    expect(page.locator(".post-scroll[aria-busy=false]")).to_be_visible()


def test_a_post_opens_with_its_places(listed: Desk, posts: list[Post]) -> None:
    """The pane shows the post's text to the last character, its headings set apart, and lists each place."""
    post = max(posts, key=lambda post: len(post.copies))
    listed.page.get_by_label("Find a post").fill(f'"{post.title}"')
    expect(listed.page.locator(".posts-count")).to_contain_text(" of ")
    expect(listed.page.locator("a.post-title").first).to_have_text(_shown(post.title))
    listed.press(listed.page.locator("a.post-title").first)
    assert listed.page.locator(".source-text").evaluate("node => node.textContent") == post.text
    listed.page.locator("#pq-source .places summary").first.click()
    expect(listed.page.locator("#pq-source .places:not(.variants) li")).to_have_count(len(post.copies))


@pytest.mark.parametrize("width", [1360, 1000])
def test_the_lines_of_an_item_are_beside_its_marker(listed: Desk, posts: list[Post], width: int) -> None:
    """All of them, in each list of a post, so that items are told apart; no character is added or lost."""
    listed.page.set_viewport_size({"width": width, "height": 860})
    post = max(posts, key=lambda post: post.text.count("\n• "))
    listed.page.get_by_label("Find a post").fill(f'"{post.title}"')
    expect(listed.page.locator("a.post-title").first).to_have_text(_shown(post.title))
    listed.press(listed.page.locator("a.post-title").first)
    assert listed.page.locator(".source-text").evaluate("node => node.textContent") == post.text
    places = listed.page.locator(".source-text .item").evaluate_all(
        """all => all.map((item) => {
          const marker = item.previousElementSibling.getBoundingClientRect(), box = item.getBoundingClientRect();
          const text = item.closest(".source-text").getBoundingClientRect();
          return [marker.right - box.left, Math.abs(marker.top - box.top), box.right - text.right];
        })"""
    )
    assert len(places) >= post.text.count("\n• ")
    assert all(beside <= 1 and level <= 1 and out <= 1 for beside, level, out in places), places
    listed.page.set_viewport_size({"width": 1360, "height": 860})


def test_a_mark_of_the_picture_opens_that_page_at_the_post(listed: Desk, posts: list[Post]) -> None:
    """The light tone on the page runs from the first to the last character of that copy."""
    listed.page.locator(".heap-fold > summary").click()
    expect(listed.page.locator(".heap-picture tbody tr")).to_have_count(len(posts))
    expect(listed.page.locator(".heap-picture")).to_be_in_viewport()
    copy = posts[0].copies[-1]
    listed.press(listed.page.locator(".heap-picture tbody tr").first.locator("a.mark").last)
    shown = listed.page.locator(".source-page .chunk").evaluate("node => node.textContent")
    assert shown in {listed.site.text(one.file)[one.file_start : one.file_end] for one in posts[0].copies}
    expect(listed.page.locator("#source-title")).to_have_text(copy.file)
    listed.page.locator(".heap-fold > summary").click()


def test_asking_about_one_post_only_quotes_that_post_also_after_a_reload(listed: Desk, posts: list[Post]) -> None:
    """The question box shows the scope, the answer keeps to it, also after a reload, and it can be widened again."""
    post = max(posts, key=lambda post: len(post.text))
    listed.page.get_by_label("Order").select_option("longest")
    expect(listed.page.locator("a.post-title").first).to_have_text(_shown(post.title))
    listed.press(listed.page.locator("a.post-title").first)
    listed.page.get_by_role("button", name="Ask about this post only").click()
    expect(listed.page.locator("#pq-scope")).to_contain_text("Asking only about")
    expect(listed.page.get_by_label("Your question")).to_be_focused()
    turn = listed.ask(f"What is {post.title.lower()}?")
    titles = {_shown(title) for title in turn.locator(".origin cite").all_text_contents()}
    assert titles == {_shown(post.title)}
    expect(turn.locator(".narrowed")).to_be_visible()
    listed.page.reload()
    expect(listed.page.locator("#pq-scope")).to_contain_text("Asking only about")
    expect(listed.page.locator(".turn .narrowed")).to_be_visible()
    listed.page.get_by_role("button", name="Ask all posts").click()
    expect(listed.page.locator("#pq-scope .scope")).to_have_count(0)
    listed.page.reload()
    expect(listed.page.locator(".turn .narrowed")).to_be_visible()
    expect(listed.page.locator("#pq-scope .scope")).to_have_count(0)


def test_posts_are_listed_and_found_while_topics_are_looked_for(starting: Desk) -> None:
    """The first look and the list say so in their place, and show them as soon as they are there."""
    page = starting.page
    expect(page.locator(".heap-facts .finding-topics")).to_be_visible()
    starting.show_tab("Posts")
    expect(page.locator(".post-row .post-title").first).to_be_visible()
    expect(page.locator(".topics")).to_have_text("Looking for topics …")
    page.get_by_label("Find a post").fill("web")
    expect(page.locator(".post-snippet mark").first).to_be_visible()
    (starting.site.gate / "unprepared").unlink()
    expect(page.locator(".chip").first).to_be_visible()
    expect(page.locator(".topics")).not_to_contain_text("Looking")
    starting.show_tab("Ask")
    expect(page.locator(".heap-facts [data-list=topic]").first).to_be_visible()
