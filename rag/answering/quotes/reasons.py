"""Why there is no answer, in a sentence for a person that the quotes shown below it never contradict."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.answering.question.commissions import not_quotable
from rag.answering.question.courtesies import is_courtesy
from rag.answering.question.language import foreign_language
from rag.answering.selection.ranker import roots_of, uncovered
from rag.text.annotations import DATE, NUMBER, NUMBER_WORD, facts
from rag.text.tokens import is_stop, stem, words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.answering.question.query import AskedFor, Query
    from rag.answering.selection.ranking import Ranking
    from rag.records import Quote

__all__ = [
    "ASK_ALL",
    "NOTHING_ASKED",
    "NOTHING_NAMED",
    "TYPED",
    "covers_keywords",
    "missing_words",
    "rare_words",
    "reason",
    "related",
    "unasked_reason",
    "unknown_reason",
]

# what a refusal of a question to one post says if other posts answer it
ASK_ALL = "Other posts answer it: ask all posts."
TYPED = "The nearest sentence of these posts is the one that was typed with the question."
# the refusals that say something of the question and nothing of the posts, in which nothing was looked for
NOTHING_NAMED = "The question names nothing to search for. Say what it is about."
NOTHING_ASKED = "This asks nothing. Ask what the posts say of a thing, or what they are about."
_THING: dict[AskedFor, str] = {"number": "number or amount", "date": "date", "who": "name", "where": "place"}
_CAPITALISED = re.compile(r"\b[A-Z][\w’'-]*")
# inverse document frequency, 0.0 to 1.0, from which a word is rare; words in no post are just below 1.0
_RARE, _UNKNOWN = 0.6, 0.97
# letters of a word shown in a reason
_MAX_LETTERS = 40
# cosine from which a sentence is related to a question without sharing a word
_RELATED = 0.4


def missing_words(ranking: Ranking, found: Sequence[Quote]) -> list[str]:
    """The words of the question that are in none of the quotes or their titles, as written in the question."""
    texts = [facts(f"{quote.post_title}\n{quote.text}") for quote in found]
    return uncovered(ranking.query, *texts)


def related(found: Sequence[Quote]) -> list[Quote]:
    """The quotes related to the question: they share a word with it or are near it in meaning."""
    return [
        quote
        for quote in found
        if quote.covered or any(one.name == "sentence_similarity" and one.value >= _RELATED for one in quote.features)
    ]


def unasked_reason(question: str) -> str | None:
    """The reason for refusing what no quote can answer: a greeting, a poem to write, another language; else None."""
    if is_courtesy(question):
        return NOTHING_ASKED
    if (why := not_quotable(question)) is not None:
        return why
    language = foreign_language(question)
    return None if language is None else f"This question seems to be in {language}; only English is understood."


def unknown_reason(question: str) -> str:
    """The reason for refusing a question of which no word is in the posts or English."""
    unknown = list(dict.fromkeys(question[word.start : word.end] for word in words(question) if not is_stop(word)))
    shown = [word if len(word) <= _MAX_LETTERS else f"{word[:_MAX_LETTERS]}…" for word in unknown]
    return f"{_listed(shown)} {_do(shown)} not appear in these posts."


def reason(
    ranking: Ranking,
    found: Sequence[Quote],
    missing: Sequence[str],
    frequency: Callable[[str], int],
    scope: str | None = None,
) -> str:
    """Why the nearest quotes are not an answer.

    ``missing`` has the words that they lack; ``frequency`` gives the number of chunks with a stem; ``scope`` is the
    title of the post that was asked, None if all were.
    """
    query = ranking.query
    unknown = [word for root, word in query.shown if not any(map(frequency, roots_of(root, word)))]
    about = [word for _, word in query.shown if word not in missing]
    where = "these posts" if scope is None else f"the post “{scope}”"
    if unknown:
        rest = f"; the nearest quotes mention only {_listed(about)}" if about and found else ""
        return f"{_listed(unknown)} {_do(unknown)} not appear in these posts{rest}."
    if not found:
        return f"Nothing in {where} comes near this question."
    if not about:
        return f"No sentence of {where} near this question mentions {_listed(missing, 'or')}."
    subject = f"The nearest quotes in {where} mention {_listed(about)}"
    if missing:
        return f"{subject}, but not {_listed(missing, 'or')}."
    if query.asked_for in _THING and not any(_gives_kind(query, quote) for quote in found):
        return f"{subject}, but give no {_THING[query.asked_for]}."
    return f"{subject}, but no sentence clearly answers this."


def covers_keywords(query: Query, first: Quote) -> bool:
    """Whether a question is a few keywords that are all in one quote, which is then what was searched for."""
    written = words(query.text)
    if any(map(is_stop, written)) or query.text.rstrip().endswith("?"):
        return False
    return not uncovered(query, facts(f"{first.post_title}\n{first.text}"))


def rare_words(ranking: Ranking, missing: Sequence[str], rarity: Callable[[str], float]) -> list[str]:
    """Of the words that the quotes lack, those in few posts, the rarest first."""
    weights = {word: rarity(root) for root, word in ranking.query.shown if word in missing}
    return sorted(
        (word for word, weight in weights.items() if _RARE <= weight < _UNKNOWN), key=lambda word: -weights[word]
    )


def _gives_kind(query: Query, quote: Quote) -> bool:
    """Whether a quote may contain the kind of thing asked for; if in doubt, it does."""
    here = facts(f"{quote.post_title}\n{quote.text}")
    if query.asked_for == "number":
        return here.holds(NUMBER) or here.holds(NUMBER_WORD)
    if query.asked_for == "date":
        return here.holds(DATE) or here.holds(NUMBER)
    for name in _CAPITALISED.findall(here.text):
        read = words(name)
        if any(not is_stop(word) and root not in query.every_stem for word, root in zip(read, stem(read), strict=True)):
            return True
    return False


def _listed(some: Sequence[str], joining: str = "and") -> str:
    quoted = [f"“{word}”" for word in some]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {joining} {quoted[-1]}"


def _do(some: Sequence[str]) -> str:
    return "does" if len(some) == 1 else "do"
