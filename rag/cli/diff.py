"""What changed between two indexes: posts added, removed, changed or moved, and their answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from rag.cli.build_summary import edit_lines
from rag.cli.terminal import clipped, visible
from rag.config import silent
from rag.dedup.minhash import Memory, likely_copies
from rag.dedup.similarity import Text, similarity
from rag.records import PostCopy
from rag.text.plurals import amount
from rag.text.word_diff import word_diff

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rag.answering.engine import Index
    from rag.cli.terminal import Style
    from rag.config import Progress
    from rag.records import Answer, Change, Post, QuestionRow

__all__ = ["ChangedAnswer", "ChangedPost", "Difference", "compare", "version_lines"]

# With a smaller share of common word shingles (half of the paragraphs new), two posts are not one that was edited.
MIN_SIMILARITY = 0.3
_ID_DIGITS = 8


@dataclass(frozen=True, slots=True)
class ChangedPost:
    """A post of the old index that has other words or another title in the new one."""

    old: Post
    new: Post
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class ChangedAnswer:
    """A question that the two indexes answer differently."""

    old: Answer
    new: Answer


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs; ``moved`` contains (post, earlier files) of posts with the same words on other pages."""

    came: tuple[Post, ...]
    went: tuple[Post, ...]
    changed: tuple[ChangedPost, ...]
    moved: tuple[tuple[Post, tuple[str, ...]], ...]
    same: int
    questions: int
    answers: tuple[ChangedAnswer, ...]

    def to_dicts(self) -> Iterator[dict[str, object]]:
        """One object for each change; ``change`` names its kind."""
        for kind, posts in (("came", self.came), ("went", self.went)):
            for post in posts:
                yield {"change": kind, "post_id": post.post_id, "title": post.title, "files": _files(post)}
        for pair in self.changed:
            yield {
                "change": "changed",
                "post_id": pair.new.post_id,
                "old_id": pair.old.post_id,
                "title": pair.new.title,
                "old_title": pair.old.title,
                "changes": [asdict(change) for change in pair.changes],
            }
        for post, before in self.moved:
            shape = {"change": "moved", "post_id": post.post_id, "title": post.title}
            yield {**shape, "files": _files(post), "old_files": list(before)}
        for answer in self.answers:
            shape = {"change": "answer", "id": answer.new.id, "question": answer.new.question}
            yield {**shape, "old": answer.old.to_dict(), "new": answer.new.to_dict()}


def compare(old: Index, new: Index, rows: Sequence[QuestionRow] = (), *, progress: Progress = silent) -> Difference:
    """Compare the posts of two indexes, and the answers that both give to the questions.

    Posts with the same words are the same; an edited post is paired with the removed one with which it shares most.
    """
    before = {post.post_id: post for post in old.posts()}
    after = {post.post_id: post for post in new.posts()}
    went = [post for post_id, post in before.items() if post_id not in after]
    came = [post for post_id, post in after.items() if post_id not in before]
    changed = _pairs(went, came)
    gone, fresh = {pair.old.post_id for pair in changed}, {pair.new.post_id for pair in changed}
    both = [(before[post_id], post) for post_id, post in after.items() if post_id in before]
    changed += [ChangedPost(one, other, ()) for one, other in both if one.title != other.title]
    moved = [(other, tuple(_files(one))) for one, other in both if _files(one) != _files(other)]
    answers = []
    for done, row in enumerate(rows, 1):
        pair = [index.ask(row.question, history=row.history, explain=False, id=row.id) for index in (old, new)]
        if _shown(pair[0]) != _shown(pair[1]):
            answers.append(ChangedAnswer(pair[0], pair[1]))
        progress("asking both", done, len(rows))
    return Difference(
        tuple(post for post in came if post.post_id not in fresh),
        tuple(post for post in went if post.post_id not in gone),
        tuple(changed),
        tuple(moved),
        len(both),
        len(rows),
        tuple(answers),
    )


