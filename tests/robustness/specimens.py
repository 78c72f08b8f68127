"""Small sound pages of every supported kind, the characters with a meaning in them, and pages made to do harm."""

from __future__ import annotations

import base64
import gzip
import io
import json
import plistlib
import struct
import tarfile
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ATTACKS", "PACKED", "SIGNS", "SOUND", "zipped"]

_WELL = (
    "The well at the crossroads was dug in 1911 by three brothers who had lost their goats to the drought.",
    "It is forty metres deep, and the village still drinks from it when the pipes freeze in January.",
)
_MILL = (
    "When the river was moved, the mill stood dry, and the miller bought a steam engine from a bankrupt brewery.",
    "The engine ran for thirty years and “burned” the hedges of the whole valley – café, crème & all.",
)

_TEXT = f"The well\n3 May 2014\n\n{_WELL[0]}\n\n{_WELL[1]}\n\nShare\n\nThe mill\n\n{_MILL[0]}\n\n{_MILL[1]}\n"
_MARKDOWN = (
    f"---\ntitle: The well\ndate: 2014-05-03\n---\n\n{_WELL[0]}\n\n- one\n- two\n\n> {_WELL[1]}\n\n"
    f"```\ncode\n```\n\n# The mill\n\n[{_MILL[0]}](http://example.org/x)\n"
)
_HTML = (
    '<!doctype html><html><head><meta charset="utf-8"><title>The well</title>'
    '<meta property="og:title" content="The well"><script type="application/ld+json">'
    '{"@type":"BlogPosting","headline":"The well","datePublished":"2014-05-03","author":{"name":"Ann"}}</script></head>'
    "<body><nav><ul><li><a href=/>Home</a></li></ul></nav><article><h1>The well</h1><time datetime=2014-05-03>3 May"
    f"</time><p>{_WELL[0]}</p><!-- a note --><p>{_WELL[1]} <b>Fish &amp; chips</b></p><pre>a\n b</pre>"
    f"<table><tr><td>1<td>2</table><ul><li>{_MILL[0]}<li>{_MILL[1]}</ul></article><footer>Share</footer></body></html>"
)
_RSS = (
    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Village</title><item><title>The well</title>'
    "<dc:creator>Ann</dc:creator><pubDate>Sat, 03 May 2014 10:00:00 +0000</pubDate>"
    f"<description>Short</description><content:encoded><![CDATA[<p>{_WELL[0]}</p><p>{_WELL[1]}</p>]]>"
    f"</content:encoded></item><item><title>The mill</title><description>&lt;p&gt;{_MILL[0]}&lt;/p&gt;"
    "</description></item></channel></rss>"
)
_ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0"><title>Village</title>'
    f'<entry><title type="html">The &lt;b&gt;well&lt;/b&gt;</title><published>2014-05-03T10:00:00Z</published>'
    f'<author><name>Ann</name></author><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{_WELL[0]}</p>'
    f'</div></content></entry><entry><title>The mill</title><content type="html">&lt;p&gt;{_MILL[1]}&lt;/p&gt;</content>'
    '</entry><entry><thr:in-reply-to ref="x"/><content>First!</content></entry></feed>'
)
_WXR = (
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:wp="http://wordpress.org/export/1.2/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
    "<wp:author><wp:author_login>ann</wp:author_login><wp:author_display_name>Ann Lee</wp:author_display_name></wp:author>"
    "<item><title>The well</title><dc:creator>ann</dc:creator>"
    f"<content:encoded><![CDATA[{_WELL[0]}\n\n{_WELL[1]}]]></content:encoded><wp:post_date>2014-05-03 10:00:00"
    "</wp:post_date><wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item><item><title>Draft</title>"
    f"<content:encoded><![CDATA[{_MILL[0]}]]></content:encoded><wp:status>draft</wp:status>"
    "<wp:post_type>post</wp:post_type></item></channel></rss>"
)
_BLOGGER = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:blogger="http://schemas.google.com/blogger/2018"><entry>'
    "<blogger:type>POST</blogger:type><blogger:status>LIVE</blogger:status><title>The well</title>"
    f"<content type='html'>&lt;div&gt;{_WELL[0]}&lt;br /&gt;{_WELL[1]}&lt;/div&gt;</content></entry></feed>"
)
_JSONL = "".join(
    json.dumps(row) + "\n"
    for row in (
        {"id": 7, "title": "The well", "text": f"{_WELL[0]}\n\n{_WELL[1]}", "date": "2014-05-03"},
        {"title": "The mill", "html": f"<p>{_MILL[0]}</p><p>{_MILL[1]}</p>", "tags": [1, {"a": None}]},
    )
)
_CSV = f'title,text,date\n"The well","{_WELL[0]} ""Deep,"" he said.\n{_WELL[1]}",2014-05-03\nThe mill,{_MILL[1]},\n'
_MHTML = (
    'From: <Saved>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; type="text/html"; boundary="----b"\r\n\r\n'
    '------b\r\nContent-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    f"<html><body><article><h1>The well</h1><p>{_WELL[0]}</p><p>{_WELL[1]} caf=C3=A9</p></article></body></html>\r\n"
    "------b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n------b--\r\n"
)


