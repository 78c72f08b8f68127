"""Parsing single arguments."""

from __future__ import annotations

import argparse

import pytest

from rag.cli import main
from rag.cli.arguments import port_number


@pytest.mark.parametrize("text", ["0", "-1", "65536", "99999999", "1" * 5000, "x", "", "1.0", "\u0663"])
def test_what_is_not_a_port_is_said_in_words(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is opened."""
    with pytest.raises(argparse.ArgumentTypeError):
        port_number(text)
    with pytest.raises(SystemExit) as ended:
        main(["chat", f"--port={text}"])
    assert ended.value.code == 2
    assert "a port is a number from 1 to 65535" in capsys.readouterr().err


def test_a_port_is_read() -> None:
    """From the lowest to the highest."""
    assert [port_number(text) for text in ("1", "7860", "65535")] == [1, 7860, 65535]
