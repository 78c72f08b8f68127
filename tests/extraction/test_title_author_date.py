from __future__ import annotations

import json

import pytest

from rag.extraction.bylines import shown_author, shown_date
from rag.extraction.html_tree import grow
from rag.extraction.names import name_of
from rag.extraction.structured_data import host_in, read_metadata
from rag.extraction.title_author_date import Credits, credits_of, entry_credits
from rag.text.dates import date_of
from rag.text.lines import fold_key


def known(source: str, *headings: str) -> Credits:
    """The credits of a page whose lines are all beside its title."""
    tree = grow(source)
    told = read_metadata(tree)
    names = [fold_key(told.site)] if told.site else []
    return credits_of(tree, told, names, headings, [], tree.lines)


def data(**fields: object) -> str:
    """A script of JSON-LD with one article."""
    return f"<script type='application/ld+json'>{json.dumps({'@type': 'NewsArticle', **fields})}</script>"


@pytest.mark.parametrize(
    ("source", "author"),
    [
        (data(author={"@type": "Person", "name": "Jo Smith"}), "Jo Smith"),
        (data(author=[{"name": "Jo Smith"}, {"name": "Ann Lee"}]), "Jo Smith, Ann Lee"),
        (data(author="Jo Smith") + "<meta name=author content='Ann Lee'>", "Jo Smith"),
        ("<meta name=author content='Jo Smith'>", "Jo Smith"),
        ("<meta property='article:author' content='https://example.org/jo'><p>By Jo Smith</p>", "Jo Smith"),
        ("<meta name='twitter:label1' content='Written by'><meta name='twitter:data1' content='Jo Smith'>", "Jo Smith"),
        ("<p class=byline>By <a rel=author href=/jo>Jo Smith</a> on May 3, 2011</p>", "Jo Smith"),
        ("<p><a href='https://example.org/authors/jo-smith'>Jo Smith</a></p>", "Jo Smith"),
        ("<p>Posted by Jo Smith on May 3, 2011</p>", "Jo Smith"),
        ("<table><tr><th>Author</th><td>Jo Smith</td></tr></table>", "Jo Smith"),
        ("<div><span>Jo Smith</span><span>May 3, 2011</span><span>2 min read</span></div>", "Jo Smith"),
        ("<p class=author>Jo Smith, Head Gardener</p>", "Jo Smith"),
        ("<p class=author>Jo Smith, Ann Lee</p>", "Jo Smith, Ann Lee"),
        ("<p>Submitted by Jo Smith on Tue, 08/13/2013 - 15:02</p>", "Jo Smith"),
        ("<p>Jan 5, 2019 · Jo Smith</p>", "Jo Smith"),
        ("<p>Jo Smith | Jan 5, 2019 | 3 min read</p>", "Jo Smith"),
        ("<p>Jo Smith, 5 January 2019</p>", "Jo Smith"),
        ("<p>Jo Smith - Jan 5, 2019</p>", "Jo Smith"),
        ("<p>04.03.2019 | von Jo Smith</p>", "Jo Smith"),
        ("<p>foxes.example · by Jo Smith · Jan 5, 2019</p>", "Jo Smith"),
        ("<div class='credits reader-credits'>Jo Smith</div>", "Jo Smith"),
        ("<p>New York, 5 January 2019</p><p>Foxes are seen in New York.</p>", None),
        (
            "<p><a href=/jo>Jo Smith</a></p><p>Posted on Mar 7 • Originally published at <a href=/>jo.example</a></p>",
            "Jo Smith",
        ),
        ("<p>Jan 5, 2019 · Health Care</p><p>Nobody pays for the care of his own health.</p>", None),
        ("<p>Jan 5, 2019 · <a href='/category/bee-keeping'>Bee Keeping</a></p>", None),
        ("<title>Rust Belt</title><p class=head><a href=/r>Rust Belt</a></p><p>Posted on Jan 5, 2019</p>", None),
        ("<h2><a href=/r>Rust Belt</a></h2><p>Posted on Jan 5, 2019</p>", None),
        ("<div class=comment><span class=author>Ann Lee</span></div>", None),
        ("<p class=author>Updated by Ann Lee</p>", None),
        ("<script type='application/ld+json'>{broken</script><p>By the way</p>", None),
    ],
)
def test_authors(source: str, author: str | None) -> None:
    """Structured data comes first, then elements named for it, then lines that read like it."""
    assert known(source).author == author


