"""Tables of posts: every value is where it is said to be; a broken record is named and does not affect the others."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import PageError
from rag.extraction.text_boilerplate import glued_captions
from rag.loading import entries as gathering
from rag.loading.exports.tables import Records, cells_of, fields_of, read_table
from rag.loading.files.file_types import file_type_of
from rag.loading.formats import plain_text
from rag.loading.html.escapes import unescape
from rag.loading.notes.markdown_text import mapped_markdown
from rag.loading.pieces import pieces_within
from rag.loading.proof import says

if TYPE_CHECKING:
    from rag.loading.entries import Entries

SHA = "0" * 64
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
CELL = st.text(st.sampled_from("ab é,;\t\"'\n\r\\😀"), max_size=8)


def _read(text: str, form: str = "json") -> Entries:
    return read_table(text, form, "posts", SHA)


def _left_out(entries: Entries) -> list[tuple[str, str]]:
    return [(one.file, one.reason) for one in entries.left_out]


@given(st.dictionaries(st.text(max_size=8), VALUES, max_size=5), st.booleans(), st.integers(0, 9))
def test_values_of_an_object_are_those_of_pythons_parser(row: dict[str, object], ascii_only: bool, shift: int) -> None:
    """Names, order and texts; places are shifted by where the line begins."""
    line = json.dumps(row, ensure_ascii=ascii_only, indent=None if shift % 2 else 1)
    text = "x" * shift + line
    found = fields_of(line, shift)
    assert list(found) == list(row)
    for name, value in found.items():
        raw = text[value.start : value.end]
        assert bool(value.format) == isinstance(row[name], str)
        expected = row[name] if value.format else json.loads(raw)
        got = json.loads(f'"{raw}"') if value.format else row[name]
        assert got == expected


@given(st.text(st.sampled_from('{}[]":,ab1\\ \tntrue'), max_size=20))
def test_what_pythons_parser_refuses_is_refused(line: str) -> None:
    """And what it accepts as an object is accepted."""
    try:
        known = json.loads(line)
    except ValueError:
        known = None
    if isinstance(known, dict):
        assert set(fields_of(line)) == set(known)
    else:
        with pytest.raises(ValueError, match=r".|^$"):
            fields_of(line)


@given(st.lists(st.lists(CELL, min_size=1, max_size=4), min_size=1, max_size=4), st.sampled_from(",;\t"), st.data())
def test_cells_are_those_of_pythons_parser(rows: list[list[str]], delimiter: str, data: st.DataObject) -> None:
    """Quoted or not, with any line ends."""
    ends = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    out = io.StringIO()
    quoting = data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    csv.writer(out, delimiter=delimiter, lineterminator=ends, quoting=quoting).writerows(rows)
    text, at, found = out.getvalue(), 0, []
    while at < len(text):
        cells, at = cells_of(text, at, delimiter)
        found.append([unescape(text, cell.format, cell.start, cell.end).text for cell in cells])
    known = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    assert found == [row or [""] for row in known]  # an empty line is a row without cells there, passed over here


def test_posts_of_lines_with_what_is_known_of_them() -> None:
    """Title, day, author; ``html`` before ``text``; names in any case; what is not text is not a title."""
    text = (
        '{"title": "One", "text": "Two\\nlines.", "date": "May 3, 2012", "author": "Jo", "url": "http://x"}\n\n'
        '{"Title": 7, "HTML": "<p>A &amp; B</p>", "text": "A", "date": 1325548800}\r\n'
        '{"title": "No mark-up", "html": "", "text": "a <b> c"}'
    )
    entries = _read(text)
    assert [(post.title, post.text, post.date, post.author, post.format, post.record) for post in entries.posts] == [
        ("One", "Two\nlines.", "2012-05-03", "Jo", "json", "line 1"),
        (None, "A & B", "2012-01-03", None, "json-html", "line 3"),
        ("No mark-up", "a <b> c", None, None, "json", "line 4"),
    ]
    assert not entries.left_out


def test_broken_lines_are_named_and_the_others_read() -> None:
    """Each with its problem."""
    lines = [
        '{"title": "Good", "text": "First."}',
        '{"title": "Cut short", "text": "Sec',
        "not JSON",
        '["a", "list"]',
        '{"title": "No text"}',
        '{"title": "Empty", "text": " "}',
        '{"text": ' + "[" * 100_000,
        '{"text": 7}',
        '{"text": "Second."} {"text": "Third."}',
        '{"text": "Last."}',
    ]
    entries = _read("\n".join(lines))
    assert [post.record for post in entries.posts] == ["line 1", "line 10"]
    assert _left_out(entries) == [
        ("posts, line 2", "its JSON is broken or incomplete"),
        ("posts, line 3", "it is not a JSON object"),
        ("posts, line 4", "it is not a JSON object"),
        ("posts, line 5", "it has no field “text” or “html”"),
        ("posts, line 6", "it has a title but no text"),
        ("posts, line 7", "it is nested too deeply to be a post"),
        ("posts, line 8", "it has no text"),
        ("posts, line 9", "its JSON is broken or incomplete"),
    ]


def test_a_line_that_is_not_utf_8_is_named() -> None:
    """If bytes were read as U+FFFD, the record is incomplete; if none were, it is a character like any other."""
    text = '{"text": "ab\ufffd"}\n{"text": "cd"}'
    mended = read_table(text, "json", "posts", SHA, mended=True)
    assert [post.text for post in mended.posts] == ["cd"]
    assert _left_out(mended) == [("posts, line 1", "it is not UTF-8")]
    assert len(_read(text).posts) == 2


def test_an_array_is_read_up_to_where_it_breaks() -> None:
    """Objects over several lines, named by their number."""
    entries = _read('[\n {"title": "One",\n  "text": "First."},\n 7, {"text": "Second."}, {"text": "Th')
    assert [(post.text, post.record) for post in entries.posts] == [("First.", "record 1"), ("Second.", "record 3")]
    assert [file for file, _ in _left_out(entries)] == ["posts, record 2", "posts, record 4"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_posts_of_rows(delimiter: str) -> None:
    """Quoted cells with line ends, plain ones, columns in any order; records are named by their first line."""
    rows = [["date", "title", "text"], ["2012-01-03", "One", 'He said "no".\r\nTwice.'], [], ["", "Two", "plain"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    entries = _read(out.getvalue(), "csv")
    assert [(post.title, post.text, post.date, post.format, post.record) for post in entries.posts] == [
        ("One", 'He said "no".\r\nTwice.', "2012-01-03", "csv", "line 2"),
        ("Two", "plain", None, "text", "line 5"),
    ]
    records = Records(out.getvalue(), "csv")
    for post in entries.posts:
        assert records.at(post.pieces[0].file_start) == post.record
    assert records.at(0) is None


def test_html_in_cells() -> None:
    """Quoted and plain."""
    entries = _read('html,title\n"<p class=""x"">A &amp; B</p>",One\n<b>C</b>,Two\n', "csv")
    assert [(post.text, post.format) for post in entries.posts] == [("A & B", "csv-html"), ("C", "html")]


def test_rows_with_quotation_marks_out_of_place_are_named_and_the_others_read() -> None:
    """A mark that is never closed costs one line."""
    entries = _read('title,text\nOne,"a" b\nTwo,fine\nThree,"never closed\nFour,fine too,more\nFive,good\n', "csv")
    assert [post.title for post in entries.posts] == ["Two", "Five"]
    assert _left_out(entries) == [
        ("posts, line 2", "characters follow its closing quotation mark"),
        ("posts, line 4", "its quotation mark is never closed"),
        ("posts, line 5", "it has 3 cells, and the first line names 2 columns"),
    ]


def test_a_table_without_a_column_of_texts_says_so() -> None:
    """And what is expected."""
    with pytest.raises(PageError, match="has no column"):
        _read("title,words\nOne,Two\n", "csv")
    assert _read("text\nno, delimiter; here\n", "csv").posts[0].text == "no, delimiter; here"


def test_many_bad_records_are_counted_and_too_many_end_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person knows enough, and the work ends."""
    entries = _read("x\n" * 100)
    assert len(entries.left_out) == gathering.MAX_NAMED + 1
    assert entries.left_out[-1].file == f"posts, {100 - gathering.MAX_NAMED} more"
    monkeypatch.setattr(gathering, "MAX_RECORDS", 10)
    assert len(_read('{"text": "a"}\n' * 100).posts) == 10


