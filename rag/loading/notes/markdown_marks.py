"""What the dialects of Markdown have besides text: it is blanked out before the blocks are read, offsets kept.

Those are comments, directives, the notes of outliners, captions of exports, what a drawing has besides its texts, and
the code of MDX. Tags around code are turned into fences.
"""

from __future__ import annotations

import re

__all__ = ["are_marks", "without_marks"]

# the first line of a comment of Obsidian, or the last one, which has no words
_COMMENT = re.compile(r"^[ \t]*%%([^%\n]*+)$", re.MULTILINE)
# the same of Liquid, which Jekyll uses
_LIQUID_COMMENT = re.compile(
    r"\{%-?[ \t]*comment\b[^%\n]{0,100}%\}(?:(?!\{%-?[ \t]*comment\b)[^~]){0,20000}?\{%-?[ \t]*endcomment[ \t]*-?%\}"
)
# the first line of a note: ``:::tip[Title]`` or ``::: tip Title``
_TITLED_DIRECTIVE = re.compile(
    r"^( {0,3}:{3,}[ \t]*[\w-]++(?:\[|[ \t]++(?=[^\s{\[])))([^\[\]{}\n]*+)(\]?[^\n]*)$", re.MULTILINE
)
_DIRECTIVE = re.compile(r"^[ \t]*:{3,}[^\n]*$|^\*\[[^\]\n]{1,80}\]:[^\n]*$", re.MULTILINE)
# properties that outliners note below an item, and pictures with captions in exported posts
# the times at which a task was worked on, as Logseq notes them
_LOGBOOK = re.compile(r"^[ \t]+:LOGBOOK:[ \t]*\n(?:[ \t]+CLOCK:[^\n]*\n){0,200}[ \t]+:END:[ \t]*$", re.MULTILINE)
_BLOCK_REFERENCE = re.compile(r"\(\([0-9a-f]{8}-[0-9a-f-]{27}\)\)")
_OUTLINER = re.compile(r"^[ \t]+(?:id|collapsed|created-at|updated-at|heading|logseq\.[\w.-]+)::[^\n]*$", re.MULTILINE)
_CAPTION = re.compile(r"\\?\[caption\b[^\[\]\n]{0,400}\][^\n\[]*+(?:\[(?!/?caption\b)[^\n\[]*+)*+\[/caption\\?\]")
# code between the tags of Jekyll and Hexo, which are read as fences
_CODE_TAGS = re.compile(
    r"^([ \t]*\{%-?[ \t]*(highlight|codeblock)\b[^\n]*?%\}[ \t]*)$"
    r"((?:(?!\{%-?[ \t]*(?:highlight|codeblock)\b)[^~]){0,20000}?)"
    r"^([ \t]*\{%-?[ \t]*end\2[ \t]*-?%\}[ \t]*)$",
    re.MULTILINE,
)
# the same between those of Hugo
_CODE_SHORTCODES = re.compile(
    r"^([ \t]*\{\{[<%][ \t]*(highlight|code)\b[^\n]*?[>%]\}\}[ \t]*)$"
    r"((?:(?!\{\{[<%][ \t]*(?:highlight|code)\b)[^~]){0,20000}?)"
    r"^([ \t]*\{\{[<%][ \t]*/[ \t]*\2[ \t]*[>%]\}\}[ \t]*)$",
    re.MULTILINE,
)
# what a drawing of Excalidraw has besides its texts: the line that says so, headings, lists of ids
_OF_DRAWING = re.compile(
    r"^==[^\n]*EXCALIDRAW VIEW[^\n]*$|^#{1,2} (?:Excalidraw Data|Text Elements|Drawing)[ \t]*$"
    r"|^#{1,2} (?:Embedded [Ff]iles|Element Links)[ \t]*$(?:\n(?!#|%%)[^\n]*)*",
    re.MULTILINE,
)
# what a source with a sign has that is blanked out
_DIALECTS = (
    ("EXCALIDRAW VIEW", _OF_DRAWING),
    ("::", _OUTLINER),
    (":LOGBOOK:", _LOGBOOK),
    ("((", _BLOCK_REFERENCE),
    ("[caption", _CAPTION),
)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_DEFINITION = re.compile(r"^ {0,3}(:)[ \t]+(?=\S)", re.MULTILINE)  # of the word in the line above
_MDX = re.compile(
    r"^(?:import\s[^\n]*?\bfrom\s[^\n]*|import\s+['\"][^\n]*)$"
    r"|^export\s+(?:const|default|let|function)\b[^\n]*(?:\n[^\n]*\S[^\n]*)*"  # up to a blank line
    r"|</?[A-Z][\w.]*(?:\s(?:[^<>{}]|\{(?:[^{}]|\{[^{}]{0,200}\}){0,500}\})*)?/?>",
    re.MULTILINE,
)
# a tag with a function among its attributes, which holds what looks like the end of the tag
_ACTIVE_TAG = re.compile(
    r"(<[a-z][\w-]*)(\s(?:[^<>{}]|\{[^{}]{0,500}\})*\{[^{}]{0,500}=>[^{}]{0,500}\}(?:[^<>{}]|\{[^{}]{0,500}\})*)>"
)
_BLANKED = re.compile(r"[^\r\n]")
# lines of the dialects that contain no text: directives, Obsidian's comments, MDX's imports, tables of contents
_NO_TEXT = re.compile(
    r"""[ \t]*(?::::[^\n]*+|\[TOC\]|\[\[_TOC_\]\]|\$\{toc\}|<!--more-->
    |TOC\s*\{:toc[^}\n]*\})[ \t]*+\Z""",
    re.IGNORECASE | re.VERBOSE,
)
# lines of nothing but tags, as note programs have them: "#sea/ferries #winter plans#", "Tags: #sea"
_TAGS = re.compile(
    r"""(?:[ \t]*(?:[Tt]ags?|[Kk]eywords|[Ss]tatus|[Tt]opics?|[Tt]ype)[ \t]*:)?+
    (?:[ \t,]*+\#(?=[\d/_-]*+[^\W\d_])(?:[^\s\#][^\n\#]{0,60}[^\s\#]\#|[\w/-]++))++[ \t]*+""",
    re.VERBOSE,
)


