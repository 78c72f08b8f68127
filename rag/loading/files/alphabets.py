"""Which single-byte encoding a text in Latin letters has: the one whose letters are those of one language."""

from __future__ import annotations

import re

__all__ = ["latin_encoding"]

# the letters of each language besides a to z, in lower case; punctuation counts for none
_WESTERN = (
    "àâæçèéêëîïôœùûüÿ",  # French
    "äöüßéàè",  # German, with loan words
    "áéíñóúüïç¿¡ªº",  # Spanish, Catalan without its grave accents, Basque
    "àçèéíïòóúü·",  # Catalan
    "áâãàçéêíóôõúªº",  # Portuguese
    "àèéìíîòóùú",  # Italian
    "åäöéüàæøêèóôò",  # Swedish, Danish, Norwegian and Finnish
    "áæðéíóöúýþø",  # Icelandic and Faroese
    "áàâäèéêëíïîóòöôúùüûç",  # Dutch and Afrikaans
    "áéíóúàèìòù",  # Irish and Gaelic
    "äöõüšž",  # Estonian
    "ëçâ",  # Albanian
)
# Czech, Slovak, Polish, Hungarian, Slovene, Croatian and Romanian
_CENTRAL = ("áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "ąćęłńóśźż", "áéíóöőúüű", "čšž", "čćđšž", "ăâîşţ")
# encodings of other languages that are written in Latin letters, and the letters of those languages
_OTHERS = (
    ("cp1250", _CENTRAL),
    ("iso8859-2", _CENTRAL),
    ("cp1254", ("çğıöşüâîû",)),
    ("cp1257", ("ąčęėįšųūž", "āčēģīķļņšūž")),
)

# Slovene has the fewest such letters of these languages, one in fifty; English has fewer.
MIN_SHARE = 0.015
MIN_LETTERS = 6  # accented ones; of fewer, a word that was misspelt decides
MIN_FITTING = 0.98  # share of a language's own letters; the rest is in names
MAX_WESTERN = 0.96  # above this share, the text is in a Western language, with foreign names in it

# English has as many foreign letters as it has foreign names, in any mixture; a sixth of its words are these
_ENGLISH = re.compile(r"\b(?:the|and|of|with|that|was)\b", re.IGNORECASE)
_WORD = re.compile(r"\w+")
MAX_ENGLISH = 0.03  # share of words; titles of books and songs are quoted in any language

_TAG = re.compile(r"<[^<>]*+>")
_PUNCTUATION = frozenset("\xa0§©®°«»“”„‘’‚–—…•†‡€£™´\xad")


def latin_encoding(data: bytes) -> str | None:
    """The encoding of a text in Central European, Turkish or Baltic letters, or None if it may be Western.

    >>> latin_encoding("Příliš žluťoučký kůň úpěl ďábelské ódy".encode("cp1250"))
    'cp1250'
    """
    marked, letters = _letters(data, "cp1252")
    text = _TAG.sub(" ", data.decode("latin-1"))
    if len(_ENGLISH.findall(text)) > MAX_ENGLISH * len(_WORD.findall(text)):
        return None
    if len(marked) < max(MIN_LETTERS, MIN_SHARE * letters) or _fitting(marked, _WESTERN) > MAX_WESTERN:
        return None
    scored = ((_fitting(_letters(data, codec)[0], alphabets), codec) for codec, alphabets in _OTHERS)
    best = max(scored, key=lambda one: one[0])
    return best[1] if best[0] >= MIN_FITTING else None


def _letters(data: bytes, codec: str) -> tuple[list[str], int]:
    """The characters beyond a to z in the lines that have any, and the number of all letters in those lines."""
    text = _TAG.sub("\n", data.decode(codec, "replace"))
    lines = [line for line in text.split("\n") if not line.isascii()]
    marked = [
        one for line in lines for one in line.replace("İ", "ı").lower() if one > "\x7f" and one not in _PUNCTUATION
    ]
    return marked, sum(one.isalpha() for line in lines for one in line)


def _fitting(marked: list[str], alphabets: tuple[str, ...]) -> float:
    """The largest share of these characters that are in one of the alphabets."""
    return max(sum(one in alphabet for one in marked) for alphabet in alphabets) / max(len(marked), 1)
