"""What the page shows: text stays text, marks are the cited characters, and saved files contain their citations."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.files.question_rows import MAX_QUESTION_CHARACTERS
from rag.answering.quotes.locations import locate
from rag.errors import InputError, PageError
from rag.records import (
    Answer,
    Considered,
    Copy,
    Feature,
    ListShown,
    Passage,
    Piece,
    Post,
    Quote,
    Span,
    Trace,
    Variant,
)
from ui.services.conversation import Link, read_link
from ui.views.answer import Turn, render_log, render_turn
from ui.views.citations import Ref, citation_line, read_ref, ref_of
from ui.views.export import html_report, jsonl_report
from ui.views.heap_picture import heap_picture
from ui.views.html import Markup, escape, join, tag
from ui.views.markdown_export import markdown_report
from ui.views.post_list import post_row
from ui.views.reading_pane import panel
from ui.views.welcome import HeapFacts, Suggestions, fast_switch, welcome
from ui.views.word_changes import word_changes

TEXT = "The gate was shut at noon.\n\nNobody had the key, and nobody asked who kept it.\r\nShare\nIt rained."
PAGE = f"Saved page\n\n{TEXT}\n\nOlder posts"
START = TEXT.index("Nobody")
END = TEXT.index("kept it.") + len("kept it.")
CHROME = Span(TEXT.index("Share"), TEXT.index("Share") + 5)
FIRST = Copy("a.txt", "0" * 64, (Piece(0, len(TEXT), 12, 12 + len(TEXT)),), "The gate")
# on the second page the gate was shut at one, and the quote has one more space
OTHER = TEXT.replace("noon", "one").replace("nobody asked", "nobody  asked")
_AT = TEXT.index("noon")
_BLANK = TEXT.index(" asked")
SECOND = Copy(
    "b.txt",
    "1" * 64,
    (
        Piece(0, _AT, 0, _AT),
        Piece(_AT, _AT + 4, _AT, _AT + 3, "one"),
        Piece(_AT + 4, _BLANK, _AT + 3, _BLANK - 1),
        Piece(_BLANK, _BLANK + 1, _BLANK - 1, _BLANK + 1, "  "),
        Piece(_BLANK + 1, len(TEXT), _BLANK + 1, len(TEXT) + 0),
    ),
    "The gate",
)
POST = Post(
    "p1", "The gate", TEXT, (FIRST, SECOND), "A. Writer", "3 May 2019", (CHROME,), (Variant("p2", "noon", "one"),)
)
QUOTE = Quote(TEXT[START:END], "p1", "The gate", 1.0, START, END, locate(POST, START, END), "3 May 2019", Span(28, 90))


class Shelf:
    """Two pages and a post, as an index gives them."""

    def __init__(self, **pages: str) -> None:
        self.pages = {"a.txt": PAGE, "b.txt": OTHER, **pages}

    def post(self, post_id: str) -> Post:
        """The only post there is."""
        if post_id != "p1":
            raise InputError("there is no such post", got=post_id)
        return POST

    def page_text(self, file: str) -> str:
        """The text of a page, or the error that it is gone."""
        if file not in self.pages:
            raise PageError("the page cannot be read", path=file)
        return self.pages[file]


class _Text(HTMLParser):
    """The text of a document, and of the element with one id."""

    def __init__(self, wanted: str | None = None) -> None:
        super().__init__(convert_charrefs=True)
        self.wanted, self.depth, self.text = wanted, 0 if wanted else 1, ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base names it
        if self.depth and self.wanted:
            self.depth += 1
        elif self.wanted and dict(attrs).get("id") == self.wanted:
            self.depth = 1

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the base names it
        if self.depth and self.wanted:
            self.depth -= 1

    def handle_data(self, data: str) -> None:
        if self.depth:
            self.text += data


def _text(markup: str, wanted: str | None = None) -> str:
    reader = _Text(wanted)
    reader.feed(str(markup))
    reader.close()
    return reader.text


def _tags(markup: str) -> set[str]:
    found: set[str] = set()

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.add(tag)
            found.update(name for name, _ in attrs)

    Tags().feed(str(markup))
    return found


# what an HTML parser removes from any document: NUL, and lone surrogates, which no encoding can represent
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(TEXTS)
def test_escaped_text_reads_back_code_point_for_code_point(text: str) -> None:
    """Whatever a post contains, it becomes an element's text and an attribute's value unchanged."""
    made = tag("p", text, title=text)
    assert _text(made) == text
    inside = made.partition(">")[2].removesuffix("</p>")
    assert "<" not in re.sub(r'<bdi class="sign" data-sign="U\+[0-9A-F]+">|</bdi>', "", inside)


@pytest.mark.parametrize("sign", ["\u202e", "\u200b", "\u2066", "\u00ad", "\ufeff", "\x9b"])
def test_an_invisible_sign_is_isolated_and_shown(sign: str) -> None:
    """It is in an element of its own with its number, in every view; the text and attributes keep it."""
    text = f"invoice{sign}fdp.exe"
    made = tag("p", text, title=text)
    assert f'invoice<bdi class="sign" data-sign="U+{ord(sign):04X}">{sign}</bdi>fdp.exe' in made
    assert _text(made) == text
    assert tag("title", text) == f"<title>{text}</title>"
    assert "<bdi" not in tag("p", "a family: \U0001f468\u200d\U0001f469")


@given(TEXTS)
def test_a_carriage_return_is_a_reference(text: str) -> None:
    """No bare carriage return is left for the browser to turn into a line feed, and none is lost."""
    assert "\r" not in escape(text)
    assert escape(text).count("&#13;") == text.count("\r")


@given(st.text(st.sampled_from("\0\ud800\udfffa<")))
def test_what_cannot_be_sent_keeps_its_place(text: str) -> None:
    """NUL and half characters become one replacement character each, so that offsets stay right."""
    shown = _text(escape(text))
    assert len(shown) == len(text)
    escape(text).encode("utf-8")


def test_markup_is_made_by_the_helpers_alone() -> None:
    """Plain children are escaped, markup is not escaped twice, None and False leave no trace."""
    inner = tag("b", "x < y")
    assert tag("p", inner, None, "&", class_="n", hidden=True, lang=None, data_x=False) == (
        '<p class="n" hidden><b>x &lt; y</b>&amp;</p>'
    )
    assert isinstance(join(["<", Markup("<br>")], ", "), Markup)
    assert join(["<", Markup("<br>")], ", ") == "&lt;, <br>"


HOSTILE = "<img src=x onerror=window.__xss=1>\"'${x}{{y}}</mark>"


def test_a_turn_made_of_mark_up_has_only_our_own_elements() -> None:
    """Question, words, title, date, file, reason, uncovered words and trace cannot add an element."""
    place = locate(POST, START, END)[0]
    quote = Quote(HOSTILE, "p1", HOSTILE, 1.0, 0, len(HOSTILE), (place,), HOSTILE, Span(0, 5), (Span(0, 4),))
    trace = Trace(
        HOSTILE,
        (Considered("p1", HOSTILE, 0, 5, 1, None, 1.0, HOSTILE, 1.0, HOSTILE, (Feature(HOSTILE, 1, 1),)),),
        0.4,
        0.1,
    )
    answer = Answer(HOSTILE, "answered", 0.8, "high", (quote,), uncovered=(HOSTILE,), trace=trace)
    plain = Answer("Who had the key?", "answered", 0.8, "high", (QUOTE,), uncovered=("w",), trace=trace)
    made = render_turn(Turn(HOSTILE, answer, HOSTILE, "p1", HOSTILE))
    assert _tags(made) <= _tags(render_turn(Turn("q", plain, "?q=q", "p1", "t")))
    assert "<img" not in made
    refused = Answer(HOSTILE, "no_answer", 0.1, "low", (), (quote,), HOSTILE, uncovered=(HOSTILE,))
    assert "<img" not in render_turn(Turn(HOSTILE, refused, HOSTILE))


def test_words_stand_before_title_and_numbers_follow_the_reading() -> None:
    """In a card the quote comes first, and citations are numbered across the parts of a question."""
    one = Answer("a?", "answered", 0.8, "high", (QUOTE, QUOTE))
    two = Answer("b?", "answered", 0.5, "medium", (QUOTE,))
    none = Answer("c?", "no_answer", 0.1, "low", (), (QUOTE,), "Nothing near.")
    whole = Answer("a? b? c?", "partial", 0.5, "medium", (QUOTE, QUOTE, QUOTE), parts=(one, two, none))
    made = render_log([Turn("a? b? c?", whole, "?q=a")])
    assert re.findall(r">(\[\d\])<", made) == ["[1]", "[2]", "[3]"]
    assert made.index("Nobody had the key") < made.index("The gate")
    assert "not an answer" in made
    assert "Strong match" in made
    assert "Likely match" in made


def test_a_refusal_names_what_nothing_covers() -> None:
    """The reason, then the words, and no quote outside the labelled fold."""
    refused = Answer(
        "Who?", "no_answer", 0.1, "low", (), (QUOTE,), "The posts speak of gates only.", uncovered=("Rome",)
    )
    made = render_turn(Turn("Who?", refused, "?q=Who"))
    assert "The posts speak of gates only." in made
    assert "“Rome”" in _text(made)
    assert made.index('<details class="closest"') < made.index("<blockquote")


def test_the_first_look_says_what_the_heap_is_and_what_to_ask() -> None:
    """Counts, dates, names as text, each question a button that asks it, and the refused one separate."""
    heap = HeapFacts(1, 5, ("2014-10-02", "2014-10-27"), 3, [(f"A & B {n}", 2) for n in range(9)], [("care", 4)])
    made = welcome(heap, Suggestions(("What is <it>?",), "How deep?"))
    words = _text(made)
    assert "1 post from 5 saved pages" in words
    assert "2014-10-02 to 2014-10-27; 3 without a date" in words
    assert "A & B 5 and 3 more" in words
    assert 'data-again="What is &lt;it&gt;?"' in made
    assert words.index("And one that they do not") < words.index("How deep?")
    assert "Looking for questions" in _text(welcome(heap))
    assert "Questions that" not in _text(welcome(heap, Suggestions()))


def test_turns_of_an_earlier_index_say_so() -> None:
    """An answer from another state of the index offers to ask again; one from this state does not."""
    answer = Answer("Who?", "answered", 0.9, "high", (QUOTE,))
    old, new = Turn("Who?", answer, "", generation="g-1"), Turn("Who?", answer, "", order=1, generation="g-2")
    made = render_log((old, new), "g-2")
    assert made.count("The posts have changed since") == 1
    assert made.index("have changed since") < made.index("Nobody")


def test_what_is_no_longer_shown_of_a_conversation_is_counted() -> None:
    """Turns that left the page are mentioned."""
    turn = Turn("Who?", Answer("Who?", "answered", 0.9, "high", (QUOTE,)), "", order=3)
    assert "3 earlier questions of this conversation are saved" in _text(render_log((turn,)))


def test_the_mark_in_the_post_is_the_quote_inside_its_chunk() -> None:
    """The element `hit` is the quote to the code point; in it and around it, chrome is faint."""
    made = panel(Shelf(), ref_of(QUOTE))
    assert _text(made, "hit") == QUOTE.text
    assert '<span class="chunk">' in made
    assert '<span class="chrome">Share</span>' in made
    whole = panel(Shelf(), Ref("p1"))
    assert 'id="hit"' not in whole
    assert TEXT in _text(whole)


def test_on_each_page_the_mark_is_the_characters_of_the_file() -> None:
    """At every location the marked text is the file's, even if its spacing differs."""
    places = locate(POST, START, END)
    assert [place.file for place in places] == ["a.txt", "b.txt"]
    for order, place in enumerate(places):
        marked = _text(panel(Shelf(), ref_of(QUOTE).at(order)), "hit")
        assert marked == Shelf().page_text(place.file)[place.start : place.end]
    assert "  asked" in _text(panel(Shelf(), ref_of(QUOTE).at(1)), "hit")


