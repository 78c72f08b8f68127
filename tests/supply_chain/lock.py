"""Write the lock files and the known advisories about them: `make lock` runs this (it needs the network).

        constraints.txt            what is needed to run, with hashes, for every platform and Python 3.11 to 3.13
        constraints-test.txt       what the tests and the optional extras also need, the same way
    constraints-torch.txt      PyTorch's version; its build, and so its hash, differs from one package index to another
    tests/supply_chain/advisories.json    advisories about any of these

It needs the programs `uv` and `pip-audit`.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ADVISORIES = Path(__file__).with_name("advisories.json")

# PyTorch, and what only one build of it depends on: pip installs these with the build that its index has.
_OF_TORCH = re.compile(r"^(torch|triton|nvidia-[\w-]+|cuda-[\w-]+)==")

_HEADS = {
    "constraints.txt": """\
# What running Pullquote needs, for Python 3.11 to 3.13. `make chat` installs exactly these files (--require-hashes);
# PyTorch comes separately, see constraints-torch.txt. Write anew with `make lock`, then run `make check`.
""",
    "constraints-test.txt": """\
# What the tests and the optional extras need beside constraints.txt. `make test` installs exactly these files.
# Write anew with `make lock`, then run `make check`.
""",
    "constraints-torch.txt": """\
# PyTorch's version. It has no hash: package indexes offer different builds of it (CPU, CUDA), and pip takes the one that
# yours has. Write anew with `make lock`, then run `make check`.
""",
}


def main() -> None:
    """Resolve, write, audit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", action="store_true", help="keep locked versions that pyproject.toml still allows")
    options = parser.parse_args()
    runs = _compiled([], keep=options.keep)
    tests = _compiled(_extras(), keep=options.keep, given=runs)
    torch = [entry for entry in runs if entry.startswith("torch==")]
    _write("constraints.txt", [entry for entry in runs if not _OF_TORCH.match(entry)])
    names = {_name(entry) for entry in runs}
    _write("constraints-test.txt", [one for one in tests if _name(one) not in names and not _OF_TORCH.match(one)])
    _write("constraints-torch.txt", [torch[0].split()[0] + "\n"])
    _audit()


def _extras() -> list[str]:
    """Options for every extra but mpnet: its packages are pinned in pyproject.toml, and 0.4 GB that no test uses."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [f"--extra={name}" for name in project["optional-dependencies"] if name != "mpnet"]


def _compiled(arguments: list[str], *, keep: bool, given: list[str] | None = None) -> list[str]:
    """One entry per package, with its lines of hashes; ``given`` are entries whose versions are kept."""
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder) / "build.in"
        build.write_text("setuptools>=77\n", encoding="utf-8")
        pins = Path(folder) / "pins.txt"
        chosen = {_name(entry): entry.split(" ")[0] + "\n" for entry in [*_locked(keep=keep), *(given or ())]}
        pins.write_text("".join(chosen.values()), encoding="utf-8")
        command = ["uv", "pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes", "--quiet"]
        command += ["--no-annotate", "--no-header", "--constraint", str(pins), *arguments, "pyproject.toml", str(build)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return [entry for entry in re.split(r"^(?=\S)", done.stdout, flags=re.MULTILINE) if "==" in entry]


def _locked(*, keep: bool) -> list[str]:
    if not keep:
        return []
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in _HEADS if (ROOT / name).exists()]
    return [line for text in texts for line in text.splitlines() if re.match(r"[\w.-]+==", line)]


def _name(entry: str) -> str:
    return re.sub(r"[-_.]+", "-", entry.partition("==")[0]).lower()


def _write(name: str, entries: list[str]) -> None:
    (ROOT / name).write_text(_HEADS[name] + "".join(entries), encoding="utf-8")


def _audit() -> None:
    """Add PyPI's advisories about the locked versions to the known ones."""
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "pins.txt"
        pins.write_text("".join(line.split(" ")[0] + "\n" for line in _locked(keep=True)), encoding="utf-8")
        command = ["pip-audit", "--requirement", str(pins), "--no-deps", "--disable-pip", "--format", "json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # 1: there are some
    found = json.loads(done.stdout)["dependencies"] if done.stdout.strip() else []
    known = json.loads(ADVISORIES.read_text(encoding="utf-8"))
    ids = {advisory["id"] for advisory in known["advisories"]}
    for package in found:
        for advisory in package.get("vulns", []):
            names = {advisory["id"], *advisory.get("aliases", ())}
            if names.isdisjoint(ids):
                fixed = min(advisory["fix_versions"], default=None)
                known["advisories"].append({"package": package["name"], "id": advisory["id"], "fixed": fixed})
    missing = [package["name"] for package in found if "skip_reason" in package]
    if found and not missing:
        known["known_on"] = datetime.now(UTC).date().isoformat()
    else:
        sys.stderr.write(f"PyPI gave no advisories for {len(missing) or 'all'} packages: the known ones are kept.\n")
    known["advisories"].sort(key=lambda advisory: (advisory["package"], advisory["id"]))
    ADVISORIES.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
