"""Bytes to text, and to the same text again later: no character is changed, and doubtful guesses are refused."""

from __future__ import annotations

import codecs
import re

from rag.errors import PageError
from rag.loading.files.alphabets import latin_encoding

__all__ = ["can_decode_as", "decode", "decode_as", "decode_declared", "decode_lines"]

# In a text in a Western language, fewer than one letter in seven has an accent (measured on wiki text in French,
# Portuguese and Czech, without Vietnamese); above a quarter, the bytes are another alphabet.
MAX_ACCENTED_LETTERS = 0.25

# Text has almost no control characters; in pictures and programs they are one byte in ten or more.
MAX_CONTROL_CHARACTERS = 0.01

# Below this, a guess without a language that fits the letters is wrong about one time in three (12 texts in 10
# encodings).
MIN_GUESSED_BYTES = 1000

# Web pages that break their declared encoding do so in a pasted word or two: one character in a thousand is a dozen on
# a page of usual length. Above that, the page is in another encoding.
MAX_REPLACED = 0.001

# For a longer file, the encoding is guessed from its beginning: a megabyte is two hundred pages of text.
_SAMPLE_BYTES = 1024 * 1024

_CONTROL = "".join(map(chr, {*range(32)} - {*b"\t\n\r\f\x0b\x1b"}))
_CAPITAL_INSIDE = re.compile("[a-z][À-ÖØ-ÞŒŠŽŸ]")
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)

# what browsers use instead of the encoding that is named, by the WHATWG's table of labels
_READ_AS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-16": "utf-8",  # a declaration readable as single bytes is not UTF-16
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
}
# labels of that table that Python does not know
_LABELS = {"x-sjis": "shift_jis", "windows-874": "cp874", "iso-8859-8-i": "iso8859-8", "x-gbk": "gbk"}
_ONE_BYTE = frozenset(
    """
    cp866 cp874 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 iso8859-2 iso8859-3 iso8859-4 iso8859-5
    iso8859-6 iso8859-7 iso8859-8 iso8859-10 iso8859-13 iso8859-14 iso8859-15 iso8859-16 koi8-r koi8-u mac-roman
    mac-cyrillic
    """.split()  # noqa: SIM905 - easier to read than quoted words
)
_DECLARED = _ONE_BYTE | {"utf-8", "gb18030", "big5", "big5hkscs", "euc_jp", "cp932", "iso2022_jp", "cp949"}

_REPLACED = "/replace"  # follows a codec's name if undecodable bytes were read as U+FFFD
_SAVE_AS_UTF8 = "Save it again as UTF-8 text to index it"


def decode(data: bytes) -> tuple[str, str]:
    r"""Decoded text and the codec's name; no character is changed, and only a byte order mark is removed.

    Raises PageError if the encoding cannot be detected or the bytes are not text.

    >>> decode(b"caf\xe9\r\n")
    ('café\r\n', 'cp1252')
    """
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _strict(data, codec), codec
    try:
        text, codec = data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text, codec = "", ""
    if b"\x00" in data:
        wide = _wide_codec(data)
        if wide is None:
            raise PageError("it is not text", remedy="Only text can be indexed")
        return _strict(data, wide), wide
    if not codec:
        text, codec = _single_byte(data)
    if _is_binary(text):
        raise PageError("it is not text", remedy="Only text can be indexed")
    return text, codec


def decode_declared(data: bytes, label: str | None) -> tuple[str, str]:
    r"""Decoded text and the encoding's name for ``decode_as``, for data that names its encoding itself.

    The named encoding is used if it fits; UTF-8 is tried before single-byte encodings, which fit everything. A few
    bytes that do not fit the named encoding are read as U+FFFD, as browsers do.

    Raises PageError if the encoding cannot be detected or the bytes are not text.

    >>> decode_declared(b"\xcf\xf0\xe8", "windows-1251")
    ('При', 'cp1251')
    """
    named = _codec_named(label)
    if named is None or data.startswith(tuple(mark for mark, _ in _MARKS)) or b"\x00" in data:
        return decode(data)
    for codec in ("utf-8", named) if named in _ONE_BYTE and not data.isascii() else (named,):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if _is_binary(text):
            raise PageError("it is not text", remedy="Only text can be indexed")
        return text, codec
    text = data.decode(named, "replace")
    if text.count("\ufffd") <= MAX_REPLACED * len(text) and not _is_binary(text):
        return text, named + _REPLACED
    return decode(data)


