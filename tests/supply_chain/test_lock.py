"""What is installed: locked with hashes, without unexamined advisories, and everything that any module imports."""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
RUNS, TESTS, TORCH = "constraints.txt", "constraints-test.txt", "constraints-torch.txt"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ADVISORIES = json.loads(Path(__file__).with_name("advisories.json").read_text(encoding="utf-8"))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", name)[0]).casefold()


def _entries(file: str) -> list[str]:
    """Each package of a lock file with the lines of its hashes."""
    text = re.sub(r"^#.*\n", "", (ROOT / file).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [entry.strip() for entry in re.split(r"^(?=\S)", text, flags=re.MULTILINE) if entry.strip()]


def _pins(file: str) -> dict[str, str]:
    return {_normal(entry): entry.split("==")[1].split()[0] for entry in _entries(file)}


def _declared(*extras: str) -> set[str]:
    named = [*PROJECT["dependencies"], *(one for extra in extras for one in PROJECT["optional-dependencies"][extra])]
    return {_normal(name) for name in named}


def test_every_dependency_has_one_locked_version() -> None:
    """What is needed to run is in one file, what the tests and extras need in another, and nothing in both."""
    runs, tests = _pins(RUNS), _pins(TESTS)
    assert _declared() <= runs.keys() | {"torch"}
    extras = PROJECT["optional-dependencies"]
    assert _declared(*(extras.keys() - {"mpnet"})) <= runs.keys() | tests.keys() | {"torch"}
    # five parts of one file, which is checked by its hash; no test installs them
    assert all("==" in entry for entry in extras["mpnet"])
    assert not runs.keys() & tests.keys()
    assert "setuptools" in runs
    assert list(_pins(TORCH)) == ["torch"]
    assert len(runs) == len(_entries(RUNS))


@pytest.mark.parametrize("file", [RUNS, TESTS])
def test_every_locked_file_has_its_hash(file: str) -> None:
    """One version, hashes of its files, a readable marker; no address, no local build, no CUDA."""
    for entry in _entries(file):
        head, *hashes = entry.split(" \\\n")
        assert re.fullmatch(r"[\w.-]+==[\w.]+( ; .+)?", head), head
        if ";" in head:
            Marker(head.partition(";")[2].strip())
        assert hashes, head
        assert all(re.fullmatch(r"\s+--hash=sha256:[0-9a-f]{64}", one) for one in hashes), head
        assert not re.match(r"nvidia-|cuda-|triton", head)


def test_make_installs_nothing_but_the_lock() -> None:
    """Hashes are required for all packages but PyTorch, and running does not install what only tests need."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    chat, _, test = makefile.partition("$(READY): ")[2].partition("$(TOOLS): ")
    assert re.findall(r"\$\$pip (.+?)(?:;|$)", chat, re.MULTILINE) == [
        "--require-hashes --no-deps -r constraints.txt",
        "-c constraints-torch.txt torch",
        "--no-deps --no-build-isolation -e .",
    ]
    assert re.findall(r"\$\$pip (.+)$", test, re.MULTILINE) == ["--require-hashes --no-deps -r constraints-test.txt"]
    assert re.search(r"^chat: index ", makefile, re.MULTILINE)
    assert re.search(r"^index: \$\(READY\) ", makefile, re.MULTILINE)


def _affected(pins: dict[str, str]) -> dict[str, str]:
    """The known advisories for locked versions, each with its package."""
    return {
        advisory["id"]: advisory["package"]
        for advisory in ADVISORIES["advisories"]
        if advisory["package"] in pins
        and (advisory["fixed"] is None or Version(pins[advisory["package"]]) < Version(advisory["fixed"]))
    }


def test_no_locked_version_has_an_advisory_that_is_not_accepted() -> None:
    """Known ones are fixed, or accepted with the reason why they do no harm here; no reason outlives its advisory."""
    pins = {**_pins(RUNS), **_pins(TESTS), **_pins(TORCH)}
    assert {_normal(advisory["package"]) for advisory in ADVISORIES["advisories"]} <= pins.keys()
    assert _affected(pins).keys() == ADVISORIES["accepted"].keys()
    assert all(len(reason.split()) > 8 for reason in ADVISORIES["accepted"].values())
    # what is installed for running has none, except one for a part of PyTorch that is never called
    assert set(_affected({**_pins(RUNS), **_pins(TORCH)})) == {"CVE-2026-4538"}


def test_an_old_version_would_be_seen() -> None:
    """A version before the fix has the advisory, the fixed one does not."""
    assert "CVE-2026-48710" in _affected({"starlette": "1.0.0"})
    assert "CVE-2026-48710" not in _affected({"starlette": "1.0.1"})


def test_the_part_of_pytorch_with_an_advisory_is_never_called() -> None:
    """Nothing loads an exported program or a pickled model."""
    for path in [*(ROOT / "rag").rglob("*.py"), *(ROOT / "ui").rglob("*.py")]:
        assert not re.search(r"torch\.(export\.|jit\.)?load\(", path.read_text(encoding="utf-8")), path


def _imports(path: Path, seen: set[Path]) -> set[str]:
    """The packages that a file and the test modules it uses import, wherever in it."""
    if path in seen:
        return set()
    seen.add(path)
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        else:
            continue
        for name in names:
            beside = [
                folder / f"{name.replace('.', '/')}.py"
                for folder in (path.parent, ROOT / "tests", ROOT / "tests" / "training")
            ]
            local = next((one for one in beside if one.is_file()), None)
            found |= _imports(local, seen) if local else {name.partition(".")[0]}
    return found - set(sys.stdlib_module_names) - {"rag", "ui", "tests", "__future__"}


def _distributions(names: set[str]) -> set[str]:
    known = packages_distributions()
    return {_normal(dist) for name in names for dist in known.get(name, [name])}


def test_everything_that_the_packages_import_is_declared() -> None:
    """In pyproject.toml, so that it is installed and locked: for running, or in the extra that an option names."""
    found: set[str] = set()
    for folder in ("rag", "ui"):
        for path in (ROOT / folder).rglob("*.py"):
            found |= _imports(path, set())
    optional = _declared(*PROJECT["optional-dependencies"].keys() - {"dev"})
    of_declared = {"fastapi", "gradio-client", "grpcio", "transformers"}  # parts of what is declared
    assert _distributions(found) - of_declared <= _declared() | optional


def test_everything_that_a_documented_command_imports_is_installed() -> None:
    """Each script named in a README runs with what `make test` installs."""
    documents = [*ROOT.glob("*.md"), *ROOT.glob("*/README.md"), *(ROOT / "tests").rglob("README.md")]
    named = {name for path in documents for name in re.findall(r"tests/[\w/]+\.py", path.read_text(encoding="utf-8"))}
    scripts = [ROOT / name for name in sorted(named) if not Path(name).name.startswith("test_")]
    assert len(scripts) >= 8
    installed = _pins(RUNS).keys() | _pins(TESTS).keys() | _pins(TORCH).keys()
    for script in scripts:
        assert _distributions(_imports(script, set())) <= installed, script
