"""The texts of copies, by number: equal ones together, in the order of their places, whatever the input order."""

from __future__ import annotations

import random

from rag.dedup.heap_texts import HeapTexts, place_of
from rag.dedup.merging import post_id
from rag.records import Piece, PostCopy
from rag.text.whitespace import fold_white


def _copies(chance: random.Random, count: int) -> list[PostCopy]:
    """Copies of few texts in few files; some are at the same place, as two of a table may be."""
    found = []
    for _ in range(count):
        text = f"Text {chance.randrange(8)}{chance.choice([' ', '  ', chr(10)])}is short."
        start = chance.randrange(3)
        file = chance.choice(["a/b.txt", "a b.txt", "a.txt", "b/a/c.txt", "b"])
        found.append(PostCopy(file, "", text, (Piece(0, len(text), start, start + len(text)),), f"T{start}"))
    return found


def test_texts_are_those_of_the_copies() -> None:
    """Every copy is with its text, ordered by place; texts are in the order of their first copies."""
    for seed in range(30):
        copies = _copies(random.Random(seed), seed)
        texts = HeapTexts(copies)
        folded = list(dict.fromkeys(fold_white(copy.text) for copy in copies))
        assert len(texts) == len(folded)
        for number, text in enumerate(folded):
            same = sorted((copy for copy in copies if fold_white(copy.text) == text), key=place_of)
            assert texts[number].copies == tuple(same)
            assert texts.text_id(number) == post_id(text)
            alone = {copy.file for copy in same if [other.file for other in copies].count(copy.file) == 1}
            assert texts.alone([number]) == alone


def test_the_more_complete_comes_first_then_the_place() -> None:
    """Folder by folder: "a/b" comes before "a b", as in a list of file names."""
    for seed in range(30):
        chance = random.Random(seed)
        texts = HeapTexts(_copies(chance, seed))
        words = [chance.randrange(2) for _ in range(len(texts))]
        by_hand = sorted(range(len(texts)), key=lambda number: (-words[number], place_of(texts[number].first)))
        assert texts.in_order(words) == by_hand