def test_a_post_far_too_long_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A book in one record does not affect the others."""
    monkeypatch.setattr(gathering, "MAX_POST_CHARACTERS", 50)
    entries = _read('{"text": "' + "a" * 60 + '"}\n{"text": "b"}')
    assert ([post.text for post in entries.posts], len(entries.left_out)) == (["b"], 1)


def test_places_say_the_texts() -> None:
    """From the first character of a post to its last."""
    text = '{"title": "x", "html": "<p>\\u00e9 &lt;b&gt;</p>\\n"}'
    post = _read(text).posts[0]
    raw = text[post.pieces[0].file_start : post.pieces[-1].file_end]
    assert (post.text, plain_text(raw, post.format)) == ("é <b>", "é <b>")


@pytest.mark.parametrize(
    ("shape", "title", "author", "record"),
    [
        (
            {"db": [{"data": {"posts": [{"title": "A", "html": "<p>Text", "published_at": "2021-05-04"}]}}]},
            "A",
            None,
            "record 1",
        ),
        (
            [
                {
                    "title": {"rendered": "A &amp; B"},
                    "content": {"rendered": "<p>Text"},
                    "date": "2021-05-04",
                    "author": 3,
                }
            ],
            "A & B",
            None,
            "record 1",
        ),
        (
            {
                "id": "starred",
                "items": [{"title": "A", "summary": {"content": "<p>Text"}, "author": "Ann", "published": 1620122400}],
            },
            "A",
            "Ann",
            "record 1",
        ),
        (
            [{"title": "A", "content": "Text", "published_by": ["Ann"], "published_at": "2021-05-04T10:00:00+0000"}],
            "A",
            "Ann",
            "record 1",
        ),
        (
            {
                "tags": [{"name": "Bees", "description": "All about bees."}],
                "posts": [{"headline": "A", "articleBody": "Text", "byline": "Ann", "datePublished": "2021-05-04"}],
            },
            "A",
            "Ann",
            "record 1",
        ),
        (
            [{"post_title": "A", "post_content": "Text", "post_author": "Ann", "post_date": "2021-05-04 10:00:00"}],
            "A",
            "Ann",
            "record 1",
        ),
        (
            {"title": "A", "body": "Text", "authors": [{"name": "Ann"}, {"name": "Ben"}], "publish_date": "2021-05-04"},
            "A",
            "Ann, Ben",
            "line 1",
        ),
    ],
)
def test_exports_nest_and_name_their_posts_in_their_own_way(
    shape: object, title: str, author: str | None, record: str
) -> None:
    """A platform's, a server's, a feed reader's, a read-later service's, one with tags, and one object."""
    [post] = _read(json.dumps(shape)).posts
    assert (post.title, post.author, post.date, post.text, post.record) == (title, author, "2021-05-04", "Text", record)
    [pretty] = _read(json.dumps(shape, indent=1)).posts
    assert (pretty.title, pretty.text) == (title, "Text")


@pytest.mark.parametrize("head", ["# The keeper\n\n", "## The keeper\n", "The keeper\n\n", "\nThe keeper  \r\n"])
def test_a_text_without_a_title_may_begin_with_it(head: str) -> None:
    """As a heading of Markdown or a short line, in a string or in a cell; a sentence is text."""
    text = f"{head}The gates close at six."
    for form, row in (("json", json.dumps({"creationDate": "2021-05-04", "text": text})), ("csv", f'text\n"{text}"\n')):
        (post,) = _read(row, form).posts
        assert (post.title, post.text) == ("The keeper", "The gates close at six.")
        assert post.date == ("2021-05-04" if form == "json" else None)
    (post,) = _read(json.dumps({"text": "The gates close at six.\nNobody minds."})).posts
    assert (post.title, post.text) == (None, "The gates close at six.\nNobody minds.")


def test_notes_of_a_notes_program() -> None:
    """Their days are in microseconds, and what is in the trash is named."""
    rows = (
        {
            "title": "Keeper",
            "textContent": "The gates close.",
            "isTrashed": False,
            "userEditedTimestampUsec": 1620122400000000,
        },
        {"title": "Old", "textContent": "The gates are open.", "isTrashed": True},
    )
    found = _read("\n".join(map(json.dumps, rows)))
    assert [(post.title, post.date, post.text) for post in found.posts] == [
        ("Keeper", "2021-05-04", "The gates close.")
    ]
    assert [(file, "in the trash" in reason) for file, reason in _left_out(found)] == [("posts, “Old”", True)]


def test_notes_beside_a_list_of_trash() -> None:
    """Of an export with two lists, what was thrown away is named and not read."""
    notes = {"activeNotes": [{"content": "Keeper\n\nThe gates close."}], "trashedNotes": [{"content": "Open.\n\nOld."}]}
    found = _read(json.dumps(notes))
    assert [(post.title, post.text) for post in found.posts] == [("Keeper", "The gates close.")]
    assert [(file, "in the trash" in reason) for file, reason in _left_out(found)] == [("posts, record 2", True)]


@pytest.mark.parametrize(
    ("head", "wrapped"),
    [("window.YTD.tweets.part0 = ", True), ("Grailbird.data.tweets_2013_05 = \n ", False)],
)
def test_the_posts_of_an_account_archive(head: str, wrapped: bool) -> None:
    """Records in a script, of yesterday and of today; each with its day, and a verified location."""
    field = "full_text" if wrapped else "text"
    tweet = {field: "Gates &amp; locks close at six.", "created_at": "Mon Mar 04 20:12:03 +0000 2019", "id": "1"}
    source = head + json.dumps([{"tweet": tweet} if wrapped else tweet])
    (post,) = _read(source).posts
    shown = "Gates & locks close at six." if wrapped else "Gates &amp; locks close at six."
    assert (post.text, post.date) == (shown, "2019-03-04")
    assert says(source[post.pieces[0].file_start : post.pieces[-1].file_end], shown, post.format)
    assert file_type_of(source.encode(), "tweets.js") == "json"


def test_other_parts_of_an_account_archive_are_named_once() -> None:
    """What others wrote and the account liked, or threw away, is not its posts."""
    for part in ("like", "deleted_tweets", "account"):
        with pytest.raises(PageError, match="none of its posts"):
            _read(f'window.YTD.{part}.part0 = [ {{"like": {{"fullText": "The gates close."}}}} ]')


def test_a_text_in_parts_is_whole() -> None:
    """As chats are exported: strings, and objects with a text, an address and a type; nothing of it is lost."""
    parts = [{"type": "bold", "text": "The keeper"}, '\n\nThe gates "close" at ', {"text": "six", "href": "x"}, "."]
    source = json.dumps({"messages": [{"date": "2021-05-04", "text": parts}, {"text": ["One line.", "Another."]}]})
    first, second = _read(source).posts
    assert (first.title, first.text, first.date) == ("The keeper", 'The gates "close" at six.', "2021-05-04")
    assert second.text == "One line.\nAnother."
    blocks = [
        {"_type": "block", "style": "normal", "children": [{"text": text, "marks": ["strong", "em"]}], "markDefs": []}
        for text in ("The gates ", "Nobody minds.")
    ]
    blocks[0]["children"] = [{"text": "The gates ", "marks": []}, {"text": "close.", "marks": ["em"]}]
    (post,) = _read(json.dumps({"title": "Keeper", "body": blocks})).posts
    assert post.text == "The gates close.\nNobody minds."
    (post,) = _read(json.dumps({"title": "Keeper", "body": blocks[1:]})).posts
    assert post.text == "Nobody minds."
    for post in (first, second):
        for start in (0, 4, 20):
            pieces = pieces_within(post.pieces, min(start, 3), len(post.text))
            raw = source[pieces[0].file_start : pieces[-1].file_end]
            assert plain_text(raw, post.format) == post.text[min(start, 3) :]


def test_a_list_of_things_to_do_is_one_post_of_lines() -> None:
    """Each thing is an object of its own; the note has a title."""
    things = [{"text": "oak for the gates", "isChecked": True}, {"text": "tar for the boat", "isChecked": False}]
    source = json.dumps({"title": "To buy", "listContent": things})
    (post,) = read_table(source, "json", "a.json", "0" * 64).posts
    assert (post.title, post.text) == ("To buy", "oak for the gates\ntar for the boat")
    there = source[post.pieces[0].file_start : post.pieces[-1].file_end]
    assert plain_text(there, "json-parts") == post.text


def test_blocks_inside_of_blocks_are_lines_of_one_post() -> None:
    """As outliners export them; each block has its place."""
    blocks = [{"string": "The gates close.", "uid": "a", "children": [{"string": "At six."}]}, {"string": "Daily."}]
    source = json.dumps([{"title": "Keeper", "create-time": 1620122400000, "children": blocks}])
    (post,) = _read(source).posts
    assert (post.title, post.date, post.text) == ("Keeper", "2021-05-04", "The gates close.\nAt six.\nDaily.")
    pieces = pieces_within(post.pieces, 4, len(post.text))
    assert plain_text(source[pieces[0].file_start : pieces[-1].file_end], post.format) == post.text[4:]


def test_the_records_of_a_list_may_be_further_down() -> None:
    """A thread and its answers, each in a wrapper of its own."""
    thread = {"title": "Gates", "selftext": "When do they close?", "author": "Ann", "created_utc": 1620122400}
    answer = {"body": "At six.", "author": "Jo"}
    found = _read(json.dumps([{"data": {"children": [{"data": one}]}} for one in (thread, answer)]))
    assert [(post.title, post.author, post.date, post.text) for post in found.posts] == [
        ("Gates", "Ann", "2021-05-04", "When do they close?"),
        (None, "Jo", None, "At six."),
    ]


def test_a_draft_and_a_list_of_addresses_are_named() -> None:
    """Neither is a post."""
    found = _read('[{"title": "A", "html": "<p>x", "status": "draft"}]')
    assert (found.posts, "draft" in found.left_out[0].reason) == ((), True)
    with pytest.raises(PageError, match="addresses without texts"):
        _read("title,url,time_added\nA,http://x.org,1\n", "csv")


def test_marked_passages_and_bare_addresses_in_one_table() -> None:
    """Bookmark services export both: the passages are the text, without their labels; the addresses are counted."""
    rows = 'A,,http://a.org,"Highlight:The gates close.\n\nHighlight:They open."\nB,,http://b.org,\nC,,http://c.org,\n'
    found = _read("title,note,url,highlights\n" + rows, "csv")
    (post,) = found.posts
    assert (post.title, post.text) == ("A", "Highlight:The gates close.\n\nHighlight:They open.")
    assert {post.text[span.start : span.end] for span in glued_captions(post.text)} == {"Highlight:"}
    assert [skipped.reason.partition(";")[0] for skipped in found.left_out] == ["2 rows with an address but no text"]
    (post,) = _read("URL,Title,Selection\nhttp://a.org,Sand,The gates close.\n", "csv").posts
    assert (post.title, post.text) == ("Sand", "The gates close.")


def test_an_author_that_the_export_names_apart() -> None:
    """A record's own author takes precedence."""
    items = [{"title": "Mill", "content_text": "It ground."}, {"content_text": "It ran.", "authors": [{"name": "Ann"}]}]
    feed = {"version": "https://jsonfeed.org/version/1.1", "author": {"name": "Jo Smith"}, "items": items}
    found = read_table(json.dumps(feed), "json", "f.json", "0" * 64)
    assert [copy.author for copy in found.posts] == ["Jo Smith", "Ann"]


