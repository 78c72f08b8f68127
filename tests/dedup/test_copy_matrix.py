"""The picture has a mark for every place, and the rarest kind if many share a cell."""

from __future__ import annotations

from makers import make_post

from rag.dedup.copy_matrix import MAX_COLUMNS, MAX_ROWS, copy_kind, draw
from rag.records import Copy, Piece, Post, Variant


def _copy(file: str, text: str | None = None) -> Copy:
    return Copy(file, "0" * 64, (Piece(0, 0, 0, 9, "The title"), Piece(0, 5, 9, 14, text)))


def _post(number: int, *copies: Copy, variants: tuple[Variant, ...] = ()) -> Post:
    return make_post("words", *copies, post_id=f"{number:016x}", variants=variants)


def test_a_title_or_another_space_is_not_an_edit() -> None:
    """Other words are marked; a post with a version is marked as such on every page."""
    made = _post(1, _copy("a"), _copy("b", "words "), _copy("c", "terms"))
    assert [copy_kind(made, copy) for copy in made.copies] == ["same", "same", "edited"]
    version = _post(2, _copy("a"), variants=(Variant("3" * 16, "1", "2"),))
    assert copy_kind(version, version.copies[0]) == "variant"


def test_every_place_has_its_mark_and_many_share_one() -> None:
    """Few posts have a cell each; with many, neighbours share one, and the picture does not grow further."""
    small = draw([_post(1, _copy("a"), _copy("b", "terms")), _post(2, _copy("b"))], ["a", "b"])
    assert [(kind, marks.count("M")) for kind, marks in small.marks] == [("same", 2), ("edited", 1)]
    assert small.shared == 1
    assert draw([_post(1, _copy("a"), _copy("a"))], ["a"]).words == (
        "1 post down, 1 page across. No post appears on more than one page."
    )
    many = [_post(number, _copy(f"{number % 500}")) for number in range(1000)]
    large = draw(many, [f"{number}" for number in range(500)])
    assert sum(marks.count("M") for _, marks in large.marks) <= MAX_ROWS * MAX_COLUMNS
    assert len(large.firsts) == MAX_ROWS
    assert draw([], []).marks == ()
