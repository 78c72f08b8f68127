"""Feeds and exports: each post in its place, whatever wraps it; what is not a post is named or counted."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import PageError
from rag.loading.exports.feeds import read_feed
from rag.loading.formats import plain_text
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from rag.loading.entries import Entries

SHA = "0" * 64
SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:wp="http://wordpress.org/export/1.2/" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"'
)
ATOM = 'xmlns="http://www.w3.org/2005/Atom"'


def _read(text: str) -> Entries:
    """The entries of a feed, after checking every post's place."""
    entries = read_feed(text, "feed", SHA)
    for post in entries.posts:
        raw = text[post.pieces[0].file_start : post.pieces[-1].file_end]
        assert fold_white(plain_text(raw, post.format)) == fold_white(post.text)
    return entries


def _rss(*items: str) -> str:
    return f'<?xml version="1.0"?>\n<rss version="2.0" {SPACES}><channel><title>Blog</title>{"".join(items)}</channel></rss>'


def _item(title: str, content: str, more: str = "") -> str:
    return f"<item><title>{title}</title><content:encoded>{content}</content:encoded>{more}</item>"


def _wordpress(title: str, kind: str, state: str) -> str:
    more = f"<wp:post_type>{kind}</wp:post_type><wp:status><![CDATA[{state}]]></wp:status>"
    return _item(title, f"<![CDATA[Text of {title}.]]>", more)


def test_posts_have_the_name_of_their_feed() -> None:
    """It is the source of posts that name no author."""
    assert [post.site for post in _read(_rss(_item("A", "Text."), _item("B", "More."))).posts] == ["Blog", "Blog"]


def test_an_entry_taken_from_another_feed_is_that_one_s() -> None:
    """As planets and readers collect them: site and author are of the feed it was taken from, never the collector's."""
    source = "<source><title>Lock Notes</title><id>s</id><author><name>Ann</name></author></source>"
    bare = "<source><title>Loaf Notes</title></source>"
    entries = _read(
        f"<feed {ATOM}><title>Planet</title><author><name>Collector</name></author>"
        f"<entry><title>A</title>{source}<content>Text.</content></entry>"
        f"<entry><title>B</title><author><name>Jo</name></author><content>More.</content>{bare}</entry>"
        f"<entry><title>C</title>{bare}<content>Last.</content></entry></feed>"
    )
    assert [(post.title, post.site, post.author) for post in entries.posts] == [
        ("A", "Lock Notes", "Ann"), ("B", "Loaf Notes", "Jo"), ("C", "Loaf Notes", None)
    ]  # fmt: skip
    (post,) = _read(_rss(_item("A", "Text.", '<source url="http://x/feed">Lock Notes</source>'))).posts
    assert (post.title, post.site) == ("A", "Lock Notes")


def _reasons(entries: Entries) -> list[str]:
    return [f"{one.file}: {one.reason}" for one in entries.left_out]


def test_rss_with_all_that_an_item_tells() -> None:
    """The whole content before the teaser; sections, escapes and characters outside ASCII before it shift no place."""
    entries = _read(
        _rss(
            _item(
                "Fish &amp; chips é 😀",
                "<![CDATA[<p>One &amp; é.</p>\r\n<p>Two ]]]]><![CDATA[> three.</p>]]>",
                "<description>teaser</description><dc:creator>Jo</dc:creator>"
                "<pubDate>Tue, 03 Jan 2012 23:30:00 -0500</pubDate>",
            ),
            "<item><title>It&amp;#8217;s</title><description>&lt;p&gt;AT&amp;amp;T&lt;/p&gt;</description>"
            "<author>x@example.org (Ann Lee)</author></item>",
            "<item><description>Plain words.\n\nAnd more.</description></item>",
        )
    )
    assert [(post.title, post.text, post.author, post.date, post.format) for post in entries.posts] == [
        ("Fish & chips é 😀", "One & é.\n\nTwo ]]> three.", "Jo", "2012-01-03", "cdata"),
        ("It’s", "AT&T", "Ann Lee", None, "xml"),
        (None, "Plain words.\n\nAnd more.", None, None, "xml"),
    ]
    assert not entries.left_out


def test_rss_1_and_its_namespaces_under_any_prefix() -> None:
    """Elements are known by their namespace; items may be beside the channel."""
    entries = _read(
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:c="http://purl.org/rss/1.0/modules/content/"><channel><title>B</title></channel>'
        "<item><title>One</title><description>short</description><c:encoded>&lt;b&gt;Long&lt;/b&gt;</c:encoded></item></r:RDF>"
    )
    assert [(post.title, post.text) for post in entries.posts] == [("One", "Long")]