@pytest.mark.parametrize(
    ("shelf", "ref"),
    [
        (Shelf(**{"a.txt": PAGE.replace("key", "keys")}), ref_of(QUOTE).at(0)),
        (Shelf(**{"a.txt": ""}), ref_of(QUOTE).at(0)),
        (Shelf(), ref_of(QUOTE).at(7)),
        (Shelf(), Ref("p1", 5, 10**8)),
        (Shelf(), Ref("gone", 0, 3)),
        (Shelf(), Ref("p1", 9, 3)),
    ],
)
def test_a_place_that_cannot_be_shown_marks_nothing_and_says_so(shelf: Shelf, ref: Ref) -> None:
    """A changed page, a place outside, an unknown post."""
    made = panel(shelf, ref)
    assert "<mark" not in made
    assert len(_text(made)) > 20


def test_a_page_that_is_gone_says_so() -> None:
    """The index's reason is shown, nothing is marked."""
    shelf = Shelf()
    del shelf.pages["a.txt"]
    made = panel(shelf, ref_of(QUOTE).at(0))
    assert "<mark" not in made
    assert "cannot be read" in made


def test_a_page_of_many_megabytes_is_shown_around_the_place() -> None:
    """The mark is right, and what is left out is counted."""
    before = "x" * 200_000
    long = Copy("a.txt", "0" * 64, (Piece(0, len(TEXT), 12 + len(before), 12 + len(before) + len(TEXT)),))

    class Long(Shelf):
        def post(self, post_id: str) -> Post:
            return Post(post_id, "The gate", TEXT, (long,))

    made = panel(Long(**{"a.txt": f"{before}{PAGE}"}), ref_of(QUOTE).at(0))
    assert _text(made, "hit") == QUOTE.text
    assert len(made) < 100_000
    assert "characters before this are not shown" in made


