"""Every command shown in a README or CONTRIBUTING exists, with its options; the quick ones are run as shown."""

from __future__ import annotations

import argparse
import importlib.util
import re
import shlex
import tomllib
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from made_posts import WAYS

from rag import open_index
from rag.cli import main, parser

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [
    path.relative_to(ROOT).as_posix()
    for path in sorted(chain(ROOT.glob("*.md"), ROOT.glob("*/README.md"), ROOT.glob("tests/*/README.md")))
    if path.name != "CHANGELOG.md"
]
# what a block of code may contain besides commands of this project; the tests of the page run it
ELSEWHERE = ("curl ", "-H ", "-d ")


def _blocks(text: str) -> Iterator[str]:
    """The command lines of a document: indented by four spaces or more, or in a block for a shell."""
    fence = None
    for line in text.splitlines():
        if line.startswith("```"):
            fence = None if fence is not None else line.removeprefix("```")
        elif (fence in {"sh", "bash", "console"} or (fence is None and line.startswith("    "))) and line.strip():
            yield line.strip().removeprefix("$ ")


def _inline(text: str) -> Iterator[str]:
    """The commands that a document names in its running text and tables."""
    for code in re.findall(r"`([^`\n]+)`", text):
        if re.match(r"(pullquote|make|python|pip install) ", code):
            yield code


def _words(command: str) -> list[str]:
    words = shlex.split(command, comments=True)
    return [words[0].removeprefix(".venv/bin/"), *words[1:]]


def _commands() -> dict[str, argparse.ArgumentParser]:
    (found,) = [one.choices for one in parser.command_parser()._actions if isinstance(one, argparse._SubParsersAction)]
    return dict(found)


def _check_pullquote(words: list[str]) -> None:
    name, *options = words
    known = _commands()[name]._option_string_actions
    for option in options:
        assert not option.startswith("-") or option in known, f"pullquote {name} has no {option}"


def _check_make(words: list[str]) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert words[0] in targets, f"there is no target {words[0]}"


def _check_python(words: list[str]) -> None:
    if words[0] == "-m":
        assert importlib.util.find_spec(words[1]) is not None, words[1]
        assert words[1] != "pytest" or all((ROOT / word).exists() for word in words[2:] if not word.startswith("-"))
        return
    script = (ROOT / words[0]).read_text(encoding="utf-8")
    for option in words[1:]:
        assert not option.startswith("--") or f'"{option}"' in script, f"{words[0]} has no {option}"


def _check_pip(words: list[str]) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for package in words[1:]:
        extra = re.fullmatch(r"pullquote\[(\w+)\]", package)
        assert extra is None or extra[1] in extras, package


CHECKS = {"pullquote": _check_pullquote, "make": _check_make, "python": _check_python, "pip": _check_pip}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_command_of_a_document_exists(name: str) -> None:
    """Subcommands, options, targets, scripts, modules and extras; any other line in a block is an error."""
    text = (ROOT / name).read_text(encoding="utf-8")
    for command in chain(_blocks(text), _inline(text)):
        if not command.startswith(ELSEWHERE):
            program, *words = _words(command)
            assert program in CHECKS, f"{name}: {command}"
            CHECKS[program](words)


def test_the_documents_hold_commands() -> None:
    """The blocks are found, so a change of form does not switch the checks off."""
    found = {name: [*_blocks((ROOT / name).read_text(encoding="utf-8"))] for name in DOCUMENTS}
    assert "make chat     # creates" in " ".join(found["README.md"])
    assert len(found["CONTRIBUTING.md"]) >= 6
    assert len(found["embeddings/README.md"]) >= 3


def _ways_in() -> dict[str, dict[str, bytes]]:
    """What each path of the README's table of formats may contain."""
    return {
        "saved/": WAYS["html"],
        "notes/": WAYS["markdown"],
        "mail/": {**WAYS["mail"], **WAYS["mailbox"]},
        "papers/": {**WAYS["docx"], **WAYS["epub"]},
        "blog.txt": {"blog.txt": WAYS["movable-type"]["blog.export.txt"]},
        "blog.xml": {"blog.xml": WAYS["wordpress"]["blog.wordpress.xml"]},
        "posts.jsonl": WAYS["jsonl-text"],
        "saved.zip": WAYS["zip"],
    }


@pytest.mark.parametrize("path", _ways_in())
def test_the_ways_in_work_as_the_readme_writes_them(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command of the table finds the posts in what its row describes."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"`pullquote index {path}`" in readme
    assert set(re.findall(r"`pullquote index ([a-z]+(?:/|\.\w+))`", readme)) == set(_ways_in())
    for file, data in _ways_in()[path].items():
        place = tmp_path / path / file if path.endswith("/") else tmp_path / file
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(data)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PULLQUOTE_INDEX", str(tmp_path / "index"))
    assert main(["index", "--dry-run", path]) == 0
    assert re.search(r"would have [34] posts", capsys.readouterr().out)


def test_the_python_of_the_readme_runs(tmp_path: Path, seed_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example, letter for letter, with the seed pages as the default index and one page of one's own."""
    code = (ROOT / "README.md").read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
    (tmp_path / "my-pages").mkdir()
    (tmp_path / "my-pages" / "care.txt").write_text("Care\n\nSocial care is paid for by councils and by families.\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PULLQUOTE_INDEX", str(seed_home))
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102
    with open_index(tmp_path / "my-index") as index:
        assert [page.file for page in index.pages()] == ["care.txt"]
