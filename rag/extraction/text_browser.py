"""Pages of text browsers: a number before each link and the addresses at the end, or an address behind each link."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.loading.html.escapes import unescape
from rag.text.lines import cut_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.extraction.outline import LineKind, Outline
    from rag.records import Page
    from rag.text.lines import Block

__all__ = ["as_browsed", "lines_of", "without_links"]

_ADDRESS = re.compile(r"[ \t]*(?:\d{1,4}\.|\[\d{1,4}\])[ \t]+[a-z][a-z+.-]{1,20}:\S+[ \t\r]*")
_LABEL = re.compile(r"[ \t]*(?:Visible|Hidden) links:?[ \t\r]*")
_HEADING = re.compile(r"[ \t]*References:?[ \t\r]*")
_LINK = re.compile(r"\[\d{1,4}\]")
_LONE_LINK = re.compile(r"\[\d{1,4}\][^\[\]]+")
# the feeds and styles of a page, an item of a list that is a link, and several links in one line
_ONLY_LINKS = re.compile(r"\#\[\d.*|[*+•-][ \t]+\[\d{1,4}\][^\[\]]*|\[\d{1,4}\][^\[\]]+(?:\[\d{1,4}\][^\[\]]+)+")
_INSIDE = re.compile(r"\w <#[^<>\s]*+>")
_BEHIND = re.compile(r"\w <(?:https?://|#)[^<>\s]*+>")
MIN_BEHIND = 4  # links with their addresses; a mail has one or two
MAX_LINK_WORDS = 8  # for each link of such a line; a sentence of a text has more around its links


def as_browsed(page: Page) -> Page:
    """The page, in the format "links" if a text browser wrote it.

    It ends with the addresses of numbered links, or has the address of each link behind it, also within the page.
    """
    is_dump = _addresses_at(page.text) is not None
    is_saved = len(_INSIDE.findall(page.text)) > 0 and len(_BEHIND.findall(page.text)) >= MIN_BEHIND
    return replace(page, format="links") if is_dump or is_saved else page


def _addresses_at(text: str) -> int | None:
    """Where the list of addresses begins with which a text browser ends a page; None if there is none."""
    end, found = len(text), False
    while end > 0:
        start = text.rfind("\n", 0, end - 1) + 1 if text[end - 1] == "\n" else text.rfind("\n", 0, end) + 1
        line = text[start:end].rstrip("\n")
        if found and _HEADING.fullmatch(line):
            return start
        is_address = _ADDRESS.fullmatch(line) is not None
        if line.strip() and not is_address and _LABEL.fullmatch(line) is None:
            return None
        found, end = found or is_address, start
    return None


def lines_of(page: Page) -> list[Block]:
    """The lines of a page, without the marks of links if a text browser wrote it."""
    lines = cut_blocks(page.text)
    if page.format != "links":
        return lines
    return [replace(line, text=" ".join(unescape(line.text, "links").text.split())) for line in lines]


def without_links(page: Page, one: Outline) -> Outline:
    """The outline of a page that a text browser wrote, with menus and the list of addresses as boilerplate."""
    return replace(one, kinds=tuple(_kinds(page.text, one))) if page.format == "links" else one


def _kinds(text: str, one: Outline) -> Iterator[LineKind]:
    end = _addresses_at(text)
    lines = [text[block.start : block.end] for block in one.blocks]
    first = one.long[0] if one.long else len(lines)
    menu = max((at for at, line in enumerate(lines[:first]) if _is_only_links(line)), default=0)
    for at, (block, kind) in enumerate(zip(one.blocks, one.kinds, strict=True)):
        is_list = end is not None and block.start >= end
        # the name of a site is a link above its menu
        is_site = at < menu and _LONE_LINK.fullmatch(lines[at]) is not None
        is_menu = is_site or (kind != "byline" and _is_only_links(lines[at]))
        yield "chrome" if is_list or is_menu else kind


def _is_only_links(line: str) -> bool:
    found = _ONLY_LINKS.fullmatch(line)
    if found is None:
        return False
    few = len(line.split()) <= MAX_LINK_WORDS * len(_LINK.findall(line))
    return few and line[-1] not in ".!?:;,"