def _annotation(passage: str, comment: str) -> dict[str, object]:
    selectors = [
        {"type": "RangeSelector", "startContainer": "/p"},
        {"type": "TextQuoteSelector", "exact": passage, "prefix": "It is", "suffix": "said."},
    ]
    return {
        "created": "2021-05-04T10:00:00+00:00",
        "user": "acct:ann@x.org",
        "text": comment,
        "tags": ["lock"],
        "target": [{"source": "https://x.org", "selector": selectors}],
        "document": {"title": ["The keeper"]},
    }


@pytest.mark.parametrize("key", ["rows", "annotations"])
def test_what_was_marked_in_a_page_is_not_lost(key: str) -> None:
    """The passage and what was said about it; they are of the page that was marked, and each annotation by itself."""
    rows = [_annotation('The \u201cgates\u201d close\n"at" six.', "I doubt it."), _annotation("Nobody minds.", "")]
    source = json.dumps({"total": 2, key: rows})
    found = _read(source)
    assert [(post.title, post.date, post.author, post.text) for post in found.posts] == [
        ("The keeper", "2021-05-04", None, 'I doubt it.\nThe \u201cgates\u201d close\n"at" six.'),
        ("The keeper", "2021-05-04", None, "Nobody minds."),
    ]
    for post in found.posts:
        cut = pieces_within(post.pieces, 1, len(post.text) - 1)
        assert says(source[cut[0].file_start : cut[-1].file_end], post.text[1:-1], post.format)


