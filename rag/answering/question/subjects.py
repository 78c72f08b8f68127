"""The subjects of a question: its names, and the noun phrases to which a later pronoun may refer."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rag.text.irregular_forms import verb_forms_of
from rag.text.tokens import Word, is_stop, stem, words

__all__ = ["Phrase", "content_stems", "is_past", "names_of", "phrases_of"]

# small words that join the parts of a name: "Bureau of Labor Statistics"
_JOINING = frozenset({"of", "the", "and", "for", "de", "la", "van", "von", "&", "in"})
# Main verbs of questions with an auxiliary; a noun phrase ends before them. The list is closed: other verbs are known
# by their place (`_verbs_by_place`), and one that is not only makes a phrase a word longer.
_VERBS = re.compile(
    r"^(?:have|has|had|hav(?:ing)|use[sd]?|using|run|runs|ran|build|builds|built|make|makes|made|write|writes|wrote|written"
    r"|lead|leads|led|open(?:s|ed)?|start(?:s|ed)?|launch(?:es|ed)?|begin|begins|began|work(?:s|ed)?|help(?:s|ed)?"
    r"|pay|pays|paid|invent(?:s|ed)?|found(?:ed)?|create[sd]?|develop(?:s|ed)?|introduce[sd]?|host(?:s|ed)?"
    r"|organi[sz]e[sd]?|detect(?:s|ed)?|put|keep|keeps|kept|say|says|said|mean|means|meant|stand|stands|go|goes|went"
    r"|come|comes|came|take|takes|took|give|gives|gave|get|gets|got|cost|costs|need|needs|want|wants|know|knows|happen"
    r"|happened|become|became|enter(?:s|ed)?|called|tell|define|describe|explain|list|name|compare|officially|actually"
    r"|mention(?:s|ed)?|discuss(?:es|ed)?|attend(?:s|ed)?|solve[sd]?|speak|speaks|spoke|really|does|do|did|according)$",
    re.IGNORECASE,
)
# nouns that Roman numerals follow; behind others, "I" is the pronoun
_NUMBERED = frozenset({"War", "Part", "Phase", "Title", "Volume", "Type", "Class", "Chapter", "Act", "Tier", "Stage"})
_NAME_WORD = re.compile(r"^[#@]?(?:[A-Z]|[a-z]*[A-Z]|[\w-]+\.(?:gov|com|org|net|io|mil|edu)\b|[A-Za-z]*-?\d)")
# a saying or title in quotation marks is one token
_SAYING = r"“[^“”]{1,200}”|\"[^\"]{1,200}\"|(?<!\w)['‘]\w[^'‘’]{0,200}['’](?!\w)"
_TOKEN = re.compile(rf"{_SAYING}|[#@]?\w(?:[\w.'’&/-]*\w)?|&")
_QUOTATION_MARKS = ("“", '"', "'", "‘")
_ANYTHING = frozenset({"anything", "something", "everything", "nothing", "anyone", "someone", "everyone", "anybody"})
_ASKING = frozenset({"who", "whom", "whose", "what", "when", "where", "why", "which", "how"})


# a verb in its base form follows the subject of these
_SUPPORTING = frozenset({"do", "does", "did", "can", "could", "should", "would", "will", "may", "might", "must"})
# those of `_VERBS` that need no object, so that what comes before them is the subject whole: "How does the seed library
# work?"
_ENDING = frozenset({"begin", "come", "go", "happen", "launch", "mean", "open", "run", "start", "work"})
_BEING = frozenset({"is", "are", "was", "were", "been"})
_HAVING = frozenset({"has", "have", "had"})
_PRONOUNS = frozenset({"i", "we", "you", "he", "she", "it", "they"})
_CHOOSING = frozenset({"which", "what"})
# a noun follows these, whatever its ending: "What is a seed?"
_DETERMINERS = frozenset(
    {"a", "an", "the", "this", "that", "these", "those", "my", "your", "his", "her", "its", "our", "their"}
)
# a verb in its base form after these belongs to the noun behind it: "the benefits of open source"
_BEFORE_NOUNS = frozenset({"of", "for", "in", "on", "about", "with", "by", "from", "at", "between", "under"})
# "U.S. Forest Service", "Dr. Moss": a full stop that does not end anything
_SHORTENED = re.compile(r"(?:(?:[A-Z]\.)*[A-Z]|Dr|Mr|Mrs|Ms|Prof|St|Mt|Ft|Gov|Sen|Rep)")
_YEAR = re.compile(r"(?:19|20)\d\d")
# plurals without an "s"
_PLURALS = frozenset({"people", "men", "women", "children", "staff", "police"})
# words from "which" to the verb: "which open source project added"
_MAX_CHOSEN = 5


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase of a question that names a thing; ``asking`` if "which" or "how many" comes before it."""

    text: str
    start: int
    end: int
    is_name: bool
    is_plural: bool
    asking: bool = False

    @property
    def is_year(self) -> bool:
        """Whether it is only a year, which says when and is nothing that a pronoun stands for."""
        return _YEAR.fullmatch(self.text) is not None


