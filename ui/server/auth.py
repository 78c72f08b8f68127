"""Who may come in: names and passwords from a file or the environment, and how often somebody may try.

``python -m ui.server.auth NAME`` asks for a password and prints the line for the file, the password hashed.
"""

from __future__ import annotations

import base64
import getpass
import hashlib
import hmac
import ipaddress
import os
import secrets
import sys
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["VARIABLE", "Accounts", "Attempts", "hashed_line", "read_accounts"]

# Holds the same lines as the file, for machines on which secrets come in the environment.
VARIABLE = "PULLQUOTE_ACCOUNTS"

# scrypt's cost: 16 MB and about 50 ms for a try on a desk machine, the setting its author gives for logins.
SCRYPT_N = 2**14
SCRYPT_R = 8
SCRYPT_P = 1

# Bounds for hashes that other programs made: up to 128 MB a try, so that a line cannot eat the machine.
MAX_SCRYPT_N = 2**17
MAX_SCRYPT_R = 16
MAX_SCRYPT_P = 4

# Longer passwords are refused unread: nobody types them, and hashing them is the asker's cheapest load on us.
MAX_PASSWORD_CHARS = 1_000

# Wrong tries from one address before it has to wait: a person's typing errors.
FREE_TRIES = 4

# The wait after the next wrong try, doubled with each more, and its end: 60 tries an hour.
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0

# An address without a wrong try for so long starts afresh.
FORGET_SECONDS = 3_600.0

# Addresses remembered: a megabyte at most, whatever comes.
MAX_ADDRESSES = 4_096


@dataclass(frozen=True, slots=True)
class _Hash:
    """A password as scrypt leaves it."""

    n: int
    r: int
    p: int
    salt: bytes
    key: bytes

    def fits(self, password: str) -> bool:
        """Whether this is the password; takes the same time either way."""
        made = hashlib.scrypt(
            password.encode("utf-8", "replace"),
            salt=self.salt,
            n=self.n,
            r=self.r,
            p=self.p,
            maxmem=160 * self.n * self.r,
            dklen=len(self.key),
        )
        return hmac.compare_digest(made, self.key)


def _hash(password: str) -> _Hash:
    salt = secrets.token_bytes(16)
    blank = _Hash(SCRYPT_N, SCRYPT_R, SCRYPT_P, salt, bytes(32))
    key = hashlib.scrypt(
        password.encode("utf-8"), salt=salt, n=blank.n, r=blank.r, p=blank.p, maxmem=160 * blank.n * blank.r, dklen=32
    )
    return _Hash(SCRYPT_N, SCRYPT_R, SCRYPT_P, salt, key)


def hashed_line(name: str, password: str) -> str:
    """The line of the accounts file that lets a name in without holding its password."""
    made = _hash(password)
    salt, key = base64.b64encode(made.salt).decode(), base64.b64encode(made.key).decode()
    return f"{name}:scrypt${made.n}${made.r}${made.p}${salt}${key}"


@dataclass(frozen=True, slots=True)
class Accounts:
    """Names and the digests of their passwords. Thread-safe; hashes one at a time, whatever is tried."""

    plain: dict[str, bytes]
    hashed: dict[str, _Hash]
    _salt: bytes
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, name: str, password: str) -> bool:
        """Whether name and password belong together.

        The same work is done for every name, known or not, so that the time taken tells no names.
        """
        if len(password) > MAX_PASSWORD_CHARS:
            return False
        name = name.strip()
        digest = _digest(self._salt, password)
        same = hmac.compare_digest(self.plain.get(name, bytes(len(digest))), digest)
        if self.hashed:
            some = next(iter(self.hashed.values()))
            with self._lock:
                fits = self.hashed.get(name, some).fits(password)
            same = same or (fits and name in self.hashed)
        return same


def _digest(salt: bytes, password: str) -> bytes:
    """Of one length whatever is compared, so that the time taken does not tell lengths either."""
    return hashlib.blake2b(password.encode("utf-8", "replace"), key=salt).digest()


