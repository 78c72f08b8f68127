"""Gold files: how rows are read, and what is reported about invalid ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import InputError
from rag.evaluation.gold import GoldPart, read_gold

SHARED = Path(__file__).parents[3] / "shared"


def write(folder: Path, *lines: str) -> Path:
    """A gold file of these lines."""
    path = folder / "gold.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_every_field_is_read(tmp_path: Path) -> None:
    """Evidence, files, history, parts, kind and wording arrive; empty lines are skipped."""
    rows = read_gold(
        write(
            tmp_path,
            '{"id": 1, "question": "Who?", "answerable": true, "evidence": ["a", "b"], "file": "x.txt", "kind": "who"}',
            "",
            '{"id": "2", "question": "And then?", "answerable": false, "history": ["Who?"], "paraphrased": true}',
            '{"id": "3", "question": "Both?", "answerable": true, "parts": [{"evidence": ["a"], "files": ["y.txt"]}]}',
        )
    )
    assert [row.id for row in rows] == ["1", "2", "3"]
    assert (rows[0].wanted, rows[0].kind) == (GoldPart(("a", "b"), ("x.txt",)), "who")
    assert (rows[1].asked().history, rows[1].paraphrased, rows[1].answerable) == (("Who?",), True, False)
    assert rows[2].parts == (GoldPart(("a",), ("y.txt",)),)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{not json", "not JSON"),
        ("[1]", "the line is not as expected"),
        ('{"question": "?", "answerable": false}', "`id`"),
        ('{"id": "q", "answerable": false}', "`question`"),
        ('{"id": "q", "question": " ", "answerable": false}', "`question`"),
        ('{"id": "q", "question": "?"}', "true or false"),
        ('{"id": "q", "question": "?", "answerable": "yes"}', "`answerable`"),
        ('{"id": "q", "question": "?", "answerable": true}', "`evidence`"),
        ('{"id": "q", "question": "?", "answerable": true, "evidence": [""]}', "none of them empty"),
        ('{"id": "q", "question": "?", "answerable": true, "evidence": "text"}', "a list of exact texts"),
        ('{"id": "q", "question": "?", "answerable": true, "parts": [{"files": []}]}', "of part 1"),
        ('{"id": "q", "question": "?", "answerable": false, "history": "Who?"}', "`history`"),
        ('{"id": "q", "question": "?", "answerable": false, "kind": 3}', "`kind`"),
        ('{"id": "q0", "question": "?", "answerable": false}', "already on line 1"),
    ],
)
def test_a_bad_row_is_named_by_its_line(line: str, told: str, tmp_path: Path) -> None:
    """The error states the line's number, what is wrong there and what is expected."""
    with pytest.raises(InputError) as caught:
        read_gold(write(tmp_path, '{"id": "q0", "question": "?", "answerable": false}', "", line))
    assert "gold.jsonl, line 3:" in str(caught.value)
    assert told in str(caught.value)
    assert caught.value.expected


def test_a_file_that_cannot_be_read_is_an_input_error(tmp_path: Path) -> None:
    """A missing file, a file that is not UTF-8, and a file without questions each have their own error."""
    with pytest.raises(InputError, match="cannot be read"):
        read_gold(tmp_path / "none.jsonl")
    (tmp_path / "old.jsonl").write_bytes(b"caf\xe9\xff")
    with pytest.raises(InputError, match="UTF-8"):
        read_gold(tmp_path / "old.jsonl")
    with pytest.raises(InputError, match="no questions"):
        read_gold(write(tmp_path, "", " "))


def test_the_shared_question_files_are_read() -> None:
    """Every shared question file has the shape that we read."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared is not here")
    paths = [*SHARED.glob("gold/*.jsonl"), *SHARED.glob("data/*/questions-*.jsonl"), *SHARED.glob("data/*/conv*.jsonl")]
    assert len(paths) > 3
    for path in paths:
        assert len(read_gold(path)) == path.read_bytes().count(b'"id"')
