"""The reading pane: a whole post, or a page at one place, with the quote marked strongly and its chunk lightly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from rag.answering.quotes.locations import locate
from rag.errors import InputError
from rag.loading.formats import plain_text
from rag.records import Copy, Location, Post, Span
from rag.text.plurals import amount
from rag.text.sentences import split
from rag.text.whitespace import fold_white
from ui.views.citations import Ref
from ui.views.html import Markup, join, tag
from ui.views.list_items import items_of
from ui.views.marked_text import Marked, marked_text
from ui.views.original import original_of
from ui.views.post_list import origin, places_of
from ui.views.soft_breaks import soft_breaks
from ui.views.word_changes import word_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["Shelves", "empty_panel", "message_panel", "panel"]

# Characters of a page shown on either side of a place: three seed pages' worth, so that a page of many megabytes is not
# sent whole and does not slow the browser down.
MAX_CONTEXT_CHARS = 60_000

# Posts up to this length are shown with marked headings; finding them in a longer one takes over 0.1 s.
MAX_STRUCTURED_CHARS = 100_000


class Shelves(Protocol):
    """The parts of an open index that the pane needs."""

    def post(self, post_id: str) -> Post:
        """The post with this id."""

    def page_text(self, file: str) -> str:
        """The decoded text of a page, as it was indexed."""


def empty_panel() -> Markup:
    """The pane before anything is opened."""
    return tag(
        "div",
        tag("h2", "Source", class_="source-empty-title"),
        tag("p", "Open a citation or a post and it appears here, with the quoted words marked."),
        class_="source source-empty",
    )


def message_panel(title: str, message: str) -> Markup:
    """The pane for a place that cannot be shown, with the reason and nothing marked."""
    return tag(
        "div",
        tag("div", tag("h2", title, tabindex="-1", id="source-title"), class_="source-head"),
        tag("p", message, class_="notice", role="status"),
        class_="source",
    )


def panel(
    index: Shelves,
    ref: Ref,
    also: Sequence[Ref] = (),
    pictures: Callable[[Post], Iterable[tuple[int, str, str]]] = lambda _: (),
    words: Sequence[str] = (),
) -> Markup:
    """The pane for a reference; for a place that does not exist (any longer), a sentence without a mark.

    ``also`` has further quotes of the same answer; those from the same post are marked too. ``pictures`` returns the
    pictures of a post: the offset of each, its address and its description. ``words`` were searched for and are marked
    wherever they are.

    Raises PullquoteError only for errors of the index itself.
    """
    try:
        post = index.post(ref.post_id)
    except (InputError, KeyError):
        return message_panel(
            "No longer here", "This post is no longer in the index. Ask again to get current citations."
        )
    if not 0 <= ref.start <= ref.end <= len(post.text):
        return message_panel(post.title, "This place is outside the post. Ask again to get valid citations.")
    if ref.copy is not None:
        return _page_panel(index, post, ref)
    return _post_panel(index, post, ref, [*also, *places_of(post, words)], pictures(post))


def _post_panel(
    index: Shelves, post: Post, ref: Ref, also: Sequence[Ref], pictures: Iterable[tuple[int, str, str]]
) -> Markup:
    others = tuple(
        (Span(other.start, other.end), other.href)
        for other in also
        if other.post_id == post.post_id and other.start < other.end <= len(post.text)
    )
    cuts = split(post.text, post.chrome) if len(post.text) <= MAX_STRUCTURED_CHARS else []
    breaks = soft_breaks(post.text)
    marked = Marked(
        Span(min(ref.chunk_start, ref.start), min(max(ref.chunk_end, ref.end), len(post.text))),
        Span(ref.start, ref.end),
        others,
        tuple(Span(cut.start, cut.end) for cut in cuts if cut.kind == "heading"),
        post.chrome,
        tuple((at, _picture(address, words)) for at, address, words in pictures),
        breaks,
        tuple(items_of(post.text, cuts, breaks)),
    )
    facts = [*origin(post), post.date, amount(len(post.text.split()), "word")]
    return tag(
        "div",
        _head(
            post.title or "Untitled post",
            facts,
            _places(post, ref),
            original_of(index, post, post.text[ref.start : ref.end]),
            tag("button", "Ask about this post only", type="button", class_="quiet", data_scope=post.post_id),
            tag("button", "Copy link", type="button", class_="quiet", data_copy_place=str(ref)),
            _variants(post),
        ),
        _scroll("Text of the post", marked_text(post.text, marked)),
        class_="source",
        data_ref=str(ref),
        data_cite=_citation(post),
    )


def _picture(address: str, words: str) -> Markup:
    return tag("span", tag("img", src=address, alt=words, loading="lazy"), class_="post-picture")


def _citation(post: Post) -> str:
    """The citation appended to words copied from the post."""
    first = post.copies[0].file if post.copies else None
    title = f"“{post.title}”" if post.title else "Untitled post"
    return ", ".join(fact for fact in (post.author, title, post.date, first) if fact)


def _page_panel(index: Shelves, post: Post, ref: Ref) -> Markup:
    quoted = ref.end > ref.start
    places = locate(post, ref.start, ref.end) if quoted else post.locations()
    if ref.copy is None or ref.copy >= len(places):
        return message_panel(post.title, "These words are not on that page. Open the post to see where they are.")
    place = places[ref.copy]
    try:
        page = index.page_text(place.file)
    except InputError as error:
        return message_panel(place.file, f"This page cannot be shown, so nothing is marked: {error}")
    if not _holds(page, post, ref, place):
        return message_panel(
            place.file, "The words at this place have changed since the page was indexed. Index it again."
        )
    home = next((copy for copy in post.copies if _contains(copy, place)), post.copies[0])
    first, last = max(place.start - MAX_CONTEXT_CHARS, 0), min(place.end + MAX_CONTEXT_CHARS, len(page))
    around = Span(max(home.file_start, first) - first, min(home.file_end, last) - first)
    mark = Span(place.start - first, place.end - first) if quoted else Span(0, 0)
    text = join(
        [
            tag("p", f"{first:,} characters before this are not shown.", class_="notice") if first else None,
            marked_text(page[first:last], Marked(around, mark)),
            tag("p", f"{len(page) - last:,} characters after this are not shown.", class_="notice")
            if last < len(page)
            else None,
        ]
    )
    what = "characters" if quoted else "the post is at characters"
    shown = "Saved page" if place.format == "text" else "Saved page, as it is written in the file"
    facts = [shown, place.record, f"{what} {place.start:,}–{place.end:,} of {len(page):,}"]
    return tag(
        "div",
        _head(
            place.file,
            facts,
            tag("p", tag("a", "Back to the post", href=ref.at(None).href, class_="cite-link"), class_="source-back"),
            _places(post, ref),
        ),
        _scroll("Text of the page", text),
        class_="source source-page",
        data_ref=str(ref),
        data_cite=_citation(post),
    )


def _holds(page: str, post: Post, ref: Ref, place: Location) -> bool:
    if not 0 <= place.start <= place.end <= len(page):
        return False
    if ref.end <= ref.start:
        return True
    expected = post.text[ref.start : ref.end] if place.text is None else place.text
    return page[place.start : place.end] == expected


def _contains(copy: Copy, place: Location) -> bool:
    return copy.file == place.file and copy.file_start <= place.start and place.end <= copy.file_end


def _head(title: str, facts: Iterable[str | None], *rest: Markup | None) -> Markup:
    return tag(
        "div",
        tag(
            "div",
            tag("button", "Back", type="button", class_="quiet source-close", data_close=True, aria_label="Back"),
            tag("span", class_="source-walk", aria_live="polite"),
            class_="source-tools",
        ),
        tag("h2", title, tabindex="-1", id="source-title", dir="auto"),
        tag("p", join([fact for fact in facts if fact], " · "), class_="source-facts"),
        tag("div", *rest, class_="source-more"),
        class_="source-head",
    )


def _scroll(label: str, text: Markup) -> Markup:
    return tag(
        "div",
        tag("div", text, class_="source-text", dir="auto"),
        class_="source-scroll",
        tabindex=0,
        role="region",
        aria_label=label,
    )


def _places(post: Post, ref: Ref) -> Markup:
    """The fold that lists every page with the words, and those with different words in their place."""
    quoted = ref.end > ref.start
    places = locate(post, ref.start, ref.end) if quoted else post.locations()
    rows = []
    for order, place in enumerate(places):
        here = ref.copy == order
        note = f"characters {place.start:,}–{place.end:,}"
        if place.record is not None:
            note = f"{place.record}, {note}"
        if place.text is not None:
            note += ", with other spacing or mark-up"
        rows.append(
            tag(
                "li",
                tag(
                    "a", place.file, href=ref.at(order).href, class_="cite-link", aria_current="true" if here else None
                ),
                tag("span", note, class_="faint"),
            )
        )
    if quoted:
        rows.extend(_other_words(post, ref, places))
    label = f"Where: {amount(len({place.file for place in places}), 'saved page')}"
    if len(rows) > len(places):
        label += ", with different words on " + (
            "one more" if len(rows) - len(places) == 1 else f"{len(rows) - len(places)} more"
        )
    return tag("details", tag("summary", label), tag("ul", *rows), class_="places", open=ref.copy is not None)


def _other_words(post: Post, ref: Ref, places: tuple[Location, ...]) -> list[Markup]:
    """Copies of the post without the exact quote, each with its own words."""
    rows = []
    for order, copy in enumerate(post.copies):
        if any(_contains(copy, place) for place in places):
            continue
        pieces = [piece for piece in copy.pieces if piece.end > ref.start and piece.start < ref.end]
        changed = [piece for piece in pieces if piece.text is not None]
        if copy.format == "text":
            removed = " … ".join(post.text[piece.start : piece.end] for piece in changed)
            added = " … ".join(piece.text or "" for piece in changed)
        else:  # most differences are mark-up, so the words are compared without it
            there = "".join(post.text[p.start : p.end] if p.text is None else p.text for p in pieces)
            removed = fold_white(post.text[pieces[0].start : pieces[-1].end]) if pieces else ""
            added = fold_white(plain_text(there, copy.format))
        rows.append(
            tag(
                "li",
                tag("a", copy.file, href=Ref(post.post_id, copy=order).href, class_="cite-link"),
                tag("span", "different words at this place: ", class_="faint"),
                word_changes(removed, added),
            )
        )
    return rows


def _variants(post: Post) -> Markup | None:
    """Other posts that are nearly the same, with a number, date or negation changed."""
    if not post.variants:
        return None
    rows = [
        tag(
            "li",
            tag("a", "Open the other version", href=Ref(variant.post_id).href, class_="cite-link"),
            tag("span", "here → there: ", class_="faint"),
            word_changes(variant.removed, variant.added),
        )
        for variant in post.variants
    ]
    label = "A version that differs" if len(rows) == 1 else f"{len(rows)} versions that differ"
    return tag("details", tag("summary", label), tag("ul", *rows), class_="places variants", open=True)
