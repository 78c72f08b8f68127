"""Archive pages put together from given texts in templates drawn by chance, so that where each post begins is known.

A template is what a blog does again and again: where its dates stand, what it writes above and below its posts, how
many posts a page has. None of the names and phrases is taken from a page that quality is measured on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

__all__ = ["MadePage", "Text", "invented", "made_heap"]

_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
_BYLINES = (
    "{month} {day}, {year}",
    "{day} {month} {year}",
    "{year}-{number:02d}-{day:02d}",
    "Posted on {month} {day}, {year} by {author}",
    "{month} {day}, {year} by {author} · {count} Comments",
    "{month} {day}, {year} • {author}",
    "By {author} on {day} {month} {year}",
    "{short} {day}, {year}",
    "{month} {day}, {year}\n{count} min read",
    "{day} {short} {year} in {category}",
)
_FEET = (
    "Share",
    "Filed under: {category}",
    "{count} Comments",
    "Cheers,\n\n{name}",
    "Read more",
    "Tags: {category}, {other}\n\nLeave a comment",
    "— {name}",
    "Advertisement",
    "Posted by {author} at 10:{count:02d} PM",
    "Best,\n\n{name}",
    "{author}",
    "Happy {verb}!",
)
_HEADS = ("{site}", "{site}\n\nA blog about {category}", "Home\n\nAbout\n\nArchive", "{site}\n\nJust another weblog")
_ENDS = ("Older posts »", "← Older Entries\n\nNewer Entries →", "Powered by {site}", "Page 2 of 7", "© 2019 {site}")
_FIRST = ("Intro", "Introduction", "Background", "The news", "What happened", "Overview")
_MIDDLE = ("Results", "Team", "Design", "Highlights", "How it works", "Example")
_LAST = (
    *("Outro", "Conclusion", "Final thoughts", "Closing words", "References", "Credits", "Wrapping up"),
    "More information",
)
_GOODBYES = (
    *("Happy hacking!", "Enjoy!", "Let me know what you think.", "Until next time.", "Thanks for reading!"),
    "Stay tuned.",
)
_CAPTIONS = (
    *("The view from the top", "Our team at work", "figure one", "IMG_2034", "A quick sketch", "Old town", "Lunch"),
    *("The final version", "Screenshot of the dashboard", "Me and Sam", "Photo by Jo", "Image via Flickr", "logo"),
)
_AUTHORS = ("Maria Lopez", "John Smith", "Wei Chen", "Anna K.", "Tom", "Peter van Dyke")
_SITES = ("Notes from the Field", "Random Thoughts", "The Daily Byte", "Code and Coffee")
_CATEGORIES = ("Politics", "Travel", "Emacs", "Design", "Life", "Misc", "Health Care", "Programming")
_VERBS = ("hacking", "reading", "coding")
_POSTS_ON_A_PAGE = (1, 2, 3, 3, 4, 5, 5, 6, 7, 8, 9)
_SYLLABLES = ("ba co di fe gu ha ji ko lu me".split(), "rt sel nda pro ck mer".split())  # noqa: SIM905
_WORDS = [first + second for first in _SYLLABLES[0] for second in _SYLLABLES[1]]


@dataclass(frozen=True, slots=True)
class Text:
    """What a post is made from."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MadePage:
    """A page, and the code points at which the titles of its posts stand."""

    text: str
    titles: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Template:
    """The habits of one blog; an empty string or None is a habit it does not have."""

    byline: str | None
    byline_place: str  # "title", "above", "glued" or "below"
    foot: str
    head: str
    end: str
    gap: int
    bound: bool  # the last two words of a title are held together by a non-breaking space
    captions: float  # share of paragraphs that have a picture's caption before them
    first: str
    middle: str
    last: str
    goodbye: str
    names: dict[str, str]


def invented(rng: random.Random, count: int) -> list[Text]:
    """Texts of made-up words: nothing but their places tells a title from a sub-heading."""
    found = []
    for _ in range(count):
        paragraphs = [
            " ".join(_sentence(rng, rng.randint(8, 16)) + "." for _ in range(rng.randint(2, 4)))
            for _ in range(rng.randint(1, 6))
        ]
        if len(paragraphs) > 3 and rng.random() < 0.4:
            paragraphs.insert(rng.randint(1, len(paragraphs) - 1), _sentence(rng, rng.randint(1, 4)))
        found.append(Text(_sentence(rng, rng.randint(3, 10)), tuple(paragraphs)))
    return found


