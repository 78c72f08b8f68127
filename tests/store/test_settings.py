"""Settings outlive snapshots, and the loss of any one file of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag.errors import IndexDamaged
from rag.store.settings import NAMES, FolderSettings, calibrated, keep_threshold

if TYPE_CHECKING:
    from pathlib import Path

DAMAGED = [None, b"", b"\xff\xfe", b'{"confidence": 0.9, "source": "y"}\n']


@pytest.mark.parametrize("hidden", ["", "."])
@pytest.mark.parametrize("damage", DAMAGED)
def test_a_setting_survives_the_loss_or_change_of_either_file(
    tmp_path: Path, hidden: str, damage: bytes | None
) -> None:
    """Removed, emptied, not text, another number: the stored setting still counts."""
    settings = FolderSettings(tmp_path)
    keep_threshold(settings, 0.25, "x")
    path = tmp_path / f"{hidden}threshold.json"
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    assert calibrated(FolderSettings(tmp_path)) == (0.25, "x")


def test_a_setting_in_the_place_of_another_is_not_taken_for_it(tmp_path: Path) -> None:
    """Each sealed file knows which setting it belongs to."""
    settings = FolderSettings(tmp_path)
    settings.keep("threshold.json", "one")
    settings.keep("other.json", "two")
    (tmp_path / ".other.json").replace(tmp_path / ".threshold.json")
    assert settings.read("threshold.json") == "one"


def test_what_is_kept_last_counts_and_nothing_is_kept_after_nothing(tmp_path: Path) -> None:
    """A removed setting leaves no trace."""
    settings = FolderSettings(tmp_path)
    for name in NAMES:
        settings.keep(name, "one\r\n")
        settings.keep(name, "two\r\n")
        assert settings.read(name) == "two\r\n"
        settings.keep(name, None)
        assert settings.read(name) is None
    assert list(tmp_path.iterdir()) == []


def test_a_setting_of_an_older_version_and_one_written_by_hand_are_read(tmp_path: Path) -> None:
    """Without a sealed file, the one that is there counts; decisions about duplicates belong to the user."""
    (tmp_path / "threshold.json").write_text('{"confidence": 0.5, "source": "old"}')
    settings = FolderSettings(tmp_path)
    assert calibrated(settings) == (0.5, "old")
    settings.keep("duplicates.txt", "# none")
    (tmp_path / "duplicates.txt").write_text("# mine")
    assert settings.read("duplicates.txt") == "# mine"


@pytest.mark.parametrize("damage", [b"\xff\xfe", b"[]", b"{"])
def test_a_setting_that_is_lost_names_its_file_and_a_command(tmp_path: Path, damage: bytes) -> None:
    """If both files are damaged."""
    (tmp_path / "threshold.json").write_bytes(damage)
    (tmp_path / ".threshold.json").write_bytes(b"x")
    with pytest.raises(IndexDamaged, match=r"threshold\.json.*pullquote calibrate"):
        calibrated(FolderSettings(tmp_path))


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 100_000,
        b'{"confidence": 1' + b"0" * 400 + b', "source": "x"}',
        b'{"confidence": NaN, "source": "x"}',
        b'{"confidence": 1e999, "source": "x"}',
        b" " * (10 * 2**20) + b'{"confidence": 0.5, "source": "x"}',
    ],
    ids=["deep", "long", "none", "endless", "large"],
)
def test_a_threshold_that_no_calibration_writes_is_damaged(tmp_path: Path, text: bytes) -> None:
    """An index may come from a stranger, and a file of holes can be of any size."""
    (tmp_path / "threshold.json").write_bytes(text)
    with pytest.raises(IndexDamaged):
        calibrated(FolderSettings(tmp_path))
