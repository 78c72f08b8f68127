"""The same made-up posts in every supported form, with characters that each form escapes, and non-ASCII letters."""

from __future__ import annotations

import csv
import gzip
import io
import json
import plistlib
import quopri
import re
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


def _mail(post: _Post) -> bytes:
    title, date, _ = post
    head = f"From: Ann Lock <ann@example.org>\r\nTo: me@example.org\r\nSubject: {title}\r\nDate: {date}T10:00:00Z\r\n"
    kind = (
        "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    )
    unseen = '<div style="display:none">Seen in the list of mails alone.</div><p><a href=x>View in browser</a></p>'
    last = "<p>You receive this mail because you asked for it. <a href=x>Unsubscribe</a></p>"
    page = f"<html><body>{unseen}<h1>{escape(title)}</h1>{_html(post[2])}{last}</body></html>"
    return (head + kind + "\r\n").encode() + quopri.encodestring(page.encode())


def _mailbox() -> bytes:
    return b"".join(b"From ann@example.org Tue May  4 10:00:00 2021\r\n" + _mail(post) + b"\r\n\r\n" for post in POSTS)


def _note(post: _Post) -> str:
    """Emphasis, a link, an escape for each special character of Markdown, and a line end in mid-sentence."""
    title, date, paragraphs = post
    marked = (
        re.sub(r"([\\`*_\[\]<>#])", r"\\\1", text)
        .replace(" the ", " **the** ", 1)
        .replace(" and ", " [and](http://x.org 'y')\n", 1)
        for text in paragraphs
    )
    text = "\n\n".join(marked)
    return f"+++\ntitle = {json.dumps(title)}\npubDate = {date}\n+++\n\n{text}\n\n![A picture](x.png)\n\n<!-- a comment -->\n"


def _restructured(post: _Post) -> str:
    title, date, paragraphs = post
    text = "\n\n".join(text.replace(" the ", " *the* ", 1) for text in paragraphs)
    return f"{title}\n{'=' * len(title)}\n\n:date: {date}\n\n.. image:: x.png\n\n{text}\n"


def _zip_of(files: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data, zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _docx(post: _Post) -> bytes:
    title, date, paragraphs = post
    runs = (
        escape(text, quote=False).replace(" the ", '</w:t></w:r><w:r><w:t xml:space="preserve"> the ', 1)
        for text in paragraphs
    )
    body = "".join(f'<w:p><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>' for text in runs)
    first = f'<w:p><w:pPr><w:pStyle w:val="Title"/></w:pPr><w:r><w:t>{title}</w:t></w:r></w:p>'
    core = f"<cp:coreProperties><dcterms:created>{date}T10:00:00Z</dcterms:created></cp:coreProperties>"
    document = f'<?xml version="1.0"?><w:document xmlns:w="w"><w:body>{first}{body}</w:body></w:document>'
    return _zip_of({"[Content_Types].xml": "<Types/>", "word/document.xml": document, "docProps/core.xml": core})


def _odt(post: _Post) -> bytes:
    title, date, paragraphs = post
    spans = (escape(text, quote=False).replace(" the ", " <text:span>the</text:span> ", 1) for text in paragraphs)
    body = "".join(f"<text:p>{text}</text:p>" for text in spans)
    head = f'<text:h text:outline-level="1">{title}</text:h>'
    content = f"<office:document-content><office:body><office:text>{head}{body}</office:text></office:body></office:document-content>"
    meta = f"<office:meta><meta:creation-date>{date}T10:00:00</meta:creation-date></office:meta>"
    kind = "application/vnd.oasis.opendocument.text"
    return _zip_of({"mimetype": kind, "content.xml": content, "meta.xml": meta})


def _book(post: _Post) -> bytes:
    title, date, paragraphs = post
    package = (
        f"<package><metadata><dc:creator>Ann</dc:creator><dc:date>{date}</dc:date></metadata><manifest>"
        '<item id="n" href="nav.xhtml" properties="nav"/><item id="c" href="text/c%201.xhtml"/></manifest>'
        '<spine><itemref idref="n"/><itemref idref="c"/></spine></package>'
    )
    chapter = f'<?xml version="1.0"?><html><head><title>x</title></head><body><h1>{title}</h1>{_html(paragraphs)}</body></html>'
    files = {"mimetype": "application/epub+zip", "OEBPS/b.opf": package, "OEBPS/nav.xhtml": "<html><body>Contents"}
    return _zip_of({**files, "OEBPS/text/c 1.xhtml": chapter})


def _notebook() -> str:
    notes = (
        f"<note><title>{escape(title)}</title><content>{_section(f'<en-note>{_html(text)}</en-note>')}</content>"
        f"<created>{date.replace('-', '')}T100000Z</created></note>"
        for title, date, text in POSTS
    )
    return f"<?xml version='1.0'?><en-export>{''.join(notes)}</en-export>"


def _labelled() -> str:
    posts = (
        f"AUTHOR: Ann\nTITLE: {title}\nSTATUS: Publish\n\nDATE: {date[5:7]}/{date[8:]}/{date[:4]} 04:01:17 PM\n-----\nBODY:\n"
        f"{_html(text[:1])}\n-----\nEXTENDED BODY:\n{_html(text[1:])}\n-----\nCOMMENT:\nAUTHOR: Pat\nNo.\n-----\n\n--------\n"
        for title, date, text in POSTS
    )
    return "".join(posts)


def _platform() -> str:
    rows = [
        {"title": title, "html": _html(text), "status": "published", "published_at": f"{date}T10:00:00.000Z"}
        for title, date, text in POSTS
    ]
    return json.dumps(
        {"db": [{"meta": {"version": "5"}, "data": {"posts": rows, "users": [{"name": "Ann"}]}}]}, indent=1
    )


def _json_feed() -> str:
    items = [
        {"id": title, "title": title, "content_html": _html(text), "date_published": date}
        for title, date, text in POSTS
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": items})


def _crawl() -> bytes:
    records = []
    for number, post in enumerate(POSTS):
        page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + _page(post).encode()
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{number}>\r\nWARC-Date: 2021-05-04T10:00:00Z\r\n"
            f"WARC-Target-URI: http://x.org/{number}/\r\nContent-Type: application/http; msgtype=response\r\n"
            f"Content-Length: {len(page)}\r\n\r\n"
        )
        records.append(head.encode() + page + b"\r\n\r\n")
    return b"".join(records)


def _browser_archive(post: _Post) -> bytes:
    resource = {
        "WebResourceData": _page(post).encode(),
        "WebResourceMIMEType": "text/html",
        "WebResourceTextEncodingName": "UTF-8",
    }
    return plistlib.dumps({"WebMainResource": resource}, fmt=plistlib.FMT_BINARY)


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
        "zip-in-zip": {"export.zip": _zip_of({"Export-1.zip": _archive(), "about.opml": "<opml/>"})},
        "gzip": {
            name: gzip.compress(data, mtime=0) for name, data in _each(".html.gz", tuple(map(_page, POSTS))).items()
        },
        "notes": _each(".mdx", tuple(map(_note, POSTS))),
        "rst": _each(".rst", tuple(map(_restructured, POSTS))),
        "mail": _each(".eml", tuple(map(_mail, POSTS))),
        "mailbox": {"Newsletters": _mailbox()},
        "docx": _each(".docx", tuple(map(_docx, POSTS))),
        "odt": _each(".odt", tuple(map(_odt, POSTS))),
        "epub": _each(".epub", tuple(map(_book, POSTS))),
        "evernote": {"notes.enex": _notebook().encode()},
        "movable-type": {"blog.export.txt": _labelled().encode()},
        "json-export": {"blog.json": _platform().encode()},
        "json-feed": {"feed.json": _json_feed().encode()},
        "warc": {"crawl.warc.gz": gzip.compress(_crawl(), mtime=0)},
        "webarchive": _each(".webarchive", tuple(map(_browser_archive, POSTS))),
    }


WAYS = _ways()


def write_all(folder: Path) -> None:
    """Write every form into a folder of its own."""
    for way, files in WAYS.items():
        for name, data in files.items():
            path = folder / way / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
