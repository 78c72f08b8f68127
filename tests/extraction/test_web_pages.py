from __future__ import annotations

from pathlib import Path

import pytest
from makers import make_page

from rag import build_index, open_index
from rag.answering.quotes.locations import locate
from rag.dedup.merging import merge
from rag.extraction.posts import divide
from rag.extraction.web_pages import pages_without_posts
from rag.loading.html.text import strip_markup
from rag.loading.pages import read_pages
from rag.records import Copy, Page, Post, PostCopy
from rag.text.sentences import split
from rag.text.whitespace import fold_white

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "archives" / "html"

WORDS = "The quick brown fox jumps over the lazy dog, and then it goes home again to sleep."


def page(source: str, file: str = "a.html") -> Page:
    """An HTML page."""
    return make_page(source, file, "html")


def posts(source: str) -> list[PostCopy]:
    """The copies of posts on one page."""
    return divide([page(source)])


def entry(number: int) -> str:
    """Two paragraphs."""
    return f"<p>Text {number}. {WORDS}</p>\n<p>More of text {number}. {WORDS}</p>"


ARCHIVES = {
    "articles": "<article><h2><a href='/{n}'>Title {n}</a></h2><time datetime='2020-01-0{n}T10:00'>January {n}</time>{text}</article>",
    "wordpress": "<article class='post-{n} post type-post hentry'><header class='entry-header'><h2 class='entry-title'>"
    "<a href='/{n}' rel='bookmark'>Title {n}</a></h2><div class='entry-meta'>Posted on <time class='entry-date published' "
    "datetime='2020-01-0{n}T10:00:00+00:00'>January {n}, 2020</time> by <span class='author vcard'><a class='url fn n' "
    "href='/author/jo'>Jo Smith</a></span></div></header><div class='entry-content'>{text}</div><footer "
    "class='entry-footer'>Posted in <a href='/c'>News</a> | <a href='/{n}#c'>3 Comments</a></footer></article>",
    "blogger": "<div class='date-outer'><h2 class='date-header'>January {n}, 2020</h2><div class='date-posts'>"
    "<div class='post-outer'><div class='post hentry'><h3 class='post-title entry-title'><a href='/{n}'>Title {n}</a></h3>"
    "<div class='post-body'>{text}</div><div class='post-footer'>Posted by Jo</div></div></div></div></div>",
    "microformats": "<div class='h-entry'><a class='u-url' href='/{n}'><span class='p-name'>Title {n}</span></a> "
    "<time class='dt-published'>2020-01-0{n}</time><div class='e-content'>{text}</div></div>",
    "repeated": "<div class='item'><h3><a href='/{n}'>Title {n}</a></h3><p class='d'>January {n}, 2020</p>{text}</div>",
    "flat": "<h2><a href='/{n}'>Title {n}</a></h2><p>January {n}, 2020</p>{text}",
    "never closed": "<div class='post'><h1><a href='/{n}'>Title {n}</a></h1><span class='post-date'>0{n} Jan 2020</span>{text}",
}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_archive_pages_are_divided_by_their_mark_up(kind: str) -> None:
    """Each entry is a post with its own title and text, without menus and notes around it."""
    entries = "\n".join(ARCHIVES[kind].format(n=number, text=entry(number)) for number in (1, 2, 3))
    found = posts(
        "<html><head><title>My blog</title></head><body><header><h1><a href='/'>My blog</a></h1></header>"
        "<nav><a href='/about'>About</a></nav><div class='sidebar'><h3>About me</h3><p>I write about foxes.</p></div>"
        f"<div id='content'>{entries}</div><footer>Copyright by me, whoever that is, all rights reserved</footer></body>"
    )
    assert [copy.title for copy in found] == ["Title 1", "Title 2", "Title 3"]
    texts = [f"Text {n}. {WORDS}\n\nMore of text {n}. {WORDS}" for n in (1, 2, 3)]
    assert [copy.text for copy in found] == texts
    if kind != "blogger":  # its dates stand above the entries
        assert [copy.date for copy in found] == ["2020-01-01", "2020-01-02", "2020-01-03"]


def test_cards_beside_a_post_are_not_an_archive() -> None:
    """Related posts are marked up as entries too; the page is still one post."""
    cards = "".join(
        f"<article class='card'><h3><a href='/{n}'>Other {n}</a></h3><time>2020-01-0{n}</time><p>Short text of a card, no more "
        "than ten words in all.</p></article>"
        for n in (1, 2, 3)
    )
    (only,) = posts(
        f"<body><main><article><h1>The post</h1>{entry(1) * 4}</article></main><section>{cards}</section></body>"
    )
    assert only.title == "The post"
    assert "Other" not in only.text


def test_products_in_a_list_are_not_an_archive() -> None:
    """Elements with linked headings that lead elsewhere or have no date are parts of one post."""
    items = "".join(f"<article><h3><a href='/product/{n}'>Thing {n}</a></h3>{entry(n)}</article>" for n in (1, 2, 3))
    (only,) = posts(f"<body><h1>Three things</h1><p>{WORDS}</p>{items}</body>")
    assert only.title == "Three things"
    assert only.text.count("More of text") == 3


