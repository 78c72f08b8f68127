"""Several indexes asked as one: one order by confidence, quotes that name their index, refusals for all of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from rag import ask, build_index, open_index, open_indexes, verify
from rag.answering.batch import run_batch
from rag.answering.heaps import Heaps, together
from rag.cli import main
from rag.errors import IndexProblem, InputError
from rag.records import QuestionRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MILL = (
    "# The old mill\nMarch 3, 2018\n\nThe Weirside mill was built in 1848 by a miller from Hull. It stood empty for "
    "years.\n\nThe library beside it opens at 9 am on weekdays. Bring a card.\n"
)
BRIDGE = (
    "# The stone bridge\nJune 9, 2023\n\nThe stone bridge was rebuilt after the flood of 1931. Carts paid a toll of "
    "two pence.\n\nThe library by the river opens at 11 am on weekdays.\n"
)
COMMON = "# Bread\n\nRye bread keeps for a week in a linen cloth. Wheat bread keeps for three days.\n"
QUESTIONS = {
    "When was the Weirside mill built?": ("1848", 0),
    "What toll did carts pay at the bridge?": ("two pence", 1),
}


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two heaps with a page of the same name and one post in common; the second has an 8-bit model."""
    home = tmp_path_factory.mktemp("heaps")
    built = []
    for name, text, model in (("mills", MILL, None), ("bridges", BRIDGE, "all-MiniLM-L6-v2:8-bit")):
        pages = home / f"{name}-pages"
        pages.mkdir()
        (pages / "page.md").write_text(text, encoding="utf-8")
        (pages / "bread.md").write_text(COMMON, encoding="utf-8")
        build_index([pages], into=home / name, model=model)
        built.append(home / name)
    return built


@pytest.fixture(scope="module")
def heaps(homes: list[Path]) -> Iterator[Heaps]:
    """Both, opened as one."""
    with open_indexes(homes) as opened:
        assert isinstance(opened, Heaps)
        yield opened


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_quote_that_answers_comes_first_and_names_its_index(heaps: Heaps, homes: list[Path], question: str) -> None:
    """Whichever index it is in; its confidence is the one that the index gives it, and the others follow by theirs."""
    words, place = QUESTIONS[question]
    answer = heaps.ask(question)
    assert answer.status == "answered"
    assert words in answer.quotes[0].text
    assert answer.quotes[0].index == str(homes[place])
    with open_index(homes[place]) as alone:
        assert answer.confidence == alone.ask(question).confidence
    shown = [quote.confidence for quote in answer.quotes]
    assert shown == sorted(shown, reverse=True)
    assert answer.to_dict()["quotes"][0]["index"] == str(homes[place])  # type: ignore[index]


def test_a_quote_that_both_have_is_shown_once(heaps: Heaps) -> None:
    """The post about bread is in both."""
    quotes = [quote.text for quote in heaps.ask("How long does rye bread keep?").quotes]
    assert sum("Rye bread keeps" in text for text in quotes) == 1


def test_quotes_of_two_indexes_that_disagree_are_both_shown_the_newer_first(heaps: Heaps, homes: list[Path]) -> None:
    """Like within one index."""
    answer = heaps.ask("When does the library open on weekdays?", always_answer=True)
    assert [quote.index for quote in answer.quotes[:2]] == [str(homes[1]), str(homes[0])]
    assert "different" in (answer.disagreement or "")


def test_a_refusal_speaks_for_every_index(heaps: Heaps, homes: list[Path]) -> None:
    """The same reason once; different reasons, each with its index."""
    answer = heaps.ask("Who won the chess tournament in Vienna?")
    assert answer.status == "no_answer"
    assert answer.reason
    same = [index.ask("Who won the chess tournament in Vienna?").reason for index in heaps.indexes]
    assert answer.reason in (same[0], f"{homes[0]}: {same[0]} {homes[1]}: {same[1]}")
    assert {quote.index for quote in answer.closest} <= {str(home) for home in homes}


def test_questions_about_the_posts_are_answered_index_by_index(heaps: Heaps, homes: list[Path]) -> None:
    """Each index counts its own, and each post names its index."""
    answer = heaps.ask("Which posts mention bread?")
    assert [post.index for post in answer.posts] == [str(home) for home in homes]
    assert answer.status == "answered"


