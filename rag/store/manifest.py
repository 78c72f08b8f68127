"""The manifest of an index: its sources, the code that made it, and its files."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from rag.checksums import Stamps, sha256_of
from rag.embedding.models import ModelIdentity
from rag.errors import IndexDamaged, IndexFormatError, IndexMissing
from rag.store.plain_files import regular_bytes, unreadable

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "FORMAT",
    "GROWTH",
    "SNAPSHOT_FILES",
    "Manifest",
    "check_files",
    "current_folder",
    "files_listed",
    "manifest_fields",
    "manifest_of",
    "manifest_text",
    "read_manifest",
    "sha256_of",
    "snapshot_name",
    "sync",
]

FORMAT = 6
GROWTH = "growth/"  # files that only the next build reads, so asking does not wait for their check
# every file that a snapshot can have besides its manifest
SNAPSHOT_FILES = (
    "posts.sqlite",
    "sentences.npy",
    *(f"sentence-{name}.bin" for name in ("posts", "rows", "words", "ends", "notes")),
    *(f"chunks/{name}" for name in ("vectors.npy", "near.faiss")),
    *(
        f"words/{name}"
        for name in ("words.txt", "borders.npy", "starts.npy", "chunks.npy", "scores.npy", "chunks.json")
    ),
    *(f"{GROWTH}{name}" for name in ("texts.sqlite", "keys.npy", "stems.npy", "borders.npy", "stems.txt")),
)
_SNAPSHOT_NAME = re.compile(r"g-[0-9a-f]{16}")
_MOST_POINTER_BYTES, _MOST_MANIFEST_BYTES = 100, 2**24
_REBUILD = "Build the index again: pullquote index PATH."


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest of an index.

    ``recipe`` names the code that made it; ``sources`` are the paths it was built from; ``decisions`` is the SHA-256 of
    the user's decisions about duplicates; ``files`` maps names to (bytes, SHA-256).
    """

    format: int
    model: ModelIdentity
    recipe: str
    sources: tuple[str, ...]
    decisions: str
    pages: int
    posts: int
    chunks: int
    sentences: int
    files: dict[str, tuple[int, str]]


def manifest_text(manifest: Manifest) -> str:
    """The manifest as written."""
    return json.dumps(asdict(manifest), indent=1, sort_keys=True) + "\n"


def snapshot_name(text: str) -> str:
    """The folder name for a manifest: the hash of its text, and so of everything in the folder."""
    return f"g-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def current_folder(home: Path) -> Path:
    """The folder of the snapshot in use.

    Raises:
        IndexMissing: there is no index.
        IndexDamaged: the named snapshot is missing.

    """
    try:
        name = regular_bytes(home / "current", _MOST_POINTER_BYTES).decode("ascii", "replace").strip()
    except OSError as error:
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            # remains of a killed first build do not count, because they were never in use
            raise IndexMissing(
                "there is no index here", path=str(home), remedy="Build one: pullquote index PAGES."
            ) from error
        raise unreadable(home / "current", error) from error
    folder = home / name
    if not _SNAPSHOT_NAME.fullmatch(name) or folder.is_symlink() or not folder.is_dir():
        raise IndexDamaged("the index that this file names is missing", path=str(home / "current"), remedy=_REBUILD)
    return folder


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a snapshot.

    Raises:
        IndexFormatError: it was written by another version of the format.
        IndexDamaged: it has changed since it was written.

    """
    return _checked(manifest_fields(folder), str(folder / "manifest.json"))


def manifest_of(text: str, path: str) -> Manifest:
    """The manifest from its text, which was read at ``path``.

    Raises:
        IndexFormatError: it was written by another version of the format.
        IndexDamaged: it has changed since it was written.

    """
    try:
        fields = json.loads(text)
    except ValueError as error:
        raise IndexDamaged("the manifest cannot be read", path=path, remedy=_REBUILD) from error
    return _checked(fields if isinstance(fields, dict) else {}, path)


def _checked(fields: dict[str, object], path: str) -> Manifest:
    try:
        form = int(str(fields["format"]))
        if form != FORMAT:
            age, remedy = (
                ("a newer", "Use that version, or build another index with --index DIR.")
                if form > FORMAT
                else ("an older", "Build it again: pullquote index (it remembers its pages).")
            )
            raise IndexFormatError(
                f"the index was written by {age} version of Pullquote",
                path=path,
                expected=f"format {FORMAT}",
                got=str(form),
                remedy=remedy,
            )
        return _manifest(fields)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexDamaged("the manifest cannot be read", path=path, remedy=_REBUILD) from error


def _manifest(fields: dict[str, object]) -> Manifest:
    model, files, sources = fields["model"], fields["files"], fields["sources"]
    if not isinstance(model, dict) or not isinstance(files, dict) or not isinstance(sources, list):
        raise TypeError
    pages, posts, chunks, sentences = (int(str(fields[name])) for name in ("pages", "posts", "chunks", "sentences"))
    return Manifest(
        FORMAT,
        _model(**model),
        str(fields["recipe"]),
        tuple(map(_path, sources)),
        str(fields["decisions"]),
        pages,
        posts,
        chunks,
        sentences,
        {_inside(name): (int(size), str(digest)) for name, (size, digest) in files.items()},
    )


def _model(*, name: str, sha256: str, dim: int, max_tokens: int, quantised: bool = False) -> ModelIdentity:
    """The identity of a model as written; raises TypeError if it is not valid."""
    texts, numbers = isinstance(name, str) and isinstance(sha256, str), (type(dim), type(max_tokens)) == (int, int)
    if not texts or not numbers or min(dim, max_tokens) < 1 or not isinstance(quantised, bool):
        raise TypeError
    return ModelIdentity(name, sha256, dim, max_tokens, quantised)


def _path(source: object) -> str:
    """A path as it was stored; raises ValueError if no file can have it."""
    path = str(source)
    if b"\0" in os.fsencode(path):
        raise ValueError(path)
    return path


def _inside(name: object) -> str:
    """The name of a file of a snapshot; raises ValueError if it points outside the snapshot's folder."""
    text = str(name)
    if not text.isprintable() or "\\" in text or any(part in ("", ".", "..") for part in text.split("/")):
        raise ValueError(text)
    return text


