"""The rules of the quality gate: floors rise freely and fall only with a reason."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from eval import gate

from rag.evaluation.gold import read_gold


def test_our_questions_are_the_pinned_ones_and_their_evidence_is_in_the_seeds() -> None:
    """The seed questions have the pinned hash, and every evidence text is in a seed page."""
    one = gate.SETS[0]
    held = gate.read_floors().get(one.name)
    assert held is None or held.sha256 == one.sha256()
    pages = [re.sub(r"\s+", " ", page.read_text(encoding="utf-8")) for page in (gate.ROOT / "seeds").glob("*.txt")]
    rows = read_gold(gate.ROOT / one.questions)
    lost = [(row.id, text) for row in rows for text in row.wanted.evidence if not any(text in page for page in pages)]
    assert lost == []
    assert sum(row.answerable for row in rows) >= 40
    assert sum(not row.answerable for row in rows) >= 20


def test_every_set_has_its_test() -> None:
    """In one of the files beside this one."""
    files = sorted(path for path in Path(__file__).parent.glob("test_gate_*.py"))
    named = [re.search(r'"name", (\[.+\])', path.read_text(encoding="utf-8")) for path in files]
    assert sorted(name for found in named if found for name in json.loads(found[1])) == sorted(
        one.name for one in gate.SETS
    )


def test_a_set_is_pinned_by_the_questions_that_are_asked(tmp_path: Path) -> None:
    """Of every fourth question, a change of the fifth is seen and one of the fourth is not."""
    file = tmp_path / "questions.jsonl"
    some = gate.QuestionSet("some", str(file), str(tmp_path), every=4)
    asked = []
    for lines in ("12345678", "123x5678", "1234x678"):
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        asked.append(some.sha256())
    assert asked[0] == asked[1] != asked[2]


def test_a_figure_may_differ_by_a_few_questions_on_another_machine() -> None:
    """One in fifty, and always one."""
    assert gate._tolerance(20) == 1 / 20
    assert gate._tolerance(400) == 8 / 400


def test_a_figure_below_its_floor_or_above_its_ceiling_fails() -> None:
    """Each pinned figure is compared on its own side; a figure that vanished fails too."""
    pinned = gate.Pinned("h", {"hit@1": 0.7, "ece": 0.1, "verbatim": 1.0})
    good = {"hit@1": gate.Measured(0.7, 0), "ece": gate.Measured(0.1, 0, -1), "verbatim": gate.Measured(1.0, 0)}
    assert gate.problems(pinned, "h", good) == []
    assert gate.problems(pinned, "h", good | {"hit@1": gate.Measured(0.69, 0)}) == ["hit@1 is 0.690, below 0.700"]
    assert gate.problems(pinned, "h", good | {"ece": gate.Measured(0.11, 0, -1)}) == ["ece is 0.110, above 0.100"]
    del good["verbatim"]
    assert gate.problems(pinned, "h", good) == ["verbatim is not measured any more; its limit is 1.000"]


def test_other_questions_fail_whatever_the_figures() -> None:
    """A question file that is not the pinned one, or floors that were never measured, do not pass."""
    measured = {"hit@1": gate.Measured(1.0, 0)}
    assert gate.problems(gate.Pinned("h", {"hit@1": 0.1}), "other", measured)
    assert gate.problems(None, "h", measured)


def test_an_update_only_tightens() -> None:
    """Floors rise and ceilings fall to the measurement less its tolerance; other questions are refused."""
    pinned = gate.Pinned("h", {"hit@1": 0.7, "hit@3": 0.9, "ece": 0.1, "words@1": 30.0})
    measured = {
        "hit@1": gate.Measured(0.85, 0.05),
        "hit@3": gate.Measured(0.8, 0.05),
        "ece": gate.Measured(0.05, 0.01, -1),
        "words@1": gate.Measured(40.0, 1.0, -1),
        "auroc": gate.Measured(0.9, 0.01),
    }
    assert gate.raised(pinned, "h", measured).limits == {
        "hit@1": 0.8,
        "hit@3": 0.9,
        "ece": 0.06,
        "words@1": 30.0,
        "auroc": 0.89,
    }
    with pytest.raises(ValueError, match="changed"):
        gate.raised(pinned, "other", measured)


def test_lowering_keeps_what_still_holds() -> None:
    """A limit that the measurement passes is not loosened along with one that it does not pass."""
    old = gate.Pinned("h", {"hit@1": 0.7, "hit@3": 0.8})
    measured = {"hit@1": gate.Measured(0.6, 0.1), "hit@3": gate.Measured(0.81, 0.1)}
    assert gate.lowered(old, "h", measured).limits == {"hit@1": measured["hit@1"].limit(), "hit@3": 0.8}
    assert gate.lowered(old, "other", measured).limits["hit@3"] == measured["hit@3"].limit()


def test_lowering_is_written_into_the_newest_section_of_the_changelog() -> None:
    """Every loosened limit is named with its old and new value and the reason; tightened ones are not."""
    old = gate.Pinned("h", {"hit@1": 0.7, "ece": 0.1, "auroc": 0.8})
    measured = {
        "hit@1": gate.Measured(0.6, 0),
        "ece": gate.Measured(0.2, 0, -1),
        "auroc": gate.Measured(0.9, 0),
    }
    new = gate.lowered(old, "h", measured)
    lines = gate.loosened("seeds", old, new, measured)
    assert lines == ["seeds: hit@1 from 0.700 to 0.600", "seeds: ece from 0.100 to 0.200"]
    text = gate.noted("# Changelog\n\n## 2\n\n- a\n\n## 1\n\n- b\n", lines, "a smaller model")
    assert text == (
        "# Changelog\n\n## 2\n\n- a\n- Quality floors lowered (seeds: hit@1 from 0.700 to 0.600; "
        "seeds: ece from 0.100 to 0.200): a smaller model\n\n## 1\n\n- b\n"
    )
    assert gate.noted("# Changelog\n\n## 1\n\n- b\n", ["x"], "y").endswith("- b\n- Quality floors lowered (x): y\n")


def test_floors_are_written_as_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing what was read changes nothing in the file."""
    monkeypatch.setattr(gate, "FLOORS", tmp_path / "floors.json")
    floors = {"squad": gate.Pinned("s", {"hit@1": 0.5}), "seeds": gate.Pinned("h", {"ece": 0.125})}
    gate.write_floors(floors)
    first = (tmp_path / "floors.json").read_text(encoding="utf-8")
    gate.write_floors(gate.read_floors())
    assert (tmp_path / "floors.json").read_text(encoding="utf-8") == first
    assert list(json.loads(first)) == ["seeds", "squad"]


