"""Recognises saved pages without a post: errors, waiting rooms, log-in forms, consent dialogs, lists of bookmarks.

Such a page says so in its title or heading and has little other text. A post about such pages is longer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from rag.records import Page

__all__ = ["frame_of", "is_frameset", "junk_reason", "pages_with_frames"]

MAX_JUNK_WORDS = 150  # the longest error page seen has 90
MAX_CONSENT_WORDS = 600
MIN_CONSENT_SHARE = 0.03  # share of its words about consent; posts about cookies have fewer

_BOOKMARKS = re.compile(r"\s*<!DOCTYPE NETSCAPE-Bookmark-file", re.IGNORECASE)
_FRAME_FOLDER = re.compile(r"(?P<page>.+?)(?:_files|\.files|_Files|_bestanden|-Dateien|_fichiers|_archivos)/")
_FRAMESET = re.compile(r"<frameset[\s>]", re.IGNORECASE)

# kinds of page: patterns of their titles, and words that their text must also have
_KINDS: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...] = (
    (
        "it is an error page, not a post",
        re.compile(
            r"""\berror:?\s\d\d\d\b|^(?:http\s)?(?:40[0-9]|410|429|50[0-9]|52[0-9])\b(?!\s\w+\s\w+\s\w+)
            |\bnot\sfound\b
            |\bno\slonger\s(?:exists|available)\b
            |(?:can(?:'|’)?t|cannot|could\snot|couldn(?:'|’)t)\s(?:be\s)?(?:found|find|reached?|displayed?|opened?|open)\b
            |\bforbidden\b|\baccess\sdenied\b|\bbad\sgateway\b|\bunavailable\b|\b(?:server|database|application)\serror\b
            |\btoo\smany\srequests\b|\bsomething\swent\swrong\b|\boops\b|\bdoes(?:n(?:'|’)t|\snot)\sexist\b""",
            re.IGNORECASE | re.VERBOSE,
        ),
        re.compile(
            r"\b(?:page|address|url|link|sorry|server|request(?:ed)?|permission|moved|deleted|removed|exists?"
            r"|try again|search|home\s?page|database|connection)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "it is a waiting or robot-check page, not a post",
        re.compile(
            r"""\bjust\sa\s(?:moment|second|minute)\b|\bone\smoment\b|\bplease\s(?:wait|hold)\b|\battention\srequired\b
            |\bcheck(?:ing)?\s(?:your|the)\s(?:browser|connection)\b|\bverif(?:y|ying|ication)\b.{0,40}\b(?:human|robot|person|you)\b
            |\bare\syou\s(?:a\s)?(?:robot|human)\b|\bcaptcha\b|\bsecurity\s(?:check|verification)\b|\bddos\b|\bredirecting\b
            |\bunusual\straffic\b|\bhuman\sverification\b|\bloading\b""",
            re.IGNORECASE | re.VERBOSE,
        ),
        re.compile(
            r"\b(?:browser|java\s?script|cookies|verif\w+|human|robot|security|traffic|redirect\w*|captcha|seconds|wait)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "it is a log-in page, not a post",
        re.compile(
            r"^(?:please\s)?(?:log|sign)[\s-]?(?:in|on|up)\b.{0,40}$|^(?:register|create\s(?:an|your)\saccount|members?\sonly)\b.{0,30}$"
            r"|^authentication\srequired$",
            re.IGNORECASE,
        ),
        re.compile(r"\b(?:password|account|e-?mail|user\s?name|log|sign|member)\w*\b", re.IGNORECASE),
    ),
    (
        "it only asks readers to turn on JavaScript and is not a post",
        re.compile(r"\bjava\s?script\b", re.IGNORECASE),
        re.compile(r"\b(?:enable|disabled|switch|turn|requires?|needs?|support)\w*\b", re.IGNORECASE),
    ),
)
_CONSENT_TITLE = re.compile(
    r"\bbefore\syou\scontinue\b|\bprivacy\b|\bcookies?\b|\bconsent\b|\bwe\s(?:value|care|respect)\b|\byour\s(?:choice|data)\b",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"\b(?:cookies?|consent|partners|personal(?:ised|ized)?|advertis\w+|purposes|preferences|accept|reject|vendors)\b",
    re.IGNORECASE,
)
_CONSENT_BUTTON = re.compile(r"\b(?:accept|reject|agree|allow|manage|consent to)\b", re.IGNORECASE)


def junk_reason(source: str, title: str | None, text: str) -> str | None:
    """The reason, in words for a person, why a page with this title and text is not a post; None if it may be one."""
    if _BOOKMARKS.match(source):
        return "it is a list of bookmarks, not a post; save the pages themselves to index them"
    words = text.split()
    names = [line for line in (title or "", *text.splitlines()[:1]) if line]
    if len(words) <= MAX_JUNK_WORDS:
        for reason, called, borne_out in _KINDS:
            if any(called.search(name) for name in names) and borne_out.search(f"{title or ''} {text}"):
                return reason
    if len(words) <= MAX_CONSENT_WORDS and any(_CONSENT_TITLE.search(name) for name in names):
        share = len(_CONSENT.findall(text)) / max(len(words), 1)
        if share >= MIN_CONSENT_SHARE and _CONSENT_BUTTON.search(text):
            return "it is a cookie notice, not a post"
    return None


def is_frameset(source: str) -> bool:
    """Whether a page only splits the window into frames that contain the text."""
    return _FRAMESET.search(source) is not None


def frame_of(file: str, files: Collection[str]) -> str | None:
    """The page that was saved together with this file, in its folder of pictures and frames, if it is in ``files``."""
    return next((name for name in _wholes(file) if name in files), None)


def pages_with_frames(pages: Iterable[Page]) -> set[str]:
    """The names of the pages that others may be frames of; iterates over the pages twice.

    A page of nothing but frames does not count, because its text is in the frames.
    """
    wanted = {name for page in pages for name in _wholes(page.file)}
    return {page.file for page in pages if page.file in wanted and not is_frameset(page.text)} if wanted else wanted


def _wholes(file: str) -> list[str]:
    """The possible names of the page that a file was saved with, if it is in such a folder."""
    folder = _FRAME_FOLDER.match(file)
    return [] if folder is None else [folder["page"] + ending for ending in (".html", ".htm", ".xhtml")]
