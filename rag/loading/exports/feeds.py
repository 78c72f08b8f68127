"""Posts of feeds (RSS, Atom) and of XML exports (WordPress, Blogger, LiveJournal, Evernote), with their places.

expat reads the file and reports where its elements begin; ``rag.loading.html.escapes`` unescapes their contents.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html import unescape as unescape_entities
from typing import TYPE_CHECKING
from xml.parsers import expat

from rag.errors import PageError
from rag.loading.entries import MAX_TITLE_CHARACTERS, Gathering
from rag.loading.exports.feed_contents import ELEMENTS, content_at
from rag.loading.exports.feed_names import (
    AUTHORS,
    CONTENTS,
    DATES,
    KIND_SCHEME,
    LOGIN,
    MAIL_AND_NAME,
    OF_ALL,
    POSTS,
    PUBLIC,
    READ,
    SHOWN_NAME,
    SOURCE_AUTHOR,
    SOURCE_NAMES,
    SPACES,
    STATES,
    TITLES,
    TRASH,
    TYPES,
    WORDPRESS,
)
from rag.loading.exports.xml_repair import judge_entity, repaired
from rag.loading.html.escapes import MARKED, unescape
from rag.loading.html.text import strip_markup
from rag.text.dates import day_of
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rag.loading.parts import Entries

__all__ = ["read_feed"]

# Feeds nest six elements deep, and xhtml in them a few dozen; nothing deeper is a feed.
MAX_DEPTH = 256

_TAG_END = re.compile(r"<(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+>")
_STUB = re.compile(  # how an excerpt ends
    r"(?:\[(?:…|\.{3}|&hellip;)\]|(?:continue|keep) reading\W*|read (?:more|the (?:full|rest)[^.]{0,40})\W*)\s*\Z",
    re.IGNORECASE,
)
MIN_FULLER = 1.5  # times as long: then that field has the text, and the first one an excerpt


def read_feed(text: str, file: str, sha256: str) -> Entries:
    """Read the posts of a feed or an export; drafts, and the part after broken XML, are reported.

    Comments, attachments, menus and pages outside the blog are not posts; they are counted.

    Raises PageError if the file is not a feed, or uses features that only an attack needs.
    """
    gathering = Gathering(file, sha256, text, closing_lines=True)
    reading = _FeedParser(text, gathering)
    parser = expat.ParserCreate("utf-8")
    parser.UseForeignDTD(True)  # noqa: FBT003 - expat's own; names of characters that only HTML knows are no error
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.EntityDeclHandler = judge_entity
    reading.parser = parser
    problem = ""
    try:
        parser.Parse(repaired(text), True)  # noqa: FBT003 - expat's own
    except expat.ExpatError as error:
        what = expat.ErrorString(error.code)
        problem = f"its XML is broken from line {error.lineno} on ({what}), and the rest was not read"
    if reading.root == "opml":
        raise PageError("it is a list of subscriptions without posts", remedy="Save the feeds or pages themselves")
    if not reading.is_feed:
        raise PageError(
            "it is XML, but neither a feed nor an export of posts" + (f": {problem}" if problem else ""),
            remedy="RSS, Atom, and exports of WordPress, Blogger, LiveJournal and Evernote can be read",
        )
    if problem:
        gathering.leave_out("", problem)
    if reading.stubs:
        gathering.leave_out("", f"{reading.stubs:,} of its posts are excerpts; save their pages to index them in full")
    if reading.passed_over:
        counted = ", ".join(f"{count:,} {kind}" for kind, count in sorted(reading.passed_over.items()))
        gathering.leave_out("", f"entries that are not posts were skipped: {counted}")
    gathering.site = reading.name()
    return gathering.result()


@dataclass(frozen=True, slots=True)
class _Field:
    """An element's content: a span of the file, its attributes, and whether it contains elements."""

    start: int
    end: int
    attributes: Mapping[str, str]
    has_elements: bool


