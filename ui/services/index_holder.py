"""The index in use: lent to handlers, and swapped for a newer one only when that is complete."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rag.answering.heaps import open_indexes
from rag.errors import IndexAway, IndexProblem, ModelError, PullquoteError
from rag.store.address import Address, local_folder
from rag.store.backends import home_of
from ui.services.holdings import Holdings
from ui.services.question_candidates import MAX_POSTS
from ui.services.suggested_questions import Suggester

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.answering.engine import Index
    from rag.answering.heaps import Heaps
    from rag.records import Answer, Post
    from rag.store.protocols import Home
    from ui.services.watch_state import WatchState
    from ui.views.welcome import Suggestions

__all__ = ["Shelf"]

# How often a server is asked whether it has a newer index; otherwise every event of the page would ask.
LOOK_SECONDS = 5.0

# How long a batch lets readers go first before each of its rows: about twenty answers with the reader, so that a batch
# costs them a twentieth of the time; it still does nine rows a minute.
PATIENCE_SECONDS = 6.0

# How long after an answer readers still go first: under load, the next question starts some 20 ms after the last.
LINGER_SECONDS = 0.1

# How long after an answer adding pages still comes last. An estimate: under load the next question comes at once, and
# somebody reading an answer takes seconds.
ASKING_SECONDS = 2.0


@dataclass(slots=True)
class _Lent:
    """One open index, and the number of handlers using it."""

    index: Index | Heaps
    snapshot: str
    users: int = 0
    retired: bool = False
    holdings: Holdings | None = None
    preparing: bool = False


@dataclass(slots=True)
class Shelf:
    """The open index in a folder or on a server, and ``others`` that are asked with it. Thread-safe.

    A handler keeps the index that it borrowed until it ends; a replaced index is closed when its last borrower is done.
    With ``fast`` every question is answered without the reader, which is not loaded. ``watching`` is the state of the
    folders of the index, if they are watched.

    Raises:
        IndexProblem: there is no index, or it cannot be opened.

    """

    place: Path | Address
    others: tuple[Path | Address, ...] = ()
    fast: bool = False
    watching: WatchState | None = field(default=None, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _reading: threading.Lock = field(default_factory=threading.Lock)
    _readers: int = 0
    _quiet: threading.Event = field(default_factory=threading.Event)
    _last_reader: float = float("-inf")
    _look_again: float = float("-inf")
    _seen: str = ""
    _lost: bool = False
    _losses: int = 0
    _suggester: Suggester = field(init=False)
    _server: Home = field(init=False)
    _now: _Lent = field(init=False)

    def __post_init__(self) -> None:
        self._server = home_of(self.place)
        self._now = self._open()
        self._quiet.set()
        self._suggester = Suggester(lambda: self.home, self._ask_behind)

    @property
    def home(self) -> Path:
        """The folder for what readers add and report: the index's own, or one on this machine."""
        folder = local_folder(self.place)
        if not isinstance(self.place, Path):
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _open(self) -> _Lent:
        snapshot = self._snapshot()  # read first, so that a swap in between is noticed next time
        return _Lent(open_indexes([self.place, *self.others], fast=self.fast), snapshot)

    def _snapshot(self) -> str:
        if isinstance(self.place, Path):
            try:
                return (self.place / "current").read_text(encoding="utf-8", errors="replace")
            except OSError:
                return ""  # opening it reports what is missing
        if time.monotonic() > self._look_again:
            self._look_again = time.monotonic() + LOOK_SECONDS
            try:
                found = self._server.current() or ""
            except IndexAway:  # the caller gets the error; the old index may work again when the server is back
                self._losses += not self._lost
                self._lost = True
            else:
                self._seen, self._lost = f"{found} after {self._losses}", False  # a lost index is opened again
        return self._seen

    @contextlib.contextmanager
    def lend(self) -> Iterator[Index | Heaps]:
        """The index in use, while the block runs; if it was rebuilt meanwhile, the new one."""
        with self._lend() as lent:
            yield lent.index

    @contextlib.contextmanager
    def _lend(self) -> Iterator[_Lent]:
        if self._snapshot() != self._now.snapshot:
            # the new index cannot be opened, so the old one stays in use
            with contextlib.suppress(IndexProblem, ModelError):
                self.reopen()
        with self._lock:
            lent = self._now
            lent.users += 1
        try:
            yield lent
        finally:
            with self._lock:
                lent.users -= 1
                done = lent.retired and lent.users == 0
            if done:
                lent.index.close()

    @contextlib.contextmanager
    def lend_to_reader(self) -> Iterator[Index | Heaps]:
        """The same for somebody waiting for an answer; less urgent work pauses meanwhile."""
        with self._lock:
            self._readers += 1
            self._quiet.clear()
        try:
            with self.lend() as index:
                yield index
        finally:
            with self._lock:
                self._readers -= 1
                self._last_reader = time.monotonic()
                if not self._readers:
                    self._quiet.set()

    def asked(self) -> bool:
        """Whether a reader is waiting for an answer, or was a moment ago, when the next question is likely."""
        return self._readers > 0 or time.monotonic() - self._last_reader < ASKING_SECONDS

    def make_way(self) -> None:
        """Wait until no reader is waiting for an answer, or for a moment if there always is one."""
        end = time.monotonic() + PATIENCE_SECONDS
        while (left := end - time.monotonic()) > 0 and self._quiet.wait(left):
            calm = self._last_reader + LINGER_SECONDS - time.monotonic()
            if calm <= 0:
                return
            time.sleep(min(calm, max(end - time.monotonic(), 0)))

    @contextlib.contextmanager
    def lend_holdings(self) -> Iterator[Holdings]:
        """All posts and pages, listed once for each index; their texts can be read while the block runs.

        What takes longer, such as topics, is prepared in a thread of its own.
        """
        with self._lend() as lent:
            with self._reading:
                if lent.holdings is None:
                    lent.holdings = Holdings(lent.index, lent.index.catalogue.snapshot)
                if lent.holdings.topics_found is None and not lent.preparing:
                    lent.preparing = True
                    threading.Thread(target=self._prepare, args=(lent,), daemon=True).start()
            yield lent.holdings

    def _prepare(self, lent: _Lent) -> None:
        try:
            with self.lend_holdings() as holdings:
                holdings.prepare()
        except PullquoteError:
            pass  # the next visitor tries again
        finally:
            lent.preparing = False

    def _some_posts(self) -> list[Post]:
        """Posts from all over the heap, enough to make questions from."""
        with self.lend_holdings() as holdings:
            count = len(holdings.lines)
            return holdings.posts(range(0, count, max(count // MAX_POSTS, 1)))

    def generation(self) -> str:
        """The name of the state of the index in use; if it was rebuilt meanwhile, of the new one."""
        with self.lend() as index:
            return index.catalogue.snapshot

    def _ask_behind(self, question: str) -> Answer:
        """Ask when no reader is waiting."""
        self.make_way()
        with self.lend() as index:
            return index.ask(question, explain=False)

    def suggested(self) -> Suggestions | None:
        """Suggested questions; None while they are being found."""
        return self._suggester.now(self.generation(), self._some_posts)

    def reopen(self) -> None:
        """Open the index that is now in the folder; the old one stays in use until then.

        Raises:
            IndexProblem: it cannot be opened, and the old one stays in use.

        """
        fresh = self._open()
        with self._lock:
            old, self._now = self._now, fresh
            old.retired = True
            done = old.users == 0
        if done:
            old.index.close()

    def close(self) -> None:
        """Close the index, or let the last borrower do it; for the end of the program."""
        self._suggester.close()
        with self._lock:
            self._now.retired = True
            done = self._now.users == 0
        if done:
            self._now.index.close()
