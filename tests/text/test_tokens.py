"""Words are split, folded and stemmed the same way wherever two texts are compared."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import rag.text.tokens
from rag.text.tokens import STOP_WORDS, Word, code, codes, is_stop, runs, says_more, stem, stems, words


def folded(text: str) -> list[str]:
    """The folded words of a text."""
    return [word.text for word in words(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The DWP’s plan, and the DWP's", ["the", "dwp", "plan", "and", "the", "dwp"]),
        ("don’t don't DON‘T", ["don't", "don't", "don't"]),
        ("James’ O’Brien ‘quoted’", ["james", "o'brien", "quoted"]),
        ("a well-being plan, covid-19", ["a", "well", "being", "plan", "covid", "19"]),
        ("e-mail E‑mail email", ["email", "email", "email"]),
        (
            "£45 4,700 4700 2016/17 0.5 3.1% £4.5m 10:30",
            ["£45", "4700", "4700", "2016/17", "0.5", "3.1%", "£4.5m", "10:30"],
        ),
        ("in 1, 2 and 3. Then", ["in", "1", "2", "and", "3", "then"]),
        ("#SocialCare @a_b x@gov.uk snake_case", ["socialcare", "a_b", "x", "gov", "uk", "snake", "case"]),
        ("U.S. US us e.g. Ph.D.", ["usa", "usa", "us", "eg", "ph", "d"]),
        ("Café CAFE\u0301 co\u00adoperate", ["cafe", "cafe", "cooperate"]),
        ("日本語 and ไทย", ["日", "本", "語", "and", "ไ", "ท", "ย"]),
        ("🙂 — … “”", []),
    ],
)
def test_words_are_folded(text: str, expected: list[str]) -> None:
    """Case, accents, apostrophes, possessives, hyphens, numbers, tags and scripts without spaces."""
    assert folded(text) == expected


def test_spans_are_of_the_text_given() -> None:
    """A word's span is what is in the text, including signs of tags and money."""
    text = "The council’s #Budget: £4,700."
    assert [text[word.start : word.end] for word in words(text)] == ["The", "council’s", "#Budget", "£4,700"]


@given(st.text(st.sampled_from("abAZuso.,'’-–—\u00ad\u200b_#@£$129é日 \t\n\x1c…“”()!?İ"), max_size=24))
@example("Park, (park) “park” park’s U.S. A. e-mail organisations")
def test_stems_of_a_text_are_those_of_its_words(text: str) -> None:
    """The fast way, from space to space, splits like the slow one."""
    assert stems(text) == stem(words(text))


def test_long_pieces_are_not_kept() -> None:
    """A sentence in a script without spaces, or an address, is split each time it occurs."""
    text = "日本語" * 20 + " www." + "a" * 40 + ".org"
    assert stems(text) == stem(words(text))
    assert codes(text) == [code(root) for root in stems(text)]
    assert not {*text.split()} & {*rag.text.tokens._known, *rag.text.tokens._coded}


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("organisation organise organising", "organization organize organizing"),
        ("behaviour colours favourite labour", "behavior colors favorite labor"),
        ("centre theatres", "center theaters"),
        ("analyse analysed", "analyze analyzed"),
        ("programme defence licence dialogue", "program defense license dialog"),
    ],
)
def test_both_spellings_have_one_stem(british: str, american: str) -> None:
    """A question in one spelling finds a page in the other."""
    assert stems(british) == stems(american)


def test_forms_of_a_word_have_one_stem() -> None:
    """Inflection is folded, and words that only look similar are not."""
    assert len(set(stems("connect connected connecting connections"))) == 1
    assert len(set(stems("revise revised revision"))) == 1
    assert stems("precise") == stems("precision")
    assert len(set(stems("hour our form four for from promise premise"))) == 8


def test_stop_words_are_in_folded_form() -> None:
    """Every stop word is in the form that `words` returns, so that none is missed because of its spelling."""
    assert [word for word in STOP_WORDS if folded(word) != [word]] == []
    assert [word.text for word in words("What is the Government’s plan?") if not is_stop(word)] == [
        "government",
        "plan",
    ]


@given(st.text())
@example("'s")
@example("\u0301a\u00ad\u00ad b\u200b")
@example("ẞİǅ①½٣")
def test_any_text_has_words_in_order(text: str) -> None:
    """Any text: spans in order and disjoint, no empty word, as many stems as words."""
    found = words(text)
    here = 0
    for word in found:
        assert here <= word.start < word.end <= len(text)
        assert word.text
        here = word.end
    assert len(stem(found)) == len(found)
    assert all(isinstance(word, Word) for word in found)


@given(
    st.text(alphabet=st.characters(categories=["Lu", "Ll", "Nd"]), min_size=1, max_size=20).filter(
        lambda text: unicodedata.is_normalized("NFKC", text)
    )
)
def test_folding_settles(text: str) -> None:
    """The folded form of a word is its own folded form."""
    once = folded(text)
    again = [part for word in once for part in folded(word)]
    assert again == once


# characters that are words by themselves, their neighbours, and those inside words
_SIGNS = "aeB1 .,-’'\u0301\u00ad\u0e01\u0dff\u0f00日\u303f\u3042éß_#@£%/:S\u10a0\u2011\uac00\U00020001\n"


@given(st.text(alphabet=_SIGNS, max_size=30))
def test_signs_that_are_words_change_nothing_about_other_words(text: str) -> None:
    """A text without any of them is split by a faster pattern: the words are the same."""
    with_one = words(f"{text} 日")
    assert with_one[:-1] == words(text)
    assert with_one[-1].text == "日"


@given(
    st.lists(st.sampled_from(["the", "old", "mill", "Mills,", "U.S.", "e-mail", "it's", "(1848)", "日本"])), st.data()
)
def test_runs_are_where_stems_are_side_by_side(pieces: list[str], data: st.DataObject) -> None:
    """Like splitting all of the text and comparing everywhere."""
    text = " ".join(pieces)
    roots, read = stems(text), words(text)
    start = data.draw(st.integers(0, max(len(roots) - 1, 0)))
    form = roots[start : start + data.draw(st.integers(1, 3))]
    places = [at for at in range(len(roots)) if form and roots[at : at + len(form)] == form]
    assert runs(text, form) == [(read[at].start, read[at + len(form) - 1].end) for at in places]
    assert runs(text, ["nowhere"]) == []


def test_a_text_says_more_by_a_word_that_is_no_grammar_word() -> None:
    """The known stems do not count, nor do function words."""
    known = stems("old mills")
    assert not says_more("And the old mill, too", known)
    assert says_more("And the old mill burned", known)
    assert not says_more("", known)
