"""Answers to questions about the posts themselves, from their titles, dates, bylines and words."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.answering.posts.authors import authors, writers
from rag.answering.posts.bounds import Bounded, bounded
from rag.answering.posts.instead import instead_of_sentences
from rag.answering.posts.lists import PostLists, first_by_date, mainly_about, order_of
from rag.answering.posts.mentions import (
    PostMentions,
    find_mentions,
    in_one_sentence,
    match_of,
    mentions_in,
    spoken_of_in_more,
)
from rag.answering.posts.overviews import overview, said_of_all
from rag.answering.posts.phrasings import usual_phrasing
from rag.answering.posts.questions import PostsQuestion, read_posts_question
from rag.answering.posts.wording import bounds_of, counted_posts
from rag.answering.question.parts import refusal
from rag.answering.question.word_lookup import posts_with
from rag.answering.quotes.further import SHOWN, further_posts, given, nothing_further, posts_from
from rag.answering.quotes.summaries import carrying_sentences, credit, first_sentence
from rag.answering.selection.comparison import announces
from rag.text.plurals import amount
from rag.text.tokens import is_stop, stem, words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rag.answering.conversation.follow_ups import Understood
    from rag.records import Answer, PostEntry, PostMatch, Quote
    from rag.store.protocols import Snapshot

__all__ = ["PostsAnswers"]

# posts shown for a question about the whole heap
_NEWEST = 5
# posts listed for a word that the closest quotes lack
_FEW = 5
# kinds of questions whose answers go on from where the previous one ended; other answers are whole
_PAGED = frozenset({"newest", "oldest", "heap", "says", "authors"})
# possible names of people: a few words with capitals
_NAME = re.compile(r"[^\W\d_a-zß-ÿ][\w.'’-]{0,40}(?:\s(?:[^\W\d_a-zß-ÿ][\w.'’-]{0,40}|de|van|von|da|bin|al)){0,4}")


class PostsAnswers:
    """Answers questions about posts; safe to use from several threads."""

    def __init__(self, store: Snapshot) -> None:
        self._store = store
        self._lists = PostLists(store)

    def answer(self, question: str, page: int = 0) -> Answer | None:
        """Answer a question about the posts; None if it is not one, or is about posts that do not exist.

        ``page`` is how often more of the answer has been asked for.
        """
        if (whole := overview(usual_phrasing(question), lambda: self._lists.entries)) is not None:
            listed = given(question, whole.summary, self._matches(whole.entries))
            return further_posts(listed, page) if page else listed
        asked = read_posts_question(question, self._lists.newest)
        if asked is None:
            return None
        make: dict[str, Callable[[str, PostsQuestion], Answer | None]] = {
            "list": self._listed,
            "count": self._listed,
            "newest": self._extreme,
            "oldest": self._extreme,
            "date": self._dated,
            "author": self._credited,
            "writers": self._writers,
            "heap": self._heap,
            "says": self._said,
            "authors": lambda question, asked: authors(question, self._lists.chosen(asked) or (), asked.page),
        }
        found = make[asked.wanted](question, replace(asked, page=page))
        return found if found is None or not page or asked.wanted in _PAGED else further_posts(found, page)

    def bounded(self, asked: Understood, among: Sequence[int] | None) -> Bounded:
        """What a question asks, and the chunks to search: those of a time or a file, if it says so."""
        return bounded(self._store, self._lists, asked, among)

    def announcing(self, side: str) -> list[str]:
        """The ids of the posts that announce a version which is compared with another; none for other things."""
        return [one.post_id for one in self._lists.entries if announces(one.title, side)]

    def posts_about(self, question: str, page: int = 0) -> Answer | None:
        """What is said of posts if no sentence answers: those about the subject, or that there are none; else None."""
        asked = instead_of_sentences(question, self._lists.newest)
        if asked is None:
            return None
        listed = self._listed(question, asked) if asked.wanted == "list" else self._unknown_subject(question, asked)
        return listed if listed is None or not page else further_posts(listed, page)

    def _unknown_subject(self, question: str, asked: PostsQuestion) -> Answer | None:
        """A refusal that says that no post speaks of what a question asks about; None if there is one."""
        if not asked.about or asked.by_title or self._meant(asked):
            return None
        known = self._lists.speaking_of(asked.about, {one.post_id for one in self._lists.entries})
        return None if known else refusal(question, f"No post mentions “{asked.about}”.")

    def holding(self, rare: Sequence[str]) -> tuple[PostMatch, ...]:
        """The posts that contain words; none for a word that many posts contain."""
        found: dict[str, PostMentions] = {}
        for word in rare:
            if spoken_of_in_more(self._store, word, _FEW):
                continue
            some = find_mentions(self._store, word).posts
            if len(some) <= _FEW:
                found |= {one.post.post_id: one for one in some}
        return tuple(match_of(one) for one in list(found.values())[:_FEW])

    def _listed(self, question: str, asked: PostsQuestion) -> Answer | None:
        chosen = self._lists.chosen(asked)
        if chosen is None:
            # "What did Ada Moss write?" may be answered by a post about it
            named = f"by {asked.author}" in usual_phrasing(question) and _NAME.fullmatch(asked.author)
            return refusal(question, f"No post in this index names “{asked.author}” as its author.") if named else None
        bounds = bounds_of(asked)
        if not asked.about:
            return self._within(question, asked, chosen)
        speaking = self._lists.speaking_of(asked.about, {one.post_id for one in chosen})
        found = speaking if asked.loosely else mainly_about(asked.about, speaking)
        if asked.without:
            return self._lacking(question, asked, chosen, found)
        undated = self._undated(asked)
        verb = ("mentions", "mention") if asked.loosely else ("is about", "are about")
        if not found and (near := in_one_sentence(self._store, asked.about, {one.post_id for one in chosen})):
            said = f"{counted_posts(len(near), 'has', 'have')} all words of “{asked.about}” in one sentence or title"
            return given(question, f"{said}{bounds}, but not side by side.", tuple(map(match_of, near)))
        if not found:
            why = f"No post{' written' if bounds else ''}{bounds} mentions “{asked.about}”."
            return replace(refusal(question, why + undated), posts=self._apart(asked.about))
        summary = f"{counted_posts(len(found), *verb)} “{asked.about}”{', written' + bounds if bounds else ''}"
        sentences = sum(len(one.quotes) for one in found)
        if asked.wanted == "count" and asked.loosely:
            summary += f", {sentences:,} sentence{'s' * (sentences != 1)} in all"
        others = len(speaking) - len(found)
        only = f" {amount(others, 'other')} only mention{'s' * (others == 1)} it, in one sentence or two."
        quotes = [one.quotes[:1] for one in found] + [one.quotes[1:] for one in found]
        shown = [quote for some in quotes for quote in some][:SHOWN] if asked.said else None
        return given(question, f"{summary}.{only * bool(others)}{undated}", tuple(map(match_of, found)), shown)

    def _within(self, question: str, asked: PostsQuestion, chosen: Sequence[PostEntry]) -> Answer:
        """All posts of an author, a source or a time."""
        bounds = bounds_of(asked)
        if asked.wanted == "count" and not bounds:
            are = "is" if len(chosen) == 1 else "are"
            return given(question, f"There {are} {counted_posts(len(chosen))} in this index.", ())
        unknown = self._unknown(asked)
        if not chosen:
            return refusal(question, f"No post in this index was written{bounds}.{unknown}")
        verb = ("is", "are") if asked.source else ("was written", "were written")
        return given(question, f"{counted_posts(len(chosen), *verb)}{bounds}.{unknown}", self._matches(chosen))

    def _lacking(
        self, question: str, asked: PostsQuestion, chosen: Sequence[PostEntry], found: Sequence[PostMentions]
    ) -> Answer:
        """The posts that do not mention a subject."""
        ids = {one.post.post_id for one in found}
        rest = [one for one in chosen if one.post_id not in ids]
        bounds = bounds_of(asked)
        said = counted_posts(len(rest), "does not mention", "do not mention")
        written = f", written{bounds}" if bounds else ""
        return given(question, f"{said} “{asked.about}”{written}.", self._matches(rest))

    def _unknown(self, asked: PostsQuestion) -> str:
        """A note on posts that may belong to the author or the dates asked for, but do not say so."""
        notes = ""
        if asked.author and (unsigned := [one for one in self._lists.entries if one.author is None]):
            notes += f" {counted_posts(len(unsigned), 'names', 'name')} no author."
        others = self._lists.chosen(replace(asked, dates=None)) or () if asked.dates is not None else ()
        if undated := sum(one.date is None for one in others):
            notes += f" {counted_posts(undated, 'has', 'have')} no date."
        return notes

    def _undated(self, asked: PostsQuestion) -> str:
        """A note on posts without a date, which are neither inside nor outside the dates asked for."""
        if asked.dates is None:
            return ""
        chosen = self._lists.chosen(replace(asked, dates=None)) or ()
        count = len(self._lists.speaking_of(asked.about, {one.post_id for one in chosen if one.date is None}))
        return f" {counted_posts(count, 'that mentions it has', 'that mention it have')} no date." if count else ""

    def _apart(self, about: str) -> tuple[PostMatch, ...]:
        """The posts that contain the words of a subject, but not side by side; none if there are many."""
        found = self._store.posts(posts_with(self._store, stem([word for word in words(about) if not is_stop(word)])))
        return tuple(match_of(PostMentions(post, ())) for post in found.values()) if len(found) <= _FEW else ()

    def _extreme(self, question: str, asked: PostsQuestion) -> Answer | None:
        chosen = self._lists.chosen(asked)
        if chosen is None:
            return None
        if asked.about:
            speaking = self._lists.speaking_of if asked.loosely else self._lists.about
            ids = [one.post.post_id for one in speaking(asked.about, {one.post_id for one in chosen})]
            chosen = [one for one in chosen if one.post_id in ids]
        dated = [one for one in chosen if one.date]
        undated = len(chosen) - len(dated)
        about = f" about “{asked.about}”" if asked.about else ""
        if not dated:
            why = f"No post{about} has a date, so none can be called the {asked.wanted}."
            return replace(refusal(question, why), posts=self._matches(chosen[:_FEW], asked.about))
        ordered = dated if asked.wanted == "newest" else dated[::-1]
        before = len(first_by_date(ordered, asked.several * asked.page))
        found = first_by_date(ordered, asked.several * (asked.page + 1))[before:]
        if not found:
            return nothing_further(given(question, f"{counted_posts(len(dated), 'has', 'have')} a date.", ()))
        said = ", ".join(f"“{one.title}”, {one.date}" for one in found[:_FEW])
        more = f" and {len(found) - _FEW} more" if len(found) > _FEW else ""
        without = f" {counted_posts(undated, 'has', 'have')} no date." if undated else ""
        is_, post = ("is", "post") if len(found) == 1 else ("are", "posts")
        next_ = "next " if asked.page else ""
        summary = f"The {next_}{asked.wanted} {post}{about} {is_} {said}{more}.{without}"
        return given(question, summary, self._matches(found, asked.about))

    def _dated(self, question: str, asked: PostsQuestion) -> Answer | None:
        found = self._meant(asked)
        if not found:
            return None
        said = [f"“{one.title}” {'has no date' if one.date is None else f'is dated {one.date}'}" for one in found]
        return given(question, f"{'; '.join(said)}.", self._matches(found))

    def _credited(self, question: str, asked: PostsQuestion) -> Answer | None:
        found = self._meant(asked)
        if not found:
            return None
        matches: list[PostMatch] = []
        said = []
        for one in found:
            line = credit(self._store, one.post_id)
            if one.author is None and line is None:
                continue
            matches += self._matches([one], best=line)
            said.append(f"“{one.title}” {f'is by {one.author}' if one.author else 'says who wrote it'}.")
        if not matches:
            saved = f" It was saved as {found[0].files[0]}" if found[0].files else ""
            saved += f", from {found[0].sites[0]}." if found[0].sites else "." * bool(saved)
            return refusal(question, f"The post “{found[0].title}” does not say who wrote it.{saved}")
        return given(question, " ".join(said), tuple(matches))

    def _writers(self, question: str, asked: PostsQuestion) -> Answer | None:
        """Who wrote the posts about a subject; None if there are none, because their sentences may still answer."""
        chosen = {one.post_id for one in self._lists.chosen(asked) or ()}
        found = mainly_about(asked.about, self._lists.speaking_of(asked.about, chosen))
        return writers(question, f"“{asked.about}”{bounds_of(asked)}", self._store, found) if found else None

    def _said(self, question: str, asked: PostsQuestion) -> Answer | None:
        found = self._meant(asked)
        if not found:
            return None
        quotes = carrying_sentences(self._store, found[0].post_id, asked.page)
        if not quotes:
            further = "further " if asked.page else ""
            return refusal(question, f"The post “{found[0].title}” has no {further}sentence that can be quoted.")
        more = "More of what" if asked.page else "What"
        summary = f"{more} “{found[0].title}” says in its own words, in order."
        return given(question, summary, self._matches(found[:1], best=quotes[0]), quotes)

    def _heap(self, question: str, asked: PostsQuestion) -> Answer | None:
        entries = self._lists.chosen(asked)
        if not entries:
            return None
        summary, start = said_of_all(entries), _NEWEST * asked.page
        shown = entries[start : start + _NEWEST]
        if not shown:
            return nothing_further(given(question, summary, ()))
        summary = posts_from(summary, start, start + len(shown)) if start else summary
        return given(question, summary, self._matches(shown))

    def _meant(self, asked: PostsQuestion) -> list[PostEntry]:
        """The posts of a title, or the few that are about a subject; first those whose title names it."""
        if asked.by_title:
            found = self._lists.called(asked.about)
        elif (order := order_of(asked.about)) is not None:
            found = self._lists.first_dated(order)
        else:
            lists = self._lists
            found = lists.titled(asked.about) or lists.few_about(asked.about, _FEW) or lists.only_with(asked.about)
        return [one for one in found if asked.dates is None or asked.dates.holds(one.date)]

    def _matches(
        self, entries: Sequence[PostEntry], about: str = "", best: Quote | None = None
    ) -> tuple[PostMatch, ...]:
        posts = self._store.posts([one.post_id for one in entries])
        rows = self._store.sentences([one.post_id for one in entries])
        found = []
        for one in entries:
            here = [row for _, row in rows[one.post_id]]
            quotes = mentions_in(posts[one.post_id], here, [about]) if about else ()
            shown = best or (None if quotes else first_sentence(posts[one.post_id], here))
            found.append(match_of(PostMentions(posts[one.post_id], quotes), shown))
        return tuple(found)
