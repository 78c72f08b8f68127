"""One turn of the conversation as HTML: the exact words first, then their location and confidence."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.records import Answer  # noqa: TC001 - saved turns are read by their fields' types
from rag.text.plurals import amount
from ui.views.about import about_subject
from ui.views.found_posts import found_posts, is_about_posts, quotes_beside, understood_line
from ui.views.html import Markup, join, tag
from ui.views.quotes import cards
from ui.views.trace import found_fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.records import Band, Status

__all__ = ["BAND_WORDS", "CLOSEST", "UNREAD", "Turn", "drawn", "lacking", "no_answer", "render_log", "render_turn"]

# The names of the three bands on the page, and the advice for each.
BAND_WORDS: dict[Band, tuple[str, str]] = {
    "high": ("Strong match", "These words fit the question closely."),
    "medium": ("Likely match", "Read the words in their post before relying on them."),
    "low": ("Weak match", "This may be beside the point: read it in its post."),
}

# What is said of an answer that was given without the reader.
UNREAD = "Answered fast, without the reader: an answer worded differently from the question may have been missed."

# The line above what comes nearest to a refused question.
CLOSEST = "Closest words found, not an answer"

# The possible reports on an answer, by its status; the first of each pair is stored in feedback rows.
_WRONG = ("wrong_quote", "Wrong passage")
_REFUSE = ("should_refuse", "Should have refused")
_ANSWER = ("should_answer", "Should have answered")
REPORTS: dict[Status, tuple[tuple[str, str], ...]] = {
    "answered": (_WRONG, _REFUSE),
    "partial": (_WRONG, _REFUSE, _ANSWER),
    "no_answer": (_ANSWER,),
    "error": (),
}


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer as shown on the page.

    ``link`` is the query string that asks it again, ``history`` the earlier questions; ``scope_title`` names the post
    to which the question was restricted. ``order`` counts the turns of a conversation from 0. ``generation`` is that of
    the index that answered; ``conversation_id`` names the saved conversation of the turn; with ``fast`` the reader was
    not used. ``drawn`` is the compressed output of ``render_turn``, if it exists: 40 answers to questions about the
    seed pages take 4.4 times less, and a page keeps hundreds of conversations.
    """

    question: str
    answer: Answer
    link: str
    scope_id: str | None = None
    scope_title: str = ""
    history: tuple[str, ...] = ()
    order: int = 0
    generation: str = ""
    conversation_id: str = ""
    fast: bool = False
    drawn: bytes = b""


def render_log(turns: Sequence[Turn], generation: str = "") -> Markup:
    """The whole conversation; turns answered by an earlier index than ``generation`` say so."""
    if not turns:
        return Markup()
    earlier = turns[0].order
    hidden = (
        tag(
            "p",
            f"{amount(earlier, 'earlier question')} of this conversation {'is' if earlier == 1 else 'are'} saved and "
            "not shown here; the files you save have all of them.",
            class_="faint earlier",
        )
        if earlier
        else None
    )
    shown = [
        part
        for turn in turns
        for part in (_stale(turn) if generation and turn.generation not in ("", generation) else None, _unpacked(turn))
    ]
    return tag("div", hidden, *shown, class_="turns", data_conversation=turns[-1].conversation_id)


def _stale(turn: Turn) -> Markup:
    return tag(
        "p",
        "The posts have changed since this was answered. ",
        tag("button", "Ask again", type="button", class_="quiet", data_again=turn.question),
        class_="stale",
    )


def drawn(turn: Turn) -> Turn:
    """A turn with its rendered HTML, so that it is not rendered again."""
    return replace(turn, drawn=zlib.compress(render_turn(turn).encode(), 1))


def _unpacked(turn: Turn) -> Markup:
    # it was Markup when it was compressed
    return Markup(zlib.decompress(turn.drawn).decode()) if turn.drawn else render_turn(turn)


def render_turn(turn: Turn) -> Markup:
    """A question as a heading, its answer, and the line of actions under it."""
    order = turn.order
    narrowed = tag("p", "Asked about one post: ", tag("cite", turn.scope_title), class_="narrowed")
    return tag(
        "article",
        tag("h2", turn.question, class_="question", tabindex="-1", dir="auto"),
        narrowed if turn.scope_id else None,
        _answer(turn.answer),
        _unread(turn.question) if turn.fast and turn.answer.status != "error" else None,
        _actions(turn, order),
        class_="turn",
        id=f"turn-{order}",
        data_turn=order,
        data_link=turn.link,
        aria_label=f"Question {order + 1}",
    )


