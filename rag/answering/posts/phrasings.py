"""Questions about posts in other words than the forms have: "Where is X mentioned?" is "Which posts mention X?"."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from rag.answering.posts.forms import HEAP, NEWEST, NUMBER, OLDEST, POSTS, PUBLISHED

__all__ = ["usual_phrasing"]

# what a post may be about: no clause, which an ordinary question asks for
_THING = r"(?P<x>(?!(?:how|why|what|when|where|who|which|whether|that|if|it|this|them|him|her|me)\b)[^?]{1,120}?)"
_OTHER_THING = _THING.replace("?P<x>", "?P<x2>")
_SHOW = r"(?:(?:please\s+)?(?:list|show|give|name|find|open|read)(?:\s+me)?\s+)"
_HERE = rf"(?:\s+(?:anywhere|at\s+all|here|in\s+(?:any\s+of\s+)?{HEAP}))?"
_SPEAKER = rf"(?:they|you|we|{HEAP})"
_FIRST = rf"{NEWEST}|{OLDEST}"
# before "posts" these say which of them, not what they are about
_NO_SUBJECT = (
    r"recent|new|old|longest|shortest|biggest|largest|smallest|undated|anonymous|unsigned|other|same|best|worst|most|whole|full"
    r"|your|my|our|these|those|posts?|all|any|some|every|each|related|similar|titles?|blog|next|previous"
)
# "the Monday Notes posts"
_QUALITY = (
    r"(?:(?!(?:of|in|from|by|to|for|with|about|mentioning|regarding|the|an?|this|that|your|posts?|articles?|titles?)\b)"
    r"[\w.'’&-]++\s+){1,5}"
)
# other names for a post, as people call what they have saved
_NOUNS = r"(?:pages?|documents?|files?|texts?|letters?|e-?mails?|mails?|newsletters?|memos?)"
# what a person keeps are notes; "post-it notes" and "notes of music" are in no form
_NOTE = re.compile(r"(?<![\w-])note(?=s?\b)", re.IGNORECASE)
_AS_POSTS = re.compile(
    rf"^(?P<asks>\W*(?:(?:please\s+)?(?:list|show|find|open|read|give)(?:\s+(?:me|us))?\s+|(?:which|what|how\s+many|any|is\s+there|are\s+there"
    rf"|do\s+(?:you|we|i)\s+have)\s+)?(?:(?:any|all|every|an?|the|my|our|your|these|of)\s+){{0,3}}(?:(?:{_FIRST}|longest|shortest)\s+)?)"
    rf"{_NOUNS}(?=\s+(?:(?:that|which|are|is|were|was|do)\s+){{0,2}}(?:about|on|regarding|mention(?:s|ing)?|i\s+wrote|wrote|written|there|undated|without|from\s+\S*\d)\b)",
    re.IGNORECASE,
)
_ALL_OF_THEM = re.compile(
    rf"^\W*(?:(?:please\s+)?(?:list|show|give)(?:\s+(?:me|us))?\s+)?(?:all(?:\s+of)?(?:\s+(?:the|my|our|your|these))?|my|our|your)\s+"
    rf"(?:{_NOUNS}|posts)[\s?.!]*$",
    re.IGNORECASE,
)
_OWN = re.compile(rf"\b(?:my|our)\s+(?={POSTS}\b)", re.IGNORECASE)
# each with the usual form, in which {x} is the thing
_FORM_TEXTS: tuple[tuple[str, str], ...] = (
    (
        (
            rf"(?:what|which)\s+{POSTS}\s+(?:are\s+|is\s+)?(?:talks?|speaks?|writes?)?\s*(?:about|on"
            rf"|mentions?)\s+{_THING}\s+(?:the\s+)?most(?:\s+often)?"
        ),
        "which posts are about {x}",
    ),
    (
        rf"what\s+are\s+(?:the\s+)?{POSTS}\s+(?:about|on)\s+{_THING}\s+(?:called|titled|named)",
        "which posts are about {x}",
    ),
    (
        (
            rf"(?:{_SHOW}|what\s+are\s+)?(?:the\s+)?titles\s+(?:of\s+(?:all\s+)?(?:the\s+)?{POSTS}\s+)?"
            rf"(?:about|on)\s+{_THING}"
        ),
        "which posts are about {x}",
    ),
    (
        (
            rf"(?:what|which)\s+{POSTS}\s+(?:should|can|could)\s+(?:i|we)\s+read\s+(?:about|on|for)\s+{_THING}"
            rf"|(?:what\s+should|where\s+(?:can|could|do))\s+(?:i|we)\s+(?:read|find)\s+(?:\w+\s+)?(?:about"
            rf"|on)\s+{_OTHER_THING}"
        ),
        "which posts are about {x}",
    ),
    (
        rf"(?:what|which)\s+{POSTS}\s+(?:explains?|describes?|introduces?|treats?)\s+{_THING}",
        "which posts are about {x}",
    ),
    (
        rf"(?:please\s+)?(?:open|read)(?:\s+me)?\s+(?:the\s+)?{POSTS}\s+(?:about|on)\s+{_THING}",
        "which posts are about {x}",
    ),
    (
        (
            rf"how\s+many\s+{POSTS}\s+(?:do\s+(?:you|we)\s+have|have\s+you(?:\s+got)?|can\s+you\s+find)\s+"
            rf"(?:about|on)\s+{_THING}"
            rf"|(?:what\s+is\s+)?(?:the\s+)?number\s+of\s+{POSTS}\s+(?:about|on)"
            rf"\s+{_OTHER_THING}"
        ),
        "how many posts are about {x}",
    ),
    (
        rf"how\s+many\s+{POSTS}\s+did\s+{_SPEAKER}\s+(?:write|publish|post)(?P<x>\b.*?)",
        "how many posts were published{x}",
    ),
    (
        (
            rf"what\s+(?:did|has|have)\s+{_SPEAKER}\s+(?:write|publish|post|written|published|posted)(?P<x>"
            rf"\s+(?:in|on|since|before|after|during|between|last)\b.+?)"
        ),
        "what was posted{x}",
    ),
    (
        (
            r"(?:what(?:['’]s|\s+is|\s+are)\s+)?the\s+latest\s+(?:news\s+|updates?\s+)?(?:on|about)\s+"
            rf"{_THING}"
        ),
        "the latest post about {x}",
    ),
    (
        rf"when\s+(?:was|were)\s+{_THING}\s+last\s+(?:mentioned|discussed|written\s+about)",
        "the latest post that mentions {x}",
    ),
    (
        (
            rf"when\s+did\s+(?:{_SPEAKER}|i|anyone|anybody)\s+last\s+(?:(?:write|talk|speak|blog|post)\s+(?:anything\s+)?about"
            rf"|mention)\s+{_THING}"
        ),
        "the latest post that mentions {x}",
    ),
    (
        (
            rf"(?:did|has|have)\s+(?:{_SPEAKER}|i|anyone|anybody|someone)\s+(?:ever\s+)?(?:(?:wr(?:ite|itten)|blog(?:ged)?"
            rf"|post(?:ed)?)\s+(?:(?:anything|something)\s+)?(?:about|on)|mention(?:ed)?)\s+{_THING}"
        ),
        "which posts are about {x}",
    ),
    (rf"who\s+(?:writes|wrote|blogs|posts)\s+(?:for|on|in|here|{HEAP})(?P<x>)(?:\s+{HEAP})?", "list the authors"),
    (
        (
            r"(?:everything|all(?:\s+that)?|anything)\s+(?:that\s+)?(?P<x>(?-i:[A-Z])[\w.'’-]+(?:"
            r"\s+[\w.'’-]+){0,3})\s+(?:has\s+)?(?:wrote|written|posted|published)"
        ),
        "which posts did {x} write",
    ),
    (
        (
            r"what\s+(?:has|did|does)\s+(?P<x>(?-i:[A-Z])[\w.'’-]+(?:\s+[\w.'’-]+){0,3}?)\s+(?:mostly\s+|usually\s+)?"
            r"(?:written|posted|published|blogged|(?:write|post|blog)(?=\s+(?:about|on)\b))(?:\s+(?:about|on))?"
        ),
        "which posts did {x} write",
    ),
    (rf"(?:is|are|was|were)\s+{_THING}\s+(?:ever\s+)?mentioned{_HERE}", "which posts mention {x}"),
    (
        rf"where\s+(?:is|are|was|were)\s+{_THING}\s+(?:mentioned|discussed|named|written\s+about){_HERE}",
        "which posts mention {x}",
    ),
    (
        (
            rf"(?:where|in\s+(?:which|what)\s+{POSTS})\s+(?:do|does|did)\s+{_THING}\s+(?:appear|occur|come"
            rf"\s+up|show\s+up|get\s+mentioned){_HERE}"
        ),
        "which posts mention {x}",
    ),
    (
        (
            rf"(?:{_SHOW})?(?:all|every|any)\s+(?:the\s+)?(?:mentions?|occurrences?|references?)\s+(?:of"
            rf"|to)\s+{_THING}"
        ),
        "which posts mention {x}",
    ),
    (
        (
            rf"(?:(?:have\s+you(?:\s+got)?|got|do\s+(?:you|we)\s+know)\s+(?:anything|something)|what\s+(?:do"
            rf"|have)\s+(?:you|we)\s+(?:have|got))"
            rf"\s+(?:about|on)\s+{_THING}"
        ),
        "is there anything about {x}",
    ),
    (
        (
            rf"(?:(?:please\s+)?(?:(?:summari[sz]e|sum\s+up)|(?:give\s+(?:me\s+)?)?(?:an?\s+|the\s+)?(?:short\s+|brief\s+|quick\s+)?"
            rf"(?:summary|overview)\s+of))\s+(?:everything|it\s+all|all(?:\s+of)?\s+(?:it|this|them|{POSTS})|{HEAP})(?P<x>)"
        ),
        "what is this blog about",
    ),
    (
        (
            rf"(?:(?:please\s+)?(?:give|show|write)(?:\s+me)?\s+)?(?:an?\s+|the\s+|some\s+|{NUMBER}\s+)?(?:short\s+|brief\s+"
            rf"|quick\s+)?(?:summary|overview|bullet\s+points|gist|tl\W?dr|key\s+points"
            rf"|main\s+points|takeaways|key\s+takeaways)\s+(?:of|for|from|on|about)\s+(?:the\s+)?(?:{POSTS}\s+"
            rf"(?:about\s+|on\s+|called\s+)?)?{_THING}(?:\s+{POSTS})?"
        ),
        "summarize {x}",
    ),
    (
        (
            rf"what\s+(?:topics|subjects|themes)\s+(?:do|does)\s+{_SPEAKER}\s+(?:cover|have|treat"
            rf"|discuss)(?P<x>)"
            rf"|what\s+are\s+the\s+(?:main\s+|most\s+common\s+|usual\s+)?(?:topics|themes|subjects)(?:\s+"
            rf"(?:here|covered|discussed|(?:of|in)\s+{HEAP}))?"
            rf"|(?:what|which)\s+(?:time\s+span|time|period|dates|years|time\s+period)\s+(?:do|does)"
            rf"\s+{HEAP}\s+cover"
            rf"|what\s+do\s+you\s+(?:cover|know|have)|how\s+old\s+are\s+{HEAP}"
        ),
        "what is this blog about",
    ),
    (rf"how\s+(?:big|large)\s+is\s+{HEAP}(?P<x>)", "how many posts are there"),
    (
        rf"(?:summari[sz]e|sum\s+up)\s+(?:the\s+)?(?P<x>(?:{_FIRST})\s+{NUMBER}\s+{POSTS}|{NUMBER}\s+(?:{_FIRST})\s+{POSTS})",
        "what are the {x}",
    ),
    (
        (
            rf"(?:(?:please\s+)?(?:open|read|quote|show)(?:\s+(?:me|us))?|(?:what|which)\s+(?:is|was|are|were))\s+(?:the\s+)?"
            rf"(?:very\s+)?(?P<x>(?:{_FIRST})\s+{POSTS}|{NUMBER}\s+(?:{_FIRST})\s+{POSTS})(?:\s+ever)?(?:\s+{PUBLISHED})?"
            rf"(?:\s+(?:here|there|on\s+here|(?:in|on|of)\s+{HEAP}))?"
        ),
        "what is the {x}",
    ),
    (
        (
            r"(?:(?:(?:do|have)\s+(?:you|we|i)\s+(?:have|got)|is\s+there|list|show|find|give)(?:\s+me)?\s+)?"
            rf"(?:anything|something|everything|all)\s+from\s+{_THING}"
        ),
        "which posts are from {x}",
    ),
    (
        (
            rf"(?:did|has|have)\s+(?P<x>(?-i:[A-Z])[\w.'’-]+(?:\s+[\w.'’-]+){{0,3}})\s+(?:ever\s+)?(?:write|written|post|posted"
            rf"|publish|published|blog)\s+(?:anything|something|any\s+{POSTS}|an?\s+{POSTS})(?:\s+here)?"
        ),
        "which posts are by {x}",
    ),
    (
        rf"{_SHOW}(?:all\s+)?(?:of\s+)?(?:the\s+)?(?!(?:{_FIRST}|{NUMBER}|{_NO_SUBJECT})\b)(?P<x>{_QUALITY}){POSTS}",
        "which posts are about {x}",
    ),
    (
        (
            rf"(?:(?:which|what)\s+)?{POSTS}\s+(?:(?:that\s+are\s+)?not\s+(?:about|on|mentioning)|without)"
            rf"\s+{_THING}"
        ),
        "which posts do not mention {x}",
    ),
)
# each of the forms has one of these words
_SIGN = re.compile(
    r"post|articl|entr|blog|essay|write|wrote|written|titles|\bread\b|\bfind\b|\blook\b|latest|mention|discuss|cover|named|appear"
    r"|occur|come\s+up|show\s+up|referenc|\byou\b|\bwe\b|\bgot\b|summary|overview|gist|tl\W?dr|points|takeaways|topics|themes|subjects|collection|thing|\ball\b"
    r"|index|archive|heap",
    re.IGNORECASE,
)


@cache
def _forms() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(rf"^\W*(?:{form})[\s?.!]*+$", re.IGNORECASE), usual) for form, usual in _FORM_TEXTS)


@lru_cache(maxsize=64)  # of each question several times
def usual_phrasing(question: str) -> str:
    """A question about posts in the words that the forms have; any other question as it is.

    >>> usual_phrasing("Where is Drupal mentioned?"), usual_phrasing("Where is the mill?")
    ('which posts mention Drupal', 'Where is the mill?')
    """
    question = _NOTE.sub("post", question)
    if _ALL_OF_THEM.match(question) is not None:
        return "list all posts"
    question = _OWN.sub("the ", _AS_POSTS.sub(r"\g<asks>posts", question, count=1))
    if _SIGN.search(question) is None:
        return question
    for form, usual in _forms():
        if (found := form.match(question)) is not None:
            groups = found.groupdict()
            return usual.format(x=(groups.get("x") or groups.get("x2") or "").rstrip())
    return question