def made_heap(
    texts: Sequence[Text], rng: random.Random, *, overlap: bool, single: bool, each: int = 0
) -> list[MadePage]:
    """The pages of one blog with these posts.

    ``overlap`` lets posts stand on several pages, ``single`` makes one page, ``each`` is how many posts every page has
    where that is not drawn.
    """
    template = _drawn(rng)
    posts = [_post(text, template, rng) for text in texts]
    usual, constant = each or rng.choice(_POSTS_ON_A_PAGE), each > 0 or rng.random() < 0.6
    pages: list[MadePage] = []
    at = 0
    while at < len(posts) and not (single and pages):
        count = usual if constant else rng.randint(1, 10)
        chosen = posts[at : at + count]
        if overlap:
            chosen = [post for post in chosen if rng.random() > 0.15] or chosen[:1]
        page = _filled(template.head, template)
        titles = []
        for post, title in chosen:
            titles.append(len(page) + title)
            page += post
        pages.append(MadePage(page + _filled(template.end, template), tuple(titles)))
        at += max(1, count - rng.randint(1, max(1, count - 1))) if overlap else count
    return pages


def _drawn(rng: random.Random) -> _Template:
    """A template by chance; the shares are guesses at how common a habit is among blogs."""

    def sometimes(share: float, choices: Sequence[str]) -> str:
        return rng.choice(choices) if rng.random() < share else ""

    place = "title" if rng.random() < 0.1 else "above" if rng.random() < 0.2 else "glued"
    if place == "glued" and rng.random() < 0.7:
        place = "below"
    byline = rng.choice(("{month} {day}", "{month} {day}, {year}")) if place == "title" else sometimes(0.45, _BYLINES)
    author = rng.choice(_AUTHORS)
    return _Template(
        byline=byline or None,
        byline_place=place,
        foot=sometimes(0.45, _FEET),
        head=sometimes(0.5, _HEADS),
        end=sometimes(0.5, _ENDS),
        gap=rng.choice((1, 1, 1, 2)) if rng.random() < 0.8 else 3,
        bound=rng.random() < 0.25,
        captions=rng.uniform(0.05, 0.3) if rng.random() < 0.5 else 0.0,
        first=sometimes(0.2, _FIRST),
        middle=sometimes(0.25, _MIDDLE),
        last=sometimes(0.25, _LAST),
        goodbye=sometimes(0.2, _GOODBYES),
        names={
            "author": author,
            "name": author.split()[0],
            "site": rng.choice(_SITES),
            "category": rng.choice(_CATEGORIES),
            "verb": rng.choice(_VERBS),
        },
    )


def _post(text: Text, template: _Template, rng: random.Random) -> tuple[str, int]:
    """A post as it stands on its pages, and where its title begins in it."""
    month = rng.randrange(12)
    values: dict[str, str | int] = {
        **template.names,
        "category": rng.choice(_CATEGORIES),
        "other": rng.choice(_CATEGORIES),
        "year": rng.randint(2005, 2023),
        "number": month + 1,
        "month": _MONTHS[month],
        "short": _MONTHS[month][:3],
        "day": rng.randint(1, 28),
        "count": rng.randint(2, 9),
    }
    title = text.title
    if template.bound and len(title.split()) > 3:
        title = "\xa0".join(title.rsplit(" ", 1))
    byline = template.byline.format(**values) if template.byline else ""
    above = ""
    if not byline:
        head = title + "\n\n"
    elif template.byline_place == "title":
        head = f"{title} {byline}\n\n"
    elif template.byline_place == "above":
        above, head = byline + "\n\n", title + "\n\n"
    else:
        head = title + ("\n" if template.byline_place == "glued" else "\n\n") + byline + "\n\n"
    body = "".join(paragraph + "\n\n" for paragraph in _paragraphs(text, template, rng))
    foot = template.foot.format(**values) + "\n\n" if template.foot else ""
    return above + head + body + foot + "\n" * (template.gap - 1), len(above)


def _paragraphs(text: Text, template: _Template, rng: random.Random) -> list[str]:
    """The paragraphs with captions, sub-headings and a goodbye among them."""
    found: list[str] = []
    for paragraph in text.paragraphs:
        if rng.random() < template.captions:
            some = rng.choice(text.paragraphs).split()[: rng.randint(2, 7)]
            found.append(rng.choice(_CAPTIONS) if rng.random() < 0.6 else " ".join(some).strip(".,:;"))
        found.append(paragraph)
    if template.goodbye and rng.random() < 0.7:
        found[-1] += " " + template.goodbye
    if template.middle and len(found) > 4 and rng.random() < 0.7:
        found.insert(rng.randint(2, len(found) - 2), template.middle)
    if template.last and len(found) > 2 and rng.random() < 0.8:
        found.insert(len(found) - rng.choice((1, 1, 1, 2)), template.last)
    if template.first and rng.random() < 0.8:
        found.insert(0, template.first)
    return found


def _filled(line: str, template: _Template) -> str:
    return line.format(**template.names) + "\n\n" if line else ""


def _sentence(rng: random.Random, words: int) -> str:
    return " ".join(rng.choice(_WORDS) for _ in range(words)).capitalize()
