"""The authors of a JSON export that lists them separately, as Ghost's tables and the header of a JSON Feed do."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.loading.front_matter import known_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Authors", "authors_of"]


@dataclass(frozen=True, slots=True)
class Authors:
    """Names by the ids of posts, and by the ids of authors that posts name; ``of_all`` is the author of every post."""

    by_post: Mapping[str, str] = field(default_factory=dict)
    by_id: Mapping[str, str] = field(default_factory=dict)
    of_all: str | None = None

    def of(self, post: object, author: object) -> str | None:
        """The author of a post, given its id and its author's id, if it has them."""
        return self.by_post.get(str(post)) or self.by_id.get(str(author)) or self.of_all


def authors_of(text: str) -> Authors:
    """Read the authors of an export; empty for any other file."""
    if '"posts_authors"' not in text and '"users"' not in text and "jsonfeed.org/version" not in text:
        return Authors()
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return Authors()
    if not isinstance(document, dict):
        return Authors()
    if "jsonfeed.org/version" in str(document.get("version")):
        head = {name: document[name] for name in ("author", "authors") if name in document}
        return Authors(of_all=known_fields(head).author)
    names: dict[str, str] = {}
    pairs: list[tuple[str, str]] = []
    for data in _tables(document):
        names |= {str(user.get("id")): str(user["name"]) for user in _rows(data, "users") if user.get("name")}
        pairs += [(str(row.get("post_id")), str(row.get("author_id"))) for row in _rows(data, "posts_authors")]
    by_post: dict[str, str] = {}
    for post, author in pairs:
        if author in names:
            by_post[post] = f"{by_post[post]}, {names[author]}" if post in by_post else names[author]
    return Authors(by_post, names)


def _tables(document: dict[str, object]) -> Iterator[dict[str, object]]:
    """The tables of a Ghost export, which are inside "db" or at the top, depending on its version."""
    held = document.get("db", document)
    for one in held if isinstance(held, list) else [held]:
        data = one.get("data", one) if isinstance(one, dict) else None
        if isinstance(data, dict):
            yield data


def _rows(data: dict[str, object], name: str) -> Iterator[dict[str, object]]:
    rows = data.get(name)
    return (row for row in (rows if isinstance(rows, list) else ()) if isinstance(row, dict))
