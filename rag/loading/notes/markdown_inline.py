"""Markdown inside a paragraph: which characters are read as text and where each of them is.

markdown-it-py parses it but does not say where a token begins. Its parser is extended here to record the position at
which each token is pushed, so nothing has to be searched for afterwards. Extensions of Markdown's dialects (wiki links,
shortcodes, attribute lists, footnote marks, highlights) are added to it as rules.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline

from rag.loading.html.text import BLOCKS, LINES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Literal

    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token
    from markdown_it.utils import EnvType

__all__ = ["LINE_BREAK", "SOFT_BREAK", "InlineRun", "inline_runs", "parser"]

# The parser takes a second for 20,000 characters that are nothing but emphasis marks. The longest paragraph of 2,510
# posts has 4,100 characters; one longer than this is taken as plain text.
MAX_INLINE_CHARACTERS = 200_000

LINE_BREAK, SOFT_BREAK = "\n", " "

_WIKI_LINK = re.compile(r"!?\[\[([^\[\]\n]{1,500}?)\]\]")
_HIDDEN = re.compile(
    r"""\{\{[<%].{0,2000}?[>%]\}\}        # a shortcode of Hugo
      | \{%.{0,2000}?%\}                 # a tag of Liquid or Jinja
      | \{\{.{0,500}?\}\}                # a variable of either
      | \{/\*.{0,2000}?\*/\}             # a comment of MDX
      | \{:[^{}\n]{0,500}\}              # attributes, as kramdown has them
      | \{[.\#][\w-][^{}\n]{0,500}\}     # and as Pandoc has them
      | %%.{1,2000}?%%                   # a comment of Obsidian
      | \[\^[^\]\s]{1,100}\]:?           # a footnote's mark
      | \(\[[^\]\n]{1,60}\]\(https?://[^)\s]{0,60}\bread[^)\s]{1,500}\)\)  # a highlight's link back
    """,
    re.VERBOSE | re.DOTALL,
)
# what a sentence cites, and a note within a sentence, as Pandoc has them
_CITATION = re.compile(r"\[(?:[^\[\]@\n]{1,60}\s)?-?@\w[^\[\]\n]{0,300}\](?![(\[:])")
_NOTE = re.compile(r"\^\[([^\[\]\n]{1,1000})\]")
# a link or picture whose address is made by a tag or a variable of a template
_TEMPLATE_LINK = re.compile(
    r"!?\[([^\[\]\n]{0,500})\]\((?=[^()\n]{0,300}\{[{%])(?:[^()\s{}]|\{\{[^{}\n]{1,200}\}\}|\{%[^{}\n]{1,200}%\})++\)"
)
_BLOCK_MARK = re.compile(r"(?:\A|[ \t\n])\^[\w-]{1,60}\s*\Z")
_MAX_BLOCK_MARK = 80
_HIGHLIGHT = re.compile(r"==(?=[^\s=])|(?<=[^\s=])==")
_LINE_END = re.compile(r"\r\n?")
_TAG_NAME = re.compile(r"</?([A-Za-z][\w-]*)")
# anything else that looks like a tag is text
_HTML = (
    BLOCKS
    | LINES
    | frozenset(
        """
    a abbr acronym area audio b base bdi bdo big button canvas cite code col colgroup data datalist del dfn em embed
    figure font i iframe img input ins kbd label link map mark math meta meter noscript object optgroup output param
    picture progress q rb rp rt rtc ruby s samp script select slot small source span strike strong style sub sup svg td
    template textarea th time title track tt u var video wbr
    """.split()  # noqa: SIM905 - easier to read than quoted words
    )
)
_PUNCTUATION = frozenset({"", " ", "\n", ".", ",", ";", ":", "!", "?", ")"})
_STRUCK = frozenset({"del", "s", "strike", "script", "style"})


class InlineRun(NamedTuple):
    """``content[start:end]`` is read as ``shown``; what is between two runs is mark-up."""

    start: int
    end: int
    shown: str


class _Positioned(StateInline):
    """Records where each token begins."""

    def __init__(self, src: str, md: MarkdownIt, env: EnvType, out: list[Token]) -> None:
        super().__init__(src, md, env, out)
        self.pending_from = 0

    def append_pending(self, text: str) -> None:
        if not self.pending:
            self.pending_from = self.pos
        super().append_pending(text)

    def pushPending(self) -> Token:  # noqa: N802 - the parser's own name
        token = super().pushPending()
        token.meta = {"at": self.pending_from}
        return token

    def push(self, ttype: str, tag: str, nesting: Literal[-1, 0, 1]) -> Token:
        token = super().push(ttype, tag, nesting)
        at = self.pos
        before = self.tokens[-2] if len(self.tokens) > 1 else None
        if ttype == "text" and before is not None and before.type == "text" and before.meta.get("run") == at:
            at = before.meta["at"] + len(before.content)  # the marks of a run are pushed one by one
        token.meta = {"at": at, "run": self.pos}
        return token


class _Inline(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        state = _Positioned(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


def _marks(state: StateInline, silent: bool) -> bool:
    """Read a mark of a dialect: its characters are not text, except for the words of a wiki link."""
    sign, src = state.src[state.pos], state.src
    link = _TEMPLATE_LINK.match(src, state.pos, state.posMax) if sign in "[!" else None
    if link is not None:
        if not silent:
            is_picture = src[state.pos] == "!"
            state.push("hidden" if is_picture else "wiki", "", 0).attrs = {"start": link.start(1), "end": link.end(1)}
        state.pos = link.end()
        return True
    if sign in "[!" and (wiki := _WIKI_LINK.match(src, state.pos, state.posMax)):
        if not silent:
            start, end = wiki.span(1)
            shown = start + wiki[1].rfind("|") + 1
            is_picture = src[state.pos] == "!" or wiki[1].casefold() == "toc"
            state.push("hidden" if is_picture else "wiki", "", 0).attrs = {"start": shown, "end": end}
        state.pos = wiki.end()
        return True
    if sign == "^":
        note = _NOTE.match(src, state.pos, state.posMax)
        if note is not None and not silent:
            state.push("note", "", 0).attrs = {"start": note.start(1), "end": note.end()}
        state.pos = note.end() if note is not None else state.pos
        return note is not None
    cited = _CITATION.match(src, state.pos, state.posMax) if sign == "[" else None
    match = cited or (_HIGHLIGHT if sign == "=" else _HIDDEN).match(src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        if cited is not None and src[match.end() : match.end() + 1] in _PUNCTUATION:
            state.pending = state.pending.rstrip(" ")
        state.push("hidden", "", 0)
    state.pos = match.end()
    return True


def _line_ends(state: StateCore) -> None:
    """Read line ends as line feeds. The parser's own rule also replaces NUL, which a quote has as its file does."""
    state.src = _LINE_END.sub("\n", state.src)


@lru_cache(maxsize=1)
def parser() -> MarkdownIt:
    """The parser for CommonMark with tables and strikethrough, and the marks of the dialects."""
    made = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    inline = _Inline()
    made.inline = inline
    inline.ruler.before("backticks", "marks", _marks)
    inline.ruler.enableOnly(
        "text newline escape marks backticks strikethrough emphasis link image autolink html_inline entity".split()  # noqa: SIM905
    )
    inline.ruler2.disable("fragments_join")
    made.core.ruler.disable("text_join")
    made.core.ruler.at("normalize", _line_ends)
    for sign in "{%=([!^":
        inline.add_terminator_char(sign)
    made.core.ruler.disable("inline")  # paragraphs are parsed later, when they are read
    return made


def inline_runs(content: str, env: EnvType) -> Iterator[InlineRun]:
    """The runs of a paragraph's content that are read, in order; ``env`` contains the link references of its page.

    >>> [run.shown for run in inline_runs("a **b** [c](d)", {})]
    ['a ', 'b', ' ', 'c']
    """
    if len(content) > MAX_INLINE_CHARACTERS:
        yield InlineRun(0, len(content), content)
        return
    mark = _BLOCK_MARK.search(content, max(len(content) - _MAX_BLOCK_MARK, 0))
    content = content[: mark.start()] if mark else content
    md = parser()
    struck = 0
    for token in md.inline.parse(content, md, env, []):
        if token.type in ("s_open", "s_close"):
            struck += token.nesting
        elif token.type == "html_inline":
            struck = max(struck + _struck_by(token.content), 0)
            if _is_not_a_tag(token.content):  # such as <free for all>
                yield from _text(token, content)
        take = _TAKEN.get(token.type)
        if take is not None and (not struck or token.type in _BREAKS):
            yield from take(token, content)
        if token.type == "html_inline" and re.match(r"<br\b", token.content, re.IGNORECASE):
            at = int(token.meta["at"])
            yield InlineRun(at, at + len(token.content), LINE_BREAK)


def _is_not_a_tag(tag: str) -> bool:
    name = _TAG_NAME.match(tag)
    return name is not None and name[1].lower() not in _HTML


def _struck_by(tag: str) -> int:
    name = _TAG_NAME.match(tag)
    if name is None or name[1].lower() not in _STRUCK or tag.endswith("/>"):
        return 0
    return -1 if tag.startswith("</") else 1


def _text(token: Token, content: str) -> Iterator[InlineRun]:
    if token.content:  # a mark that opened or closed something leaves nothing
        at = int(token.meta["at"])
        at += content.startswith("<", at) and token.content[:1] != "<"  # a URL in angle brackets
        yield InlineRun(at, at + len(token.content), token.content)


def _special(token: Token, _content: str) -> Iterator[InlineRun]:
    at = int(token.meta["at"])
    yield InlineRun(at, at + len(token.markup), token.content or unescape(token.markup))


def _code(token: Token, content: str) -> Iterator[InlineRun]:
    start = int(token.meta["at"]) + len(token.markup)
    end = content.index(token.markup, start + len(token.content))
    start += end - start > len(token.content)  # a space on each side is not part of the code
    at = start
    for line in content[start : start + len(token.content)].split("\n"):
        if at > start:
            yield InlineRun(at - 1, at, SOFT_BREAK)
        if line:
            yield InlineRun(at, at + len(line), line)
        at += len(line) + 1


def _wiki(token: Token, content: str) -> Iterator[InlineRun]:
    start, end = int(token.attrs["start"]), int(token.attrs["end"])
    yield InlineRun(start, end, content[start:end])


def _note(token: Token, content: str) -> Iterator[InlineRun]:
    """A note within a sentence, in brackets."""
    start, end = int(token.attrs["start"]), int(token.attrs["end"])
    yield InlineRun(start - len("^["), start - 1, " ")
    yield InlineRun(start - 1, end, content[start - 1 : end])


def _break(token: Token, content: str) -> Iterator[InlineRun]:
    at = content.find("\n", int(token.meta["at"]))
    if at >= 0:
        yield InlineRun(at, at + 1, LINE_BREAK if token.type == "hardbreak" else SOFT_BREAK)


_BREAKS = frozenset({"softbreak", "hardbreak"})
_TAKEN: dict[str, Callable[[Token, str], Iterator[InlineRun]]] = {
    "text": _text,
    "text_special": _special,
    "code_inline": _code,
    "wiki": _wiki,
    "note": _note,
    "softbreak": _break,
    "hardbreak": _break,
}