def test_the_command_line_raises_lowers_and_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--update pins; a worse measurement fails and changes nothing; --lower lowers the limit and records the reason."""
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## 1\n\n- a\n", encoding="utf-8")
    (tmp_path / "floors.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(gate, "FLOORS", tmp_path / "floors.json")
    monkeypatch.setattr(gate, "CHANGELOG", tmp_path / "CHANGELOG.md")
    hits = [0.9, 0.5, 0.5, 0.5]
    monkeypatch.setattr(gate.Bench, "measure", lambda _bench, _one: {"hit@1": gate.Measured(hits.pop(0), 0.0)})

    def run(*options: str) -> int:
        status = gate.main([*options, "--set", "seeds"])
        assert isinstance(status, int)
        return status

    assert run("--update") == 0
    assert gate.read_floors()["seeds"].limits == {"hit@1": 0.9}
    assert run() == 1
    assert run("--update") == 1
    assert gate.read_floors()["seeds"].limits == {"hit@1": 0.9}
    assert run("--lower", "a faster model") == 0
    assert gate.read_floors()["seeds"].limits == {"hit@1": 0.5}
    assert "seeds: hit@1 from 0.900 to 0.500): a faster model" in (tmp_path / "CHANGELOG.md").read_text(
        encoding="utf-8"
    )
    with pytest.raises(SystemExit):
        run("--lower", " ")
