"""Questions made from the posts' own words: definitions, figures, days, people, lists, and titles that ask or teach.

Those about what many posts are about come first. A question must be clear to somebody who has not read its post.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from rag.text.tokens import STOP_WORDS
from ui.services.heap_words import HeapWords, content_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.records import Post

__all__ = ["MAX_POSTS", "Candidate", "candidate_questions"]

# Posts read, spread over the heap, and characters of each: a second's work, while nobody else asks.
MAX_POSTS = 600
MAX_POST_CHARS = 6_000

# Letters of a word that may be a name: "Go" in a title is "go".
MIN_WORD = 3
# Posts that name a person more than once: who has only one is quoted there, unless its title has the name.
MIN_POSTS_ABOUT = 2
# Content words of a title or heading that asks: "Why now?" has none, "What is the benefit?" one.
MIN_HEADING_WORDS = 2

# in the order of preference: four kinds ask what posts are about, the others for a single fact
Kind = Literal["definition", "list", "heading", "title", "person", "figure", "date", "abbreviation"]
SUBJECTS = 4

_NOT_SUBJECTS = frozenset(
    """
    it this that these those there here he she we they you i what who which where when why how one some all many most
    another the other and but so if as for in on at by my our your his her their its now then today yes no not
    """.split()  # noqa: SIM905 - as long as this, a list is harder to read
)
_BEGIN = r"(?:^|(?<=[.!?]\s)|(?<=\n))"
_IS_A = re.compile(
    rf"{_BEGIN}(?P<what>(?:The |An? )?[^\W\d_][\w’'-]*(?: [^\W\d_][\w’'-]+){{0,3}}) (?P<verb>is|are) "
    r"(?:an?|any|when|where|the (?:process|practice|idea|act|way|use|study|name|art|set)) [a-z][^.?!\n]{20,200}\.",
    re.MULTILINE,
)
_SHORT = re.compile(r"(?P<long>(?:[A-Z][\w-]{1,40} (?:of |and |for |the )?){2,6})\((?P<short>[A-Z]{2,6})s?\)")
_SHARE = re.compile(
    r"(?<!\d)\d[\d,.]{0,20}\s?(?:%|per ?cent) of "
    r"(?P<who>[a-z][\w’' -]{2,40}?) (?P<verb>are|were|have|had|use|used|say|said) "
    r"(?P<what>[a-z][\w’' -]{4,60})(?=[.,;)]|$)",
    re.MULTILINE,
)
_WHEN = re.compile(
    rf"{_BEGIN}(?P<what>(?:The |An? )?[A-Z][\w’'.-]*(?<!\.)(?: [\w’'-]+){{0,5}}) was (?P<done>founded|launched"
    r"|invented|created|established|introduced|published|built|opened|released|passed|signed) (?:[\w ]{0,30} )?"
    r"in (?:[A-Z][a-z]+ )?\d{4}",
    re.MULTILINE,
)
_WHO = re.compile(
    r"(?P<who>[A-Z][a-z]+(?: [A-Z]\.)? [A-Z][a-z]+(?:-[A-Z][a-z]+)?), "
    r"(?:the|an?|our|its|their|former|senior|deputy|chief|head|vice|director|professor|founder|author|editor) "
    r"[^.?!,\n]{4,80}[,.]"
)
# "three reasons for ...": a number of things of which a post lists each, but no shares and measures
_SEVERAL = re.compile(
    r"(?<!top )(?<!first )(?<!last )\b(?P<count>two|three|four|five|six|seven|eight|nine|ten|[2-9]|1\d) "
    r"(?P<what>(?:[a-z]+ ){0,2}"
    r"(?:advantages|areas|aspects|barriers|benefits|categories|causes|challenges|characteristics|components|conditions"
    r"|differences|drawbacks|elements|examples|factors|features|forms|functions|goals|ideas|ingredients|keys|kinds"
    r"|lessons|levels|limitations|methods|mistakes|models|myths|obstacles|options|parts|phases|pillars|practices"
    r"|principles|problems|qualities|questions|reasons|requirements|risks|roles|rules|secrets|signs|skills|stages|steps"
    r"|strategies|techniques|themes|things|tips|tricks|trends|types|uses|values|ways)) "
    r"(?P<rest>(?:for|why|of|to) [\w’'-]{1,20} [\w’' -]{3,50})(?=[.,:;)?]|$)",
    re.MULTILINE | re.IGNORECASE,
)
_SENTENCE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|could|will|would|should|may|might|must|do|does|did|includes?)\b"
)
# a word with a capital, also one between hyphens
_CAPITALISED = re.compile(r"(?<!\w)[A-Z][a-z]*+(?:[’'][a-z]+)?(?!\w)")
# Words that say something only where they stand: "What share of the posts I read are long?" asks about nobody's posts.
_POINTS = re.compile(
    r"\b(?:this|these|those|it|its|it's|they|their|them|my|our|your|you|we|me|i|he|she|his|her|above|below|(?-i:us)"
    r"|ones?|last|latest|next|previous|following|same|such|others?|another|former|latter|here|there|now|today|upcoming"
    r"|recent(?:ly)?)\b",
    re.IGNORECASE,
)
# The people of a survey, of which nothing else in the question says which.
_ASKED = re.compile(
    r"\b(?:respondents|participants|interviewees|subjects|responses|answers|total|sample)\b", re.IGNORECASE
)
# "the program" is known only to who has read what comes before; "the future of work" is not
_THE_ONE = re.compile(r"\bthe [a-z\d][\w.-]*+(?! (?:[a-z]+ )?(?:of|for|in|on|behind|between)\b)")
_MEANS = re.compile(
    rf"{_BEGIN}(?P<what>[A-Z][\w’'-]*(?: [a-z][\w’'-]+){{0,2}}) (?:means|refers to) [^.?!\n]{{15,200}}\."
)
_ASKS = re.compile(
    r"^(?:What|Which|Who|(?:Why|When|Where|How(?: \w+)?) (?:is|are|do|does|can|should|don[’']t|isn[’']t)|Are|Is|Do|Does"
    r"|Can|Should)\b[^?\n]{8,90}\?$",
    re.MULTILINE | re.IGNORECASE,
)
# what happened once is clear only to who has read when, and what is better to who has read than what
_ONCE = re.compile(r"\b(?:was|were|did|had|NOT)\b|\b(?:better|worse|more|less|different|else|enough)\?")
_TOLD = r"(?P<what>[A-Za-z][\w’'.&-]*(?: [\w’'.&-]+){0,9})"
_ABOUT = re.compile(
    rf"(?:The )?(?P<thing>Importance|Role|Future|Value|Power|Impact|Purpose|Cost|History|Benefits|Advantages|Basics"
    rf"|Challenges|Limits|Risks) of {_TOLD}",
    re.IGNORECASE,
)
# a title, and the question that its post answers
_TITLES = (
    (re.compile(rf"How to {_TOLD}"), "How do you {what}?"),
    (re.compile(rf"Why {_TOLD} Matters", re.IGNORECASE), "Why does {what} matter?"),
    (re.compile(rf"Why {_TOLD} Matter", re.IGNORECASE), "Why do {what} matter?"),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question, the post and span that should answer it, the kind of text that it was made from, and its subject."""

    question: str
    kind: Kind
    post_id: str
    start: int
    end: int
    subject: str = ""


