"""Follow-ups that name only another extreme: "And the oldest?" after "What is the newest post?"."""

from __future__ import annotations

import re

__all__ = ["other_extreme"]

# "the oldest", but not "the forest"
_EXTREME = re.compile(
    r"\b(?:first|last|(?:most|least)(?P<noun>\s+\w+)?"
    r"|(?!(?:(?:mid)?west|forest|interest|guest|request|harvest|protest|contest|chest|nest|rest|pest|test|arrest|priest|honest"
    r"|everest)\b)[a-z]{2,}est)\b",
    re.IGNORECASE,
)
_AMOUNTS = frozenset({"most", "least", "fewest"})


def other_extreme(thing: str, earlier: str) -> tuple[str, str] | None:
    """The previous question, asked for another extreme, and that extreme; None if it names something else.

    >>> other_extreme("the oldest", "What is the newest post?"), other_extreme("the forest", "Who has the best mill?")
    (('What is the oldest post?', 'oldest'), None)
    """
    other, same = _EXTREME.fullmatch(thing.removeprefix("the ")), _EXTREME.search(earlier)
    if other is None or same is None:
        return None
    kept = (same["noun"] or "") if other[0].lower() in _AMOUNTS else ""  # "the most boats", "the fewest (boats)"
    return f"{earlier[: same.start()]}{other[0]}{kept}{earlier[same.end() :]}", other[0]