@pytest.mark.parametrize(
    ("source", "date"),
    [
        (data(datePublished="2021-03-04T23:00:00Z", dateModified="2022-01-01"), "2021-03-04"),
        (
            "<meta property='article:published_time' content='2021-03-04T08:00'><time datetime='2020-01-01'>",
            "2021-03-04",
        ),
        (
            data(datePublished="2021-03-04", dateModified="2022-05-01T08:00") + "<p>Updated on May 1, 2022</p>",
            "2022-05-01",
        ),
        (data(datePublished="2021-03-04", dateModified="2022-05-01") + "<p>Updated on May 3, 2022</p>", "2021-03-04"),
        (
            "<meta property='article:modified_time' content='2022-05-01'>"
            + data(datePublished="2021-03-04").replace("NewsArticle", "WebPage"),
            None,
        ),
        ("<meta property='og:url' content='https://x.org/2021/march/04/foxes'>", "2021-03-04"),
        ("".join(f"<li><span class=date>March {day}, 2021</span> A fair</li>" for day in range(1, 7)), None),
        ("<div class=post-meta><a href='/author/jo'>Jo Smith</a> <span>March 4, 2021</span></div>", "2021-03-04"),
        ("<p><time datetime='1614866400000'>2 days ago</time></p>", "2021-03-04"),
        ("<p>x <time datetime='2021-03-04'>yesterday</time></p>", "2021-03-04"),
        ("<p>Updated <time>May 1, 2022</time> <span class='published'>March 4, 2021</span></p>", "2021-03-04"),
        ("<p><abbr class=published title='March 4 2021'>March 4</abbr></p>", "2021-03-04"),
        ("<p>March 4, 2021 | News</p>", "2021-03-04"),
        ("<p>Jo Smith, March 4, 2021</p>", "2021-03-04"),
        ("<p>Exported from <a href=/>Some site</a> on March 4, 2021</p>", None),
        ("<link rel=canonical href='https://example.org/2021/03/04/foxes'><p>x</p>", "2021-03-04"),
        ("<link rel=canonical href='https://example.org/2021/13/44/foxes'><p>x</p>", None),
        (data(datePublished="2021-02-31"), None),
    ],
)
def test_dates(source: str, date: str | None) -> None:
    """Structured data, then what is shown beside the title, then the page's address; invalid dates are ignored."""
    assert known(source).date == date


@pytest.mark.parametrize(
    ("source", "headings", "title"),
    [
        ("<title>Feeding foxes - Foxes today</title>", ["Foxes today", "Feeding foxes"], "Feeding foxes"),
        ("<title>Foxes today | Feeding foxes</title>", ["Feeding foxes"], "Feeding foxes"),
        (
            "<title>Foxes today » Feeding foxes</title><meta property='og:site_name' content='Foxes today'>",
            [],
            "Feeding foxes",
        ),
        (data(headline="Feeding foxes") + "<title>Home</title>", [], "Feeding foxes"),
        ("<title>Foxes: how to feed them</title>", ["Foxes"], "Foxes: how to feed them"),
        (
            "<title>Foxes: the guide</title><h1>What they eat in spring</h1>",
            ["What they eat in spring"],
            "What they eat in spring",
        ),
        (
            "<title>Feeding foxes</title><header><h1>On this and that</h1></header>",
            ["On this and that"],
            "Feeding foxes",
        ),
        ("", ["Feeding foxes"], "Feeding foxes"),
        ("<title>640000</title><h1>Feeding foxes</h1>", ["Feeding foxes"], "Feeding foxes"),
        ("<title>Untitled Document</title><h1>Foxes</h1>", ["Foxes"], "Foxes"),
        ("", [], None),
    ],
)
def test_titles(source: str, headings: list[str], title: str | None) -> None:
    """The heading that is also the page's own title; without one, its own title without the name of the site."""
    assert known(source, *headings).title == title


def test_entries_have_their_own_credits() -> None:
    """A date behind the title is not part of it, and the page's author is also that of its entries."""
    tree = grow("<h2>Foxes May 3, 2011</h2><p>Posted by Jo</p>")
    page = Credits("Blog", "Ann Lee", "2020-01-01", "site")
    assert entry_credits(tree, "Foxes May 3, 2011", tree.elements, tree.lines[1:], page) == Credits(
        "Foxes", "Jo", None, "site"
    )
    assert entry_credits(tree, "Foxes", [], [], page).author == "Ann Lee"


def test_names_and_dates_are_distinguished_from_other_words() -> None:
    """Addresses, accounts, job titles alone and sentences are not names; incomplete dates are not dates."""
    for written in (
        "https://x.org",
        "@jo",
        "admin",
        "",
        "Sat, 20 Dec, 2025",
        "it was a dark night; nobody came, he said",
    ):
        assert name_of(written) is None
    for written in ("", "May", "2021", "2021-99-99", "Version 2.0"):
        assert date_of(written) is None


def test_hosts_and_hostile_data() -> None:
    """An address without a host leads to the same site; nested and endless data is read or ignored."""
    assert [host_in(address) for address in ("https://www.Example.org/a", "//b.org", "/c", "d")] == [
        "example.org",
        "b.org",
        "",
        "",
    ]
    assert known(f"<script type='application/ld+json'>{'[' * 100_000}</script>").author is None
    assert known(data(author=[[["Jo Smith"]]])).author == "Jo Smith"
    tree = grow("<time>x</time>" * 3)
    assert shown_date(tree, tree.elements, []) is None
    assert shown_author(tree, tree.elements, []) is None


def test_a_title_has_no_soft_hyphens() -> None:
    """They show where a word may be broken, and are not part of it."""
    assert known("<title>The mil\u00adler</title><h1>The mil&shy;ler</h1>", "The mil\u00adler").title == "The miller"
