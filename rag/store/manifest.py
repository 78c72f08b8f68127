"""The front page of an index: what it was made of, by what, and which files belong to it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
from dataclasses import asdict, dataclass
from pathlib import Path

from rag.checksums import Stamps, sha256_of
from rag.embedding.models import ModelIdentity
from rag.errors import IndexDamaged, IndexFormatError, IndexMissing

__all__ = [
    "FORMAT",
    "GROWTH",
    "Manifest",
    "Origin",
    "check_files",
    "current_folder",
    "manifest_of",
    "manifest_text",
    "origin",
    "read_manifest",
    "sha256_of",
    "snapshot_name",
    "sync",
]

FORMAT = 6
GROWTH = "growth/"  # files that only the next build reads: asking does not wait for their check
_REBUILD = "Build the index again: pullquote index PATH."


@dataclass(frozen=True, slots=True)
class Manifest:
    """The front page of an index.

    ``recipe`` names the code that made it, ``sources`` are the paths it was built from, ``decisions`` the SHA-256 of
    what somebody decided about duplicates, ``files`` maps names to (bytes, SHA-256).
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


@dataclass(frozen=True, slots=True)
class Origin:
    """What an index of any format remembers of how it was built: its paths and the name of its model."""

    sources: tuple[str, ...]
    model: str


def manifest_text(manifest: Manifest) -> str:
    """The manifest as it is written."""
    return json.dumps(asdict(manifest), indent=1, sort_keys=True) + "\n"


def snapshot_name(text: str) -> str:
    """The folder's name for a manifest: the hash of its text, and so of everything in the folder."""
    return f"g-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def current_folder(home: Path) -> Path:
    """The folder of the snapshot in use.

    Raises:
        IndexMissing: there is no index.
        IndexDamaged: the snapshot that is named is not there.

    """
    try:
        name = (home / "current").read_bytes().decode("ascii", "replace").strip()
    except OSError as error:
        # what a first build leaves that was killed is not seen: it has not been in use
        raise IndexMissing(
            "there is no index here", path=str(home), remedy="Build one: pullquote index PAGES."
        ) from error
    folder = home / name
    if not name.startswith("g-") or "/" in name or not folder.is_dir():
        raise IndexDamaged("the index it names is not there", path=str(home / "current"), remedy=_REBUILD)
    return folder


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a snapshot.

    Raises:
        IndexFormatError: it was written by another version of the format.
        IndexDamaged: it is not what was written.

    """
    return _checked(_fields(folder), str(folder / "manifest.json"))


def manifest_of(text: str, path: str) -> Manifest:
    """The manifest whose text was read elsewhere, at ``path``.

    Raises:
        IndexFormatError: it was written by another version of the format.
        IndexDamaged: it is not what was written.

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
        ModelIdentity(**model),
        str(fields["recipe"]),
        tuple(map(str, sources)),
        str(fields["decisions"]),
        pages,
        posts,
        chunks,
        sentences,
        {str(name): (int(size), str(digest)) for name, (size, digest) in files.items()},
    )


def _fields(folder: Path) -> dict[str, object]:
    path = folder / "manifest.json"
    try:
        text = path.read_text(encoding="utf-8")
        fields = json.loads(text)
    except (OSError, ValueError) as error:
        raise IndexDamaged("the manifest cannot be read", path=str(path), remedy=_REBUILD) from error
    if folder.name != snapshot_name(text) or not isinstance(fields, dict):
        raise IndexDamaged("the manifest is not the one that was written", path=str(path), remedy=_REBUILD)
    return fields


def origin(home: Path) -> Origin:
    """What the index in a folder was built from, also where its format is an older one.

    Raises:
        IndexProblem: there is no index, or it does not tell.
        IndexFormatError: a newer version of Pullquote wrote it.

    """
    folder = current_folder(home)
    fields = _fields(folder)
    form, model, sources = fields.get("format"), fields.get("model"), fields.get("sources")
    if isinstance(form, int) and form > FORMAT:
        read_manifest(folder)
    if isinstance(model, dict):
        if isinstance(sources, list) and sources:
            return Origin(tuple(map(str, sources)), str(model.get("name")))
        roots = _roots(folder / "posts.sqlite", fields.get("files"))
        if roots:
            return Origin(roots, str(model.get("name")))
    raise IndexDamaged("the index does not say what it was built from", path=str(folder), remedy=_REBUILD)


def _roots(database: Path, files: object) -> tuple[str, ...]:
    """The folders above the pages of an index that did not remember its paths; nothing where it is damaged."""
    roots: dict[str, None] = {}
    written = files.get(database.name) if isinstance(files, dict) else None
    # no database is opened that is not known to be the one that was written
    if not isinstance(written, list) or not database.is_file() or sha256_of(database) not in written:
        return ()
    with contextlib.suppress(sqlite3.Error), contextlib.closing(_read_only(database)) as opened:
        for file, path in opened.execute("SELECT file, path FROM pages ORDER BY file"):
            whole = Path(str(path))
            depth = str(file).count("/")
            ends_alike = whole.as_posix().endswith(f"/{file}")
            roots.setdefault(str(whole.parents[depth] if ends_alike else whole), None)
    return tuple(roots)


def _read_only(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def check_files(folder: Path, manifest: Manifest, *, everything: bool = False) -> None:
    """Check every file against the manifest; large ones that were checked before by their stamps (``rag.checksums``).

    With ``everything`` those too that only the next build reads, and each is read whatever its stamp: what is carried
    over, copied or sent elsewhere is not taken on trust.

    Raises:
        IndexDamaged: a file is missing or is not what was written.

    """
    stamps = Stamps(folder)
    try:
        for name, (size, digest) in manifest.files.items():
            if name.startswith(GROWTH) and not everything:
                continue
            path = folder / name
            try:
                right = path.stat().st_size == size and stamps.is_right(name, digest, read=everything)
            except OSError as error:
                problem = f"the file cannot be read ({error.strerror})"
                raise IndexDamaged(problem, path=str(path), remedy=_REBUILD) from error
            if not right:
                raise IndexDamaged("the file is not the one that was written", path=str(path), remedy=_REBUILD)
    finally:
        stamps.keep()


def sync(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