def _pairs(went: Sequence[Post], came: Sequence[Post]) -> list[ChangedPost]:
    """Each added post with the removed one most similar to it; every post once, the most similar pairs first."""
    texts = [Text((PostCopy("", "", post.text, (), post.title),)) for post in (*went, *came)]
    memory = Memory()
    found = []
    for number, nearby in enumerate(likely_copies([memory.sketch(text) for text in texts])):
        near = [other for other in nearby if other < len(went) <= number]
        found += [(-similarity(texts[other], texts[number]), other, number - len(went)) for other in near]
    by_title: dict[str, list[int]] = {}
    for number, post in enumerate(went):
        by_title.setdefault(post.title, []).append(number)
    for number, post in enumerate(came):  # a post that was largely rewritten keeps its title
        titled = by_title.get(post.title, ())
        alike = [max(similarity(texts[other], texts[len(went) + number]), MIN_SIMILARITY) for other in titled]
        found += [(-share, other, number) for share, other in zip(alike, titled, strict=True)]
    pairs, used_old, used_new = [], set(), set()
    for distance, one, other in sorted(found):
        if -distance >= MIN_SIMILARITY and one not in used_old and other not in used_new:
            used_old.add(one)
            used_new.add(other)
            pairs.append(ChangedPost(went[one], came[other], word_diff(went[one].text, came[other].text)))
    return sorted(pairs, key=lambda pair: (pair.new.title, pair.new.post_id))


def _files(post: Post) -> list[str]:
    return sorted({copy.file for copy in post.copies})


def _shown(answer: Answer) -> tuple[str, tuple[str, ...]]:
    """What a person sees: the status and the words, but not locations or confidence."""
    return answer.status, tuple(quote.text for quote in answer.quotes)


def version_lines(found: Difference, style: Style) -> Iterator[str]:
    """Show the differences to a person."""
    counts = (
        (len(found.came), "came"),
        (len(found.went), "went"),
        (len(found.changed), "changed"),
        (len(found.moved), "moved to other pages"),
    )
    changes = ", ".join(f"{count:,} {word}" for count, word in counts if count)
    yield f"{amount(found.same, 'post')} with the same words; {changes or 'no post was added, removed or changed'}"
    for sign, posts in (("+", found.came), ("-", found.went)):
        for post in posts:
            files = ", ".join(_files(post))
            yield f"{sign} {post.post_id[:_ID_DIGITS]}  {style.bold(visible(post.title))}  {visible(files)}"
    for pair in found.changed:
        renamed = f", was “{visible(pair.old.title)}”" if pair.old.title != pair.new.title else ""
        ids = f"{pair.new.post_id[:_ID_DIGITS]}"
        if pair.old.post_id != pair.new.post_id:
            ids += f", was {pair.old.post_id[:_ID_DIGITS]}"
        yield f"~ {ids}  {style.bold(visible(pair.new.title))}{renamed}"
        yield from edit_lines(pair.changes, style, " " * 6)
    for post, before in found.moved:
        yield f"> {post.post_id[:_ID_DIGITS]}  {style.bold(visible(post.title))}"
        yield f"      {visible(', '.join(before))} → {visible(', '.join(_files(post)))}"
    if found.questions:
        yield ""
        yield f"{amount(found.questions, 'question')} asked of both: {amount(len(found.answers), 'answer')} changed"
    for answer in found.answers:
        yield f"? {visible(answer.new.question)}"
        yield from (f"    old  {line}" for line in _answer_lines(answer.old))
        yield from (f"    new  {line}" for line in _answer_lines(answer.new))


def _answer_lines(answer: Answer) -> Iterator[str]:
    if not answer.quotes:
        yield f"no answer: {clipped(answer.reason or '', 90)}"
    for quote in answer.quotes:
        yield f"“{clipped(quote.text, 90)}”  {clipped(quote.post_title, 40)}"
