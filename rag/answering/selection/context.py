"""The sentences around the considered chunks, and which of the question's words they contain."""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter
from typing import TYPE_CHECKING

from rag.text.annotations import facts, joined_notes, noted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rag.answering.question.wanted_words import Wanted
    from rag.records import Chunk, Hit, Sentence
    from rag.store.protocols import Snapshot
    from rag.store.rows import PostText

__all__ = ["ContextWindow", "look_at"]

_START = attrgetter("start")


class ContextWindow:
    """The sentences of a post around a considered chunk, and which of the wanted words they contain.

    ``places`` has the positions of the chunk's own sentences, in order; ``rows`` has all sentences of the post.
    """

    def __init__(self, hit: Hit, chunk: Chunk, places: Sequence[int], rows: Sequence[Sentence], body: PostText) -> None:
        self.hit = hit
        self.chunk = chunk
        self.places = places
        self.rows = rows
        self.body = body
        # captions belong to a chunk but are outside its span
        self._inside = range(bisect_left(rows, chunk.start, key=_START), bisect_left(rows, chunk.end, key=_START))
        self.first = max(min(places[0] - 1, self._inside.start), 0)
        self.end = min(max(places[-1] + 2, self._inside.stop), len(rows))
        self._held: Sequence[int] = ()
        self._pairs: Sequence[int] = ()
        self._shown: Sequence[int] = ()
        self._notes: Sequence[int] = ()

    def look(self, held: Sequence[int], pairs: Sequence[int], notes: Sequence[int]) -> None:
        """Store the findings for the sentences from ``first`` to ``end``."""
        chrome = [self.rows[place].kind == "chrome" for place in range(self.first, self.end)]
        self._held, self._pairs = held, pairs
        # nothing is known of text outside the post, nor of sentences before and after it
        self._shown = [0, *(0 if hidden else bits for hidden, bits in zip(chrome, held, strict=True)), 0]
        self._notes = [0, *(0 if hidden else note for hidden, note in zip(chrome, notes, strict=True)), 0]

    def text(self, place: int) -> str:
        """The words of a sentence."""
        row = self.rows[place]
        return self.body.text[row.start : row.end]

    def held(self, place: int) -> int:
        """Bits of the wanted words in a sentence of the chunk or next to it."""
        return self._shown[place - self.first + 1]

    def held_far(self, place: int, wanted: Wanted) -> int:
        """The same for a sentence anywhere in the post; -1 means no sentence."""
        if self.first <= place < self.end:
            return self.held(place)
        return wanted.in_text(facts(self.text(place))) if place >= 0 else 0

    def pairs(self, place: int) -> int:
        """The number of wanted pairs in a sentence of the chunk."""
        return self._pairs[place - self.first]

    def note(self, place: int) -> int:
        """The notes on a sentence of the chunk or next to it."""
        return self._notes[place - self.first + 1]

    def in_chunk(self, wanted: Wanted) -> int:
        """Bits of the wanted words in the chunk, from those of its sentences.

        Words contain no white space, so if every sentence has it on both sides, the words of the chunk are those of its
        sentences and of the text between them.
        """
        text, at, found = self.body.text, self.chunk.start, 0
        for place in self._inside:
            row = self.rows[place]
            if row.start < at or row.end > self.chunk.end:
                continue
            between = text[at : row.start]
            parted = row.start == self.chunk.start or text[row.start - 1].isspace()
            if not parted or (between and not between[0].isspace()):
                return wanted.in_text(facts(text[self.chunk.start : self.chunk.end]))
            if between.strip():
                found |= wanted.in_text(facts(between))
            found |= self._held[place - self.first]
            at = row.end
        rest = text[at : self.chunk.end]
        if rest and not rest[0].isspace():
            return wanted.in_text(facts(text[self.chunk.start : self.chunk.end]))
        return found | wanted.in_text(facts(rest)) if rest.strip() else found


def look_at(store: Snapshot, wanted: Wanted, windows: Sequence[ContextWindow]) -> None:
    """Find the wanted words in the sentences of all windows at once."""
    if not windows:
        return
    several = []
    for window in windows:
        kept = store.noted(window.chunk.post_id, window.first, window.end)
        several.append(kept or noted([window.text(place) for place in range(window.first, window.end)]))
    some = joined_notes(several)
    held, pairs = wanted.in_sentences(some)
    notes = some.notes.tolist()
    at = 0
    for window in windows:
        here = slice(at, at + window.end - window.first)
        window.look(held[here], pairs[here], notes[here])
        at = here.stop
