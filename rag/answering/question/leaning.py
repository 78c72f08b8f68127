"""Whether a question depends on the one before: it refers back, or says hardly anything on its own."""

from __future__ import annotations

import re

from rag.answering.question.query import ASKING, VERBS, is_name
from rag.answering.question.subjects import phrases_of
from rag.text.tokens import is_stop, words

__all__ = ["EXPLETIVE", "LATEST_VERSION", "leans_back", "says_something"]

_OPENING = re.compile(
    r"^\W*(?:and|but|so|or|then|also|what about|how about|tell me more|go on|more|how so"
    r"|(?:any|some)thing else|what else)\b",
    re.IGNORECASE,
)
_BACKWARD = re.compile(
    r"\b(?:he|she|it|they|him|them|his|her|hers|its|their|theirs|this|that|these|those|there|then|one|ones|"
    r"the (?:former|latter|same|other|others)|such)\b(?!\s+(?:is|are|was|were)\s+(?:a|an)\b)",
    re.IGNORECASE,
)
# "Is it safe to open a battery?": "it" is the opening; in "Is it safe to eat?" it is a thing
EXPLETIVE = re.compile(
    r"\bit\s+(?:(?:be|is|was|still|ever|really|so|too)\s+){0,2}(?:acceptable|advisable|bad|better|cheaper|common|dangerous"
    r"|difficult|easier|easy|essential|fine|good|hard|harder|harmful|illegal|important|impossible|lawful|legal|necessary"
    r"|normal|ok|okay|permitted|possible|risky|rude|safe|safer|sensible|unsafe|useful|usual|wise|wrong)"
    r"\s+(?:for\s+(?:\w+\s+){1,3}?)?to\s+(?!be\b)\w+\s+(?:(?:away|back|down|off|out|up)\s+)?"
    r"(?:(?:an?|the|some|any|my|your|our|his|her|its|their|this|that|these|those|one['’]s)\s+\w"
    r"|(?!(?:always|indoors|nowadays|outdoors|overseas|sometimes|besides|towards)\b)[a-z]{3,}s\b)",
    re.IGNORECASE,
)
# "is there a cap", "there is no cap", "is it true that", "one of", "no one", "such as" refer to nothing earlier
_FORWARD = re.compile(
    rf"\b(?:{VERBS}|be|been)\s+there(?=\s+\w)|\bthere\s+(?:is|are|was|were|be|been)\b"
    r"|\b(?:is|was)\s+it\s+\w+\s+that\b|\bno\s+one\b|\bone\s+of\b|\bsuch\s+as\b",
    re.IGNORECASE,
)
# "In Wales?", "for mobile apps too": a place or time for the previous question
_PLACED = re.compile(
    rf"^\W*(?:in|on|at|for|from|with|by|since|before|after|during|under|without)\s++(?!.*\b(?:{ASKING}|{VERBS})\b)"
    r"[^,?]{2,40}\?\W*$"
    rf"|^\W*(?-i:in|on|at|for|from|with|by|since|before|after|during)\s++(?!.*\b(?:{ASKING}|{VERBS})\b)[^,?]{{2,40}}$",
    re.IGNORECASE,
)
# "No, I meant ...": the previous question was misunderstood
_RETRACTING = re.compile(r"^\W*(?:(?:no|sorry|actually)\b\W*)?i\s+(?:meant?|was\s+asking\s+about)\b", re.IGNORECASE)
# "What is X?", "Who was X?", "What does X stand for?", "Tell me about X": X is a subject, however short
_DEFINING = re.compile(
    r"^\W*(?:what|who)(?:['’]s|\s+(?:is|are|was|were))\s+(?!the\b|so\b|else\b)(?:an?\s+)?[\w.&'’-]+\W*$"
    r"|^\W*what\s+do(?:es)?\s+(?:an?\s+)?[\w.&'’-]+\s+(?:mean|stand\s+for|do)\W*$"
    r"|^\W*(?:define|explain|describe|tell\s+me\s+about|(?:more\s+)?about)\s+(?!(?:what|which|whom?)\b)[\w.&'’-]+\W*$",
    re.IGNORECASE,
)
# "the app" with nothing after it that says which: one mentioned earlier. A question with another noun stands alone.
_GENERIC = re.compile(
    r"\bthe\s+(?:app|application|platform|site|website|program|programme|project|tool|agency|company|organi[sz]ation"
    r"|team|service|system|event|bot|law|policy|plan|study|survey|person|author|place|city|country|product|term|phrase|word)"
    r"(?:['’]s\b|(?=\W*$|\s+(?:is|are|was|were|do|does|did|can|could|has|have|had|cost|work|use|run|made|built)\b))",
    re.IGNORECASE,
)
# "Which version is the newest?", of something named before
LATEST_VERSION = re.compile(
    r"^\W*(?:(?:which|what)\s+(?P<kind>version|release|edition)\s+is\s+(?:the\s+)?(?:newest|latest|current|most\s+recent)"
    r"|what(?:['’]s|\s+is)\s+the\s+(?:newest|latest|current|most\s+recent)\s+(?P<what>version|release|edition)"
    r"|(?:and\s+)?(?:the\s+)?(?:newest|latest|current)\s+(?P<only>version|release|edition))\W*$",
    re.IGNORECASE,
)
# content words before a pronoun that it may stand for; one may be the verb
_MAX_BEFORE_PRONOUN = 2
# content words with which a question that refers back can still be asked alone
_MIN_ALONE = 3
# "... to respond to it?", "... use them in June?": the object of its clause, which is never the clause's own subject
_OBJECT = re.compile(
    r"^(?:it|this|them|these|those|him|her)\b(?:\W*$|\s+(?:about|after|at|before|by|during|for|from|in|into|now|on|online"
    r"|to|today|with|within|without)\b)",
    re.IGNORECASE,
)
_SEVERAL = frozenset({"them", "these", "those"})
# a clause of its own begins after these, and its subject may be any noun before
_JOINING = re.compile(
    rf"\b(?:{ASKING}|after|and|as|because|before|but|if|or|since|so|than|that|unless|until|while)\b", re.IGNORECASE
)
# the first verb of the clause; "have" and "do" may be main verbs, so only the first one counts
_VERB = re.compile(rf"\b(?:{VERBS}|may|might|must|shall)\s+", re.IGNORECASE)
# "Which agencies use it?"
_WHICH = re.compile(r"^\W*(?:which|what|how\s+many)\s+", re.IGNORECASE)
# "to" before a verb, and more characters than that can match
_INFINITIVE, _MAX_TO = re.compile(r"\bto\s{1,9}$", re.IGNORECASE), 12
_SPEAKER = re.compile(r"^(?:i|we|you|he|she|they|one|anyone|somebody|someone)\b", re.IGNORECASE)
_POLITE = re.compile(
    r"^\W*(?:please|tell me|can you tell me|could you tell me|do you know|i want to know)[\s,:]+", re.IGNORECASE
)


