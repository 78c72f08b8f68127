"""The words of English, so that a right word is never taken for a slip of another."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spellchecker import SpellChecker

__all__ = ["is_english_word"]

_ISE = re.compile(r"is(?=(?:e[ds]?|ing|er|ers|ation|ations)$)")


def is_english_word(word: str) -> bool:
    """Tell whether a list of 160,000 English words has a word, in whatever case.

    >>> is_english_word("Routers"), is_english_word("inveted")
    (True, False)
    """
    lower = word.lower()
    # the list lacks some British forms: "colourless", "digitisation"
    return any(form in _words() for form in (lower, lower.replace("our", "or"), _ISE.sub("iz", lower)))


@lru_cache(maxsize=1)
def _words() -> SpellChecker:
    """The list of pyspellchecker; reading it takes some 0.1 seconds, which only an unknown word costs."""
    from spellchecker import SpellChecker

    return SpellChecker(language="en", distance=1)
