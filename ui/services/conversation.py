"""The conversation: what was asked in this window, what of it is kept, and how a link asks it again."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from rag.answering.files.question_rows import MAX_QUESTION_CHARACTERS
from rag.errors import IndexAway, InputError, PullquoteError
from rag.records import Answer
from ui.views.answer import Turn, drawn, render_log
from ui.views.welcome import HeapFacts, welcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ui.services.index_holder import Shelf
    from ui.services.saved_conversations import Saved, SavedConversations
    from ui.views.html import Markup

__all__ = [
    "MAX_TURNS",
    "Link",
    "Window",
    "ask",
    "ask_on",
    "branch",
    "keep",
    "read_link",
    "reopened",
    "show",
]

# Earlier questions to which a follow-up can refer, and which a link includes.
MAX_HISTORY = 7

# Characters of a link that proxies commonly let through. Earlier questions that do not fit are left out.
MAX_LINK_CHARS = 8_000

# Characters of an address that are read: a question of the greatest length, with three for each character.
MAX_ADDRESS_CHARS = 40_000

# Turns kept on the page; older ones are only in the saved conversation.
MAX_TURNS = 40

# Questions a link may ask at once when it is opened.
MAX_LINK_QUESTIONS = 8

# Seconds between tries to reach a server: a restarted one is ready after five to forty.
RECONNECT_PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)

Turns = tuple[Turn, ...]


@dataclass(slots=True)
class Window:
    """A browser window, across its conversations: the same object for all of its events.

    ``turns`` is what it shows, or will as soon as the values on their way reach it. ``browser`` is the key of its
    browser, "" until that is known. With ``fast`` its questions are answered without the reader. ``find`` is the text
    searched for in its list of conversations, ``deleted`` the last deleted conversation, which the list offers to
    restore.
    """

    conversation: int = 0
    turns: Turns = ()
    browser: str = ""
    fast: bool = False
    find: str = ""
    deleted: Saved | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """The request in an address of the page.

    ``asked`` has the questions, each with the post to which it is restricted; ``conversation_id`` names a saved
    conversation and ``scope_id`` the post for the next question.
    """

    asked: tuple[tuple[str, str | None], ...] = ()
    conversation_id: str = ""
    scope_id: str = ""


def ask(
    shelf: Shelf,
    question: object,
    turns: Turns,
    scope_id: str | None,
    *,
    patient: bool = False,
    fast: bool = False,
) -> Turns:
    """The conversation with one more turn; an invalid question becomes a turn that says why.

    With ``fast`` it is answered without the reader.

    Raises:
        IndexAway: with ``patient``, the server of the index does not answer.

    """
    words = question.strip() if isinstance(question, str) else ""
    if not words:
        return turns
    if len(words) > MAX_QUESTION_CHARACTERS:
        reason = f"The question is longer than {MAX_QUESTION_CHARACTERS:,} characters. Ask it in fewer words."
        return _with(turns, _failed(words[:MAX_QUESTION_CHARACTERS], reason))
    history = [turn.question for turn in turns if turn.answer.status != "error"][-MAX_HISTORY:]
    with shelf.lend_to_reader() as index:
        try:
            title = index.post(scope_id).title if scope_id else ""
            answer = index.ask(words, history=history, post_id=scope_id, explain=True, fast=fast)
            unread = fast or not index.reads
        except PullquoteError as error:
            if patient and isinstance(error, IndexAway):
                raise
            return _with(turns, _failed(words, str(error)))
        generation = index.catalogue.snapshot
    turn = Turn(words, answer, "", scope_id, title, tuple(history), generation=generation, fast=unread)
    return _with(turns, replace(turn, link=_link([*turns, turn])))


def ask_on(
    shelf: Shelf,
    question: object,
    turns: Turns,
    scope_id: str | None,
    window: Window,
    aside: Callable[[Turns], object] | None = None,
) -> Iterator[Turns]:
    """Like `ask`, but while the server of the index is away, the turn says so; then it has the answer or gives up.

    Ends silently if the window now shows another conversation, where the answer does not belong; ``aside`` gets it
    instead.
    """
    began = window.conversation
    for after in _answers(shelf, question, turns, scope_id, fast=window.fast):
        if window.conversation != began:
            if aside is not None:
                aside(after)
            return
        yield after


def _answers(shelf: Shelf, question: object, turns: Turns, scope_id: str | None, *, fast: bool) -> Iterator[Turns]:
    for pause in RECONNECT_PAUSES:
        try:
            yield ask(shelf, question, turns, scope_id, patient=True, fast=fast)
        except IndexAway as error:
            words = str(question).strip()[:MAX_QUESTION_CHARACTERS]
            yield _with(turns, _failed(words, f"Reconnecting to the index, please wait. {error}"))
            time.sleep(pause)
            with contextlib.suppress(PullquoteError):
                shelf.reopen()
        else:
            return
    yield ask(shelf, question, turns, scope_id, fast=fast)


def _failed(question: str, reason: str) -> Turn:
    return Turn(question, Answer(question, "error", 0.0, "low", reason=reason), "")


def _with(turns: Turns, turn: Turn) -> Turns:
    """The conversation with one more turn, rendered once; how the answer was found is kept only in that form."""
    order, conversation_id = (turns[-1].order + 1, turns[-1].conversation_id) if turns else (0, "")
    turn = drawn(replace(turn, order=order, conversation_id=conversation_id))
    turn = replace(turn, answer=_untraced(turn.answer))
    return (*turns, turn)[-MAX_TURNS:]


def _untraced(answer: Answer) -> Answer:
    return replace(answer, trace=None, parts=tuple(_untraced(part) for part in answer.parts))


def keep(saved: SavedConversations | None, turns: Turns) -> tuple[Turns, str]:
    """Save what is not saved yet; return the turns, with the conversation that has them, and the error in words."""
    if not turns or saved is None:
        return turns, ""
    # one that was deleted meanwhile, perhaps in another window, stays deleted; what is shown here is saved anew
    known = turns[-1].conversation_id if saved.has(turns[-1].conversation_id) else ""
    conversation_id = known or saved.new_id()
    unsaved = turns[-1:] if known else turns
    try:
        for turn in unsaved:
            saved.add(conversation_id, turn)
    except InputError as error:
        return turns, str(error)
    return tuple(replace(turn, conversation_id=conversation_id) for turn in turns), ""


def branch(turns: Turns, order: object) -> Turns:
    """The turns before one that is asked again, as the start of a new conversation; all of them if none is."""
    if not isinstance(order, int) or isinstance(order, bool):
        return turns
    return tuple(replace(turn, conversation_id="") for turn in turns if turn.order < order)


def reopened(saved: SavedConversations | None, conversation_id: str) -> Turns:
    """A saved conversation as shown on the page; empty if there is none."""
    turns = saved.load(conversation_id)[-MAX_TURNS:] if saved is not None else []
    return tuple(drawn(replace(turn, conversation_id=conversation_id)) for turn in turns)


def _link(turns: Sequence[Turn]) -> str:
    """The query string that asks the last question again, after as many earlier ones as fit in a link."""
    link = ""
    for turn in reversed([turn for turn in turns if turn.answer.status != "error"][-MAX_LINK_QUESTIONS:]):
        asked = urlencode([("q", turn.question), *([("post", turn.scope_id)] if turn.scope_id else [])])
        longer = f"{asked}&{link}" if link else asked
        if link and len(longer) > MAX_LINK_CHARS:
            break
        link = longer
    return f"?{link}"


def read_link(search: object) -> Link:
    """The request in the query string of an address of the page.

    >>> read_link("?q=Who%3F&q=When%3F&post=p1").asked
    (('Who?', None), ('When?', 'p1'))
    """
    if not isinstance(search, str):
        return Link()
    asked: list[tuple[str, str | None]] = []
    named = {"c": "", "scope": ""}
    try:
        pairs = parse_qsl(search.removeprefix("?")[:MAX_ADDRESS_CHARS], max_num_fields=100)
    except ValueError:
        return Link()
    for name, value in pairs:
        if name == "q" and value.strip():
            asked.append((value.strip()[:MAX_QUESTION_CHARACTERS], None))
        elif name == "post" and asked:
            asked[-1] = (asked[-1][0], value[:64])
        elif name in named:
            named[name] = value[:64]
    return Link(tuple(asked[:MAX_LINK_QUESTIONS]), named["c"], named["scope"])


def show(shelf: Shelf, turns: Turns) -> Markup:
    """The log: the turns, or before the first one, a first look at the heap."""
    if turns:
        return render_log(turns, shelf.generation())
    with shelf.lend_holdings() as holdings:
        topics = holdings.topics_found
    heap = HeapFacts(
        len(holdings.lines),
        len(holdings.files),
        holdings.dates,
        holdings.kinds["undated"],
        holdings.authors.most_common(),
        holdings.sites,
        None if topics is None else [(topic.name, len(topic.posts)) for topic in topics],
    )
    return welcome(heap, shelf.suggested())