SINGLE = f"""<!doctype html><html><head><title>How to feed foxes | Foxes today</title>
<meta property="og:site_name" content="Foxes today"><meta property="og:title" content="How to feed foxes">
<script type="application/ld+json">{{"@context": "https://schema.org", "@graph": [
 {{"@type": "WebPage", "datePublished": "2019-01-01"}},
 {{"@type": "BlogPosting", "headline": "How to feed foxes", "datePublished": "2021-03-04T08:00:00Z",
   "author": {{"@id": "#jo"}}}},
 {{"@type": "Person", "@id": "#jo", "name": "Jo Smith"}}]}}</script></head>
<body><div id="cookie-banner"><p>{WORDS} We use cookies.</p></div>
<header><nav><ul><li><a href="/">Home</a><li><a href="/b">How to feed foxes</a></ul></nav></header>
<main><article><h1>How to feed foxes</h1><p class="byline">By Jo Smith, March 4, 2021</p>
<div class="share-bar"><a href="#">Tweet</a></div>
<p>First. {WORDS}</p><aside><p>Sign up. {WORDS}</p></aside>
<h2>What they like</h2><ul><li>Mice</li><li>Eggs &amp; berries</li></ul><p>Last. {WORDS}</p>
<h3>Related posts</h3><ul><li><a href="/x">Why foxes are red and what that means for them</a></li></ul>
<div class="author-bio"><p>Jo Smith. {WORDS}</p></div></article>
<div id="comments"><h3>2 comments</h3><article class="comment"><p>Nice! {WORDS}</p></article></div></main>
<footer><p>Copyright. {WORDS}</p></footer></body></html>"""


def test_a_single_page_is_reduced_to_its_post() -> None:
    """Title, author and date from JSON-LD; text without menus, asides, share bars, related posts and comments."""
    (only,) = posts(SINGLE)
    assert (only.title, only.author, only.date) == ("How to feed foxes", "Jo Smith", "2021-03-04")
    assert only.text == f"First. {WORDS}\n\nWhat they like\n\nMice\nEggs & berries\n\nLast. {WORDS}"


def test_the_pieces_lead_to_the_raw_source_and_the_title_belongs_to_the_place() -> None:
    """The first piece goes from the title to the text; together the pieces cover the location without gaps."""
    (only,) = posts(SINGLE)
    assert SINGLE[only.pieces[0].file_start :].startswith("How to feed foxes</h1>")
    at, there = 0, only.pieces[0].file_start
    for piece in only.pieces:
        assert (piece.start, piece.file_start) == (at, there)
        raw = SINGLE[piece.file_start : piece.file_end]
        assert raw == (only.text[piece.start : piece.end] if piece.text is None else piece.text)
        at, there = piece.end, piece.file_end
    assert at == len(only.text)


def test_a_heading_that_leads_to_the_first_page_is_the_name_of_the_site() -> None:
    """Blogs that put their name into a first-level heading of every page still have titles."""
    (only,) = posts(f"<title>Foxes | My blog</title><h1><a href='/'>My blog</a></h1><h2>Foxes</h2>{entry(1)}")
    assert (only.title, only.text[:6]) == ("Foxes", "Text 1")


def test_a_page_laid_out_by_tables_is_read_too() -> None:
    """Menus in a cell of their own, a title in large letters, paragraphs that are never closed."""
    (only,) = posts(
        "<title>Old site - My story</title><table><tr><td><a href=a>Home</a><br><a href=b>Links to other sites</a></td>"
        f"<td><font size=5>My story</font><p>One. {WORDS}<br><br>Two. {WORDS}<p>The end.</td></tr></table>"
    )
    assert (only.title, only.text) == ("My story", f"One. {WORDS}\n\nTwo. {WORDS}\n\nThe end.")


def test_a_page_without_outer_tags_is_whole() -> None:
    """Html, head and body may be missing; nothing of the text is lost."""
    (only,) = posts(f"<h1>Foxes</h1><p>One. {WORDS}</p><p>Two. {WORDS}</p>")
    assert (only.title, only.text) == ("Foxes", f"One. {WORDS}\n\nTwo. {WORDS}")


def test_verses_and_text_without_paragraphs_are_text() -> None:
    """A poem has no long line, and an old page separates its paragraphs by line breaks."""
    (poem,) = posts("<body><h1>Dawn</h1><p>I wake up the dawn,<br>from its quiet shambles.</p></body>")
    assert poem.text == "I wake up the dawn,\nfrom its quiet shambles."
    (old,) = posts(f"<body>One. {WORDS}<br><br>Two. {WORDS}</body>")
    assert old.text == f"One. {WORDS}\n\nTwo. {WORDS}"


def test_text_in_an_element_named_like_boilerplate_is_not_lost() -> None:
    """A page whose text is in a form, comment or sidebar still has text."""
    (only,) = posts(f"<body><form id='menu'><h1>Foxes</h1><p>One. {WORDS}</p><p>Two. {WORDS}</p></form></body>")
    assert only.text == f"One. {WORDS}\n\nTwo. {WORDS}"


@pytest.mark.parametrize(
    "source", ["", "<html></html>", "<a href=x>all of it</a>", " \n", "<script>var a = 'text'", "<p>"]
)
def test_pages_without_text_give_no_post(source: str) -> None:
    """An empty page has no posts."""
    assert posts(source) == []


def test_what_is_in_most_posts_of_a_site_is_chrome_and_can_be_kept() -> None:
    """A line of every post is never quoted; copies of one post count once; other sites and kept lines do not."""
    from rag.extraction.web_heap import divide_web_pages

    def single(number: int, site: str, title: int) -> Page:
        line = "<p>This blog is paid for by its readers and by nobody else at all.</p>"
        meta = f"<meta property='og:site_name' content='{site}'>"
        return page(f"{meta}<h1>Title {title}</h1>{entry(title)}{line}", f"{site}/{number}.html")

    line = "This blog is paid for by its readers and by nobody else at all."
    for copy in divide_web_pages([single(n, "one", n) for n in range(4)]):
        (span,) = copy.chrome
        assert copy.text[span.start : span.end] == line
    assert not any(copy.chrome for copy in divide_web_pages([single(n, "one", n) for n in range(4)], kept=[line]))
    assert not any(copy.chrome for copy in divide_web_pages([single(n, "one", n % 3) for n in range(12)]))
    assert not any(copy.chrome for copy in divide_web_pages([single(n, f"site {n}", n) for n in range(4)]))


