"""Counts wrong passwords by address and by account, and slows down each on its own."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Attempts", "neighbourhood"]

# Wrong tries from one address, or for one account, before the next must wait: enough for typing errors.
FREE_TRIES = 4

# The wait after the next wrong try, doubled with each more, and the longest: 60 tries an hour.
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0

# After this long without a wrong try, counting starts again.
FORGET_SECONDS = 3_600.0

# Addresses and accounts that are remembered: two megabytes at most, whatever arrives.
MAX_COUNTED = 8_192

# Characters kept of a name; names longer than any account's may share a count.
MAX_NAME_CHARS = 64


@dataclass(frozen=True, slots=True)
class _Tries:
    """Wrong tries so far, the time of the last and of the one before, and until when the next must wait."""

    count: int
    last: float
    before: float
    until: float


@dataclass(slots=True)
class Attempts:
    """Wrong passwords by address and by account. For one event loop; bounded.

    A right password does not clear a count, because otherwise the owner of one account could guess the others. If an
    account has logged in from an address before, only the address counts, so that guessing from elsewhere does not lock
    its owner out. ``now`` returns seconds of a monotonic clock.
    """

    now: Callable[[], float] = time.monotonic
    _tries: OrderedDict[tuple[str, str], _Tries] = field(default_factory=OrderedDict)
    _homes: OrderedDict[tuple[str, str], None] = field(default_factory=OrderedDict)

    def begin(self, address: str, name: str) -> float:
        """Seconds that this try has to wait; 0.0 lets it through, counted as wrong until ``succeed``."""
        at = self.now()
        keys = self._keys(address, name)
        wait = max(self._tries[key].until - at if key in self._tries else 0.0 for key in keys)
        if wait > 0:
            return wait
        for key in keys:
            known = self._tries.get(key)
            count = 1 if known is None or at - known.last > FORGET_SECONDS else known.count + 1
            over = count - FREE_TRIES
            pause = min(FIRST_WAIT_SECONDS * 2 ** min(over - 1, 16), LONGEST_WAIT_SECONDS) if over > 0 else 0.0
            self._tries[key] = _Tries(count, at, known.last if known else at, at + pause)
            self._tries.move_to_end(key)
        while len(self._tries) > MAX_COUNTED:
            self._tries.popitem(last=False)
        return 0.0

    def succeed(self, address: str, name: str) -> None:
        """Take back a try that was right; wrong ones before it stay counted."""
        for key in self._keys(address, name):
            known = self._tries.pop(key, None)
            if known is not None and known.count > 1:
                self._tries[key] = _Tries(known.count - 1, known.before, known.before, 0.0)
        self._homes[neighbourhood(address), _short(name)] = None
        while len(self._homes) > MAX_COUNTED:
            self._homes.popitem(last=False)

    def __len__(self) -> int:
        return len(self._tries)

    def _keys(self, address: str, name: str) -> list[tuple[str, str]]:
        home = (neighbourhood(address), _short(name))
        return [("address", home[0])] if home in self._homes else [("address", home[0]), ("account", home[1])]


def _short(name: str) -> str:
    return name.strip()[:MAX_NAME_CHARS]


def neighbourhood(address: str) -> str:
    """The address, or for IPv6 its 64-bit network, because whoever has one address of it has all.

    This machine's own address stays as it is.
    """
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        if known.is_loopback:
            return str(known)
        return str(ipaddress.ip_network((known, 64), strict=False))
    return str(known)