def test_the_passages_of_one_book_are_one_post() -> None:
    """Under whatever name the export has its title."""
    for name in ("name", "book_title", "title"):
        book = {"id": 1, name: "The Locks", "highlights": [{"text": "The gates close."}, {"text": "Nobody minds."}]}
        (post,) = _read(json.dumps(book)).posts
        assert (post.title, post.text) == ("The Locks", "The gates close.\nNobody minds.")


def test_a_review_is_not_by_the_author_of_the_book() -> None:
    """Its table has a column for the book's; the reviewer is not named."""
    rows = 'Title,Author,Date Read,My Review\nThe Locks,Cy Weir,2021/05/04,"I could not put it down."\n'
    (post,) = _read(rows, "csv").posts
    assert (post.title, post.author, post.date, post.text) == (
        "The Locks", None, "2021-05-04", "I could not put it down."
    )  # fmt: skip
    (post,) = _read("Date,Name,Review\n2021-05-04,The Lock,Long.<br><br>Good.\n", "csv").posts
    assert (post.title, post.date, post.text) == ("The Lock", "2021-05-04", "Long.\n\nGood.")


MARKDOWN = '## Gates\n\nThey *close* at "six" [as ever](https://x.org/a_b), says Zo\u00eb.\n\n- one\n- **two**\n\n```\na = 1\n```\n'
SHOWN = 'Gates\n\nThey close at "six" as ever, says Zo\u00eb.\n\n\u2022 one\n\u2022 two\n\na = 1'


