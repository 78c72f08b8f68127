"""A build report: one HTML page with a picture, which loads nothing and runs no scripts."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING

from rag.cli.build_summary import DROPPED_KINDS, build_lines, why
from rag.cli.html_page import render_page
from rag.cli.terminal import visible
from rag.dedup.copy_matrix import KIND_WORDS, draw
from rag.text.plurals import amount
from rag.text.word_diff import word_diff

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rag.records import BuildReport, Change, Dropped, Merge, Post

__all__ = ["render_build"]

SHOWN_CHANGES = 30  # of one copy
SHOWN_ROWS = 400  # of each table, so that the page opens at once; `pullquote posts --duplicates --json` lists all


def render_build(
    report: BuildReport, index: str, posts: Sequence[Post], merges: Sequence[Merge], dropped: Sequence[Dropped]
) -> str:
    """A self-contained page: the summary, the picture of posts and pages, and what was merged, dropped and skipped."""
    files = sorted({copy.file for post in posts for copy in post.copies}, key=lambda file: file.split("/"))
    title = f"{amount(len(posts), 'post')} on {amount(len(files), 'page')}"
    account = "\n".join(line.strip() for line in build_lines(report, index))
    body = [
        f"<h1>{_text(title)}</h1>",
        f"<pre>{_text(account)}</pre>",
        _picture(posts, files),
        "<h2>Where the time went</h2>",
        _table(("stage", "seconds"), ([stage, f"{seconds:.2f}"] for stage, seconds in report.seconds)),
    ]
    titles = {post.post_id: post.title for post in posts}
    if merges:
        body += [f"<h2>{_text(amount(len(merges), 'copy', 'copies'))} merged</h2>", *_merges(merges, titles)]
    variants = list(_variants(posts))
    if variants:
        body += ["<h2>Versions kept separate</h2>", *variants[:SHOWN_ROWS], _more(len(variants))]
    if dropped:
        rows = [[f"{row.times:,}", f"{row.pages:,}", row.text, DROPPED_KINDS[row.kind]] for row in dropped]
        body += ["<h2>Never quoted</h2>", _table(("times", "pages", "text", "where"), rows[:SHOWN_ROWS])]
        body.append(_more(len(rows)))
    if report.skipped:
        reasons = Counter(page.reason for page in report.skipped)
        body += [f"<h2>{_text(amount(len(report.skipped), 'file'))} skipped</h2>"]
        body.append(_table(("files", "reason"), ([f"{n:,}", reason] for reason, n in reasons.most_common())))
        body.append(_table(("file", "reason"), ([page.file, page.reason] for page in report.skipped[:SHOWN_ROWS])))
        body.append(_more(len(report.skipped)))
    return render_page(_text(title), _STYLE, "\n".join(filter(None, body)))


def _picture(posts: Sequence[Post], files: Sequence[str]) -> str:
    drawn = draw(posts, files)
    paths = "".join(f'<path class="{kind}" d="{marks}"/>' for kind, marks in drawn.marks)
    keys = "".join(f'<li><span class="{kind}">■</span> {_text(KIND_WORDS[kind])}</li>' for kind, _ in drawn.marks)
    return (
        f'<figure><svg viewBox="0 0 {drawn.width:.0f} {drawn.height:.1f}" role="img" aria-label="{_text(drawn.words)}">'
        f"{paths}</svg><figcaption>{_text(drawn.words)}</figcaption><ul>{keys}</ul></figure>"
    )


def _merges(merges: Sequence[Merge], titles: dict[str, str]) -> Iterator[str]:
    for merge in merges[:SHOWN_ROWS]:
        place = f"{merge.file} at {merge.start:,}"
        yield f"<p><b>{_text(titles.get(merge.post_id, ''))}</b>, {_text(place)}: {_text(why(merge))}</p>"
        yield _changes(merge.changes)
    yield _more(len(merges))


def _variants(posts: Sequence[Post]) -> Iterator[str]:
    by_id = {post.post_id: post for post in posts}
    for post in posts:
        for variant in post.variants:
            other = by_id.get(variant.post_id)
            if other is not None and post.post_id < other.post_id:
                heads = f"<p><b>{_text(post.title)}</b> and <b>{_text(other.title)}</b></p>"
                yield heads + _changes(word_diff(post.text, other.text))


def _changes(changes: Sequence[Change]) -> str:
    rows = [
        f"<li>… {_text(change.before)} <del>{_text(change.removed)}</del> <ins>{_text(change.added)}</ins> "
        f"{_text(change.after)} …</li>"
        for change in changes[:SHOWN_CHANGES]
    ]
    left = len(changes) - SHOWN_CHANGES
    rows += [f"<li>and {left:,} more</li>"] if left > 0 else []
    return f"<ul>{''.join(rows)}</ul>" if rows else ""


def _more(count: int) -> str:
    return f"<p>and {count - SHOWN_ROWS:,} more</p>" if count > SHOWN_ROWS else ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{_text(cell)}</th>' for cell in heads)
    body = "".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _text(text: str) -> str:
    return escape(visible(text))


_STYLE = """
:root { color-scheme: light dark; --line: #8886; --same: #2f6f8f; --edited: #b07d2b; --variant: #a33b3b; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; }
main { max-width: 46rem; margin: 0 auto; padding: 1.5rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid var(--line);
         overflow-wrap: anywhere; }
figure { margin: 1rem 0; } svg { width: 100%; border: 1px solid var(--line); }
figure ul { list-style: none; padding: 0; }
path.same { fill: var(--same); } path.edited { fill: var(--edited); } path.variant { fill: var(--variant); }
span.same { color: var(--same); } span.edited { color: var(--edited); } span.variant { color: var(--variant); }
del { background: #c0392b33; } ins { background: #27ae6033; }
"""
