"""The list of posts: searched, filtered, sorted and counted; topics named by their own words."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_heaps import Held

from rag.records import Copy, Piece, Post, Variant
from ui.services.holdings import Holdings, year_of
from ui.services.listing import MAX_ROWS, Listing, listed, read_listing, words_of
from ui.services.topics import MAX_TOPICS, topics_of


def _post(number: int, **fields: object) -> Post:
    copies = (Copy(f"f{number}.txt", "0" * 64, (Piece(0, 5, 0, 5),)),)
    given = {"title": f"Post {number}", "text": f"word{number} " * (number % 7 + 1), "copies": copies, **fields}
    return Post(f"p{number}", **given)  # type: ignore[arg-type]


POSTS = [
    _post(0, date="2014-03-01", author="Ann"),
    _post(1, date="2012-03-01", author="Bob"),
    _post(2),
    _post(3, date="2014-01-01", author="Ann", variants=(Variant("p1", "1", "2"),)),
]


def _titles(listing: Listing, posts: list[Post] = POSTS) -> list[str]:
    rows = listed(Holdings(Held(posts, ["a"])), listing)["rows"]
    return [html.unescape(re.sub("<[^>]*>", "", row.partition("</a>")[0])) for row in rows]  # type: ignore[attr-defined]


def test_every_word_must_be_there_and_a_phrase_as_it_stands() -> None:
    """Ignoring case, in title, author, date or text; quotation marks keep words together."""
    assert _titles(Listing(find="WORD3 post")) == ["Post 3"]
    assert _titles(Listing(find="  ")) == [post.title for post in POSTS]
    assert _titles(Listing(find="ann")) == ["Post 0", "Post 3"]
    assert _titles(Listing(find='"word3 word3"')) == ["Post 3"]
    assert _titles(Listing(find='"post word3"')) == []
    assert words_of('a "b c" d') == ["a", "b c", "d"]


def test_a_title_with_the_words_comes_before_a_text_with_them() -> None:
    """The best match is first if no other order was chosen."""
    posts = [_post(0, text="gate"), _post(1, title="The gate", text="x")]
    assert _titles(Listing(find="gate"), posts) == ["The gate", "Post 0"]


def test_no_text_comes_before_a_title_with_the_words() -> None:
    """However often it has them; whole words of a title come before parts of longer ones, then the author counts."""
    posts = [
        _post(0, text="open data " * 50),
        _post(1, text="x", author="Ann Open, Data Desk"),
        _post(2, title="Reopened databases", text="x"),
        _post(3, title="Data that is open", text="x"),
        _post(4, title="On open data", text="x"),
        _post(5, title="Open doors", text="data " * 30),
    ]
    expected = ["On open data", "Data that is open", "Reopened databases", "Open doors", "Post 1", "Post 0"]
    assert _titles(Listing(find="open DATA"), posts) == expected


def test_misspelt_words_are_read_as_words_of_the_posts_and_said() -> None:
    """As in a question, but only if no post has what was typed; the words that were read are those to mark."""
    heap = Held(POSTS, ["a"], {"wrod3": "Word3", "ann": "Anna"})
    found = listed(Holdings(heap), Listing(find="Wrod3 ann"))
    assert (found["read_as"], found["words"], found["find"]) == ((("wrod3", "Word3"),), ["word3", "ann"], "Word3 ann")
    assert found["total"] == 1
    assert "<mark>word3</mark>" in found["rows"][0]  # type: ignore[index]
    found = listed(Holdings(heap), Listing(find="ann"))
    assert (found["read_as"], found["total"]) == ((), 2)
    found = listed(Holdings(heap), Listing(find="wrong"))
    assert (found["read_as"], found["total"], found["find"]) == ((), 0, "wrong")


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        (Listing(author="Ann"), ["Post 0", "Post 3"]),
        (Listing(kind="undated"), ["Post 2"]),
        (Listing(kind="versions"), ["Post 3"]),
        (Listing(order="newest"), ["Post 0", "Post 3", "Post 1", "Post 2"]),
        (Listing(order="oldest"), ["Post 1", "Post 3", "Post 0", "Post 2"]),
        (Listing(order="longest"), ["Post 3", "Post 2", "Post 1", "Post 0"]),
        (Listing(topic="no such topic"), []),
    ],
)
def test_it_is_narrowed_and_ordered_with_the_undated_last(listing: Listing, expected: list[str]) -> None:
    """For each field by itself; posts without a date come last in both orders of dates."""
    assert _titles(listing) == expected


def test_years_are_counted_before_they_narrow() -> None:
    """The timeline keeps its other bars when one is chosen, and the rows are those of the chosen one."""
    found = listed(Holdings(Held(POSTS, ["a", "b"])), Listing(first_year=2014, last_year=2014))
    assert found["years"] == [(2012, 1), (2014, 2)]
    assert found["total"] == 2
    assert found["of"] == 4
    assert len(found["rows"]) == 2  # type: ignore[arg-type]


def test_only_the_rows_that_are_asked_for_are_sent() -> None:
    """Part of the whole, and never more than the limit."""
    posts = [_post(number) for number in range(500)]
    found = listed(Holdings(Held(posts, ["a"])), read_listing({"first": 490, "count": 10**6}))
    assert found["total"] == 500
    assert len(found["rows"]) == 10  # type: ignore[arg-type]
    assert len(listed(Holdings(Held(posts, ["a"])), read_listing({"count": 10**6}))["rows"]) == MAX_ROWS  # type: ignore[arg-type]
    assert "Post 490" in found["rows"][0]  # type: ignore[index]


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner))
)
def test_nothing_that_a_browser_sends_breaks_it(given: object) -> None:
    """Invalid values are ignored."""
    listed(Holdings(Held(POSTS, ["a"])), read_listing(given))
    listed(
        Holdings(Held(POSTS, ["a"])), read_listing({"find": given, "first": given, "kind": given, "first_year": given})
    )


def test_the_year_of_a_date() -> None:
    """In any form that a page gives; None for a number that is not a year."""
    assert [year_of(date) for date in ("2014-10-02", "3 May 2019", "12.5.1998", "99", "", None)] == [
        2014,
        2019,
        1998,
        None,
        None,
        None,
    ]


def test_topics_are_named_by_words_that_posts_come_back_to() -> None:
    """The subject of several posts is a topic, in its usual spelling; a word of every post is not."""
    care = [_post(n, title=f"Social care {n}", text="Social care here. We make social care there.") for n in range(4)]
    clegg = [_post(n, title=f"On Clegg {n}", text="Now Clegg spoke. We make it as Clegg did.") for n in range(4, 8)]
    other = [_post(n, title=f"Thing {n}", text=f"We make w{n} of it") for n in range(8, 20)]
    names = [topic.name for topic in topics_of([*care, *clegg, *other])]
    assert "social care" in [name.lower() for name in names]
    assert "Clegg" in names
    assert not any(re.search("make", name) for name in names)
    assert topics_of([]) == []
    many = [_post(n, title=f"subject{n % 40} again", text=f"subject{n % 40} " * 5) for n in range(200)]
    assert len(topics_of(many)) <= MAX_TOPICS


def test_a_topic_is_a_name_as_it_is_written_and_a_group_of_posts() -> None:
    """A name with a dot inside is one word; two of 500 posts are no group, but two of a few are."""
    data = [_post(n, title=f"Data.gov {n}", text="Data.gov opened. Ask Data.gov for more.") for n in range(4)]
    rare = [_post(n, title=f"Potato {n}", text="A potato is not a potato here.") for n in range(4, 6)]
    few = [_post(n, title=f"Thing {n}", text=f"We make w{n} of it") for n in range(6, 20)]
    many = [_post(n, title=f"Thing {n}", text=f"We make w{n} of it") for n in range(6, 500)]
    assert [topic.name for topic in topics_of([*data, *rare, *few])] == ["Data.gov", "potato"]
    assert [topic.name for topic in topics_of([*data, *rare, *many])] == ["Data.gov"]


def _from(number: int, *files: str) -> Post:
    return _post(number, copies=tuple(Copy(file, "0" * 64, (Piece(0, 5, 0, 5),)) for file in files))


def test_posts_are_distinguished_by_where_they_came_from() -> None:
    """By site, folder or file of many, the largest first; a post on pages of two is found by either."""
    posts = [
        _from(0, "saved/blog.example.org/a.html"),
        _from(1, "saved/blog.example.org/b.html", "notes/b.md"),
        _from(2, "notes/c.md"),
        _from(3, "saved/blog.example.org/d.html"),
    ]
    known = listed(Holdings(Held(posts, ["a"])), Listing(facets=True))
    assert known["sources"] == [["blog.example.org", 3], ["notes", 2]]
    assert _titles(Listing(source="notes"), posts) == ["Post 1", "Post 2"]
    assert _titles(Listing(source="blog.example.org", kind="several"), posts) == ["Post 1"]
    assert _titles(Listing(source="no such source"), posts) == []


@pytest.mark.parametrize("files", [["one/a.txt", "one/b.txt", "one/c.txt"], ["a.txt", "b.txt", "c.txt"]])
def test_sources_that_do_not_group_posts_are_not_offered(files: list[str]) -> None:
    """All in one folder, or every post in a file of its own."""
    posts = [_from(number, file) for number, file in enumerate(files)]
    assert listed(Holdings(Held(posts, files)), Listing(facets=True))["sources"] == []


def test_what_takes_time_is_prepared_before_it_is_asked_for() -> None:
    """Until then there are no topics, and nobody waits for them; afterwards, a search reads no texts."""
    heap = Held(POSTS, ["a"])
    holdings = Holdings(heap)
    first = listed(holdings, Listing(facets=True))
    assert first["topics"] is None
    assert len(listed(holdings, Listing())["rows"]) == len(POSTS)  # type: ignore[arg-type]
    assert heap.texts_read == 0
    holdings.prepare()
    assert listed(holdings, Listing(facets=True)) == {**first, "topics": []}
    read = heap.texts_read
    assert listed(holdings, Listing(find="word3"))["total"] == 1
    assert heap.texts_read == read


def test_only_posts_that_are_shown_are_read() -> None:
    """All others are in the list with what it says of them."""
    posts = [_post(number) for number in range(500)]
    heap = Held(posts, ["a"])
    found = listed(Holdings(heap), Listing(order="longest", first=100, count=40))
    assert found["total"] == 500
    assert heap.posts_read == 40


def test_topics_of_many_posts_are_found_in_some_and_given_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """A post that was not among the sample has the topic if its title names it, or its beginning twice."""
    monkeypatch.setattr("ui.services.holdings.MANY_POSTS", 20)
    care = [
        _post(n, title=f"Social Care {n}", text="Social care here. We make social care there.") for n in range(0, 40, 8)
    ]
    rest = [_post(n, title=f"Thing {n}", text=f"We make w{n} of it") for n in range(40) if n % 8]
    posts = sorted([*care, *rest], key=lambda post: int(post.post_id[1:]))
    posts[1] = _post(1, title="Thing", text="SOCIAL CARE, they said, is social care.")
    posts[3] = _post(3, author="Social Care", text="Social care once.")
    (topic,) = (topic for topic in Holdings(Held(posts, ["a"])).topics if topic.name.lower() == "social care")
    assert topic.posts == {*range(0, 40, 8), 1}
