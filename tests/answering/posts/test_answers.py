"""Answers about the posts themselves, everything said about a thing, spelling and dates, over one small heap."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from makers import index_of

from rag import build_index, open_index
from rag.answering.posts import lists as post_lists
from rag.answering.posts.mention_files import write_mentions
from rag.answering.posts.mentions import spoken_of_in_more
from rag.cli import main
from rag.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rag.answering.engine import Index

TEXTS = {
    "mill.md": (
        "# The mill at Harrow Weir\nMay 3, 2012\n\nThe mill ground barley for the Harrow Weir Trust (HWT) until the "
        "river moved. The quernstones were cut by Josiah Crane in his yard.\n\nHWT sold the stones to a garden.\n"
    ),
    "ferry.md": (
        "# The ferry\nJune 9, 2014\n\nMartha Oakes rowed the ferry across the river until her arms gave out. She "
        "charged a penny for each crossing and nothing for children.\n\nThis post was first published on the parish "
        "blog by Ada Penrose.\n"
    ),
    "orchard.md": (
        "# An orchard of quinces\nMay 20, 2016\n\nThe quince trees stand on the south slope behind the chapel and "
        "flower late. The Harrow Weir Trust pays for the ladders.\n"
    ),
    "hours-old.md": (
        "# Library hours\nSeptember 2, 2013\n\nThe library is open from nine to five on weekdays. The porter has a "
        "cat.\n"
    ),
    "hours-new.md": (
        "# New library hours\nJanuary 15, 2017\n\nThe library is open from ten to eight on weekdays. The porter has "
        "two cats.\n"
    ),
}
SUBJECTS = ("accessibility", "commissioning")
MILL, FERRY, ORCHARD = "The mill at Harrow Weir", "The ferry", "An orchard of quinces"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index of five dated posts."""
    folder = tmp_path_factory.mktemp("posts-answers")
    (folder / "pages").mkdir()
    for name, text in TEXTS.items():
        (folder / "pages" / name).write_text(text, encoding="utf-8")
    build_index([folder / "pages"], into=folder / "index")
    return folder / "index"


@pytest.fixture(scope="module")
def index(home: Path) -> Iterator[Index]:
    """The opened index; read only."""
    with open_index(home, fast=True) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "titles"),
    [
        ("Which posts mention the ferry?", {FERRY}),
        ("Which posts mention the Harrow Weir Trust?", {MILL, ORCHARD}),
        ("List all posts about libraries", {"Library hours", "New library hours"}),
        ("What was posted in May 2016?", {ORCHARD}),
        ("Which posts before 2014 mention the river?", {MILL}),
        ("What is the latest post?", {"New library hours"}),
        ("What was the first post about the Harrow Weir Trust?", {MILL}),
        ("When was the ferry post published?", {FERRY}),
        ("Who wrote the post “The ferry”?", {FERRY}),
        ("What is the post “An orchard of quinces” about?", {ORCHARD}),
        ("When was An orchard of quinces published?", {ORCHARD}),
        ("What does The mill at Harrow Weir say?", {MILL}),
        ("What was posted after 3 May 2012 and before June 2014?", {"Library hours"}),
        ("What are the two newest posts?", {"New library hours", ORCHARD}),
        ("What was the first post that mentioned the river?", {MILL}),
        ("Is there anything about quernstones?", {MILL}),
        ("When was the post about the Harrow Weir Trust published?", {MILL, ORCHARD}),
        ("Which posts mention both the river and children?", {FERRY}),
    ],
)
def test_the_posts_that_are_asked_for_are_listed_and_no_others(index: Index, question: str, titles: set[str]) -> None:
    """By words, titles, dates and bylines, each quote a span of its post."""
    answer = index.ask(question)
    assert answer.status == "answered"
    assert {post.title for post in answer.posts} == titles
    assert answer.summary
    for quote in answer.quotes:
        assert index.post(quote.post_id).text[quote.start : quote.end] == quote.text


def test_the_list_says_dates_counts_and_places(index: Index) -> None:
    """In the JSON object for programs."""
    shape = index.ask("How many posts mention the Harrow Weir Trust?").to_dict()
    assert shape["summary"] == "2 posts mention “the Harrow Weir Trust”, 3 sentences in all."
    posts = json.loads(json.dumps(shape["posts"]))
    assert {post["date"] for post in posts} == {"2012-05-03", "2016-05-20"}
    assert all(post["times"] and post["locations"] and post["best"]["text"] for post in posts)


