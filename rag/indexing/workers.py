"""Executors of tasks: in this process, in several processes of this machine, or on a Ray cluster.

A task is a function of a module that turns a list of items into a list of as many results. It looks at one item at a
time, so the results do not depend on which process works on them, in which order, or how often. Results are sent
through pipes and never kept in files, because files of an index folder are data and are never unpickled.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
from typing import TYPE_CHECKING

from rag.errors import ExtraMissing, InputError, PullquoteError
from rag.indexing.executor import Item, Outcome, SerialExecutor, SharingExecutor
from rag.watchdog import BOARD_BYTES, PATIENCE_SECONDS, Board, report_to, watched, watching_also, working_on

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future, ProcessPoolExecutor
    from ctypes import Array, c_ubyte
    from multiprocessing.sharedctypes import Synchronized

    from rag.indexing.executor import TaskExecutor

__all__ = ["ProcessExecutor", "RayExecutor", "executor_for"]


# Deaths of workers in a row without a finished shard: this many mean too little memory, not an accident.
_MOST_DEATHS = 5
# how often Ray tries a task again if a worker or machine dies
_RETRIES = 5
# tries to start a local Ray cluster, whose parts sometimes time out on a busy machine
_STARTS = 3
# Seconds between two checks of a cluster's work, so that Ctrl-C is noticed.
_LOOK_SECONDS = 10.0


class _Shard:
    """A shard given to a process: how to submit it, and its future result."""

    def __init__(self, submit: Callable[[], Future[Sequence[object]]]) -> None:
        self.submit = submit
        self.future = submit()
        self.counted = False

    @property
    def finished(self) -> bool:
        return self.future.done() and not self.future.cancelled() and self.future.exception() is None


class ProcessExecutor(SharingExecutor[_Shard]):
    """Runs tasks in processes of this machine, each with one thread; they end when this process ends."""

    def __init__(self, workers: int, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self.workers = workers
        self._patience_seconds = patience_seconds
        self._pool: ProcessPoolExecutor | None = None
        self._watched = contextlib.ExitStack()
        self._deaths = 0

    def _end(self, *, at_once: bool = False) -> None:
        if self._pool is not None:
            for process in [*self._pool._processes.values()] if at_once else ():  # noqa: SLF001 - there is no other way to a worker that is stuck
                process.kill()
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
            self._watched.close()

    def _submit(self, task: Callable[[Sequence[Item]], Sequence[Outcome]], shard: Sequence[Item]) -> _Shard:
        from concurrent.futures import Future
        from concurrent.futures.process import BrokenProcessPool

        def submit() -> Future[Sequence[object]]:
            try:
                return self._processes().submit(_run, self._patience_seconds, task, shard)
            except BrokenProcessPool as error:
                broken: Future[Sequence[object]] = Future()
                broken.set_exception(error)
                return broken

        return _Shard(submit)

    def _await(self, waiting: Sequence[_Shard]) -> Sequence[object]:
        from concurrent.futures.process import BrokenProcessPool

        while True:
            try:
                outcomes = waiting[0].future.result()
            except BrokenProcessPool as error:
                self._begin_again(waiting, error)
            else:
                if not waiting[0].counted:
                    self._deaths = 0
                return outcomes

    def _begin_again(self, waiting: Sequence[_Shard], error: Exception) -> None:
        """Resubmit what was lost with a killed process.

        Raises:
            PullquoteError: processes are killed again and again.

        """
        self._end()
        fresh = [shard for shard in waiting if shard.finished and not shard.counted]
        for shard in fresh:
            shard.counted = True
        self._deaths = 1 if fresh else self._deaths + 1
        if self._deaths == _MOST_DEATHS:
            raise PullquoteError(
                "the workers kept being killed",
                remedy="They may need more memory: use fewer with --workers N.",
            ) from error
        for shard in waiting:
            if not shard.finished:
                shard.future = shard.submit()

    def _processes(self) -> ProcessPoolExecutor:
        if self._pool is None:
            from concurrent.futures import ProcessPoolExecutor
            from multiprocessing import get_context

            context = get_context("spawn")  # a fork would share the locks and threads of loaded libraries
            memory, joined = context.RawArray("B", self.workers * BOARD_BYTES), context.Value("i", 0)
            self._watched.enter_context(watching_also(Board(memory)))
            self._pool = ProcessPoolExecutor(self.workers, context, _begin_worker, (memory, joined))
        return self._pool


class RayExecutor(SharingExecutor[object]):
    """Runs tasks on a Ray cluster; every machine needs this version of Pullquote, and the pages at the same path.

    ``address`` is as Ray writes it, such as HOST:PORT or "auto"; "local" starts a cluster on this machine.

    Raises:
        ExtraMissing: Ray is not installed.
        InputError: there is no cluster at that address.

    """

    def __init__(self, address: str, workers: int | None, patience_seconds: float = PATIENCE_SECONDS) -> None:
        if importlib.util.find_spec("ray") is None:
            remedy = 'Install it: pip install "pullquote[ray]"'
            raise ExtraMissing("--ray needs the package ray, which is not installed", remedy=remedy)
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # it would send usage reports
        import ray

        own = {"num_cpus": workers, "_node_ip_address": "127.0.0.1"} if address == "local" else {}
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
        self._ray = ray
        # a cluster does not show what its workers are doing: each watches itself, and this process does not watch
        self._patience_seconds = patience_seconds
        self._run = ray.remote(num_cpus=1, max_retries=_RETRIES)(_run)
        self.workers = max(int(ray.cluster_resources().get("CPU", 1)), 1)

    def _end(self, *, at_once: bool = False) -> None:  # noqa: ARG002 - the cluster ends what runs
        self._ray.shutdown()

    def _submit(self, task: Callable[[Sequence[Item]], Sequence[Outcome]], shard: Sequence[Item]) -> object:
        handle: object = self._run.remote(self._patience_seconds, task, shard)
        return handle

    def _await(self, waiting: Sequence[object]) -> Sequence[object]:
        outcomes: Sequence[object] | None = None
        while outcomes is None:
            working_on("the cluster's work")
            with contextlib.suppress(self._ray.exceptions.GetTimeoutError):
                outcomes = self._ray.get(waiting[0], timeout=_LOOK_SECONDS)
        return outcomes


def executor_for(workers: int | None, ray: str | None, patience_seconds: float = PATIENCE_SECONDS) -> TaskExecutor:
    """The requested executor: this process, if neither is given.

    A worker without progress for ``patience_seconds`` ends its work with BuildStalled.

    Raises:
        InputError: fewer than one worker was requested, or there is no such cluster.
        ExtraMissing: Ray is not installed.

    """
    if workers is not None and workers < 1:
        raise InputError("there must be at least one worker", got=str(workers))
    if ray is not None:
        return RayExecutor(ray, workers, patience_seconds)
    return SerialExecutor() if workers is None else ProcessExecutor(workers, patience_seconds)


def _begin_worker(memory: Array[c_ubyte], joined: Synchronized[int]) -> None:
    """Prepare a process: one thread for each library that would start several, and an end with its parent.

    The process reports what it is doing on the board in ``memory``; ``joined`` counts such processes.
    """
    from rag.processes import end_with_parent

    for library in ("OMP", "OPENBLAS", "MKL", "RAYON"):
        os.environ[f"{library}_NUM_THREADS"] = "1"
    end_with_parent(even_if_stuck=True)
    with joined.get_lock():
        place, joined.value = joined.value, joined.value + 1
    report_to(Board(memory), place % (len(memory) // BOARD_BYTES))


def _run(
    patience_seconds: float, task: Callable[[Sequence[Item]], Sequence[Outcome]], shard: Sequence[Item]
) -> Sequence[Outcome]:
    with watched(patience_seconds):
        return task(shard)