def test_atom_with_every_kind_of_content() -> None:
    """xhtml, escaped HTML, plain text with characters that look like mark-up, and a summary if it is all there is."""
    entries = _read(
        f"<feed {ATOM}><title>B</title><author><name>Feed Owner</name></author>"
        '<entry><title type="html">A &lt;i&gt;b&lt;/i&gt;</title><author><name>Jo</name><email>j@x</email></author>'
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Hi <em>you</em> &amp; me</p></div></content>'
        "<updated>2013-01-01T00:00:00Z</updated><published>2012-01-03T00:00:00Z</published></entry>"
        '<entry><title>Two</title><content type="html">&lt;p&gt;x &amp;lt; y&lt;/p&gt;</content></entry>'
        "<entry><title>Three</title><content>1 &lt; 2, use &lt;x&gt;</content></entry>"
        '<entry><title>Four</title><content type="image/png" src="http://x/y.png"/><summary>In words.</summary></entry></feed>'
    )
    assert [(post.title, post.text, post.author, post.date) for post in entries.posts] == [
        ("A b", "Hi you & me", "Jo", "2012-01-03"),
        ("Two", "x < y", "Feed Owner", None),
        ("Three", "1 < 2, use <x>", "Feed Owner", None),
        ("Four", "In words.", "Feed Owner", None),
    ]


def test_a_wordpress_export() -> None:
    """Published posts; drafts are reported, the rest is counted; an author's display name, the day of the blog."""
    author = (
        "<wp:author><wp:author_login>jo</wp:author_login>"
        "<wp:author_display_name><![CDATA[Jo Smith]]></wp:author_display_name></wp:author>"
    )
    known = "<dc:creator>jo</dc:creator><wp:post_date>2012-01-03 23:30:00</wp:post_date><pubDate>Wed, 04 Jan 2012 04:30:00 +0000</pubDate>"
    text = _rss(
        author,
        _item(
            "Old",
            "<![CDATA[First <b>one</b>.\n\nSecond.]]>",
            known + "<wp:status>publish</wp:status><wp:post_type>post</wp:post_type>",
        ),
        _item("New", "<![CDATA[<!-- wp:paragraph -->\n<p>Blocks.</p>\n<!-- /wp:paragraph -->]]>"),
        *(_wordpress("Not yet", "post", state) for state in ("draft", "private")),
        *(_wordpress(kind, kind, "publish") for kind in ("page", "attachment", "nav_menu_item", "attachment")),
    )
    entries = _read(text)
    assert [(post.title, post.text, post.author, post.date) for post in entries.posts] == [
        ("Old", "First one.\n\nSecond.", "Jo Smith", "2012-01-03"),
        ("New", "Blocks.", None, None),
    ]
    assert _reasons(entries) == [
        "feed, “Not yet”: it is a draft; publish it and export again to index it",
        "feed, “Not yet”: it is not published (private); publish it and export again to index it",
        "feed: entries that are not posts were skipped: 2 attachment, 1 nav_menu_item, 1 page",
    ]


def test_blogger_exports_old_and_new() -> None:
    """The kind is a category or an element of its own; comments also say what they reply to."""
    kind = '<category scheme="http://schemas.google.com/g/2005#kind" term="http://schemas.google.com/blogger/2008/kind#%s"/>'
    old = _read(
        f'<feed {ATOM} xmlns:app="http://purl.org/atom/app#" xmlns:thr="http://purl.org/syndication/thread/1.0">'
        f"<entry>{kind % 'post'}<title>One</title><content type='html'>&lt;b&gt;A&lt;/b&gt;</content></entry>"
        f"<entry>{kind % 'post'}<title>Two</title><app:control><app:draft>yes</app:draft></app:control><content>B</content></entry>"
        f"<entry>{kind % 'comment'}<content>C</content></entry><entry>{kind % 'settings'}<content>D</content></entry>"
        "<entry><thr:in-reply-to ref='x'/><content>E</content></entry></feed>"
    )
    assert [post.title for post in old.posts] == ["One"]
    assert _reasons(old)[1:] == ["feed: entries that are not posts were skipped: 2 comment, 1 settings"]
    new = _read(
        f"<feed {ATOM} xmlns:blogger='http://schemas.google.com/blogger/2018'>"
        "<entry><blogger:type>POST</blogger:type><blogger:status>LIVE</blogger:status><title>One</title><content type='html'>A</content></entry>"
        "<entry><blogger:type>POST</blogger:type><blogger:status>DRAFT</blogger:status><title>Two</title><content type='html'>B</content></entry>"
        "<entry><blogger:type>COMMENT</blogger:type><content type='html'>C</content></entry></feed>"
    )
    assert [post.title for post in new.posts] == ["One"]
    assert len(new.left_out) == 2


