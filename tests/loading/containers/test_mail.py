"""Mails and mailboxes: which part is read, what the headers say, and what only mails have."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from rag.errors import PageError
from rag.loading.containers.mail import mail_headers, mail_part, mails_of
from rag.loading.containers.mail_lines import mail_lines
from rag.loading.pages import read_pages, reread
from rag.records import Page
from rag.text.lines import Block

HEAD = (
    "From: =?utf-8?q?Ann_L=C3=B6ck?= from The Canal <ann@x.org>\nTo: me@x.org\nSubject: Fwd: =?utf-8?q?The_k=C3=A9eper?=\n"
    "Date: Tue, 04 May 2021 23:30:00 -0500\nMIME-Version: 1.0\n"
)
PLAIN = (
    HEAD
    + "Content-Type: text/plain; charset=latin-1\nContent-Transfer-Encoding: quoted-printable\n\nThe caf=E9 closed.\n"
)


def test_the_headers_of_a_mail() -> None:
    """Decoded; a sender without the site's name."""
    known = mail_headers(PLAIN.encode())
    assert (known.title, known.author, known.date) == ("The kéeper", "Ann Löck", "2021-05-04")


def test_the_web_page_is_read_before_the_plain_text_and_an_attachment_is_not() -> None:
    """Whatever their order."""
    parts = (
        "Content-Type: text/plain\n\nplain",
        "Content-Type: text/html\nContent-Disposition: attachment\n\n<p>attached",
        "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\nPHA+aHRtbA==",
    )
    body = "".join(f"--x\n{part}\n" for part in parts) + "--x--\n"
    part = mail_part((HEAD + "Content-Type: multipart/mixed; boundary=x\n\n" + body).encode())
    assert (part.content, part.charset, part.is_html) == (b"<p>html", "utf-8", True)
    assert mail_part(PLAIN.encode()).content == b"The caf\xe9 closed.\n"
    with pytest.raises(PageError, match="no text"):
        mail_part((HEAD + "Content-Type: image/png\n\nx").encode())


def test_a_mailbox_is_cut_at_its_from_lines_only() -> None:
    """A sentence that begins with "From" does not."""
    box = f"From a@x.org Tue May  4 10:00:00 2021\n{PLAIN}\nFrom here on, 10:00 is late.\n\nFrom - Wed May  5 10:00:00 2021\n{PLAIN}"
    assert [mail.count(b"Subject:") for mail in mails_of(box.encode())] == [1, 1]


def test_mails_are_posts_that_can_be_read_again(tmp_path: Path) -> None:
    """Each under its subject; the lines around a newsletter are left out, and so is a signature."""
    page = (
        "<div style='display: none'>Preview.</div><p>View in browser</p><h1>The kéeper</h1><p>The gates close at six.</p>"
        "<p>Nobody minds.</p><p>Copyright 2021 The Canal</p><p>You are receiving this because you asked. Unsubscribe</p><p>1 Main Street</p>"
    )
    (tmp_path / "a.eml").write_text(HEAD + "Content-Type: text/html; charset=utf-8\n\n" + page, encoding="utf-8")
    (tmp_path / "b.emlx").write_text(f"1234\n{PLAIN}-- \nAnn\n")
    (tmp_path / "Inbox").write_text(f"From a@x.org Tue May  4 10:00:00 2021\n{PLAIN}")
    pages = [one for one in read_pages([tmp_path]) if isinstance(one, Page)]
    assert [(one.file, one.posts[0].title, one.posts[0].text) for one in pages if one.posts] == [
        ("Inbox/mail-1.eml", "The kéeper", "The café closed."),
        ("a.eml", "The kéeper", "The gates close at six.\n\nNobody minds."),
        ("b.emlx", "The kéeper", "The café closed."),
    ]
    for one in pages:
        assert reread(Path(one.path), one.encoding, one.sha256) == one.text


FOOTER = (
    "<p>You received this because you asked.</p><p>Unsubscribe | View in browser</p><p>The Canal, 1 Main Street</p>"
)
LETTER = "<p>The gates close at six.</p><p>The lock keeper retired last week after many years at the gates.</p>"


