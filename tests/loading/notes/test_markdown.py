"""Posts in Markdown: titles, days, authors, drafts, journals."""

from __future__ import annotations

import pytest

from rag.loading.notes.markdown import read_markdown
from rag.loading.proof import says

TEXT = "The bees found the lime trees within a day.\n\nBy June they had filled nine frames.\n"


def _read(source: str, file: str = "a/Roof bees.md") -> list[tuple[str | None, str | None, str | None, str]]:
    posts = read_markdown(source, file, "0" * 64).posts
    for post in posts:
        pieces = [piece for piece in post.pieces if piece.end > piece.start]
        assert says(source[pieces[0].file_start : pieces[-1].file_end], post.text, post.format)
    return [(post.title, post.author, post.date, post.text) for post in posts]


@pytest.mark.parametrize(
    ("top", "title", "author", "date"),
    [
        (
            "---\ntitle: >\n  Why my loaf\n  failed\nauthors: [Ann, Ben]\npubDate: 2019-02-03\n---\n",
            "Why my loaf failed",
            "Ann, Ben",
            "2019-02-03",
        ),
        (
            "\n---\n# a comment\ntitle: 'It''s: a keeper' # said\nauthor:\n  name: Ann\ncreated: May 3, 2021\n---\n",
            "It's: a keeper",
            "Ann",
            "2021-05-03",
        ),
        ("---\ntitle: Bread: a story\ndate: 2020-01-02\n---\n", "Bread: a story", None, "2020-01-02"),
        (
            '+++\ntitle = "Gates \\"nobody\\" opens"\npublished_at = 2018-08-11T10:00:00Z\n[author]\nname = "Ann"\n+++\n',
            'Gates "nobody" opens',
            "Ann",
            "2018-08-11",
        ),
        ('{\n "title": "Loaf",\n "date": "2019-02-03", "params": {"title": "no"}\n}\n', "Loaf", None, "2019-02-03"),
        ("Title: Pelican post\nDate: 2010-12-03 10:20\n\n", "Pelican post", None, "2010-12-03"),
        ("Title:  Roof\n  bees\nAuthor: Ann\nDate: 3 May 2021\n\n", "Roof bees", "Ann", "2021-05-03"),
        ("% Bees\n  on the roof\n% Ann; Ben\n% May 3, 2021\n\n", "Bees on the roof", "Ann, Ben", "2021-05-03"),
        ("# Bees\n\nAuthor: Ann\nPublished: May 3, 2021\nTags: honey\n\n", "Bees", "Ann", "2021-05-03"),
        (
            "# The *last* [keeper](x) of `Marlow` #\n\n*By Ann Lock, May 4, 2021*\n\n",
            "The last keeper of Marlow",
            "Ann Lock",
            "2021-05-04",
        ),
        ("---\ntags: [bees]\n---\n", "Roof bees", None, None),
        ("", "Roof bees", None, None),
    ],
)
def test_what_a_note_says_about_itself(top: str, title: str, author: str | None, date: str | None) -> None:
    """In front matter of each kind, in its first heading, or in its name."""
    assert _read(top + TEXT) == [(title, author, date, TEXT.strip())]


@pytest.mark.parametrize("wiped", ["draft: true", "status: draft", "published: false"])
def test_a_draft_is_named(wiped: str) -> None:
    """The reason says how to index it."""
    found = read_markdown(f"---\ntitle: x\n{wiped}\n---\n{TEXT}", "a.md", "0" * 64)
    assert (found.posts, "draft" in found.left_out[0].reason) == ((), True)


def test_what_a_notes_program_says_below_a_note() -> None:
    """The first line is its title; folders and tags that are exported beside it are named."""
    facts = "\n\nid: 0123456789abcdef0123456789abcdef\ncreated_time: 2021-04-05T10:00:00.000Z\nauthor: Ann\ntype_: "
    assert _read(f"Bees\n\n{TEXT}{facts}1") == [("Bees", "Ann", "2021-04-05", TEXT.strip())]
    found = read_markdown(f"Clippings{facts}2", "c.md", "0" * 64)
    assert (found.posts, "is not a note" in found.left_out[0].reason) == ((), True)


def test_first_level_headings_are_sections_unless_they_are_dated() -> None:
    """One note stays one post; a journal is a post for each day."""
    assert [row[0] for row in _read(f"# Bees\n\n{TEXT}\n# Costs\n\nThree hundred euros.\n")] == ["Bees"]
    journal = f"# Bees\n\n15 January 2024\n\n{TEXT}\n# Costs\n\n16 January 2024\n\nThree hundred euros.\n"
    assert [row[:3] for row in _read(journal)] == [("Bees", None, "2024-01-15"), ("Costs", None, "2024-01-16")]