def test_deep_and_broken_pages_end() -> None:
    """Tens of thousands of nested or unclosed tags, alone or around a text, take linear time."""
    for scrap in (
        "<div>",
        "<p>x",
        "</b>",
        "<article><h2><a href=/x>T</a></h2>",
        "<h2>Comments</h2>",
        "<ul><li>",
        "<table><td>",
    ):
        posts(scrap * 3_000 + f"<p>{WORDS}</p>")
    (only,) = posts("<div>" * 50_000 + f"<p>{WORDS}</p>")
    assert only.text == WORDS


def test_the_lines_of_a_site_are_listed_and_quoted_again_where_somebody_says_so(tmp_path: Path) -> None:
    """They are in the account of what is never quoted; a line of the decisions file makes them text again."""
    line = "This blog is paid for by its readers and by nobody else at all."
    pages, home = tmp_path / "pages", tmp_path / "index"
    pages.mkdir()
    for number in range(4):
        source = f"<title>T | B</title><h1>Title {number}</h1>{entry(number)}<p>{line}</p>"
        (pages / f"{number}.html").write_text(source, encoding="utf-8")
    build_index([pages], into=home)
    with open_index(home) as index:
        assert [(row.kind, row.pages) for row in index.store.dropped() if row.text == line] == [("inside", 4)]
        assert all(post.chrome for post in index.posts())
    (home / "duplicates.txt").write_text(f'keep "{line}"\n', encoding="utf-8")
    build_index(None, into=home)
    with open_index(home) as index:
        assert not index.store.dropped()
        assert not any(post.chrome for post in index.posts())


def test_a_line_of_a_million_characters_is_not_a_post() -> None:
    """It is data, not text; the other posts on the page are kept."""
    huge = f"<article class=hentry><h2>Data</h2><p>{'word ' * 200_001}</p></article>"
    good = f"<article class=hentry><h2>Foxes</h2>{entry(1)}</article>" * 2
    assert [copy.title for copy in posts(huge + good)] == ["Foxes", "Foxes"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="the pages with known answers are not beside the project")
def test_law_2_for_every_sentence_of_strangers_pages() -> None:
    """Every sentence of every post has its place, and the source there contains the sentence's words."""
    pages = {page.file: page for page in read_pages([SHARED]) if isinstance(page, Page)}
    for copy in divide(list(pages.values())):
        place = Copy(copy.file, copy.sha256, copy.pieces, format="html")
        post = Post("p", copy.title or "", copy.text, (place,))
        for cut in split(copy.text, copy.chrome):
            (found,) = locate(post, cut.start, cut.end)
            there = pages[copy.file].text[found.start : found.end]
            assert strip_markup(there) == fold_white(copy.text[cut.start : cut.end])


def test_author_and_date_may_be_below_a_summary() -> None:
    """A long line between the title and the byline is skipped; a date in the text is not the post's date."""
    summary = f"<p>In short: {WORDS} {WORDS}</p>"
    (only,) = posts(f"<h1>Foxes</h1>{summary}<p>By Jo Smith</p><p>Updated May 3, 2021</p>{entry(1)}")
    assert (only.author, only.date) == ("Jo Smith", "2021-05-03")
    (only,) = posts(f"<h1>Foxes</h1>{summary}<p>They came on May 3, 2021.</p>{entry(1)}")
    assert (only.author, only.date) == (None, None)


def test_the_frames_of_a_page_without_text_are_pages() -> None:
    """They are left out if the page they were saved with has the text."""
    frames = "<html><frameset cols='20%,80%'><frame src='keeper_files/a.html'></frameset></html>"
    inner = page(f"<h1>The keeper</h1>{entry(1)}", "keeper_files/a.html")
    pages = [page(frames, "keeper.html"), inner]
    copies = divide(pages)
    assert [(copy.file, copy.title) for copy in copies] == [("keeper_files/a.html", "The keeper")]
    (skipped,) = pages_without_posts(pages, copies)
    assert (skipped.file, "frames" in skipped.reason) == ("keeper.html", True)
    assert [copy.file for copy in divide([page(f"<h1>Whole</h1>{entry(2)}", "keeper.html"), inner])] == ["keeper.html"]


def test_a_line_with_only_author_and_date_is_not_text() -> None:
    """Whatever separates them, including in an old page's table."""
    (only,) = posts(f"<title>Foxes</title><table><tr><td><b>Foxes</b><br>Jo Smith, 6 May 1999{entry(1)}</table>")
    assert (only.author, only.date, only.text[:7]) == ("Jo Smith", "1999-05-06", "Text 1.")


def test_a_byline_above_a_short_post_is_not_a_box_about_the_author() -> None:
    """The box is at the end, and shorter than the post."""
    text = f"<p>Short. {WORDS}</p><p>It ends here. {WORDS}</p>"
    (only,) = posts(
        f"<title>Foxes</title><div><b>Foxes</b><p>By Jo Smith</p>{text}<h4>About Jo Smith</h4><p>Jo writes. {WORDS}</p></div>"
    )
    assert (only.author, only.text) == ("Jo Smith", f"Short. {WORDS}\n\nIt ends here. {WORDS}")
    glued = "<div class='author'><span>Jo Smith</span><span>Editor</span></div>"
    (only,) = posts(f"<article><h1>Foxes</h1>{glued}{entry(1)}</article>")
    assert (only.author, only.text[:7]) == ("Jo Smith", "Text 1.")


def test_a_person_s_byline_counts_more_than_the_account_of_a_team() -> None:
    """The account is the author if nobody else is named."""
    head = "<meta name=author content='Editorial Team'>"
    for byline, author in (("<p class=byline>By Jo Smith</p>", "Jo Smith"), ("", "Editorial Team")):
        (only,) = posts(f"<head>{head}</head><article><h1>Foxes</h1>{byline}{entry(1)}</article>")
        assert only.author == author


