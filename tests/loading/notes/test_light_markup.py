"""Notes in reStructuredText, Org, AsciiDoc, Textile and wiki text."""

from __future__ import annotations

import pytest

from rag.loading.notes.light_markup import read_light_markup
from rag.loading.proof import says

RST = """Slow dough
##########

:date: 2024-01-15
:author: Nora Baker

.. image:: loaf.jpg
   :alt: A loaf

The *starter* needs ``twenty-four`` degrees, see `the table <http://x.org>`_.

Salt
----

* Last of all,
* or the crust turns grey.
"""
ORG = "#+TITLE: Slow dough\n#+AUTHOR: Nora Baker\n#+DATE: <2024-01-15 Mon>\n\n* TODO Gates :canal:\n:PROPERTIES:\n:ID: x\n:END:\nThe *starter* needs =heat= [[http://x.org][often]].\n[[file:oven.png]]\n# a comment\n"
ADOC = "= Slow dough\nNora Baker\n2024-01-15\n:toc:\n\n[source]\n----\ncode\n----\n\nThe *starter* needs link:http://x.org[heat].\n\nimage::x.png[]\n"
TIDDLER = """created: 20240115201203000
creator: Nora Baker
tags: bread [[slow food]]
title: Slow dough
type: text/vnd.tiddlywiki

!! Heat
The ''starter'' needs //heat//, see [[the table|Table of heat]] on http://x.org/a//b.
{{Another note}}

# First <<salt "now">>water
# Then flour
"""
GEMTEXT = """# Slow dough
2024-01-15

The starter needs *heat* and __time__.
=> gemini://x.org/table The table
=> gemini://x.org/
* Water
* Flour
```sh
# oven --heat
```
"""
WIKI = "= Slow dough =\n\n# First water\n# Then '''flour'''\n"
TEXTILE = 'h1. Slow dough\n\nThe *starter* needs "heat":http://x.org now.\n'


@pytest.mark.parametrize(
    ("file", "source", "author", "date", "text"),
    [
        (
            "a.rst",
            RST,
            "Nora Baker",
            "2024-01-15",
            "The starter needs twenty-four degrees, see the table.\n\nSalt\n\nLast of all,\nor the crust turns grey.",
        ),
        ("a.org", ORG, "Nora Baker", "2024-01-15", "Gates\n\nThe starter needs heat often."),
        ("a.adoc", ADOC, "Nora Baker", "2024-01-15", "code\n\nThe starter needs heat."),
        (
            "b.adoc",
            ADOC.replace("\n2024", " <n@x.org>\nv1.0, 2024"),
            "Nora Baker",
            "2024-01-15",
            "code\n\nThe starter needs heat.",
        ),
        ("a.textile", TEXTILE, None, None, "The starter needs heat now."),
        (
            "a.tid",
            TIDDLER,
            "Nora Baker",
            "2024-01-15",
            "Heat\n\nThe starter needs heat, see the table on http://x.org/a//b.\n\nFirst water\nThen flour",
        ),
        (
            "a.gmi",
            GEMTEXT,
            None,
            "2024-01-15",
            "The starter needs *heat* and __time__.\n\nThe table\n\nWater\nFlour\n\n# oven --heat",
        ),
        ("a.wiki", WIKI, None, None, "First water\nThen flour"),
    ],
)
def test_a_note(file: str, source: str, author: str | None, date: str | None, text: str) -> None:
    """Its title, fields and words, and the words are verified."""
    [post] = read_light_markup(source, file, "0" * 64).posts
    assert (post.title, post.author, post.date, post.text) == ("Slow dough", author, date, text)
    for piece in post.pieces:
        if piece.text is None:
            assert source[piece.file_start : piece.file_end] == post.text[piece.start : piece.end]
    if not file.endswith((".org", ".adoc")):  # whose whole text has fields and fences between its paragraphs
        start = next(piece.file_start for piece in post.pieces if piece.end > 0)
        assert says(source[start : post.pieces[-1].file_end], post.text, "markup")
    assert says("The *starter* needs", "The starter needs", "markup")
    assert not says("The *starter* needs not", "The starter needs", "markup")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("title: $:/config/Colours\n\nred", "a setting"),
        ("draft.of: Slow dough\ntitle: Draft of 'Slow dough'\n\nThe starter needs heat.", "draft"),
    ],
)
def test_what_is_no_note_of_a_wiki_is_named(source: str, reason: str) -> None:
    """Settings and drafts of TiddlyWiki are files like its notes."""
    entries = read_light_markup(source, "a.tid", "0" * 64)
    assert entries.posts == ()
    assert reason in entries.left_out[0].reason