@dataclass(slots=True)
class _FeedParser:
    """The handlers that expat calls as it reads one file."""

    text: str
    gathering: Gathering
    parser: expat.XMLParserType | None = None
    is_feed: bool = False
    root: str = ""
    stubs: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)
    _stack: list[str] = field(default_factory=list)
    _spaces: list[dict[str, str]] = field(default_factory=lambda: [{}])
    _bytes: int = 0  # expat counts bytes of UTF-8; offsets in the file are characters
    _characters: int = 0
    _post_name: str = ""
    _post_depth: int = 0  # depth of the post's element, 0 outside one
    _open: tuple[str, int, int, dict[str, str]] | None = None  # path, depth, start, attributes
    _open_has_elements: bool = False
    _fields: dict[str, list[_Field]] = field(default_factory=dict)
    _of_all: dict[str, list[str]] = field(default_factory=dict)
    _is_export: bool = False  # of WordPress, whose texts have shortcodes in them

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Handle an opening tag."""
        if len(self._stack) >= MAX_DEPTH:
            raise PageError("its elements are nested too deeply for a feed")
        if self._open is not None:
            self._open_has_elements = True
        name = self._named(tag, attributes)
        self._stack.append(name)
        if len(self._stack) == 1:
            self.root = name
            self._post_name = POSTS.get(name, "")
            self.is_feed = bool(self._post_name)
        elif not self._post_depth and name == self._post_name:
            self._post_depth = len(self._stack)
            self._fields = {}
        elif self._open is None:
            path = self._path()
            if path in ("author", "source") and self.root == "feed":
                return  # in Atom, they have child elements
            if path in (READ if self._post_depth else OF_ALL):
                begin = self._offset()
                match = _TAG_END.match(self.text, begin)
                self._open = (path, len(self._stack), match.end() if match else begin, attributes)
                self._open_has_elements = False

    def end(self, _: str) -> None:
        """Handle a closing tag."""
        if self._open is not None and self._open[1] == len(self._stack):
            path, _depth, start, attributes = self._open
            found = _Field(start, max(self._offset(), start), attributes, self._open_has_elements)
            self._open = None
            if self._post_depth:
                self._fields.setdefault(path, []).append(found)
            else:
                self._of_all.setdefault(path, []).append(self._said(found))
        elif self._post_depth == len(self._stack):
            self._post_depth = 0
            self._post()
        self._stack.pop()
        self._spaces.pop()

    def name(self) -> str | None:
        """The name of the feed or the blog."""
        return next((said[:MAX_TITLE_CHARACTERS] for said in self._of_all.get("title", ()) if said), None)

    def _named(self, tag: str, attributes: dict[str, str]) -> str:
        """The element's name with the usual prefix for its namespace, whatever prefix the file uses."""
        known = self._spaces[-1]
        declared = {name.partition(":")[2]: uri for name, uri in attributes.items() if name.split(":")[0] == "xmlns"}
        self._spaces.append(known | declared if declared else known)
        prefix, _, local = tag.rpartition(":")
        uri = self._spaces[-1].get(prefix)
        if uri is None or (not prefix and uri not in SPACES):
            return tag
        usual = SPACES.get(uri, prefix)
        if WORDPRESS.fullmatch(uri):
            usual, self._is_export = "wp", True
        return f"{usual}:{local}" if usual else local

    def _path(self) -> str:
        """The path of the current element within its post or the feed."""
        if self._post_depth:
            return "/".join(self._stack[self._post_depth :])
        return "/".join(name for name in self._stack[1:] if name != "channel")

    def _offset(self) -> int:
        """Where the current element begins: expat's byte offset converted to a character offset."""
        if self.parser is None:
            return 0
        now = self.parser.CurrentByteIndex
        while self._bytes < now:
            step = self.text[self._characters : self._characters + max((now - self._bytes) // 4, 1)]
            self._bytes += len(step.encode("utf-8", "replace"))
            self._characters += len(step)
        return self._characters

    def _post(self) -> None:
        """Add the post whose element has just ended."""
        if self.gathering.is_full():
            return
        title = self._title()
        name = f"“{title}”" if title else f"the entry that ends at character {self._offset():,}"
        kind = self._kind()
        if kind != "post":
            self.passed_over[kind] += 1
            return
        states = {self._first((state,)).casefold() for state in STATES}
        if not states <= PUBLIC:
            state = min(states - PUBLIC)
            word = "a draft" if state in ("yes", "draft", "auto-draft") else f"not published ({state})"
            self.gathering.leave_out(name, f"it is {word}; publish it and export again to index it")
            return
        if self._first((TRASH,)):
            self.gathering.leave_out(name, "it is in the trash; restore it and export again to index it")
            return
        start, end, form = self._text()
        source = self._first(SOURCE_NAMES)
        author = self._every(AUTHORS) or self._first((SOURCE_AUTHOR,))
        if not source:
            author = author or next(iter(self._of_all.get("author/name", ())), "")
        shown = dict(zip(self._of_all.get(LOGIN, ()), self._of_all.get(SHOWN_NAME, ()), strict=False))
        mail = MAIL_AND_NAME.fullmatch(author)
        day = next(filter(None, (day_of(self._first((path,))) for path in DATES)), None)
        self.gathering.add(
            name,
            (start, end),
            form,
            title=title,
            author=mail[1] if mail else shown.get(author) or author,
            date=day,
            site=source,
        )

    def _text(self) -> tuple[int, int, str]:
        """Where the post's text is and in what format: the first of its fields, or a much longer one."""
        contents = [self._content(found) for path in CONTENTS for found in self._fields.get(path, ())]
        held = [content for content in contents if content[0] < content[1]]
        if not held:
            return self._characters, self._characters, "text"
        best = held[0]
        words = [strip_markup(unescape(self.text, form, start, end).text) for start, end, form in held]
        length = len(words[0])
        for content, said in zip(held[1:], words[1:], strict=True):
            if len(said) > MIN_FULLER * length:
                best, length = content, len(said)
        self.stubs += _STUB.search(words[held.index(best)]) is not None
        return best

    def _kind(self) -> str:
        """The kind of entry; "post" unless the file says otherwise."""
        said = self._first(TYPES).casefold()
        if said:
            return said
        if "thr:in-reply-to" in self._fields:
            return "comment"
        for category in self._fields.get("category", ()):
            if category.attributes.get("scheme") == KIND_SCHEME:
                return category.attributes.get("term", "").rpartition("#")[2] or "post"
        return "post"

    def _content(self, found: _Field) -> tuple[int, int, str]:
        """Where a post's text is and in what format; an empty span if the element has none."""
        kind = found.attributes.get("type", "text" if self.root == "feed" else "html").casefold()
        if found.has_elements:
            kind = ELEMENTS
        return content_at(self.text, found.start, found.end, kind, is_export=self._is_export)

    def _title(self) -> str:
        return self._first(TITLES)

    def _first(self, paths: tuple[str, ...]) -> str:
        return next((said for path in paths for one in self._fields.get(path, ()) if (said := self._said(one))), "")

    def _every(self, paths: tuple[str, ...]) -> str:
        """What the first of some elements that has words says, however many there are of it."""
        every = (filter(None, map(self._said, self._fields.get(path, ()))) for path in paths)
        return next((", ".join(dict.fromkeys(said)) for said in map(list, every) if said), "")

    def _said(self, found: _Field) -> str:
        """A short element's words; entities are decoded twice if they were escaped twice, as many tools do."""
        if found.has_elements:
            return strip_markup(self.text[found.start : found.end])
        said = unescape(self.text, "xml", found.start, found.end).text
        is_html = found.attributes.get("type") in ("html", "xhtml") or MARKED.search(said)
        return strip_markup(said) if is_html else fold_white(unescape_entities(said))
