"""Executors of a build's tasks: the interface, this process, and the sharing of shards among workers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

from rag.errors import BuildStalled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["Item", "Outcome", "SerialExecutor", "SharingExecutor", "TaskExecutor"]

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
Handle = TypeVar("Handle")


# Shards given to each worker before waiting for the first: no worker is idle, and little is in memory.
_SHARDS_AHEAD = 4


def _ignore(_done: int) -> None:
    """Ignore how many items are done."""


class TaskExecutor(Protocol):
    """Runs tasks. Use it as a context manager, which ends its workers."""

    @property
    def workers(self) -> int:
        """The number of shards worked on at the same time."""

    def __enter__(self) -> Self:
        """Use as a context manager."""

    def __exit__(self, *error: object) -> None:
        """End the workers."""

    def map(
        self,
        task: Callable[[Sequence[Item]], Sequence[Outcome]],
        items: Sequence[Item],
        shard_items: int,
        on_done: Callable[[int], None] = _ignore,
        *,
        alone_items: int = 1,
    ) -> Iterator[Outcome]:
        """Run a task over items; yields their results in order, while later ones are still running.

        ``shard_items`` is the number of items that a worker gets at a time, ``alone_items`` the number at a time
        without workers; ``on_done`` is called with the number of items done.
        """


class SerialExecutor:
    """Runs tasks in this process."""

    workers = 1

    def __enter__(self) -> Self:
        """Use as a context manager."""
        return self

    def __exit__(self, *error: object) -> None:
        """Do nothing."""

    def map(
        self,
        task: Callable[[Sequence[Item]], Sequence[Outcome]],
        items: Sequence[Item],
        shard_items: int,  # noqa: ARG002 - there is nobody to share with
        on_done: Callable[[int], None] = _ignore,
        *,
        alone_items: int = 1,
    ) -> Iterator[Outcome]:
        """Run a task over items; see `TaskExecutor.map`."""
        for at in range(0, len(items), alone_items):
            shard = items[at : at + alone_items]
            yield from task(shard)
            on_done(at + len(shard))


class SharingExecutor(ABC, Generic[Handle]):
    """Gives shards to workers and collects their results in order; ``Handle`` is the type of a pending result."""

    workers: int

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._end(at_once=isinstance(error[1], BuildStalled))

    @abstractmethod
    def _end(self, *, at_once: bool = False) -> None:
        """End the workers; ``at_once`` without waiting for their current work."""

    @abstractmethod
    def _submit(self, task: Callable[[Sequence[Item]], Sequence[Outcome]], shard: Sequence[Item]) -> Handle:
        """Send a shard to a worker."""

    @abstractmethod
    def _await(self, waiting: Sequence[Handle]) -> Sequence[object]:
        """Wait for the results of the first pending shard."""

    def map(
        self,
        task: Callable[[Sequence[Item]], Sequence[Outcome]],
        items: Sequence[Item],
        shard_items: int,
        on_done: Callable[[int], None] = _ignore,
        *,
        alone_items: int = 1,  # noqa: ARG002 - there are workers
    ) -> Iterator[Outcome]:
        """Run a task over items; see `TaskExecutor.map`."""
        waiting: deque[Handle] = deque()
        done = at = 0
        while at < len(items) or waiting:
            while at < len(items) and len(waiting) < _SHARDS_AHEAD * self.workers:
                waiting.append(self._submit(task, items[at : at + shard_items]))
                at += shard_items
            outcomes = self._await(waiting)
            waiting.popleft()
            done = min(done + shard_items, len(items))
            on_done(done)
            yield from outcomes  # type: ignore[misc]  # what the task gave
