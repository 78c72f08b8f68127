"""The reader: its graph computes the same as torch, chunks do not affect each other, damage is reported."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
import torch
from reader_model import ReaderModel, batch_of, odds_of
from tokenizers import Tokenizer
from transformers import AutoModel

from rag.embedding import reader
from rag.embedding.encoder import load_encoder
from rag.embedding.models import DEFAULT_MODEL, ModelIdentity, folder_of, identify
from rag.embedding.onnx_export import read_weights
from rag.embedding.prepared import find_prepared, open_tokenizer
from rag.embedding.question_encoder import question_weights
from rag.embedding.reader import UNREAD, Reader, ReadingTask, merged_weights, open_reader, reading_tokens, write_reader
from rag.errors import ModelError
from rag.records import Span

TEXT = "The mill was built in 1848. It stood empty for years. Today a baker grinds her flour there."
ENDS = [27, 53, len(TEXT)]
STARTS = [0, 28, 54]
SENTENCES = tuple(Span(start, end) for start, end in zip(STARTS, ENDS, strict=True))
QUESTIONS = ["When was the mill built?", "who uses the old mill now", "How tall is the tower?"]


def _tasks() -> list[ReadingTask]:
    return [ReadingTask(question, "The old mill", TEXT, SENTENCES) for question in QUESTIONS]


@pytest.fixture(scope="module")
def exact(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """The reader with nothing in 8 bits."""
    folder = tmp_path_factory.mktemp("reader")
    write_reader(folder, eight_bit=False)
    return Reader(ModelIdentity("exact", "", 384, 320), folder)


def test_the_graph_gives_what_torch_gives(exact: Reader) -> None:
    """Log odds of every sentence, to 1e-3."""
    folder = folder_of(DEFAULT_MODEL)
    model = ReaderModel(folder, merged_weights()).eval()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    for task, reading in zip(_tasks(), exact.read(_tasks()), strict=True):
        batch = batch_of([reading_tokens(tokenizer, task)], [[]], None)
        with torch.no_grad():
            odds = odds_of(*model(batch), batch)
        np.testing.assert_allclose(reading.log_odds, odds[0].numpy(), atol=1e-3)


def test_eight_bits_agree_with_the_exact_weights(exact: Reader, tmp_path: Path) -> None:
    """The same best sentence, but for a tie; log odds within one unit, as each token's activations have their own scale."""
    write_reader(tmp_path, eight_bit=True)
    eight_bit = Reader(ModelIdentity("eight bit", "", 384, 320, quantised=True), tmp_path)
    for ours, theirs in zip(eight_bit.read(_tasks()), exact.read(_tasks()), strict=True):
        np.testing.assert_allclose(ours.log_odds, theirs.log_odds, atol=1.0)
        assert (ours.log_odds != theirs.log_odds).all()
        assert theirs.log_odds[ours.log_odds.argmax()] > theirs.log_odds.max() - 0.1


def test_it_finds_the_sentence_that_answers_and_knows_when_none_does() -> None:
    """For questions in the text's words, in other words, and about what is not there."""
    built, used, tall = (reading.log_odds for reading in open_reader().read(_tasks()))
    assert built.argmax() == 0
    assert used.argmax() == 2
    assert tall.max() < min(built.max(), used.max())


def test_a_reading_depends_on_question_and_chunk_alone() -> None:
    """Together with others and in another order: bit for bit the same."""
    together = open_reader().read(_tasks())
    alone = [open_reader().read([task])[0] for task in reversed(_tasks())]
    for one, other in zip(together, reversed(alone), strict=True):
        assert one.log_odds.tobytes() == other.log_odds.tobytes()


def test_what_is_beyond_its_reach_is_marked_as_unread() -> None:
    """A chunk longer than the model's input: the last sentence is not looked at."""
    long = "word " * 400
    spans = (Span(0, 20), Span(1900, len(long.rstrip())))
    (reading,) = open_reader().read([ReadingTask("What is said?", "", long, spans)])
    assert reading.log_odds[0] > UNREAD
    assert reading.log_odds[1] == UNREAD


