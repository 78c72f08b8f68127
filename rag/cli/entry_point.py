"""Runs a command: data on standard output, progress and warnings on standard error, exit status 0, 1 or 2."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rag.cli.output import say
from rag.cli.parser import command_parser
from rag.embedding.devices import use_device
from rag.errors import PullquoteError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

__all__ = ["main", "run"]

_INTERRUPTED = 128 + 2  # what a shell reports for Ctrl-C
_NOBODY_READS = 128 + 13  # the same for a pipe that was closed, as by `| head`
# Address space, not memory in use: on two processors `ask` dies with 800 MB of it and answers with 900. Each further
# processor has threads of several libraries, with 8 MB for each thread.
MIN_ADDRESS_MB, MB_PER_PROCESSOR = 900, 40
# what the loader says if a library does not fit
_NO_MEMORY = ("failed to map segment", "cannot allocate memory", "Cannot allocate memory")
# Commands that only read and print. Shutting down the interpreter and the model's library step by step takes 45 ms of
# the 320 of an `ask`; the system frees everything at once.
_END_AT_ONCE = frozenset({"about", "ask", "posts", "status", "verify"})


def run() -> NoReturn:
    """Run the command of this process, and exit."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed from the start
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - until the end
    status = main()
    # milvus-lite is a server that this process must stop
    if not _END_AT_ONCE & set(sys.argv[1:2]) or "pymilvus" in sys.modules:
        sys.exit(status)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):  # `main` has reported it
            stream.flush()
    os._exit(status)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    options = command_parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        _check_memory()
        if getattr(options, "device", None) is not None:
            use_device(options.device)
        status = int(options.run(options))
        sys.stdout.flush()
    except BrokenPipeError:
        # nobody reads the rest of the output; without this the interpreter complains on exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _NOBODY_READS
    except KeyboardInterrupt:
        return _INTERRUPTED
    except PullquoteError as error:
        say(f"pullquote: {error}")
        return 2
    except (MemoryError, OSError, ImportError) as error:
        say(f"pullquote: {_in_words(error)}")
        return 2
    return status


def _check_memory() -> None:
    """Raises PullquoteError if a system limit leaves too little memory, because the libraries would die silently."""
    try:
        import resource
    except ImportError:  # a system without limits
        return
    limit, needed = resource.getrlimit(resource.RLIMIT_AS)[0], MIN_ADDRESS_MB + (os.cpu_count() or 1) * MB_PER_PROCESSOR
    if 0 <= limit < needed * 1024**2:
        raise PullquoteError(
            "the limit on memory is too low",
            expected=f"at least {needed:,} MB",
            got=f"{limit // 1024**2:,} MB",
            remedy="Allow more: ulimit -v unlimited.",
        )


def _in_words(error: MemoryError | OSError | ImportError) -> str:
    """What the system refused, and what to do if that is known."""
    if isinstance(error, ImportError):
        if not any(sign in str(error) for sign in _NO_MEMORY):
            raise error
        error = MemoryError()
    if isinstance(error, MemoryError) or error.errno == errno.ENOMEM:
        return "there is too little memory. Close other programs, or allow more: ulimit -v unlimited."
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return "too many files are open. Close other programs, or allow more: ulimit -n 4096."
    if error.errno == errno.ENOENT and error.filename is None and _folder_is_gone():
        return "the folder you are in has been deleted. Change to another one: cd FOLDER."
    return f"{error.filename or 'the system'}: {error.strerror or error}"


def _folder_is_gone() -> bool:
    """Whether the current folder was deleted, so that no relative path means anything."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False