def names_of(question: str) -> list[Phrase]:
    """The names in a question, in order.

    >>> [name.text for name in names_of("Who runs the Bureau of Labor Statistics app?")]
    ['Bureau of Labor Statistics']
    """
    return [phrase for phrase in phrases_of(question) if phrase.is_name]


def content_stems(text: str) -> tuple[str, ...]:
    """The stems of a text's content words, in order."""
    found = words(text)
    return tuple(root for word, root in zip(found, stem(found), strict=True) if not is_stop(word))


def phrases_of(question: str) -> list[Phrase]:
    """The noun phrases of a question, in order: runs of words that are neither grammar nor a verb."""
    found: list[Phrase] = []
    tokens = list(_TOKEN.finditer(question))
    verbs, nouns = _verbs_by_place(question, tokens), _nouns_by_place(question, tokens)
    at = 0
    while at < len(tokens):
        if at not in nouns and (at in verbs or not _names_something(tokens[at][0], first=at == 0)):
            at += 1
            continue
        is_name, end = _is_name(tokens[at][0], first=at == 0), at + 1
        while end < len(tokens) and _touch(question, tokens[end - 1], tokens[end]):
            here = tokens[end][0]
            if end in verbs:
                break
            if _names_something(here, first=False) and _is_name(here, first=False) == is_name:
                end += 1
            elif is_name and here == "I" and tokens[end - 1][0] in _NUMBERED:
                end += 1  # "World War I"
            elif (
                is_name
                and here in _JOINING
                and end + 1 < len(tokens)
                and not (here == "in" and _YEAR.fullmatch(tokens[end + 1][0]))
                and _is_name(tokens[end + 1][0], first=False)
                and _touch(question, tokens[end], tokens[end + 1])
            ):
                end += 2
            else:
                break
        phrase = _phrase(question, tokens, at, end, is_name=is_name)
        if tokens[at][0].startswith(_QUOTATION_MARKS) and found and found[-1].end == phrase.start - 1:
            kind = found.pop()  # "the phrase “dark traffic”"
            phrase = replace(phrase, text=question[kind.start : phrase.end], start=kind.start)
        found.append(phrase)
        at = end
    return found


def _nouns_by_place(question: str, tokens: list[re.Match[str]]) -> frozenset[int]:
    """The numbers of the tokens that look like verbs and belong to a noun by their place: "of open source"."""
    return frozenset(
        at
        for at in range(1, len(tokens))
        if _VERBS.match(tokens[at][0]) and not tokens[at][0].endswith(("ing", "ed"))
        if tokens[at - 1][0].lower() in _DETERMINERS
        or (
            tokens[at - 1][0].lower() in _BEFORE_NOUNS
            and at + 1 < len(tokens)
            and _names_something(tokens[at + 1][0], first=False)
            and _touch(question, tokens[at], tokens[at + 1])
        )
    )


def _verbs_by_place(question: str, tokens: list[re.Match[str]]) -> frozenset[int]:
    """The numbers of the tokens that must be verbs by their place: "Who owns", "did the council approve the plan"."""
    said = [token[0].lower() for token in tokens]
    found: set[int] = set()
    for at in range(1, len(said)):
        if said[at - 1] == "who" and not _is_stop_token(said[at]):
            found.add(at)
        if said[at - 1] == "how":
            found.add(at)  # "how fast" does not name a thing
        if said[at - 1] in _SUPPORTING:
            found.update(_main_verb(question, tokens, at))
        chosen = said[at - 1] in _CHOOSING or said[max(at - 2, 0) : at] in (["how", "many"], ["how", "much"])
        if chosen and (verb := _past_behind(tokens, at)) is not None:
            found.add(verb)
        if at + 1 < len(said) and said[at - 1] in _BEING | _HAVING and is_past(tokens[at][0]):
            # "Who was given the task?", but "What is shared parking?"
            found.update([at] if _is_stop_token(said[at + 1]) else ())
    if not _BEING.isdisjoint(said[:-1]) and is_past(tokens[-1][0]) and said[-2] not in _DETERMINERS:
        found.add(len(said) - 1)  # "When was the office established?"
    return frozenset(found)


