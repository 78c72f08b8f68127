"""What follows a post in its own container: comments, lists of other posts, boxes about the author.

Such a section begins with a heading. Its words alone decide nothing, because "Related work" and "Responses" are also
headings in posts: the lines below must look like a list of links, like comments, or like a short box.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rag.extraction.html_tree import Element, HtmlLine, Tree

__all__ = [
    "HEADINGS",
    "MAX_PROSE_LINKED",
    "Closing",
    "LineCounts",
    "closing_kind",
    "is_link",
    "is_prose",
    "without_closing_sections",
]

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})

Closing = Literal["comments", "posts", "share", "box"]

MIN_PROSE_WORDS = 10  # a shorter line may be anything; menus rarely have longer ones
MAX_PROSE_LINKED = 0.5
MAX_HEADING_WORDS = 10
MIN_LINK_LINKED = 0.8  # share of a line's characters in links for it to be a link to a post
MAX_BOX_WORDS = 150  # about an author, or an invitation to subscribe
MIN_PARAGRAPH_WORDS = 20  # directly below a heading
MAX_LIST_WORDS = 40  # words in a list of posts or categories that lost its links

_POSTS = re.compile(
    r"""(?:(?:you\s(?:may|might|will)\s(?:also\s)?(?:like|enjoy|be\sinterested|love|find)|related|recommended|similar
    |more\s(?:from|on|in|like|stories|articles|posts|about)|most\s(?:read|popular|recent)|popular|trending|latest|recent
    |read\s(?:next|more|also)|up\snext|what\sto\sread|keep\sreading|continue\sreading|further\sreading|explore\smore
    |further\sarticles|other\s(?:posts|articles|stories)|see\salso|also\sread|discover\smore|next\s(?:post|article)
    |previous\s(?:post|article)|older\sposts|newer\sposts)\b.{0,60}
    |tags?|categories|archives?|navigation)
    [:.!?]?\s*""",
    re.IGNORECASE | re.VERBOSE,
)
# those of them that may head a section of a text if another follows it
_OF_TEXTS = re.compile(r"(?:related|recent|popular|similar|further|latest|see also|other|trending)\b", re.IGNORECASE)
_COMMENTS = re.compile(
    r"""(?:(?:\d+\s|no\s)?(?:comments?|responses?|replies|thoughts?\son\b.{0,80})(?:\s\(?\d+\)?)?
    |\d+\s(?:responses?|replies|comments?)\sto\b.{0,80}
    |leave\s(?:a|us\sa)\s(?:comment|reply).{0,40}|post\sa\scomment|add\s(?:a\s)?comment|join\sthe\s(?:conversation|discussion))
    [:.!?]?\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_SHARE = re.compile(r"share(?:\s(?:this|on|the))?\b.{0,30}[:.!?]?\s*", re.IGNORECASE)
_BOX = re.compile(
    r"""(?:about\sthe\sauthors?|written\sby|(?:posted|filed)\s(?:in|under).{0,60}
    |subscribe.{0,60}|sign\sup\s.{0,60}|newsletter.{0,30}|footnotes?\sand\sshare)
    [:.!?]?\s*""",
    re.IGNORECASE | re.VERBOSE,
)
# what accompanies the text of a comment: who wrote it, when, and a way to reply
_OF_COMMENT = re.compile(
    r"""reply|permalink|quote|like|report|.{1,60}\bsa(?:ys|id):?|.{0,60}\bago|.{0,40}\d{1,2}:\d\d(?::\d\d)?(?:\s?[ap]\.?m\.?)?
    |log\sin\sto\sreply|anonymous""",
    re.IGNORECASE | re.VERBOSE,
)
MIN_COMMENT_LINES = 2
MAX_COMMENT_CHARACTERS = 100


def is_prose(line: HtmlLine) -> bool:
    """Whether a line is a sentence or more and not a list of links."""
    return line.words >= MIN_PROSE_WORDS and line.linked <= MAX_PROSE_LINKED


def is_link(line: HtmlLine) -> bool:
    """Whether a line is hardly more than a link, for instance to another post."""
    return line.linked >= MIN_LINK_LINKED


