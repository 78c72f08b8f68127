"""What `ask --explain` and the page's fold say about how an answer was found."""

from __future__ import annotations

from dataclasses import replace

from rag.cli.explain import explain_lines
from rag.cli.terminal import Style
from rag.records import Answer, Considered, Feature, Quote, Trace

PLAIN = Style(None, colour=False)
WON = (Feature("chunk_similarity", 0.8, 2.0), Feature("covered", 0.5, 0.9), Feature("length", 3.0, -0.3))
LOST = (Feature("chunk_similarity", 0.4, 0.5), Feature("covered", 0.6, 1.1), Feature("length", 3.0, -0.3))
QUOTE = Quote("The bridge opened in May.", "p" * 16, "Bridges", 2.6, 10, 35, (), features=WON)
FIRST = Considered("p" * 16, "Bridges", 0, 80, 1, 2, 0.03, QUOTE.text, 2.6, "contains quote 1", WON)
SECOND = Considered("q" * 16, "Roads", 0, 90, 3, None, 0.02, "Roads opened too.", 1.3, "1.3 behind the first", LOST)
FAR = replace(SECOND, post_id="r" * 16, post_title="Rails", sentence_score=-4.0)
ANSWER = Answer(
    "When did the bridge open?",
    "answered",
    0.71,
    "high",
    (QUOTE,),
    trace=Trace("When did the bridge open?", (FIRST, SECOND, FAR, replace(FAR, post_id="s" * 16)), 0.14, 0.01),
)


def _shown(answer: Answer) -> str:
    return "\n".join(explain_lines(answer, PLAIN))


def test_causes_are_listed_by_weight_with_the_features_that_made_them() -> None:
    """The largest cause first, whatever its sign; each names its features, values and contributions."""
    features = (Feature("rarity", 0.5, 0.1), Feature("cosine", 0.8, -2.0), Feature("date", 1.0, 0.7))
    shown = _shown(replace(ANSWER, quotes=(replace(QUOTE, features=features),), trace=None))
    places = [shown.index(name) for name in ("cosine 0.80: -2.00", "date 1.00: +0.70", "rarity 0.50: +0.10")]
    assert places == sorted(places)


def test_what_came_second_is_reported_with_what_it_lacked() -> None:
    """The runner-up, how far behind it was, and which cause made the difference; what spoke for it is shown too."""
    shown = _shown(ANSWER)
    second = shown[shown.index("came 2nd") :]
    assert second.startswith("came 2nd, 1.3 behind: “Roads opened too.”")
    assert second.index("-1.50  similar meaning") < second.index("+0.20  words in common")
    assert "form of the sentence" not in second.split("came 3rd")[0]
    assert "Rails" in shown.split("also considered")[1]


def test_the_chunk_of_the_first_quote_did_not_lose_to_itself() -> None:
    """Only other chunks can come second."""
    assert "Bridges" not in _shown(ANSWER).split("came 2nd")[1]
