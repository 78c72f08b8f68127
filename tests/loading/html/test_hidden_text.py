from __future__ import annotations

import pytest

from rag.loading.html.text import render, strip_markup

LONG = "The lock keeper at the bridge retired last week after thirty-one years of opening gates for boats. " * 4


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("10<sup>6</sup> cells on 3 m<sup>2</sup>", "10⁶ cells on 3 m²"),
        ("(a+b)<sup>-2</sup>", "(a+b)⁻²"),
        ("the 19<sup>th</sup> of May", "the 19th of May"),
        ("retired in March.<sup>1</sup> The old gate", "retired in March. The old gate"),
        ("the gate<sup><a href='#fn2'>2</a></sup> was", "the gate was"),
        ("the gate<a class='footnote-ref' href='#fn2'><sup>2</sup></a> was", "the gate was"),
        ("the gate.<a class='footnote-anchor' href='#footnote-2'>2</a> It", "the gate. It"),
        ("<a class='footnote-number' href='#footnote-anchor-2'>2</a> It was", "It was"),
        ("the gates of <a href='#y1987'>1987</a> and <a href='#two'>2</a>", "the gates of 1987 and 2"),
        ("<a href='#_ftnref1' name='_ftn1'><span><span>[1]</span></span></a> Some say", "Some say"),
        ("CO<sub>2</sub>", "CO2"),
        ("it was <del>bad</del> good, not <s>old</s> new", "it was good, not new"),
        ("a <span hidden>b <span>c</span> d</span>e", "a e"),
        ("a <b style='display: none'>b</b>c", "a c"),
        ("<a href='#x' aria-hidden='true'>#</a>Title", "Title"),
        ("Wells<a class='headerlink' href='#wells' title='Link here'>¶</a>", "Wells"),
        ("See the ledger. <a href='#r1'>&#8617;&#xFE0E;</a>", "See the ledger."),
        ("<a href='/next'>→</a> on to <a href='#top'>(a)</a>", "→ on to (a)"),
        ("boots<span class='sr-only'> (opens in a new window)</span> came", "boots came"),
        ("Water<span class='mw-editsection'>[<a href='/e'>edit</a>]</span>", "Water"),
        ("<ruby>京都<rp>(</rp><rt>きょうと</rt><rp>)</rp></ruby>の橋", "京都の橋"),
        ("<span style='display:none'><math><mi>x</mi></math></span>", "x"),
        ("<template>no</template><x-app><template shadowrootmode='open'><p>yes</p></template></x-app>", "yes"),
    ],
)
def test_words_that_are_not_shown_are_not_words_of_the_page(source: str, text: str) -> None:
    """And the location of what is shown proves it."""
    shown = render(f"<p>{source}</p>")
    assert shown.text == text
    start, end = shown.pieces[0].file_start, shown.pieces[-1].file_end
    assert strip_markup(f"<p>{source}</p>"[start:end]) == text


@pytest.mark.parametrize(
    "source",
    ["<main aria-hidden='true'><p>a</p></main>", "<s><p>a</p></s>", "<del>a", "<div hidden='until-found'>a</div>"],
)
def test_whole_texts_are_not_hidden(source: str) -> None:
    """An open dialog hides the page below it; a tag that is closed late or never strikes out nothing."""
    assert render(source).text == "a"


def test_what_is_in_noscript_is_shown_where_it_is_the_text_of_the_page() -> None:
    """Otherwise it is a notice, or a picture that is already there."""
    assert render(f"<p>Menu</p><noscript><p>{LONG}</p></noscript>").text.startswith("Menu\n\nThe lock")
    assert render(f"<p>{LONG}</p><noscript>Please enable scripts.</noscript>").text == LONG.strip()


def test_text_behind_a_left_out_box_is_kept_in_the_same_token() -> None:
    """A cut ends at the first visible character, which need not be the first of its token."""
    from rag.records import Span

    source = "<p>one</p><div>box</div>\n  two"
    assert render(source, 0, None, [Span(source.index("<div>"), source.index("two"))]).text == "one\n\ntwo"


def test_what_is_encrypted_in_a_note_is_no_text() -> None:
    """It is but letters and digits."""
    assert strip_markup("<en-note><div>Six.<en-crypt cipher='AES'>RU5DMI1mnQ7f</en-crypt></div></en-note>") == "Six."