def zipped(members: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", how) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


# file name -> bytes, to be changed at random
SOUND: dict[str, bytes] = {
    "plain.txt": _TEXT.encode(),
    "windows.txt": _TEXT.replace("\n", "\r\n").encode("cp1252"),
    "wide.txt": _TEXT.encode("utf-16"),
    "notes.md": _MARKDOWN.encode(),
    "page.html": _HTML.encode(),
    "old.htm": _HTML.replace("utf-8", "windows-1252").encode("cp1252"),
    "rss.xml": _RSS.encode(),
    "atom.xml": _ATOM.encode(),
    "wordpress.xml": _WXR.encode(),
    "blogger.xml": _BLOGGER.encode(),
    "posts.jsonl": _JSONL.encode(),
    "posts.json": ("[" + ",".join(_JSONL.split("\n")[:2]) + "]").encode(),
    "posts.csv": _CSV.encode(),
    "posts.tsv": _CSV.replace(",", "\t").encode(),
    "saved.mhtml": _MHTML.encode(),
    "pages.zip": zipped({"a/plain.txt": _TEXT.encode(), "b.html": _HTML.encode(), "posts.csv": _CSV.encode()}),
}


def _tarred(packing: str) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=f"w:{packing}") as archive:  # type: ignore[call-overload]
        for name, data in (("a/plain.txt", _TEXT.encode()), ("b.html", _HTML.encode())):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return made.getvalue()


def _office(name: str, body: str) -> bytes:
    return zipped({"[Content_Types].xml": b"<Types/>", name: f'<?xml version="1.0"?>{body}'.encode()})


_LETTER = (
    "From: =?utf-8?q?Ann?= <ann@example.org>\r\nTo: b@example.org\r\nSubject: The well\r\nMIME-Version: 1.0\r\n"
    'Date: Sat, 3 May 2014 10:00:00 +0000\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\n'
    f"Content-Type: text/plain; charset=utf-8\r\n\r\n{_WELL[0]}\r\n--b\r\nContent-Type: text/html\r\n"
    f"Content-Transfer-Encoding: base64\r\n\r\n{base64.encodebytes(_HTML.encode()).decode()}\r\n--b--\r\n"
)
_RESPONSE = (
    f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(_HTML.encode())}\r\n\r\n{_HTML}".encode()
)
_CRAWL = (
    b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Target-URI: http://example.org/well\r\n"
    b"WARC-Date: 2014-05-03T10:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
    b"Content-Length: %d\r\n\r\n%s\r\n\r\n" % (len(_RESPONSE), _RESPONSE)
)
_SAVED = {"WebMainResource": {"WebResourceData": _HTML.encode(), "WebResourceURL": "http://example.org/well"}}
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
# the same for formats that libraries read, whose text is not in plain sight
PACKED: dict[str, bytes] = {
    "letter.eml": _LETTER.encode(),
    "saved.webarchive": plistlib.dumps(_SAVED),
    "binary.webarchive": plistlib.dumps(_SAVED, fmt=plistlib.FMT_BINARY),
    "post.docx": _office(
        "word/document.xml",
        f'<w:document xmlns:w="{_WORD}"><w:body>'
        + "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in ("The well", *_WELL))
        + "</w:body></w:document>",
    ),
    "pages.tar": _tarred(""),
    "pages.tar.gz": _tarred("gz"),
    "plain.txt.gz": gzip.compress(_TEXT.encode()),
    "crawl.warc": _CRAWL,
    "crawl.warc.gz": gzip.compress(_CRAWL),
}

