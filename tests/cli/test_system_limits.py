"""What the system refuses is put in words: memory, open files, a home, a user entry. Nothing dies silently."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag import build_index
from rag.cli import entry_point

if TYPE_CHECKING:
    from collections.abc import Callable

resource = pytest.importorskip("resource")
ROOT = Path(__file__).resolve().parents[2]
ASK = ("ask", "Who dug the well?")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of one page."""
    folder = tmp_path_factory.mktemp("limits")
    (folder / "pages").mkdir()
    (folder / "pages" / "well.txt").write_text(
        "The well at the crossroads\n\nThe well at the crossroads was dug in 1911 by three brothers with their goats.\n"
    )
    build_index([folder / "pages"], into=folder / "index")
    return folder / "index"


def _run(
    home: Path, *arguments: str, before: Callable[[], None] | None = None, by: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*by, sys.executable, "-m", "rag", *arguments, "--index", str(home)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        preexec_fn=before,
    )


def _at_most(what: int, limit: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(what, (limit, limit))


@pytest.mark.parametrize("megabytes", [100, 300, 700])
@pytest.mark.parametrize("command", [ASK, ("posts",), ("index",)])
def test_too_little_memory_is_said_before_a_library_dies_of_it(
    home: Path, command: tuple[str, ...], megabytes: int
) -> None:
    """One line with what is needed and how to get it, and exit status 2."""
    done = _run(home, *command, before=_at_most(resource.RLIMIT_AS, megabytes * 1024**2))
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("pullquote: the limit on memory is too low (expected at least ")
    assert line.endswith(f"got {megabytes} MB). Allow more: ulimit -v unlimited.")


def test_what_is_said_to_be_enough_memory_is_enough(home: Path) -> None:
    """With the stated minimum, a question is answered."""
    least = entry_point.MIN_ADDRESS_MB + (os.cpu_count() or 1) * entry_point.MB_PER_PROCESSOR
    done = _run(home, *ASK, before=_at_most(resource.RLIMIT_AS, least * 1024**2))
    assert (done.returncode, done.stderr) == (0, "")
    assert "three brothers" in done.stdout


def test_a_library_that_finds_no_room_is_too_little_memory() -> None:
    """If the loader says so; any other failed import is a fault, and is not hidden."""
    assert "too little memory" in entry_point._in_words(ImportError("x.so: failed to map segment from shared object"))
    with pytest.raises(ImportError, match="no such name"):
        entry_point._in_words(ImportError("no such name"))


@pytest.mark.parametrize("files", [8, 12, 16])
def test_too_few_open_files_are_not_damage(home: Path, files: int) -> None:
    """Wherever they run out, the line says how to allow more, and calls nothing damaged."""
    done = _run(home, *ASK, before=_at_most(resource.RLIMIT_NOFILE, files))
    assert done.returncode == 2
    assert "too many files are open" in done.stderr
    assert "ulimit -n" in done.stderr
    assert "Traceback" not in done.stderr
    assert "damaged" not in done.stderr


def test_a_deleted_current_folder_is_said(home: Path, tmp_path: Path) -> None:
    """A relative path means nothing there; the line says what to do."""
    (tmp_path / "gone").mkdir()
    program = f"import os, sys; os.chdir({str(tmp_path / 'gone')!r}); os.rmdir(os.getcwd()); sys.path.insert(0, {str(ROOT)!r})"
    program += f"; from rag.cli.entry_point import main; sys.exit(main(['index', 'pages', '--index', {str(home)!r}]))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "pullquote: the folder you are in has been deleted. Change to another one: cd FOLDER.\n"


def test_a_user_without_home_or_entry_asks_and_builds(home: Path, tmp_path: Path) -> None:
    """As in a container with only a user number; what would be stored in a home is not stored."""
    apart = ("unshare", "--user", "--map-user=54321", "--map-group=54321")
    if shutil.which("unshare") is None or subprocess.run([*apart, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine does not let a process be another user")
    nobody = (*apart, "env", "-u", "HOME", *(f"--unset={name}" for name in os.environ if name.startswith("XDG_")))
    asked = _run(home, *ASK, by=nobody)
    assert asked.returncode == 0, asked.stderr
    assert "three brothers" in asked.stdout
    assert "the prepared model cannot be stored (this user has no home folder)" in asked.stderr
    built = _run(tmp_path / "index", "index", str(home.parent / "pages"), by=nobody)
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "index" / "current").exists()


def test_a_full_output_is_said(home: Path) -> None:
    """What cannot be written is a failure in words."""
    command = [sys.executable, "-m", "rag", "posts", "--index", str(home)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=ROOT)
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
