"""Lines that blog software and page savers add around and inside posts; they are never part of an answer."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from rag.records import Span
from rag.text.lines import cut_blocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rag.text.lines import Block

__all__ = ["Glue", "archive_lines", "glued_captions", "is_caption", "is_chrome", "is_image_name"]

_WORDS_ALONE = re.compile(
    r"(?:share(?: this(?: post)?)?|tweet|pin it|email|e-mail|print|like(?: this)?|like loading\W*|loading\W*|related|"
    r"advertise?ments?|report this ad|sponsored|reblog|permalink|bookmark the permalink|edit|comments?|reply|"
    r"leave a (?:comment|reply)|no (?:comments|responses)|\d+ (?:comments?|responses?|replies|notes|likes|views)|"
    r"comments (?:off|closed|are (?:off|closed))(?: on .*)?|"
    r"(?:read|see|view|show|load) (?:more|the rest.*|all.*|full.*)|continue(?: reading.*)?|"
    r"(?:full|keep) (?:story|reading|post)|more|"
    r"(?:older|newer|previous|next|earlier|later)(?: (?:posts?|entries|articles?|page|stories))?|"
    r"home|menu|search|skip to (?:main )?content|subscribe|follow|about|contact|archives?|top|back to top|"
    r"facebook|twitter|linkedin|google\+?|pinterest|reddit|tumblr|whatsapp|telegram|instagram|youtube|rss|"
    r"page \d+(?: of \d+)?|\d[\d,.]* words|"
    r"(?:posts )?(?:navigation|pagination)|toggle navigation|sign in|log in|newsletter)",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"(?:filed (?:under|in)|posted (?:in|by|under|at)|tagged(?: with| as)?|tags?|categor(?:y|ies)|labels?|"
    r"topics?|permalink|trackback|share (?:this|on|via|to)|read time|reading time)\s*[:|–-].*|"
    r"(?:filed under|posted in|tagged(?: with| as)?|share on|share this(?: on| via)?)\s.*|posted at \d.*|"
    r"posted by (?>.* (?:at|on) ).*",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"\W{0,2}(?:"
    r"(?:(?:header |cover |featured )?image|photo|photograph|picture|pic|illustration|graphic|cartoon|artwork)s?"
    r"(?: (?:credits?|source|courtesy(?: of)?))?\s*(?:via|by|from|of|:|courtesy|©|\().*|"
    r"(?:video|screen ?shot|chart|map)s? "
    r"(?:(?:credits?|source|courtesy(?: of)?)\s*(?:via|by|:)|via|by|from|courtesy).*|"
    r"credits?\s*:.*|(?:image|photo|picture)s? via|source\s*:.*|©.*|via\s+\S+(?:\s\S+){0,3})",
    re.IGNORECASE,
)
# lines of the header that the Wayback Machine puts above a page: how often it was saved, by whom, and a calendar
_SAVED = re.compile(r"the wayback machine - https?://\S+|[\d,]+ captures?", re.IGNORECASE)
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_OF_ARCHIVE = re.compile(
    rf"{_SAVED.pattern}|\d\d {_MONTH} \d{{4}} [-–] \d\d {_MONTH} \d{{4}}|(?:{_MONTH}\s?){{1,3}}"
    r"|(?:(?:19|20)\d\d\s?){1,3}|\d\d?|success|fail|about this capture|timestamps|collected by"
    r"|(?:collection|organization): .{1,80}",
    re.IGNORECASE,
)
_IMAGE_FILE = re.compile(r"[\w%+ ().-]+\.(?:jpe?g|png|gif|webp|svg|bmp|tiff?|avif)", re.IGNORECASE)
_JOINED = re.compile(r"(?=\S*[_-])(?=\S*[a-z])(?=\w[\w-]*[_-][\w-])[\w-]++(?<=\w)", re.IGNORECASE)
# addresses, and numbers of addresses, that text browsers write into a line
_ADDRESS = re.compile(r"\s?<(?:https?://|mailto:|#)[^<>\s]*+>|\[\d{1,3}\](?=\w)")
_ARROWS = re.compile(r"[\s«»‹›←→↑↓<>|·•*#_=~—–-]+")

_GLUED = re.compile(
    r"(?P<caption>\w{2,}[a-z0-9_)]|[A-Z]{2,})(?P<start>[A-Z][a-z]+)(?:['’][a-z]+)?,?(?=$|\s)",
)
# what every glued word contains; most lines do not, and are not looked at word by word
_JOINT = re.compile(r"[A-Za-z0-9_)][A-Z][a-z]")
# before each passage that was marked in an article, in the tables that bookmark services export
_MARKED_PASSAGE = re.compile(r"^(?:highlights?|annotations?):[ \t]*+(?=\S)", re.IGNORECASE | re.MULTILINE)
_LOWER = re.compile(r"[a-z]{4,}")
_BULLET = re.compile(r"\W{1,3}\s")
# function words that begin sentences; "with" and "from" also end names in code: "startsWith", "TryFrom"
_STARTERS = frozenset(
    """
    the this that these those there here they when while what our you your she he his her it its we my as if after
    before since although however today many most some how why where who
    """.split()  # noqa: SIM905 - easier to read than quoted words
)

MAX_CAPTION_WORDS = 8  # the longest caption found glued to a paragraph has 6
MAX_ITEM_CAPTION_WORDS = 3  # in a list, more words are probably a short item glued to the text after the list
MIN_STARTS = 3  # lines that begin with the second half: one or two may be chance
MIN_START = 5  # letters of a second half that is not a function word; "parseInt" has 3, "onClick" has 5

MAX_ARCHIVE_LINES = 25  # of the header of an archive; one of each kind is 15
MAX_LABEL = 200  # characters: a line of categories, not a paragraph
MAX_CREDIT_WORDS = 14  # the longest credit line seen has 12; a sentence that begins "Image of ..." has more


def is_chrome(line: str) -> bool:
    """Whether a line is chrome: a share button, an advertisement label, a pager, a line of categories, a rule."""
    line = _ADDRESS.sub("", line) if "<" in line or "[" in line else line
    bare = _ARROWS.sub(" ", line).strip(" .…!:")
    return not bare or bool(_WORDS_ALONE.fullmatch(bare) or (len(line) < MAX_LABEL and _LABELLED.fullmatch(line)))


def archive_lines(lines: Sequence[str]) -> int:
    """The number of lines at the top of a page that are the header of a web archive."""
    top = lines[:MAX_ARCHIVE_LINES]
    if not top or _SAVED.fullmatch(top[0]) is None:
        return 0
    return max(number for number, line in enumerate(top, 1) if _OF_ARCHIVE.fullmatch(line))


def is_caption(line: str) -> bool:
    """Whether a line is a picture's credit or its file name."""
    if _BULLET.match(line):
        return False
    words = len(line.split())
    return is_image_name(line) or (
        words <= MAX_CREDIT_WORDS and bool(_CREDIT.fullmatch(line)) and line[-1:] not in ".!?"
    )