def candidate_questions(posts: Sequence[Post]) -> list[Candidate]:
    """Questions that the posts seem to answer, with the kinds alternating, always in the same order.

    Of each kind, those about the subjects of most posts come first. Questions for single facts take turns as one kind.
    """
    known = HeapWords((post.title, post.text[:MAX_POST_CHARS]) for post in posts)
    kinds: dict[Kind, dict[str, Candidate]] = {kind: {} for kind in get_args(Kind)}
    for post in posts:
        for one in _of_post(post, known):
            if not _POINTS.search(one.question.removeprefix("How do you ")):
                kinds[one.kind].setdefault(one.question, one)
    rows = [sorted(ones.values(), key=lambda one: (-_weight(one, known), _shuffled(one))) for ones in kinds.values()]
    rows = [*rows[:SUBJECTS], [one for row in rows[SUBJECTS:] for one in row]]
    longest = max(map(len, rows))
    return [row[turn] for turn in range(longest) for row in rows if turn < len(row)]


def _weight(one: Candidate, known: HeapWords) -> float:
    """How much the posts are about the subject of a question: a name or term as a whole, else its words."""
    keys = content_words(one.subject) if one.kind in ("heading", "list", "title") else [one.subject]
    return sum(map(known.worth, keys)) / max(len(keys), 1)


def _shuffled(one: Candidate) -> bytes:
    return hashlib.sha256(one.question.encode()).digest()


def _of_post(post: Post, known: HeapWords) -> Iterator[Candidate]:
    text = post.text[:MAX_POST_CHARS]
    for match in _IS_A.finditer(text):
        if _is_explained(match["what"], text, known):
            asked = f"What {match['verb']} {_inside(match['what'], text, known)}?"
            yield _made(post, match, "definition", asked, match["what"])
    for match in _SHORT.finditer(text):
        initials = "".join(word[0] for word in match["long"].split() if word[0].isupper())
        if initials.endswith(match["short"]) and not known.is_word(match["short"]):
            yield _made(post, match, "abbreviation", f"What does {match['short']} stand for?", match["short"])
    for match in _SHARE.finditer(text):
        if not _ASKED.search(match["who"]) and _first(match["who"]) not in ("the", "all"):
            asked = f"What share of {match['who']} {match['verb']} {match['what'].strip()}?"
            yield _made(post, match, "figure", asked, match["who"])
    for match in _WHEN.finditer(text):
        subject = _inside(match["what"], text, known)
        if _first(match["what"]) not in _NOT_SUBJECTS - {"the"} | {"a", "an"} and subject != subject.lower():
            yield _made(post, match, "date", f"When was {subject} {match['done']}?", subject)
    yield from _more_of_post(post, text, known)
    yield from _of_headings(post, text, known)