@pytest.mark.parametrize("field", ["content_markdown", "bodyMarkdown", "markdown"])
def test_markdown_in_an_export_is_read_as_markdown(field: str) -> None:
    """In strings and in cells, quoted or not; every stretch of words is where it is said to be."""
    table = io.StringIO()
    csv.writer(table).writerows([["title", field], ["A", MARKDOWN]])
    journal = {"title": "A", "text": MARKDOWN, "richText": "{}"}  # beside which the plain form is Markdown
    assert _read(json.dumps([journal])).posts[0].format == "json-markdown"
    sources = {
        "json-markdown": json.dumps([{"title": "A", field: MARKDOWN}]),
        "csv-markdown": table.getvalue(),
        "markdown": f"title,{field}\nA,They *close* at six.\n",
    }
    for form, source in sources.items():
        found = read_table(source, "json" if "json" in form else "csv", "posts", SHA, markdown=mapped_markdown)
        (post,) = found.posts
        assert (post.title, post.format) == ("A", form)
        assert post.text == (SHOWN if form != "markdown" else "They close at six.")
        start, end = post.text.index("They"), post.text.index("close") + 9
        for low, high in ((0, len(post.text)), (start, end)):
            cut = pieces_within(post.pieces, low, high)
            assert says(source[cut[0].file_start : cut[-1].file_end], post.text[low:high], post.format)


