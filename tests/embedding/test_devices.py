"""Which device computes, with lists of providers that this machine does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnxruntime
import pytest

from rag.embedding import devices
from rag.embedding.devices import card_for, chosen_device, on_card, open_session, processors, use_device, use_processors
from rag.embedding.encoder import load_encoder
from rag.embedding.prepared import GRAPH, find_prepared
from rag.embedding.reader import reader_identity
from rag.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

PROCESSOR = "CPUExecutionProvider"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Every test begins with no chosen device."""
    yield
    use_device("auto")
    devices._said.clear()


@pytest.mark.parametrize(
    ("name", "there", "card"),
    [
        ("auto", [], None),
        ("auto", ["CUDAExecutionProvider"], "CUDAExecutionProvider"),
        ("auto", ["DmlExecutionProvider"], "DmlExecutionProvider"),
        ("auto", ["DmlExecutionProvider", "CUDAExecutionProvider"], "CUDAExecutionProvider"),
        ("auto", ["CoreMLExecutionProvider"], None),
        ("coreml", ["CoreMLExecutionProvider"], "CoreMLExecutionProvider"),
        ("cpu", ["CUDAExecutionProvider"], None),
        ("cuda", ["CUDAExecutionProvider", "DmlExecutionProvider"], "CUDAExecutionProvider"),
    ],
)
def test_a_device_is_taken_by_its_name(
    name: str, there: list[str], card: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If the installed ONNX Runtime has it; nothing is printed."""
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [*there, PROCESSOR])
    use_device(name)
    assert chosen_device() == name
    assert card_for() == card
    assert not capsys.readouterr().err


def test_a_card_that_is_not_there_is_said_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line with what there is; the processor computes."""
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["DmlExecutionProvider", PROCESSOR])
    use_device("cuda")
    assert card_for() is None
    assert card_for() is None
    assert capsys.readouterr().err == "cuda: the installed ONNX Runtime has directml; the processor computes instead\n"


def test_a_card_that_cannot_be_used_after_all_is_said_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """ONNX Runtime names a provider whose driver is missing, and falls back by itself."""
    encoder = load_encoder()
    ready = find_prepared(encoder.identity)
    assert ready is not None
    real = onnxruntime.InferenceSession
    asked = []

    def session(path: str, options: object, providers: list[str]) -> object:
        asked.append(providers)
        return real(path, options, providers=[PROCESSOR])

    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    opened = open_session(ready / GRAPH, "CUDAExecutionProvider")
    assert asked == [["CUDAExecutionProvider", PROCESSOR]]
    assert not on_card(opened)
    assert "cuda: it cannot be used here" in capsys.readouterr().err


def test_a_card_reads_with_exact_weights() -> None:
    """8-bit products are for processors."""
    assert not reader_identity(exact=True).quantised


def test_a_process_computes_on_as_many_processors_as_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of several processes on a machine uses one processor."""
    monkeypatch.setattr(devices, "_processors", None)
    assert processors() >= 1
    use_processors(1)
    assert processors() == 1


def test_no_other_name_is_a_device() -> None:
    """The names are listed."""
    with pytest.raises(InputError, match="no device") as raised:
        use_device("gpu")
    assert "cuda" in (raised.value.expected or "")
