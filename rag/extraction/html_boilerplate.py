"""What stands around the text of a web page: navigation, sidebars, comments, share bars, cookie notes.

Told by what authors of pages say about it: the element's name, its role, the words of its class and id. These words
are in common use across the web; nothing is dropped for them where it holds much of what the page has to say.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.extraction.html_tree import Element

__all__ = ["is_closing_heading", "is_furniture", "is_hidden", "is_named_body", "is_note"]

_TAGS = frozenset({"aside", "dialog", "footer", "form", "menu", "nav"})
_ROLES = frozenset(
    """
    alert alertdialog banner complementary contentinfo dialog doc-pagebreak form menu menubar navigation search
    searchbox status tablist toolbar tooltip
    """.split()  # noqa: SIM905 - easier to read than quoted words
)
# words of a class or id; each stands for furniture wherever it stands alone
_WORDS = frozenset(
    """
    adbox ads adslot adsense adunit advert advertisement advertising advertorial affiliate
    authorbox breadcrumb breadcrumbs brdcrumb crumb crumbs byline
    comment comments commentlist commentform commenting disqus respond discussion
    cookie cookies consent gdpr ccpa onetrust
    copyright
    dropdown flyout footer masthead megamenu menu menus nav navbar navigation navi pager pagination paginate paging
    topbar toolbar toolbox sitemap
    login signin signup register registration
    modal popup popover popin overlay lightbox offcanvas
    newsletter newsletters optin subscribe subscription subscriptions mailchimp
    outbrain taboola recirc recirculation recommendation recommendations recommended recommends related
    share sharebar sharedaddy shares sharing sharethis addthis addtoany social socials socialmedia
    sidebar sidebars sidenav skiplink skiplinks
    sponsor sponsored sponsors
    tagcloud taglist
    toc noprint
    """.split()  # noqa: SIM905 - easier to read than quoted words
)
# words that are also used for parts of the text: they count where the element has little of the page's prose
_WEAK = frozenset(
    """
    ad banner bio biography carousel credits cta disclaimer disclosure gallery
    popular promo promos promoted promotion tag tags trending widget widgets
    """.split()  # noqa: SIM905 - easier to read than quoted words
)
# the same for two words that stand side by side
_PAIRS = frozenset(
    """
    about-author also-like also-read article-footer article-share author-bio author-box author-card author-info back-top
    entry-footer entry-meta further-reading in-article latest-news latest-posts more-articles more-from more-news
    more-posts more-stories most-read next-post other-articles other-posts page-header post-footer post-meta post-nav
    post-navigation post-tags prev-post previous-post read-also read-more read-next recent-articles recent-posts
    screen-reader see-also similar-posts site-footer site-header site-info skip-link skip-nav skip-to sr-only
    suggested-posts table-contents tag-list tags-links up-next visually-hidden you-may you-might
    """.split()  # noqa: SIM905 - easier to read than quoted words
)
_BODIES = frozenset(
    f"{first}-{second}"
    for first in ("article", "blog", "e", "entry", "page", "post", "single", "story")
    for second in ("body", "content", "text")
)
# words that say that the names around them speak of the whole page, not of this element
_OF_LAYOUT = frozenset(
    {"has", "no", "with", "without", "main", "content", "body", "page", "wrapper", "layout", "is", "not"}
)

# A box of promotion holds less of a page's prose, a part of the text more; word F1 of 27 pages is within 0.002 of what
# it is at 0.03 and 0.15.
MAX_WEAK_SHARE = 0.08
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)

# Headings behind which no text of the post follows, whatever stands there.
_CLOSING = re.compile(
    r"""(?:(?:you\s(?:may|might|will)\s(?:also\s)?(?:like|enjoy|be\sinterested|love|find)|related|recommended|similar
    |more\s(?:from|on|in|like|stories|articles|posts|about)|most\s(?:read|popular|recent)|popular|trending|latest|recent
    |read\s(?:next|more|also)|up\snext|what\sto\sread|keep\sreading|continue\sreading|further\sreading|explore\smore
    |further\sarticles|other\s(?:posts|articles|stories)|see\salso|also\sread|discover\smore|next\s(?:post|article)
    |previous\s(?:post|article)|older\sposts|newer\sposts)\b.{0,60}
    |(?:\d+\s|no\s)?(?:comments?|responses?|replies|thoughts?\son\b.{0,80})(?:\s\(?\d+\)?)?
    |leave\s(?:a|us\sa)\s(?:comment|reply).{0,40}|post\sa\scomment|add\s(?:a\s)?comment|join\sthe\s(?:conversation|discussion)
    |share(?:\s(?:this|on|the))?\b.{0,30}|about\sthe\sauthors?|written\sby|(?:posted|filed)\s(?:in|under).{0,60}
    |subscribe.{0,60}|sign\sup\s.{0,60}|newsletter.{0,30}|tags?|categories|archives?|navigation|footnotes?\sand\sshare)
    [:.!?]?\s*""",
    re.IGNORECASE | re.VERBOSE,
)


# Short lines above or below a post.
_NOTE = re.compile(
    r"""(?:(?:reading\stime:?\s*|est\.?\s)?\d+\+?(?:\s?-\s?\d+)?\s?(?:min(?:ute)?s?)(?:\s(?:read|reading(?:\stime)?))?
    |(?:continue\sreading|read\s(?:more|on|the\srest)|more|permalink|share|tweet|like|print|e-?mail|save|comments?|reply
    |facebook|twitter|linkedin|pinterest|whatsapp|reddit|copy\slink|back\sto\stop|advertisement|ads?|sponsored
    |\d+\s(?:comments?|views?|likes?|shares?)|(?:filed|posted)\s(?:under|in)\b.{0,60}|(?:tags?|categor(?:y|ies)):.{0,80}
    |photos?(?:\s(?:by|credit)|:).{0,40})\W*)""",
    re.IGNORECASE | re.VERBOSE,
)


def is_hidden(element: Element) -> bool:
    """Whether it says that it is not shown."""
    attributes = element.attributes
    if "hidden" in attributes and attributes["hidden"] != "until-found":
        return True
    return bool(_HIDING.search(attributes.get("style", "")))


def is_furniture(element: Element, share: float) -> bool:
    """Whether its name, role, class or id says that it is something around the text.

    ``share`` is how much of the page's prose stands in it.
    """
    if element.tag in _TAGS or element.attributes.get("role", "").lower() in _ROLES:
        return True
    for name in element.names:
        if not _OF_LAYOUT.isdisjoint(name):
            continue
        called = {*name, *map("-".join, pairwise(name))}
        if not (_WORDS.isdisjoint(called) and _PAIRS.isdisjoint(called)):
            return True
        if share <= MAX_WEAK_SHARE and not _WEAK.isdisjoint(called):
            return True
    return False


def is_named_body(element: Element) -> bool:
    """Whether its name says that it holds the text of a post."""
    if element.tag in ("article", "main") or element.attributes.get("role", "").lower() in ("article", "main"):
        return True
    if "articlebody" in element.attributes.get("itemprop", "").lower():
        return True
    return any("-".join(pair) in _BODIES for words in element.names for pair in pairwise(words))


def is_note(text: str) -> bool:
    """Whether a short line beside a post is about the post: how long it takes to read, where its link is."""
    return _NOTE.fullmatch(text) is not None


def is_closing_heading(text: str) -> bool:
    """Whether a heading announces what is no part of the post any more."""
    return _CLOSING.fullmatch(text) is not None