def are_marks(content: str, *, may_be_tags: bool) -> bool:
    """Whether the content of a paragraph is no text: a mark of a dialect, or nothing but tags."""
    return _NO_TEXT.match(content) is not None or (may_be_tags and all(map(_TAGS.fullmatch, content.split("\n"))))


def without_marks(source: str, *, mdx: bool) -> str:
    """The source with blanks in place of everything that is not text of a block; every line and offset is kept."""
    marked = source
    if "%%" in marked:
        marked = _without_comments(marked)
    if ":::" in marked:
        marked = _TITLED_DIRECTIVE.sub(_as_heading, marked)
    if ":::" in marked or "*[" in marked:
        marked = _DIRECTIVE.sub(lambda found: _BLANKED.sub(" ", found[0]), marked)
    for sign, pattern in _DIALECTS:
        if sign in marked:
            marked = pattern.sub(lambda found: _BLANKED.sub(" ", found[0]), marked)
    if "{%" in marked:
        marked = _LIQUID_COMMENT.sub(lambda found: _BLANKED.sub(" ", found[0]), marked)
        marked = _CODE_TAGS.sub(lambda found: f"{_fence(found[1])}{found[3]}{_fence(found[4])}", marked)
    if "{{" in marked:
        marked = _CODE_SHORTCODES.sub(lambda found: f"{_fence(found[1])}{found[3]}{_fence(found[4])}", marked)
    if _DEFINITION.search(marked):
        marked = _with_definitions(marked)
    if mdx:
        marked = _MDX.sub(lambda found: _BLANKED.sub(" ", found[0]), marked)
        marked = _ACTIVE_TAG.sub(lambda found: f"{found[1]}{_BLANKED.sub(' ', found[2])}>", marked)
    return marked


def _without_comments(source: str) -> str:
    """The source with blanks in place of comments between two lines with the signs for them."""
    parts, here = [], 0
    opened: re.Match[str] | None = None
    for found in _COMMENT.finditer(source):
        if opened is None:
            opened = found
        elif not found[1].strip():
            parts += [source[here : opened.start()], _BLANKED.sub(" ", source[opened.start() : found.end()])]
            opened, here = None, found.end()
    return "".join((*parts, source[here:]))


def _fence(tag: str) -> str:
    """A tag around code as the fence that it stands for, of the same length."""
    return "~~~".ljust(len(tag))


def _as_heading(directive: re.Match[str]) -> str:
    """The first line of a note as a heading with the note's title, of the same length."""
    if not directive[2].strip():
        return directive[0]
    return "###".ljust(len(directive[1])) + directive[2] + " " * len(directive[3])


def _with_definitions(marked: str) -> str:
    """The source with the colons before definitions as the marks of items, outside of fences."""
    lines = marked.split("\n")
    fence = ""
    for number, line in enumerate(lines):
        opened = _FENCE.match(line)
        if opened is not None and (not fence or opened[1].startswith(fence)):
            fence = "" if fence else opened[1]
        mark = None if fence or not number else _DEFINITION.match(line)
        if mark is not None and any(above.strip() for above in lines[max(number - 2, 0) : number]):
            lines[number] = f"{line[: mark.start(1)]}-{line[mark.end(1) :]}"
    return "\n".join(lines)
