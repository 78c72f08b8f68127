"""The device that computes: the processor, or a graphics card that ONNX Runtime can use.

A card is used if the installed ONNX Runtime was built for one (``onnxruntime-gpu``, ``onnxruntime-directml``). On a Mac
every ONNX Runtime has Core ML, which computes in half precision and is used only if it is named. 8-bit weights are for
processors; a card uses the exact ones.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from rag.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from onnxruntime import InferenceSession

__all__ = [
    "AUTO",
    "CPU",
    "DEVICES",
    "card_for",
    "chosen_device",
    "on_card",
    "open_session",
    "processors",
    "use_device",
    "use_processors",
]

AUTO, CPU = "auto", "cpu"
# ONNX Runtime's names of devices, in the order in which `auto` prefers them; it never takes the last
_PROVIDERS = {
    "cuda": "CUDAExecutionProvider",
    "rocm": "MIGraphXExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
}
DEVICES = (AUTO, CPU, *_PROVIDERS)
_ON_PROCESSOR = "CPUExecutionProvider"

_chosen = AUTO
_processors: int | None = None
# unusable devices, each reported once
_said: set[str] = set()


def use_device(name: str) -> None:
    """Use this device for everything opened from now on; "auto" uses a card if there is one.

    Raises:
        InputError: there is no device with that name.

    """
    global _chosen  # noqa: PLW0603 - a process computes in one place
    if name not in DEVICES:
        raise InputError("there is no device with this name", expected=", ".join(DEVICES), got=name)
    _chosen = name


def chosen_device() -> str:
    """The name of the chosen device."""
    return _chosen


def card_for(name: str | None = None) -> str | None:
    """ONNX Runtime's name of the card to use; None for the processor, with a line that says why if a card was named."""
    import onnxruntime

    name = name or _chosen
    there = onnxruntime.get_available_providers()
    if name == CPU:
        return None
    if name == AUTO:
        exact = list(_PROVIDERS.values())[:-1]
        return next((provider for provider in exact if provider in there), None)
    if _PROVIDERS[name] in there:
        return _PROVIDERS[name]
    others = [device for device, provider in _PROVIDERS.items() if provider in there]
    _say(name, f"{name}: the installed ONNX Runtime has {' and '.join(others) or 'no graphics card'}")
    return None


def open_session(graph: Path, card: str | None = None) -> InferenceSession:
    """A prepared graph, ready to run with one thread on the processor, or on a card.

    If the card turns out to be unusable, the processor is used, and a line on standard error says so.
    """
    # its native part contacts its maker some twenty seconds after loading, bypassing every guard on Python's sockets
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()  # if it was already loaded
    options = onnxruntime.SessionOptions()
    # one thread per batch: two cost a tenth more processor time, and splitting sums among threads could change the last
    # digits
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        str(graph), options, providers=[*([] if card is None else [card]), _ON_PROCESSOR]
    )
    if card is not None and card not in session.get_providers():
        name = next(device for device, provider in _PROVIDERS.items() if provider == card)
        _say(name, f"{name}: it cannot be used here (a driver may be missing)")
    return session


def on_card(session: InferenceSession) -> bool:
    """Whether a graph runs on a card."""
    return bool(session.get_providers()[0] != _ON_PROCESSOR)


def use_processors(number: int) -> None:
    """Use this many processors at once for everything opened from now on."""
    global _processors  # noqa: PLW0603 - of processes that share their machine's each has its own
    _processors = number


def processors() -> int:
    """The processors that this process may use: the chosen number, or all that the system gives it."""
    if _processors is not None:
        return _processors
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _say(name: str, line: str) -> None:
    if name not in _said:
        _said.add(name)
        print(f"{line}; the processor computes instead", file=sys.stderr)  # noqa: T201 - a person chose it
