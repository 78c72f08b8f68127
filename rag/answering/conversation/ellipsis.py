"""Follow-ups that leave out all but one thing, as whole questions: "And X?", "In 2014?", "Why?", "Which ones?"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rag.answering.question.query import VERBS
from rag.answering.question.subjects import content_stems, is_past, phrases_of
from rag.text.irregular_forms import verb_forms_of
from rag.text.plurals import amount
from rag.text.tokens import is_stop, words

if TYPE_CHECKING:
    from rag.answering.question.subjects import Phrase

__all__ = [
    "AUXILIARY",
    "WHO",
    "asked_otherwise",
    "instead",
    "meant",
    "of_others",
    "opened",
    "other_thing",
    "other_word",
]

_ASKING = r"(?:who|whom|whose|what|when|where|why|which|how(?:\s+(?:many|much|long|often|far|old|big))?)"
AUXILIARY = rf"(?:{VERBS})"
_LINK = r"(?:(?:and|but|or|so|ok|okay|then)\W++)?"
# "in 2014" says when or where; "for X" and "of X" may also name the thing itself
_PLACING = r"(?:in|on|at|since|before|after|during|under|without|near|from)"
# "What about X?", "And X?", "No, I meant X", "In X?": the same question about another thing
_INSTEAD = re.compile(
    rf"^\W*+{_LINK}(?:what|how)\s+about\s++(?P<about>.*\w|.)\W*+$"
    r"|^\W*+(?:(?:no|sorry|actually)\W*+)?i\s+(?:meant?|mean|was\s+asking\s+about)\s++(?P<meant>.*\w|.)\W*+$"
    rf"|^\W*+(?:and|but|or)\W++(?P<and>(?!{_ASKING}\b|{AUXILIARY}\b|then\b|also\b)[^,?]{{2,60}}?)\W*$"
    rf"|^\W*+{_LINK}(?P<placed>{_PLACING}\s+(?!{_ASKING}\b)[^,?]{{2,40}}?)(?:\s+(?:too|also|as\s+well|instead))?\W*$",
    re.IGNORECASE,
)
# "No, I meant why it does not": a question of its own
_MEANT = re.compile(
    rf"^\W*+(?:(?:no|sorry|actually)\W*+)?i\s+(?:meant?|was\s+asking)\s++(?P<asked>(?:{_ASKING}|{AUXILIARY})\b.*)$",
    re.IGNORECASE,
)
_PLACED = re.compile(rf"^(?P<how>{_PLACING})\s+(?P<thing>.+)$", re.IGNORECASE)
_OTHERWISE_JOINED = re.compile(r"^(?:for|of|with|by|to|about)\s+(?=\S)", re.IGNORECASE)
_IS = re.compile(rf"^\W*(?:{_ASKING}\s+)?(?:is|are|was|were)\b", re.IGNORECASE)
_DETERMINED = re.compile(r"^(?:the|an?|this|that|these|those|my|your|his|her|its|our|their)\b")
_ONE = re.compile(r"(?<!\s)\s++ones?$", re.IGNORECASE)
# the commonest nouns after names, all of things that software people name; others stay behind the new name
_HEAD_NOUN = re.compile(
    r"\s+(?:app|site|website|tool|program|programme|project|platform|team|office)\b(?!\s+of\b)", re.IGNORECASE
)
_NUMBER = re.compile(r"(?<![\w.])\d[\w.]*(?<!\.)")
_YEAR = re.compile(r"(?:19|20)\d\d")
# "Why?", "And when?", "By whom?", "Why is that?", "In which year?": the same thing, but another question word
_BARE = re.compile(
    rf"^\W*(?:(?:and|but|so|then)\W+)?(?P<asks>(?:(?:in|on|at|by|to|for|from|since|with|about|of|against)\s+)?{_ASKING}"
    r"(?:(?:(?<=which)|(?<=what))\s+(?:year|month|day|date))?(?:\s+(?:so|exactly|else|not))?)"
    rf"(?:(?:(?<=why)|(?<=when)|(?<=how))\s+{AUXILIARY}(?:n['’]t)?\s+(?:that|this|it|they|he|she|we))?\W*$",
    re.IGNORECASE,
)
# "Which ones?", "How many?", after each other
_WHICH_ONES = re.compile(
    r"^\W*(?:and\W+)?which(?:\s+(?:ones?|of\s+them|are\s+(?:they|those|these)))?\W*$", re.IGNORECASE
)
_HOW_MANY = re.compile(r"^\W*(?:and\W+)?how\s+many(?:\s+(?:of\s+them|are\s+(?:there|they)))?\W*$", re.IGNORECASE)
# "And how many agencies?": the same of other things
_SAME_OF_OTHERS = re.compile(
    rf"^\W*{_LINK}(?P<asks>how\s+(?:many|much)|which|what|whose)\s++(?P<thing>(?:(?!{AUXILIARY}\b)[\w'’-]++\s*+){{1,4}})\W*$",
    re.IGNORECASE,
)
_COUNTING, _LISTING = re.compile(r"^\W*how\s+many\b", re.IGNORECASE), re.compile(r"^\W*(?:which|what)\b", re.IGNORECASE)
_WH_FIRST = re.compile(
    rf"^\W*(?:(?:in|on|at|by|to|for|from|since|with)\s+)?{_ASKING}\b(?:(?!\b{AUXILIARY}\b).)*?(?=\b{AUXILIARY}\b)",
    re.IGNORECASE,
)
_YES_NO = re.compile(rf"^\W*{AUXILIARY}\b", re.IGNORECASE)
_EXISTS = re.compile(r"^\W*(?P<be>is|are|was|were)\s+there\s+(?:an?|any|some)\s++(?P<thing>.*\w)\W*+$", re.IGNORECASE)
# "What is a ferry?"
_KIND = re.compile(r"^\W*what(?:['’]s|\s+is)\s+an?\s+(?P<kind>[a-z][a-z -]{1,60}[a-z])\W*$", re.IGNORECASE)
# what an earlier follow-up has added: "..., and why?"
_AND_WHY = re.compile(rf",\s+and\s+(?:\w+\s+)?{_ASKING}(?:\s+not)?\?$")
WHO = re.compile(r"^\W*who(?:m|se)?\b", re.IGNORECASE)
_ELSE = re.compile(r"(?<!\s)\s++else$", re.IGNORECASE)
# "Who founded Rome?"
_WHO_DID = re.compile(
    r"^\W*who\s+(?:first\s+|originally\s+)?(?P<did>[a-z]++)\s++(?!(?:against|for|in|on|at|to|with|from|about|by|of|out|up)\b)(?P<thing>[^,;]*\w)\W*+$",
    re.IGNORECASE,
)
# the only participles that are not the last form of their verb
_PARTICIPLES = {"ran": "run", "overcame": "overcome"}


def meant(question: str) -> str:
    """What is asked after "No, I meant", if that is a question; otherwise the question.

    >>> meant("No, I meant why it failed"), meant("No, I meant Drupal")
    ('why it failed', 'No, I meant Drupal')
    """
    found = _MEANT.match(question)
    return question if found is None else found["asked"]


def other_thing(question: str) -> str | None:
    """The thing about which the previous question is asked again; None if it is not.

    >>> other_thing("What about Drupal?"), other_thing("And in Wales?"), other_thing("Who built it?")
    ('Drupal', 'in Wales', None)
    """
    found = _INSTEAD.match(question)
    if found is None:
        return None
    thing = found["about"] or found["meant"] or found["and"] or found["placed"]
    return None if all(is_stop(word) for word in words(thing)) else thing


def other_word(question: str) -> str | None:
    """The question word with which the previous question is asked again; None if it is not.

    >>> other_word("And by whom?"), other_word("Why is that?"), other_word("Who built it?")
    ('by whom', 'Why', None)
    """
    if _WHICH_ONES.match(question):
        return "which"
    if _HOW_MANY.match(question):
        return "how many"
    found = _BARE.match(question)
    return None if found is None else re.sub(r"(?<!\s)\s++(?:so|exactly)$", "", found["asks"], flags=re.IGNORECASE)


def of_others(question: str, earlier: str) -> str | None:
    """The previous question, asked with the same word of other things; None if it is not.

    >>> of_others("And how many ducks?", "How many hens lived here?")
    'How many ducks lived here?'
    """
    found = _SAME_OF_OTHERS.match(question)
    phrase = next((one for one in phrases_of(earlier) if one.asking), None)
    if found is None or phrase is None:
        return None
    thing = found["thing"].strip()
    if all(is_stop(word) for word in words(thing)) or _has_verb(thing):
        return None
    if " ".join(found["asks"].lower().split()) not in earlier[: phrase.start].lower():
        return None
    return f"{earlier[: phrase.start]}{thing}{earlier[phrase.end :]}"


def _has_verb(thing: str) -> bool:
    """Whether the things asked about already do something: "(how many) watched online"."""
    first, *rest = thing.split()
    return bool(rest) and is_past(first) and not rest[-1].endswith("s")


def instead(thing: str, earlier: str) -> tuple[str, str]:
    """The previous question, asked about another thing, and that thing without its preposition.

    >>> instead("1.64", "When was Rust 1.63 released?")[0], instead("in Wales", "Who pays for care?")[0]
    ('When was Rust 1.64 released?', 'Who pays for care in Wales?')
    """
    if (placed := _PLACED.match(thing)) is not None:
        return _placed(placed["how"], placed["thing"], earlier), placed["thing"]
    bare = _OTHERWISE_JOINED.sub("", thing)
    if bare != thing and not re.search(rf"\b{re.escape(thing.split(maxsplit=1)[0])}\b", earlier) and _IS.match(earlier):
        return f"{earlier.rstrip('?. ')} {thing}?", bare  # "How much is a ticket (for children)?"
    if _NUMBER.fullmatch(bare) and (number := _number_like(bare, earlier)) is not None:
        return f"{earlier[: number.start()]}{bare}{earlier[number.end() :]}", bare
    names_a_kind = _ONE.search(bare) is not None
    bare = _ONE.sub("", bare)
    replaced = _replaced(bare, earlier)
    if replaced is None:
        return f"{earlier.rstrip('?. ')}: {bare}?", bare
    start, end = _with_article(earlier, replaced)
    if bare.islower() and not _DETERMINED.match(bare):
        start = replaced.start  # "the benefits of open source", "What about costs?"
    if bare != thing and re.search(r"\bto\s+$", earlier[:start], re.IGNORECASE):
        return f"{earlier.rstrip('?. ')} {thing}?", bare  # "How much does it cost to join (for students)?"
    rest = earlier[end:]
    if re.match(r"['’]s?\b", rest):
        bare = re.sub(r"['’]s?$", "", bare)  # "Anna's duties", "And Ben's?"
    return earlier[:start] + bare + (rest if names_a_kind else _without_tail(rest, bare)), bare


def _placed(how: str, thing: str, earlier: str) -> str:
    """The previous question, at another place or time."""
    number = _number_like(thing, earlier) if _NUMBER.fullmatch(thing) else None
    if number is not None:
        return f"{earlier[: number.start()]}{thing}{earlier[number.end() :]}"
    for phrase in reversed(phrases_of(earlier)):
        start, end = _with_article(earlier, phrase)
        before = re.search(rf"\b{re.escape(how)}\s+$", earlier[:start], re.IGNORECASE)
        if before is not None and bool(_NUMBER.fullmatch(thing)) == bool(_NUMBER.fullmatch(phrase.text)):
            return f"{earlier[:start]}{thing}{earlier[end:]}"
    return f"{earlier.rstrip('?. ')} {how.lower()} {thing}?"


def _number_like(number: str, earlier: str) -> re.Match[str] | None:
    """The last number of a question that another may replace: a year only a year."""
    is_year = _YEAR.fullmatch(number) is not None
    several = [found for found in _NUMBER.finditer(earlier) if (_YEAR.fullmatch(found[0]) is not None) == is_year]
    return several[-1] if several else None


def _replaced(thing: str, earlier: str) -> Phrase | None:
    phrases = _heads(earlier)
    kinds = phrases_of(f"the {thing}")
    alike = [phrase for phrase in phrases if kinds and phrase.is_name == kinds[0].is_name and not phrase.asking]
    same = [phrase for phrase in alike if phrase.is_plural == kinds[0].is_plural]
    shared = [phrase for phrase in alike if not phrase.is_name and _share(phrase, kinds[0])]
    if shared:
        return shared[0]  # "What do people in towns pay?", "And people outside?"
    return next(iter((same or alike or [phrase for phrase in phrases if not phrase.asking] or phrases)[-1:]), None)


def _heads(earlier: str) -> list[Phrase]:
    """The phrases of a question, without the common nouns that belong to a name: "the Harrow Weir (newsletter)"."""
    phrases = phrases_of(earlier)
    named = {phrase.end + 1 for phrase in phrases if phrase.is_name}
    return [phrase for phrase in phrases if phrase.is_name or phrase.start not in named]


def _share(one: Phrase, other: Phrase) -> bool:
    """Whether two phrases have a word in common."""
    return not set(content_stems(one.text)).isdisjoint(content_stems(other.text))


def _without_tail(rest: str, thing: str) -> str:
    """The text after a replaced name, without the common noun that belonged to it: "the Release Mako (app)"."""
    found = _HEAD_NOUN.match(rest)
    return rest[found.end() :] if found and thing.removeprefix("the ")[:1].isupper() else rest


def _with_article(text: str, phrase: Phrase) -> tuple[int, int]:
    before = re.search(r"\b(?:the|a|an)\s+$", text[: phrase.start], re.IGNORECASE)
    return (before.start() if before else phrase.start), phrase.end


def asked_otherwise(asks: str, earlier: str) -> str:
    """The previous question with another question word.

    >>> asked_otherwise("when", "Who founded Rome?"), asked_otherwise("why", "Is the mill closed?")
    ('When was Rome founded?', 'Why is the mill closed?')
    """
    if asks == "how many" and (kind := _KIND.match(earlier)) is not None:
        return f"How many {amount(2, kind['kind']).removeprefix('2 ')} are there?"
    for word, before in (("which", _COUNTING), ("how many", _LISTING)):
        if asks == word and (found := before.match(earlier)) is not None:
            return opened(word) + earlier[found.end() :]
    earlier = _AND_WHY.sub("?", earlier)
    if (same := re.match(rf"^\W*{re.escape(_ELSE.sub('', asks))}\b", earlier, re.IGNORECASE)) is not None:
        return opened(asks) + earlier[same.end() :]  # "Who built it?", "Who else?"
    rest = None if asks.lower().endswith(" not") else _rest(asks, earlier)
    if rest is None:
        return f"{earlier.rstrip('?. ')}, and {asks.lower()}?"
    return f"{opened(asks)} {rest}"


def _rest(asks: str, earlier: str) -> str | None:
    """What follows the question word if the previous question is asked with another; None if that cannot be told."""
    if (there := _EXISTS.match(earlier)) is not None:
        return f"{there['be'].lower()} the {there['thing']}?"
    if _YES_NO.match(earlier):
        return f"{earlier[:1].lower()}{earlier[1:]}"
    if not asks.lower().startswith("how ") and (passive := _done(earlier)) is not None:
        return f"{passive}?"
    rest = _WH_FIRST.sub("", earlier, count=1)
    return None if rest == earlier or WHO.match(earlier) else rest


def _done(earlier: str) -> str | None:
    """What was done in "Who founded Rome?": "was Rome founded"; None for other questions."""
    found = _WHO_DID.match(earlier)
    if found is None:
        return None
    did, forms = found["did"].lower(), verb_forms_of(found["did"].lower())
    if did in forms[1:] and not did.endswith("s"):  # "goes" is the present
        done = _PARTICIPLES.get(did, forms[-1])
    elif did.endswith("ed"):
        done = did
    else:
        return None
    phrases = phrases_of(f"of {found['thing']}")
    return f"{'were' if phrases and phrases[0].is_plural else 'was'} {found['thing']} {done}"


def opened(question: str) -> str:
    """A question with a capital at its beginning."""
    return question[:1].upper() + question[1:]
