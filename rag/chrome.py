"""Lines that blog software and page savers put around and into posts: never part of an answer."""

from __future__ import annotations

import re

__all__ = ["is_caption", "is_chrome", "is_image_name"]

_WORDS_ALONE = re.compile(
    r"(?:share(?: this(?: post)?)?|tweet|pin it|email|e-mail|print|like(?: this)?|like loading\W*|loading\W*|related|"
    r"advertise?ments?|report this ad|sponsored|reblog|permalink|bookmark the permalink|edit|comments?|reply|"
    r"leave a (?:comment|reply)|no (?:comments|responses)|\d+ (?:comments?|responses?|replies|notes|likes|views)|"
    r"comments (?:off|closed|are (?:off|closed))(?: on .*)?|(?:read|see|view|show|load) (?:more|the rest.*|all.*|full.*)|"
    r"continue(?: reading.*)?|(?:full|keep) (?:story|reading|post)|more|"
    r"(?:older|newer|previous|next|earlier|later)(?: (?:posts?|entries|articles?|page|stories))?|"
    r"home|menu|search|skip to (?:main )?content|subscribe|follow|about|contact|archives?|top|back to top|"
    r"facebook|twitter|linkedin|google\+?|pinterest|reddit|tumblr|whatsapp|telegram|instagram|youtube|rss|"
    r"page \d+(?: of \d+)?|(?:posts )?(?:navigation|pagination)|toggle navigation|sign in|log in|newsletter)",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"(?:filed (?:under|in)|posted (?:in|by|under|at)|tagged(?: with| as)?|tags?|categor(?:y|ies)|labels?|"
    r"topics?|permalink|trackback|share (?:this|on|via|to)|read time|reading time)\s*[:|–-].*|"
    r"(?:filed under|posted in|tagged(?: with| as)?|share on|share this(?: on| via)?)\s.*|posted by .* (?:at|on) .*",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"\W{0,2}(?:(?:image|images|photo|photos|photograph|picture|pic|illustration|graphic|screenshot|screen ?shot|video|"
    r"cartoon|artwork|credit|header image|cover image|featured image)(?: (?:credits?|source|courtesy(?: of)?|copyright))?"
    r"\s*(?:via|by|from|of|:|courtesy|©|\().*|(?:image|photo|picture)s? via|source\s*:.*|©.*|via\s+\S+(?:\s\S+){0,3})",
    re.IGNORECASE,
)
_IMAGE_FILE = re.compile(r"[\w%+ ().-]+\.(?:jpe?g|png|gif|webp|svg|bmp|tiff?|avif)", re.IGNORECASE)
_JOINED = re.compile(r"(?=\S*[_-])(?=\S*[a-z])[\w]+(?:[_-]+[\w]+)+", re.IGNORECASE)
_ARROWS = re.compile(r"[\s«»‹›←→↑↓<>|·•*#_=~—–-]+")

MAX_CREDIT_WORDS = 14  # the longest credit line on the pages looked at has 12; a sentence "Image of ..." has more


def is_chrome(line: str) -> bool:
    """A share button, an advertisement mark, a pager, a category line, a rule of dashes."""
    bare = _ARROWS.sub(" ", line).strip(" .…!:")
    return not bare or bool(_WORDS_ALONE.fullmatch(bare)) or (len(line) < 200 and bool(_LABELLED.fullmatch(line)))  # noqa: PLR2004 - a line of categories, not a paragraph


def is_caption(line: str) -> bool:
    """A picture's credit or its file name."""
    words = len(line.split())
    return is_image_name(line) or (
        words <= MAX_CREDIT_WORDS and bool(_CREDIT.fullmatch(line)) and line[-1:] not in ".!?"
    )


def is_image_name(line: str) -> bool:
    """The name of a picture's file, with or without its ending.

    >>> is_image_name("sunset_over_the_bay"), is_image_name("Sunset over the bay")
    (True, False)
    """
    if _IMAGE_FILE.fullmatch(line):
        return True
    # two joints or a digit: a hyphenated word standing alone (a title such as "Co-production") is no file name
    joints = line.count("_") * 2 + line.count("-")
    return bool(_JOINED.fullmatch(line)) and (joints > 1 or any(character.isdigit() for character in line))
