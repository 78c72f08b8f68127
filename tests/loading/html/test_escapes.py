"""Formats: unescaping equals that of well-known parsers, and every word keeps its exact place in the file."""

from __future__ import annotations

import csv
import html
import io
import json
from typing import TYPE_CHECKING
from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.quotes.locations import locate
from rag.errors import InputError
from rag.loading.exports.json_fields import fields_of, text_field
from rag.loading.formats import plain_text
from rag.loading.html.escapes import body, unescape
from rag.records import Copy, Piece, Post
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag.loading.parts import Mapped

SHA = "0" * 64
# characters that one of the formats escapes, letters of one to four bytes, and characters that look like line ends
TEXT = st.text(st.sampled_from("ab é“—😀&<>\"'\\/]\n\t\u2028\xa0"), max_size=30)
HTML = st.lists(
    st.sampled_from(
        [
            "word",
            "two words",
            " ",
            "\n",
            "\n\n",
            "é",
            "😀",
            "“q”",
            "&amp;",
            "&lt;b&gt;",
            "&#233;",
            "&nbsp;",
            "AT&T",
            "a<b",
            "]]>",
            "\\n",
            '""',
            "<b>",
            "</b>",
            "<p>",
            "</p>",
            "<br>",
            "<br/>",
            '<img src="a>b">',
            "<!-- c -->",
            "<h2>",
            "</h2>",
            "<ul><li>",
            "</li>",
            "</ul>",
            "<pre>",
            "</pre>",
            "<script>x</script>",
            "<i class='y'>",
            "</i>",
        ]
    ),
    max_size=30,
).map("".join)

ESCAPED: dict[str, Callable[[str], str]] = {
    "html": str,
    "xml": lambda text: html.escape(text, quote=False),
    "cdata": lambda text: text.replace("]]>", "]]]]><![CDATA[>"),
    "json-html": lambda text: json.dumps(text)[1:-1],
    "csv-html": lambda text: text.replace('"', '""'),
}


def _expat_text(raw: str) -> str:
    found: list[str] = []
    parser = expat.ParserCreate("utf-8")
    parser.CharacterDataHandler = found.append
    parser.Parse(f"<a>{raw}</a>".encode(), True)  # noqa: FBT003 - expat's own
    return "".join(found)


def _check_pieces(mapped: Mapped, raw: str, start: int, end: int) -> None:
    """Pieces are in order, without gaps, inside the span, and are the exact characters of the file."""
    at, here = 0, mapped.pieces[0].file_start if mapped.pieces else start
    assert start <= here
    for piece in mapped.pieces:
        assert (piece.start, piece.file_start) == (at, here)
        if piece.text is None:
            assert mapped.text[piece.start : piece.end] == raw[piece.file_start : piece.file_end]
        else:
            assert piece.text == raw[piece.file_start : piece.file_end]
        at, here = piece.end, piece.file_end
    assert at == len(mapped.text)
    assert here <= end


@given(TEXT, st.integers(0, 2))
def test_xml_is_unescaped_as_expat_does(text: str, way: int) -> None:
    """Entities, character references, CDATA sections and comments."""
    escaped = html.escape(text, quote=bool(way))
    if way == 2:
        numbers = "".join(f"&#x{ord(sign):X};" if sign in "é😀&<>" else sign for sign in text.replace("]]>", ""))
        escaped = numbers + "<!-- & -->" + f"<![CDATA[{text.replace(']]>', '')}]]>" + escaped
    mapped = unescape(escaped, "xml")
    assert mapped.text == _expat_text(escaped)
    _check_pieces(mapped, escaped, 0, len(escaped))


@given(TEXT, st.booleans())
def test_json_is_unescaped_as_pythons_parser_does(text: str, ascii_only: bool) -> None:
    """Short escapes, four digits, surrogate pairs."""
    raw = json.dumps(text, ensure_ascii=ascii_only)[1:-1].replace("/", "\\/")
    mapped = unescape(raw, "json")
    assert mapped.text == text
    _check_pieces(mapped, raw, 0, len(raw))


def _mobiledoc(texts: list[str]) -> object:
    sections = [[1, "p", [[0, [], 0, text[:5]], [0, [0], 1, text[5:]]]] for text in texts]
    return {"version": "0.3.1", "markups": [["a", ["href", "/x"]]], "atoms": [], "cards": [], "sections": sections}


def _lexical(texts: list[str]) -> object:
    nodes = [
        [{"text": text[:5], "type": "text"}, {"children": [{"text": text[5:]}], "type": "link", "url": "/x"}]
        for text in texts
    ]
    return {"root": {"children": [{"children": node, "type": "paragraph"} for node in nodes], "type": "root"}}