def _main_verb(question: str, tokens: list[re.Match[str]], at: int) -> list[int]:
    """The number of the verb whose subject begins after "did" or "can"; none if it cannot be told."""
    while at < len(tokens) and _is_stop_token(tokens[at][0]):
        if tokens[at][0].lower() in _PRONOUNS:
            return [at + 1]
        at += 1
    begin, names = at, at
    while (
        names < len(tokens)
        and _is_name(tokens[names][0], first=False)
        and (names == begin or _touch(question, tokens[names - 1], tokens[names]))
    ):
        names += 1
    end = names
    while (
        end < len(tokens)
        and _names_something(tokens[end][0], first=False)
        and not _is_name(tokens[end][0], first=False)
        and (end == begin or _touch(question, tokens[end - 1], tokens[end]))
    ):
        end += 1
    if names == begin and end == len(tokens) and end - begin > 2 and not tokens[0][0].lower().startswith("wh"):  # noqa: PLR2004
        return [begin + 1]  # "does swiper support regular expressions?"
    if end < len(tokens) and tokens[end][0] in _ENDING and _touch(question, tokens[end - 1], tokens[end]):
        return []  # "When did the bike shop open?"
    # a single word after a name is its verb, but "the app" alone is a subject
    return [end - 1] if end - (begin if names == begin else names - 1) > 1 else []


def _past_behind(tokens: list[re.Match[str]], at: int) -> int | None:
    """The number of the verb of "which version added ...", if it is in the past."""
    for verb in range(at + 1, min(at + _MAX_CHOSEN, len(tokens))):
        word = tokens[verb][0]
        if _is_stop_token(word):
            return None
        if is_past(word):
            return verb
    return None


def is_past(word: str) -> bool:
    """Whether a word may be a verb in the past: "added", "built", but not "feed" or "goes".

    >>> is_past("built"), is_past("goes")
    (True, False)
    """
    base, *others = verb_forms_of(word)
    return word.islower() and not word.endswith("s") and (word in others if others else base.endswith("ed"))


def _is_stop_token(token: str) -> bool:
    """Whether a token only carries grammar."""
    return all(map(is_stop, words(token)))


def _phrase(question: str, tokens: list[re.Match[str]], at: int, end: int, *, is_name: bool) -> Phrase:
    if is_name and at > 1 and tokens[at - 1][0].istitle() and _touch(question, tokens[at - 1], tokens[at]):
        at -= 1  # "In Custodia Legis", "The Verge"
    elif is_name and at > 2 and tokens[at - 1][0] == "the" and tokens[at - 2][0].istitle():  # noqa: PLR2004
        at -= 2  # "We the People"
    start, stop = tokens[at].start(), tokens[end - 1].end()
    text = question[start:stop].removesuffix("'s").removesuffix("’s")
    last = text.split()[-1].lower()
    before = [token[0].lower() for token in tokens[max(at - 2, 0) : at]]
    asking = bool(before) and (before[-1] in {"which", "what", "whose"} or before in (["how", "many"], ["how", "much"]))
    plural = not is_name and (last in _PLURALS or (last.endswith("s") and not last.endswith(("ss", "us", "is"))))
    return Phrase(text, start, start + len(text), is_name, plural, asking)


def _touch(question: str, one: re.Match[str], other: re.Match[str]) -> bool:
    """Whether there is only a space between two tokens, or a full stop that marks a shortened word."""
    between = question[one.end() : other.start()].strip()
    joined = not between or (between == "." and _SHORTENED.fullmatch(one[0]) is not None)
    return joined and not one[0].endswith(("'s", "’s"))


def _names_something(token: str, *, first: bool) -> bool:
    if token.startswith(_QUOTATION_MARKS):
        return True
    read = words(token)
    if not read or token.lower() in _ASKING or token.lower() in _ANYTHING:
        return False
    if _is_name(token, first=first):
        return True
    return not all(map(_is_grammar, read)) and not _VERBS.match(token)


def _is_grammar(word: Word) -> bool:
    return is_stop(word)


def _is_name(token: str, *, first: bool) -> bool:
    if token.startswith(_QUOTATION_MARKS):
        return True
    read = words(token)
    if not read or (first and all(map(is_stop, read))) or (first and token[1:].islower() and _VERBS.match(token)):
        return False
    if all(map(is_stop, read)) and not (len(token) > 1 and token.isupper()):
        return False
    return bool(_NAME_WORD.match(token)) and not (first and token[1:].islower())