def decode_lines(data: bytes) -> tuple[str, str]:
    """Decoded text and the encoding's name of a file with one record per line; a broken UTF-8 line affects no other.

    Raises PageError if the encoding cannot be detected or the bytes are not text.
    """
    try:
        return decode(data) if data.startswith(tuple(mark for mark, _ in _MARKS)) else (data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        broken = whole = 0
        for line in data.split(b"\n"):
            if not line.isascii():
                try:
                    line.decode("utf-8")
                    whole += 1
                except UnicodeDecodeError:
                    broken += 1
        if broken > whole + 1 or b"\x00" in data:
            return decode(data)
        return data.decode("utf-8", "replace"), "utf-8" + _REPLACED


def decode_as(data: bytes, encoding: str) -> str:
    """Decode again; ``encoding`` is the name returned by the first decoding. Raises UnicodeDecodeError."""
    codec = encoding.removesuffix(_REPLACED)
    return data.decode(codec, "strict" if codec == encoding else "replace")


def can_decode_as(encoding: str) -> bool:
    """Whether a name is that of an encoding found by ``decode`` and the others, not of another Python codec."""
    from charset_normalizer.constant import IANA_SUPPORTED

    return encoding.removesuffix(_REPLACED).replace("-", "_") in {*IANA_SUPPORTED, "utf_8_sig"}


def _codec_named(label: str | None) -> str | None:
    """Python's name of a text encoding that a file may declare; None for any other."""
    try:
        wanted = (label or "").strip().casefold()
        name = codecs.lookup(_LABELS.get(wanted, wanted)).name
    except (LookupError, ValueError):
        return None
    name = _READ_AS.get(name, name)
    return name if name in _DECLARED else None


def _strict(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise PageError(f"it begins like {codec} but is damaged", remedy=_SAVE_AS_UTF8) from error


def _wide_codec(data: bytes) -> str | None:
    """UTF-16 without a byte order mark: the zero bytes of Latin letters are all on the same side."""
    if len(data) % 2:
        return None
    low, high = data[0::2].count(0), data[1::2].count(0)
    for codec, zeros, others in (("utf-16-le", high, low), ("utf-16-be", low, high)):
        # half of the characters with a zero byte is far above chance, and below what any text with Latin letters has
        if zeros * 4 >= len(data) // 2 and others * 20 < zeros:
            try:
                text = data.decode(codec)
            except UnicodeDecodeError:
                return None
            return None if "\x00" in text or _is_binary(text) else codec
    return None


def _single_byte(data: bytes) -> tuple[str, str]:
    other = latin_encoding(data[:_SAMPLE_BYTES])
    if other is not None:
        return _strict(data, other), other
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    if text and not _is_binary(text) and _looks_western(text[:_SAMPLE_BYTES]):
        return text, "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE_BYTES]).best()
    if best is None or (best.coherence == 0.0 and len(data) < MIN_GUESSED_BYTES):
        raise PageError("its encoding cannot be detected", remedy=_SAVE_AS_UTF8)
    # one of the Mac's tables is nearly as good as another; that of Western Europe was used most
    codec = (
        "mac_roman" if best.encoding.startswith("mac_") and _looks_western(data.decode("mac_roman")) else best.encoding
    )
    return _strict(data, codec), codec


def _looks_western(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    accented = sum(character > "\x7f" for character in letters)
    # the wrong code page shows in accented capitals in the middle of words
    if len(_CAPITAL_INSIDE.findall(text)) > MAX_ACCENTED_LETTERS * sum(character > "\x7f" for character in text):
        return False
    symbols = sum(character > "\x7f" and not character.isalpha() for character in text)
    return accented <= MAX_ACCENTED_LETTERS * len(letters) and symbols <= MAX_ACCENTED_LETTERS * len(text)


def _is_binary(text: str) -> bool:
    return sum(map(text.count, _CONTROL)) > MAX_CONTROL_CHARACTERS * len(text)