def test_several_questions_at_once_are_each_asked_of_all(heaps: Heaps, homes: list[Path]) -> None:
    """Every part has quotes from its own index."""
    answer = heaps.ask(" ".join(QUESTIONS))
    assert len(answer.parts) == len(QUESTIONS)
    for part, (words, place) in zip(answer.parts, QUESTIONS.values(), strict=True):
        assert words in part.quotes[0].text
        assert part.quotes[0].index == str(homes[place])


def test_one_post_is_asked_where_it_is(heaps: Heaps, homes: list[Path]) -> None:
    """And a post that is in no index is reported missing."""
    (bridge,) = (post for post in heaps.posts() if "bridge" in post.title)
    answer = heaps.ask("What toll did carts pay?", post_id=bridge.post_id)
    assert answer.quotes[0].index == str(homes[1])
    assert heaps.post(bridge.post_id) == bridge
    with pytest.raises(InputError, match="no such post"):
        heaps.ask("What toll?", post_id="0" * 8)


def test_a_batch_gives_the_answers_that_asking_gives(heaps: Heaps, tmp_path: Path) -> None:
    """In order, byte for byte, and the check opens the pages of the right index: both have a page.md."""
    rows = [QuestionRow(str(at), question) for at, question in enumerate([*QUESTIONS, "Who won at chess?"])]
    out = tmp_path / "answers.jsonl"
    run_batch(heaps, rows, out)
    written = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert written == [heaps.ask(row.question, explain=False, id=row.id).to_dict() for row in rows]
    homes = [index.path for index in heaps.indexes]
    assert verify(out, index=[str(home) for home in homes]).holds
    only = verify(out, index=str(homes[0]))
    assert "it names an index that was not given" in {failure.problem for failure in only.failures}


def test_the_command_line_takes_several(homes: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`ask`, `batch` to a table and `verify`; what is printed names the index."""
    both = ["--index", str(homes[0]), "--index", str(homes[1])]
    question = "What toll did carts pay at the bridge?"
    assert main(["ask", question, *both]) == 0
    assert f"The stone bridge · 2023-06-09 · {homes[1]}" in " ".join(capsys.readouterr().out.split())
    (tmp_path / "questions.txt").write_text(f"{question}\n", encoding="utf-8")
    for ending in ("csv", "md", "jsonl"):
        out = tmp_path / f"answers.{ending}"
        assert main(["batch", str(tmp_path / "questions.txt"), "--out", str(out), "-q", *both]) == 0
        assert homes[1].name in out.read_text(encoding="utf-8")
    assert main(["verify", str(tmp_path / "answers.jsonl"), *both]) == 0


def test_python_asks_several_too(homes: list[Path]) -> None:
    """With the indexes kept open."""
    answer = ask("When was the Weirside mill built?", index=homes)
    assert answer.quotes[0].index == str(homes[0].resolve())
    assert verify([answer], index=homes).holds


def test_what_cannot_be_asked_together_is_said(homes: list[Path], tmp_path: Path) -> None:
    """None, the same one twice, and a missing one."""
    with pytest.raises(InputError, match="no index"):
        open_indexes([])
    with pytest.raises(InputError, match="twice"):
        open_indexes([homes[0], homes[0]])
    with pytest.raises(IndexProblem):
        open_indexes([homes[0], tmp_path / "none"])
    with open_index(homes[0]) as alone:
        assert together([alone]) is alone


def test_everything_said_about_a_thing_comes_from_all(heaps: Heaps) -> None:
    """The sentences of both, oldest post first; a post that both have comes once."""
    assert [one.post.title for one in heaps.about("library").posts] == ["The old mill", "The stone bridge"]
    bread = heaps.about("rye bread")
    assert (len(bread.posts), bread.count) == (1, 1)


def test_about_takes_several_indexes_and_names_that_of_each_sentence(
    homes: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """As JSON and as lines."""
    several = [part for home in homes for part in ("--index", str(home))]
    assert main(["about", "library", "--json", *several]) == 0
    quotes = [quote for post in json.loads(capsys.readouterr().out)["posts"] for quote in post["quotes"]]
    assert [quote["index"] for quote in quotes] == list(map(str, homes))
    assert main(["about", "library", *several]) == 0
    shown = capsys.readouterr().out
    assert all(str(home) in shown for home in homes)
