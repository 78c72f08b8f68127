"""The terms of the design as frozen records, with no behaviour beyond their own fields.

Offsets are code points and spans are half open. ``start``/``end`` are offsets in the text that the record names;
``file_start``/``file_end`` are offsets in the decoded text of a file. `pages` and `posts` make up an index, `answers`
is what is asked and answered, `builds` is what a build reports.
"""

from rag.records.answers import (
    Answer,
    Band,
    Considered,
    Feature,
    Hit,
    ListShown,
    Passage,
    PostMatch,
    QuestionRow,
    Quote,
    QuoteLabel,
    Status,
    Trace,
)
from rag.records.builds import BuildReport, Change, Dropped, Merge, MergeKind, PageChanges
from rag.records.pages import DroppedKind, LeftOut, Page, PageEntry, Piece, PostCopy, SkippedPage, Span
from rag.records.posts import Chunk, Copy, Location, Post, PostEntry, Sentence, SentenceKind, Variant

__all__ = [
    "Answer",
    "Band",
    "BuildReport",
    "Change",
    "Chunk",
    "Considered",
    "Copy",
    "Dropped",
    "DroppedKind",
    "Feature",
    "Hit",
    "LeftOut",
    "ListShown",
    "Location",
    "Merge",
    "MergeKind",
    "Page",
    "PageChanges",
    "PageEntry",
    "Passage",
    "Piece",
    "Post",
    "PostCopy",
    "PostEntry",
    "PostMatch",
    "QuestionRow",
    "Quote",
    "QuoteLabel",
    "Sentence",
    "SentenceKind",
    "SkippedPage",
    "Span",
    "Status",
    "Trace",
    "Variant",
]