def test_questions_have_a_vector_of_their_own_only_for_the_packaged_model() -> None:
    """A unit vector near the packaged model's; for another model, its own vector is kept."""
    (vector,) = load_encoder().encode([QUESTIONS[1]])
    tuned = open_reader().tuned(QUESTIONS[1], vector, DEFAULT_MODEL)
    assert np.linalg.norm(tuned) == pytest.approx(1.0, abs=1e-5)
    assert 0.4 < float(tuned @ vector) < 0.9999
    assert open_reader().tuned(QUESTIONS[1], vector, "another") is vector


def test_the_encoder_for_questions_gives_what_torch_gives(exact: Reader) -> None:
    """The packaged model with the additions that ship, in torch: the same vector to 1e-3."""
    model = AutoModel.from_pretrained(folder_of(DEFAULT_MODEL)).eval()
    weights = question_weights(read_weights(folder_of(DEFAULT_MODEL)), merged_weights())
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in weights:
                parameter.copy_(torch.from_numpy(weights[name]))
    tokenizer = Tokenizer.from_file(str(folder_of(DEFAULT_MODEL) / "tokenizer.json"))
    tokenizer.no_padding()
    for question in QUESTIONS:
        with torch.no_grad():
            states = model(input_ids=torch.tensor([tokenizer.encode(question).ids])).last_hidden_state[0]
        expected = torch.nn.functional.normalize(states.mean(0), dim=0).numpy()
        found = exact.tuned(question, np.zeros(384, dtype=np.float32), DEFAULT_MODEL)
        np.testing.assert_allclose(found, expected, atol=1e-3)


def test_a_question_longer_than_the_model_reads_is_cut() -> None:
    """No error; what comes after its first words changes nothing."""
    nothing = np.zeros(384, dtype=np.float32)
    one = open_reader().tuned("mill " * 400 + "who built it", nothing, DEFAULT_MODEL)
    other = open_reader().tuned("mill " * 500, nothing, DEFAULT_MODEL)
    np.testing.assert_array_equal(one, other)


def test_answers_in_other_words_are_nearer_to_the_tuned_vector() -> None:
    """Nearer than to the packaged model's vector of the question, beside a sentence that has its words."""
    question = "who uses the old mill now"
    vectors = load_encoder().encode([question, "Today a baker grinds her flour there.", "The old mill is used."])
    tuned = open_reader().tuned(question, vectors[0], DEFAULT_MODEL)
    before, after = (float(one @ (vectors[1] - vectors[2])) for one in (vectors[0], tuned))
    assert after > before


def test_damaged_weights_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what was expected and what to do."""
    weights = tmp_path / "reader.safetensors"
    weights.write_bytes(b"not these")
    weights.with_suffix(".json").write_text('{"sha256": "00"}', encoding="utf-8")
    monkeypatch.setattr(reader, "_path", lambda: weights)
    reader.reader_identity.cache_clear()
    with pytest.raises(ModelError, match="damaged") as raised:
        reader.reader_identity()
    assert raised.value.remedy is not None
    assert "--fast" in raised.value.remedy
    weights.unlink()
    with pytest.raises(ModelError, match="missing"):
        reader.reader_identity()
    reader.reader_identity.cache_clear()


def test_it_shares_the_tokenizer_of_the_packaged_model(exact: Reader) -> None:
    """Both are the same file, and reading it takes as long as answering a question."""
    folder = find_prepared(load_encoder().identity)
    assert folder is not None
    assert open_tokenizer(folder) is exact._tokenizer


def test_weights_that_were_found_right_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The packaged model's own weights take ninety megabytes."""
    folder = folder_of(DEFAULT_MODEL)
    before = identify(DEFAULT_MODEL, folder)
    usual, read = hashlib.file_digest, []

    def reading(file: BinaryIO, kind: str) -> object:
        read.append(Path(file.name).name)
        return usual(file, kind)

    monkeypatch.setattr(hashlib, "file_digest", reading)
    assert identify(DEFAULT_MODEL, folder) == before
    assert read == ["tokenizer.json"]