def test_a_post_may_have_the_name_of_its_site() -> None:
    """On one page alone; if several posts have that name, it is the site's."""
    head = (
        "<title>Foxes</title><meta property='og:site_name' content='Foxes'><meta property='og:title' content='Foxes'>"
    )
    (only,) = posts(f"<head>{head}</head><article><h1>Foxes</h1>{entry(1)}</article>")
    assert only.title == "Foxes"


def test_the_heading_of_the_page_s_header_is_the_name_of_the_site() -> None:
    """If another heading is the page's own title; a title may be in a header too."""
    head = "<title>Foxes | Notes of a river</title>"
    masthead = "<header><h1>Notes of a river</h1></header>"
    (only,) = posts(f"<head>{head}</head><body>{masthead}<article><h2>Foxes</h2>{entry(1)}</article></body>")
    assert (only.title, only.text[:6]) == ("Foxes", "Text 1")
    (only,) = posts(f"<head>{head}</head><body><header><h1>Foxes</h1></header><div>{entry(1)}</div></body>")
    assert only.title == "Foxes"


def test_articles_with_headings_of_the_first_level_are_posts() -> None:
    """Two stories saved as one page have no dates; parts of one article have headings of lower levels."""
    for level, titles in ((1, ["Foxes", "Owls"]), (3, ["Animals"])):
        articles = "".join(
            f"<article><h{level}>{name}</h{level}>{entry(n)}</article>" for n, name in enumerate(("Foxes", "Owls"))
        )
        found = posts(f"<title>Animals</title><body>{articles}</body>")
        assert [copy.title for copy in found] == titles


def test_dated_headings_of_the_first_level_are_titles() -> None:
    """Of several articles in one page; without days they are sections."""
    pair = [f"<h1>Foxes {n}</h1><p>May {n}, 2021</p><p>Text {n}. {WORDS}</p>" for n in (1, 2)]
    assert [(one.title, one.date, one.text[:7]) for one in posts("".join(pair))] == [
        ("Foxes 1", "2021-05-01", "Text 1."),
        ("Foxes 2", "2021-05-02", "Text 2."),
    ]
    assert len(posts(f"{pair[0]}<h1>Foxes 2</h1><p>Text 2. {WORDS}</p>")) == 1


@pytest.mark.parametrize(
    "post",
    [
        (
            "<div class='post'><div class='postprofile'><a>Member {n}</a><br>Joined: 03 Jan 2012</div><div class='postbody'>"
            "<p class='author'>by <b>{name}</b> » 0{n} Mar 2019 20:12</p><div class='content'>{text}</div></div></div>"
        ),
        (
            "<div itemprop='comment' itemscope itemtype='http://schema.org/DiscussionForumPosting'><span itemprop='author'>"
            "{name}</span> <time datetime='2019-03-0{n}'>March {n}, 2019</time><div class='post'>{text}</div></div>"
        ),
    ],
)
@pytest.mark.parametrize("names", [("Tom Lee", "Ida Moss", "Jo Smith"), ("tom_lee", "ida.moss77", "jo")])
def test_the_posts_of_a_thread_have_its_title_and_authors_of_their_own(post: str, names: tuple[str, ...]) -> None:
    """However many answers there are; what a forum tells of their authors is not text."""
    answers = (post.format(n=n, name=name, text=entry(n)) for n, name in enumerate(names, 1))
    found = posts(
        "<title>Which oven? - Bakers</title><body><div><a href='/'>Bakers</a></div><div id='topic'>"
        f"<h2 class='topic-title'><a href='/t/1'>Which oven?</a></h2>{''.join(answers)}</div></body>"
    )
    assert [(copy.title, copy.author, copy.date) for copy in found] == [
        ("Which oven?", name, f"2019-03-0{n}") for n, name in enumerate(names, 1)
    ]
    assert not any("Joined" in copy.text or "Mar" in copy.text for copy in found)


def test_short_notes_with_titles_and_dates_are_posts() -> None:
    """No line of the page is a sentence of ten words; links with only dates are not posts."""
    for text, titles in (("Snow on the {} pass.", ["North", "South"]), ("<a href='/x'>More on the {} pass</a>", [])):
        entries = "".join(
            f"<div class='post'><h2><a href='/{n}'>{name}</a></h2><div class='post-meta'>May {n}, 2012 in News</div>"
            f"<p>{text.format(name)}</p></div>"
            for n, name in enumerate(("North", "South"), 1)
        )
        found = posts(f"<title>Notes</title><body><div class='posts'>{entries}</div></body>")
        assert [copy.title for copy in found if copy.date] == titles


def test_many_short_notes_are_posts_though_one_is_as_long_as_a_sentence() -> None:
    """Each has its title and its date, which may be below it."""
    notes = ("A rake was two coins.", "The boots came late.", f"Lamp oil is sold out. {WORDS}")
    entries = "".join(
        f"<div class='entry'><h3>Note {n}</h3><p>{text}</p><p class='post-meta'>{n} May 2009 · 2 comments</p></div>"
        for n, text in enumerate(notes, 1)
    )
    found = posts(f"<title>Notes</title><body><h1><a href='/'>Notes</a></h1>{entries}</body>")
    assert [(copy.title, copy.date, copy.text) for copy in found] == [
        (f"Note {n}", f"2009-05-0{n}", text) for n, text in enumerate(notes, 1)
    ]


def test_a_list_beside_the_text_is_part_of_it_where_its_items_are_not_links() -> None:
    """The ingredients of a recipe are in an aside; so is what else the site has."""
    for item, kept in (("{} grams of rye", True), ("<a href='/{}'>Loaf {}</a>", False)):
        items = "".join(f"<li>{item.format(n, n)}</li>" for n in (100, 200, 300))
        [copy] = posts(
            f"<title>Rye</title><main><h1>Rye</h1><section><aside class='recipe__ingredients'><ul>{items}</ul></aside>"
            f"<div class='steps'>{entry(1)}{entry(2)}</div></section></main>"
        )
        assert ("200" in copy.text) is kept