# inserted at random places: characters with a meaning, broken ones, and noise
_SPACES = "\0 \r \n \r\n \t \x0b \x0c \x1b \x85 \u2028 \u2029 \u00a0".split(" ")  # noqa: SIM905 - easier to read than a list
_LETTERS = "\ufeff \u200f \u202e \u200b \u00ad \u0301 \U0001f469\u200d\U0001f4bb \U00010000 \ufffe \ud800 ß İ".split(  # noqa: SIM905 - the same
    " "
)
_MARK_UP = r"""
    < > </ <!-- --> --!> <![CDATA[ ]]> <? ?> <!doctype¦html> <p> </p> <br> <pre> </pre> <script> </script> <style> <li>
    <textarea> <title> <svg> <template> <td> <h1> <article> </article> <a¦href=' <b =" =' & &amp; &lt; &#0; &#x; &#xD800;
    &#1114112; &#99999999999999999999; &nbsp; &notit; &NotEqualTilde; &amp;lt;p&amp;gt; <!ENTITY¦a¦'b'> <!DOCTYPE¦x¦[ ]>
    <item> </item> <entry> </entry> <content:encoded> encoding='utf-16' encoding='punycode' charset=utf-7 charset=idna
    { } [ ] " "" \ \u0000 \ud83d\ude00 \ud800 \n : , ; null 1e999 NaN {"text":" "text": title,text --- #¦ === ``` >¦
    -¦ 1.¦ ]( ![ Content-Type:¦text/html boundary= =3D = MIME-Version:¦1.0 2014-05-03 99999999 9999999999999 0000-00-00 Share
""".split()  # noqa: SIM905 - easier to read than quoted words
_BYTES = [
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xff",
    b"\x80\x81",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"PK\x03\x04",
    b"PK\x05\x06",
]
SIGNS: tuple[bytes, ...] = (
    *((sign.replace("¦", " ")).encode("utf-8", "surrogatepass") for sign in (*_SPACES, *_LETTERS, *_MARK_UP)),
    *_BYTES,
)

_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
_DEEP = 100_000
_LONG = 2_000_000


def _zip_with(name: str, data: bytes = _TEXT.encode()) -> bytes:
    """An archive with a member of a name that no careful tool writes."""
    stand_in = "x" * len(name.encode())
    return zipped({stand_in: data}, zipfile.ZIP_STORED).replace(stand_in.encode(), name.encode())


def _nested_zip(depth: int) -> bytes:
    data = zipped({"plain.txt": _TEXT.encode()})
    for _ in range(depth):
        data = zipped({"inner.zip": data})
    return data


def _overlapping_zip(members: int) -> bytes:
    """Many entries of the directory that all lead to one stretch of bytes, which unpacks to ten megabytes."""
    one = zipped({"a.txt": b"a" * 10_000_000})
    start = one.index(b"PK\x01\x02")
    end = one.index(b"PK\x05\x06")
    entry = one[start:end]
    directory = b"".join(entry.replace(b"a.txt", f"{n:05}".encode()) for n in range(members))
    tail = bytearray(one[end:])
    tail[8:12] = members.to_bytes(2, "little") * 2
    tail[12:16] = len(directory).to_bytes(4, "little")
    return one[:start] + directory + bytes(tail)


def _tar_of_any_size() -> bytes:
    """An archive whose only file claims to be larger than a number can say."""
    data = bytearray(_tarred(""))
    data[124:136] = b"\x80" + b"\xff" * 11
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    return bytes(data)


def _lists_in_lists(depth: int) -> bytes:
    """A binary property list of lists in lists."""
    objects = [b"\xa1" + struct.pack(">H", number + 1) for number in range(depth)] + [b"\x50"]
    starts = [8]
    for one in objects:
        starts.append(starts[-1] + len(one))
    table = b"".join(struct.pack(">I", start) for start in starts[:-1])
    return b"bplist00" + b"".join(objects) + table + struct.pack(">6xBBQQQ", 4, 2, len(objects), 0, starts[-1])


