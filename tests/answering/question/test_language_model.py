"""The language detector's model is unpacked once, and gives the same probabilities from the cache."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from py3langid.langid import LanguageIdentifier

from rag.answering.question import language_model
from rag.answering.question.language_model import open_detector

if TYPE_CHECKING:
    from pathlib import Path

LANGUAGES = ["de", "en", "fr", "ja", "ru"]
QUESTIONS = [
    "Wer bezahlt die Pflege?",
    "library opening hours",
    "Qui a inventé le web ?",
    "старую мельницу",
    "",
    "図書館",
]


@pytest.fixture(scope="module")
def unpacked() -> LanguageIdentifier:
    """The detector as py3langid reads it."""
    detector = LanguageIdentifier.from_model_file("data/model.npz.xz", norm_probs=True)
    detector.set_languages(LANGUAGES)
    return detector


@pytest.fixture
def times(unpacked: LanguageIdentifier, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An item for each time that the model is unpacked, which is done only once for all tests."""
    found: list[str] = []

    def unpack(languages: list[str]) -> LanguageIdentifier:
        found.append(" ".join(languages))
        return unpacked

    monkeypatch.setattr(language_model, "_unpacked", unpack)
    return found


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and in it the folder for unpacked models."""
    monkeypatch.setattr(language_model, "user_folder", lambda _: tmp_path)
    return tmp_path / "languages"


def _probabilities(detector: LanguageIdentifier) -> list[list[tuple[str, float]]]:
    return [detector.rank(question) for question in QUESTIONS]


def test_a_model_is_unpacked_once(place: Path, unpacked: LanguageIdentifier, times: list[str]) -> None:
    """The next process reads it from the cache, and finds the same, bit for bit."""
    for _ in range(3):
        assert _probabilities(open_detector(LANGUAGES)) == _probabilities(unpacked)
    assert len(times) == 1
    assert len(list(place.iterdir())) == 1


def test_other_languages_have_a_model_of_their_own(place: Path, times: list[str]) -> None:
    """What was kept for some languages is not used for others."""
    for languages in (LANGUAGES, LANGUAGES[:2], LANGUAGES):
        open_detector(languages)
    assert times == ["de en fr ja ru", "de en"]
    assert len(list(place.iterdir())) == 2


@pytest.mark.parametrize(
    ("name", "harm"),
    [("likelihoods.npy", "changed"), ("moves.npy", "cut"), ("features.npy", "gone"), ("sealed.json", "cut")],
)
def test_a_damaged_copy_is_made_again(
    place: Path, unpacked: LanguageIdentifier, times: list[str], name: str, harm: str
) -> None:
    """It is never used, whatever happened to it."""
    open_detector(LANGUAGES)
    (folder,) = place.iterdir()
    whole = (folder / name).read_bytes()
    (folder / name).unlink()
    if harm != "gone":
        (folder / name).write_bytes(whole[: len(whole) // 2] if harm == "cut" else b"0" + whole[1:])
    assert _probabilities(open_detector(LANGUAGES)) == _probabilities(unpacked)
    assert len(times) == 2
    assert (folder / name).read_bytes() == whole


def test_what_a_killed_process_left_is_removed(place: Path, times: list[str]) -> None:
    """Only that of processes that are gone."""
    place.mkdir()
    for process in (2**22 + 1, os.getpid()):
        (place / f".aside-{process}-x").mkdir()
    open_detector(LANGUAGES)
    assert len(times) == 1
    assert [left.name for left in place.glob(".aside-*")] == [f".aside-{os.getpid()}-x"]


def test_without_a_place_the_model_is_unpacked_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unpacked: LanguageIdentifier, times: list[str]
) -> None:
    """A cache that cannot be written costs time, no answer."""
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setattr(language_model, "user_folder", lambda _: tmp_path / "file")
    for _ in range(2):
        assert _probabilities(open_detector(LANGUAGES)) == _probabilities(unpacked)
    assert len(times) == 2
