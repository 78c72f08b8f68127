"""Encodings: every detectable one, every character kept; a declared encoding is believed if it fits."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import PageError
from rag.loading.files.encodings import decode, decode_as, decode_declared, decode_lines

if TYPE_CHECKING:
    from collections.abc import Callable

LETTER = "“We can’t all be change agents” – said who?\r\n\r\nThe fee is £5\xa0a month… • naïve café\r\n"

# what a text file may contain: no surrogates, no control characters except line ends and tabs
PLAIN = st.text(st.one_of(st.characters(exclude_categories=["Cs", "Cc"]), st.sampled_from("\r\n\t")), min_size=1)
WAYS = [
    decode,
    decode_lines,
    lambda data: decode_declared(data, "shift_jis"),
    lambda data: decode_declared(data, "koi8-r"),
]


def _decoded(data: bytes) -> tuple[str, str] | PageError:
    try:
        return decode(data)
    except PageError as error:
        return error


@pytest.mark.parametrize(
    ("codec", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
    ],
)
def test_every_character_is_kept_in_every_encoding(codec: str, told: str) -> None:
    """Line ends, non-breaking spaces and typographic quotes are unchanged; the byte order mark is not text."""
    assert decode(LETTER.encode(codec)) == (LETTER, told)


def test_a_big_endian_text_with_its_mark_is_read() -> None:
    """The byte order mark decides the byte order."""
    assert decode(b"\xfe\xff" + LETTER.encode("utf-16-be")) == (LETTER, "utf-16")


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@given(text=PLAIN)
def test_unicode_text_is_never_changed(codec: str, text: str) -> None:
    """Decoding returns any text that was encoded, and the named codec returns the same again."""
    data = text.encode(codec)
    decoded, told = decode(data)
    assert decoded == data.decode(told)
    if codec != "utf-8" or not text.startswith("\ufeff"):
        assert decoded == text


@given(data=st.binary(max_size=400))
def test_any_bytes_are_text_or_named(data: bytes) -> None:
    """Whatever the bytes, there is a text that its own codec returns, or a reason and what to do."""
    outcome = _decoded(data)
    if isinstance(outcome, PageError):
        assert outcome.remedy
    else:
        assert data.decode(outcome[1]) == outcome[0]


def test_a_text_in_another_alphabet_is_read_where_its_language_shows() -> None:
    """Windows-1251 is not taken for Windows-1252."""
    text = "Привет, это запись о погоде. Сегодня снова дождь, и мы сидим дома. " * 3
    assert decode(text.encode("cp1251"))[0] == text


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1250", "Trajekt odplouvá v sedm hodin ráno a vrací se před přílivem. Žádný lístek se neprodává na palubě."),
        (
            "iso8859-2",
            "Prom odpływa codziennie o siódmej rano i wraca przed przypływem. Każdy płaci więcej, także zimą.",
        ),
        ("cp1250", "A komp hétkor indul, és még az apály előtt visszatér. Először a jeget kell megtörni, az űrben is."),
        (
            "cp1250",
            "Putnici s biciklom plaćaju više, jer posada ga sprema niže. Tko nema kartu, neće moći čekati vođu.",
        ),
        (
            "cp1254",
            "Feribot kuzey rıhtımından ayrılır ve öğleden sonra döner. Bisikletli yolcular için iki kişi çalışır.",
        ),
        (
            "cp1257",
            "Keltas išplaukia iš šiaurinės krantinės kiekvieną rytą ir grįžta prieš potvynį. Keleiviai moka brangiau ūkyje.",
        ),
        (
            "cp1252",
            "La marée ne tourne qu’à midi. Les passagers âgés reçoivent un siège près de la fenêtre, où l’œil voit l’île.",
        ),
        (
            "cp1252",
            "Færgen sejler klokken syv, før tidevandet skifter. Passagerer må betale to kroner mere på øen, også gæster.",
        ),
        (
            "cp1252",
            "O barco regressa antes da maré. Não põem a bicicleta no porão; também há objeções à direção da tripulação.",
        ),
        (
            "cp1252",
            "Ferjan fer frá norðurbryggjunni klukkan sjö og kemur aftur síðdegis. Farþegar með reiðhjól greiða meira.",
        ),
        (
            "cp1252",
            "In Århus, Søren and Zoë call the café’s crème brûlée a naïve pièce de résistance; Señor Muñoz agrees.",
        ),
        ("cp1252", "Søren and André sat in the café with Lukas. It was naïve of them to read the résumé of Dvorák."),
    ],
)
def test_a_text_in_latin_letters_is_read_in_the_letters_of_its_language(codec: str, text: str) -> None:
    """Bytes of Czech, Polish or Turkish are also letters of Windows-1252, but not of one language."""
    assert decode(text.encode(codec)) == (text, codec)


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00",
        b"PK\x03\x04" + bytes(range(32)) * 8,
        b"plain\x00text",
        b"\x01\x02\x03\x04text",
        b"\xff\xfea",
        bytes(range(128, 256)) * 4,
        "“Quoted” – he said… naïve café".encode("mac_roman"),
        "Café ".encode() + b"caf\xe9",
    ],
    ids=["picture", "archive", "zero byte", "control", "damaged", "noise", "another code page", "two encodings"],
)
def test_what_is_not_text_or_has_an_unknown_encoding_is_refused(data: bytes) -> None:
    """No guess if a wrong one would show wrong characters as an exact quotation."""
    with pytest.raises(PageError) as caught:
        decode(data)
    assert caught.value.remedy


@given(data=st.binary(max_size=300), way=st.sampled_from(WAYS))
def test_the_encodings_name_is_enough_to_get_the_text_again(
    data: bytes, way: Callable[[bytes], tuple[str, str]]
) -> None:
    """Whatever was declared or repaired."""
    with contextlib.suppress(PageError):
        text, encoding = way(data)
        assert decode_as(data, encoding) == text


@pytest.mark.parametrize(
    ("data", "label", "text", "encoding"),
    [
        ("Привет".encode("cp1251"), "windows-1251", "Привет", "cp1251"),
        ("“q”".encode("cp1252"), "ISO-8859-1", "“q”", "cp1252"),
        ("日本語".encode("cp932"), "x-sjis", "日本語", "cp932"),
        ("汉字".encode("gb18030"), "gb2312", "汉字", "gb18030"),
        ("café".encode(), "iso-8859-1", "café", "utf-8"),
        ("café".encode("cp1252"), "utf-8", "café", "cp1252"),
        ("café".encode("utf-16"), "utf-8", "café", "utf-16"),
        (b"plain", "utf-7", "plain", "utf-8"),
        (b"+AGE- plain", "unicode_escape", "+AGE- plain", "utf-8"),
        (b"plain", None, "plain", "utf-8"),
        (b"plain", "no such thing \x00", "plain", "utf-8"),
    ],
)
def test_what_is_declared_is_believed_where_it_fits(data: bytes, label: str | None, text: str, encoding: str) -> None:
    """Labels are read as in browsers; UTF-8 comes before single-byte encodings; only codecs for text are used."""
    assert decode_declared(data, label) == (text, encoding)


def test_a_few_bytes_that_do_not_fit_what_is_declared_are_mended() -> None:
    """They are shown as unknown; if many do not fit, the declared encoding is not believed."""
    data = "naïve ".encode() * 400 + b"\xff"
    assert decode_declared(data, "utf-8") == ("naïve " * 400 + "\ufffd", "utf-8/replace")
    assert decode_declared("naïve café ".encode("cp1252") * 40, "utf-8")[1] == "cp1252"


def test_one_broken_line_spoils_no_other() -> None:
    """If most lines are UTF-8, the others are repaired; if none is, the encoding is another one."""
    lines = ["naïve".encode(), "café".encode(), b"caf\xe9", b"plain"]
    assert decode_lines(b"\n".join(lines)) == ("naïve\ncafé\ncaf\ufffd\nplain", "utf-8/replace")
    assert decode_lines(b"\n".join([b"caf\xe9"] * 5))[1] == "cp1252"


def test_zero_bytes_are_not_text_however_many() -> None:
    """Whatever is declared."""
    with pytest.raises(PageError):
        decode_declared(b"a\x00b" * 99, "utf-8")


def test_a_text_of_an_old_mac_is_read_in_western_letters() -> None:
    """Its tables for other languages have the same letters but for a few."""
    text = "“Quoted” – he said… naïve café at the quay.\n" * 30
    assert decode(text.encode("mac_roman")) == (text, "mac_roman")