def test_a_post_without_text_is_named() -> None:
    """One with only a title, and an empty one."""
    entries = _read(_rss("<item><title>Only a title</title></item>", "<item><description> </description></item>"))
    assert "“Only a title”: it has a title but no text" in _reasons(entries)[0]
    assert "it has no text" in _reasons(entries)[1]


@given(st.integers(0, 400))
def test_what_is_whole_before_a_break_is_read(cut: int) -> None:
    """Cut off anywhere, a feed yields the items that were whole, and says from which line on it is not."""
    items = [_item(f"Title {number}", f"<![CDATA[Text {number}.]]>") for number in range(3)]
    text = _rss(*items)
    start, end = text.index("<channel>"), text.rindex("</rss>") + len("</rss>") - 1
    broken = text[: min(start + cut, end)]
    entries = _read(broken)
    assert [post.title for post in entries.posts] == [f"Title {n}" for n in range(3) if items[n] in broken]
    assert "XML is broken from line 2" in _reasons(entries)[-1]


def test_what_xml_forbids_and_feeds_have_is_read() -> None:
    """Bare ampersands, control characters, entities that only HTML has."""
    entries = _read(_rss(_item("A & B", "R&D\x08 &nbsp; caf&eacute; \ufffe &amp;amp; done")))
    assert [(post.title, post.text) for post in entries.posts] == [("A & B", "R&D\x08 caf\xe9 \ufffe & done")]


def test_what_old_and_careless_feeds_begin_with_is_read() -> None:
    """A declaration below an empty line, of another version or encoding; a DTD that is never opened."""
    item = "<rss><channel><item><title>A</title><description>One&nbsp;two</description></item></channel></rss>"
    for before in (
        "\n<?xml version='1.0'?>",
        '<?xml version="1.1" encoding="utf-32"?>\n',
        '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://example.org/rss-0.91.dtd">',
        '<!DOCTYPE rss [<!ENTITY nbsp "&#160;"><!ENTITY % x PUBLIC "y" "http://example.org/lat1.ent"> %x;]>',
    ):
        assert [(post.title, post.text) for post in _read(before + item).posts] == [("A", "One two")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + _rss("<item>&b;</item>")[21:],
            "its own entities",
        ),
        ('<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><item>&a;</item></rss>', "its own entities"),
        ("<rss>" + "<a>" * 1_000_000, "nested too deeply"),
        ("<svg><text>Hello</text></svg>", "neither a feed"),
        ("<?xml version='1.0'?>\nnot XML at all", "neither a feed"),
        ("", "neither a feed"),
    ],
    ids=["bomb", "outside file", "deep", "picture", "text", "nothing"],
)
def test_what_is_not_a_feed_or_an_attack_is_refused(text: str, reason: str) -> None:
    """With the reason."""
    with pytest.raises(PageError, match=reason):
        read_feed(text, "feed", SHA)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), st.booleans())
def test_any_text_comes_back_from_its_place(text: str, section: bool) -> None:
    """Characters of any width before and inside of a post."""
    html = escape(text, quote=False)
    content = f"<![CDATA[{html}]]>" if section else escape(html, quote=False)
    entries = _read(_rss(_item(escape(text, quote=False), content)))
    expected = fold_white(text)
    assert [fold_white(post.text) for post in entries.posts] == ([expected] if expected else [])


def test_the_fuller_text_counts_and_stubs_are_reported() -> None:
    """Whichever field has it; posts with only the beginning of the text are counted."""
    whole = "The lock keeper retired last week after thirty-one years of opening gates for boats."
    items = (
        f"<item><title>A</title><description>The lock keeper retired …</description><body>{whole}</body></item>"
        f"<item><title>B</title><description>{whole} Read more</description></item>"
    )
    found = _read(f"<rss><channel>{items}</channel></rss>")
    assert [post.text for post in found.posts] == [whole, f"{whole} Read more"]
    assert "1 of its posts are excerpts" in found.left_out[0].reason


