"""Recognises what surrounds the text of a web page: navigation, sidebars, comments, share bars, cookie notes.

It goes by the element's tag and role, and by words in its class and id that are common across the web. An element that
contains much of the page's prose is never dropped for such a word.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from rag.loading.html.hidden_text import is_hiding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rag.extraction.html_tree import Element

__all__ = [
    "Sign",
    "boilerplate_sign",
    "is_hidden",
    "is_named_body",
    "is_note",
    "is_overlay",
    "is_text_body",
    "means",
    "weak_names",
]

Sign = Literal["element", "aside", "name", "list"]
Box = Literal["card", "comments", "note", "numbers", "unfolding"]

_TAGS = frozenset({"amp-ad", "amp-consent", "amp-sidebar", "dialog", "footer", "form", "menu", "nav"})
_ROLES = frozenset(
    """
    alertdialog banner complementary contentinfo dialog doc-pagebreak form menu menubar navigation search
    searchbox status tablist toolbar tooltip
    """.split()  # noqa: SIM905 - easier to read than quoted words
)
# words of a class or id; each alone marks boilerplate
_WORDS = frozenset(
    """
    adbox ads adslot adsense adunit advert advertisement advertising advertorial affiliate
    authorbox breadcrumb breadcrumbs brdcrumb crumb crumbs byline
    comment comments commentlist commentform commenting disqus respond discussion
    cookie cookies consent gdpr ccpa onetrust
    copyright disclaimer disclaimers disclosure disclosures
    dropdown flyout footer masthead megamenu menu menus nav navbar navigation navi pager pagination paginate paging
    topbar toolbar toolbox sitemap
    login signin signup register registration
    modal popup popover popin overlay lightbox offcanvas
    newsletter newsletters optin subscribe subscription subscriptions mailchimp
    outbrain taboola recirc recirculation
    share sharebar sharedaddy shares sharing sharethis addthis addtoany social socials socialmedia
    sidebar sidebars sidenav skiplink skiplinks
    sponsor sponsored sponsors
    tagcloud taglist
    toc noprint
    """.split()  # noqa: SIM905 - easier to read than quoted words
)
# words that are also used for parts of the text: they count if the element contains little of the page's prose
_WEAK = frozenset(
    """
    ad banner bio biography btn button buttons carousel credits cta gallery
    popular postprofile promo promos promoted promotion tag tags trending userinfo widget widgets
    """.split()  # noqa: SIM905 - easier to read than quoted words
)
# the same for two words in a row
_PAIRS = frozenset(
    """
    about-author article-footer article-share author-bio author-box author-card author-info back-top entry-footer
    entry-meta in-article message-user page-header post-footer post-meta post-nav post-navigation post-tags
    post-profile poster-info screen-reader site-footer site-header site-info skip-link skip-nav skip-to sr-only
    print-links print-source table-contents tag-list tags-links user-details user-info visually-hidden
    """.split()  # noqa: SIM905 - easier to read than quoted words
)
# words, and pairs of them, for lists of other posts; "related" also describes parts of a text
_LISTS = frozenset(
    """
    recommendation recommendations recommended recommends related
    also-like also-read further-reading latest-news latest-posts more-articles more-from more-news more-posts
    more-stories most-read next-post other-articles other-posts prev-post previous-post read-also read-more read-next
    recent-articles recent-posts see-also similar-posts suggested-posts up-next you-may you-might
    """.split()  # noqa: SIM905 - easier to read than quoted words
)
# words for boxes: those that show another page, readers' comments, notes, warnings and examples, which belong to the
# text although they are beside it, numbers beside a text, and parts of it that a reader unfolds
_BOXES: dict[Box, frozenset[str]] = {
    "card": frozenset({"bookmark", "card", "embed", "preview", "summary", "teaser"}),
    "comments": frozenset({"comment", "comments", "commentlist", "commentform", "commenting", "disqus", "respond"}),
    "note": frozenset(
        """
        admonition callout caution danger definition example hint important info margin note notes notice remark
        sidenote success tip tips warning
        """.split()  # noqa: SIM905 - easier to read than quoted words
    ),
    "numbers": frozenset(
        """
        gutter karma likes lineno linenos linenumber linenumbers points score upvotes vote votecell votes
        """.split()  # noqa: SIM905 - easier to read than quoted words
    ),
    "unfolding": frozenset(
        """
        accordion collapse collapsed collapsible expand expandable faq panel spoiler tab tabpanel tabs toggle
        """.split()  # noqa: SIM905 - easier to read than quoted words
    ),
}
# words for what covers a page until a visitor consents: never its text, however long it is
_OVERLAYS = frozenset(
    """
    consent cookie cookies cookiebanner cookiebar cookiebot cookieconsent cookielaw cookienotice ccpa didomi gdpr
    iubenda klaro onetrust qc-cmp quantcast tcf truste trustarc usercentrics
    """.split()  # noqa: SIM905 - easier to read than quoted words
)
_BODIES = frozenset(
    f"{first}-{second}"
    for first in ("article", "blog", "e", "entry", "page", "post", "single", "story")
    for second in ("body", "content", "text")
)
# words that show that the names around them describe the whole page, not this element
_OF_LAYOUT = frozenset(
    {"has", "no", "with", "without", "main", "content", "body", "page", "wrapper", "layout", "is", "not"}
)

# A promotional box contains less of a page's prose than this, a part of the text more; word F1 of 27 pages is within
# 0.002 of its values at 0.03 and 0.15.
MAX_WEAK_SHARE = 0.08

# what books and articles say of their own notes
_FOOTNOTES = frozenset({"footnote", "footnotes", "endnote", "endnotes", "doc-footnote", "doc-endnote", "doc-endnotes"})
# short lines above or below a post
_NOTE = re.compile(
    r"""(?:(?:reading\stime:?\s*|est\.?\s)?\d+\+?(?:\s?-\s?\d+)?\s?(?:min(?:ute)?s?)(?:\s(?:read|reading(?:\stime)?))?
    |(?:continue\sreading|read\s(?:more|on|the\srest)|more|permalink|share|tweet|like|print|e-?mail|save|comments?|reply
    |facebook|twitter|linkedin|pinterest|whatsapp|reddit|copy\slink|back\sto\stop|advertisement|ads?|sponsored
    |\d+\s(?:comments?|views?|likes?|shares?|notes?|claps?|reactions?|reblogs?)
    |click\shere\sto\sprint|(?:article\sprinted\sfrom|url\sto\sarticle).{0,200}|(?:filed|posted)\s(?:under|in)\b.{0,60}|(?:tags?|categor(?:y|ies)):.{0,80}
    |(?:updated\s|posted\s)?(?:an?|\d+)\s(?:minute|hour|day|week|month|year)s?\sago
    |photos?(?:\s(?:by|credit)|:).{0,40}
    |(?:printed|saved|downloaded|retrieved)\s(?:from|on|at)\b.{0,100})\W*)""",
    re.IGNORECASE | re.VERBOSE,
)


def boilerplate_sign(element: Element, names: Sequence[Sequence[str]], weak_shares: Mapping[str, float]) -> Sign | None:
    """What shows that an element is boilerplate: its tag or role, or one of its ``names``; None if nothing does.

    ``weak_shares`` is, for each name from `weak_names`, the share of the page's prose in elements with that name.
    "aside" and "list" are weaker signs than the others: parts of a text have such tags and names too.
    """
    role = element.attributes.get("role", "").lower()
    if element.tag in _TAGS or role in _ROLES:
        return "element"
    is_footnote = not _FOOTNOTES.isdisjoint((role, *element.attributes.get("epub:type", "").lower().split()))
    found: Sign | None = "aside" if (element.tag == "aside" and not is_footnote) or role == "alert" else None
    for name in names:
        if not _OF_LAYOUT.isdisjoint(name):
            continue
        called = {*name, *map("-".join, pairwise(name))}
        if not (_WORDS.isdisjoint(called) and _PAIRS.isdisjoint(called)):
            return "name"
        if not _LISTS.isdisjoint(called):
            found = "list"
    return "name" if any(weak_shares[name] <= MAX_WEAK_SHARE for name in weak_names(names)) else found


def is_overlay(element: Element, names: Sequence[Sequence[str]]) -> bool:
    """Whether one of its ``names`` means a consent dialog, which covers a page."""
    called = {word for name in names if _OF_LAYOUT.isdisjoint(name) for word in name}
    return not _OVERLAYS.isdisjoint(called) and not is_named_body(element)


def means(names: Sequence[Sequence[str]], box: Box) -> bool:
    """Whether one of these names is used for such a box."""
    return any(not _BOXES[box].isdisjoint(name) for name in names)


def weak_names(names: Sequence[Sequence[str]]) -> list[str]:
    """For each of these names with a weak word (one also used for parts of the text), its first word and the weak one.

    So all widgets of a page builder, "elementor-widget-heading" and "elementor-widget-text", have one name.
    """
    found = []
    for name in names:
        if _OF_LAYOUT.isdisjoint(name):
            found += [f"{name[0]} {word}" for word in _WEAK.intersection(name)]
    return found


def is_hidden(element: Element) -> bool:
    """Whether an element says that it is hidden on every kind of screen."""
    screens = {name[-1] for name in element.names if "hidden" in name or "hide" in name}
    return is_hiding(element.attributes) or {"desktop", "mobile"} <= screens


def is_named_body(element: Element) -> bool:
    """Whether an element's name says that it contains the text of a post."""
    if element.tag in ("article", "main") or element.attributes.get("role", "").lower() in ("article", "main"):
        return True
    if "articlebody" in element.attributes.get("itemprop", "").lower():
        return True
    return any("-".join(pair) in _BODIES for words in element.names for pair in pairwise(words))


def is_text_body(element: Element) -> bool:
    """Whether an element's name says that it contains the text of a post and nothing else of the page."""
    whole_page = element.tag == "main" or element.attributes.get("role", "").lower() == "main"
    return is_named_body(element) and not whole_page and ["page", "content"] not in element.names


def is_note(text: str) -> bool:
    """Whether a short line next to a post is about the post, such as its reading time or its link."""
    return _NOTE.fullmatch(text) is not None
