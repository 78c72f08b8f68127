"""A build in a process of its own: the same index, reported step by step, and no harm if either side is killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag import build_index
from rag.errors import BuildStalled, PullquoteError
from rag.indexing import subprocess_build as apart
from rag.indexing.subprocess_build import build_in_subprocess

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = (
    "The well at the crossroads\n\n"
    "The well at the crossroads was dug in 1911 by three brothers who had lost their goats to the drought.\n\n"
    "It is forty metres deep, and the village still drinks from it when the pipes freeze in January.\n"
)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder with one page."""
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "well.txt").write_text(PAGE, encoding="utf-8")
    return folder


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[str]]:
    """The processes in which builds were started."""
    started: list[subprocess.Popen[str]] = []

    class Kept(subprocess.Popen[str]):
        def __init__(self, *given: object, **named: object) -> None:
            super().__init__(*given, **named)  # type: ignore[call-overload]
            started.append(self)

    monkeypatch.setattr(apart.subprocess, "Popen", Kept)
    return started


@pytest.fixture
def stuck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let builds get stuck at their first page, where no signal reaches them; a file exists once one is stuck."""
    flag = tmp_path / "is stuck"
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        f"sys.path.append({str(Path(__file__).parents[1])!r})\n"
        "from pathlib import Path\n"
        "from killing import stick\n"
        "from rag.indexing import tasks\n"
        "def read_named(*_):\n"
        f"    Path({str(flag)!r}).touch()\n"
        "    stick()\n"
        "tasks.read_named = read_named\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(Path(apart.__file__).parents[2])]))
    return flag


def test_it_builds_the_same_index_behind_everybody_else(
    pages: Path, tmp_path: Path, children: list[subprocess.Popen[str]]
) -> None:
    """The same snapshot as a build in this process, reported in steps, by a process of lower priority."""
    steps = build_in_subprocess([pages], tmp_path / "apart")
    stages = [next(steps)[0]]
    if _may(lambda: os.nice(10)):
        assert os.getpriority(os.PRIO_PROCESS, children[0].pid) == min(os.getpriority(os.PRIO_PROCESS, 0) + 10, 19)
    if hasattr(os, "SCHED_IDLE"):
        assert os.sched_getscheduler(children[0].pid) == os.SCHED_OTHER
    stages += [stage for stage, _, _ in steps]
    assert stages[0] == "reading pages"
    assert "writing the index" in stages
    assert children[0].returncode is not None
    build_index([pages], into=tmp_path / "here")
    assert (tmp_path / "apart" / "current").read_text() == (tmp_path / "here" / "current").read_text()


def test_it_goes_farther_behind_while_somebody_asks(
    pages: Path, tmp_path: Path, children: list[subprocess.Popen[str]]
) -> None:
    """Every thread of it gets only idle time while there are readers, and normal time when there are none."""
    if not hasattr(os, "SCHED_IDLE") or not _may(lambda: os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))):
        pytest.skip("this system does not let a process go behind all others")
    asked = threading.Event()
    asked.set()
    with contextlib.closing(build_in_subprocess([pages], tmp_path / "index", asked.is_set)) as steps:
        next(steps)
        children[0].send_signal(signal.SIGSTOP)  # it has threads by now, and is not done before this has looked at them
        _wait_for_policy(children[0].pid, os.SCHED_IDLE)
        asked.clear()
        if _may(_behind_and_back):
            _wait_for_policy(children[0].pid, os.SCHED_OTHER)
        children[0].send_signal(signal.SIGCONT)
        list(steps)
    assert (tmp_path / "index" / "current").exists()


def test_a_system_that_refuses_to_reorder_is_built_on_all_the_same(
    pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If neither side may change priorities, the index is built."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os\n"
        "def refuse(*_):\n"
        "    raise PermissionError(1, 'Operation not permitted')\n"
        "os.nice = os.sched_setscheduler = refuse\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(apart.os, "sched_setscheduler", refuse, raising=False)
    list(build_in_subprocess([pages], tmp_path / "index", lambda: True))
    assert (tmp_path / "index" / "current").exists()


def test_what_is_wrong_is_reported_in_the_words_of_the_build(tmp_path: Path) -> None:
    """One line for a person, which names the path and what to do."""
    with pytest.raises(PullquoteError) as told:
        list(build_in_subprocess([tmp_path / "nowhere"], tmp_path / "index"))
    with pytest.raises(PullquoteError) as here:
        build_index([tmp_path / "nowhere"], into=tmp_path / "index")
    assert str(told.value) == str(here.value)


def test_a_build_that_is_killed_is_reported_and_changes_nothing(
    pages: Path, tmp_path: Path, children: list[subprocess.Popen[str]]
) -> None:
    """A sentence with the signal; no index where none was; the next build works."""
    steps = build_in_subprocess([pages], tmp_path / "index")
    next(steps)
    children[0].send_signal(signal.SIGKILL)
    with pytest.raises(PullquoteError, match=r"ended early.*signal 9.*Try again"):
        list(steps)
    assert not (tmp_path / "index" / "current").exists()
    list(build_in_subprocess([pages], tmp_path / "index"))
    assert (tmp_path / "index" / "current").exists()


def test_who_stops_listening_ends_the_build(pages: Path, tmp_path: Path, children: list[subprocess.Popen[str]]) -> None:
    """The process is gone when the steps are closed, and nothing was put in place."""
    steps = build_in_subprocess([pages], tmp_path / "index")
    next(steps)
    steps.close()
    assert children[0].returncode is not None
    assert not (tmp_path / "index" / "current").exists()


def test_a_build_ends_with_the_process_that_asked_for_it(pages: Path, tmp_path: Path) -> None:
    """If the page is killed, its build does not continue alone."""
    code = (
        "import sys, time; from pathlib import Path; from rag.indexing import subprocess_build as apart\n"
        "class Told(apart.subprocess.Popen):\n"
        "    def __init__(self, *given, **named):\n"
        "        super().__init__(*given, **named); print(self.pid, flush=True)\n"
        "apart.subprocess.Popen = Told\n"
        "steps = apart.build_in_subprocess([Path(sys.argv[1])], Path(sys.argv[2]))\n"
        "next(steps); print('told', flush=True); time.sleep(600)\n"
    )
    command = [sys.executable, "-c", code, str(pages), str(tmp_path / "index")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as page:
        assert page.stdout is not None
        child = int(page.stdout.readline())
        assert page.stdout.readline() == "told\n"
        page.kill()
    until = time.monotonic() + 60
    while _runs(child):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert not (tmp_path / "index" / "current").exists()


def test_a_build_that_is_stuck_is_ended_with_the_page_s_name(
    pages: Path, tmp_path: Path, stuck: Path, children: list[subprocess.Popen[str]]
) -> None:
    """Where no signal reaches it; the name is that of the page, and nothing is put in place."""
    with pytest.raises(BuildStalled, match=r"^well\.txt: there was no progress for 8 seconds"):
        list(build_in_subprocess([pages], tmp_path / "index", patience_seconds=5))
    assert stuck.exists()
    assert children[0].returncode == -signal.SIGKILL
    assert not (tmp_path / "index" / "current").exists()


def test_a_build_that_is_stuck_ends_with_the_process_that_asked_for_it(
    pages: Path, tmp_path: Path, stuck: Path
) -> None:
    """While a library holds the interpreter lock and never releases it."""
    code = (
        "import sys; from pathlib import Path; from rag.indexing import subprocess_build as apart\n"
        "class Told(apart.subprocess.Popen):\n"
        "    def __init__(self, *given, **named):\n"
        "        super().__init__(*given, **named); print(self.pid, flush=True)\n"
        "apart.subprocess.Popen = Told\n"
        "list(apart.build_in_subprocess([Path(sys.argv[1])], Path(sys.argv[2])))\n"
    )
    command = [sys.executable, "-c", code, str(pages), str(tmp_path / "index")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as page:
        assert page.stdout is not None
        child = int(page.stdout.readline())
        _wait_for(stuck.exists)
        page.kill()
    _wait_for(lambda: not _runs(child))


def _wait_for(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    """Whether the process is running; one that has ended and was not waited for counts as ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return not Path("/proc/self/stat").exists()  # gone meanwhile, or no Linux


def _may(change: Callable[[], object]) -> bool:
    """Whether the system lets such a process make a change to itself; tried in a process that ends."""
    child = os.fork()
    if child == 0:
        try:
            change()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def _behind_and_back() -> None:
    os.nice(10)
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def _wait_for_policy(pid: int, policy: int) -> None:
    """Wait until every thread of a process has a policy."""
    until = time.monotonic() + 60
    while {os.sched_getscheduler(int(one.name)) for one in Path(f"/proc/{pid}/task").iterdir()} != {policy}:
        assert time.monotonic() < until
        time.sleep(0.05)