def test_what_a_social_network_exports() -> None:
    """The words are one level down, each byte of a letter as a letter of its own; what has no words is named."""
    rows = [
        {"timestamp": 1589293421, "data": [{"post": "The f\u00c3\u00a9rry \u00f0\u009f\u009a\u00a2 leaves."}], "title": "Ida Moss updated her status."},
        {"timestamp": 1589393421, "attachments": [{"data": [{"url": "https://x.example"}]}], "title": "Ida Moss"},
        {"media": [{"uri": "1.jpg", "creation_timestamp": 1551690000, "title": "Ice on the bay."}]},
        {"media": [{"uri": "2.jpg", "creation_timestamp": 1551690000, "title": ""}], "title": "Two boats.", "creation_timestamp": 1551800000},
    ]  # fmt: skip
    entries = _read(json.dumps(rows))
    assert [(post.text, post.author, post.date) for post in entries.posts] == [
        ("The férry 🚢 leaves.", "Ida Moss", "2020-05-12"),
        ("Ice on the bay.", None, "2019-03-04"),
        ("Two boats.", None, "2019-03-05"),
    ]
    assert len(entries.left_out) == 1


def test_each_language_of_a_record_is_a_post() -> None:
    """A field that is not translated is as in the first language; a picture is no post."""
    nodes = [
        {"nodeType": "text", "value": "Es fährt ", "marks": []},
        {"nodeType": "text", "value": "früh.", "marks": []},
    ]
    paragraphs = [{"nodeType": "paragraph", "content": nodes}, {"nodeType": "paragraph", "content": nodes[:1]}]
    fields = {
        "title": {"en-US": "Ferries", "de-DE": "Fähren"},
        "body": {"en-US": "It goes early.", "de-DE": {"nodeType": "document", "data": {}, "content": paragraphs}},
        "publishDate": {"en-US": "2020-02-03"},
    }
    picture = {"title": {"en-US": "A boat"}, "description": {"en-US": "At the quay."}, "file": {"en-US": {"url": "x"}}}
    source = json.dumps(
        {"entries": [{"sys": {"id": "e"}, "fields": fields}], "assets": [{"fields": picture}]}, indent=1
    )
    entries = _read(source)
    assert [(post.title, post.text, post.date) for post in entries.posts] == [
        ("Ferries", "It goes early.", "2020-02-03"),
        ("Fähren", "Es fährt früh.\nEs fährt", "2020-02-03"),
    ]
    for post in entries.posts:
        assert says(source[post.pieces[0].file_start : post.pieces[-1].file_end], post.text, post.format)
    assert Records(source, "json").at(entries.posts[0].pieces[0].file_start) == entries.posts[0].record


