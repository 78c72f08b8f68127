"""The table of weights is fitted as it says, and the questions it ships with are those it was made from."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import rebuild
import tables
from ranking import (
    GoldSet,
    collect,
    figures_text,
    held_out,
    pages_sha256,
    table_dict,
    told_by_name,
    train,
    written,
)
from tables import differences

from rag.answering.selection.features import FEATURES
from rag.answering.selection.ranker import READER_FEATURES, READER_SIGNS, SIGNS
from rag.evaluation.gold import gold_row
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from pathlib import Path

    from rag.answering.engine import Index

NO_DATA = "the texts of ../shared/data are not here"


@pytest.fixture(scope="module")
def seed_sets(seed_index: Index) -> list[GoldSet]:
    """Our questions about the seed pages, dealt out to two sets, so that one can be left out."""
    lines = (rebuild.ROOT / "tests/eval/seed-questions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [gold_row(json.loads(line), line) for line in lines]
    dealt = {"even": rows[::2], "odd": rows[1::2]}
    return [GoldSet(name, seed_index, "q.jsonl", "0" * 64, collect(seed_index, some)) for name, some in dealt.items()]


def _table(sets: list[GoldSet]) -> dict[str, object]:
    trained = train(sets)
    return table_dict(sets, trained.table, {"odd": held_out(sets, "odd")}, told_by_name(sets, trained))


def test_the_same_questions_make_the_same_table(seed_sets: list[GoldSet], tmp_path: Path) -> None:
    """Two runs write the same bytes, and what is written has all that the shipped table has."""
    table = _table(seed_sets)
    assert written(table) == written(_table(seed_sets))
    (tmp_path / "table.json").write_text(written(table), encoding="utf-8")
    read = json.loads((tmp_path / "table.json").read_text(encoding="utf-8"))
    assert list(read["features"]) == [*FEATURES, *READER_FEATURES]
    assert list(read["signs"]) == [*SIGNS, *READER_SIGNS]
    assert 0.0 < read["threshold_confidence"] < 1.0
    assert [one["questions"] for one in read["sets"]] == [len(one.examples) for one in seed_sets]
    assert read["trained_on"]["even"]["hit@1"] > 0.5
    assert "hit@1" in figures_text(read["held_out"], read["trained_on"])


def test_what_is_held_out_has_no_say(seed_sets: list[GoldSet]) -> None:
    """Wrong marks in a set spoil the table that is fitted to it, but not the figures of the set when it is held out."""
    even, odd = seed_sets
    spoilt = replace(odd, examples=[replace(one, right=~one.right) for one in odd.examples])
    assert held_out([even, spoilt], "odd") == held_out([even, odd], "odd")
    # marks are made again from the quotes, so it takes wrong evidence to change what is fitted
    wrong = replace(odd.examples[0].row.wanted, evidence=("the",), files=())
    misled = replace(odd, examples=[replace(one, row=replace(one.row, wanted=wrong)) for one in odd.examples])
    weights = [train([even, other]).table.ranking.weights.tolist() for other in (odd, misled)]
    assert weights[0] != weights[1]


def test_the_hash_of_pages_does_not_depend_on_their_order() -> None:
    """The same pages have one hash; another name or another content has another."""
    one, two = ("a.md", "1"), ("b.md", "2")
    assert pages_sha256([one, two]) == pages_sha256([two, one])
    assert len({pages_sha256([one, two]), pages_sha256([one]), pages_sha256([("a.md", "2"), ("b.md", "1")])}) == 3


def _own_rows() -> list[dict[str, object]]:
    return [json.loads(line) for line in rebuild.QUESTIONS.read_text(encoding="utf-8").splitlines()]


def test_the_questions_are_well_formed_and_hold_no_text_of_others() -> None:
    """Every row has an id of its own, asks something, and points at posts of its set by offsets alone."""
    rows = _own_rows()
    posts = json.loads(rebuild.POSTS.read_text(encoding="utf-8"))
    assert len({row["id"] for row in rows}) == len(rows) > 1000
    asked = {"id", "set", "question", "answerable", "kind", "paraphrased"}
    for row in rows:
        assert set(row) == (asked | {"source", "posts", "evidence"} if row["answerable"] else asked), row["id"]
        assert isinstance(row["question"], str)
        assert row["question"].strip()
        if row["answerable"]:
            evidence, named = row["evidence"], row["posts"]
            assert isinstance(evidence, list)
            assert isinstance(named, list)
            assert set(named) <= set(posts[row["set"]][row["source"]])
            assert evidence
            assert all(0 <= place < len(named) and 0 <= start < end for place, start, end in evidence)
    assert {row["set"] for row in rows} == set(posts) == set(rebuild.SETS)


def test_the_table_was_made_from_these_questions() -> None:
    """The table tells the hash of the questions in this folder, and of the squad questions where they are."""
    table = json.loads(rebuild.TABLES[False].read_text(encoding="utf-8"))
    own = hashlib.sha256(rebuild.QUESTIONS.read_bytes()).hexdigest()
    told = {one["name"]: one["sha256"] for one in table["sets"]}
    again = "make the table again: python tests/training/rebuild.py"
    assert {name: told.get(name) for name in rebuild.SETS} == dict.fromkeys(rebuild.SETS, own), again
    posts = json.loads(rebuild.POSTS.read_text(encoding="utf-8"))
    pages = {one["name"]: one["pages_sha256"] for one in table["sets"]}
    assert {name: pages[name] for name in rebuild.SETS} == {name: posts[name]["pages_sha256"] for name in rebuild.SETS}
    if (tables.DATA / rebuild.SQUAD).is_file():
        assert told["squad"] == hashlib.sha256((tables.DATA / rebuild.SQUAD).read_bytes()).hexdigest(), again


@pytest.mark.parametrize("reader", [False, True])
def test_the_readme_shows_the_figures_of_the_table(reader: bool) -> None:
    """The block of figures is what the table that ships says of itself."""
    table = json.loads(rebuild.TABLES[reader].read_text(encoding="utf-8"))
    readme = rebuild.README.read_text(encoding="utf-8")
    assert "held_out" in table, "make the table again: python tests/training/rebuild.py"
    figures = figures_text(table["held_out"], table["trained_on"])
    assert rebuild.with_figures(readme, figures, rebuild.HEADINGS[reader]) == readme


@pytest.mark.skipif(not tables.DATA.is_dir(), reason=NO_DATA)
@pytest.mark.parametrize("name", rebuild.SETS)
def test_the_offsets_give_evidence_that_is_in_the_pages(name: str, tmp_path: Path) -> None:
    """The pages are those the questions were written on; each evidence is a few whole words of a page it names."""
    posts = {one: rebuild.sources(one) for one in rebuild.SETS}
    try:
        folder = rebuild.write_pages(name, posts[name], tmp_path)
    except rebuild.DataProblem as problem:
        pytest.skip(str(problem))
    rows = rebuild.gold(posts)
    assert rows == rebuild.gold(posts)
    pages = {page.name: fold_white(page.read_text(encoding="utf-8")) for page in folder.iterdir()}
    assert len(pages) == len(posts[name])
    found = [gold_row(row, str(row["id"])) for row in rows[name]]
    assert sum(row.kind == "foreign" for row in found) == rebuild.FOREIGN
    for row in found:
        for text in row.wanted.evidence:
            assert any(fold_white(text) in pages[file] for file in row.wanted.files), row.id
            assert text == text.strip(), row.id


@pytest.mark.skipif(not tables.DATA.is_dir(), reason=NO_DATA)
def test_other_texts_are_not_taken_for_those_the_questions_are_about(tmp_path: Path) -> None:
    """A post with one changed letter stops the work before anything is fitted."""
    posts = rebuild.sources("a")
    key, old = next(iter(posts.items()))
    changed = rebuild.Source(old.file, old.text, old.page.replace("e", "x", 1))
    with pytest.raises(rebuild.DataProblem, match="not those"):
        rebuild.write_pages("a", posts | {key: changed}, tmp_path)


def test_without_the_texts_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 2 and a sentence that says what is missing, and the table stays as it is."""
    monkeypatch.setattr(tables, "DATA", tmp_path)
    assert rebuild.main(["--out", str(tmp_path / "table.json")]) == 2
    assert re.search(r"govblog-all\.jsonl\.gz is not in \.\./shared/data", capsys.readouterr().err)
    assert not (tmp_path / "table.json").exists()


def test_tables_are_compared_to_three_decimals() -> None:
    """A change in the fourth decimal is none; one in the third, a missing name or another hash is told by its place."""
    old = {"sets": [{"sha256": "1"}], "signs": {"margin": {"weight": 0.1234}}}
    assert differences(old, {"sets": [{"sha256": "1"}], "signs": {"margin": {"weight": 0.1235}}}) == []
    assert differences(old, {"sets": [{"sha256": "2"}], "signs": {"margin": {"weight": 0.125}}}) == [
        "sets[0].sha256: '1' is '2' now",
        "signs.margin.weight: 0.1234 is 0.125 now",
    ]
    assert differences(old, {"sets": [], "signs": {}}) == [
        "sets: [{'sha256': '1'}] is [] now",
        "signs.margin: {'weight': 0.1234} is None now",
    ]
