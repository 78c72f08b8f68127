"""Deduplication: one post with many places; versions and different posts stay separate; page order does not matter."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from heaps import Heap, heaps
from hypothesis import given, settings
from hypothesis import strategies as st
from makers import make_page, make_post_copy

from rag.answering.quotes.locations import locate
from rag.dedup.merging import merge, post_id
from rag.extraction.posts import divide
from rag.loading.pages import read_pages
from rag.records import Change, Copy, Merge, Page, Piece, Post
from rag.text.alignment import align, carry
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

PRESS = (
    "We pressed 11 crates of windfalls on Saturday and had forty litres of juice before the rain came.",
    "The press is the one my grandfather built, and the screw still runs true after sixty years in the barn.",
    "By spring the barrel should be clear enough to bottle, and then we shall know whether the yeast did well.",
    "Nobody in the village presses as early as we do, but the windfalls will not wait for a drier week.",
    "The neighbours came with their own baskets on 3 May and went home with a jug each and a wet coat.",
)
ROAD = (
    "The council voted to give two more streets to bicycles, and the shops on both of them have their doubts.",
    "I counted the traffic on the first of them for a week: four bicycles to every car in the early morning.",
    "Nobody I spoke to wants the old parking back, though the baker would like a place for his van before six.",
    "The painters begin on Monday, and the signs have been standing in the yard of the depot since the autumn.",
)


def _files(posts: list[Post]) -> list[list[str]]:
    return [[copy.file for copy in post.copies] for post in posts]


def _holds(post: Post, copy: Copy, text: str) -> None:
    at, file_at = 0, copy.file_start
    for piece in copy.pieces:
        assert (piece.start, piece.file_start) == (at, file_at)
        wanted = post.text[piece.start : piece.end] if piece.text is None else piece.text
        assert text[piece.file_start : piece.file_end] == wanted
        at, file_at = piece.end, piece.file_end
    assert at == len(post.text)


def test_the_posts_of_the_seed_pages(seeds: Path, snapshot: SnapshotAssertion) -> None:
    """The 39 copies are 23 posts, each with the places that a person checked."""
    pages = [page for page in read_pages([seeds]) if isinstance(page, Page)]
    posts, accounts = merge(divide(pages))
    assert (len(posts), len(accounts)) == (23, 16)
    lines = []
    for post in posts:
        lines.append(f"{post.post_id} {post.title} ({post.date})")
        lines += [f"    {copy.file} {copy.file_start}-{copy.file_end}" for copy in post.copies]
        lines += [f"    chrome: {post.text[span.start : span.end]}" for span in post.chrome]
    assert "\n".join(lines) == snapshot


def test_every_character_of_every_seed_post_is_found_in_everypost_copy(seeds: Path) -> None:
    """The pieces lead to the file without a gap, and every paragraph that a copy has is located there."""
    pages = {page.file: page for page in read_pages([seeds]) if isinstance(page, Page)}
    posts, _ = merge(divide(list(pages.values())))
    for post in posts:
        for copy in post.copies:
            _holds(post, copy, pages[copy.file].text)
        at = 0
        for line in post.text.split("\n"):
            there = {place.file for place in locate(post, at, at + len(line))}
            have = {copy.file for copy in post.copies if line in pages[copy.file].text[copy.file_start : copy.file_end]}
            assert have <= there or line.count(" ") < 5  # short lines stand inside longer ones
            at += len(line) + 1


@settings(max_examples=40, deadline=None)
@given(heaps(), st.randoms(use_true_random=False))
def test_the_order_of_the_pages_is_nothing(heap: Heap, shuffled: random.Random) -> None:
    """Posts, places and accounts are the same, whichever page is read first; and every piece is right."""
    pages = [make_page(heap.page(shot), f"{number}.txt") for number, shot in enumerate(heap.snapshots)]
    copies = divide(pages)
    posts, accounts = merge(copies)
    again = list(copies)
    shuffled.shuffle(again)
    assert merge(again) == (posts, accounts)
    texts = {page.file: page.text for page in pages}
    for post in posts:
        assert post.post_id == post_id(post.text)
        for copy in post.copies:
            _holds(post, copy, texts[copy.file])
    assert sum(len(post.copies) for post in posts) == len(copies) == len(posts) + len(accounts)


def test_exact_copies_are_one_post_with_the_first_file_in_front() -> None:
    """Ignoring white space; the account says that they are exact."""
    posts, accounts = merge(
        [make_post_copy("b.txt", *PRESS), make_post_copy("a.txt", *PRESS), make_post_copy("c.txt", "\n ".join(PRESS))]
    )
    assert _files(posts) == [["a.txt", "b.txt", "c.txt"]]
    assert [(one.file, one.kind, one.similarity) for one in accounts] == [
        ("b.txt", "exact", 1.0),
        ("c.txt", "exact", 1.0),
    ]


def test_other_white_space_is_located_with_the_characters_of_the_file() -> None:
    """A non-breaking space in one copy is a small piece of its own; the sentence around it is still found."""
    posts, _ = merge(
        [
            make_post_copy("a.txt", *PRESS),
            make_post_copy("b.txt", PRESS[0].replace("the rain", "the\xa0rain"), *PRESS[1:]),
        ]
    )
    (post,) = posts
    first, second = locate(post, 0, len(PRESS[0]))
    assert (first.file, first.text) == ("a.txt", None)
    assert (second.file, second.text) == ("b.txt", PRESS[0].replace("the rain", "the\xa0rain"))
    assert all(place.text is None for place in locate(post, len(PRESS[0]) + 2, len(PRESS[0]) + 2 + len(PRESS[1])))


def test_a_copy_cut_short_is_the_same_post_and_lacks_what_it_lacks() -> None:
    """The whole text represents the post; a sentence that was cut from one copy is only cited from the whole one."""
    posts, accounts = merge([make_post_copy("a.txt", *PRESS[:2]), make_post_copy("b.txt", *PRESS)])
    assert _files(posts) == [["b.txt", "a.txt"]]
    assert [(one.file, one.kind) for one in accounts] == [("a.txt", "near")]
    assert PRESS[4] in accounts[0].removed
    start = posts[0].text.index(PRESS[4])
    assert [place.file for place in locate(posts[0], start, start + len(PRESS[4]))] == ["b.txt"]
    assert [place.file for place in locate(posts[0], 0, len(PRESS[0]))] == ["b.txt", "a.txt"]


def test_a_quotation_from_the_middle_of_a_post_is_another_post() -> None:
    """A text that begins and ends inside another post is not a shortened copy of it."""
    posts, _ = merge([make_post_copy("a.txt", *PRESS, title=None), make_post_copy("b.txt", *PRESS[1:3], title=None)])
    assert len(posts) == 2


def test_the_beginning_under_another_title_is_another_post() -> None:
    """A post that consists of a quotation has its own title."""
    posts, _ = merge([make_post_copy("a.txt", *PRESS), make_post_copy("b.txt", *PRESS[:2], title="What I read")])
    assert len(posts) == 2


def test_a_corrected_word_and_a_link_are_merged_and_reported() -> None:
    """Near copies are one post, and the account names what differs."""
    other = (
        PRESS[0].replace("crates", "boxes"),
        PRESS[1],
        PRESS[2] + " See https://example.org/2014/05/yeast",
        *PRESS[3:],
    )
    posts, accounts = merge([make_post_copy("a.txt", *PRESS), make_post_copy("b.txt", *other)])
    assert len(posts) == 1
    assert {accounts[0].removed, accounts[0].added} & {"crates", "boxes"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("11 crates", "12 crates"),
        ("3 May", "4 May"),
        ("3 May", "3 June"),
        ("Saturday", "Sunday"),
        ("sixty years", "fifty years"),
        ("will not wait", "will wait"),
        ("still runs", "never runs"),
    ],
)
def test_a_number_a_date_or_a_negation_makes_a_version(old: str, new: str) -> None:
    """Two posts, each naming the other and the words that differ."""
    posts, accounts = merge(
        [make_post_copy("a.txt", *PRESS), make_post_copy("b.txt", *(line.replace(old, new) for line in PRESS))]
    )
    assert not accounts
    first, second = posts
    assert [variant.post_id for variant in first.variants] == [second.post_id]
    assert [variant.post_id for variant in second.variants] == [first.post_id]
    differing = (set(old.split()) | set(new.split())) - (set(old.split()) & set(new.split()))
    assert {first.variants[0].removed, first.variants[0].added} - {""} <= {*differing}
    assert first.variants[0].removed == second.variants[0].added


def test_list_numbers_and_numbers_in_links_make_no_version() -> None:
    """Neither says anything that the other copy denies."""
    dashes = [f"- {line}" for line in PRESS[1:4]]
    numbers = [f"{number}. {line}" for number, line in enumerate(PRESS[1:4], 1)]
    link = PRESS[0] + " https://example.org/2014/05/03"
    posts, _ = merge([make_post_copy("a.txt", PRESS[0], *dashes), make_post_copy("b.txt", link, *numbers)])
    assert len(posts) == 1


def test_two_posts_from_one_template_stay_apart() -> None:
    """Shared paragraphs around a different middle are not a copy, and not a version either."""
    frame = PRESS
    posts, accounts = merge(
        [
            make_post_copy("a.txt", *frame, ROAD[0], title="An evening about roads"),
            make_post_copy("b.txt", *frame, ROAD[2], title="An evening about vans"),
        ]
    )
    assert len(posts) == 2
    assert not accounts
    assert not any(post.variants for post in posts)


def test_a_chain_of_weak_links_joins_no_strangers() -> None:
    """Each text is compared with the post it would join, not with the last one that joined it."""
    lines = [*PRESS, *ROAD]
    chain = [make_post_copy(f"{at}.txt", *lines[at : at + 5], title=None) for at in range(5)]
    posts, _ = merge(chain)
    assert not any({"0.txt", "4.txt"} <= set(files) for files in _files(posts))


def test_a_copy_that_lost_its_title_takes_it_from_another() -> None:
    """The title that most copies have wins; a post without any title is called by its first words."""
    posts, _ = merge(
        [make_post_copy("a.txt", *PRESS, title=None), make_post_copy("b.txt", *PRESS, title="Pressing\xa0day")]
    )
    assert [post.title for post in posts] == ["Pressing day"]
    (post,), _ = merge([make_post_copy("a.txt", *PRESS, title=None)])
    assert post.title == "We pressed 11 crates of windfalls on Saturday…"


def test_a_caption_that_another_copy_lacks_is_chrome() -> None:
    """A short line of its own, and words glued to the front of a paragraph."""
    plain = make_post_copy("b.txt", *PRESS)
    captioned = make_post_copy("a.txt", PRESS[0], "My grandfather's press", "old barn" + PRESS[1], *PRESS[2:])
    (post,), _ = merge([captioned, plain])
    assert [post.text[span.start : span.end] for span in post.chrome] == ["My grandfather's press", "old barn"]
    start = post.text.index(PRESS[1])
    assert [place.file for place in locate(post, start, start + len(PRESS[1]))] == ["a.txt"]


def test_a_sentence_that_another_copy_lacks_is_not_chrome() -> None:
    """Only what looks like a caption is hidden."""
    (post,), _ = merge(
        [make_post_copy("a.txt", *PRESS, "It was cold.", ROAD[0][:40] + "."), make_post_copy("b.txt", *PRESS)]
    )
    assert post.chrome == ()


def test_folding_moves_with_each_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folding that takes longer than a build may stall is progress, not a stalled build."""
    told: list[str] = []
    monkeypatch.setattr("rag.dedup.merging.working_on", told.append)
    posts, _ = merge([make_post_copy(f"{number}.txt", words) for number, words in enumerate(PRESS + ROAD)])
    assert len(posts) == len(PRESS + ROAD)
    assert len(told) >= 2 * len(posts)