def leans_back(question: str) -> bool:
    """Whether a question depends on the one before: it refers back, or says hardly anything on its own.

    >>> leans_back("And what is his job?"), leans_back("Who founded the city of Rome?"), leans_back("What is RID?")
    (True, False, False)
    """
    bare = _POLITE.sub("", question)
    if _OPENING.search(bare) or _RETRACTING.search(bare) or LATEST_VERSION.match(bare) or _PLACED.match(bare):
        return True
    rest = _FORWARD.sub(" ", _without_expletive(bare))
    pointing = next(iter(_BACKWARD.finditer(rest)), None)
    if pointing is not None:
        return not _is_answered_inside(rest, pointing)
    content = [word for word in words(bare) if not is_stop(word)]
    if _DEFINING.search(bare) or (content and len(words(bare)) == len(content)):
        return False
    if _GENERIC.search(bare):
        return True
    return len(content) <= 1 and not any(is_name(bare, word) for word in content)


def says_something(question: str) -> bool:
    """Whether a question that depends on the one before has enough words to be asked alone: a name, or three others.

    >>> says_something("When did it start?"), says_something("What does he think of Clegg?")
    (False, True)
    """
    content = [word for word in words(question) if not is_stop(word)]
    return len(content) >= _MIN_ALONE or any(is_name(question, word) for word in content)


def _without_expletive(question: str) -> str:
    return EXPLETIVE.sub(lambda found: found[0][len("it") :], question)


def _is_answered_inside(question: str, pronoun: re.Match[str]) -> bool:
    """Whether a pronoun refers to something in its own question: "When did Google say that it would move?"."""
    before = question[: pronoun.start()]
    if re.search(rf"\b(?:{VERBS})\s+$", before, re.IGNORECASE) or _is_object_alone(question, pronoun):
        return False
    found = [word for word in words(before) if not is_stop(word)]
    named = any(is_name(before, word) for word in found)
    return named or len(found) > _MAX_BEFORE_PRONOUN


def _is_object_alone(question: str, pronoun: re.Match[str]) -> bool:
    """Whether a pronoun is the object of a clause in which nothing else may be meant: "Do agencies respond to it?"."""
    before = question[: pronoun.start()]
    verb = _VERB.search(before) or _WHICH.match(before)
    if verb is None or not _OBJECT.match(question[pronoun.start() :]):
        return False
    clause = before[verb.end() :]
    if _JOINING.search(clause):
        return False
    nouns = [phrase for phrase in phrases_of(before) if phrase.start >= verb.end()]
    if nouns and not _SPEAKER.match(clause):
        del nouns[0]  # the subject
    several = pronoun[0].lower() in _SEVERAL
    # after "to" comes a verb, with its object if there is one: "to respond", "to file reports"
    objects = [
        one
        for one in nouns
        if " " in one.text or not _INFINITIVE.search(before, max(one.start - _MAX_TO, 0), one.start)
    ]
    return not any(one.is_plural == several for one in objects)
