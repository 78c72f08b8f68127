"""The whole heap in one picture: posts down, pages across, and a mark wherever a page has a post."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rag.loading.proof import says
from rag.text.plurals import amount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.records import Copy, Post

__all__ = ["KINDS", "KIND_WORDS", "CopyKind", "Picture", "copy_kind", "draw", "shared_words"]

# The size of the picture in its own units: as wide as a column of text, half a screen tall. A cell is at least three
# units, the smallest that shows a colour; with more posts or pages than cells, neighbours share a cell.
PICTURE_WIDTH = 660.0
PICTURE_HEIGHT = 420.0
MAX_ROWS = 140
MAX_COLUMNS = 220
MAX_CELL = 9.0
_FILLED = 0.86  # share of a cell; the rest separates the marks

CopyKind = Literal["same", "edited", "variant"]
KINDS: tuple[CopyKind, ...] = ("same", "edited", "variant")
KIND_WORDS: dict[CopyKind, str] = {
    "same": "the post word for word",
    "edited": "the post with some words changed",
    "variant": "a version with another number, date or negation",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """``marks`` are SVG paths, one for each kind of copy that occurs; ``firsts`` are the first posts of the rows."""

    width: float
    height: float
    marks: tuple[tuple[CopyKind, str], ...]
    firsts: tuple[int, ...]
    shared: int
    words: str


def copy_kind(post: Post, copy: Copy) -> CopyKind:
    """How a copy relates to the text of its post."""
    if post.variants:
        return "variant"
    for piece in copy.pieces:
        if piece.text is None or piece.end == 0:  # the title is before the text
            continue
        if not says(piece.text, post.text[piece.start : piece.end], copy.format):
            return "edited"
    return "same"


def shared_words(count: int) -> str:
    """How many posts are on several pages, as a sentence.

    >>> shared_words(0), shared_words(1)
    ('No post appears on more than one page.', '1 post appears on more than one page.')
    """
    said = amount(count, "post") if count else "No post"
    return f"{said} {'appears' if count < 2 else 'appear'} on more than one page."  # noqa: PLR2004 - the plural


def draw(posts: Sequence[Post], files: Sequence[str]) -> Picture:
    """Draw a mark for every copy; a cell shared by several shows the rarest kind among them."""
    rows, columns = min(max(len(posts), 1), MAX_ROWS), min(max(len(files), 1), MAX_COLUMNS)
    height, width = min(PICTURE_HEIGHT / rows, MAX_CELL), PICTURE_WIDTH / columns
    place = {file: order * columns // len(files) for order, file in enumerate(files)}
    cells: dict[tuple[int, int], CopyKind] = {}
    for order, post in enumerate(posts):
        for copy in post.copies:
            if copy.file in place:
                at, kind = (order * rows // len(posts), place[copy.file]), copy_kind(post, copy)
                cells[at] = max(cells.get(at, kind), kind, key=KINDS.index)
    drawn = f"h{width * _FILLED:.2f}v{height * _FILLED:.2f}h-{width * _FILLED:.2f}z"
    lines: dict[CopyKind, list[str]] = {kind: [] for kind in KINDS}
    for (row, column), kind in sorted(cells.items()):
        lines[kind].append(f"M{column * width:.2f} {row * height:.2f}{drawn}")
    shared = sum(len({copy.file for copy in post.copies}) > 1 for post in posts)
    return Picture(
        PICTURE_WIDTH,
        rows * height,
        tuple((kind, "".join(marks)) for kind, marks in lines.items() if marks),
        tuple(-(-row * len(posts) // rows) for row in range(rows)),
        shared,
        f"{amount(len(posts), 'post')} down, {amount(len(files), 'page')} across. {shared_words(shared)}",
    )
