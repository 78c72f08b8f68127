"""Invisible characters, and those that reverse the direction of text."""

from __future__ import annotations

import json
import unicodedata

import pytest

from rag.text.invisible import escape_invisible, isolate, show_invisible

# format characters that have a shape: signs of numbers, verses and abbreviations, and joiners of hieroglyphs
_WITH_A_SHAPE = ("ARABIC ", "SYRIAC ABB", "KAITHI ", "EGYPTIAN ")


def test_no_format_character_is_hidden_between_letters() -> None:
    """Every character of Unicode's category Cf is shown if it is between letters."""
    signs = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Cf"]
    assert len(signs) > 100
    for sign in signs:
        name = unicodedata.name(sign, "")
        if not name.startswith(_WITH_A_SHAPE) or name == "ARABIC LETTER MARK":
            assert show_invisible(f"a{sign}b") == f"a\u27e8U+{ord(sign):04X}\u27e9b", name


@pytest.mark.parametrize(
    "text",
    [
        "plain text, with - signs\tand\nlines",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u0915\u094d\u200d\u0937",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f\u200d\U0001f525 1\ufe0f\u20e3",
        "cafe\u0301",
    ],
)
def test_what_scripts_and_emoji_need_stays(text: str) -> None:
    """Joiners of Persian and Devanagari, families, hearts on fire, keycaps and accents are left alone."""
    assert show_invisible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("invoice\u202efdp.exe", "invoice\u27e8U+202E\u27e9fdp.exe"),
        ("pay\u200bpal", "pay\u27e8U+200B\u27e9pal"),
        ("pay\u00adpal", "pay\u27e8U+00AD\u27e9pal"),
        ("a\u200d\u200db", "a\u27e8U+200D\u27e9\u27e8U+200D\u27e9b"),
        ("a\U000e0041b", "a\u27e8U+E0041\u27e9b"),
        ("\u009b31m", "\u27e8U+009B\u27e931m"),
        ("\x1b]0;a\x07\x00\x7f", "\u27e8U+001B\u27e9]0;a\u27e8U+0007\u27e9\u27e8U+0000\u27e9\u27e8U+007F\u27e9"),
        ("\ufeffa", "\u27e8U+FEFF\u27e9a"),
        ("\U0001f600\ufe0f\ufe0f", "\U0001f600\ufe0f\u27e8U+FE0F\u27e9"),
    ],
)
def test_what_hides_or_turns_text_is_shown(text: str, shown: str) -> None:
    """Direction controls, zero-width spaces, soft hyphens, tags, C1 controls and joiners of nothing."""
    assert show_invisible(text) == shown


def test_json_reads_back_as_it_was() -> None:
    """What a terminal would obey or hide is an escape in JSON, and the value is the same."""
    text = "a\u202eb\u009b\x7f\U000e0041 \u200d \u05d0 plain"
    encoded = escape_invisible(json.dumps(text, ensure_ascii=False))
    assert json.loads(encoded) == text
    assert not set(encoded) & set("\u202e\u009b\x7f\U000e0041\u200d")


def test_letters_from_right_to_left_are_isolated() -> None:
    """Only lines with such letters are wrapped, as a whole."""
    assert isolate("plain 1") == "plain 1"
    assert isolate("\u05e9\u05dc\u05d5\u05dd.txt") == "\u2068\u05e9\u05dc\u05d5\u05dd.txt\u2069"
