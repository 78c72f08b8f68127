"""Where an index is: a folder on this machine, or a name on a Milvus server.

embeddings/                        a folder
milvus://HOST:PORT/NAME            a server or cluster; port 19530 by default
milvus+https://HOST:PORT/NAME      the same behind TLS
milvus:///FOLDER/FILE.db/NAME      milvus-lite: one file of this machine, for tests and trials
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from rag.config import user_folder
from rag.errors import InputError

__all__ = ["TOKEN_VARIABLE", "Address", "local_folder", "read_address", "token"]

# an address never contains a password, because addresses are shown, logged and kept in shell histories
TOKEN_VARIABLE = "PULLQUOTE_MILVUS_TOKEN"  # noqa: S105 - the name of a variable
_DEFAULT_PORT = 19530  # Milvus' own
_SCHEMES = {"milvus": "http", "milvus+https": "https"}
# a valid name of a Milvus collection, less the suffix added to it
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_FORMS = "milvus://HOST:PORT/NAME or milvus:///FOLDER/FILE.db/NAME, NAME of letters, digits and _"


@dataclass(frozen=True, slots=True)
class Address:
    """An index on a server: the address to connect to, the name of the index there, and the address as shown.

    ``uri`` is an http(s) address, or the path of a milvus-lite file.
    """

    uri: str
    name: str
    shown: str

    @property
    def is_file(self) -> bool:
        """Whether it is a milvus-lite file on this machine."""
        return "://" not in self.uri

    def __str__(self) -> str:
        """The address as shown."""
        return self.shown


def read_address(text: str | Path | Address) -> Path | Address:
    """The folder or server address that a text names.

    >>> read_address("milvus://db.example:19530/posts").uri
    'http://db.example:19530'

    Raises:
        InputError: it looks like a server's address but is not a valid one, or holds a NUL, which no name can.

    """
    if "\0" in str(text):
        raise _not_an_address(str(text))
    if isinstance(text, Path | Address):
        return text
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in _SCHEMES:
        return Path(text)
    if rest.startswith("/"):
        file, _, name = rest.rpartition("/")
        if scheme == "milvus" and file.endswith(".db") and _NAME.fullmatch(name):
            return Address(file, name, text)
        raise _not_an_address(text)
    try:
        parts = urlsplit(text)
        port = parts.port or _DEFAULT_PORT
    except ValueError as error:
        raise _not_an_address(text) from error
    name = parts.path.strip("/")
    if parts.username is not None or "@" in parts.netloc:
        raise InputError(
            "an address is shown and stored in many places, so it must not contain a password",
            expected="milvus://HOST:PORT/NAME",
            remedy=f"Put the token in the environment variable {TOKEN_VARIABLE}.",
        )
    if not parts.hostname or not _NAME.fullmatch(name) or parts.query or parts.fragment:
        raise _not_an_address(text)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return Address(f"{_SCHEMES[scheme]}://{host}:{port}", name, text)


def _not_an_address(text: str) -> InputError:
    return InputError("this is not the address of an index", expected=_FORMS, got=text)


def token() -> str:
    """The server's token, from the environment, which is read at every call."""
    return os.environ.get(TOKEN_VARIABLE, "")


def local_folder(address: Path | Address) -> Path:
    """The local folder of an index: the index itself or, for one on a server, the folder in which it is built.

    The folder also contains the reports and added pages of an index on a server. On Linux, the variable XDG_DATA_HOME
    moves it to another disk.
    """
    if isinstance(address, Path):
        return address
    digest = hashlib.sha256(f"{address.uri}/{address.name}".encode()).hexdigest()[:12]
    try:
        return user_folder("data") / "built-here" / f"{address.name}-{digest}"
    except FileNotFoundError as error:
        raise InputError(
            "an index on a server is built in a folder on this machine, and this user has no home folder",
            remedy="Name one in the environment: XDG_DATA_HOME=/SOME/FOLDER.",
        ) from error