def _more_of_post(post: Post, text: str, known: HeapWords) -> Iterator[Candidate]:
    for match in _WHO.finditer(text):
        if _is_presented(match["who"], post, known):
            yield _made(post, match, "person", f"Who is {match['who']}?", match["who"])
    for match in _MEANS.finditer(text):
        if _is_explained(match["what"], text, known):
            asked = f"What does {_inside(match['what'], text, known)} mean?"
            yield _made(post, match, "definition", asked, match["what"])


def _is_explained(subject: str, text: str, known: HeapWords) -> bool:
    """Whether a subject is a word or a term that its text uses again, and neither a name nor a clause.

    "The tool" is one that the text has spoken of before.
    """
    words = subject.split()
    rest = words[1:] if words[0] in ("A", "An") else words
    if not rest or any(word.casefold() in STOP_WORDS | _NOT_SUBJECTS for word in rest):
        return False
    named = len(rest) > 1 and all(word[:1].isupper() for word in rest)
    named = named or re.search(rf"\b{re.escape(rest[-1])} [A-Z][a-z]", text) is not None  # "Ada", who is Ada Moss
    return not named and text.casefold().count(subject.casefold()) > 1 and not known.is_everywhere(" ".join(rest))


def _is_presented(name: str, post: Post, known: HeapWords) -> bool:
    """Whether posts are about a person, and the name is not that of a place, a report or several people."""
    first, *_, surname = name.split()
    if not all(map(known.is_name, re.findall(r"[A-Z][a-z]+", surname))):
        return False
    if known.is_word(first) or first.casefold() in STOP_WORDS:
        return False
    if re.search(rf"\b{surname}(?:[’']s| (?:is|was|[a-z]+s))\b", post.text) is None:
        return False
    return known.about(name) >= MIN_POSTS_ABOUT or surname in post.title


def _of_headings(post: Post, text: str, known: HeapWords) -> Iterator[Candidate]:
    title = " ".join(post.title.split())

    def whole(kind: Kind, question: str, subject: str) -> Candidate:
        return Candidate(question, kind, post.post_id, 0, len(post.text), subject)

    several = _SEVERAL.search(title) or _SEVERAL.search(text)
    if several is not None and not _SENTENCE.search(several["rest"].removeprefix("why")):
        subject = _sentence(f"{several['what']} {several['rest'].strip()}", known)
        yield whole("list", f"What are the {several['count'].lower()} {subject}?", subject)
    for form, question in _TITLES:
        if (told := form.fullmatch(title)) is not None:
            subject = _sentence(told["what"], known)
            yield whole("title", question.format(what=subject), subject)
            break
    if (told := _ABOUT.fullmatch(title)) is not None:
        thing, subject = told["thing"].lower(), _sentence(told["what"], known)
        verb = "are" if thing.endswith("s") and thing != "basis" else "is"
        yield whole("title", f"What {verb} the {thing} of {subject}?", subject)
    for line in (title, *(match[0] for match in _ASKS.finditer(text))):
        alone = line == title or not (_THE_ONE.search(line) or _ONCE.search(line))
        if _ASKS.fullmatch(line) and len(content_words(line)) >= MIN_HEADING_WORDS and alone:
            first, _, rest = line.partition(" ")
            # a heading in title case has a capital verb
            yield whole("heading", f"{first} {_sentence(rest, known)}" if rest[:1].isupper() else line, line)


def _sentence(title: str, known: HeapWords) -> str:
    """A title as written inside a sentence: words in small letters, unless the posts write them as names."""
    return _CAPITALISED.sub(lambda word: word[0].lower() if _is_small(word[0], known) else word[0], title)


def _is_small(word: str, known: HeapWords) -> bool:
    return len(word) < MIN_WORD or word.casefold() in STOP_WORDS or known.is_word(word)


def _first(words: str) -> str:
    return words.split(maxsplit=1)[0].casefold()


def _made(post: Post, match: re.Match[str], kind: Kind, question: str, subject: str) -> Candidate:
    return Candidate(" ".join(question.split()), kind, post.post_id, match.start(), match.end(), subject)


def _inside(subject: str, text: str, known: HeapWords) -> str:
    """A subject as written inside a sentence: with a small first letter unless it is a name.

    The text tells, by writing it in small letters or with a capital inside a sentence; else the other posts do.
    """
    first = subject.split(maxsplit=1)[0]
    small = first.lower()
    inside = len(re.findall(rf"[a-z,] {re.escape(first)}\b", text))
    in_text = len(re.findall(rf"\b{re.escape(small)}\b", text))
    is_small = in_text > inside if in_text or inside else known.is_word(first)
    return (
        small + subject[len(first) :] if first in ("The", "A", "An") or (is_small and first[1:].islower()) else subject
    )
