"""Made-up heaps of overlapping pages, for the laws: sentences that never repeat, snapshots that overlap."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from pathlib import Path

_WHO = (
    "gardener",
    "baker",
    "teacher",
    "sailor",
    "painter",
    "doctor",
    "farmer",
    "printer",
    "weaver",
    "miller",
    "joiner",
)
_DID = ("mended", "borrowed", "painted", "carried", "measured", "traded", "cleaned", "counted", "sketched", "repaired")
_WHAT = ("lantern", "bridge", "ladder", "kettle", "wagon", "fence", "clock", "harbour", "chimney", "orchard", "saddle")
_WHERE = (
    "station",
    "market",
    "river",
    "church",
    "meadow",
    "library",
    "quarry",
    "theatre",
    "island",
    "valley",
    "school",
)
_WHY = ("a wager", "a friend", "the winter festival", "an old promise", "the new mayor", "a sick neighbour")


@dataclass(frozen=True)
class Snapshot:
    """One page of a heap: which posts it shows, in what encoding and with which line ends."""

    posts: tuple[int, ...]
    encoding: str
    line_end: str
    with_chrome: bool


@dataclass(frozen=True)
class Heap:
    """Posts as (title, paragraphs of sentences) and the snapshots that show them."""

    posts: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]
    snapshots: tuple[Snapshot, ...]

    def write(self, folder: Path) -> None:
        """Write each snapshot as one file."""
        folder.mkdir(parents=True, exist_ok=True)
        for number, snapshot in enumerate(self.snapshots):
            data = self.page(snapshot).encode(snapshot.encoding)
            (folder / f"page-{number}.txt").write_bytes(data)

    def page(self, snapshot: Snapshot) -> str:
        """The text of a snapshot."""
        blocks = []
        for post in snapshot.posts:
            title, paragraphs = self.posts[post]
            *words, last = title.split()
            blocks += [" ".join(words) + "\u00a0" + last, *(" ".join(sentences) for sentences in paragraphs)]
            blocks += ["Share"] * snapshot.with_chrome
        return (snapshot.line_end * 2).join(blocks) + snapshot.line_end

    def sentences(self) -> list[str]:
        """Every sentence of every post that is on a page, in order."""
        shown = sorted({post for snapshot in self.snapshots for post in snapshot.posts})
        return [s for post in shown for paragraph in self.posts[post][1] for s in paragraph]


@st.composite
def heaps(draw: st.DrawFn) -> Heap:
    """Two to four posts on one to four overlapping snapshots."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    years = iter(chance.sample(range(1500, 2000), 60))
    posts = []
    for number in range(draw(st.integers(2, 4))):
        title = f"How the {chance.choice(_WHO)} met the {chance.choice(_WHO)} of the {_WHERE[number]}"
        paragraphs = tuple(
            tuple(_sentence(chance, next(years)) for _ in range(chance.randint(2, 3)))
            for _ in range(chance.randint(2, 3))
        )
        posts.append((title, paragraphs))
    shown = st.lists(st.integers(0, len(posts) - 1), min_size=1, max_size=len(posts), unique=True)
    snapshots = draw(
        st.lists(
            st.builds(
                Snapshot,
                shown.map(tuple),
                st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
                st.sampled_from(["\n", "\r\n"]),
                st.booleans(),
            ),
            min_size=1,
            max_size=4,
        )
    )
    return Heap(tuple(posts), tuple(snapshots))


def _sentence(chance: random.Random, year: int) -> str:
    who, what, where = chance.choice(_WHO), chance.choice(_WHAT), chance.choice(_WHERE)
    other, thing = chance.choice(_WHO), chance.choice(_WHAT)
    return (
        f"In {year} the {who} “{chance.choice(_DID)}” a {what} beside the {where} because the {other} "
        f"had {chance.choice(_DID)} the {thing} for {chance.choice(_WHY)}."
    )
