"""Posts that a file separates itself, as feeds, exports and tables do, each with its place in the file."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rag.loading.html.escapes import body
from rag.loading.parts import Entries
from rag.loading.pieces import pieces_within
from rag.records import PostCopy, SkippedPage
from rag.text.dates import guest_named
from rag.text.lines import cut_blocks, fold_key
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.loading.parts import Mapped

__all__ = ["MAX_TITLE_CHARACTERS", "Gathering"]

# The longest of one blog's 2,510 posts has 57,000 characters; a book has a million.
MAX_POST_CHARACTERS = 1_000_000
# The longest of their titles has 134 characters; a longer one is cut, because it is repeated before every chunk.
MAX_TITLE_CHARACTERS = 300
# Posts and left-out records of one file: twenty times the largest blog seen; a file with more is not a blog.
MAX_RECORDS = 50_000
# Left-out records are named one by one up to this number; after twenty, a person knows what is wrong.
MAX_NAMED = 20

_TOO_MANY = f"only its first {MAX_RECORDS:,} posts are read; split it to index the others"
# A line that ends this share of a file's posts, and this many, belongs to the site: "The post ... appeared first on
# ...".
MIN_CLOSED, MIN_CLOSED_SHARE = 3, 0.5
_CLOSING = re.compile(r"The post .{1,400} (?:appeared first|first appeared) on .{1,200}", re.IGNORECASE)


@dataclass(slots=True)
class Gathering:
    """Collects the posts of one file; ``text`` is its decoded text, ``sha256`` the hash of its bytes.

    ``closing_lines`` says that posts may end with a line that the site adds to each.
    """

    file: str
    sha256: str
    text: str
    closing_lines: bool = False
    markdown: Callable[[str], Mapped] | None = None  # reads the Markdown in some fields of exports
    site: str | None = None  # the name of the site they are all from
    _posts: list[PostCopy] = field(default_factory=list)
    _left_out: list[SkippedPage] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=dict)

    def add(
        self,
        name: str,
        span: tuple[int, int],
        format: str,  # noqa: A002 - the records name the field
        *,
        title: str | None = None,
        author: str | None = None,
        date: str | None = None,
        record: str | None = None,
        site: str | None = None,
    ) -> None:
        """Add the post at a span of the file; ``name`` identifies it in a report if it is left out.

        ``site`` is the one it is from, if that is not the one of the whole file.
        """
        if span[1] - span[0] > MAX_POST_CHARACTERS:
            self.leave_out(name, f"it is longer than {MAX_POST_CHARACTERS:,} characters, too long for a post")
            return
        mapped = body(self.text, *span, format, self.markdown)
        title = fold_white(title or "")[:MAX_TITLE_CHARACTERS].rstrip() or None
        if not mapped.text:
            self.leave_out(name, "it has a title but no text" if title else "it has no text")
            return
        author = guest_named([block.text for block in cut_blocks(mapped.text)]) or author
        self._posts.append(
            PostCopy(
                self.file,
                self.sha256,
                mapped.text,
                mapped.pieces,
                title,
                fold_white(author or "")[:MAX_TITLE_CHARACTERS] or None,
                date,
                format=format,
                record=record,
                site=fold_white(site or "")[:MAX_TITLE_CHARACTERS] or None,
            )
        )

    def is_full(self) -> bool:
        """Whether the limit is reached; the rest of the file is then not read, and this is reported."""
        full = len(self._posts) + sum(self._counts.values()) >= MAX_RECORDS
        if full and _TOO_MANY not in self._counts:
            self.leave_out("", _TOO_MANY)
        return full

    def leave_out(self, name: str, reason: str) -> None:
        """Report something that is not read; "" is the file itself. For each reason, only the first few are named."""
        count = self._counts[reason] = self._counts.get(reason, 0) + 1
        if count <= MAX_NAMED:
            self._left_out.append(SkippedPage(f"{self.file}, {name}" if name else self.file, reason))

    def result(self) -> Entries:
        """The posts and reports collected."""
        more = (
            SkippedPage(f"{self.file}, {count - MAX_NAMED:,} more", reason)
            for reason, count in self._counts.items()
            if count > MAX_NAMED
        )
        posts = without_closing_lines(self._posts) if self.closing_lines else self._posts
        posts = [replace(post, site=post.site or self.site) for post in posts]
        return Entries(tuple(posts), (*self._left_out, *more))


def without_closing_lines(posts: Sequence[PostCopy]) -> list[PostCopy]:
    """The posts without a closing line that most of them share, even if the line contains the post's title."""
    lasts = [cut_blocks(post.text)[-1] for post in posts]
    keys = [fold_key(last.text.replace(post.title or "", "")) for post, last in zip(posts, lasts, strict=True)]
    counts = Counter(keys)
    most = max(MIN_CLOSED, MIN_CLOSED_SHARE * len(posts))
    made = []
    for post, last, key in zip(posts, lasts, keys, strict=True):
        is_site = counts[key] >= most or _CLOSING.fullmatch(last.text) is not None
        end = len(post.text[: last.start].rstrip())
        made.append(
            replace(post, text=post.text[:end], pieces=pieces_within(post.pieces, 0, end)) if is_site and end else post
        )
    return made