def test_posts_that_only_mention_a_thing_are_counted_beside_those_about_it(index: Index) -> None:
    """So that the number can be compared with that of the posts that mention it."""
    assert index.ask("Which posts are about the mill?").summary == "1 post is about “the mill”."
    assert index.ask("Which posts mention the river?").summary == "2 posts mention “the river”."
    asked = index.ask("Which posts are about Harrow Weir?")
    assert asked.summary == "1 post is about “Harrow Weir”. 1 other only mentions it, in one sentence or two."


def test_who_wrote_a_post_is_answered_with_its_credit(index: Index) -> None:
    """And if it has none, the refusal says so."""
    assert "Ada Penrose" in index.ask("Who wrote the post “The ferry”?").quotes[0].text
    refused = index.ask("Who is the author of An orchard of quinces?")
    assert (refused.status, refused.reason) == (
        "no_answer",
        "The post “An orchard of quinces” does not say who wrote it. It was saved as orchard.md.",
    )


def test_titles_are_read_once_for_all_questions(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch with many questions about posts does not read all titles for each of them."""
    read = []
    content = post_lists._content
    monkeypatch.setattr(post_lists, "_content", lambda text: read.append(text) or content(text))
    lists = post_lists.PostLists(index.store)
    assert [one.title for one in lists.called("the library hours")] == ["Library hours"]
    assert [one.title for one in lists.called("New library hours")] == ["New library hours"]
    assert lists.called("hours") == lists.called("the bakery and its hours") == []
    assert [one.title for one in lists.titled("library hours")] == ["Library hours"]
    assert [one.title for one in lists.titled("quinces")] == []
    assert [one.title for one in lists.titled("quince orchards")] == [ORCHARD]
    assert read.count(MILL) == 1


def test_a_list_that_is_empty_says_why(index: Index) -> None:
    """Nobody of that name; the words only apart; dates as they follow "written"."""
    asked = {
        "Show me posts by Kit Marlow": "No post in this index names “Kit Marlow” as its author.",
        "Which posts are from April 2012?": "No post in this index was written in April 2012.",
        "Which posts mention the quince ferry?": "No post mentions “the quince ferry”.",
    }
    assert {question: index.ask(question).reason for question in asked} == asked
    assert index.ask("What did Martha Oakes write about the ferry?").quotes, "a post may tell of what she wrote"
    apart = index.ask("Which posts mention the penny river?")
    assert (apart.status, [one.title for one in apart.posts]) == ("no_answer", [FERRY])


def test_a_form_of_a_word_is_distinguished_from_another_word_of_its_stem(tmp_path: Path) -> None:
    """Access is not accessibility, and the commission in a name is not commissioning."""
    texts = {
        "one.md": "# Doors\n\nAccessibility is for all. Accessible doors are wide.\n",
        "two.md": "# Keys\n\nAccess to the office is by key. The Harbour Commission has it.\n",
        "three.md": "# Works\n\nCommissioning is slow, and commissioned works are late.\n",
    }
    with index_of(texts, tmp_path) as heap:
        found = {subject: [one.post.title for one in heap.about(subject).posts] for subject in SUBJECTS}
    assert found == {"accessibility": ["Doors"], "commissioning": ["Works"]}


def test_what_has_no_date_is_said_where_dates_are_asked_for(tmp_path: Path) -> None:
    """A post without a date is neither before nor after."""
    texts = {
        "one.md": "# Doors\nMay 3, 2012\n\nThe oak doors are wide and old.\n",
        "two.md": "# Keys\n\nThe oak box holds the keys of the office.\n",
    }
    with index_of(texts, tmp_path) as heap:
        assert (heap.ask("Which posts before 2010 mention oak?").reason or "").endswith(
            " 1 post that mentions it has no date."
        )
        assert heap.ask("What is the newest post about oak?").summary == (
            "The newest post about “oak” is “Doors”, 2012-05-03. 1 post has no date."
        )
        refused = heap.ask("What is the newest post about keys?")
        assert (refused.status, [one.title for one in refused.posts]) == ("no_answer", ["Keys"])


def test_posts_are_chosen_by_the_file_they_were_saved_as(index: Index) -> None:
    """By its whole name or part of it; a name that no file has leaves the question unchanged."""
    listed = index.ask("Which posts are from hours-old.md?")
    assert ([one.title for one in listed.posts], listed.summary) == (["Library hours"], "1 post is from hours-old.md.")
    assert {one.title for one in index.ask("How many posts are in hours?").posts} == {
        "Library hours",
        "New library hours",
    }
    asked = "When is the library open on weekdays, according to {}?"
    for file, hours in (("hours-old.md", "nine to five"), ("hours-new.md", "ten to eight")):
        assert [hours in quote.text for quote in index.ask(asked.format(file)).quotes[:1]] == [True]
    assert not index.ask("Which posts are from zeppelins.md?").summary


def test_posts_are_chosen_by_the_site_that_their_pages_name(tmp_path: Path) -> None:
    """It is shown beside each quote; if a post names no author, it is the only clue to its source."""
    hours = {"Quay Weekly": "nine to five", "Hive News": "ten to eight"}
    pages = {
        f"{site[0]}.html": f"<title>Library hours</title><meta property='og:site_name' content='{site}'><article>"
        f"<h1>Library hours</h1><p>The library is open from {open_} on weekdays. {site[0] * 3} has a cat.</p></article>"
        for site, open_ in hours.items()
    }
    with index_of(pages, tmp_path) as index:
        for site, open_ in hours.items():
            [listed] = index.ask(f"Which posts are from {site}?", fast=True).posts
            assert [place.site for place in listed.locations] == [site]
            quote = index.ask(f"When is the library open on weekdays, according to {site}?", fast=True).quotes[0]
            assert open_ in quote.text
            assert quote.to_dict()["locations"][0]["site"] == site
        assert {post.source for post in index.posts()} == {*hours}


def test_what_no_post_mentions_is_refused_in_words(index: Index) -> None:
    """Not with an unrelated sentence."""
    answer = index.ask("Which posts mention zeppelins?")
    assert (answer.status, answer.reason) == ("no_answer", "No post mentions “zeppelins”.")


def test_everything_said_about_a_thing_under_all_its_names_in_order_of_date(index: Index) -> None:
    """The long form and the short one, post by post."""
    for subject in ("Harrow Weir Trust", "HWT"):
        found = index.about(subject)
        assert {name.removeprefix("the ") for name in found.names} == {"Harrow Weir Trust", "HWT"}
        assert [one.post.title for one in found.posts] == [MILL, ORCHARD]
        assert found.count == 3
        for one in found.posts:
            for quote in one.quotes:
                assert one.post.text[quote.start : quote.end] == quote.text
                assert quote.locations


def test_about_is_printed_and_written_with_citations(
    home: Path, index: Index, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the terminal, as JSON, and in the three forms of file."""
    assert main(["about", "quernstones", "--index", str(home)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("1 sentence in 1 post about quernstones")
    assert "mill.md" in printed
    for ending in (".jsonl", ".csv", ".md"):
        out = tmp_path / f"said{ending}"
        write_mentions(index.about("quernstones"), out)
        text = out.read_text(encoding="utf-8")
        assert all(part in text for part in ("Josiah Crane", "2012-05-03", "mill.md")), ending
    with pytest.raises(InputError, match="ending"):
        write_mentions(index.about("quernstones"), tmp_path / "said.pdf")


def test_a_misspelt_word_is_read_as_the_word_of_the_posts_and_said(index: Index) -> None:
    """An English word that is in no post stays as it is."""
    answer = index.ask("Who cut the quernstnes?")
    assert answer.read_as == (("quernstnes", "quernstones"),)
    assert "Josiah Crane" in answer.quotes[0].text
    assert index.ask("Who cut the zeppelins?").read_as == ()


def test_a_slip_may_have_the_stem_of_a_name(tmp_path: Path) -> None:
    """The posts have a Tim, but no "tims", and "council’s" shows how they write "council"."""
    texts = {
        "one.md": "# Boats\n\nTim rowed six times over the river for the council’s sake, and Tim sang. The Council thanked him.\n"
    }
    with index_of(texts, tmp_path) as heap:
        assert heap.ask("how many tims did he row over the river", fast=True).read_as == (("tims", "times"),)
        assert heap.about("council").subject == "council"


def test_of_words_as_near_the_one_that_goes_with_the_others_is_meant(index: Index) -> None:
    """The posts have "quern…" beside Crane, and "open" only elsewhere."""
    assert index.ask("Who rwed the ferry?").read_as == (("rwed", "rowed"),)


@pytest.mark.parametrize("question", ["x" * 400, "zzxqv kkjwv", "Who is Xqzzvw Kkjwvq?"])
def test_a_question_of_which_no_word_is_known_is_refused(index: Index, question: str) -> None:
    """Neither the posts nor English have any of them, so nothing can be near."""
    answer = index.ask(question)
    assert (answer.status, answer.closest) == ("no_answer", ())
    assert "not appear in these posts" in (answer.reason or "")
    assert len(answer.reason or "") < 120


def test_what_a_follow_up_counts_is_looked_up_in_the_answer_before(index: Index) -> None:
    """A post of the list."""
    before = "Which posts mention the Harrow Weir Trust?"
    second = index.ask(before).posts[1]
    answer = index.ask("When was the second one published?", history=[before])
    assert [post.post_id for post in answer.posts] == [second.post_id]
    assert answer.question == "When was the second one published?"
    assert answer.understood == f"When was the post “{second.title}” published?"


def test_a_follow_up_without_words_of_its_own_is_not_asked_alone(index: Index) -> None:
    """Alone, it would find something unrelated: "When did it open?" finds the library although the ferry is meant."""
    answer = index.ask("When did it open?", history=["What is the ferry?"])
    assert answer.understood == "When did the ferry open?"
    assert all("library" not in quote.text for quote in answer.quotes)


def test_dates_prefer_posts_of_their_time_also_where_no_post_is_named(index: Index) -> None:
    """One of two posts that say almost the same; what was written in a year is searched for only there."""
    for year, hours in (("2013", "nine to five"), ("2017", "ten to eight")):
        asked = (f"When is the library open in {year}?", f"What was written about the library in {year}?")
        for question in asked:
            assert hours in index.ask(question, always_answer=True).quotes[0].text, question


def test_the_form_of_a_question_does_not_matter(index: Index) -> None:
    """Capitals, lower case and a list number: the same first quote."""
    asked = "Who rowed the ferry across the river?"
    wanted = index.ask(asked).quotes[0].text
    for form in (asked.upper(), asked.lower(), f"3. {asked}"):
        assert index.ask(form).quotes[0].text == wanted


def test_a_pasted_passage_is_never_quoted_back(index: Index) -> None:
    """The pasted sentence of a post is not its answer."""
    passage = index.post(next(post.post_id for post in index.posts() if post.title == FERRY)).text
    answer = index.ask(f"{passage}\n\nWho cut the quernstones?", always_answer=True)
    assert answer.question == "Who cut the quernstones?"
    assert all("Martha Oakes" not in quote.text for quote in answer.quotes)


def test_now_prefers_the_newer_post(index: Index) -> None:
    """One of two posts that say almost the same."""
    assert "ten to eight" in index.ask("When is the library open now?", always_answer=True).quotes[0].text


def test_a_follow_up_says_what_it_was_understood_as(index: Index) -> None:
    """And a question that stands alone is answered as if nothing had been asked before."""
    answer = index.ask("Who rowed it?", history=["What is the ferry?"])
    assert answer.understood == "Who rowed the ferry?"
    assert "Martha Oakes" in answer.quotes[0].text
    alone = index.ask("Who cut the quernstones?", explain=False)
    assert index.ask("Who cut the quernstones?", history=["What is the ferry?"], explain=False) == alone


def test_another_language_is_named(index: Index) -> None:
    """Instead of returning something unrelated."""
    answer = index.ask("Wer hat die alte Mühle am Wehr gebaut?")
    assert answer.status == "no_answer"
    assert answer.reason == "This question seems to be in German; only English is understood."


@pytest.mark.parametrize("history", ["What is the ferry?", [7], [None]])
def test_a_history_that_is_not_a_list_of_texts_is_a_type_error(index: Index, history: object) -> None:
    """The error says what a history is."""
    with pytest.raises(TypeError, match="history must be"):
        index.ask("Who rowed it?", history=history)  # type: ignore[arg-type]


@pytest.mark.parametrize(("word", "posts"), [("library", 2), ("river", 2), ("zeppelin", 0)])
def test_posts_that_speak_of_a_word_are_counted_no_further_than_needed(index: Index, word: str, posts: int) -> None:
    """The count is that of `about`, whatever the limit."""
    assert len(index.about(word).posts) == posts
    for most in range(4):
        assert spoken_of_in_more(index.store, word, most) == (len(index.about(word).posts) > most)


@pytest.mark.parametrize(
    ("question", "titles"),
    [
        ("Where is the river mentioned?", {MILL, FERRY}),
        ("Titles of posts about quinces", {ORCHARD}),
        ("Which posts mention the river but not barley?", {FERRY}),
        ("Posts not about the river", {ORCHARD, "Library hours", "New library hours"}),
        ("What did they write in May 2016?", {ORCHARD}),
        ("Have you got anything on quinces?", {ORCHARD}),
        ("tl;dr of the ferry post", {FERRY}),
        # the words of one sentence, but not side by side
        ("Which posts are about quince ladders?", set()),
        ("Which posts are about quince slopes?", {ORCHARD}),
    ],
)
def test_posts_are_asked_for_in_many_words(index: Index, question: str, titles: set[str]) -> None:
    """All that are meant and only those."""
    answer = index.ask(question)
    assert {post.title for post in answer.posts if answer.status == "answered"} == titles


def test_a_lead_in_alone_stands_for_no_post(tmp_path: Path) -> None:
    """If another sentence of the post mentions the thing."""
    text = "# A walk\n\nThe lamps of the quay are:\n\n- one by the mast\n- one by the shed\n\nThe quay has been lit since May.\n"
    with index_of({"walk.md": text}, tmp_path) as heap:
        assert [post.best.text for post in heap.ask("Which posts mention the quay?").posts if post.best] == [
            "The quay has been lit since May."
        ]


def test_the_posts_that_do_not_mention_a_thing_are_all_the_others(index: Index) -> None:
    """With their number."""
    answer = index.ask("Which posts do not mention the river?")
    assert {post.title for post in answer.posts} == {ORCHARD, "Library hours", "New library hours"}
    assert answer.summary == "3 posts do not mention “the river”."


def test_a_question_of_which_no_word_is_in_the_posts_is_refused(index: Index) -> None:
    """However few posts there are."""
    for question in ("Volcanoes", "What is the meaning of life?"):
        answer = index.ask(question)
        assert answer.status == "no_answer"
        assert "not appear" in (answer.reason or "")


def test_last_year_is_said_as_asked(index: Index) -> None:
    """Of the newest post, so that the answer stays the same."""
    assert index.ask("last year's posts").summary == "1 post was written last year."


def test_posts_about_a_subject_are_listed_if_no_sentence_answers(index: Index) -> None:
    """With the posts that mention it, or that none does."""
    answer = index.ask("Tell me more about the south slope")
    assert ORCHARD in {post.title for post in answer.posts} or answer.quotes[0].post_title == ORCHARD
    assert "mentions" in (index.ask("Tell me about the moon landing").reason or "")


@pytest.mark.parametrize(
    ("question", "titles"),
    [
        ("What happened in May 2016?", {ORCHARD}),
        ("What does the newest post say?", {"New library hours"}),
        ("Summarise the very first post", {MILL}),
    ],
)
def test_a_time_alone_means_its_posts(index: Index, question: str, titles: set[str]) -> None:
    """And so does the place of a post in time."""
    answer = index.ask(question)
    assert answer.status == "answered"
    assert {one.title for one in answer.posts} == titles


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("In the newest post, when is the library open?", "from ten to eight"),
        ("What does the oldest post say about the stones?", "stones"),
    ],
)
def test_only_the_newest_or_oldest_post_is_asked(index: Index, question: str, said: str) -> None:
    """Where the question says so."""
    answer = index.ask(question, always_answer=True)
    assert said in answer.quotes[0].text
    assert len({quote.post_id for quote in answer.quotes}) == 1


def test_what_a_question_about_a_post_is_about_may_be_in_none(index: Index) -> None:
    """The words that ask for the post are not looked for."""
    for question in ("Who wrote about zeppelins?", "Summarise the post about zeppelins"):
        assert index.ask(question).reason == "No post mentions “zeppelins”."


def test_posts_without_an_author_or_a_date_are_not_passed_over(tmp_path: Path) -> None:
    """They may be by the author or of the year that was asked for."""
    (tmp_path / "pages").mkdir()
    for name, head in {"a": "author: Ida Moss\ndate: 2022-05-01\n", "b": "author: Ida Moss\n", "c": ""}.items():
        text = f"---\ntitle: On {name * 5}\n{head}---\n\nThe {name * 7} is kept in a shed until the {name * 6} comes.\n"
        (tmp_path / "pages" / f"{name}.md").write_text(text, encoding="utf-8")
    build_index([tmp_path / "pages"], into=tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        said = {
            question: index.ask(question) for question in ("posts by Ida Moss", "posts from 2022", "posts from 2019")
        }
    assert said["posts by Ida Moss"].summary == "2 posts were written by Ida Moss. 1 post names no author."
    assert said["posts from 2022"].summary == "1 post was written in 2022. 2 posts have no date."
    assert said["posts from 2019"].reason == "No post in this index was written in 2019. 2 posts have no date."


def test_who_wrote_about_a_thing_is_answered_with_posts_and_their_authors(tmp_path: Path) -> None:
    """Also where many posts are about it, and where only the text of one says who wrote it."""
    heads = {
        "a": "author: Ida Moss\n",
        "b": "author: Ida Moss\n",
        "c": "",
        "d": "author: Bo Reed\n",
        "e": "",
        "f": "",
        "g": "",
    }
    (tmp_path / "pages").mkdir()
    for name, head in heads.items():
        text = f"---\ntitle: On eels, part {name * 5}\n{head}---\n\nThe eels of pond {name * 7} sleep until the {name * 6} comes.\n"
        text += "\nThis post was first published on the parish blog by Ada Penrose.\n" if name == "c" else ""
        (tmp_path / "pages" / f"{name}.md").write_text(text, encoding="utf-8")
    build_index([tmp_path / "pages"], into=tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        answer = index.ask("Who wrote about eels?")
        unknown = index.ask("Who wrote about walruses?")
    assert answer.summary == (
        "7 posts are about “eels”, by Ida Moss (2) and Bo Reed. 1 post says in the text who wrote it. "
        "3 posts name no author."
    )
    assert [post.author for post in answer.posts].count("Ida Moss") == 2
    assert any("Ada Penrose" in post.best.text for post in answer.posts if post.best is not None)
    assert unknown.status == "no_answer"


def test_everything_said_about_a_thing_is_quoted(index: Index) -> None:
    """Up to as many sentences as any answer has, although they are in one post."""
    answer = index.ask("Everything said about the Harrow Weir Trust")
    assert {post.title for post in answer.posts} == {MILL, ORCHARD}
    assert len(answer.quotes) == 3


def test_a_single_post_is_one(tmp_path: Path) -> None:
    """Not "there are 1 post"."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "mill.txt").write_text("The mill\n\nThe mill at the weir was sold to the village.\n")
    build_index([tmp_path / "pages"], into=tmp_path / "index")
    with open_index(tmp_path / "index") as index:
        assert index.ask("How many posts are there?").summary == "There is 1 post in this index."


def test_posts_from_an_author_are_those_by_the_author(tmp_path: Path) -> None:
    """If no file or site has the name; and who wrote nothing is said to have written nothing."""
    texts = {
        "a.md": "---\nauthor: Ida Moss\n---\n# Eels\n\nThe eels came late in the year.\n\nThe next meeting is in May.\n",
        "b.md": "---\nauthor: Bo Reed\n---\n# Boats\n\nThe boats were tarred in spring.\n",
    }
    with index_of(texts, tmp_path) as heap:
        assert [post.title for post in heap.ask("Do you have anything from Ida?").posts] == ["Eels"]
        assert [post.title for post in heap.ask("Who is Ida Moss?").posts] == ["Eels"]
        said = heap.ask("Did Tom write anything?")
        assert said.reason == "No post in this index names “Tom” as its author."
        # all words, though apart, are in only one post
        assert heap.ask("Summarise the post on the eels meeting").summary == (
            "What “Eels” says in its own words, in order."
        )
