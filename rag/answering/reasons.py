"""Why there is no answer, in one sentence for a person, made from what was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.answering.kinds import kind_found
from rag.answering.query import looks_foreign
from rag.answering.ranker import roots_of, uncovered
from rag.text.annotations import facts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.answering.query import AskedFor
    from rag.answering.ranking import Ranking
    from rag.records import Quote

__all__ = ["missing_words", "reason"]

_THING: dict[AskedFor, str] = {
    "number": "number or amount",
    "date": "date",
    "who": "name",
    "where": "place",
    "why": "reason",
    "how": "way of doing it",
    "definition": "definition",
    "list": "list",
    "yesno": "clear yes or no",
    "what": "answer",
}


def missing_words(ranking: Ranking, found: Sequence[Quote]) -> list[str]:
    """Words of the question that are in none of the quotes or their titles, as the question writes them."""
    texts = [facts(f"{quote.post_title}\n{quote.text}") for quote in found]
    return uncovered(ranking.query, *texts)


def reason(ranking: Ranking, found: Sequence[Quote], missing: Sequence[str], frequency: Callable[[str], int]) -> str:
    """Say why the quotes that came nearest are no answer.

    ``missing`` are the words that they lack; ``frequency`` gives the number of chunks that hold a stem.
    """
    query = ranking.query
    unknown = [word for root, word in query.shown if not any(map(frequency, roots_of(root, word)))]
    about = [word for _, word in query.shown if word not in missing]
    if unknown:
        rest = f"; the nearest quotes mention only {_listed(about)}" if about and found else ""
        language = " Only questions in English are understood." if looks_foreign(query, unknown) else ""
        return f"{_listed(unknown)} {_do(unknown)} not appear in these posts{rest}.{language}"
    if not found:
        return "Nothing in these posts comes near this question."
    if not about:
        verb = "appears" if len(missing) == 1 else "appear"
        return f"{_listed(missing)} {verb} in these posts, but in no sentence near the question."
    subject = f"mention {_listed(about)}"
    if not kind_found(query, facts(f"{found[0].post_title}\n{found[0].text}")):
        return f"The posts {subject}, but the nearest quotes give no {_THING[query.asked_for]} for it."
    if missing:
        return f"The posts {subject}, but the nearest quotes do not mention {_listed(missing)}."
    return f"The posts {subject}, but no sentence clearly answers this."


def _listed(some: Sequence[str]) -> str:
    quoted = [f"“{word}”" for word in some]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _do(some: Sequence[str]) -> str:
    return "does" if len(some) == 1 else "do"