def files_listed(folder: Path) -> tuple[str, ...]:
    """The names of the files of a snapshot of any format, from its manifest.

    Raises:
        IndexDamaged: the manifest has changed since it was written, or names files elsewhere.

    """
    files = manifest_fields(folder).get("files")
    try:
        return tuple(map(_inside, files)) if isinstance(files, dict) else ()
    except ValueError as error:
        problem = "the manifest names a file outside the index"
        raise IndexDamaged(problem, path=str(folder / "manifest.json"), got=str(error), remedy=_REBUILD) from error


def manifest_fields(folder: Path) -> dict[str, object]:
    """The fields of the manifest of a snapshot of any format.

    Raises:
        IndexDamaged: it is not as written.

    """
    path = folder / "manifest.json"
    try:
        text = regular_bytes(path, _MOST_MANIFEST_BYTES).decode()
        fields = json.loads(text)
    except OSError as error:
        raise unreadable(path, error) from error
    except (ValueError, RecursionError) as error:
        raise IndexDamaged("the manifest cannot be read", path=str(path), remedy=_REBUILD) from error
    if folder.name != snapshot_name(text) or not isinstance(fields, dict):
        raise IndexDamaged("the manifest has changed since it was written", path=str(path), remedy=_REBUILD)
    return fields


def check_files(folder: Path, manifest: Manifest, *, everything: bool = False, reread: bool = True) -> None:
    """Check every file against the manifest; large files checked before only by their stamps (``rag.checksums``).

    With ``everything``, also check the files that only the next build reads, and ``reread`` all files, because what is
    reused, copied or sent elsewhere is not taken on trust.

    Raises:
        IndexDamaged: a file is missing or has changed since it was written.

    """
    stamps = Stamps(folder)
    try:
        for name, (size, digest) in manifest.files.items():
            if name.startswith(GROWTH) and not everything:
                continue
            path = folder / name
            try:
                status = path.lstat()  # Pullquote writes no links
                right = (
                    stat.S_ISREG(status.st_mode)
                    and status.st_size == size
                    and stamps.is_right(name, digest, read=everything and reread)
                )
            except OSError as error:
                raise unreadable(path, error) from error
            if not right:
                raise IndexDamaged("the file has changed since it was written", path=str(path), remedy=_REBUILD)
    finally:
        stamps.keep()


def sync(path: Path) -> None:
    """Flush a file or folder to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
