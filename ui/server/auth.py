"""User names and passwords, from a file or the environment.

``python -m ui.server.auth NAME`` asks for a password and prints the line for the file, with the password hashed.
"""

from __future__ import annotations

import base64
import getpass
import hashlib
import hmac
import os
import secrets
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["VARIABLE", "UserAccounts", "hashed_line", "read_accounts"]

# Contains the same lines as the file, for machines that pass secrets in the environment.
VARIABLE = "PULLQUOTE_ACCOUNTS"

# scrypt's cost: 16 MB and about 50 ms per try on a desktop machine, as its author recommends for log-ins.
SCRYPT_N = 2**14
SCRYPT_R = 8
SCRYPT_P = 1

# Bounds for hashes from other programs: up to 256 MB per try, so that no line can exhaust the memory.
MAX_SCRYPT_N = 2**17
MAX_SCRYPT_R = 16
MAX_SCRYPT_P = 4

# Longer passwords are refused without hashing, which would cost the server more than the sender.
MAX_PASSWORD_CHARS = 1_000


@dataclass(frozen=True, slots=True)
class _Hash:
    """The scrypt hash of a password, with its parameters."""

    n: int
    r: int
    p: int
    salt: bytes
    key: bytes

    def fits(self, password: str) -> bool:
        """Whether this is the hash of a password; takes the same time for either answer."""
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
    """The line of an accounts file for a user name, with the password hashed."""
    made = _hash(password)
    salt, key = base64.b64encode(made.salt).decode(), base64.b64encode(made.key).decode()
    return f"{name}:scrypt${made.n}${made.r}${made.p}${salt}${key}"


@dataclass(frozen=True, slots=True)
class UserAccounts:
    """User names and digests of their passwords. Thread-safe; computes one hash at a time, however many log in."""

    plain: dict[str, bytes]
    hashed: dict[str, _Hash]
    _salt: bytes
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, name: str, password: str) -> bool:
        """Whether this is the password of that user.

        The same work is done for every name, known or not, so that the time taken reveals no names.
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
    """A digest of fixed length, so that the time taken does not reveal the length either."""
    return hashlib.blake2b(password.encode("utf-8", "replace"), key=salt).digest()


def read_accounts(path: Path | None = None) -> UserAccounts | None:
    """The accounts of a file, else of the environment variable ``PULLQUOTE_ACCOUNTS``, else None.

    Each line is ``name:password``, or ``name:scrypt$...`` as returned by ``hashed_line``.

    Raises:
        InputError: the file cannot be read, or a line is not of that form.

    """
    if path is not None:
        try:
            text, place = path.read_text(encoding="utf-8-sig"), str(path)
        except (OSError, UnicodeDecodeError) as error:
            raise InputError("the accounts file cannot be read", path=str(path)) from error
        _warn_if_readable(path)
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
            raise InputError("not an account", path=where, expected="name:password")
        if name in plain or name in hashed:
            raise InputError("a user name is listed twice", path=where, remedy="Keep one line for each name.")
        if password.startswith("scrypt$"):
            hashed[name] = _read_hash(password, where)
        else:
            plain[name] = _digest(salt, password)
    if not plain and not hashed:
        raise InputError("no accounts found", path=place, expected="one name:password per line")
    return UserAccounts(plain, hashed, salt)


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
            "not a hashed password", path=where, remedy="Make the line with: python -m ui.server.auth NAME"
        )
    return found


def _warn_if_readable(path: Path) -> None:
    try:
        others = path.stat().st_mode & 0o077
    except OSError:
        return
    if os.name == "posix" and others:
        sys.stderr.write(f"{path} can be read by other users of this machine. Run: chmod 600 {path}\n")


def _main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not arguments[0].strip() or ":" in arguments[0]:
        sys.stderr.write(
            "Usage: python -m ui.server.auth NAME (without a colon). Prints a line for the accounts file.\n"
        )
        return 2
    password = getpass.getpass("Password: ")
    if not password or len(password) > MAX_PASSWORD_CHARS or password != getpass.getpass("Again: "):
        sys.stderr.write("The passwords are empty, too long or not the same.\n")
        return 2
    sys.stdout.write(hashed_line(arguments[0].strip(), password) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
