"""The project as a whole: layers, types, form, the cost of importing, and what the README promises."""

from __future__ import annotations

import pydoc
import re
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import rag

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
HEAVY = (
    "torch",
    "transformers",
    "sentence_transformers",
    "numpy",
    "faiss",
    "bm25s",
    "gradio",
    "onnxruntime",
    "sklearn",
)


def _run(*command: str) -> str:
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _loaded_by(code: str) -> set[str]:
    out = _run("-c", f"import sys\n{code}\nprint('\\nloaded', *sys.modules)")
    return set(out.splitlines()[-1].split()) & set(HEAVY)


@pytest.mark.parametrize(
    "code",
    [
        "import rag",
        "from rag import Answer, Location, Post, PullquoteError, Quote, ask, verify",
        "import rag.cli.entry_point\ntry: rag.cli.entry_point.main(['--help'])\nexcept SystemExit: pass",
        "import rag.cli.entry_point\ntry: rag.cli.entry_point.main(['ask', '--help'])\nexcept SystemExit: pass",
    ],
)
def test_importing_and_help_load_no_numerical_library(code: str) -> None:
    """Importing is free."""
    assert _loaded_by(code) == set()


def test_being_told_that_there_is_no_index_does_not_wait_for_the_model() -> None:
    """Errors are reported before anything slow is loaded."""
    assert _loaded_by(
        "import rag.cli.entry_point\nassert rag.cli.entry_point.main(['ask', 'Who?', '--index', 'none']) == 2"
    ) <= {"numpy"}


def test_the_public_names_are_few_and_all_there() -> None:
    """At most a dozen; each exists, and there is no other."""
    assert len(rag.__all__) <= 12
    for name in rag.__all__:
        assert getattr(rag, name).__name__ == name
    assert dir(rag) == sorted(rag.__all__)
    with pytest.raises(AttributeError, match="nothing_of_this_name"):
        _ = rag.nothing_of_this_name


def test_a_module_imports_only_from_layers_below_it() -> None:
    """The layers in pyproject.toml name every module, and none imports upwards."""
    _run("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")


def test_types_hold_in_the_project_and_for_its_users() -> None:
    """mypy, strict, over both packages and a file that uses the public names as a user would."""
    _run("-m", "mypy", "--no-error-summary")
    _run("-m", "mypy", "--no-error-summary", "--strict", "tests/typing_api.py")


def test_code_has_its_agreed_form() -> None:
    """The linter and the formatter find nothing."""
    _run("-m", "ruff", "check", "--quiet", ".")
    _run("-m", "ruff", "format", "--check", "--quiet", ".")


def test_the_command_line_finds_the_page() -> None:
    """One page is announced, and it can be loaded without gradio."""
    found = entry_points(group="pullquote.page")
    assert [page.value for page in found] == ["ui.app:launch"]
    assert (
        _loaded_by(
            "from importlib.metadata import entry_points\nfor e in entry_points(group='pullquote.page'): e.load()"
        )
        == set()
    )


def test_a_first_question_loads_only_what_it_needs(seed_home: Path) -> None:
    """Neither what reads pages, nor the reader if it is not requested, nor the libraries of either."""
    code = (
        "import sys; from rag import open_index\n"
        f"with open_index({str(seed_home)!r}, fast=True) as index:\n"
        "    assert index.ask('When was Google incorporated?', fast=True).quotes\n"
        "print([name for name in sys.modules if name.startswith(('rag.loading', 'rag.extraction', 'rag.indexing', "
        "'rag.embedding.reader', 'rag.text.sentences', 'email', 'tarfile', 'zipfile', 'torch', 'gradio'))])"
    )
    assert _run("-c", code).strip() == "[]"


def test_every_dependency_is_locked() -> None:
    """What pyproject.toml names has exactly one version in the locks, and no package for one kind of machine."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"], "torch", "setuptools"]
    texts = [path.read_text(encoding="utf-8") for path in ROOT.glob("constraints*.txt")]
    pinned = re.findall(r"^([\w.-]+)==", "\n".join(texts), re.MULTILINE)
    locked = {_normal(name) for name in pinned}
    missing = {_normal(re.split(r"[\[<>=!~; ]", name)[0]) for name in wanted} - locked
    assert not missing, f"not locked: {missing}. Run: make lock ARGS=--keep"
    assert len(pinned) == len(locked)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).casefold()


def test_the_readme_is_short() -> None:
    """A stranger reads it in a minute."""
    assert len(README.splitlines()) <= 120


def test_the_readme_names_every_command_and_no_other() -> None:
    """No undocumented command."""
    commands = set(re.findall(r"^    ([a-z]+)", _run("-m", "rag", "--help"), re.MULTILINE))
    assert set(re.findall(r"pullquote ([a-z]+)", README)) == commands
    assert {"index", "ask", "chat", "batch", "posts", "verify", "eval"} <= commands


def test_the_readme_names_tests_that_exist() -> None:
    """Each guarantee is checked by a test that can be looked up."""
    named = re.findall(r"`(test_\w+)\.py(?:::(\w+))?`", README)
    assert named
    for module, function in named:
        found = list((ROOT / "tests").rglob(f"{module}.py"))
        assert found, module
        assert not function or f"def {function}(" in found[0].read_text(encoding="utf-8"), function


def test_what_the_readme_shows_is_there() -> None:
    """Pictures and files it links to."""
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).is_file(), target


def test_no_file_names_a_place_of_one_machine() -> None:
    """What is in git can be used anywhere."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file() and path.parent.name != "seeds":
            text = path.read_bytes().decode("utf-8", "ignore")
            assert not re.search(r"(?<![\w.])/(?:root|home/\w+|work)/", text), name


def test_the_map_of_the_code_names_every_module() -> None:
    """Each room has a table in rag/README.md, with a row for each of its modules and no other."""
    readme = (ROOT / "rag" / "README.md").read_text(encoding="utf-8")
    parts = re.split(r"^### (Ground floor|`[\w.]+`).*$", readme.partition("## Modules")[2], flags=re.MULTILINE)
    named = {
        room.strip("`"): sorted(re.findall(r"^\| `(\w+)` \| \S", rows, re.MULTILINE))
        for room, rows in zip(parts[1::2], parts[2::2], strict=True)
    }
    there: dict[str, list[str]] = {}
    for path in sorted((ROOT / "rag").rglob("*.py")):
        room = ".".join(path.relative_to(ROOT / "rag").parts[:-1])
        if path.stem != "__init__":
            there.setdefault(room or "Ground floor", []).append(path.stem)
    assert named == there


def test_the_calls_that_the_map_follows_exist() -> None:
    """A function or class that was renamed or moved has its new name in rag/README.md."""
    readme = (ROOT / "rag" / "README.md").read_text(encoding="utf-8")
    calls = re.findall(r"^\| \d+ \| `([\w.]+)` \| \S", readme, re.MULTILINE)
    assert len(calls) > 10
    for call in calls:
        assert pydoc.locate(f"rag.{call}") is not None, call
