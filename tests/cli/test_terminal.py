"""What a person sees: exact words, plain locations, and no page that controls the terminal."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.answering.verification import Failure
from rag.cli.build_summary import duplicate_lines
from rag.cli.explain import explain_lines
from rag.cli.output import print_json, say
from rag.cli.progress import ProgressBars
from rag.cli.terminal import Style, answer_lines, failure_lines, post_lines, visible
from rag.records import Answer, Location, Merge, Post, PostMatch, Quote, Variant

if TYPE_CHECKING:
    import pytest
from makers import make_answer

PLAIN = Style(None, colour=False)
WORDS = "The first park was opened by two neighbours, who had borrowed a spade and a wheelbarrow for it."
QUOTE = Quote(
    WORDS,
    "p" * 16,
    "A park for all",
    1.0,
    0,
    len(WORDS),
    (Location("a.txt", 10, 105, "0" * 64), Location("b.txt", 7, 102, "1" * 64), Location("c.txt", 7, 102, "2" * 64)),
    "2014-05-01",
)
ANSWER = make_answer(QUOTE, question="Who opened it?")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _shown(answer: Answer, style: Style = PLAIN) -> str:
    return "\n".join(answer_lines(answer, style))


def test_the_exact_words_come_first_then_title_date_and_places() -> None:
    """In a pipe every quote is on a line of its own, so that it can be searched for."""
    lines = _shown(ANSWER).split("\n")
    assert lines[0] == f"[1] “{WORDS}”"
    assert lines[1].strip() == "A park for all · 2014-05-01"
    assert lines[2].strip() == "a.txt 10–105, also on 2 other pages"
    assert lines[4] == "These words very likely answer the question. About 9 in 10 answers like this are right."


def test_on_a_terminal_lines_are_folded_and_no_word_is_lost() -> None:
    """Lines are only broken at white space."""
    shown = _shown(ANSWER, Style(40, colour=False))
    assert max(map(len, shown.split("\n"))) <= 40
    assert f"“{WORDS}”" in " ".join(shown.split())


def test_a_list_keeps_its_lines() -> None:
    """Line breaks of the quote are line breaks of the output."""
    listed = replace(ANSWER, quotes=(replace(QUOTE, text="Two things:\r\n- one\n- two"),))
    assert [line.strip() for line in _shown(listed).split("\n")[:3]] == ["[1] “Two things:", "- one", "- two”"]


def test_a_refusal_says_why_and_labels_what_is_closest() -> None:
    """What is not an answer is never numbered like one."""
    refusal = make_answer(question="Who?", confidence=0.1, closest=(QUOTE,), reason="No post mentions parks.")
    lines = _shown(refusal).split("\n")
    assert lines[0] == "No post mentions parks."
    assert "Closest, but not an answer:" in lines
    assert "[1]" not in _shown(refusal)


def test_only_the_first_question_of_a_message_can_be_asked_without_the_one_before() -> None:
    """A later one is understood from the message itself, which `--after` did not give."""
    first, later = (replace(ANSWER, question="Who?", understood=f"Who founded {name}?") for name in ("Rome", "Ostia"))
    shown = _shown(Answer("Who and who?", "answered", 0.5, "medium", (QUOTE, QUOTE), parts=(first, later)))
    assert "Who founded Rome? (to ask it on its own, leave out --after)" in shown
    assert "Understood as: Who founded Ostia?" in shown
    assert shown.count("--after") == 1


def test_parts_are_answered_one_by_one_and_numbered_through() -> None:
    """A part without an answer says so in its place."""
    refusal = make_answer(question="Why?", confidence=0.1, reason="The posts do not say why.")
    parts = (replace(ANSWER, question="Who?"), refusal, replace(ANSWER, question="When?"))
    shown = _shown(Answer("Who, why and when?", "partial", 0.5, "medium", (QUOTE, QUOTE), parts=parts))
    places = [shown.index(text) for text in ("Who?", "[1]", "Why?", "The posts do not say why.", "When?", "[2]")]
    assert places == sorted(places)


def test_colour_is_for_terminals_and_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR is obeyed, and a pipe gets no colours."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert Style.of(Terminal()).colour
    assert "\x1b[1m" in _shown(ANSWER, Style.of(Terminal()))
    assert Style.of(io.StringIO()) == Style(None, colour=False)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not Style.of(Terminal()).colour
    assert "\x1b" not in _shown(ANSWER, Style.of(Terminal()))


def test_a_page_cannot_steer_the_terminal() -> None:
    """Escape codes and characters that reverse the text are shown, not obeyed, wherever a page's text is shown."""
    hostile = "\x1b]0;gone\x07\x9b2J\u202eabc\x08"
    quote = replace(QUOTE, text=hostile, post_title=hostile, locations=(Location(hostile, 0, 9, "0" * 64),))
    post = Post("p" * 16, hostile, hostile, (), variants=(Variant("q" * 16, hostile, hostile),))
    answer = replace(ANSWER, quotes=(quote,), reason=hostile, uncovered=(hostile,))
    shown = [
        *answer_lines(answer, PLAIN),
        *explain_lines(answer, PLAIN),
        *post_lines([post], PLAIN),
        *duplicate_lines([post], [Merge(post.post_id, hostile, "near", 0.9, hostile, hostile)], "index", PLAIN),
        *failure_lines(Failure(1, hostile, 1, hostile, hostile, 0, 9, hostile, hostile)),
    ]
    assert not {letter for line in shown for letter in line} & set("\x1b\x07\x9b\u202e\x08")


