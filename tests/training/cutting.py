"""Fitting the weights of the cues for posts: a semi-Markov model of how a page is cut (Sarawagi and Cohen 2004).

The likelihood of a cut is that of its posts taken together, against all other cuts of the page. It is convex, and
nothing is drawn by chance, so the same pages give the same weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rag.extraction.boundary_features import possible_starts, post_cues, title_cues

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from rag.extraction.boundary_features import Cues
    from rag.extraction.outline import Heap, Outline

    Vector = npt.NDArray[np.float64]

__all__ = ["Page", "fit", "page_cues"]

# "untitled" says that a line cannot be a title; a page has it or not however it is cut
_NOT_FITTED = "untitled"


@dataclass(frozen=True, slots=True)
class Page:
    """A page's cues: of each possible start, and of the post from start ``i`` to each later one; ``right`` is its cut.

    ``posts`` holds the rows of all starts behind each other, row ``i`` with one entry for each of the ends i+1 ... n.
    ``right`` are the numbers of the starts where posts begin, the first of them 0.
    """

    starts: tuple[Cues, ...]
    posts: tuple[Cues, ...]
    right: tuple[int, ...]


def page_cues(one: Outline, heap: Heap, titles: Sequence[int]) -> Page:
    """Measure a page whose posts begin with these lines; what stands above the first of them is taken for a post.

    A title that cannot be a start is left out: no weight would find it.
    """
    starts = possible_starts(one)
    places = {line: place for place, line in enumerate(starts)}
    right = sorted({0, *(places[line] for line in titles if line in places)})
    posts = tuple(cues for row in post_cues(one, starts, heap) for cues in row)
    return Page(tuple(title_cues(one, starts, heap)), posts, tuple(right))


def fit(pages: Sequence[tuple[Page, float]], penalty: float) -> dict[str, float]:
    """The weight of each cue by its name, for pages that count as much as the number beside each says."""
    from scipy.optimize import minimize

    names = sorted({name for page, _ in pages for cues in (*page.starts, *page.posts) for name in cues} - {_NOT_FITTED})
    columns = {name: column for column, name in enumerate(names)}
    starts = _matrix([cues for page, _ in pages for cues in page.starts], columns)
    posts = _matrix([cues for page, _ in pages for cues in page.posts], columns)

    groups = _groups(pages)

    def loss(weights: Vector) -> tuple[float, Vector]:
        start_scores, post_scores = starts @ weights, posts @ weights
        # how much more likely each start and each post is than it should be
        start_excess, post_excess = np.zeros(len(start_scores)), np.zeros(len(post_scores))
        value = penalty * float(weights @ weights) / 2
        for group in groups:
            size = group.starts.shape[1]
            upper = (slice(None), *np.triu_indices(size))
            scores = np.full((len(group.starts), size, size), -np.inf)
            scores[upper] = post_scores[group.posts]
            scores += start_scores[group.starts][:, :, None]
            log_sums, chances = _chances(scores)
            value += float(group.counts @ (log_sums - np.where(group.right, scores, 0.0).sum(axis=(1, 2))))
            excess = group.counts[:, None, None] * (chances - group.right)
            start_excess[group.starts] = excess.sum(axis=2)
            post_excess[group.posts] = excess[upper]
        return value, penalty * weights + starts.T @ start_excess + posts.T @ post_excess

    found = minimize(
        loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", options={"maxiter": 1000, "ftol": 1e-8, "gtol": 1e-3}
    )
    return dict(zip(names, found.x.tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class _Group:
    """The pages with as many possible starts: where their cues stand among all, and which posts are the right ones.

    starts int (pages, n), posts int (pages, n * (n + 1) / 2), right bool (pages, n, n) by first and last start, counts
    float64 (pages,).
    """

    starts: npt.NDArray[np.int64]
    posts: npt.NDArray[np.int64]
    right: npt.NDArray[np.bool_]
    counts: Vector


def _groups(pages: Sequence[tuple[Page, float]]) -> list[_Group]:
    borders = np.cumsum([0, *(len(page.starts) for page, _ in pages)])
    post_borders = np.cumsum([0, *(len(page.posts) for page, _ in pages)])
    found = []
    for size in sorted({len(page.starts) for page, _ in pages}):
        members = [number for number, (page, _) in enumerate(pages) if len(page.starts) == size]
        right = np.zeros((len(members), size, size), dtype=bool)
        for place, number in enumerate(members):
            begin = pages[number][0].right
            right[place, begin, [*(start - 1 for start in begin[1:]), size - 1]] = True
        found.append(
            _Group(
                borders[members][:, None] + np.arange(size),
                post_borders[members][:, None] + np.arange(size * (size + 1) // 2),
                right,
                np.array([pages[number][1] for number in members]),
            )
        )
    return found


def _chances(scores: Vector) -> tuple[Vector, Vector]:
    """Logarithm of the sum over all cuts of each page, float64 (pages,), and how likely each post of it is."""
    pages, size, _ = scores.shape
    before, after = np.zeros((pages, size + 1)), np.zeros((pages, size + 1))
    for end in range(size):
        before[:, end + 1] = np.logaddexp.reduce(before[:, : end + 1] + scores[:, : end + 1, end], axis=1)
    for start in range(size - 1, -1, -1):
        after[:, start] = np.logaddexp.reduce(scores[:, start, start:] + after[:, start + 1 :], axis=1)
    sums = before[:, -1]
    return sums, np.exp(before[:, :-1, None] + scores + after[:, None, 1:] - sums[:, None, None])


def _matrix(rows: Sequence[Mapping[str, float]], columns: Mapping[str, int]):  # noqa: ANN202 - scipy has no types
    """A sparse matrix with a row for each of these cues and a column for each name."""
    from scipy.sparse import csr_array

    held = [[(columns[name], value) for name, value in row.items() if value and name in columns] for row in rows]
    values = [value for row in held for _, value in row]
    places = [column for row in held for column, _ in row]
    borders = np.cumsum([0, *map(len, held)])
    return csr_array((values, places, borders), shape=(len(rows), len(columns)), dtype=np.float64)