def test_nothing_gives_nothing() -> None:
    """No copies, no posts."""
    assert merge([]) == ([], [])


WORDS = st.lists(st.sampled_from(["one", "two", "three", "Four.", "five,", "–", "“six”"]), max_size=30)
GAPS = st.sampled_from([" ", "\xa0", "\n", "\n\n", "  ", ""])


@st.composite
def _texts(draw: st.DrawFn) -> str:
    return "".join(word + draw(GAPS) for word in draw(WORDS))


@given(_texts(), _texts())
def test_an_alignment_covers_both_texts(left: str, right: str) -> None:
    """Stretches follow one another on both sides, and those called equal are equal."""
    at = right_at = 0
    for stretch in align(left, right):
        assert (stretch.start, stretch.right_start) == (at, right_at)
        assert stretch.equal == (left[stretch.start : stretch.end] == right[stretch.right_start : stretch.right_end])
        at, right_at = stretch.end, stretch.right_end
    assert (at, right_at) == (len(left), len(right))


@st.composite
def _marked_up(draw: st.DrawFn, text: str) -> tuple[str, tuple[Piece, ...]]:
    """A file that contains a text with mark-up: the raw characters and the pieces that map the text to them."""
    raw, pieces, at = draw(st.sampled_from(["", "<p>"])), [], 0
    if raw:
        pieces.append(Piece(0, 0, 0, len(raw), raw))
    while at < len(text):
        end = min(at + draw(st.integers(1, 9)), len(text))
        shown = text[at:end]
        written = draw(st.sampled_from([shown, shown, f"<b>{shown}", shown.replace(" ", "&nbsp;") + "</i>"]))
        pieces.append(Piece(at, end, len(raw), len(raw) + len(written), None if written == shown else written))
        raw += written
        at = end
    return raw, tuple(pieces)


