"""What a web page says about itself to programs: its meta elements and JSON-LD."""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.extraction.names import name_of
from rag.text.dates import date_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.extraction.html_tree import Tree

__all__ = ["PageMetadata", "host_in", "read_metadata"]

_HOST = re.compile(r"(?:https?:)?//(?:www\.)?([^/:?#]+)", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"/((?:19|20)\d\d)[/-]([01]?\d|[a-z]{3,9})[/-]([0-3]?\d)(?=[/_.-]|$)", re.IGNORECASE)
# schema.org types that are the text of a page, and those that are the page around it
_ARTICLES = re.compile(r"(?:Article|Posting|Recipe|HowTo|Review|Report)$")
_PAGES = re.compile(r"Page$|^CreativeWork$")
# names of meta elements in common use, the most trusted first
_AUTHORS = [
    "author",
    "article:author",
    "parsely-author",
    "dc.creator",
    "dcterms.creator",
    "sailthru.author",
    "citation_author",
    "byl",
    "og:article:author",
    "article:author_name",
]
_DATES = [
    "article:published_time",
    "datepublished",
    "og:article:published_time",
    "og:published_time",
    "article.published",
    "date",
    "dc.date",
    "dc.date.issued",
    "dcterms.date",
    "dcterms.created",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "published",
    "published_date",
    "publication_date",
    "parsely-pub-date",
    "sailthru.date",
    "citation_publication_date",
    "citation_online_date",
    "datecreated",
    "article:published",
    "created",
]
_MODIFIED = ("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified")
_WRITTEN_BY = frozenset({"author", "by", "written by"})


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """``meta`` are the values of the meta elements by name; ``articles`` the JSON-LD objects, texts before pages.

    ``named`` are the JSON-LD objects with a name, by id. ``addresses`` are the page's own addresses, as it gives them.
    """

    meta: dict[str, list[str]]
    articles: tuple[dict[str, object], ...]
    named: dict[str, dict[str, object]]
    addresses: tuple[str, ...]

    @property
    def site(self) -> str:
        """The name of the site, or ""."""
        return next(iter(self.meta.get("og:site_name", [])), "")

    @property
    def host(self) -> str:
        """The host that the page is from, or ""."""
        return next((host for address in self.addresses if (host := host_in(address))), "")

    @property
    def is_article(self) -> bool:
        """Whether the page says that it is one article."""
        texts = [one for one in self.articles if any(map(_ARTICLES.search, _kinds(one)))]
        return len(texts) == 1 or "article" in self.meta.get("og:type", []) or "article:published_time" in self.meta

    def titles(self) -> list[str]:
        """The titles that the page gives its text, the most reliable first."""
        headlines = [str(one["headline"]) for one in self.articles if isinstance(one.get("headline"), str)]
        found = [*headlines, *self.meta.get("og:title", []), *self.meta.get("twitter:title", [])]
        return [" ".join(title.split()) for title in found if title.strip()]

    def author(self) -> str | None:
        """Who wrote it; several names are separated by commas."""
        for article in self.articles:
            names = list(self._names(article.get("author") or article.get("creator")))
            if names:
                return ", ".join(dict.fromkeys(names))
        for key in _AUTHORS:
            names = [name for value in self.meta.get(key, []) if (name := name_of(value))]
            if names:
                return ", ".join(dict.fromkeys(names))
        for number in ("1", "2"):
            labels, values = self.meta.get(f"twitter:label{number}", []), self.meta.get(f"twitter:data{number}", [])
            for label, value in zip(labels, values, strict=False):
                if label.lower() in _WRITTEN_BY and (name := name_of(value)):
                    return name
        return None

    def date(self) -> str | None:
        """When it was published, as ``yyyy-mm-dd``."""
        for article in self.articles:
            written = article.get("datePublished") or article.get("dateCreated") or article.get("uploadDate")
            if not isinstance(written, str) or (self._is_undated and any(map(_PAGES.search, _kinds(article)))):
                continue
            if date := date_of(written):
                return date
        keys = [*_DATES, *(key for key in self.meta if "publish" in key and ("date" in key or "time" in key))]
        return next((date for key in keys for value in self.meta.get(key, []) if (date := date_of(value))), None)

    @property
    def _is_undated(self) -> bool:
        """Whether it is a page kept up to date rather than a post: it only has the date of its last change."""
        return "article:modified_time" in self.meta and "article:published_time" not in self.meta

    def modified(self) -> set[str]:
        """When it was changed, as ``yyyy-mm-dd``."""
        written = [article.get("dateModified") for article in self.articles]
        written += [value for key in _MODIFIED for value in self.meta.get(key, [])]
        return {date for one in written if isinstance(one, str) and (date := date_of(one))}

    def date_in_address(self) -> str | None:
        """The date in the page's own address, as blogs write it."""
        for address in self.addresses:
            found = _IN_ADDRESS.search(address)
            if found:
                year, month, day = found.groups()
                return date_of(f"{year}-{int(month):02}-{int(day):02}" if month.isdigit() else f"{month} {day}, {year}")
        return None

    def _names(self, author: object) -> Iterator[str]:
        waiting = deque([author])
        while waiting:
            one = waiting.popleft()
            if isinstance(one, list):
                waiting.extendleft(reversed(one))
            elif isinstance(one, dict):
                known = self.named.get(str(one.get("@id")), one)
                waiting.appendleft(str(one.get("name") or known.get("name") or ""))
            elif isinstance(one, str) and (name := name_of(one)):
                yield name


def read_metadata(tree: Tree) -> PageMetadata:
    """Read the structured data of a page."""
    meta: dict[str, list[str]] = {}
    addresses = []
    for element in tree.elements:
        attributes = element.attributes
        if element.tag == "meta" and (value := " ".join(attributes.get("content", "").split())):
            for kind in ("property", "name", "itemprop"):
                for key in attributes.get(kind, "").lower().split():
                    meta.setdefault(key, []).append(value)
        elif element.tag == "link" and attributes.get("rel", "").lower() == "canonical":
            addresses.append(attributes.get("href", ""))
        elif element.tag == "base":
            meta.setdefault("base", []).append(attributes.get("href", ""))
    addresses += [*meta.get("og:url", []), *meta.get("base", [])]
    objects = [found for script in tree.data for found in _objects(script)]
    named = {str(one["@id"]): one for one in objects if "@id" in one and "name" in one}
    return PageMetadata(meta, tuple(_texts_first(objects)), named, tuple(addresses))


def host_in(address: str) -> str:
    """The host of an address, or "" if it has none and so points to the same site."""
    found = _HOST.match(address.strip())
    return found[1].lower() if found else ""


def _objects(script: str) -> Iterator[dict[str, object]]:
    try:
        waiting: deque[object] = deque([json.loads(script.strip().removesuffix(";"), strict=False)])
    except (ValueError, RecursionError):  # invalid data is treated as missing
        return
    while waiting:
        one = waiting.popleft()
        if isinstance(one, list):
            waiting.extendleft(reversed(one))
        elif isinstance(one, dict):
            yield one
            waiting += [value for value in one.values() if isinstance(value, (list, dict))]


def _texts_first(objects: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    kinds = [_kinds(one) for one in objects]
    texts = [one for one, names in zip(objects, kinds, strict=True) if any(map(_ARTICLES.search, names))]
    pages = [one for one, names in zip(objects, kinds, strict=True) if any(map(_PAGES.search, names))]
    return sorted(texts, key=lambda one: "headline" not in one) + pages


def _kinds(one: dict[str, object]) -> list[str]:
    kind = one.get("@type")
    return [str(name) for name in kind] if isinstance(kind, list) else [str(kind)]