def test_the_title_is_not_a_heading_below_prose() -> None:
    """The page's title also names its first section; and what is above that section is not lost."""
    [copy] = posts(
        "<title>What is a slipway? A guide for owners | Quay</title><meta property='og:site_name' content='Quay'>"
        f"<main><h1>A guide to slipways for new owners</h1>{entry(1)}<h2>What is a slipway?</h2>{entry(2)}</main>"
    )
    assert copy.title == "A guide to slipways for new owners"
    assert copy.text.startswith("Text 1.")
    assert "What is a slipway?" in copy.text


def test_a_byline_in_tags_of_its_own_is_not_text() -> None:
    """Without these elements, "Ida Moss Feb 1, 2018" reads like a heading."""
    entries = "".join(
        f"<article class='post'><h1>Part {n}</h1><span class='author'>Ida Moss</span> <time datetime='2018-02-0{n}'>"
        f"Feb {n}, 2018</time>{entry(n)}</article>"
        for n in (1, 2)
    )
    found = posts(f"<title>Part 1</title><body>{entries}</body>")
    assert [(copy.author, copy.date, copy.text[:7]) for copy in found] == [
        ("Ida Moss", f"2018-02-0{n}", f"Text {n}.") for n in (1, 2)
    ]


def test_a_signature_below_a_post_names_its_author() -> None:
    """With a dash before the name, as in letters."""
    [copy] = posts(f"<title>Wind</title><main><h1>Wind</h1>{entry(1)}<p>— Greta Holm, 30 October 2015</p></main>")
    assert (copy.author, copy.date) == ("Greta Holm", "2015-10-30")


def test_the_site_of_a_page_is_kept() -> None:
    """Its name, or else its host; nothing if the page has neither."""
    told = (
        "<meta property='og:site_name' content='Quay Weekly'>",
        "<link rel=canonical href='https://www.quay.example/a'>",
    )
    for head, site in ((told[0], "Quay Weekly"), (told[1], "quay.example"), ("", None)):
        [copy] = posts(f"<title>Wind</title>{head}<main><h1>Wind</h1>{entry(1)}</main>")
        assert copy.site == site


def test_entries_without_links_are_recognised_by_the_notes_below_them() -> None:
    """Old archives have the day above and "Posted by" below; neither is part of the text."""
    entries = "".join(
        f"<h2 class='date'>April {n}, 2003</h2><div class='blogbody'><h3 class='title'>Title {n}</h3>{entry(n)}"
        f"<div class='posted'>Posted by Nell at {n}:04 PM | <a href='/c'>Comments ({n})</a></div></div>"
        for n in (7, 5, 3)
    )
    found = posts(f"<title>April 2003</title><body><h1><a href='/'>Canal</a></h1><div class='blogbody'>{entries}</div>")
    assert [(copy.title, copy.date, copy.author) for copy in found] == [
        (f"Title {n}", f"2003-04-0{n}", "Nell") for n in (7, 5, 3)
    ]
    assert not any("Posted" in copy.text for copy in found)


def test_prose_above_a_title_is_not_lost() -> None:
    """A page saved by a word processor names its title so; its first heading is that of a section."""
    for head, title in (("", "Part"), ("<p class='title'>On wells</p>", "On wells")):
        [copy] = posts(f"<html><body>{head}<p>Text 1. {WORDS}</p><h1>Part</h1>{entry(2)}</body></html>")
        assert (copy.title, copy.text[:7]) == (title, "Text 1.")


def test_buttons_are_not_text_but_names_of_what_unfolds() -> None:
    """A button below code is for copying, not for reading."""
    [copy] = posts(
        f"<title>Wells</title><article><h1>Wells</h1>{entry(1)}<div><button>Copy</button> <button>Print</button></div>"
        f"<h3><button>How deep is it?</button></h3>{entry(2)}<p>Press <button>Start</button> and wait a little.</p></article>"
    )
    assert "Copy" not in copy.text
    assert "How deep is it?" in copy.text
    assert "Start" in copy.text


@pytest.mark.parametrize("space", ["", " "])
@pytest.mark.parametrize(
    "caption", ["<span class='wp-caption'>mirror maze</span>", "<em id='caption'>mirror maze</em>"]
)
def test_a_caption_inside_a_line_is_not_part_of_its_sentence(caption: str, space: str) -> None:
    """It is in the text, but never quoted; one that has a line to itself is a line like others."""
    source = f"<article><h1>Foxes</h1><p><img src='a.png'>{caption}{space}{WORDS}</p>{entry(1)}</article>"
    (only,) = posts(source)
    cuts = split(only.text, only.chrome)
    assert [(only.text[cut.start : cut.end], cut.kind) for cut in cuts[:2]] == [
        ("mirror maze", "chrome"),
        (WORDS, "sentence"),
    ]
    (alone,) = posts(f"<article><h1>Foxes</h1>{entry(1)}<div>{caption}</div>{entry(2)}</article>")
    assert "mirror maze" in alone.text
    assert alone.chrome == ()


def test_a_word_does_not_go_on_behind_a_picture() -> None:
    """And a location that spans the picture shows the same words."""
    source = f"<article><h1>Foxes</h1><p>The fox den<img src='a.png'>was empty. {WORDS}</p>{entry(1)}</article>"
    (only,) = posts(source)
    assert only.text.startswith("The fox den was empty.")
    (post,), _ = merge([only])
    (place,) = locate(post, 0, len("The fox den was empty."))
    assert strip_markup(source[place.start : place.end]) == "The fox den was empty."