def test_invisible_signs_are_shown_and_names_kept_on_their_line() -> None:
    """A quote reads as in the file; a file's name can neither reorder its location nor add a line of its own."""
    hebrew = "\u05e9\u05dc\u05d5\u05dd"
    quote = replace(
        QUOTE, text="pay\u200bpal \u202e", locations=(Location(f"{hebrew}\n[2] \u201cforged\u201d", 3, 9, "0" * 64),)
    )
    shown = list(answer_lines(replace(ANSWER, quotes=(quote,)), PLAIN))
    assert "[1] \u201cpay\u27e8U+200B\u27e9pal \u27e8U+202E\u27e9\u201d" in shown
    place = next(line for line in shown if hebrew in line)
    assert place == f"    \u2068{hebrew}\u240a[2] \u201cforged\u201d\u2069 3\u20139"
    assert visible(f"{hebrew} 1\nplain") == f"\u2068{hebrew} 1\u2069\nplain"


def test_what_is_said_of_a_file_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Names in messages on standard error and in JSON are shown, not obeyed."""
    name = "a\x1b[2J\u202e\nskipped b: forged\x9b1m"
    say(f"skipped {name}: is empty")
    print_json([{"file": name}])
    said = capsys.readouterr()
    assert said.err == "skipped a\u241b[2J\u27e8U+202E\u27e9\u240askipped b: forged\u27e8U+009B\u27e91m: is empty\n"
    assert json.loads(said.out) == {"file": name}
    assert not set(said.out) & set("\x1b\x9b\u202e")


def test_progress_shows_each_stage_to_its_end() -> None:
    """Stage, count and share are on standard error, in a log as well."""
    stream = io.StringIO()
    bars = ProgressBars(stream)
    for done in range(4):
        bars("reading pages", done, 3)
    for done in range(3):
        bars("embedding", done, 2)
    bars.close()
    lines = stream.getvalue().replace("\r", "\n").split("\n")
    assert any("Reading pages" in line and "3/3" in line for line in lines)
    assert any("Embedding" in line and "2/2" in line for line in lines)


def test_a_listed_post_without_an_author_is_known_by_its_file() -> None:
    """A post with an author is followed by the name."""
    posts = tuple(PostMatch("p1", "A park", author, None, 0, QUOTE.locations) for author in (None, "A. Writer"))
    lines = list(answer_lines(replace(ANSWER, posts=posts, summary="2 posts."), PLAIN))
    assert [line.partition("A park")[2] for line in lines if line.startswith("p1 ")] == [", a.txt", ", A. Writer"]