def _mail(tmp_path: Path, page: str) -> tuple[str | None, str | None, str, list[str]]:
    """Author, day, text and the lines left out of a mail."""
    (tmp_path / "a.eml").write_text(f"{HEAD}Content-Type: text/html; charset=utf-8\n\n{page}", encoding="utf-8")
    (found,) = read_pages([tmp_path])
    assert isinstance(found, Page)
    assert found.posts
    post = found.posts[0]
    return post.author, post.date, post.text, [line.text for line in post.left_out]


def test_a_short_mail_is_not_taken_for_its_footer(tmp_path: Path) -> None:
    """Nor is all below a line at its top that says why one gets it; what is left out is listed."""
    text = "The gates close at six.\n\nThe lock keeper retired last week after many years at the gates."
    *_, shown, left_out = _mail(tmp_path, LETTER + FOOTER)
    assert shown == text
    assert left_out[1:] == ["Unsubscribe | View in browser", "The Canal, 1 Main Street"]
    *_, shown, _ = _mail(tmp_path, "<p>Hello.</p><p>You are receiving this because you asked.</p>" + LETTER * 4)
    assert shown.count("gates close") == 4


def test_the_end_of_a_mail_of_many_ends_is_found_in_one_pass() -> None:
    """The words above each line that may be its end were counted again."""
    lines = [Block(0, 11, "Unsubscribe", 0, nbsp=False)] * 20_000
    begin = time.process_time()
    assert mail_lines(lines, 0, None).last == 10_000
    assert time.process_time() - begin < 1.0


@pytest.mark.parametrize(
    "top",
    [
        "---------- Forwarded message ---------<br>From: <b>Jo Field</b> &lt;jo@x.org&gt;<br>Date: Mon, Mar 1, 2021 at 8 AM<br>",
        "Begin forwarded message:<br>From: &quot;Field, Jo&quot; &lt;jo@x.org&gt;<br>Date: 1 March 2021<br>Subject: The keeper",
    ],
)
def test_a_mail_that_was_passed_on_is_its_writer_s(tmp_path: Path, top: str) -> None:
    """From its own lines about sender and day, which are no text; a long comment on it is."""
    author, date, text, left_out = _mail(tmp_path, f"<p>Worth reading.</p><div>{top}</div>{LETTER}")
    assert (author, date, text.split("\n")[0]) == ("Jo Field", "2021-03-01", "The gates close at six.")
    assert left_out[0] == "Worth reading."
    author, _, text, _ = _mail(tmp_path, f"<p>{'I have to say this. ' * 9}</p><div>{top}</div>{LETTER}")
    assert (author, text.startswith("I have to say")) == ("Ann Löck", True)


def test_the_text_of_a_page_of_frames_is_its_longest_frame(tmp_path: Path) -> None:
    """Saved as one file; if the first page has text of its own, that is read, however long its frames are."""
    head = 'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="x"\n\n'
    frames = ["<p>Menu</p>", "<h1>The keeper</h1><p>The caf=E9 by the lock has closed.</p>", "<p>Advertisement</p>"]
    for first, wanted in (("<frameset cols='20%,80%'><frame src='cid:1'></frameset>", "café"), ("<p>Own</p>", "Own")):
        parts = "".join(
            f"--x\nContent-Type: text/html; charset=latin-1\nContent-Transfer-Encoding: quoted-printable\n\n{part}\n"
            for part in (first.replace("=", "=3D"), *frames)
        )
        (tmp_path / "a.mhtml").write_text(f"{head}{parts}--x--\n")
        (found,) = read_pages([tmp_path])
        assert isinstance(found, Page)
        assert wanted in found.text
        assert reread(tmp_path / "a.mhtml", found.encoding) == found.text


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (
            "plain",
            "On Mon, Jo wrote:\n> The gates close\n> at six.\n\nThey open at dawn, I say.\n\n> And then?\n\nYes.\n",
        ),
        (
            "html",
            "<p>They open at dawn, I say.</p><div class='gmail_quote'>Jo wrote:<blockquote>The gates close</blockquote></div>",
        ),
        (
            "html",
            "<p>They open at dawn, I say.</p><blockquote type='cite'><p>The gates close at six.</blockquote><p>Yes.",
        ),
    ],
)
def test_the_mail_that_is_answered_is_not_its_writer_s(tmp_path: Path, kind: str, text: str) -> None:
    """It stays in the text, where a reader sees what is answered, but is never quoted."""
    (tmp_path / "a.eml").write_text(f"{HEAD}Content-Type: text/{kind}\n\n{text}")
    (page,) = read_pages([tmp_path])
    assert isinstance(page, Page)
    assert page.posts is not None
    (post,) = page.posts
    own = post.text
    for span in reversed(post.chrome):
        own = own[: span.start] + own[span.end :]
    assert own.strip().startswith("They open at dawn, I say.")
    assert "gates" not in own