def test_what_readers_voted_is_no_text() -> None:
    """Beside a question and each of its answers, with buttons or alone; a sentence about votes is text."""
    votes = "<div class='votecell'><button>Up</button><div class='vote-count'>{}</div><button>Down</button></div>"
    answers = "".join(
        f"<div class='answer'>{votes.format(7 * n)}<div class='body'>{entry(n)}</div></div>" for n in (1, 2)
    )
    said = "<div class='vote'><p>The council counted 40 votes for foxes and 12 for owls, and was done by six.</p></div>"
    (only,) = posts(f"<title>Foxes?</title><div id='question'><h1>Foxes?</h1>{answers}{said}</div>")
    assert not {"7", "14"} & set(only.text.split("\n"))
    assert "counted 40 votes" in only.text
    assert {line.text for line in only.left_out} == {"Up", "7", "14", "Down"}


@pytest.mark.parametrize("day", ["<div>14 Mar 2013 10:11 UTC</div>", "<time datetime='2013-03-14'>14 Mar 2013</time>"])
def test_the_day_on_which_an_archive_saved_a_page_is_not_that_of_its_post(day: str) -> None:
    """In a header above it; the post's own day is read below."""
    header = f"<div id='HEADER'><div>Saved from http://foxes.example/1</div><div>no other copies</div>{day}</div>"
    for own, date in (("", None), ("<p>3 May 2011</p>", "2011-05-03")):
        (only,) = posts(f"<title>Foxes</title><body>{header}<div><h1>Foxes</h1>{own}{entry(1)}</div></body>")
        assert (only.title, only.date) == ("Foxes", date)


def test_an_excerpt_above_its_own_text_is_not_text() -> None:
    """As a service exports its posts: the beginning of the text, cut, above title and text; a summary is kept."""
    head = "<header><h1 class='p-name'>Foxes</h1></header><section class='p-summary'>{}</section>"
    body = f"<section class='e-content'><h3>Foxes</h3><p>{WORDS}</p>{entry(1)}</section>"
    (only,) = posts(f"<title>Foxes</title><article class='h-entry'>{head.format(WORDS[:60] + '…')}{body}</article>")
    assert (only.title, only.text.count(WORDS[:30])) == ("Foxes", 3)
    assert only.text.startswith(WORDS)
    assert [line.text for line in only.left_out] == [f"{WORDS[:60]}…"]
    summary = "How the foxes of this town came to be, and where they go in the winter, in ten pictures…"
    (only,) = posts(f"<title>Foxes</title><article class='h-entry'>{head.format(summary)}{body}</article>")
    assert summary in only.text


def test_a_page_without_headings_has_the_title_above_its_byline() -> None:
    """Old pages write it in large type; their own title is a program's."""
    source = (
        "<title>Untitled Document</title><table><tr><td><a href='/'>Home</a></td><td><font size=5><b>Foxes</b></font><br>"
        f"<font size=1>by Ida Moss, 3 March 2014</font><br><br>{WORDS}<br><br>Two. {WORDS}</td></tr></table>"
    )
    (only,) = posts(source)
    assert (only.title, only.author, only.date) == ("Foxes", "Ida Moss", "2014-03-03")
    assert only.text == f"{WORDS}\n\nTwo. {WORDS}"


def test_paragraphs_with_names_of_consent_are_text() -> None:
    """A page about consent names its paragraphs so; a dialog is a box of its own."""
    parts = "".join(f"<p class='gdpr-Paragraph'>Part {n}. {WORDS}</p>" for n in range(4))
    (only,) = posts(f"<body><main><h2 id='gdpr-Title'>Privacy</h2>{parts}</main><div class='gdpr'><p>{WORDS}</p></div>")
    assert only.text.count("Part ") == 4
    assert [left.text for left in only.left_out] == [WORDS]


def test_a_list_of_links_with_one_sentence_is_read_whole() -> None:
    """The item with the sentence is not the text of the page."""
    (only,) = posts(
        "<body><nav><a href='/'>Home</a></nav><article><h1>Links of the week</h1><ul>"
        f"<li><a href='http://a.org'>Foxes</a> - {WORDS}</li><li><a href='http://b.org'>The dog that slept</a> (b.org)</li>"
        "</ul><p>That is all.</p></article></body>"
    )
    assert only.text == f"Foxes - {WORDS}\nThe dog that slept (b.org)\n\nThat is all."


def test_a_footer_below_a_poem_is_no_verse() -> None:
    """Even if it is the only sentence of the page; the poet's name is not part of the title."""
    verses = "<br>".join(["I went to the bar at morning", "the tide was out and low"] * 4)
    (only,) = posts(
        "<html><head><title>The bar by Ada Wren</title></head><body><h1>The bar</h1><p class='byline'>by Ada Wren</p>"
        f"<p>{verses}</p><footer><p>Copyright by the publisher of this page, all rights are reserved.</p></footer></body>"
    )
    assert (only.title, only.author) == ("The bar", "Ada Wren")
    assert "Copyright" not in only.text
    assert only.text.startswith("I went")


def test_a_note_is_no_author() -> None:
    """Its address "fn2" is not the class for a full name."""
    (only,) = posts(
        f"<body><article><h1>Foxes</h1>{entry(1)}<ol><li id='fn1'><p>See page 12.</p><li id='fn2'><p>Measured there.</p>"
        "</ol></article></body>"
    )
    assert only.author is None
    assert only.text.endswith("Measured there.")


def test_titles_without_links_above_texts_with_notes() -> None:
    """Old blogs have the day above several posts, and below each who posted it."""
    parts = [
        f"<h3>Title {n}</h3><p>{n}. {WORDS}</p><p>posted by Jo at {n}:00 | <a href='#{n}'>permalink</a>"
        for n in (1, 2, 3)
    ]
    found = posts(
        f"<body><h1>Log</h1><h2>Monday, 4 March 2002</h2>{parts[0]}{parts[1]}<h2>Sunday, 3 March 2002</h2>{parts[2]}</body>"
    )
    assert [(copy.title, copy.date) for copy in found] == [
        ("Title 1", "2002-03-04"),
        ("Title 2", "2002-03-04"),
        ("Title 3", "2002-03-03"),
    ]
    assert [copy.text for copy in found] == [f"{n}. {WORDS}" for n in (1, 2, 3)]


