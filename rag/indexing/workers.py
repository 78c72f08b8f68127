"""Work that is parted into shards, done by several processes of this machine or by those of a Ray cluster.

Each shard's outcome is a file whose name follows from what the shard is, written aside and renamed. So it does not
matter which process does it, in which order, or how often: a worker that is killed is replaced and its shard done
again, and a build that was killed goes on with the shards that it finds.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pickle
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

from rag.errors import ExtraMissing, InputError, PullquoteError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import ProcessPoolExecutor

__all__ = ["SHARDS", "ProcessExecutor", "RayExecutor", "TaskExecutor", "executor_for"]

Given = TypeVar("Given")
Made = TypeVar("Made")

SHARDS = ".shards"
# Deaths in a row without a shard done in between: more is no accident, such as too little memory for the model.
_MOST_DEATHS = 5
# a task on Ray is tried so often on workers and machines that die under it
_RETRIES = 5
# a cluster of this machine's own is started so often: on a busy machine its parts sometimes miss each other's time
_STARTS = 3


class TaskExecutor(Protocol):
    """Those who do the work. Use as a context manager, which ends them."""

    def __enter__(self) -> Self:
        """Use as a context manager."""

    def __exit__(self, *error: object) -> None:
        """End them."""

    def run(
        self,
        task: Callable[[Given], Made],
        shards: Sequence[Given],
        told: Callable[[int], None] = lambda _: None,
        *,
        anew: bool = False,
    ) -> list[Made]:
        """Do a task, a function of some module, with each shard; what was made, in the order of the shards.

        ``told`` hears how many shards are done. ``anew`` takes nothing from a build that was broken off: for shards
        that do not hold all that their outcome hangs on.
        """


class _Filed:
    """Shards as files in a folder."""

    def __init__(self, folder: Path, made_by: str) -> None:
        self.folder = folder
        self._made_by = made_by
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._end()
        # what was built has taken it all in; what was broken off goes on with it the next time
        if error[0] is None or (isinstance(error[0], type) and issubclass(error[0], InputError)):
            shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self) -> None:
        """End the workers."""

    def run(
        self,
        task: Callable[[Given], Made],
        shards: Sequence[Given],
        told: Callable[[int], None] = lambda _: None,
        *,
        anew: bool = False,
    ) -> list[Made]:
        given = [pickle.dumps((task, shard), protocol=5) for shard in shards]
        paths = [self.folder / f"{task.__name__}-{place:05}-{self._digest(data)}" for place, data in enumerate(given)]
        for path in paths if anew else ():
            path.unlink(missing_ok=True)
        left = {place: data for place, data in enumerate(given) if not paths[place].exists()}
        told(len(given) - len(left))
        for done, _ in enumerate(self._do(left, paths), len(given) - len(left) + 1):
            told(done)
        return [pickle.loads(path.read_bytes()) for path in paths]  # noqa: S301 - our own files, written a moment ago

    def _do(self, left: dict[int, bytes], paths: Sequence[Path]) -> Iterator[int]:
        """Write the outcome of each shard that is left; gives their numbers as they are done."""
        raise NotImplementedError

    def _digest(self, data: bytes) -> str:
        return hashlib.sha256(self._made_by.encode() + data).hexdigest()[:16]


class ProcessExecutor(_Filed):
    """Processes of this machine, each with one thread."""

    def __init__(self, count: int, folder: Path, made_by: str) -> None:
        super().__init__(folder, made_by)
        self._count = count
        self._pool: ProcessPoolExecutor | None = None

    def _end(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def _do(self, left: dict[int, bytes], paths: Sequence[Path]) -> Iterator[int]:
        from concurrent.futures import ProcessPoolExecutor, as_completed
        from concurrent.futures.process import BrokenProcessPool
        from multiprocessing import get_context

        deaths = 0
        while left:
            if self._pool is None:
                # a fork would share locks and threads of what is loaded here
                self._pool = ProcessPoolExecutor(self._count, mp_context=get_context("spawn"), initializer=_alone)
            try:
                waiting = {self._pool.submit(_write, data, paths[place]): place for place, data in left.items()}
                for future in as_completed(waiting):
                    future.result()
                    del left[waiting[future]]
                    deaths = 0
                    yield waiting[future]
            except BrokenProcessPool as error:
                self._end()
                done = [place for place in left if paths[place].exists()]
                for place in done:
                    del left[place]
                    yield place
                deaths = 0 if done else deaths + 1
                if deaths == _MOST_DEATHS:
                    raise PullquoteError(
                        "the workers kept being killed",
                        remedy="They may need more memory: use fewer with --workers N.",
                    ) from error


class RayExecutor(_Filed):
    """Workers of a Ray cluster; every machine of it needs this version of Pullquote, and the pages under one path.

    ``address`` is as Ray has it, such as HOST:PORT or "auto"; "local" starts a cluster of this machine's own.

    Raises:
        ExtraMissing: Ray is not installed.
        InputError: there is no cluster at that address.

    """

    def __init__(self, address: str, count: int | None, folder: Path, made_by: str) -> None:
        if importlib.util.find_spec("ray") is None:
            remedy = 'Install it: pip install "pullquote[ray]"'
            raise ExtraMissing("--ray needs the package ray, which is not installed", remedy=remedy)
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # it would report to its maker
        import ray

        own = {"num_cpus": count, "_node_ip_address": "127.0.0.1"} if address == "local" else {}
        for left in reversed(range(_STARTS)):
            try:
                ray.init(address=address, include_dashboard=False, log_to_driver=False, logging_level="ERROR", **own)
                break
            except (ConnectionError, ValueError, RuntimeError, TimeoutError) as error:
                ray.shutdown()
                if left and own:
                    continue
                said = " ".join(str(error).split())[:200]
                remedy = "Start it: ray start" if not own else "Try again, or work without it: --workers N."
                raise InputError(f"there is no Ray cluster ({said})", got=address, remedy=remedy) from error
        super().__init__(folder, made_by)
        self._ray = ray
        self._task = ray.remote(num_cpus=1, max_retries=_RETRIES)(_made)

    def _end(self) -> None:
        self._ray.shutdown()

    def _do(self, left: dict[int, bytes], paths: Sequence[Path]) -> Iterator[int]:
        waiting = {self._task.remote(data): place for place, data in left.items()}
        while waiting:
            done, _ = self._ray.wait(list(waiting), num_returns=1)
            place = waiting.pop(done[0])
            _put(self._ray.get(done[0]), paths[place])
            yield place


def executor_for(count: int | None, ray: str | None, home: Path, made_by: str) -> TaskExecutor:
    """The workers that were asked for, their shards kept in the folder of an index.

    Raises:
        InputError: less than one was asked for, or there is no such cluster.
        ExtraMissing: Ray is not installed.

    """
    if count is not None and count < 1:
        raise InputError("there must be at least one worker", got=str(count))
    if ray is not None:
        return RayExecutor(ray, count, home / SHARDS, made_by)
    return ProcessExecutor(count or 1, home / SHARDS, made_by)


def _alone() -> None:
    """Begin a worker: one thread for each, whatever library asks."""
    for library in ("OMP", "OPENBLAS", "MKL", "RAYON"):
        os.environ[f"{library}_NUM_THREADS"] = "1"


def _made(data: bytes) -> bytes:
    task, shard = pickle.loads(data)  # noqa: S301 - from the process that started this one
    return pickle.dumps(task(shard), protocol=5)


def _write(data: bytes, path: Path) -> None:
    _put(_made(data), path)


def _put(data: bytes, path: Path) -> None:
    """Write a file aside and rename it: it is whole or not there."""
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".aside-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(aside).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(aside).unlink()
        raise