def test_marks_of_quotations_without_a_mail_that_is_answered_are_text(tmp_path: Path) -> None:
    """A newsletter quotes others, too; nothing but an answered mail is the text of its mail."""
    for text in ("As they say:\n\n> The gates close at six.\n\nSo they do.\n", "Jo wrote:\n> The gates close.\n"):
        (tmp_path / "a.eml").write_text(f"{HEAD}Content-Type: text/plain\n\n{text}")
        (page,) = read_pages([tmp_path])
        assert isinstance(page, Page)
        assert page.posts is not None
        assert page.posts[0].chrome == ()


def _posts(folder: Path) -> list[tuple[str, str | None, str | None, str | None, str]]:
    """File, title, author, day and text of every post; each page can be read again."""
    pages = [one for one in read_pages([folder]) if isinstance(one, Page)]
    assert all(reread(Path(one.path), one.encoding, one.sha256) == one.text for one in pages)
    return [(one.file, post.title, post.author, post.date, post.text) for one in pages for post in one.posts or ()]


INSIDE = (
    "From: Jo Field <jo@x.org>\nSubject: The swan\nDate: Wed, 05 May 2021 10:00:00 +0000\n\nThe swan has left the gates.\n",
    "From: Al Weir <al@x.org>\nSubject: The loaf\nDate: Thu, 06 May 2021 10:00:00 +0000\n\nThe loaf rises in a towel.\n",
)
POSTS_INSIDE = [
    ("The swan", "Jo Field", "2021-05-05", "The swan has left the gates."),
    ("The loaf", "Al Weir", "2021-05-06", "The loaf rises in a towel."),
]


@pytest.mark.parametrize("digest", ["parts", "text"])
def test_each_mail_of_a_digest_is_its_writer_s(tmp_path: Path, digest: str) -> None:
    """As parts, or as text between lines of dashes; what the digest says about itself is named."""
    if digest == "parts":
        parts = (
            "".join(f"--i\n\n{mail}\n" for mail in INSIDE[:1]) + f"--i\nContent-Type: message/rfc822\n\n{INSIDE[1]}\n"
        )
        text = (
            "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: text/plain\n\nToday: two mails.\n"
            f"--o\nContent-Type: multipart/digest; boundary=i\n\n{parts}--i--\n--o--\n"
        )
    else:
        mails = f"\n{'-' * 30}\n\n".join(f"Message: {number}\n{mail}" for number, mail in enumerate(INSIDE, 1))
        end = f"\n{'-' * 30}\n\nSubject: Digest Footer\n\nTo leave the list, write to us.\n"
        text = f"Content-Type: text/plain\n\nToday's Topics:\n\n   1. The swan\n\n{'-' * 70}\n\n{mails}{end}"
    (tmp_path / "a.eml").write_text(HEAD + text)
    assert [post[1:] for post in _posts(tmp_path)] == POSTS_INSIDE
    assert [one.file for one in read_pages([tmp_path]) if not isinstance(one, Page)] == ["a.eml"]


