"""The same made-up posts in every form that is read: signs that each form escapes, and letters of one to four bytes."""

from __future__ import annotations

import csv
import io
import json
import quopri
import zipfile
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["POSTS", "QUESTIONS", "WAYS", "write_all"]

POSTS = (
    (
        "The well at the crossroads",
        "2014-05-03",
        (
            "The well at the crossroads was dug in 1911 by three brothers who had lost their goats to the drought.",
            "It is forty metres deep, and the “village” still drinks from it when the pipes freeze in January.",
            "A bucket & a rope cost 3 crowns – café owners paid half, so the sign said <free for guests>.",
        ),
    ),
    (
        "The mill without a river",
        "2015-06-04",
        (
            "When the river was moved, the mill stood dry, and the miller bought a steam engine from a bankrupt brewery.",
            'The engine was called "Bertha 😀" and ran for thirty years; it burned the hedges of the whole valley.',
            "Its manual ends with the line a[b[0]]> c\\d, which nobody has understood since.",
        ),
    ),
    (
        "Letters from the lighthouse",
        "2016-07-05",
        (
            "The lighthouse keeper wrote 412 letters to a weaver in Göteborg and posted none of them.",
            "They were found in a herring barrel when the lamp was changed for an electric one in 1954.",
        ),
    ),
)

QUESTIONS = (
    ("Who dug the well at the crossroads?", "three brothers"),
    ("How deep is the well?", "forty metres"),
    ("What did a bucket and a rope cost?", "3 crowns"),
    ("What did the miller buy?", "steam engine"),
    ("What was the engine called?", "Bertha"),
    ("How does the manual end?", "a[b[0]]>"),
    ("How many letters did the lighthouse keeper write?", "412"),
    ("Where were the letters found?", "herring barrel"),
)

_Post = tuple[str, str, tuple[str, ...]]
_SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:wp="http://wordpress.org/export/1.2/"'
)
_KIND = (
    '<category scheme="http://schemas.google.com/g/2005#kind" term="http://schemas.google.com/blogger/2008/kind#%s"/>'
)


def _html(paragraphs: tuple[str, ...]) -> str:
    marked = (escape(text).replace("–", "&ndash;").replace(" the ", " <em>the</em> ", 1) for text in paragraphs)
    return "\n".join(f'<p class="a>b">{text}</p>' for text in marked)


def _page(post: _Post) -> str:
    title, date, paragraphs = post
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{escape(title)}</title></head><body>'
        f"<nav><a href=/>Home</a></nav><article><h1>{escape(title)}</h1><time datetime={date}>{date}</time>"
        f"{_html(paragraphs)}</article><footer>All rights reserved</footer></body></html>"
    )


def _section(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def _rss() -> str:
    items = (
        f"<item><title>{escape(title)}</title><pubDate>{date}</pubDate><description>{escape(_html(text))}</description></item>"
        for title, date, text in POSTS
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>é</title>{"".join(items)}</channel></rss>'


def _wordpress() -> str:
    items = (
        f"<item><title>{_section(title)}</title><content:encoded>{_section(chr(10).join(f'{escape(p)}{chr(10)}' for p in text))}"
        f"</content:encoded><wp:post_date>{date} 10:00:00</wp:post_date><wp:status>publish</wp:status>"
        "<wp:post_type>post</wp:post_type></item>"
        for title, date, text in POSTS
    )
    return f'<?xml version="1.0"?><rss version="2.0" {_SPACES}><channel>{"".join(items)}</channel></rss>'


def _atom() -> str:
    entries = (
        f'<entry><title>{escape(title)}</title><published>{date}T10:00:00Z</published><content type="xhtml">'
        f'<div xmlns="http://www.w3.org/1999/xhtml">{_html(text).replace("&ndash;", "&#8211;").replace("a>b", "x")}</div></content></entry>'
        for title, date, text in POSTS
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{"".join(entries)}</feed>'


def _blogger() -> str:
    entries = (
        f"<entry>{_KIND % 'post'}<title type='text'>{escape(title)}</title><published>{date}T10:00:00Z</published>"
        f"<content type='html'>{escape(_html(text))}</content></entry>"
        for title, date, text in POSTS
    )
    comment = f"<entry>{_KIND % 'comment'}<content type='html'>First!</content></entry>"
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">{"".join(entries)}{comment}</feed>'


def _lines(field: str, *, ascii_only: bool) -> str:
    rows = (
        {"title": title, field: _html(text) if field == "html" else "\n\n".join(text), "date": date}
        for title, date, text in POSTS
    )
    return "".join(json.dumps(row, ensure_ascii=ascii_only) + "\n" for row in rows)


def _table(field: str) -> str:
    out = io.StringIO()
    rows = [(title, _html(text) if field == "html" else "\n\n".join(text), date) for title, date, text in POSTS]
    csv.writer(out).writerows([("title", field, "date"), *rows])
    return out.getvalue()


def _web_archive(post: _Post) -> bytes:
    head = (
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=xyz\r\n\r\n--xyz\r\nContent-Type: text/html\r\n"
    )
    page = quopri.encodestring(_page(post).encode())
    return head.encode() + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + page + b"\r\n--xyz--\r\n"


def _archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, post in enumerate(POSTS):
            archive.writestr(f"saved/{number}.html", _page(post))
    return out.getvalue()


def _each(ending: str, made: tuple[str | bytes, ...]) -> dict[str, bytes]:
    return {f"{n}{ending}": one.encode() if isinstance(one, str) else one for n, one in enumerate(made)}


def _ways() -> dict[str, dict[str, bytes]]:
    texts = tuple(f"{title}\n{date}\n\n" + "\n\n".join(text) + "\n" for title, date, text in POSTS)
    fronted = tuple(f"---\ntitle: {title}\ndate: {date}\n---\n\n" + "\n\n".join(text) for title, date, text in POSTS)
    return {
        "text": _each(".txt", texts),
        "utf-16": {name: data.decode().encode("utf-16") for name, data in _each(".txt", texts).items()},
        "markdown": _each(".md", fronted),
        "html": _each(".html", tuple(map(_page, POSTS))),
        "mhtml": _each(".mhtml", tuple(map(_web_archive, POSTS))),
        "rss": {"feed.rss": _rss().encode()},
        "atom": {"feed.xml": _atom().encode()},
        "wordpress": {"blog.wordpress.xml": _wordpress().encode()},
        "blogger": {"feed.atom": _blogger().encode()},
        "jsonl-text": {"posts.jsonl": _lines("text", ascii_only=False).encode()},
        "jsonl-html": {"posts.txt": _lines("html", ascii_only=True).encode()},
        "csv-text": {"posts.csv": _table("text").encode()},
        "csv-html": {"posts.csv": _table("html").encode("utf-8-sig")},
        "zip": {"saved.zip": _archive()},
    }


WAYS = _ways()


def write_all(folder: Path) -> None:
    """Write every form into a folder of its own."""
    for way, files in WAYS.items():
        for name, data in files.items():
            path = folder / way / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