def test_copies_with_other_words_show_the_difference() -> None:
    """A quote that one page has differently lists that page with both wordings."""
    noon = Ref("p1", 0, TEXT.index("\n"), 0, 60)
    made = panel(Shelf(), noon)
    assert "with different words on one more" in made
    assert "<del>noon</del><ins>one</ins>" in made


def test_a_variant_leads_to_the_other_version() -> None:
    """The post that differs in a number is linked, with what differs."""
    made = panel(Shelf(), Ref("p1"))
    assert 'href="#src=p2"' in made
    assert "A version that differs" in made


def test_changes_are_word_by_word() -> None:
    """Only the words that differ are struck or underlined."""
    assert word_changes("shut at noon", "shut at one") == (
        '<span class="changes">shut at <del>noon</del><ins>one</ins></span>'
    )


@given(st.text(max_size=80))
def test_no_reference_from_outside_breaks_the_reader(line: str) -> None:
    """Anything that is not a reference returns None; a reference reads back as it was written."""
    ref = read_ref(line)
    assert ref is None or read_ref(str(ref)) == ref


@given(st.integers(0, 999), st.integers(1, 999), st.integers(0, 50), st.none() | st.integers(0, 99))
def test_references_read_back(start: int, length: int, around: int, copy: int | None) -> None:
    """Writing and reading a citation's link is lossless."""
    ref = Ref("abc-1", start, start + length, max(start - around, 0), start + length + around, copy)
    assert read_ref(ref.href.removeprefix("#src=")) == ref