def closing_kind(text: str) -> Closing | None:
    """The kind of section that a heading announces, if it is not part of the post.

    >>> closing_kind("3 Comments"), closing_kind("Related work"), closing_kind("Results")
    ('comments', 'posts', None)
    """
    if _COMMENTS.fullmatch(text):
        return "comments"
    if _POSTS.fullmatch(text):
        return "posts"
    if _SHARE.fullmatch(text):
        return "share"
    return "box" if _BOX.fullmatch(text) else None


def without_closing_sections(
    tree: Tree, kept: Sequence[HtmlLine], is_wanted: Callable[[HtmlLine], bool] = lambda _: False
) -> list[HtmlLine]:
    """The lines of a post without sections that do not belong to it, except for wanted lines in them."""
    sums = LineCounts(kept)
    found: list[HtmlLine] = []
    at = 0
    while at < len(kept):
        end = _section_end(tree, kept, at, sums)
        if end:
            found += filter(is_wanted, kept[at:end])
            at = end
            continue
        found.append(kept[at])
        at += 1
    return found


class LineCounts:
    """Cumulative counts over the lines: words, words of prose, and lines of prose, of links and of comments."""

    def __init__(self, lines: Sequence[HtmlLine]) -> None:
        self.words = _summed(line.words for line in lines)
        self.prose_words = _summed(line.words if is_prose(line) else 0 for line in lines)
        self.prose = _summed(is_prose(line) for line in lines)
        self.links = _summed(map(is_link, lines))
        self.comments = _summed(
            len(line.text) < MAX_COMMENT_CHARACTERS and _OF_COMMENT.fullmatch(line.text) is not None for line in lines
        )

    @staticmethod
    def between(sums: Sequence[int], first: int, last: int) -> int:
        """The count over the lines from ``first`` to ``last``, exclusive."""
        return sums[last] - sums[first]


def _summed(values: Iterable[int]) -> list[int]:
    return [0, *accumulate(values)]


def _section_end(tree: Tree, kept: Sequence[HtmlLine], at: int, sums: LineCounts) -> int:
    """The number of the line after the section that begins here, or 0 if the line is part of the post."""
    line = kept[at]
    element = tree.elements[line.element]
    kind = closing_kind(line.text) if element.tag in HEADINGS and line.words < MAX_HEADING_WORDS else None
    if kind is None:
        return 0
    around = _container(tree, element, kept, at)
    last = end = bisect_left(kept, around.end, key=lambda one: one.start)
    if kind != "comments":
        last = next((n for n in range(at + 1, last) if _is_peer(tree, kept[n], element)), last)

    def count(sum_of: Sequence[int]) -> int:
        return sum_of[last] - sum_of[at + 1]

    before = sums.prose_words[at]
    if kind == "comments":
        named = count(sums.comments) >= MIN_COMMENT_LINES or not count(sums.prose) or line.text[:1].isdigit()
        closes = count(sums.prose_words) <= before and named
    elif kind == "posts":
        if _begins_with_text(kept[at + 1 : last]) and last < end and _OF_TEXTS.match(line.text):
            return 0
        closes = count(sums.links) >= max(count(sums.prose), 1)
        closes = closes or (not count(sums.prose) and count(sums.words) <= MAX_LIST_WORDS)
    elif kind == "share":  # buttons; with sentences below, it is a section about sharing
        closes = not count(sums.prose)
    else:
        closes = count(sums.prose_words) <= min(before, MAX_BOX_WORDS)
    return last if closes else 0


def _begins_with_text(below: Sequence[HtmlLine]) -> bool:
    """Whether a section begins with a paragraph; a list of other posts begins with a link or a few words."""
    return bool(below) and below[0].words >= MIN_PARAGRAPH_WORDS and not below[0].linked


def _container(tree: Tree, heading: Element, kept: Sequence[HtmlLine], at: int) -> Element:
    """The element around a heading and its section; an element with only the heading is skipped."""
    around = tree.elements[heading.parent]
    following = kept[at + 1].start if at + 1 < len(kept) else -1
    while around.parent >= 0 and not (following < around.end):
        around = tree.elements[around.parent]
    return around


def _is_peer(tree: Tree, line: HtmlLine, heading: Element) -> bool:
    """Whether a line is a heading of the same or a higher level."""
    tag = tree.elements[line.element].tag
    return tag in HEADINGS and tag <= heading.tag