def read_accounts(path: Path | None = None) -> Accounts | None:
    """The accounts of a file, else of the environment variable ``PULLQUOTE_ACCOUNTS``, else None.

    Each line is ``name:password``, or ``name:scrypt$...`` as ``hashed_line`` makes it.

    Raises:
        InputError: the file cannot be read, or a line is not of that form.

    """
    if path is not None:
        try:
            text, place = path.read_text(encoding="utf-8-sig"), str(path)
        except (OSError, UnicodeDecodeError) as error:
            raise InputError("the file of accounts cannot be read", path=str(path)) from error
        _warn_of_readers(path)
    elif VARIABLE in os.environ:
        text, place = os.environ[VARIABLE], VARIABLE
    else:
        return None
    salt = secrets.token_bytes(32)
    plain: dict[str, bytes] = {}
    hashed: dict[str, _Hash] = {}
    for order, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, password = line.partition(":")
        name = name.strip()
        where = f"{place}, line {order}"
        if not colon or not name or not password or len(password) > MAX_PASSWORD_CHARS:
            raise InputError("is not an account", path=where, expected="name:password")
        if name in plain or name in hashed:
            raise InputError("names somebody a second time", path=where, remedy="Keep one line for each name.")
        if password.startswith("scrypt$"):
            hashed[name] = _read_hash(password, where)
        else:
            plain[name] = _digest(salt, password)
    if not plain and not hashed:
        raise InputError("holds no account", path=place, expected="name:password on a line")
    return Accounts(plain, hashed, salt)


def _read_hash(line: str, where: str) -> _Hash:
    try:
        _, n, r, p, salt, key = line.strip().split("$")
        found = _Hash(
            int(n), int(r), int(p), base64.b64decode(salt, validate=True), base64.b64decode(key, validate=True)
        )
        sound = (
            1 < found.n <= MAX_SCRYPT_N
            and found.n & (found.n - 1) == 0
            and 0 < found.r <= MAX_SCRYPT_R
            and 0 < found.p <= MAX_SCRYPT_P
            and len(found.salt) >= 8  # noqa: PLR2004 - the least salt that is one
            and 16 <= len(found.key) <= 64  # noqa: PLR2004 - 128 to 512 bits
        )
    except ValueError:
        sound = False
    if not sound:
        raise InputError(
            "is not a hashed password", path=where, remedy="Make the line with: python -m ui.server.auth NAME"
        )
    return found


def _warn_of_readers(path: Path) -> None:
    try:
        others = path.stat().st_mode & 0o077
    except OSError:
        return
    if os.name == "posix" and others:
        sys.stderr.write(f"{path} can be read by others on this machine; chmod 600 closes it.\n")


@dataclass(slots=True)
class Attempts:
    """How often each address tried in vain, and until when it has to wait. For one event loop; bounded.

    ``now`` gives seconds that only go forward.
    """

    now: Callable[[], float] = time.monotonic
    _tries: OrderedDict[str, tuple[int, float, float]] = field(default_factory=OrderedDict)

    def begin(self, address: str) -> float:
        """Seconds this address has to wait; 0.0 lets the try through, which counts as vain until ``succeed``."""
        at = self.now()
        key = _neighbourhood(address)
        count, last, until = self._tries.get(key, (0, at, 0.0))
        if at < until:
            return until - at
        if at - last > FORGET_SECONDS:
            count = 0
        count += 1
        over = count - FREE_TRIES
        wait = min(FIRST_WAIT_SECONDS * 2 ** min(over - 1, 16), LONGEST_WAIT_SECONDS) if over > 0 else 0.0
        self._tries[key] = (count, at, at + wait)
        self._tries.move_to_end(key)
        while len(self._tries) > MAX_ADDRESSES:
            self._tries.popitem(last=False)
        return 0.0

    def succeed(self, address: str) -> None:
        """The try was right: the address starts afresh."""
        self._tries.pop(_neighbourhood(address), None)

    def __len__(self) -> int:
        return len(self._tries)


def _neighbourhood(address: str) -> str:
    """The address, or of IPv6 the 64 bits of a network: who has one address of it has all."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((known, 64), strict=False))
    return str(known)


def _main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not arguments[0].strip() or ":" in arguments[0]:
        sys.stderr.write(
            "Usage: python -m ui.server.auth NAME (without a colon); prints a line for the accounts file.\n"
        )
        return 2
    password = getpass.getpass("Password: ")
    if not password or len(password) > MAX_PASSWORD_CHARS or password != getpass.getpass("Again: "):
        sys.stderr.write("The two were not the same password, or none.\n")
        return 2
    sys.stdout.write(hashed_line(arguments[0].strip(), password) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