def test_a_citation_line_names_title_date_and_place() -> None:
    """The line that is copied with a quote."""
    assert citation_line(QUOTE) == (
        f"“The gate”, 3 May 2019, a.txt, characters {12 + START}–{12 + END}, also on 1 other page"
    )


def test_links_carry_questions_and_their_posts() -> None:
    """Questions in order, each with the post it was restricted to; garbage is ignored, the rest is cut."""
    assert read_link("?q=%3Cb%3E_x_&q=Who%3F&post=p1&z=1&q=+").asked == (("<b>_x_", None), ("Who?", "p1"))
    assert read_link(None) == Link()
    assert read_link("?post=p1") == Link()
    assert read_link("?c=abc&scope=p1") == Link((), "abc", "p1")
    assert len(read_link("?" + "&".join(f"q={n}" for n in range(50))).asked) == 8
    assert read_link("?" + "&".join(f"q={n}" for n in range(5000))) == Link()
    assert len(read_link("?q=" + "x" * 15_000).asked[0][0]) == MAX_QUESTION_CHARACTERS


def test_the_report_cites_itself() -> None:
    """Every number leads to an element, the post is marked with exactly the quotes, and nothing in it can run."""
    overlap = Quote(TEXT[:END], "p1", "The gate", 1.0, 0, END, locate(POST, 0, 5))
    refused = Answer(HOSTILE, "no_answer", 0.1, "low", (), (), HOSTILE)
    made = html_report(
        [Answer("Who?", "answered", 0.9, "high", (QUOTE, overlap)), refused], title=HOSTILE, post=Shelf().post
    )
    for target in re.findall(r'href="#(\w+)"', made):
        assert f'id="{target}"' in made
    marked = "".join(re.findall(r"<mark>(.*?)</mark>", made, re.DOTALL))
    assert _text(marked) == TEXT[:END]
    assert "default-src &#39;none&#39;" in made
    assert "<img" not in made
    assert "<script" not in made


