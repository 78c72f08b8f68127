"""The posts of a discussion: answers to a question, and the posts of a forum, each its writer's own."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from rag.extraction.closing_sections import HEADINGS, is_prose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.extraction.html_tree import Element, HtmlLine, Tree
    from rag.extraction.judged_page import JudgedPage

__all__ = ["Part", "discussions_in", "is_thread"]

# what forums call a discussion in the names of their elements, and their schemas
_THREADS = frozenset({"forum", "phpbb", "thread", "topic", "viewtopic"})
_OF_THREADS = re.compile(r"schema\.org/(?:Answer|DiscussionForumPosting|QAPage|Question)$")
_ANSWER = re.compile(r"schema\.org/(?:Comment|Answer)$")
_TO_QUESTION = re.compile(r"schema\.org/Answer$")
# the ids that programs for forums give to posts, and that no blog gives to its entries
_FORUM_POST = re.compile(r"(?:js-post-|msg_?|pid_?|post|post_id_|post_message_|td_post_)\d+")


class Part(NamedTuple):
    """``source[start:end]`` is what one person wrote, and what the page says about it.

    ``title`` is the line at its top that is the page's title; ``text`` is where its text begins and ends.
    """

    start: int
    end: int
    title: HtmlLine | None = None
    text: tuple[int, int] | None = None


def is_thread(tree: Tree) -> bool:
    """Whether a page is a discussion of a forum, whose posts are all about what its title says."""
    return any(
        _OF_THREADS.search(element.attributes.get("itemtype", ""))
        or element.attributes.get("data-template", "").startswith("thread")
        or any(not _THREADS.isdisjoint(words) for words in element.names)
        or _FORUM_POST.fullmatch(element.attributes.get("id", ""))
        for element in tree.elements
    )


def discussions_in(judged: JudgedPage) -> Iterator[list[Part]]:
    """What may be the posts of a page that is a discussion."""
    if is_thread(judged.tree):
        yield from _answers(judged)
        yield from _numbered(judged)


def _answers(judged: JudgedPage) -> Iterator[list[Part]]:
    """The posts of a discussion, if the schema says of most that they are posts.

    The first post may have the same mark-up without the schema. No prose may be above it but the question, if the
    schema says that they are answers.
    """
    elements = judged.tree.elements
    answers = [one for one in elements if _ANSWER.search(one.attributes.get("itemtype", ""))]
    if not answers:
        return
    first = answers[0]
    if _TO_QUESTION.search(first.attributes["itemtype"]):
        beside = [one for one in answers if one.parent == first.parent and not judged.dropped[one.number]]
        question = _question(judged, first)
        if question is not None and beside:
            yield [question, *(Part(one.start, one.end) for one in beside)]
        return
    like = first.parent, first.tag, first.class_names
    found = [
        one for one in elements if (one.parent, one.tag, one.class_names) == like and not judged.dropped[one.number]
    ]
    if _are_posts(judged, found):
        yield [Part(one.start, one.end) for one in found]


def _question(judged: JudgedPage, answer: Element) -> Part | None:
    """The question above its first answer: the outermost element with its text that does not contain the answer."""
    tree = judged.tree
    first = next(filter(is_prose, _lines(judged, 0, answer.start)), None)
    if first is None:
        return None
    around = (one for one in tree.around(first.element) if one.end <= answer.start)
    outer = max(around, key=lambda one: one.end - one.start, default=None)
    if outer is None:
        return None
    above = (line for line in _lines(judged, outer.start, first.start) if tree.elements[line.element].tag in HEADINGS)
    return Part(outer.start, outer.end, next(above, None))


def _numbered(judged: JudgedPage) -> Iterator[list[Part]]:
    """The posts of a forum whose program numbers them: elements whose ids differ in a number, none inside another."""
    groups: dict[tuple[str, str], list[Element]] = defaultdict(list)
    for one in judged.tree.elements:
        called = one.attributes.get("id", "")
        if judged.words[one.number] and not judged.dropped[one.number] and _FORUM_POST.fullmatch(called):
            group = groups[one.tag, called.rstrip("0123456789")]
            if not group or one.start >= group[-1].end:
                group.append(one)
    for found in groups.values():
        if _are_posts(judged, found):
            yield [Part(one.start, one.end, text=_message(judged.tree, one)) for one in found]


def _message(tree: Tree, post: Element) -> tuple[int, int] | None:
    """Where the message is in a post, if the forum numbers it, too."""
    inner = (one for one in tree.inside(post) if _FORUM_POST.fullmatch(one.attributes.get("id", "")))
    deepest = max(inner, key=lambda one: one.depth, default=None)
    return (deepest.start, deepest.end) if deepest is not None else None


def _are_posts(judged: JudgedPage, found: list[Element]) -> bool:
    """Whether there are several, and no prose is above them."""
    return len(found) > 1 and not any(map(is_prose, _lines(judged, 0, found[0].start)))


def _lines(judged: JudgedPage, start: int, end: int) -> list[HtmlLine]:
    lines = judged.tree.lines[judged.line_at(start) : judged.line_at(end)]
    return [line for line in lines if not judged.is_dropped(line)]
