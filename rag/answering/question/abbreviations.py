"""Abbreviations and the words that they stand for: "Long Form (LF)", "LF (Long Form)", "a long form, or LF"."""

from __future__ import annotations

import re

__all__ = ["EXPANDED", "HELD", "initials_of", "is_shortened", "long_form_level", "shortened", "spells_out"]

# levels, as in `definitions`: the long form is right beside the abbreviation, or elsewhere in the same sentence
EXPANDED, HELD = 6.0, 4.0
_MIN_INITIALS = 2
# fewest letters for which a long form counts at a distance from its abbreviation
_MIN_APART = 3
_SMALL = frozenset({"of", "the", "and", "for", "in", "on", "to", "a", "an", "at", "by", "with", "de", "&"})
_TOKEN = re.compile(r"[^\W_]\.(?:[^\W_]\.)+|[^\W_]+(?:['’][^\W_]+)?|&")


def spells_out(text: str, short: str) -> bool:
    """Whether a text has capitalised words with the letters of an abbreviation, but not the abbreviation itself.

    For example "the Bureau of Harbour Pilots" in a post that later says "BHP".
    """
    initials = _initials(short)
    if len(initials) < _MIN_APART or _has(text, short):
        return False
    return any(
        all(token[:1].isupper() or token.casefold() in _SMALL for token in _TOKEN.findall(text[start:end]))
        for start, end in _runs(text, initials)
    )


def initials_of(name: str) -> str:
    """The initials of a name of three words or more; "" if it has fewer or is not a name.

    >>> initials_of("the U.S. Weir Survey"), initials_of("the old mill")
    ('USWS', '')
    """
    found = ""
    for token in _TOKEN.findall(name):
        if token.casefold() in _SMALL:
            continue
        if not token[0].isupper():
            return ""
        found += "".join(filter(str.isalpha, token)) if "." in token else token[0]
    return found if len(found) >= _MIN_APART else ""


def is_shortened(name: str, text: str) -> bool:
    """Whether a text has the initials of a name as a word.

    >>> is_shortened("the Weir Survey Office", "The WSO was closed."), is_shortened("the old mill", "The mill is old.")
    (True, False)
    """
    short = initials_of(name)
    return bool(short) and re.search(rf"\b{short}\b", text) is not None


def _initials(short: str) -> list[str]:
    return [sign.casefold() for sign in short if sign.isalpha()]


def _has(text: str, short: str) -> bool:
    """Whether a text has an abbreviation, even as part of another word: "HTA-funded"."""
    return re.search(rf"(?<!\w){re.escape(short)}(?:s|es)?(?!\w)", text) is not None


def _behind(short: str) -> re.Pattern[str]:
    """A pattern of an abbreviation after its long form: " (LF)", ", or LF", "” (the LF"."""
    short = re.escape(short)
    return re.compile(
        rf"[”\"’']?(?:\s+[\d.]+)?\s*(?:[(\[](?:the\s)?|,[”\"’']?\s*(?:or\s+)?)[“\"‘']?{short}\b[”\"’')\]]{{0,2}}"
    )


def long_form_level(text: str, short: str) -> float:
    """How plainly a sentence gives the words that an abbreviation stands for."""
    initials = _initials(short)
    if len(initials) < _MIN_INITIALS:
        return 0.0
    here, behind = _has(text, short), _behind(short)
    before = re.compile(rf"{re.escape(short)}s?\s*(?:[(\[:=,–—-]|stands\s+for|means)\s*(?:the\s+)?[“\"‘']?$")
    named = re.compile(rf"\b[A-Z][\w’'-]{{1,40}}\s{{1,9}}[A-Z][\w’'-]{{1,40}}\s{{1,9}}[(\[]{re.escape(short)}s?[)\]]")
    for start, end in _runs(text, initials):
        if text[start:end] == short:
            continue
        if behind.match(text, end) or before.search(text[:start]):
            return EXPANDED
        if here and text[start].isupper():
            return HELD
    return HELD if named.search(text) else 0.0  # "Extensible Markup Language (XML)"


def shortened(text: str, short: str) -> str:
    """A text with the abbreviation in place of "Long Form (LF)": "LF is a ..."."""
    initials, behind = _initials(short), _behind(short)
    for start, end in _runs(text, initials) if len(initials) >= _MIN_INITIALS else ():
        if (found := behind.match(text, end)) is not None:
            return f"{text[:start]}{short}{text[found.end() :]}"
    return text


def _runs(text: str, initials: list[str]) -> list[tuple[int, int]]:
    """Spans of two or more words whose first letters are these; small words between them are skipped."""
    tokens = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text)]
    found = []
    for place, (first, start, _) in enumerate(tokens):
        if first[:1].casefold() != initials[0]:
            continue
        at, left, end, used = place, initials, start, 0
        while left and at < len(tokens):
            token, _, stop = tokens[at]
            letters = [sign.casefold() for sign in token if sign.isalpha()]
            if "." in token and left[: len(letters)] == letters:
                left = left[len(letters) :]
            elif letters[:1] == left[:1]:
                left = left[1:]
            elif (token.casefold() not in _SMALL and text[tokens[at][1] - 1] != "-") or not used:
                break
            at, end, used = at + 1, stop, used + 1
        if not left and used >= _MIN_INITIALS:
            found.append((start, end))
    return found