def test_the_scope_of_a_question_is_in_every_file() -> None:
    """What was asked about one post says so as Markdown, HTML and JSONL."""
    turn = Turn("Who?", Answer("Who?", "answered", 0.9, "high", (QUOTE,)), "", "p1", "The gate", ("Before?",))
    assert "Asked about one post: The gate" in markdown_report([turn], title="t")
    assert "Asked about one post: " in html_report([turn], title="t", post=Shelf().post)
    row = json.loads(jsonl_report([turn]))
    assert row["asked_about"] == {"post_id": "p1", "post_title": "The gate"}
    assert row["history"] == ["Before?"]
    assert row["quotes"][0]["text"] == QUOTE.text


def test_the_report_of_a_post_that_is_gone_still_has_the_words() -> None:
    """Without the post the citation leads to the quote itself."""
    made = html_report([Answer("Who?", "answered", 0.9, "high", (QUOTE,))], title="t", post=lambda _: None)
    assert _text(made, "q1") == QUOTE.text


def test_markdown_keeps_the_words_and_numbers_the_references() -> None:
    """Quotes as block quotations, references in order, no character of the data acts as Markdown."""
    odd = Quote("*a* _b_ [c](d) <e>", "p1", "# T", 1.0, 0, 5, locate(POST, 0, 5))
    made = markdown_report([Answer("1. Who?", "answered", 0.9, "high", (QUOTE, odd))], title="t")
    assert r"> \*a\* \_b\_ \[c](d) \<e>" in made
    assert re.findall(r"^(\d)\. “", made, re.MULTILINE) == ["1", "2"]
    assert "\\[2\\]" in made


def _many(count: int) -> list[Post]:
    return [
        Post(
            f"p{n}", f"Post {n}", f"word{n} " * (n % 7 + 1), (Copy(f"f{n % 300}.txt", "0" * 64, (Piece(0, 5, 0, 5),)),)
        )
        for n in range(count)
    ]


def test_two_thousand_posts_are_one_picture() -> None:
    """Every page and every group of posts has its marks, and the picture is small."""
    made = heap_picture(_many(2000), [f"f{n}.txt" for n in range(300)])
    marks = re.findall(r"M([\d.]+) ([\d.]+)h", made)
    assert len({column for column, _ in marks}) == 220
    assert len({row for _, row in marks}) == 140
    assert len(made) < 250_000


def test_the_picture_shows_the_rarest_kind_of_a_cell() -> None:
    """One variant among many posts on many pages keeps its own colour."""
    posts = _many(2000)
    posts[1000] = replace(posts[1000], variants=(Variant("p1", "1", "2"),))
    assert "fill-variant" in heap_picture(posts, [f"f{n}.txt" for n in range(300)])


def test_a_few_posts_are_a_table_with_a_mark_for_each_place() -> None:
    """Marks distinguish a copy with different words and a post with variants."""
    made = heap_picture([POST], ["a.txt", "b.txt"])
    assert made.count('class="mark mark-variant" title') == 2
    assert "<svg" not in made
    calm = Post("p1", "The gate", TEXT, (FIRST, SECOND))
    made = heap_picture([calm], ["a.txt", "b.txt"])
    assert made.count('class="mark mark-same" title') == 1
    assert made.count('class="mark mark-edited" title') == 1


