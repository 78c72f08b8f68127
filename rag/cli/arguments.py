"""What argparse does otherwise here: errors that show and do not obey what was typed, a version looked up late."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["PlainParser", "ShowVersion", "port_number"]

_MOST_PORT = 2**16 - 1


class PlainParser(argparse.ArgumentParser):
    """Shows what an argument holds, a file's name among them, and does not obey it."""

    def error(self, message: str) -> NoReturn:
        """End with what is wrong."""
        from rag.cli.terminal import visible

        super().error(visible(message, one_line=True))


def port_number(text: str) -> int:
    """The number of a port; raises ArgumentTypeError where it is none."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:9]) <= _MOST_PORT:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to {_MOST_PORT}")
    return int(text)


class ShowVersion(argparse.Action):
    """Looks the version up when it is asked for: that takes as long as a tenth of an answer."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """Show it and end."""
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"pullquote {version('pullquote')}")  # noqa: T201
        except PackageNotFoundError:
            print("pullquote (not installed)")  # noqa: T201
        parser.exit()
