"""Files that no careful person writes, for Hypothesis: any bytes or text, bare or inside a sound frame."""

from __future__ import annotations

from hypothesis import strategies as st
from robustness.specimens import SIGNS, SOUND, zipped

__all__ = ["hostile_files"]

_ENDINGS = sorted({name[name.rindex(".") :] for name in SOUND})
# %s marks where made-up text is inserted
_FRAMES: dict[str, bytes] = {
    ".txt": b"A title\n\n%s\n\nSome words that stand after it.\n",
    ".md": b"# A title\n\n%s\n\n## Another\n",
    ".html": b"<html><body><article><h1>A title</h1><p>%s</p><p>And some words after it.</p></article></body></html>",
    ".htm": b"<html><title>%s</title><body><p class='%s'>Some words in a paragraph.</p></body></html>",
    ".xml": b"<rss><channel><item><title>A title</title><description>%s</description></item></channel></rss>",
    ".jsonl": b'{"title": "A title", "html": "%s"}\n{"text": "words"}\n',
    ".json": b'[{"title": "A title", "text": "%s"}, {"text": "words"}]',
    ".csv": b'title,text\n"A title","%s"\nanother,words\n',
    ".tsv": b"title\thtml\nA title\t%s\nanother\twords\n",
    ".mhtml": b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><p>%s</p></html>",
}

_signs = st.lists(st.sampled_from(SIGNS), max_size=30).map(b"".join)
_text = st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
_wide = st.builds(
    lambda text, codec: text.encode(codec, "replace"),
    st.text(max_size=100),
    st.sampled_from(["utf-16", "utf-16-le", "utf-32", "cp1252", "cp1251", "shift_jis", "utf-7"]),
)
_words = st.lists(
    st.sampled_from([b"Some words stand here. ", b"the well ", b"14 goats, ", b"\n\n", b"\r\n", b"\r"]), max_size=20
)
_stuff = st.lists(st.one_of(_signs, _text, _wide, _words.map(b"".join), st.binary(max_size=60)), max_size=4).map(
    b"".join
)


@st.composite
def hostile_files(draw: st.DrawFn) -> tuple[str, bytes]:
    """A file's name and bytes."""
    ending = draw(st.sampled_from(_ENDINGS))
    stuff = draw(_stuff)
    if ending == ".zip":
        inner = draw(st.sampled_from(sorted(_FRAMES)))
        return "made.zip", zipped({f"inside{inner}": _FRAMES[inner].replace(b"%s", stuff), "b.txt": stuff})
    if draw(st.booleans()):
        stuff = _FRAMES[ending].replace(b"%s", stuff)
    return f"made{ending}", stuff
