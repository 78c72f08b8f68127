"""A few seconds of what ``load.py`` does for minutes: many readers, pages added and a batch meanwhile."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import load

if TYPE_CHECKING:
    from load import Report

QUESTIONS = [
    "When was the World Wide Web invented?",
    "What share of people are change agents?",
    "Who won the chess olympiad in Buenos Aires?",
]


@pytest.fixture(scope="module")
def report(seed_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Six readers with eight questions each, then a crowd larger than may wait."""
    scratch = tmp_path_factory.mktemp("load")
    shutil.copytree(seed_home, scratch / "index")
    return load.run(scratch / "index", scratch, QUESTIONS, clients=6, count=48, alone=2, crowd=75)


def test_every_answer_comes_back_to_who_asked(report: Report) -> None:
    """Each question's marker is only in its own answer, without errors, even during additions and batches."""
    assert report.wrong == []
    assert report.asked == 48 + 75
    assert set(report.kinds) >= {"plain", "hostile", "100,000 characters", "cut off", "as a program", "in a crowd"}
    assert report.additions > 0
    assert report.batch_rows > 0


def test_who_does_not_find_room_is_told_that_it_is_busy(report: Report) -> None:
    """Of 75 at once, as many as may wait are answered; the others are told when to try again."""
    assert 0 < report.busy <= 75 - 64


def test_nothing_is_left_behind(report: Report) -> None:
    """No traceback in the page's log, and no upload or created file on the disk after its end."""
    assert "Traceback" not in report.log
    assert report.left_lying == 0
