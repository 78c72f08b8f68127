"""The chunks and posts that contain words, in any form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.text.tokens import stems

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rag.store.protocols import Snapshot
    from rag.store.rows import PostText

__all__ = ["chunks_of", "holds_run", "posts_about", "posts_with"]


def posts_with(store: Snapshot, stems: Sequence[str]) -> list[str]:
    """Ids of the posts with all of some stems in their text or title, in the order of the index."""
    kept: list[str] | None = None
    for stem in dict.fromkeys(stems):
        hits = store.lexical.search([stem], store.manifest.chunks)
        chunks = store.chunks(sorted(chunk for chunk, _ in hits))
        here = dict.fromkeys(chunk.post_id for chunk in chunks.values())
        kept = list(here) if kept is None else [post_id for post_id in kept if post_id in here]
    return kept or []


def holds_run(text: str, run: Sequence[str]) -> bool:
    """Whether the stems of a text include others side by side and in order."""
    if not run:
        return True
    roots, size = stems(text), len(run)
    return any(roots[at : at + size] == list(run) for at in range(len(roots) - size + 1))


def posts_about(store: Snapshot, run: Sequence[str]) -> list[str]:
    """Ids of the posts with some stems side by side; if there are none, of those with all of them."""
    ids = posts_with(store, run)
    bodies = store.bodies(ids) if len(run) > 1 else {}
    beside = [post_id for post_id in ids if post_id in bodies and holds_run(_whole(bodies[post_id]), run)]
    return beside or ids


def _whole(body: PostText) -> str:
    return f"{body.title}\n{body.text}"


def chunks_of(store: Snapshot, post_ids: Iterable[str]) -> list[int]:
    """Ids of all chunks of some posts."""
    return sorted(chunk for post_id in post_ids for chunk in store.chunks_of(post_id))