@settings(max_examples=200)
@given(st.data())
def test_pieces_are_carried_over_through_mark_up(data: st.DataObject) -> None:
    """Whatever the file has between the words, the carried pieces join the post's text to it without a gap."""
    text, other = data.draw(_texts().filter(bool)), data.draw(_texts().filter(bool))
    raw, pieces = data.draw(_marked_up(other))
    carried = carry(align(text, other), other, pieces)
    copy = Copy("page.html", "0" * 64, carried, format="html")
    _holds(Post("p", "T", text, (copy,)), copy, raw)
    assert (carried[0].file_start, carried[-1].file_end) == (pieces[0].file_start, pieces[-1].file_end)


def test_the_account_of_a_merge_can_be_read_back() -> None:
    """Kind, similarity and differing words of a near copy."""
    posts, accounts = merge([make_post_copy("a.txt", *PRESS, ROAD[0]), make_post_copy("b.txt", *PRESS)])
    change = Change("and a wet coat.", fold_white(ROAD[0]), "", "")
    told = Merge(posts[0].post_id, "b.txt", "near", accounts[0].similarity, fold_white(ROAD[0]), "", 7)
    assert accounts == [replace(told, text_id=post_id("\n\n".join(PRESS)), changes=(change,))]
    assert 0.7 < accounts[0].similarity < 1