def test_a_mail_attached_to_another_is_its_writer_s(tmp_path: Path) -> None:
    """It was lost; also where the mail that brings it has no words of its own."""
    for cover, own in (("Content-Type: text/plain\n\nHave you read this?\n", 1), ("Content-Type: image/png\n\nx\n", 0)):
        parts = f"--o\n{cover}\n--o\nContent-Type: message/rfc822\n\n{INSIDE[0]}\n--o--\n"
        (tmp_path / "a.eml").write_text(f"{HEAD}Content-Type: multipart/mixed; boundary=o\n\n{parts}")
        found = _posts(tmp_path)
        assert [post[2] for post in found] == ["Ann Löck"] * own + ["Jo Field"]
        assert found[-1][0] == "a.eml/mail-1.eml"
        assert all(isinstance(one, Page) for one in read_pages([tmp_path]))


def test_lines_of_dashes_make_no_digest(tmp_path: Path) -> None:
    """Nor do words such as "From:" between them."""
    text = f"Two things.\n\n{'-' * 70}\n\nFrom: the lock, one sees the sea.\n\n{'-' * 30}\n\nThe date is open.\n"
    (tmp_path / "a.eml").write_text(f"{HEAD}Content-Type: text/plain\n\n{text}")
    assert [post[1] for post in _posts(tmp_path)] == ["The kéeper"]


def test_a_line_that_begins_with_from_has_no_mark_of_its_mailbox(tmp_path: Path) -> None:
    """A line that the mail itself repeats keeps its sign."""
    mail = (
        f"{HEAD}Content-Type: text/plain\n\nIt closed.\n\n>From then on, nobody came.\n\n>The gates?\n>From the sea.\n"
    )
    (tmp_path / "Inbox").write_text(f"From a@x.org Tue May  4 10:00:00 2021\n{mail}")
    ((*_, text),) = _posts(tmp_path)
    assert text == "It closed.\n\nFrom then on, nobody came.\n\n>The gates?\n>From the sea."


def test_the_sender_in_the_archive_of_a_list() -> None:
    """Its address is written in words; the name behind it counts."""
    for written in ("ann at x.org (Ann Lock)", "ann at x.org (=?utf-8?q?Ann?= Lock)", "Ann Lock <ann@x.org>"):
        assert mail_headers(f"From: {written}\nSubject: a\n\n".encode()).author == "Ann Lock"


def test_what_is_below_the_headers_of_another_mail_is_not_the_writer_s(tmp_path: Path) -> None:
    """As some mail programs repeat the mail that is answered, without a sign in front of its lines."""
    headers = "From: Jo Field <jo@x.org>\nSent: Monday, May 3, 2021 9:00 AM\nTo: Ann\nSubject: The gates\n"
    own = "They open at dawn, I say, and " + "they have done so for as long as I can remember. " * 3
    for above in ("-----Original Message-----\n", "", "________________________________\n"):
        (tmp_path / "a.eml").write_text(
            f"{HEAD}Content-Type: text/plain\n\n{own}\n\n{above}{headers}\nThe gates close at six.\n\nNobody minds.\n"
        )
        (page,) = read_pages([tmp_path])
        assert isinstance(page, Page)
        assert page.posts is not None
        (post,) = page.posts
        (span,) = post.chrome
        assert post.text[: span.start].startswith(own.strip())
        assert post.text[span.start : span.end].endswith("Nobody minds.")


def test_a_mail_that_was_saved_as_a_text_is_a_mail(tmp_path: Path) -> None:
    """Its headers are no text; two lines with colons are not enough."""
    (tmp_path / "a.txt").write_text(
        "From: Ann Lock <ann@x.org>\nSubject: The keeper\nDate: Tue, 4 May 2021 10:00:00 +0000\n\nThe gates close at six.\n"
    )
    assert _posts(tmp_path) == [("a.txt", "The keeper", "Ann Lock", "2021-05-04", "The gates close at six.")]
    (tmp_path / "a.txt").write_text("From: the lock\nSubject: boats\n\nThe gates close at six.\n")
    assert _posts(tmp_path) == []