# name -> bytes, each made when requested, because many are large
ATTACKS: dict[str, Callable[[], bytes]] = {
    "a line of 100 MB.txt": lambda: b"word " * 20_000_000,
    "a line of 60 MB.txt": lambda: b"word " * 12_000_000,
    "a line of 60 MB.html": lambda: b"<p>" + b"word " * 12_000_000,
    "60 MB of lines.txt": lambda: b"word word word word word word word word\n" * 1_500_000,
    "a word of 2 MB.md": lambda: b"w" * _LONG,
    "60 MB of zeros.txt": lambda: bytes(60_000_000),
    "60 MB of bytes.txt": lambda: bytes(range(256)) * 230_000,
    "nested tags.html": lambda: b"<div>" * _DEEP + b"deep" + b"</div>" * _DEEP,
    "nested inline tags.html": lambda: b"<b><i>" * _DEEP + b"deep words here",
    "nested lists.html": lambda: b"<ul><li>" * _DEEP + b"deep words here",
    "nested tables.html": lambda: b"<table><tr><td>" * _DEEP + b"deep words here",
    "nested hidden.html": lambda: b"<template><svg>" * _DEEP + b"deep" + b"</svg></template>" * _DEEP,
    "unclosed tags.html": lambda: b"<a href='" * _DEEP,
    "unclosed comments.html": lambda: b"<!--" * _DEEP + b"<p>deep",
    "unclosed scripts.html": lambda: b"<html>" + b"<script>" * _DEEP,
    "unclosed titles.html": lambda: b"<html>" + b"<title>x" * _DEEP,
    "less than signs.html": lambda: b"<html>" + b"<" * _LONG,
    "attributes.html": lambda: b"<html><p " + b"a=b " * 500_000 + b">words</p>",
    "quotation marks.html": lambda: b"<html><p " + b"a=\"' " * 500_000 + b">words</p>",
    "ampersands.html": lambda: b"<html><p>" + b"&" * _LONG,
    "entities.html": lambda: b"<html><p>" + b"&notin;&#x1F600;&amp" * 200_000,
    "paragraphs.html": lambda: b"<html><body>" + b"<p>Some words stand here, and more.</p>" * 60_000,
    "class names.html": lambda: b"<html><div class='" + b"entry post " * 100_000 + b"'><p>words</p></div>",
    "json-ld.html": lambda: b"<html><script type='application/ld+json'>" + b"[" * _DEEP + b"</script><p>words</p>",
    "laughs.xml": lambda: (  # noqa: PLW0108 - made when it is asked for
        f'<!DOCTYPE rss [<!ENTITY l0 "lol">{_LAUGHS}]><rss><channel><item><title>&l9;</title></item></channel></rss>'
    ).encode(),
    "quadratic.xml": lambda: (  # noqa: PLW0108 - the same
        f'<!DOCTYPE rss [<!ENTITY a "{"a" * 50_000}">]><rss><channel><item><description>{"&a;" * 50_000}'
        "</description></item></channel></rss>"
    ).encode(),
    "outside.xml": lambda: (
        b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><item><description>&x;</description>'
        b"</item></channel></rss>"
    ),
    "nested.xml": lambda: b"<rss><channel><item>" + b"<a>" * _DEEP,
    "comments.xml": lambda: (
        b"<rss><channel><item><description>" + b"<!--x-->&lt;p&gt;" * _DEEP + b"</description></item>"
    ),
    "sections.xml": lambda: (
        b"<rss><channel><item><description>" + b"<![CDATA[a]]>" * _DEEP + b"</description></item></channel></rss>"
    ),
    "attributes.xml": lambda: b"<rss " + b" ".join(b"a%d='b'" % n for n in range(_DEEP)) + b"><channel/></rss>",
    "namespaces.xml": lambda: b"<rss " + b" ".join(b"xmlns:a%d='b'" % n for n in range(20_000)) + b">" + b"<a>" * 250,
    "items.xml": lambda: b"<rss><channel>" + b"<item><description>Words.</description></item>" * _DEEP,
    "brackets.json": lambda: b"[" * _LONG,
    "nested.jsonl": lambda: b'{"text": ' + b"[" * _DEEP + b"]" * _DEEP + b"}",
    "numbers.json": lambda: b'[{"text": ' + b"9" * _LONG + b"}]",
    "braces.jsonl": lambda: b"{\n" * _LONG,
    "escapes.jsonl": lambda: b'{"text": "' + b"\\u0041" * 300_000 + b'"}',
    "html.jsonl": lambda: b'{"html": "' + b"<p>\\u0026amp;" * 70_000 + b'"}',
    "quotation marks.csv": lambda: b'text\n"' + b'""' * _LONG,
    "open quotation marks.csv": lambda: b"text\n" + b'"a\n' * 500_000,
    "commas.csv": lambda: b"title,text\n" + b"," * _LONG,
    "columns.csv": lambda: b"text" + b",text" * _DEEP + b"\nx\n",
    "parts.mhtml": lambda: (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n"
        + b"--b\r\nContent-Type: multipart/related; boundary=b\r\n\r\n" * 20_000
    ),
    "headers.mhtml": lambda: (
        b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n" + b"X: y\r\n" * 500_000 + b"\r\n<p>words"
    ),
    "folded header.mhtml": lambda: (
        b"MIME-Version: 1.0\r\nContent-Type: text/html;\r\n" + b" a=b;\r\n" * _DEEP + b"\r\n<p>x"
    ),
    "brackets.md": lambda: b"[" * 500_000 + b"](" * 500_000,
    "emphasis.md": lambda: b"*a **a _a " * 100_000,
    "quotes.md": lambda: b"> " * 500_000 + b"words",
    "hashes.md": lambda: b"# " * 500_000,
    "titles.txt": lambda: b"".join(b"Title number %d\n\nSome words of it.\n\n" % n for n in range(_DEEP)),
    "titles below the bound.txt": lambda: b"".join(b"Title number %d\n\nSome words.\n\n" % n for n in range(49_000)),
    "full stops.txt": lambda: b"a. " * 300_000,
    "dates.txt": lambda: b"3 May 2014\n" * _DEEP,
    "right to left.txt": lambda: "\u202eevil\u202c \u200f".encode() * _DEEP,
    "accents.txt": lambda: (  # noqa: PLW0108 - the same
        "e" + "\u0301" * 500_000 + " words"
    ).encode(),
    "unclosed front matter.md": lambda: b"---\n" + b"title: x\n" * 200_000,
    "bomb.zip": lambda: zipped({"a.txt": b"a" * 60_000_000}),
    "large bomb.zip": lambda: zipped({f"{n}.txt": b"a" * 1_000_000 for n in range(300)}),
    "overlapping.zip": lambda: _overlapping_zip(5000),
    "nested.zip": lambda: _nested_zip(30),
    "many.zip": lambda: zipped({f"{n}.txt": b"x" for n in range(60_000)}, zipfile.ZIP_STORED),
    "climbing.zip": lambda: _zip_with("../../../outside.txt"),
    "climbing far.zip": lambda: _zip_with("a/../../../outside.txt"),
    "climbing back.zip": lambda: _zip_with("..\\..\\outside.txt"),
    "rooted.zip": lambda: _zip_with("/outside.txt"),
    "drive.zip": lambda: _zip_with("C:/outside.txt"),
    "zero in a name.zip": lambda: _zip_with("in\0side.txt"),
    "line in a name.zip": lambda: _zip_with("in\nside.txt"),
    "half.zip": lambda: zipped({"plain.txt": _TEXT.encode()})[:-30],
    "any size.tar": _tar_of_any_size,
    "lists in lists.webarchive": lambda: _lists_in_lists(20_000),
    "no date.webarchive": lambda: plistlib.dumps({"WebMainResource": {"x": "y"}}).replace(b"string>", b"date>"),
    "a year far away.eml": lambda: _LETTER.replace("2014", "99999999999999").encode(),
    "no encoding.webarchive": lambda: plistlib.dumps(_SAVED).replace(b"UTF-8", b"TF-8"),
    "no address.warc": lambda: _CRAWL.replace(b"WARC-Target-URI", b"X"),
    "a record without end.warc": lambda: _CRAWL.replace(b"Length: %d" % len(_RESPONSE), b"Length: " + b"9" * 20),
    "lies.zip": lambda: zipped({"plain.txt": _TEXT.encode()}).replace(
        len(_TEXT.encode()).to_bytes(4, "little"), (2**32 - 2).to_bytes(4, "little")
    ),
}