@pytest.mark.parametrize("first", [" itemtype='http://schema.org/Comment'", ""])
def test_posts_of_a_discussion_are_each_their_writer_s(first: str) -> None:
    """The schema names them; the first one may lack it."""
    made = "".join(
        f"<div class='topic-body'{kind}><div class='post-meta'><b itemprop='author'>{name}</b> <time datetime='2020-03-0{n}'>then</time></div>"
        f"<div class='words'><p>{n}. {WORDS}</p></div></div>"
        for n, (name, kind) in enumerate(
            [
                ("marsh", first),
                ("ada", " itemtype='http://schema.org/Comment'"),
                ("bob", " itemtype='http://schema.org/Comment'"),
            ],
            1,
        )
    )
    found = posts(
        "<html><head><title>How deep is it?</title></head><body><h1>How deep is it?</h1>"
        f"<div itemtype='http://schema.org/DiscussionForumPosting'>{made}</div></body>"
    )
    assert [(copy.title, copy.author, copy.date) for copy in found] == [
        ("How deep is it?", "marsh", "2020-03-01"),
        ("How deep is it?", "ada", "2020-03-02"),
        ("How deep is it?", "bob", "2020-03-03"),
    ]


def test_the_title_of_an_old_page_is_below_the_name_of_its_site() -> None:
    """Both are in large type, and the page's own title has both."""
    (only,) = posts(
        "<title>Fox Times - The quick fox</title><table><tr><td><font size=6>Fox Times</font><tr><td><font size=5>The quick"
        f" fox</font><p>{WORDS} {WORDS}<p>{WORDS} {WORDS}</table>"
    )
    assert only.title == "The quick fox"


def test_a_page_of_comments_alone_is_a_discussion() -> None:
    """Each comment is its writer's, who is named above it; below a text, comments are left out as ever."""
    made = "".join(
        f"<tr><td><a class='hnuser' href='u'>{name}</a> <span class='age' title='2020-03-0{n}T10:00:00 158'><a href='i'>{n} hours ago</a></span>"
        f"<div class='comment'><p>{n}. {WORDS}</p><p><u><a href='r'>reply</a></u></p></div>"
        for n, name in enumerate(("ada", "bob_m", "cy"), 1)
    )
    top = "<title>How deep is it? | Fox News</title><b><a href='/'>Fox News</a></b><p><a href='/1'>How deep is it?</a></p>"
    found = posts(f"{top}<table>{made}</table>")
    assert [(copy.title, copy.author, copy.date, copy.text) for copy in found] == [
        ("How deep is it?", name, f"2020-03-0{n}", f"{n}. {WORDS}") for n, name in enumerate(("ada", "bob_m", "cy"), 1)
    ]
    (only,) = posts(f"{top}<div class='text'>{entry(0)}</div><table>{made}</table>")
    assert only.text == "Text 0. " + WORDS + "\n\nMore of text 0. " + WORDS


@pytest.mark.parametrize("kind", ["Question", "QAPage"])
def test_a_question_and_each_of_its_answers_are_their_writers(kind: str) -> None:
    """They became one post under one name; the ranks beside the names are no part of them."""

    def signed(name: str, day: int) -> str:
        return (
            f"<div class='user-info'><span class='relativetime' title='2021-05-0{day} 10:00:00Z'>then</span>"
            f"<div class='user-details'><a href='/users/{day}'>{name}</a><span>1,204</span></div></div>"
        )

    answers = "".join(
        f"<div class='answer {extra}' itemtype='https://schema.org/Answer'><div class='votecell'>3</div><div class='words'><p>{n}. {WORDS}"
        f"</p></div>{signed(name, n)}</div>"
        for n, (name, extra) in enumerate([("ida_moss", "accepted"), ("Cy Weir", "")], 2)
    )
    found = posts(
        f"<html><title>How deep is it? - Boats</title><body><div itemtype='https://schema.org/{kind}'><h1>How deep is it?</h1>"
        f"<div class='question'><p>1. {WORDS}</p>{signed('Ann Lock', 1)}</div><div><h2>2 Answers</h2>{answers}</div></div>"
    )
    assert [(copy.title, copy.author, copy.date, copy.text) for copy in found] == [
        ("How deep is it?", "Ann Lock", "2021-05-01", f"1. {WORDS}"),
        ("How deep is it?", "ida_moss", "2021-05-02", f"2. {WORDS}"),
        ("How deep is it?", "Cy Weir", "2021-05-03", f"3. {WORDS}"),
    ]


def test_answers_that_a_page_gives_to_its_own_questions_are_one_text() -> None:
    """Each is inside its question, as the schema for lists of questions has it."""
    made = "".join(
        f"<div itemtype='https://schema.org/Question'><h3>Question {n}?</h3><div itemtype='https://schema.org/Answer'><p>{n}. "
        f"{WORDS}</p></div></div>"
        for n in (1, 2)
    )
    (only,) = posts(
        f"<title>Questions</title><h1>Questions</h1><main itemtype='https://schema.org/FAQPage'>{made}</main>"
    )
    assert f"1. {WORDS}" in only.text
    assert f"2. {WORDS}" in only.text


