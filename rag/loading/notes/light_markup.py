"""Posts in reStructuredText, Org, AsciiDoc, Textile, wiki text, TiddlyWiki and gemtext, without mark-up.

No parser of these formats keeps offsets, so lines are read one by one. That is enough for what blogs use: headings,
fields at the top, directives, lists, emphasis and links.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rag.loading.entries import MAX_TITLE_CHARACTERS
from rag.loading.files.file_types import ending_of
from rag.loading.front_matter import FrontMatter, date_in_name, known_fields, read_front_matter, title_of_name
from rag.loading.parts import Entries
from rag.loading.pieces import PieceWriter
from rag.records import Piece, PostCopy, SkippedPage
from rag.text.dates import read_byline
from rag.text.lines import fold_key

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_light_markup", "strip_light_markup"]

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n|\Z)")
_GEMTEXT = (".gmi", ".gemini")
_UNDERLINE = re.compile(r"([!-/:-@\[-`{-~])\1{2,}\s*\Z")
_HEADINGS = (
    (
        re.compile(
            r"(?P<mark>\*++)[ \t]++(?:(?:TODO|DONE)[ \t]++)?+"
            r"(?P<title>(?:\s*+(?=\S))?+(?:\S++(?:\s++(?!:[\w:@]+:\s*+\Z|\Z))?+)*+)(?:[ \t]++:[\w:@]+:)?+\s*+\Z"
        ),
        frozenset({".org"}),
    ),
    (
        re.compile(r"(?P<mark>={1,6})[ \t]++(?P<title>(?:[^\s=]++|=++(?!\s*+\Z)|\s++(?!=*+\s*+\Z))*+)[ \t]*+=*+\s*+\Z"),
        frozenset({".adoc", ".asciidoc", ".wiki"}),
    ),
    (re.compile(r"h(?P<mark>[1-6])(?:\([^)]*\))?\.[ \t]++(?P<title>(?:.*\S)?)\s*+\Z"), frozenset({".textile"})),
    (re.compile(r"(?P<mark>!{1,6})[ \t]*+(?P<title>\S.*)"), frozenset({".tid"})),
    (re.compile(r"(?P<mark>\#{1,3})[ \t]*+(?P<title>[^\s\#].*)"), frozenset(_GEMTEXT)),
)
_FIELD = re.compile(r"[ \t]*(?:\#\+|:|\.\.[ ])(?P<name>[A-Za-z][\w-]*):[ \t]*+(?P<value>(?:.*\S)?)\s*+\Z")
_DIRECTIVE = re.compile(r"[ \t]*\.\.(?:[ \t]+(?P<name>[\w-]+)::)?(?P<rest>.*)\Z")
_KEPT_DIRECTIVES = frozenset(
    "note warning tip hint important admonition epigraph pull-quote highlights topic sidebar code code-block".split()  # noqa: SIM905
)
# whole lines that are not text in at least one of the formats
_NO_TEXT = re.compile(
    r"""[ \t]*(?:\#\+(?:BEGIN|END)_\w+.*|:[A-Z_]+:|image::.*|include::.*|toc::.*|//.*|\[[\w\#.,=\"%\s-]+\]|-{4,}|={4,}
    |\*{4,}|\.{4,}    |_{4,}|\+{4,}|<<<.*|'''|notextile\..*|__[A-Z]+__|\{\|.*|\|\}|:[\w-]+:.*)\s*\Z""",
    re.VERBOSE,
)
_ITEM = re.compile(
    r"[ \t]*(?P<mark>[-+]|\*{1,5}|\#{1,5}|\#\.|\.{1,5}(?=[ ]\S)|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(?=\S)"
)
_NO_TEXT_OF_TIDDLERS = re.compile(
    r"""(?:-{3,}+|<<<.*+|\$\$\$.*+|`{3}.*+|\\(?:define|end|import|procedure|rules|whitespace)\b.*+
    |(?:<<[^<>]*+>>\s*+|\{\{[^{}]*+\}\}\s*+)++)""",
    re.VERBOSE,
)
_GEMTEXT_LINK = re.compile(r"=>[ \t]*+\S++[ \t]*+(?=\S)|=>.*|\*[ \t]+(?=\S)|>[ \t]*+(?=\S)")
_START = re.compile(r"[ \t]*(?:\.\.[ ]\[[^\]]*\][ \t]*|(?:p|bq)(?:\([^)]*\))?\.[ \t]+|>[ \t]?)?")
_REVISION = re.compile(r"v\d[\d.]*+,\s*+")  # before the day in AsciiDoc
# inline mark-up: what is in a group is read, the rest is not
_INLINE = re.compile(
    r"""\[\[[^\[\]|]{1,400}\.(?:png|jpe?g|gif|svg|webp)\]\]                     # a picture of Org
      | \[\[(?:[^\[\]]*+\]\[|[^\[\]|]*+\|)?(?P<s1>[^\[\]]+)\]\]             # a link of Org or of a wiki
      | `(?P<s2>[^`<\n]+?)[ ]<[^>`]+>`_{1,2}                          # a link of reStructuredText
      | (?::[\w:-]{1,80}:)?``?(?P<s3>[^`]+?)``?_{0,2}                      # code, roles and references
      | \*\*(?P<s4>[^*\n]+?)\*\* | (?<![\w*])\*(?P<s5>[^*\s](?:[^*\n]*?[^*\s])?)\*(?![\w*])
      | (?<!\w)_(?P<s6>[^_\s](?:[^_\n]*?[^_\s])?)_(?!\w) | (?<!\w)=(?P<s7>[^=\s](?:[^=\n]*?[^=\s])?)=(?!\w)
      | (?<!\w)~(?P<s8>[^~\s](?:[^~\n]*?[^~\s])?)~(?!\w)
      | (?:link:)?(?<!\w)https?://[^\s\[\]]{1,1000}+\[(?P<s9>[^\]\n]{1,500})\] | "(?P<s10>[^"\n]+)":https?://[^\s]+?(?=[.,;:]?(?:\s|\Z))
      | '{2,3} | [ ]?\[[\d\#*]\w{0,20}\]_ | \[fn:\w*\] | footnote:\w{0,80}\[[^\]]{0,1000}\]
      | image:[^\s\[\]]{1,1000}+\[[^\]]{0,500}\]
    """,
    re.VERBOSE,
)

# the same for TiddlyWiki, where the words of a link come before its target
_INLINE_OF_TIDDLERS = re.compile(
    r"""(?:\[ext)?\[\[(?P<s1>[^\[\]|]+)(?:\|[^\[\]]*+)?\]\] | \[ext\[(?P<s2>[^\[\]|]+)(?:\|[^\[\]]*+)?\]\]
      | \[img[^\[\]]{0,200}\[[^\[\]]*+\]\] | ``?(?P<s3>[^`\n]+)``? | ~~[^~\n]+~~
      | <<[^<>\n]{1,500}>> | \{\{[^{}\n]{1,500}\}\} | </?[a-z][^<>\n]{0,500}>
      | ''|(?<![:\w/])//(?=\w)|(?<=[\w.!?,;:"')])//(?![\w/])|__|\^\^|,,
    """,
    re.VERBOSE,
)
_TIDDLER_FIELD = re.compile(r"^([\w.-]+):[ \t]*+([^\r\n]*)", re.MULTILINE)
_END_OF_FIELDS = re.compile(r"(?:\A|\r\n|\r|\n)[ \t]*(?:\r\n|\r|\n|\Z)")
_TIME = re.compile(r"\d{17}")  # of TiddlyWiki: a day and a time without separators
_SETTING = "it is a setting of TiddlyWiki and not a post"


@dataclass(slots=True)
class _Note:
    """One note as read: paragraphs as spans of lines with the separator before them, title and fields."""

    paragraphs: list[tuple[str, list[tuple[int, int]]]] = field(default_factory=list)
    title: tuple[int, int, str] | None = None
    fields: dict[str, object] = field(default_factory=dict)


def read_light_markup(text: str, file: str, sha256: str) -> Entries:
    """Read a note as one post; its title is its own, or the file's name."""
    ending = ending_of(file)
    front = _tiddler(text) if ending == ".tid" else read_front_matter(text)
    if ending == ".tid" and (front.title or "").startswith("$:/"):
        return Entries((), (SkippedPage(file, _SETTING),))
    note = _read(text, front, ending)
    facts = known_fields(note.fields)
    if front.is_draft or facts.is_draft:
        return Entries((), (SkippedPage(file, "it is marked as a draft; remove the mark to index it"),))
    byline = _bylines(text, note) if note.title is not None else FrontMatter()
    writer = PieceWriter(text)
    for before, lines in note.paragraphs:
        border = before
        for start, end in lines:
            for low, high, shown in _shown(text, start, end, ending):
                writer.write(border, low, high, shown)
                border = ""
            border = " "
    if not writer.text.strip():
        return Entries((), ())
    pieces = writer.pieces
    if note.title is not None and note.title[0] < pieces[0].file_start:
        head, start = note.title[0], pieces[0].file_start
        pieces = (Piece(0, 0, head, start, text[head:start]), *pieces)
    title = front.title or facts.title or (note.title[2] if note.title else None) or title_of_name(file)
    author = front.author or facts.author or byline.author
    date = front.date or facts.date or byline.date or date_in_name(file)
    title = title[:MAX_TITLE_CHARACTERS].rstrip() if title else None
    return Entries((PostCopy(file, sha256, writer.text, pieces, title, author, date, format="markup"),), ())


def _tiddler(text: str) -> FrontMatter:
    """The fields above a note of TiddlyWiki, which end at the first empty line."""
    above = _END_OF_FIELDS.search(text)
    end = above.end() if above else len(text)
    fields = dict(_TIDDLER_FIELD.findall(text[:end]))
    days = {name: value[:8] for name, value in fields.items() if _TIME.fullmatch(value)}
    return replace(known_fields({**fields, **days}, end), is_draft="draft.of" in fields)


def strip_light_markup(raw: str) -> str:
    """The words of a stretch of such a note, without mark-up."""
    lines = (line for line in _LINE.finditer(raw) if line.group() and not _UNDERLINE.match(line.group()))
    return " ".join("".join(shown for _, _, shown in _shown(raw, *line.span())) for line in lines)


def _shown(text: str, start: int, end: int, ending: str = "") -> Iterator[tuple[int, int, str]]:
    here = start
    marks = _INLINE_OF_TIDDLERS if ending == ".tid" else _INLINE
    for mark in marks.finditer(text, start, end) if ending not in _GEMTEXT else ():
        if here < mark.start():
            yield here, mark.start(), text[here : mark.start()]
        low, high = mark.span(mark.lastgroup) if mark.lastgroup else (mark.end(), mark.end())
        if low < high:
            yield low, high, text[low:high]
        here = mark.end()
    if here < end:
        yield here, end, text[here:end]


def _bylines(text: str, note: _Note) -> FrontMatter:
    """Author and day from the lines below the title, as in AsciiDoc; those lines are not text."""
    if not note.paragraphs:
        return FrontMatter()
    lines = note.paragraphs[0][1]
    words = [text[start:end].strip() for start, end in lines]
    bylines = [read_byline(_REVISION.sub("", line)) for line in words]
    dated = [at for at, byline in enumerate(bylines) if byline is not None and byline.date is not None]
    if not dated or dated[0] > 1 or len(lines) > dated[0] + 2:
        return FrontMatter()
    date = next((byline.date for byline in bylines if byline is not None and byline.date), None)
    author = next((byline.author for byline in bylines if byline is not None and byline.author), None)
    if author is None and dated[0] == 1:
        author = re.sub(r"(?<!\s)\s*+<[^<>]*+>", "", words[0])
    note.paragraphs.pop(0)
    return FrontMatter(author=author, date=date)


class _Lines:
    """Reads the lines of one note."""

    def __init__(self, text: str, start: int, ending: str) -> None:
        self.note = _Note()
        self._text = text
        self._ending = ending
        self._lines = [(found.start(), found.group().rstrip()) for found in _LINE.finditer(text, start)]
        self._open = False  # whether the next line continues the paragraph
        self._dropped = -1  # the indent of a directive whose indented lines are not text
        self._drawer = False
        self._preformatted = False

    def read(self) -> _Note:
        skip = 0
        for number, (start, line) in enumerate(self._lines):
            if skip:
                skip -= 1
            elif not line.strip():
                self._open = False
            elif self._ending in _GEMTEXT:
                self._take_gemtext(start, line)
            elif self._ending == ".tid" and _NO_TEXT_OF_TIDDLERS.fullmatch(line.strip()):
                self._open = False
            elif self._ending == ".tid" or not self._is_not_text(line):
                skip = self._take(number, start, line)
        return self.note

    def _is_not_text(self, line: str) -> bool:
        indent = len(line) - len(line.lstrip())
        if self._dropped >= 0 and indent > self._dropped:
            return True
        self._dropped = -1
        bare = line.strip()
        if self._ending == ".org" and bare in (":PROPERTIES:", ":LOGBOOK:", ":END:"):
            self._drawer = bare != ":END:"
            return True
        fields = _FIELD.fullmatch(line)
        if fields is not None and not self._drawer and not self.note.paragraphs:
            self.note.fields.setdefault(fields["name"].casefold(), fields["value"])
        if self._drawer or fields is not None:
            return True
        directive = _DIRECTIVE.match(line) if self._ending in (".rst", ".rest") else None
        if directive is not None and not line.strip().startswith(("...", ".. [")):
            self._dropped = -1 if directive["name"] in _KEPT_DIRECTIVES else indent
            self._open = False
            return True
        is_comment = self._ending == ".org" and bare.startswith("# ")
        return is_comment or _NO_TEXT.match(line) is not None

    def _take(self, number: int, start: int, line: str) -> int:
        """Read a line; return how many of the following lines belong to it."""
        heading = next((found for form, of in _HEADINGS if self._ending in of and (found := form.match(line))), None)
        if heading is not None:
            self._heading(start + heading.start("title"), start + heading.end("title"), len(self.note.paragraphs) == 0)
            return 0
        following = self._lines[number + 1][1] if number + 1 < len(self._lines) else ""
        if _UNDERLINE.match(line) and not self._open:
            return 0  # the line above a heading, or a rule
        if not self._open and _UNDERLINE.match(following) and len(following.rstrip()) + 2 >= len(line.strip()):
            indent = len(line) - len(line.lstrip())
            self._heading(start + indent, start + len(line), not self.note.paragraphs)
            return 1
        item = _ITEM.match(line)
        begin = item.end() if item else (_START.match(line) or re.match("", line)).end()  # type: ignore[union-attr]  # they match everything
        span = (start + begin, start + len(line))
        if item is not None:
            border = "\n" if self._open else "\n\n"
            self.note.paragraphs.append((border, [span]))
        elif self._open and self.note.paragraphs:
            self.note.paragraphs[-1][1].append(span)
        else:
            self.note.paragraphs.append(("\n\n", [span]))
        self._open = True
        return 0

    def _take_gemtext(self, start: int, line: str) -> None:
        """Read a line of gemtext: each is a paragraph of its own, or one of preformatted text."""
        if line.startswith("```"):
            self._preformatted = not self._preformatted
            self._open = False
            return
        heading = None if self._preformatted else _HEADINGS[-1][0].match(line)
        if heading is not None:
            self._heading(start + heading.start("title"), start + len(line), not self.note.paragraphs)
            return
        mark = None if self._preformatted else _GEMTEXT_LINK.match(line)
        begin = mark.end() if mark else 0
        if begin < len(line):
            self.note.paragraphs.append(("\n" if self._open else "\n\n", [(start + begin, start + len(line))]))
            self._open = self._preformatted or bool(mark and line.startswith("*"))

    def _heading(self, start: int, end: int, first: bool) -> None:
        self._open = False
        shown = "".join(text for _, _, text in _shown(self._text, start, end, self._ending)).strip()
        named = str(self.note.fields.get("title", shown))
        if first and self.note.title is None and fold_key(named) == fold_key(shown):
            self.note.title = (start, end, shown)
        elif shown:
            self.note.paragraphs.append(("\n\n", [(start, end)]))


def _read(text: str, front: FrontMatter, ending: str) -> _Note:
    lines = _Lines(text, front.end, ending)
    if front.title is not None:
        lines.note.fields["title"] = front.title
    return lines.read()
