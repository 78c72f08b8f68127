"""English words, so that a correct word is never taken for a misspelling."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spellchecker import SpellChecker

__all__ = ["is_english_word"]

_ISE = re.compile(r"is(?=(?:e[ds]?|ing|er|ers|ation|ations)$)")


def is_english_word(word: str) -> bool:
    """Whether a word is in a list of 160,000 English words, in any case.

    >>> is_english_word("Routers"), is_english_word("inveted")
    (True, False)
    """
    lower = word.lower()
    # the list lacks some British forms: "colourless", "digitisation"
    return any(form in _words() for form in (lower, lower.replace("our", "or"), _ISE.sub("iz", lower)))


@lru_cache(maxsize=1)
def _words() -> SpellChecker:
    """The list of pyspellchecker; it is read only for an unknown word, which takes about 0.1 seconds."""
    from spellchecker import SpellChecker

    return SpellChecker(language="en", distance=1)