def is_image_name(line: str) -> bool:
    """Whether a line is the name of a picture's file, with or without its ending.

    >>> is_image_name("sunset_over_the_bay"), is_image_name("Sunset over the bay")
    (True, False)
    """
    if _IMAGE_FILE.fullmatch(line):
        return True
    # two joints or a digit: a single hyphenated word (a title such as "Co-production") is not a file name
    joints = line.count("_") * 2 + line.count("-")
    return bool(_JOINED.fullmatch(line)) and (joints > 1 or any(character.isdigit() for character in line))


class Glue:
    """Captions that a page saver glued to the front of a paragraph: ``old millThe mill was built``.

    A word with a capital inside is a glued caption if it occurs once in the whole heap and its second half often begins
    sentences: a function word, or a word that begins other lines of the heap.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._starts: Counter[str] = Counter()
        self._glued: Counter[str] = Counter()
        glued: list[str] = []
        for line in set(lines):
            words = line.split(None, MAX_CAPTION_WORDS + 1)
            if words:
                self._starts[words[0]] += 1
                if _JOINT.search(line):
                    self._glued.update(word for word in words[:MAX_CAPTION_WORDS] if _GLUED.match(word))
                    glued.append(line)
        self._captions = {line[span[0] : span[1]] for line in glued if (span := self.span(line)) is not None}

    def span(self, line: str) -> tuple[int, int] | None:
        """The span of the glued caption in a line, after a bullet if there is one; None if there is none."""
        if not _JOINT.search(line):
            return None
        bullet = _BULLET.match(line)
        start = at = bullet.end() if bullet else 0
        for word in line[start:].split(" ")[: MAX_ITEM_CAPTION_WORDS if bullet else MAX_CAPTION_WORDS]:
            match = _GLUED.match(word)
            if match and self._glued[word] <= 1 and self._is_start(match):
                return start, at + match.end("caption")
            if word[-1:] in ".!?:,;":
                return None
            at += len(word) + 1
        return None

    def place(self, block: Block, text: str) -> Span | None:
        """The place in a text of the caption that is glued to the front of one of its lines."""
        found = self.span(block.text)
        if found is None or text[block.start : block.start + found[1]] != block.text[: found[1]]:
            return None
        return Span(block.start + found[0], block.start + found[1])

    def is_caption(self, line: str) -> bool:
        """Whether the line is a caption that is glued to a paragraph elsewhere."""
        return line in self._captions

    def without(self, line: str) -> str:
        """The line without a glued caption."""
        span = self.span(line)
        return line if span is None else line[: span[0]] + line[span[1] :]

    def _is_start(self, match: re.Match[str]) -> bool:
        caption, word = match.group("caption"), match.group("start")
        if word.casefold() in _STARTERS:
            return word != "As" or not caption.isupper()  # "PTAs" are several of them
        # "iPhone", "AmeriCorps" and most names in code do not begin with a long word in lower case
        return bool(_LOWER.fullmatch(caption)) and len(word) >= MIN_START and self._starts[word] >= MIN_STARTS


def glued_captions(text: str) -> set[Span]:
    """The captions and labels glued to the front of lines of a text that is read without the others of its heap."""
    lines = cut_blocks(text)
    glue = Glue(line.text for line in lines)
    labels = {Span(*found.span()) for found in _MARKED_PASSAGE.finditer(text)}
    return labels | {place for line in lines if (place := glue.place(line, text))}
