"""Detects the language of a question that is not in English."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rag.text.tokens import is_stop, words

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

__all__ = ["foreign_language"]

# 995 of 1,000 English questions (of 5,110) have a share of joining words of 0.2 or more; nine questions in German,
# French, Spanish, Italian and Dutch have 0.17 or less ("was", "in" and "die" are English words too).
_MAX_JOINING_SHARE = 0.18
# English joining words that other languages have too, so they are no evidence
_SHARED = frozenset({"a", "am", "an", "as", "do", "in", "me", "no", "on", "so", "was"})
# words; a detector cannot recognise the language of fewer
_MIN_WORDS = 3
# the detector's probability for a language; English keywords reach at most 0.4 for another one
_MIN_SHARE = 0.5
# the languages to choose from; the detector's others are rare and take probability from similar ones
_NAMES = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "ca": "Catalan",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}


def foreign_language(question: str) -> str | None:
    """The language of a question; None if it is English or unknown.

    >>> foreign_language("Wer hat den QR-Code erfunden?"), foreign_language("Who invented the QR code?")
    ('German', None)
    """
    found = words(question)
    joining = [word for word in found if is_stop(word) and word.text not in _SHARED]
    if len(found) < _MIN_WORDS or len(joining) > _MAX_JOINING_SHARE * len(found):
        return None
    (code, share), *_ = _detector().rank(question)
    return _NAMES[code] if code != "en" and share >= _MIN_SHARE else None


@lru_cache(maxsize=1)
def _detector() -> LanguageIdentifier:
    from rag.answering.question.language_model import open_detector

    return open_detector(sorted(_NAMES))
