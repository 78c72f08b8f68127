"""Posts as an answer to a question about the posts themselves, each with its best sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.answering.quotes.further import LISTED
from rag.text.plurals import amount, times
from ui.views.citations import Ref, ref_of
from ui.views.html import Markup, join, tag
from ui.views.quotes import covered_words

if TYPE_CHECKING:
    from rag.records import Answer, PostMatch, Quote

__all__ = ["found_posts", "is_about_posts", "post_facts", "posts_lead", "quotes_beside", "understood_line"]


def understood_line(answer: Answer) -> Markup | None:
    """How the question was understood, if not as typed, with a link to ask it on its own."""
    understood = answer.understood
    read = [join(["“", written, "” read as “", taken, "”"]) for written, taken in answer.read_as]
    if understood is None and not read:
        return None
    alone = tag("button", "Ask it on its own", type="button", class_="quiet", data_alone=answer.question)
    return tag(
        "p",
        join(["Understood as: ", tag("em", understood, dir="auto"), " ", alone]) if understood else None,
        join(read, ", ") if read else None,
        class_="understood",
    )


def is_about_posts(answer: Answer) -> bool:
    """Whether posts are the answer, with quotes from them."""
    return answer.status in ("answered", "partial") and (bool(answer.posts) or answer.summary is not None)


def posts_lead(answer: Answer) -> str | None:
    """The line above a list of posts; below a refusal, they are no answer."""
    if answer.status == "no_answer":
        return "Posts that come near the question:" if answer.posts else None
    return answer.summary


def quotes_beside(answer: Answer) -> tuple[Quote, ...]:
    """The quotes of an answer that are not in its list of posts."""
    best = {_place(post.best) for post in answer.posts if post.best is not None}
    return () if all(_place(quote) in best for quote in answer.quotes) else answer.quotes


def _place(quote: Quote) -> tuple[str, int, int]:
    return quote.post_id, quote.start, quote.end


def found_posts(answer: Answer) -> Markup | None:
    """The result of a question about posts: the line above, then the list of posts, with the first of them open.

    None if there is neither.
    """
    posts, summary = answer.posts, posts_lead(answer)
    lead = tag("p", summary, class_="summary") if summary else None
    if not posts:
        return lead
    beside = bool(quotes_beside(answer))
    rows = [_row(post, with_best=not beside) for post in posts]
    more = rows[LISTED:]
    return join(
        [
            lead,
            tag("ol", *rows[:LISTED], class_="found-posts"),
            tag(
                "details",
                tag("summary", f"{amount(len(more), 'more post')}"),
                tag("ol", *more, class_="found-posts", start=LISTED + 1),
                data_fold="more-posts",
            )
            if more
            else None,
        ]
    )


def post_facts(post: PostMatch) -> list[str]:
    """A post in a list besides its title: its date, its author or place, and how often it mentions the subject."""
    mentioned = f"mentioned {times(post.times)}" if post.times else None
    source = post.author or next((place.site or place.file for place in post.locations), None)
    return [fact for fact in (post.date, source, mentioned) if fact]


def _row(post: PostMatch, *, with_best: bool) -> Markup:
    facts = post_facts(post)
    return tag(
        "li",
        tag("a", post.title or "Untitled post", href=Ref(post.post_id).href, class_="cite-link", dir="auto"),
        tag("span", join(facts, " · "), class_="faint") if facts else None,
        _best(post.best) if with_best and post.best is not None else None,
    )


def _best(quote: Quote) -> Markup:
    cite = tag("a", "Show", href=ref_of(quote).href, class_="cite", aria_label=f"Show in the post: {quote.post_title}")
    return tag(
        "div",
        tag("blockquote", covered_words(quote.text, quote.covered), class_="words", dir="auto"),
        cite,
        class_="quote",
    )