@pytest.mark.parametrize("name", ["mobiledoc", "lexical"])
@given(texts=st.lists(TEXT.filter(str.strip), min_size=1, max_size=4), ascii_only=st.booleans(), data=st.data())
def test_law_2_for_the_document_of_an_editor(
    name: str, texts: list[str], ascii_only: bool, data: st.DataObject
) -> None:
    """Its JSON is a string of the export's JSON: a block is a line, whatever is marked in it, and both escapes go."""
    written = json.dumps({"mobiledoc": _mobiledoc, "lexical": _lexical}[name](texts), ensure_ascii=ascii_only)
    raw = json.dumps({"title": "T", "html": None, name: written}, ensure_ascii=ascii_only)
    held = text_field(raw, fields_of(raw))
    assert held is not None
    assert (held[0], held[1].format) == (name, "json-blocks")
    mapped = unescape(raw, "json-blocks", held[1].start, held[1].end)
    assert mapped.text == "\n".join(texts)
    _check_pieces(mapped, raw, held[1].start, held[1].end)
    visible = [at for at, sign in enumerate(mapped.text) if not sign.isspace()]
    start = data.draw(st.sampled_from(visible))
    end = data.draw(st.sampled_from([at for at in visible if at >= start])) + 1
    post = Post("p", "", mapped.text, (Copy("f", SHA, mapped.pieces, format="json-blocks"),))
    (place,) = locate(post, start, end)
    assert plain_text(raw[place.start : place.end], "json-blocks") == mapped.text[start:end]


def test_half_a_character_is_shown_as_unknown() -> None:
    """A lone surrogate can be in JSON but in no file."""
    assert plain_text(r"a\ud800b\udc00\ud83d\ude00", "json") == "a\ufffdb\ufffd😀"
    assert plain_text("a&#xD800;&#0;b", "xml") == "a\ufffd\ufffdb"


@given(TEXT)
def test_cells_are_unescaped_as_pythons_parser_does(text: str) -> None:
    """Doubled quotation marks."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerow([text])
    raw = out.getvalue().removesuffix("\r\n")[1:-1]
    assert unescape(raw, "csv").text == text


@pytest.mark.parametrize("form", sorted(ESCAPED))
@given(source=HTML, data=st.data())
def test_law_2_for_any_html_in_any_format(form: str, source: str, data: st.DataObject) -> None:
    """Whatever is written and however it is escaped: the place of any words says those words and nothing else."""
    lead = data.draw(st.sampled_from(["", "<x>", "é😀"]))
    raw = lead + ESCAPED[form](source)
    mapped = body(raw, len(lead), len(raw), form)
    _check_pieces(mapped, raw, len(lead), len(raw))
    assert mapped.text == mapped.text.strip()
    assert unescape(ESCAPED[form](source), form).text == source
    if not mapped.text:
        return
    post = Post("p", "", mapped.text, (Copy("f", SHA, mapped.pieces, format=form, record="line 2"),))
    visible = [at for at, sign in enumerate(mapped.text) if not sign.isspace()]
    start = data.draw(st.sampled_from(visible))
    end = data.draw(st.sampled_from([at for at in visible if at >= start])) + 1
    (place,) = locate(post, start, end)
    there = raw[place.start : place.end]
    assert there == (mapped.text[start:end] if place.text is None else place.text)
    assert fold_white(plain_text(there, place.format)) == fold_white(mapped.text[start:end])
    assert (place.format, place.record) == (form, "line 2")


@pytest.mark.parametrize("form", ["text", "json", "csv"])
@given(text=TEXT.filter(str.strip), data=st.data())
def test_law_2_for_any_plain_text_in_any_format(form: str, text: str, data: st.DataObject) -> None:
    """Without mark-up nothing is stripped: angle brackets and ampersands are words."""
    raw = {"text": text, "json": json.dumps(text)[1:-1], "csv": text.replace('"', '""')}[form]
    mapped = body(raw, 0, len(raw), form)
    _check_pieces(mapped, raw, 0, len(raw))
    assert mapped.text == text.strip()
    start = data.draw(st.integers(0, len(mapped.text) - 1))
    end = data.draw(st.integers(start + 1, len(mapped.text)))
    post = Post("p", "", mapped.text, (Copy("f", SHA, mapped.pieces, format=form),))
    (place,) = locate(post, start, end)
    assert plain_text(raw[place.start : place.end], form) == mapped.text[start:end]


def test_blank_lines_part_paragraphs_where_no_mark_up_does() -> None:
    """As WordPress writes its exports; inside of a paragraph or preformatted text they do not."""
    raw = "One <b>two</b>.\n\nThree\nfour.\n\n<p>Five\n\nsix.</p><pre>a\n\nb</pre>"
    assert body(raw, 0, len(raw), "cdata").text == "One two.\n\nThree four.\n\nFive six.\n\na\n\nb"


def test_a_copy_whose_file_has_other_words_there_is_not_located() -> None:
    """Mark-up is no excuse: without it, the words must be those of the quote."""
    copy = Copy("f", SHA, (Piece(0, 3, 0, 10, "<b>two</b>"), Piece(3, 8, 10, 15)), format="html")
    assert locate(Post("p", "", "one more", (copy,)), 0, 3) == ()
    assert len(locate(Post("p", "", "two more", (copy,)), 0, 8)) == 1


def test_a_format_that_there_is_not_is_named() -> None:
    """Nothing else is taken for plain text."""
    with pytest.raises(InputError, match="json-parts or links or markdown"):
        plain_text("<b>", "sgml")


def test_what_is_never_closed_takes_no_quadratic_time() -> None:
    """A million beginnings of comments are scanned once."""
    assert unescape("<!--" * 250_000, "xml").text == "<!--" * 250_000
    assert plain_text("<?" * 250_000 + "a", "xml") is not None