def test_posts_that_a_forum_numbers_are_their_writers() -> None:
    """Where it says nothing else about them; what is around a message is no text."""
    made = "".join(
        f"<div><table id='post{n}'><tr><td>05-0{n}-2021<tr><td><a class='bigusername'>{name}</a> Senior Member Posts: 1,204"
        f"<tr><td id='td_post_{n}'><div id='post_message_{n}'>{n}. {WORDS}<br><br>{WORDS}</div></table></div>"
        for n, name in ((1, "annlock"), (2, "benquay"))
    )
    found = posts(f"<title>Gates - Boats</title><table><tr><td><strong>Gates</strong></table>{made}")
    assert [(copy.author, copy.text) for copy in found] == [
        ("annlock", f"1. {WORDS}\n\n{WORDS}"),
        ("benquay", f"2. {WORDS}\n\n{WORDS}"),
    ]


def test_a_report_that_is_written_hour_by_hour_is_one_post() -> None:
    """Its parts are articles in its article, with headings that lead nowhere."""
    parts = "".join(
        f"<article class='block'><time datetime='2021-05-04T0{n}:00'>0{n}.00</time><h2>Part {n}</h2><p>{n}. {WORDS}</p></article>"
        for n in (3, 2, 1)
    )
    (only,) = posts(f"<title>The day</title><article><h1>The day at the lock</h1><p>By Ida Moss</p>{parts}</article>")
    assert (only.title, only.author) == ("The day at the lock", "Ida Moss")
    assert all(f"{n}. {WORDS}" in only.text for n in (1, 2, 3))


def test_of_two_days_in_a_line_that_of_publication_counts() -> None:
    """Whichever comes first."""
    for line in (
        "Last updated: June 7, 2022. First published May 4, 2021.",
        "Updated June 7, 2022 | Published on May 4, 2021",
    ):
        (only,) = posts(
            "<title>The quick fox</title><meta property='article:modified_time' content='2022-06-07'><meta "
            f"property='article:published_time' content='2021-05-04'><h1>The quick fox</h1><p>{line}</p><p>{WORDS} {WORDS}</p>"
        )
        assert only.date == "2021-05-04"


def test_a_title_is_not_joined_with_its_subtitle_and_author() -> None:
    """As in the titles that some services make for browsers."""
    (only,) = posts(
        f"<title>The fox. A night at the harbour | by Ida Moss | Pages</title><h1>The fox</h1><h2>A night at the harbour</h2>"
        f"<p>{WORDS} {WORDS}</p><p>{WORDS}</p>"
    )
    assert only.title == "The fox"


@pytest.mark.parametrize("place", ["above", "below"])
def test_a_guest_s_post_is_not_the_account_s(place: str) -> None:
    """Whatever the page's own data say; a post about guests is its writer's."""
    credit = "<p><em>This is a guest post by Ann Lee, who keeps foxes.</em></p>"
    text = f"{credit}{entry(1)}" if place == "above" else f"{entry(1)}{credit}"
    source = "<meta name=author content='Jo Smith'><article><h1>On foxes</h1>{}</article>"
    assert [one.author for one in posts(source.format(text))] == ["Ann Lee"]
    plain = [make_page(f"On foxes\n\nBy Jo Smith, May 3, 2011\n\nGuest post by Ann Lee\n\n{WORDS}\n\n{WORDS} Twice.")]
    assert [one.author for one in divide(plain)] == ["Ann Lee"]
    about = f"<p>Guest posts by readers are welcome.</p>{entry(1)}"
    assert [one.author for one in posts(source.format(about))] == ["Jo Smith"]


def test_the_heading_in_an_element_named_as_the_page_s_header_is_the_name_of_the_site() -> None:
    """As in pages that are older than the tag; what signs the post may be as long as a sentence."""
    signed = "Posted by Ann Lee on March 04, 2009 at 09:12 AM in Foxes and Dens and All That | Permalink"
    source = (
        "<title>Feeding foxes: den_notes — Journal</title><div id=header><h1>den_notes</h1></div>"
        f"<h1 class=entry-title>Feeding foxes</h1><div class=entry-body>{entry(1)}</div>"
        f"<div class=entry-footer><p>{signed}</p></div>"
    )
    (post,) = posts(source)
    assert (post.title, post.author, post.date) == ("Feeding foxes", "Ann Lee", "2009-03-04")


def test_titles_that_lead_to_signed_posts_make_an_archive() -> None:
    """Where no day can be read, because day and month cannot be told apart."""
    row = "<div class=row><h2><a href=/{n}>Title {n}</a></h2><div>Submitted by jo on Mon, 03/0{n}/2010 - 09:00</div>{text}</div>"
    source = "<title>Foxes</title><h1>Foxes</h1>" + "".join(row.format(n=n, text=entry(n)) for n in (3, 4, 5))
    assert [(one.title, one.author) for one in posts(source)] == [(f"Title {n}", "jo") for n in (3, 4, 5)]


def test_comments_longer_than_the_post_are_not_its_text() -> None:
    """Where an element beside them is named as the text; elsewhere, the comments are all that the page has."""
    comments = "".join(f"<li><cite>Tom {n} says:</cite><p>Comment {n}. {WORDS} {WORDS}</p></li>" for n in range(9))
    below = f"<div id=comments><h2>9 responses</h2><ol>{comments}</ol></div>"
    (post,) = posts(f"<h1>On foxes</h1><div class=entry-content>{entry(1)}</div>{below}")
    assert post.text.count("\n\n") == 1
    assert "Comment 3" not in post.text
    assert any("Comment 3" in one.text for one in posts(f"<h1>On foxes</h1>{below}"))


@pytest.mark.parametrize("mark", ["role=doc-footnote", "epub:type='footnote'"])
def test_footnotes_in_boxes_of_their_own_are_text(mark: str) -> None:
    """As books and journals have them; other boxes are not."""
    note = f"Note 1. {WORDS}"
    source = f"<article><h1>On foxes</h1>{entry(1)}<aside {{}}><p>{note}</p></aside></article>"
    assert note in posts(source.format(mark))[0].text
    assert note not in posts(source.format("class=promo"))[0].text
