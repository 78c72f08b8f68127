"""The state of watching: which folders, and what happened to the pages saved there."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["WatchState"]


@dataclass(slots=True)
class WatchState:
    """What is watched, and what happened to the pages saved there last, in words for a person."""

    folders: tuple[str, ...]
    doing: str = ""
    last: str = ""

    def words(self) -> str:
        """The state as a sentence or two."""
        said = f"Watching {', '.join(self.folders)}: pages saved there are indexed automatically."
        return " ".join(filter(None, [said, self.doing or self.last]))
