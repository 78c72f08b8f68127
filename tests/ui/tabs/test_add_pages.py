"""The progress shown on the Add pages tab: the time left, and the outcome for each file."""

from __future__ import annotations

import re

from rag.loading.files.file_types import ENDINGS
from ui.services.pace import Pace
from ui.services.upload_outcomes import FileState
from ui.services.uploads import Step
from ui.tabs.add_pages import MAX_SHOWN_INSIDE, _intro, _view

HOSTILE = "<img src=x onerror=window.__xss=1>"


def test_the_time_left_is_shown_once_it_can_be_estimated() -> None:
    """At first only the count, later the time left, and neither at the end."""
    now = 0.0
    pace = Pace(lambda: now)
    first = _view(Step("Embedding chunks", 10, 100), pace)
    assert "Embedding chunks: 10 of 100<" in first
    now = 20.0
    assert "Embedding chunks: 30 of 100, about 70 seconds left<" in _view(Step("Embedding chunks", 30, 100), pace)
    assert "left" not in _view(Step("", ended=True, files=(FileState("a.txt", "new"),)), pace)


def test_an_archive_tells_what_became_of_each_file_in_it() -> None:
    """In a fold, counted, the skipped ones with their reason, names as text; of very many, the first."""
    inside = (
        FileState("blog/a.txt", "new", "1 new post", (("p1", "The gate", ""),)),
        FileState(HOSTILE, "skipped", "it is empty"),
    )
    archive = FileState("saved.zip", "new", "1 new post", (("p1", "The gate", ""),), inside)
    made = _view(Step("", files=(archive,), ended=True))
    assert "2 files inside, 1 skipped" in made
    assert made.index("blog/a.txt") < made.index("it is empty")
    assert made.count("The gate") == 1
    assert "<img" not in made
    many = FileState(
        "saved.zip", "new", inside=tuple(FileState(f"{n}.txt", "new") for n in range(MAX_SHOWN_INSIDE + 5))
    )
    made = _view(Step("", files=(many,), ended=True))
    assert "and 5 more" in made
    assert f"{MAX_SHOWN_INSIDE}.txt" not in made


def test_what_can_be_added_is_what_is_read() -> None:
    """Holds: every ending that is named is read, and each family of files is named by one of its endings."""
    named = set(re.findall(r"\.[a-z]+\b", str(_intro(64))))
    assert named <= set(ENDINGS)
    families = {"html", "markdown", "office", "pdf", "epub", "mail", "mailbox", "xml", "json", "csv", "zip", "warc"}
    assert families <= {ENDINGS[ending] for ending in named}
