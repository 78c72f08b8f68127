"""Follow-ups that leave out all but one thing become whole questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from linear import growth_of

from rag.answering.conversation import ellipsis
from rag.answering.conversation.follow_ups import Understood, understand
from rag.answering.posts import instead

if TYPE_CHECKING:
    import re


@pytest.mark.parametrize(
    ("before", "question", "understood"),
    [
        # another number, place or time
        ("When was Quill 1.63 released?", "And 1.64?", "When was Quill 1.64 released?"),
        ("What's new in Quill 1.63?", "in 1.64?", "What's new in Quill 1.64?"),
        ("Is the mill open on Sundays?", "And on Mondays?", "Is the mill open on Mondays?"),
        ("Who pays for the ferry?", "No, I mean in Wales", "Who pays for the ferry in Wales?"),
        ("Who pays for the ferry?", "In Wales?", "Who pays for the ferry in Wales?"),
        ("How many boats were there in 2013?", "What about 2014?", "How many boats were there in 2014?"),
        ("How much is a day ticket?", "And for children?", "How much is a day ticket for children?"),
        ("Does the Quay app work offline?", "What about the Weir one?", "Does the Weir app work offline?"),
        ("Does swiper support regular expressions?", "What about avy?", "Does avy support regular expressions?"),
        ("How much does it cost to join?", "And for students?", "How much does it cost to join for students?"),
        ("What are Anna's duties?", "And Ben's?", "What are Ben's duties?"),
        ("Does the app cost anything?", "How about the website?", "Does the website cost anything?"),
        ("Who built the Quay app?", "What about the API?", "Who built the API?"),
        ("What do people in towns pay?", "And people outside?", "What do people outside in towns pay?"),
        ("What is the newest post?", "And the oldest?", "What is the oldest post?"),
        ("Which mill had the most wheels?", "And the fewest?", "Which mill had the fewest wheels?"),
        ("Who owns the oldest mill?", "And the forest?", "Who owns the forest?"),
        ("How many towns joined the Day of Boats?", "And how many clubs?", "How many clubs joined the Day of Boats?"),
        ("Who owns the mill?", "No, I meant who built it", "Who built the mill"),
        ("What are the benefits of open data?", "What about costs?", "What are the costs of open data?"),
        ("Which towns joined?", "And how many stayed out?", "How many stayed out (towns)?"),
        ("What is FBOpen?", "What about costs?", "Costs (FBOpen)?"),
        ("What is stewardship?", "What about charities?", "Charities (stewardship)?"),
        ("What is a creek?", "What about a weir?", "What is a weir?"),
        ("What is a change agent?", "How many are there?", "How many change agents are there?"),
        ("What is the bridge levy?", "And against?", "What are the arguments against bridge levy?"),
        ("Who proposed the levy?", "And in favour?", "What are the arguments for levy?"),
        ("Who proposed the levy?", "And the arguments for?", "What are the arguments for levy?"),
        # another time
        ("How many boats were there in 2013?", "2014?", "How many boats were there in 2014?"),
        ("How many boats came to the 2013 fair?", "And in 2014?", "How many boats came to the 2014 fair?"),
        ("How many boats were there in 2013?", "And the year before?", "How many boats were there in 2012?"),
        ("What was posted in May 2016?", "And in June?", "What was posted in June 2016?"),
        # doing something else
        ("What does it cost to build a boat?", "And to mend one?", "What does it cost to mend a boat?"),
        ("Is it allowed to feed the hens?", "And to walk a dog?", "Is it allowed to walk a dog?"),
        # another question word
        ("How many towns joined the Day of Boats?", "When was it?", "When was the Day of Boats?"),
        ("Who spoke at the fair?", "About what?", "Who spoke at the fair, and about what?"),
        ("What is Quill?", "Which version is the newest?", "What is the latest version of Quill?"),
        ("Who founded Larkfield?", "When?", "When was Larkfield founded?"),
        ("Who wrote the rules?", "And why?", "Why were the rules written?"),
        ("Do hens like milk?", "Why?", "Why do hens like milk?"),
        ("Is there a fee?", "How much?", "How much is the fee?"),
        ("Who voted against the plan?", "Why?", "Who voted against the plan, and why?"),
        ("When was the mill built?", "Why was that?", "Why was the mill built?"),
        ("How many posts mention Clegg?", "Which ones?", "Which posts mention Clegg?"),
        ("Which posts mention Clegg?", "How many?", "How many posts mention Clegg?"),
        ("Who built the mill?", "Who else?", "Who else built the mill?"),
        ("Who pays for care, and why?", "And who else?", "Who else pays for care?"),
        ("Who lives here?", "When?", "Who lives here, and when?"),
        ("Who goes there?", "When?", "Who goes there, and when?"),
        # what belongs to the first
        ("How old is the Hollins library?", "And its hours?", "The Hollins library’s hours?"),
        ("What is Rustup?", "And its price?", "Rustup’s price?"),
        ("What is the Harrow Weir project?", "And the results?", "What are the results of Harrow Weir project?"),
        ("What is the Harrow Weir project?", "And the old one?", "What is the old project?"),
        ("Tell me about Rustup", "Can you give me an example?", "What are examples of Rustup?"),
        ("Tell me about Rustup", "What happened next?", "What happened next (Rustup)?"),
    ],
)
def test_the_gap_is_filled_from_the_question_before(before: str, question: str, understood: str) -> None:
    """Whatever is named takes the place of what is like it, or stands beside it."""
    assert understand(question, [Understood(before)]).text == understood


def test_a_second_question_word_replaces_the_first() -> None:
    """They do not pile up."""
    first = Understood("Who pays for care?")
    second = understand("And why?", [first])
    assert understand("Since when?", [first, second]).text == "Who pays for care, and since when?"


@pytest.mark.parametrize("question", ["In Custodia Legis", "In which year did the mill open?"])
def test_a_name_or_a_whole_question_has_no_gap(question: str) -> None:
    """Though it begins with a word of place."""
    assert understand(question, [Understood("Who runs the mill?")]) == Understood(question)


@pytest.mark.parametrize(
    ("pattern", "begin"),
    [(ellipsis._EXISTS, "Is there a "), (ellipsis._WHO_DID, "Who founded "), (instead._TELL, "Tell me about ")],
)
def test_what_is_named_is_found_in_one_pass(pattern: re.Pattern[str], begin: str) -> None:
    """The signs at the end were read again from each of them."""
    assert growth_of(pattern.match, lambda size: f"{begin}a{'!' * size}, b") == ""
