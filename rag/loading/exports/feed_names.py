"""The element names of feeds and exports, with their usual prefixes, in order of preference."""

from __future__ import annotations

import re

SPACES = {
    "http://www.w3.org/2005/Atom": "",
    "http://purl.org/atom/ns#": "",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://backend.userland.com/rss2": "",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://www.w3.org/2007/app": "app",
    "http://purl.org/atom/app#": "app",
    "http://purl.org/syndication/thread/1.0": "thr",
    "http://schemas.google.com/blogger/2018": "blogger",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss/": "media",
    "http://www.w3.org/1999/xhtml": "",
}
WORDPRESS = re.compile(r"http://wordpress\.org/export/[\d.]+/")

POSTS = {"rss": "item", "rdf:RDF": "item", "feed": "entry", "en-export": "note", "livejournal": "entry"}
# the text of a post, the fullest first; a field that is much longer than another wins
CONTENTS = (
    "content:encoded", "content", "body", "event", "description", "summary", "dc:description", "itunes:summary",
    "media:group/media:description", "media:description",
)  # fmt: skip
TITLES = ("title", "subject", "itunes:title", "media:group/media:title")
DATES = (
    "wp:post_date", "published", "issued", "pubDate", "dc:date", "date", "created", "eventtime", "updated", "modified",
)  # fmt: skip
AUTHORS = ("dc:creator", "author/name", "author", "itunes:author", "note-attributes/author")
# what an entry that a feed took from another one says about that
SOURCE_NAMES, SOURCE_AUTHOR = ("source/title", "source"), "source/author/name"
TRASH = "blogger:trashed"
TYPES = ("wp:post_type", "blogger:type")
STATES = ("wp:status", "blogger:status", "app:control/app:draft")
READ = frozenset(
    (
        *CONTENTS,
        *TITLES,
        *DATES,
        *AUTHORS,
        *TYPES,
        *STATES,
        *SOURCE_NAMES,
        SOURCE_AUTHOR,
        TRASH,
        "category",
        "thr:in-reply-to",
    )
)
LOGIN, SHOWN_NAME = "wp:author/wp:author_login", "wp:author/wp:author_display_name"
OF_ALL = frozenset((LOGIN, SHOWN_NAME, "author/name", "title"))
# the states of a post that was public; "no" is from Atom's draft element
PUBLIC = frozenset({"", "publish", "live", "no", "inherit"})

KIND_SCHEME = "http://schemas.google.com/g/2005#kind"
MAIL_AND_NAME = re.compile(r"[^\s@]+@[^\s(]+\s*+\((.+)\)")