LONG_POST = (
    "The lock keeper at Marlow Bridge retired last week after thirty-one years of opening gates for boats.\n\n"
    "She told me that the busiest day was a regatta, when one hundred and twelve boats went through before dark.\n\n"
    "Her replacement is a machine with a camera, and it has already closed the gates on a swan.\n\n"
    "The council says that the machine will pay for itself in six years, which nobody on the towpath believes."
)


@pytest.mark.parametrize(
    "end",
    [
        "a regatta, when […]",
        "a regatta, when one hun… Read more",
        "a regatta, when... Continue reading The keeper →",
        "a regatta. Read more →",
    ],
)
def test_an_excerpt_is_a_place_of_its_post(end: str) -> None:
    """However short it is, and whatever sign it ends with; the full text is quoted."""
    excerpt = f"{LONG_POST[: LONG_POST.index('a regatta')].replace(chr(10) * 2, ' ')}{end}"
    posts, _ = merge([make_post_copy("feed", excerpt), make_post_copy("page", LONG_POST)])
    (only,) = posts
    assert only.text == LONG_POST
    assert {place.file for place in only.copies} == {"feed", "page"}


def test_an_excerpt_with_another_number_is_another_version() -> None:
    """It is not taken for a place of a post that says something else."""
    excerpt = LONG_POST[: LONG_POST.index("Her replacement")].replace("thirty-one years", "thirty years") + "[…]"
    posts, _ = merge([make_post_copy("feed", excerpt), make_post_copy("page", LONG_POST)])
    assert len(posts) == 2


def test_the_day_in_the_name_of_a_text_is_its_post_s() -> None:
    """If the post has no other, and is alone in it; a web page may be named after the day on which it was saved."""
    text = "The lock keeper retired last week after thirty-one years of opening gates for boats."
    for file, form, date in (("2019-03-04-kelp.txt", "text", "2019-03-04"), ("2019-03-04-kelp.html", "html", None)):
        source = f"{text}\n\n{text}" if form == "text" else f"<article><p>{text}</p><p>{text}</p></article>"
        (post,), _ = merge(divide([make_page(source, file, form)]))
        assert post.date == date
