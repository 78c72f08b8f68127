"""Suggested questions, made from definitions, figures and headings of the posts, and used if they are answered.

Each is asked before it is shown, and one question is added that the posts do not answer. The work runs while no reader
is waiting, and its result is kept beside the index, once for each state of the index.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from rag.errors import PullquoteError
from rag.store.plain_files import regular_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from rag.records import Answer, Post
    from ui.views.welcome import Suggestions

__all__ = ["MAX_POSTS", "Candidate", "Suggester", "candidate_questions", "chosen"]

# Questions shown, and how many are asked to find them, at 0.1 s each, while nobody else asks.
WANTED = 5
MAX_TRIES = 80

# Most questions of one kind and from one post among those shown, for variety.
MAX_OF_A_KIND = 2

# Posts read, spread over the heap, and characters of each: a second's work, while nobody else asks.
MAX_POSTS = 300
MAX_POST_CHARS = 6_000

FILE = "suggested-questions.json"
# many times what the few questions take
MAX_FILE_BYTES = 2**20

# Few heaps answer any of these; the first that is refused is shown.
_ELSEWHERE = (
    "How deep is the lake below Mount Kilimanjaro?",
    "Which violin maker worked in Reykjavik in 1873?",
    "What is the boiling point of ethanol at sea level?",
    "Who won the chess olympiad in Buenos Aires?",
    "How many moons does the planet Neptune have?",
    "Which bridge crosses the river Drina at Višegrad?",
)

_NOT_SUBJECTS = frozenset(
    """
    it this that these those there here he she they we you i what who which where when why how one some all many most
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
    rf"{_BEGIN}(?P<what>(?:The |An? )?[A-Z][\w’'-]*(?: [\w’'-]+){{0,5}}) was (?P<done>founded|launched|invented|created"
    r"|established|introduced|published|built|opened|released|passed|signed) (?:[\w ]{0,30} )?"
    r"in (?:[A-Z][a-z]+ )?\d{4}",
    re.MULTILINE,
)
_WHO = re.compile(
    r"(?P<who>[A-Z][a-z]+(?: [A-Z]\.)? [A-Z][a-z]+(?:-[A-Z][a-z]+)?), "
    r"(?:the|an?|our|its|their|former|senior|deputy|chief|head|vice|director|professor|founder|author|editor) "
    r"[^.?!,\n]{4,80}[,.]"
)
# "three reasons for ...", but no shares and measures: "two thirds of that", "six months of waiting"
_SEVERAL = re.compile(
    r"\b(?P<count>two|three|four|five|six|seven|eight|nine|ten) "
    r"(?!(?:[a-z]+ )?(?:thirds|quarters|fifths|sixths|sevenths|eighths|ninths|tenths|hundredths|dozens|times|seconds"
    r"|minutes|hours|days|nights|weeks|months|seasons|years|decades|centuries|miles|pounds|dollars|euros)\b)"
    r"(?P<what>(?:[a-z]+ )?[a-z]{3,}s) "
    r"(?P<rest>(?:for|why|of|to|that) [\w’' -]{6,50})(?=[.,:;)?]|$)",
    re.MULTILINE | re.IGNORECASE,
)
# Words that say something only where they stand: "What share of the posts I read are long?" asks about nobody's posts.
_POINTS = re.compile(
    r"\b(?:this|these|those|it|its|they|my|our|your|you|we|me|i|he|she|his|her|above|below)\b", re.IGNORECASE
)
_MEANS = re.compile(
    rf"{_BEGIN}(?P<what>[A-Z][\w’'-]*(?: [a-z][\w’'-]+){{0,2}}) (?:means|refers to) [^.?!\n]{{15,200}}\."
)
_ASKS = re.compile(r"^(?:What|Why|How|Who|When|Where|Which)\b[^?\n]{8,90}\?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question, the post and span that should answer it, and the kind of text from which it was made."""

    question: str
    kind: str
    post_id: str
    start: int
    end: int


def candidate_questions(posts: Sequence[Post]) -> list[Candidate]:
    """Questions that the posts seem to answer, with the kinds alternating, always in the same order."""
    kinds: dict[str, list[Candidate]] = {}
    for post in posts:
        for one in _of_post(post):
            if not _POINTS.search(one.question):
                kinds.setdefault(one.kind, []).append(one)
    rows = [sorted(ones, key=lambda one: hashlib.sha256(one.question.encode()).digest()) for ones in kinds.values()]
    longest = max(map(len, rows), default=0)
    return [row[turn] for turn in range(longest) for row in rows if turn < len(row)]


def _of_post(post: Post) -> Iterator[Candidate]:
    text = post.text[:MAX_POST_CHARS]
    for match in _IS_A.finditer(text):
        subject = match["what"]
        words = subject.split()
        named = len(words) > 1 and all(word[:1].isupper() for word in words)
        if words[0].casefold() in _NOT_SUBJECTS or named or text.casefold().count(subject.casefold()) == 1:
            continue
        yield _made(post, match, "definition", f"What {match['verb']} {_inside(subject, text)}?")
    for match in _SHORT.finditer(text):
        initials = "".join(word[0] for word in match["long"].split() if word[0].isupper())
        if initials.endswith(match["short"]):
            yield _made(post, match, "abbreviation", f"What does {match['short']} stand for?")
    for match in _SHARE.finditer(text):
        yield _made(post, match, "figure", f"What share of {match['who']} {match['verb']} {match['what'].strip()}?")
    for match in _WHEN.finditer(text):
        if _first(match["what"]) not in _NOT_SUBJECTS - {"the"}:
            yield _made(post, match, "date", f"When was {_inside(match['what'], text)} {match['done']}?")
    yield from _more_of_post(post, text)


def _more_of_post(post: Post, text: str) -> Iterator[Candidate]:
    for match in _WHO.finditer(text):
        yield _made(post, match, "person", f"Who is {match['who']}?")
    for match in _MEANS.finditer(text):
        if _first(match["what"]) not in _NOT_SUBJECTS:
            yield _made(post, match, "definition", f"What does {_inside(match['what'], text)} mean?")
    several = _SEVERAL.search(f"{post.title}\n{text}")
    if several is not None:
        question = f"What are the {several['count'].lower()} {several['what'].lower()} {several['rest'].strip()}?"
        yield Candidate(question, "list", post.post_id, 0, len(post.text))
    for line in (post.title, *(match[0] for match in _ASKS.finditer(text))):
        if _ASKS.fullmatch(line):
            yield Candidate(line, "heading", post.post_id, 0, len(post.text))


def _first(words: str) -> str:
    return words.split(maxsplit=1)[0].casefold()


def _made(post: Post, match: re.Match[str], kind: str, question: str) -> Candidate:
    return Candidate(" ".join(question.split()), kind, post.post_id, match.start(), match.end())


def _inside(subject: str, text: str) -> str:
    """A subject as written inside a sentence: with a small first letter if the text writes it so anywhere."""
    first = subject.split(maxsplit=1)[0]
    small = first[0].lower() + first[1:]
    keeps = re.search(rf"[a-z,] {re.escape(first)}\b", text) or not re.search(rf"\b{re.escape(small)}\b", text)
    return subject if keeps and first not in ("The", "A", "An") else subject[0].lower() + subject[1:]


def chosen(found: Sequence[Candidate], ask: Callable[[str], Answer]) -> list[str]:
    """The questions answered with the words from which they were made; few of one kind, and one from each post.

    Those with a strong match come first; others only if there are too few.
    """
    kept: list[Candidate] = []
    spare: list[tuple[bool, Candidate]] = []
    for one in found[:MAX_TRIES]:
        if len(kept) == WANTED:
            break
        if any(other.post_id == one.post_id or other.question.casefold() == one.question.casefold() for other in kept):
            continue
        answer = ask(one.question)
        if answer.status != "answered" or answer.band == "low" or not answer.quotes:
            continue
        first = answer.quotes[0]
        if first.post_id != one.post_id or first.end <= one.start or one.end <= first.start:
            continue
        if one.question.rstrip("?").casefold() in first.text.casefold():
            continue  # it repeats the question
        many = sum(other.kind == one.kind for other in kept) >= MAX_OF_A_KIND
        if many or answer.band != "high":
            spare.append((answer.band != "high", one))
        else:
            kept.append(one)
    for _, one in sorted(spare, key=lambda pair: pair[0]):
        if len(kept) < WANTED and all(other.post_id != one.post_id for other in kept):
            kept.append(one)
    return [one.question for one in kept]


class Suggester:
    """The suggestions for the index in use, computed in their own thread when first needed."""

    def __init__(self, home: Callable[[], Path], ask: Callable[[str], Answer]) -> None:
        """``home`` returns the folder beside the index, ``ask`` asks a question when nobody else does."""
        self._home, self._asks = home, ask
        self._lock = threading.Lock()
        self._known: tuple[str, Suggestions] | None = None
        self._working = ""
        self._ended = threading.Event()

    def now(self, generation: str, posts: Callable[[], Sequence[Post]]) -> Suggestions | None:
        """The suggestions for a state of the index, made from ``posts()``; None while they are being found."""
        with self._lock:
            if self._known is not None and self._known[0] == generation:
                return self._known[1]
            if self._working == generation:
                return None
            kept = self._read(generation)
            if kept is not None:
                self._known = generation, kept
                return kept
            self._working = generation
        threading.Thread(target=self._work, args=(generation, posts), daemon=True).start()
        return None

    def close(self) -> None:
        """Stop before the next question."""
        self._ended.set()

    def _work(self, generation: str, posts: Callable[[], Sequence[Post]]) -> None:
        from ui.views.welcome import Suggestions

        try:
            asked = chosen(candidate_questions(posts()), self._ask)
            refused = next((one for one in _ELSEWHERE if self._ask(one).status == "no_answer"), "")
        except (PullquoteError, _Ended):
            return  # the next opening of the page tries again
        finally:
            with self._lock:
                self._working = ""
        found = Suggestions(tuple(asked), refused)
        with self._lock:
            self._known = generation, found
        with contextlib.suppress(OSError):
            path = self._home() / FILE
            path.write_text(json.dumps({"generation": generation, **asdict(found)}), encoding="utf-8")

    def _ask(self, question: str) -> Answer:
        if self._ended.is_set():
            raise _Ended
        return self._asks(question)

    def _read(self, generation: str) -> Suggestions | None:
        from ui.views.welcome import Suggestions

        try:
            kept = json.loads(regular_bytes(self._home() / FILE, MAX_FILE_BYTES))
            if kept["generation"] != generation:
                return None
            return Suggestions(tuple(map(str, kept["questions"])), str(kept["refused"]))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):  # damaged, or not written here
            return None


class _Ended(Exception):
    """The page is being closed."""
