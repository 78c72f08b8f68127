"""The command line: options, commands, and everything that is printed or written for a person."""

from rag.cli.entry_point import main, run

__all__ = ["main", "run"]
