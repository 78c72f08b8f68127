"""The Posts tab: find a post, see which pages hold it, open it, ask about it alone."""

from __future__ import annotations

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
    expect(shared.page.locator("#pq-posts [role=status]")).not_to_contain_text(" of ")
    return shared


def test_every_post_is_listed_with_its_length_and_a_mark_for_every_place(listed: Desk, posts: list[Post]) -> None:
    """Holds: the table has each title once, its words, and as many marks as the post has places."""
    rows = listed.page.locator("#pq-posts tbody tr")
    expect(rows).to_have_count(len(posts))
    for order, post in enumerate(posts):
        row = rows.nth(order)
        assert row.locator("th a").text_content() == post.title
        expect(row.locator("td.number")).to_have_text(f"{len(post.text.split()):,}")
        expect(row.locator("a.mark")).to_have_count(len(post.copies))


def test_finding_narrows_the_list_also_by_words_of_the_text(listed: Desk, posts: list[Post]) -> None:
    """Holds: pasted words leave the posts that have all of them."""
    word = max(posts[-1].text.split(), key=len).strip(".,;:()“”’‘").lower()
    expected = [post.title for post in posts if word in f"{post.title}\n{post.date}\n{post.text}".lower()]
    listed.page.get_by_label("Find a post").fill(word)
    rows = listed.page.locator("#pq-posts tbody tr th a")
    expect(rows).to_have_count(len(expected))
    assert rows.evaluate_all("nodes => nodes.map((node) => node.textContent)") == expected


def test_finding_nothing_says_so(listed: Desk) -> None:
    """Holds: no empty table."""
    listed.page.get_by_label("Find a post").fill("zyxwvut")
    expect(listed.page.locator("#pq-posts")).to_contain_text("No post has all of these words.")


def test_a_column_head_orders_the_table(listed: Desk, posts: list[Post]) -> None:
    """Holds: by words, the longest post comes first; once more restores the order of the pages."""
    head = listed.page.get_by_role("button", name="Order by words")
    head.click()
    longest = max(posts, key=lambda post: len(post.text.split()))
    first = listed.page.locator("#pq-posts tbody tr th a").first
    expect(first).to_have_text(longest.title.replace("\u00a0", " "))
    listed.page.get_by_role("button", name="Order by words").click()
    expect(first).to_have_text(posts[0].title.replace("\u00a0", " "))


def test_a_post_opens_with_its_places(listed: Desk, posts: list[Post]) -> None:
    """Holds: the pane shows the post's text to the last character and lists each place where it stands."""
    post = max(posts, key=lambda post: len(post.copies))
    listed.press(listed.page.locator("#pq-posts tbody tr").nth(posts.index(post)).locator("th a"))
    assert listed.page.locator(".source-text").evaluate("node => node.textContent") == post.text
    listed.page.locator("#pq-source .places summary").first.click()
    expect(listed.page.locator("#pq-source .places:not(.variants) li")).to_have_count(len(post.copies))


def test_a_mark_opens_that_page_at_the_post(listed: Desk, posts: list[Post]) -> None:
    """Holds: the light tone on the page runs from the first to the last character of that copy."""
    copy = posts[0].copies[-1]
    listed.press(listed.page.locator("#pq-posts tbody tr").first.locator("a.mark").last)
    shown = listed.page.locator(".source-page .chunk").evaluate("node => node.textContent")
    assert shown in {listed.site.text(one.file)[one.file_start : one.file_end] for one in posts[0].copies}
    expect(listed.page.locator("#source-title")).to_have_text(copy.file)


def test_asking_about_one_post_only_quotes_that_post(listed: Desk, posts: list[Post]) -> None:
    """Holds: the question box says the scope, the answer keeps to it, and it can be widened again."""
    post = max(posts, key=lambda post: len(post.text))
    listed.press(listed.page.locator("#pq-posts tbody tr").nth(posts.index(post)).locator("th a"))
    listed.page.get_by_role("button", name="Ask about this post only").click()
    expect(listed.page.locator("#pq-scope")).to_contain_text("Asking only about")
    turn = listed.ask("What is this about?")
    titles = {title.replace("\u00a0", " ") for title in turn.locator(".origin cite").all_text_contents()}
    assert titles == {post.title.replace("\u00a0", " ")}
    expect(turn.locator(".narrowed")).to_be_visible()
    listed.page.get_by_role("button", name="Ask all posts").click()
    expect(listed.page.locator("#pq-scope .scope")).to_have_count(0)
