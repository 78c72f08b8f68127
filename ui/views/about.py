"""Everything said about a thing: the button that asks for it, and the pane that shows it post by post."""

from __future__ import annotations

import re
from calendar import day_name, month_name
from itertools import count
from typing import TYPE_CHECKING

from rag.answering.question.subjects import content_stems, phrases_of
from rag.text.plurals import amount
from rag.text.tokens import stem, words
from ui.views.citations import Ref, ref_of
from ui.views.html import Markup, join, tag
from ui.views.quotes import covered_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.answering.posts.mentions import Mentions, PostMentions
    from rag.answering.question.subjects import Phrase
    from rag.records import Answer, Post, Quote

__all__ = ["MAX_SENTENCES", "MAX_SUBJECT_CHARS", "about_panel", "about_subject"]

# Sentences shown at once; `pullquote about` writes all of them to a file.
MAX_SENTENCES = 200

# Longer phrases are not the name of a thing, and get no button.
MAX_SUBJECT_CHARS = 60

# Words before a noun that count things or choose among them, so that the phrase does not name one.
_CHOOSING = re.compile(
    r"a|any|average|best|big|bigger|biggest|certain|different|each|every|exact|few|final|first|five|four|good"
    r"|great|high|higher|highest|important|large|larger|largest|last|least|less|little|long|longest|low|lower"
    r"|lowest|main|major|many|more|most|new|newest|next|oldest|one|only|other|own|particular|past|possible"
    r"|previous|same|second|several|shortest|similar|single|small|smaller|smallest|some|specific|such|ten|third"
    r"|three|total|two|typical|usual|various|whole|worst"
)

# Nouns that say nothing without what they belong to.
_VAGUE = re.compile(
    r"amount|answer|area|article|aspect|author|benefit|blog|case|cost|date|day|detail|difference|effect"
    r"|event|example|fact|factor|feature|figure|form|goal|hour|idea|issue|item|job|kind|level|list|lot"
    r"|matter|mean|meaning|measure|minute|moment|month|name|number|part|percent|percentage|person|people|phrase"
    r"|piece|place|post|problem|proportion|purpose|question|rate|reason|result|share|side|size|sort"
    r"|step|sum|task|term|text|thing|time|title|type|use|version|way|week|word|work|writer|year"
)

_CALENDAR = frozenset(word.casefold() for word in (*day_name, *month_name) if word)

# "Access to Elected Fund": the name goes on.
_NAME_BEFORE = re.compile(r"(?<=\s)[A-Z]\w* (?:to|at|on|with|by|from) $")
_NAME_BEHIND = re.compile(r" (?:to|at|on|with|by|from) [A-Z]")

# "the term “dark traffic”": the words in quotation marks are the thing.
_SAYING = re.compile(r"[“\"]([^“”\"]+)[”\"]")


def about_subject(answer: Answer) -> str | None:
    """What an answer is about: a name in the question, or its longest phrase, that is also in a quote of the answer.

    None if the question names nothing that is quoted, or only something that many posts mention in passing ("three
    reasons", "work", "Saturday"), and for a refusal, because its posts contain different words.
    """
    if answer.status == "no_answer":
        return None
    quotes = [*answer.quotes, *(post.best for post in answer.posts if post.best is not None)]
    said = [_stems(quote.text) for quote in quotes]
    question = answer.understood or answer.question
    phrases = [one for one in phrases_of(question) if not one.asking and _is_thing(one, question)]
    for phrase in sorted(phrases, key=lambda one: (not one.is_name, -len(one.text))):
        saying = _SAYING.search(phrase.text)
        name = saying[1] if saying is not None else phrase.text
        form = _stems(name)
        if form and len(name) <= MAX_SUBJECT_CHARS and any(_holds(text, form) for text in said):
            return name
    return None


def _is_thing(phrase: Phrase, question: str) -> bool:
    """Whether a phrase says by itself which thing is meant.

    A name does, unless it is a day, a month or a figure; a phrase of several words, if it neither counts and chooses
    among things nor ends in a word like "kind"; a common noun only if the question asks about nothing else.
    """
    said = phrase.text.casefold().split()
    if phrase.is_name:
        whole = not _NAME_BEFORE.search(question[: phrase.start]) and not _NAME_BEHIND.match(question, phrase.end)
        return whole and not all(word in _CALENDAR or not word.isalpha() for word in map(_bare, said))
    if _CHOOSING.fullmatch(said[0]) or said[0][0].isdigit() or _VAGUE.fullmatch(said[-1].removesuffix("s")):
        return False
    return len(said) > 1 or content_stems(question) == content_stems(phrase.text)


def _bare(word: str) -> str:
    return word.strip("“”\"'‘’.,()")


def _stems(text: str) -> list[str]:
    return stem(words(text))


def _holds(text: Sequence[str], form: Sequence[str]) -> bool:
    return any(text[at : at + len(form)] == form for at in range(len(text) - len(form) + 1))


def about_panel(found: Mentions) -> Markup:
    """The reading pane with every sentence about a thing, under its post, oldest post first."""
    counted = f"{amount(found.count, 'sentence')} in {amount(len(found.posts), 'post')}, oldest first"
    names = f"Also called {', '.join(found.names[1:])}" if len(found.names) > 1 else None
    numbers = count(1)
    shown = [_post(one.post, one.quotes[: MAX_SENTENCES - before], numbers) for one, before in _counted(found.posts)]
    left = found.count - MAX_SENTENCES
    more = f"{left:,} more. The command pullquote about “{found.subject}” shows them all." if left > 0 else None
    return tag(
        "div",
        tag(
            "div",
            tag(
                "div",
                tag("button", "Back", type="button", class_="quiet source-close", data_close=True, aria_label="Back"),
                tag("span", class_="source-walk"),
                class_="source-tools",
            ),
            tag("h2", f"Everything said about {found.subject}", tabindex="-1", id="source-title", dir="auto"),
            tag("p", join([fact for fact in (counted, names) if fact], " · "), class_="source-facts"),
            class_="source-head",
        ),
        tag(
            "div",
            *shown,
            tag("p", more, class_="faint") if more else None,
            class_="source-scroll about-list",
            tabindex=0,
            role="region",
            aria_label=f"Everything said about {found.subject}",
        ),
        class_="source about",
        data_about_shown=found.subject,
    )


def _counted(posts: Sequence[PostMentions]) -> Iterator[tuple[PostMentions, int]]:
    """The posts that fit, each with the number of sentences before it."""
    before = 0
    for one in posts:
        if before >= MAX_SENTENCES:
            return
        yield one, before
        before += len(one.quotes)


def _post(post: Post, quotes: Sequence[Quote], numbers: Iterator[int]) -> Markup:
    title = tag("a", post.title or "Untitled post", href=Ref(post.post_id).href, class_="cite-link", dir="auto")
    facts = join([fact for fact in (post.date, post.source) if fact], " · ")
    rows = [_sentence(quote, next(numbers)) for quote in quotes]
    return tag("section", tag("h3", title), tag("p", facts, class_="faint") if facts else None, *rows)


def _sentence(quote: Quote, number: int) -> Markup:
    cite = tag(
        "a", f"[{number}]", href=ref_of(quote).href, class_="cite", aria_label=f"Sentence {number}: show in the post"
    )
    words_ = tag("blockquote", covered_words(quote.text, quote.covered), class_="words", dir="auto")
    return tag("div", words_, cite, class_="quote")