def test_shortcodes_are_not_text_and_words_in_brackets_are() -> None:
    """In an export of WordPress; elsewhere brackets are text."""
    body = "[caption width='3']<img/> A gate[/caption]\n\n[vc_row]The keeper [sic] retired.[/vc_row]\n\n[gallery ids='1']\n\nThe end [1]."
    space = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/"'
    text = f"<rss {space}><channel><item><title>A</title><wp:status>publish</wp:status><content:encoded><![CDATA[{body}]]></content:encoded></item></channel></rss>"
    [post] = _read(text).posts
    assert post.text == "The keeper [sic] retired.\n\nThe end [1]."
    assert (
        plain_text(text[post.pieces[0].file_start : post.pieces[-1].file_end], post.format).split() == post.text.split()
    )


def test_a_line_that_closes_every_post_is_the_site_s() -> None:
    """It names each post's title; a single post's last line is its own, unless the sentence is known."""
    items = "".join(
        f"<item><title>T{n}</title><description>&lt;p&gt;Text number {n}.&lt;/p&gt;&lt;p&gt;More on T{n} at Canal.&lt;/p&gt;</description></item>"
        for n in range(4)
    )
    assert [post.text for post in _read(f"<rss><channel>{items}</channel></rss>").posts] == [
        f"Text number {n}." for n in range(4)
    ]
    one = "<item><title>T</title><description>&lt;p&gt;Text.&lt;/p&gt;&lt;p&gt;The post T appeared first on Canal.&lt;/p&gt;</description></item>"
    assert _read(f"<rss><channel>{one}</channel></rss>").posts[0].text == "Text."


@pytest.mark.parametrize(
    ("text", "title", "date"),
    [
        (
            "<en-export><note><title>A</title><content><![CDATA[<en-note><div>Text</div></en-note>]]></content><created>20210504T100000Z</created></note></en-export>",
            "A",
            "2021-05-04",
        ),
        (
            "<livejournal><entry><subject>A</subject><event>Text</event><eventtime>2021-05-04 10:00:00</eventtime></entry></livejournal>",
            "A",
            "2021-05-04",
        ),
    ],
)
def test_other_exports_in_xml(text: str, title: str, date: str) -> None:
    """Of a notes program and of a journal."""
    [post] = _read(text).posts
    assert (post.title, post.date, post.text) == (title, date, "Text")


def test_a_list_of_subscriptions_and_a_trashed_post_are_named() -> None:
    """Neither is lost silently."""
    with pytest.raises(PageError, match="subscriptions"):
        _read("<opml><body><outline text='x'/></body></opml>")
    space = "xmlns='http://www.w3.org/2005/Atom' xmlns:blogger='http://schemas.google.com/blogger/2018'"
    entry = "<entry><title>A</title><content>Text</content><blogger:trashed>2021</blogger:trashed></entry>"
    assert "trash" in _read(f"<feed {space}>{entry}</feed>").left_out[0].reason


def test_numbers_of_windows_characters_are_mended() -> None:
    """As browsers do."""
    text = "<rss><channel><item><title>It&#146;s</title><description>It&#146;s &#151; so</description></item></channel></rss>"
    assert (_read(text).posts[0].title, _read(text).posts[0].text) == ("It’s", "It’s — so")


@pytest.mark.parametrize("wrap", ["{}", "<![CDATA[{}]]>"])
def test_mark_up_that_was_escaped_once_too_often_is_mark_up(wrap: str) -> None:
    """The quote has none of it, and every part of the text proves its place; a text about tags keeps them."""
    html = "<p>Salt &amp; flour, 5 &lt; 6, caf&eacute;.</p><p>Then <b>yeast</b>.</p>"
    once = escape(html, quote=False)
    entries = _read(_rss(_item("Bread", wrap.format(once if wrap != "{}" else escape(once, quote=False)))))
    assert entries.posts[0].text == "Salt & flour, 5 < 6, café.\n\nThen yeast."
    about = escape(escape("Write <p> and </p> around it, or <br> between.", quote=False), quote=False)
    assert _read(_rss(_item("Tags", about))).posts[0].text == "Write <p> and </p> around it, or <br> between."


def test_every_author_of_an_entry_is_named() -> None:
    """Each once, in RSS and in Atom."""
    twice = "<dc:creator>Ann</dc:creator><dc:creator>Jo</dc:creator><dc:creator>Ann</dc:creator>"
    (post,) = _read(_rss(_item("A", "Text.", twice))).posts
    assert post.author == "Ann, Jo"
    both = "<author><name>Ann</name></author><author><name>Jo</name></author>"
    (post,) = _read(
        f"<feed {ATOM}><title>B</title><entry><title>A</title>{both}<content>T.</content></entry></feed>"
    ).posts
    assert post.author == "Ann, Jo"