def test_a_row_shows_the_words_where_they_are_and_opens_there() -> None:
    """The snippet is around the first match, marked; the link marks it too; hostile words stay words."""
    made = post_row(POST, ["key"])
    at = TEXT.index("key")
    assert f'href="#src=p1:{at}-{at + 3}:{at}-{at + 3}"' in made
    assert "Nobody had the <mark>key</mark>" in made
    assert "<img" not in post_row(replace(POST, title=HOSTILE, text=HOSTILE), ["img"])
    assert _text(post_row(POST)).startswith("The gate3 May 2019 · A. Writer · ")


def test_the_other_quotes_of_the_answer_are_marked_too() -> None:
    """Lightly, each with the link that opens it; if they overlap, the current one wins."""
    first = Ref("p1", 0, 10, 0, 20)
    crossing = Ref("p1", START - 4, START + 6, 0, 20)
    elsewhere = Ref("p2", 0, 5)
    made = panel(Shelf(), ref_of(QUOTE), [first, crossing, elsewhere])
    assert _text(made, "hit") == QUOTE.text
    assert f'<mark class="also" data-open="{first.href}">{TEXT[:10]}</mark>' in made
    assert made.count('class="also"') == 2
    assert TEXT in _text(made)


def test_what_an_answer_says_besides_its_words() -> None:
    """That two quotes disagree is shown before them; that the reader was not used, with a way to use it, after them."""
    answer = Answer("Q", "answered", 0.9, "high", (QUOTE,), disagreement="The newer says 4, the older 3.")
    made = render_turn(Turn("<b>Q", answer, "", fast=True))
    assert made.index("The newer says 4, the older 3.") < made.index("<blockquote") < made.index("without the reader")
    assert 'data-closely="&lt;b&gt;Q"' in made
    assert "without the reader" not in render_turn(Turn("Q", answer, ""))


def test_the_switch_says_what_fast_gives_up() -> None:
    """Beside the switch, which is fixed if the page was started with --fast."""
    assert "less often" in fast_switch(always=False)
    assert "checked" not in fast_switch(always=False)
    assert "--fast" in fast_switch(always=True)
    assert "checked disabled" in fast_switch(always=True)


def test_files_to_keep_say_all_that_the_page_says() -> None:
    """Labels, the header of a table, the whole of a list, a disagreement and how a question was read."""
    rest = (Passage("the first item", 0, 14, ()),)
    full = replace(
        QUOTE, label="answers", header=Passage("Name and age", 0, 12, ()), list=ListShown(2, 3, rest), confidence=0.9
    )
    answer = Answer(
        "Who had it?",
        "answered",
        0.9,
        "high",
        (full, replace(QUOTE, label="also related")),
        understood="Who had the key?",
        read_as=(("kee", "key"),),
        disagreement="The newer says 4.",
    )
    for made in (
        html_report([answer], title="t", post=lambda _: POST),
        markdown_report([answer], title="t"),
    ):
        for words in (
            "Answers",
            "Also related",
            "Name and age",
            "2 of 3 items",
            "the first item",
            "Who had the key?",
            "“kee” read as “key”",
            "The newer says 4.",
        ):
            assert words in made, words


def test_a_post_of_a_web_page_leads_to_its_original() -> None:
    """The address that the saved page gives, at the quoted words; no link for a page that is gone or gives none."""
    head = '<link rel="canonical" href="https://example.org/gate">'
    web = replace(POST, copies=(replace(FIRST, format="html"), replace(SECOND, format="html")))

    class Web(Shelf):
        def post(self, post_id: str) -> Post:  # noqa: ARG002 - the only one there is
            return web

    ref = Ref("p1", START, END, START, END)
    assert "https://example.org/gate#:~:text=Nobody%20had" in panel(Web(**{"b.txt": head}), ref)
    assert "Original on" not in panel(Web(), ref)
    gone = Web()
    gone.pages.clear()
    assert "Original on" not in panel(gone, ref)
