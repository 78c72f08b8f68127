"""Additions to argparse: errors show control characters, and the version is looked up only when asked for."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["PlainParser", "ShowVersion", "port_number"]

_MOST_PORT = 2**16 - 1


class PlainParser(argparse.ArgumentParser):
    """A parser whose errors show control characters in arguments instead of sending them to the terminal."""

    def error(self, message: str) -> NoReturn:
        """Print the error and exit with status 2."""
        from rag.cli.terminal import visible

        super().error(visible(message, one_line=True))


def port_number(text: str) -> int:
    """The number of a port; raises ArgumentTypeError if it is not valid."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:9]) <= _MOST_PORT:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to {_MOST_PORT}")
    return int(text)


class ShowVersion(argparse.Action):
    """Looks up the version only when it is asked for, because that takes a tenth of the time of an answer."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Print the version and exit."""
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"pullquote {version('pullquote')}")  # noqa: T201
        except PackageNotFoundError:
            print("pullquote (not installed)")  # noqa: T201
        parser.exit()
