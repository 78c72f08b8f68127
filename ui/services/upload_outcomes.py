"""The outcome of each added file: its posts, and for an archive the same for each file inside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rag.loading.containers.archives import on_disk
from rag.text.plurals import amount

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rag.records import Post
    from ui.services.index_holder import Shelf

__all__ = ["FileState", "file_outcomes"]


@dataclass(frozen=True, slots=True)
class FileState:
    """One dropped file and its outcome so far.

    ``kind``: waiting, reading, new, duplicate, variant or skipped. ``posts`` has (post id, title, other page or "") for
    each of its posts; ``inside`` has the same for each file of an archive.
    """

    name: str
    kind: str
    note: str = ""
    posts: tuple[tuple[str, str, str], ...] = ()
    inside: tuple[FileState, ...] = ()


def file_outcomes(shelf: Shelf, folder: Path, states: Sequence[FileState], kept: dict[str, str]) -> Iterator[FileState]:
    """The outcome of each file."""
    with shelf.lend() as index:
        posts, entries, skipped = index.posts(), index.pages(), index.skipped()
    shown: dict[str, list[str]] = {}
    for entry in entries:
        path = on_disk(Path(entry.path))
        if path.parent == folder:
            shown.setdefault(path.name, []).append(entry.file)
    added = {file for files in shown.values() for file in files}
    held: dict[str, list[int]] = {}
    for number, post in enumerate(posts):
        for file in {copy.file for copy in post.copies} & added:
            held.setdefault(file, []).append(number)

    def outcome(name: str, files: Iterable[str]) -> FileState:
        own = set(files)
        numbers = sorted({number for file in own for number in held.get(file, ())})
        return _holds(name, own, added, [posts[number] for number in numbers])

    left = list(kept)  # the kept files are in the order of the dropped ones that were not skipped
    for state in states:
        if state.kind == "skipped":
            yield state
            continue
        safe = left.pop(0)
        files = shown.get(safe, [])
        inside = [outcome(inner, [file]) for file in files if (inner := _inner_name(file, safe))]
        inside += [
            FileState(inner, "skipped", page.reason) for page in skipped if (inner := _inner_name(page.file, safe))
        ]
        inside.sort(key=lambda one: one.name)
        if files:
            yield replace(outcome(state.name, files), inside=tuple(inside))
        else:
            reasons = (page.reason for page in skipped if Path(page.file).name == safe)
            yield FileState(state.name, "skipped", next(reasons, "no post was found in it"), inside=tuple(inside))


def _inner_name(file: str, archive: str) -> str:
    """The name of a file inside an archive; "" if it is not in that one.

    >>> _inner_name("saved.zip/blog/well.txt", "saved.zip"), _inner_name("well.txt", "saved.zip")
    ('blog/well.txt', '')
    """
    parts = file.split("/")
    return "/".join(parts[parts.index(archive) + 1 :]) if archive in parts else ""


def _holds(name: str, own: set[str], added: set[str], posts: Sequence[Post]) -> FileState:
    """The posts of a file: ``own`` are its pages, ``added`` all pages of the addition, ``posts`` those on ``own``."""
    new, known, variants = [], [], []
    for post in posts:
        files = [copy.file for copy in post.copies]
        older = [other for other in files if other not in added]
        if older or files[0] not in own:
            known.append((post.post_id, post.title, (older or files)[0]))
        elif post.variants:
            variants.append((post.post_id, post.title, ""))
        else:
            new.append((post.post_id, post.title, ""))
    words = []
    if new:
        words.append(amount(len(new), "new post"))
    if variants:
        words.append(amount(len(variants), "differing version"))
    if known:
        words.append(amount(len(known), "post") + " already here")
    kind = "new" if new else "variant" if variants else "duplicate" if known else "skipped"
    return FileState(name, kind, ", ".join(words) or "no post was found in it", (*new, *variants, *known))
