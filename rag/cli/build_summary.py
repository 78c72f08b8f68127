"""The summary of a build and of the duplicates it merged."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rag.cli.terminal import clipped, visible
from rag.dedup.overrides import DECISIONS_FILE
from rag.text.plurals import amount
from rag.text.word_diff import word_diff

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rag.cli.terminal import Style
    from rag.records import BuildReport, Change, Dropped, DroppedKind, Merge, PageChanges, Post, SkippedPage

__all__ = ["build_lines", "drop_lines", "duplicate_lines", "edit_lines", "skipped_lines", "why"]

SHOWN_CHANGES = 12  # of one copy; a copy with more differences is better read side by side
SHOWN_DROPPED = 20  # of each kind; --json lists all
SHOWN_SKIPPED = 5  # files left out for one reason; --report lists all
SHOWN_NAMES = 8  # of pages or posts that were added or removed
_MIN_SECONDS = 0.05  # stages that took less are not listed
_ID_DIGITS = 8

_VARIANT_WHY = "kept separate: a number, a date, a negation or the title differs, or you decided so"


def build_lines(report: BuildReport, index: str) -> Iterator[str]:
    """Summarise what was built."""
    merged = amount(report.copies_folded, "copy", "copies")
    planned = report.outcome == "planned"
    counts = f"{amount(report.posts, 'post')} on {amount(report.pages, 'page')}, {merged} merged"
    yield f"{index}: {'would have ' if planned else ''}{counts}" + (
        "" if planned else f", {amount(report.chunks, 'chunk')}"
    )
    if report.outcome == "unchanged":
        yield "  nothing has changed since it was built"
    elif report.changes is not None:
        yield f"  pages: {_changes_in_words(report.changes)}"
        yield from (f"    {line}" for line in _change_names(report.changes))
        before, now = ({title for _, title in posts} for posts in (report.went, report.came))
        yield from _post_names("posts changed", [post for post in report.came if post[1] in before])
        yield from _post_names("new posts", [post for post in report.came if post[1] not in before])
        yield from _post_names("posts gone", [post for post in report.went if post[1] not in now])
    if report.outcome in {"built", "grown"}:
        yield f"  {amount(report.embedded, 'chunk')} embedded, {report.chunks - report.embedded:,} reused"
    if report.dropped_lines:
        yield f"  {amount(report.dropped_lines, 'line')} of menus, boilerplate and captions never quoted"
    if report.skipped:
        yield f"  {amount(len(report.skipped), 'file')} skipped:"
        for reason, count in Counter(page.reason for page in report.skipped).most_common(SHOWN_NAMES):
            yield f"    {count:,} × {visible(reason)}"
    for note in report.notes:
        yield f"  {DECISIONS_FILE}, {visible(note)}"
    times = [f"{stage} {seconds:.1f} s" for stage, seconds in report.seconds if seconds >= _MIN_SECONDS]
    if times:
        yield f"  {sum(seconds for _, seconds in report.seconds):.1f} seconds: {', '.join(times)}"


def skipped_lines(skipped: Sequence[SkippedPage]) -> Iterator[str]:
    """Name every file that was left out, grouped by reason."""
    names: dict[str, list[str]] = {}
    for page in skipped:
        # files of an unsupported type are grouped by type
        names.setdefault(page.reason, []).append(page.file)
    for reason, files in names.items():
        shown = ", ".join(visible(file, one_line=True) for file in files[:SHOWN_SKIPPED])
        more = f" and {len(files) - SHOWN_SKIPPED:,} more" if len(files) > SHOWN_SKIPPED else ""
        yield f"skipped {shown}{more}: {visible(reason)}"


def _changes_in_words(changes: PageChanges) -> str:
    counts = (
        (len(changes.added), "added"),
        (len(changes.changed), "changed"),
        (len(changes.removed), "removed"),
        (len(changes.renamed), "renamed"),
        (changes.unchanged, "as before"),
    )
    return ", ".join(f"{count:,} {word}" for count, word in counts if count)


def _change_names(changes: PageChanges) -> Iterator[str]:
    rows = [
        *(f"+ {name}" for name in changes.added),
        *(f"~ {name}" for name in changes.changed),
        *(f"- {name}" for name in changes.removed),
        *(f"> {old}, now {new}" for old, new in changes.renamed),
    ]
    yield from (visible(row) for row in rows[:SHOWN_NAMES])
    if len(rows) > SHOWN_NAMES:
        yield f"and {len(rows) - SHOWN_NAMES:,} more"


def _post_names(what: str, posts: Sequence[tuple[str, str]]) -> Iterator[str]:
    if posts:
        yield f"  {what}: {len(posts):,}"
        yield from (f"    {post_id[:_ID_DIGITS]}  {clipped(title, 70)}" for post_id, title in posts[:SHOWN_NAMES])
        if len(posts) > SHOWN_NAMES:
            yield f"    and {len(posts) - SHOWN_NAMES:,} more"


def why(merge: Merge) -> str:
    """Why a copy was merged, in words; never 100% if the texts differ."""
    if merge.kind == "exact":
        return "exact: the same words"
    share = f"{min(int(merge.similarity * 100), 99)}% of word shingles shared"
    return f"near: {share}" if merge.kind == "near" else f"you decided so in {DECISIONS_FILE}: {share}"


def edit_lines(changes: Sequence[Change], style: Style, indent: str) -> Iterator[str]:
    """Show where two texts differ, one line for each difference."""
    for change in changes[:SHOWN_CHANGES]:
        yield indent + (
            " ".join(
                filter(
                    None,
                    [
                        "…",
                        visible(change.before),
                        style.warm(f"[-{clipped(change.removed, 200)}-]") if change.removed else "",
                        style.bold(f"{{+{clipped(change.added, 200)}+}}") if change.added else "",
                        visible(change.after),
                        "…",
                    ],
                )
            )
        )
    if len(changes) > SHOWN_CHANGES:
        yield f"{indent}and {amount(len(changes) - SHOWN_CHANGES, 'more place')}"


def duplicate_lines(posts: Sequence[Post], merges: Iterable[Merge], index: str, style: Style) -> Iterator[str]:
    """Show every copy that was merged into a post, and every version that was not."""
    merged: dict[str, list[Merge]] = {}
    for merge in merges:
        merged.setdefault(merge.post_id, []).append(merge)
    by_id = {post.post_id: post for post in posts}
    shown: set[frozenset[str]] = set()
    if not merged and not any(post.variants for post in posts):
        yield "No copies were merged and no versions kept separate: every post appears once."
    for post in posts:
        variants = [one for one in post.variants if frozenset((post.post_id, one.post_id)) not in shown]
        if post.post_id not in merged and not variants:
            continue
        first = post.copies[0].file if post.copies else ""
        yield f"{post.post_id[:_ID_DIGITS]}  {style.bold(visible(post.title or '(no title)'))}  {visible(first)}"
        for merge in merged.get(post.post_id, ()):
            text = "" if merge.kind == "exact" or not merge.text_id else f"; its text is {merge.text_id[:_ID_DIGITS]}"
            yield f"          {visible(merge.file)} at {merge.start:,}: {why(merge)}{text}"
            yield from edit_lines(merge.changes, style, " " * 14)
        for variant in variants:
            shown.add(frozenset((post.post_id, variant.post_id)))
            other = by_id.get(variant.post_id)
            title = f" {visible(other.title)}" if other and other.title != post.title else ""
            yield f"          not merged: {variant.post_id[:_ID_DIGITS]}{title}; {_VARIANT_WHY}"
            if other is not None:
                yield from edit_lines(word_diff(post.text, other.text), style, " " * 14)
    yield ""
    yield f"To change this, add lines like these to {index}/{DECISIONS_FILE} and run pullquote index again:"
    yield "    never-merge   ID ID    keep the two texts as two posts"
    yield "    always-merge  ID ID    merge the two texts into one post"
    yield '    keep          "LINE"   quote this line again, though it looked like part of the site'
    yield "ID is the first 8 digits of a post or text above, or the name of a page, for every text on that page."


DROPPED_KINDS: dict[DroppedKind, str] = {
    "menu": "In no post: menus, sidebars and other parts of a page's frame",
    "comments": "In no post: comments",
    "closing": "In no post: lists of other posts and boxes below a post",
    "consent": "In no post: requests for consent",
    "hidden": "In no post: text that the page hides",
    "outside": "In no post: the rest",
    "inside": "In posts, but never quoted",
}


def drop_lines(dropped: Sequence[Dropped], style: Style) -> Iterator[str]:
    """List the text of the pages that is never quoted, the most frequent first."""
    for kind, heading in DROPPED_KINDS.items():
        rows = [row for row in dropped if row.kind == kind]
        if not rows:
            continue
        yield ""
        yield style.bold(
            f"{heading}: {amount(len(rows), 'different line')}, {amount(sum(r.times for r in rows), 'occurrence')}"
        )
        for row in rows[:SHOWN_DROPPED]:
            where = visible(row.file) if row.pages == 1 else f"{row.pages:,} pages"
            yield f"    {row.times:>5,} × {clipped(row.text, 90)}  {style.faint(where)}"
        if len(rows) > SHOWN_DROPPED:
            yield f"    and {amount(len(rows) - SHOWN_DROPPED, 'more line')}; --json lists all"