@pytest.mark.parametrize(
    "content",
    [
        {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "The gates "}, {"type": "text", "marks": [{"type": "link", "attrs": {"href": "x"}}], "text": "close."}]}, {"type": "paragraph", "content": [{"type": "text", "text": "Nobody minds."}]}]},
        {"ops": [{"insert": "The gates "}, {"attributes": {"bold": True}, "insert": "close.\nNobody"}, {"insert": " minds."}]},
        [{"type": "paragraph", "data": {"text": "The gates close."}}, {"type": "header", "data": {"text": "Nobody minds.", "level": 2}}],
        [{"key": "a", "text": "The gates close.", "inlineStyleRanges": [], "data": {}}, {"key": "b", "text": "Nobody minds."}],
    ],
    ids=["ProseMirror", "Quill", "Editor.js", "Draft.js"],
)  # fmt: skip
def test_the_documents_of_editors(content: object) -> None:
    """Runs of a paragraph are joined, blocks are lines."""
    source = json.dumps([{"title": "Locks", "blocks" if isinstance(content, list) else "content": content}])
    (post,) = _read(source).posts
    assert (post.title, post.text) == ("Locks", "The gates close.\nNobody minds.")
    assert says(source[post.pieces[0].file_start : post.pieces[-1].file_end], post.text, post.format)


def test_names_that_are_beside_a_text_or_called_otherwise() -> None:
    """A note's title within its content, the sender of a message, a bookmark's note."""
    message = {"type": "message", "from": "Ida Moss", "date": "2019-03-04T09:00:00", "text": "Gates close."}
    note = {"content": {"text": "Gates close.", "title": 'Loc"ks'}, "created_at": "2019-03-04"}
    bookmark = {"href": "https://x.example", "description": "Locks", "extended": "Gates close.", "time": "2019-03-04"}
    found = [(one.title, one.author, one.date) for one in _read(json.dumps([message, note, bookmark])).posts]
    assert found == [(None, "Ida Moss", "2019-03-04"), ('Loc"ks', None, "2019-03-04"), ("Locks", None, "2019-03-04")]
    assert not _read(json.dumps([{**bookmark, "extended": ""}])).posts