def _answer(answer: Answer) -> Markup:
    if answer.status == "error":
        reason = answer.reason or "This question could not be asked."
        return tag("p", reason, class_="verdict verdict-error", role="alert")
    if not answer.parts:
        return _single(answer, 1)
    sections: list[Markup] = []
    number = 1
    for part in answer.parts:
        sections.append(
            tag("section", tag("h3", part.question, class_="part-question"), _single(part, number), class_="part")
        )
        number += len(quotes_beside(part))
    return join(sections)


def _unread(question: str) -> Markup:
    return tag(
        "p",
        f"{UNREAD} ",
        tag("button", "Ask with the reader", type="button", class_="quiet", data_closely=question),
        class_="unread",
    )


def _single(answer: Answer, number: int) -> Markup:
    said = tag("p", answer.disagreement, class_="disagreement", role="note") if answer.disagreement else None
    if is_about_posts(answer):
        shown = [found_posts(answer), cards(quotes_beside(answer), number)]
    elif answer.quotes:
        shown = [_quoted(answer, number)]
    else:
        shown = [_refused(answer), found_posts(answer)]
    return join([understood_line(answer), said, *shown])


def _quoted(answer: Answer, number: int) -> Markup:
    words, advice = BAND_WORDS[answer.band]
    count = len(answer.quotes)
    posts = len({quote.post_id for quote in answer.quotes})
    total = f"{amount(count, 'quotation')} from {amount(posts, 'post')}"
    return join(
        [
            tag("p", _band(answer.band, words), tag("span", advice, class_="advice"), class_="verdict", title=total),
            cards(answer.quotes, number, answer.band if count > 1 else None),
            _uncovered(answer),
        ]
    )


def _refused(answer: Answer) -> Markup:
    reason = answer.reason or "Nothing in the posts comes close enough to the question."
    closest = None
    if answer.closest:
        closest = tag(
            "details",
            tag("summary", CLOSEST),
            cards(answer.closest, None),
            class_="closest",
            data_fold=f"closest-{answer.question}",
        )
    return join(
        [
            tag("p", no_answer(answer), class_="refusal"),
            tag("p", reason, class_="reason"),
            _uncovered(answer),
            closest,
        ]
    )


def no_answer(answer: Answer) -> str:
    """What an answer without quotes is called: what could not be looked for is not called absent from the posts."""
    if answer.status == "error":
        return "Not asked"
    return "Not in these posts" if answer.searched else "Not understood"


def _band(band: Band, words: str) -> Markup:
    return tag("span", words, class_=f"band band-{band}")


def lacking(answer: Answer) -> str | None:
    """How the words of the question that the quotes do not have are introduced; None if nothing is said of them."""
    if not answer.uncovered or is_about_posts(answer):
        return None
    if answer.quotes:
        # if the words fit closely, the missing one only belongs to the form of the question
        return None if answer.band == "high" else "Nothing near these words mentions"
    # not repeated if the reason already names the words
    return None if any(word in (answer.reason or "") for word in answer.uncovered) else "Nothing close by mentions"


def _uncovered(answer: Answer) -> Markup | None:
    lead = lacking(answer)
    named = [tag("span", f"“{word}”", class_="uncovered") for word in answer.uncovered]
    return tag("p", f"{lead} ", join(named, ", "), ".", class_="uncovered-line") if lead else None


def _actions(turn: Turn, order: int) -> Markup:
    if turn.answer.status == "error":
        again = tag("button", "Ask again", type="button", class_="quiet", data_again=turn.question)
        edit = tag("button", "Edit and ask again", type="button", class_="quiet", data_edit=order)
        return tag("div", tag("div", again, edit, class_="row-actions"), class_="actions")
    reports = [
        tag("button", words, type="button", class_="quiet", data_report=value)
        for value, words in REPORTS[turn.answer.status]
    ]
    subject = about_subject(turn.answer)
    about = f"Everything said about {subject}" if subject else None
    note_id = f"note-{order}"
    form = tag(
        "div",
        tag("label", "The words that do answer it, if you know them (optional)", for_=note_id),
        tag("textarea", "", id=note_id, rows=2, maxlength=2000),
        tag("div", *reports, class_="reports"),
        class_="report-form",
    )
    return tag(
        "div",
        found_fold(turn.answer),
        tag("button", about, type="button", class_="about-button", data_about=subject) if about else None,
        tag(
            "div",
            tag("button", "Copy link", type="button", class_="quiet", data_copy_link=turn.link),
            tag("button", "Edit and ask again", type="button", class_="quiet", data_edit=order),
            tag("button", "This is right", type="button", class_="quiet", data_report="right"),
            tag("details", tag("summary", "Something is wrong"), form, class_="report", data_fold="report"),
            tag("span", "", class_="said", role="status"),
            class_="row-actions",
        ),
        class_="actions",
    )