def test_a_file_of_highlights_is_called_as_its_article() -> None:
    """Metadata of the article is not part of the post's text."""
    source = "# x\n\n## Metadata\n- Author: [[Nora]]\n- Full Title: Slow dough\n- Category: #articles\n\n## Highlights\n- Salt goes in last.\n"
    [(title, author, _, text)] = _read(source)
    assert (title, author, text) == ("Slow dough", "Nora", "Highlights\n\n• Salt goes in last.")


def test_a_day_that_a_title_speaks_of_stays_in_it() -> None:
    """A date line below the title, or a word before the day, shows it."""
    for title, below, called, date in (
        ("Report of May 3, 2011", "", "Report of May 3, 2011", "2011-05-03"),
        ("The flood, May 3, 1999", "May 4, 2011\n\n", "The flood, May 3, 1999", "2011-05-04"),
        ("Pressing day, May 3, 2011", "", "Pressing day", "2011-05-03"),
    ):
        ((found, _, day, _),) = _read(f"# {title}\n\n{below}The weir was opened at six in the morning.\n")
        assert (found, day) == (called, date)


def test_properties_below_a_title_are_what_a_page_says_about_itself() -> None:
    """As a database exports them, a line each."""
    source = "# Growing kelp\n\nAuthor: Marta Holm\nDate: March 4, 2019\nTags: sea, food\n\nKelp grows fast.\n"
    (post,) = read_markdown(source, "a.md", "0" * 64).posts
    assert (post.title, post.author, post.date) == ("Growing kelp", "Marta Holm", "2019-03-04")
    assert post.text == "Kelp grows fast."
    source = "# Growing kelp\n\nCreated at: 2019-03-04\nSource URL: https://x.example\n\n---\n\nKelp grows fast.\n"
    (post,) = read_markdown(source, "a.md", "0" * 64).posts
    assert (post.date, post.text) == ("2019-03-04", "Kelp grows fast.")


@pytest.mark.parametrize(
    ("head", "date", "above"),
    [
        ("[Source](http://example.org/well)\n\n# The well\n\n", None, "Source\n\n"),
        ("The well\n\n3 March 2014\n\n", "2014-03-03", ""),
    ],
)
def test_a_title_below_a_link_or_above_a_day(head: str, date: str | None, above: str) -> None:
    """As clippers and editors without headings write it; a heading below a sentence heads a section."""
    text = "The well at the crossroads was dug in 1911 by three brothers."
    (post,) = read_markdown(head + text, "a.md", "0" * 64).posts
    assert (post.title, post.date, post.text) == ("The well", date, above + text)
    (post,) = read_markdown(f"{text}\n\n# The well\n\n{text}", "a.md", "0" * 64).posts
    assert "The well\n" in post.text


def test_each_front_matter_of_a_file_begins_a_post() -> None:
    """Several posts joined in one file are each their author's; a draft among them is named."""
    parts = (
        "---\ntitle: The keeper\nauthor: Ann\ndate: 2021-05-04\n---\n\nThe gates close.\n\n---\n\nNobody minds.\n",
        "---\ntitle: Loaf\nauthor: Jo\ndate: 2021-05-06\n---\n\n# Loaf\n\nIt *rises*.\n",
        "---\ntitle: Not yet\ndate: 2021-05-07\ndraft: true\n---\n\nNothing.\n",
    )
    source = "\n".join(parts)
    found = read_markdown(source, "posts.md", "0" * 64)
    assert [(post.title, post.author, post.date, post.text) for post in found.posts] == [
        ("The keeper", "Ann", "2021-05-04", "The gates close.\n\nNobody minds."),
        ("Loaf", "Jo", "2021-05-06", "It rises."),
    ]
    assert [one.file for one in found.left_out] == ["posts.md, “Not yet”"]
    assert all(
        source[piece.file_start : piece.file_end] == post.text[piece.start : piece.end]
        for post in found.posts
        for piece in post.pieces
        if piece.text is None
    )


def test_front_matter_that_a_post_shows_begins_no_post() -> None:
    """As code, or as lines without a day."""
    front = "---\ntitle: The keeper\ndate: 2021-05-04\n---\n\n"
    for shown in ("```yaml\n---\ntitle: Loaf\ndate: 2021-05-06\n---\n```\n", "---\nnote: this is all\n---\n"):
        (post,) = read_markdown(f"{front}Write this:\n\n{shown}\nNobody minds.\n", "post.md", "0" * 64).posts
        assert (post.title, post.text[-13:]) == ("The keeper", "Nobody minds.")


def test_a_guest_s_note_is_not_the_owner_s() -> None:
    """Whatever its front matter says."""
    source = f"---\ntitle: Bees\nauthor: Jo Smith\n---\n*Guest post by Ann Lee*\n\n{TEXT}"
    assert [author for _, author, _, _ in _read(source)] == ["Ann Lee"]
