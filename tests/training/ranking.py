"""Fit a table of weights to your own questions: ``python tests/training/ranking.py NAME=INDEX:QUESTIONS ... --out FILE``.

Two regressions (``fitting``) are fitted to gold questions over indexes, then measured. Every name counts equally, however
many questions it has, and may be given several times. ``rebuild.py`` makes the table that ships.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from fitting import fit_confidence, fit_line, fit_ranking

from rag.answering.engine import Index
from rag.answering.quotes.quoting import confidence_signs, quotes, spanning
from rag.answering.selection.features import FEATURES
from rag.answering.selection.linear_model import LinearModel
from rag.answering.selection.ranker import READER_FEATURES, READER_SIGNS, SIGNS, Weights
from rag.answering.selection.ranking import rescored
from rag.evaluation.calibration import JudgedAnswer, effect_of
from rag.evaluation.gold import read_gold
from rag.evaluation.metrics import figures_of
from rag.evaluation.outcomes import outcomes
from rag.records import Answer
from rag.text.whitespace import fold_white

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt
    from fitting import Measured

    from rag.answering.selection.ranking import Ranking
    from rag.evaluation.gold import GoldRow
    from rag.records import Quote

    Matrix = npt.NDArray[np.float32]

__all__ = [
    "Example",
    "GoldSet",
    "Shown",
    "Trained",
    "collect",
    "figures_text",
    "held_out",
    "main",
    "marked_again",
    "pages_sha256",
    "table_dict",
    "told",
    "told_by_name",
    "train",
    "written",
]

_QUOTE = tuple(SIGNS).index("quote_similarity")
# refuse as much as one can while this share of the questions that the posts answer is answered: a reader who asks
# about these posts should seldom be turned away, and the band says how sure the answer is
_ANSWERED = 0.94
# What a set counts in the confidence with the reader. Its questions over blog posts have the near misses that people
# make; half of those over encyclopaedia paragraphs cannot be answered only by the letter.
_COUNTS = {"blogs": 2.0, "squad": 0.5}
# and a question that belongs to another set: it is easy to refuse
_FOREIGN_COUNT = 0.3


@dataclass(frozen=True, slots=True)
class Example:
    """One gold question as the ranking sees it; ``right`` bool (n,) marks the sentences that hold its evidence."""

    row: GoldRow
    ranking: Ranking
    right: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class GoldSet:
    """An index with the gold questions over it; ``file`` and ``sha256`` tell where the questions come from."""

    name: str
    index: Index
    file: str
    sha256: str
    examples: list[Example]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a table shows for a question: quotes, the signs at the first (float32 (n_signs,)), whether it is right.

    ``signs`` are rough: with the similarity of the quote's sentences; ``quote_similarity`` is that of it read alone.
    """

    row: GoldRow
    quotes: tuple[Quote, ...]
    signs: Matrix
    quote_similarity: float
    right: bool

    def confidence(self, table: Weights) -> float:
        """What an index says with this table."""
        return table.confidence(table.settled(self.signs, lambda: self.quote_similarity)) if self.quotes else 0.0


@dataclass(frozen=True, slots=True)
class Trained:
    """A table, and what it shows for every question of every set it was fitted to."""

    table: Weights
    shown: tuple[tuple[Shown, ...], ...]


def collect(index: Index, gold: Sequence[GoldRow]) -> list[Example]:
    """Measure the sentences of every question and mark those that hold its evidence."""
    files = _files(index)
    found = []
    for row in gold:
        ranking = index.ranking(row.question, row.history)
        texts = {one.row: ranking.text_of(one) for one in ranking.ranked}
        found.append(Example(row, ranking, _right(row, ranking, files, texts)))
    return found


def marked_again(index: Index, examples: Sequence[Example], table: Weights) -> list[Example]:
    """Mark a sentence as right when the quote that would be shown for it holds the evidence."""
    files = _files(index)
    found = []
    for example in examples:
        ranking = rescored(example.ranking, table)
        span_of = spanning(ranking)
        texts = {}
        for one in ranking.ranked:
            start, end = span_of(one)
            texts[one.row] = ranking.bodies[one.post_id].text[start:end]
        found.append(replace(example, right=_right(example.row, ranking, files, texts)))
    return found


def _files(index: Index) -> dict[str, set[str]]:
    return {post.post_id: {Path(copy.file).name for copy in post.copies} for post in index.posts()}


def _right(
    row: GoldRow, ranking: Ranking, files: Mapping[str, set[str]], texts: Mapping[int, str]
) -> npt.NDArray[np.bool_]:
    evidence = [fold_white(text) for text in row.wanted.evidence]
    wanted = {Path(name).name for name in row.wanted.files}
    right = np.zeros(len(ranking.ranked), dtype=bool)
    for one in ranking.ranked:
        if not wanted or wanted & files[one.post_id]:
            text = fold_white(texts[one.row])
            right[one.row] = any(piece in text for piece in evidence)
    return right


def train(sets: Sequence[GoldSet]) -> Trained:
    """Fit the table: the ranking twice, by sentences and then by the quotes it shows, and the confidence once."""
    names = (*SIGNS, *READER_SIGNS) if with_reader(sets) else tuple(SIGNS)
    blank = LinearModel.blank(names)
    table = Weights(_ranking_of(sets, [one.examples for one in sets]), blank, 0.0)
    again = [marked_again(one.index, one.examples, table) for one in sets]
    table = Weights(_ranking_of(sets, again), blank, 0.0)
    shown = [[_shown(one.index, example, table) for example in one.examples] for one in sets]
    size = Counter[str]()
    for one in sets:
        size[one.name] += len(one.examples)
    found = [(one.name, row) for one, rows in zip(sets, shown, strict=True) for row in rows if row.quotes]
    signs = np.array([row.signs for _, row in found], dtype=np.float32)
    similarity = np.array([row.quote_similarity for _, row in found])
    counts = np.array([1.0 / size[name] for name, _ in found])
    if with_reader(sets):
        foreign = np.array([row.row.id.startswith("x") for _, row in found])
        counts *= np.where(foreign, _FOREIGN_COUNT, 1.0) * np.array([_COUNTS.get(name, 1.0) for name, _ in found])
    line = fit_line(signs[:, _QUOTE].astype(np.float64), similarity, counts)
    signs[:, _QUOTE] = similarity
    answerable = np.array([row.row.answerable for _, row in found])
    means, scales, weights, offset = fit_confidence(
        signs, np.array([row.right for _, row in found]), answerable, counts
    )
    table = replace(table, confidence_by=LinearModel(names, means, scales, weights, offset))
    sure = sorted(table.confidence(row) for row in signs[answerable])
    threshold = sure[int(len(sure) * (1 - _ANSWERED))]
    table = replace(table, threshold_confidence=threshold, quote_line=line)
    return Trained(table, tuple(tuple(rows) for rows in shown))


def held_out(sets: Sequence[GoldSet], name: str) -> dict[str, float]:
    """The figures over the sets of one name by a table that is fitted to the others alone."""
    table = train([one for one in sets if one.name != name]).table
    return told(
        table, [_shown(one.index, example, table) for one in sets if one.name == name for example in one.examples]
    )


def told(table: Weights, shown: Sequence[Shown]) -> dict[str, float]:
    """The figures of what a table shows: the order of quotes judged without refusing, then what refusing does."""
    sure = [one.confidence(table) for one in shown]
    answers = [
        Answer(one.row.question, "answered", confidence, "low", one.quotes, id=one.row.id)
        for one, confidence in zip(shown, sure, strict=True)
    ]
    figures = figures_of(outcomes([one.row for one in shown], answers))
    judged = [JudgedAnswer(value, one.right, one.row.answerable) for one, value in zip(shown, sure, strict=True)]
    effect = effect_of(judged, table.threshold_confidence)
    measured = {name: value for name, value in figures.named() if name in ("hit@1", "hit@3", "auroc", "ece")}
    measured |= {"answered": effect.answered, "refused": effect.refused}
    return {"questions": len(shown)} | {name: round(value, 3) for name, value in measured.items()}


def told_by_name(sets: Sequence[GoldSet], trained: Trained) -> dict[str, dict[str, float]]:
    """The figures over the questions that a table was fitted to."""
    own: dict[str, list[Shown]] = {}
    for one, rows in zip(sets, trained.shown, strict=True):
        own.setdefault(one.name, []).extend(rows)
    return {name: told(trained.table, rows) for name, rows in own.items()}


def table_dict(
    sets: Sequence[GoldSet],
    table: Weights,
    held_out: Mapping[str, Mapping[str, float]],
    trained_on: Mapping[str, Mapping[str, float]],
    made_by: str = "python tests/training/ranking.py",
) -> dict[str, object]:
    """The table as it is written, with what it was made from and what it was found to be worth."""
    return {
        "made_by": made_by,
        "sets": [
            {
                "name": one.name,
                "questions": len(one.examples),
                "file": one.file,
                "sha256": one.sha256,
                "pages_sha256": pages_sha256((page.file, page.sha256) for page in one.index.pages()),
            }
            for one in sets
        ],
        "held_out": held_out,
        "trained_on": trained_on,
        "threshold_confidence": round(table.threshold_confidence, 4),
        "offset": round(table.confidence_by.offset, 6),
        "quote_line": {"slope": round(table.quote_line[0], 6), "offset": round(table.quote_line[1], 6)},
        "features": table.ranking.table(),
        "signs": table.confidence_by.table(),
    }


def pages_sha256(pages: Iterable[tuple[str, str]]) -> str:
    """One hash of many pages, given as name and hash of the file's bytes, whatever their order."""
    digest = hashlib.sha256()
    for file, sha256 in sorted(pages):
        digest.update(f"{file}\0{sha256}\n".encode())
    return digest.hexdigest()


def written(table: Mapping[str, object]) -> str:
    """The table as the text of its file."""
    return json.dumps(table, indent=1) + "\n"


def figures_text(held_out: Mapping[str, Mapping[str, float]], trained_on: Mapping[str, Mapping[str, float]]) -> str:
    """The figures as lines for a person."""
    lines = []
    for title, part in (("fitted to the others", held_out), ("fitted to it too", trained_on)):
        for number, (name, figures) in enumerate(part.items()):
            if not number:
                lines.append(f"{title:<22}" + "".join(f"{figure:>10}" for figure in figures))
            lines.append(
                f"{name:<22}"
                + "".join(
                    f"{value:>10.3f}" if isinstance(value, float) else f"{value:>10}" for value in figures.values()
                )
            )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit the table on the sets named, print what it is worth, and write it."""
    parser = argparse.ArgumentParser(
        prog="python tests/training/ranking.py", description=__doc__.split("\n", maxsplit=1)[0]
    )
    parser.add_argument("sets", nargs="+", metavar="NAME=INDEX:QUESTIONS", help="an index and gold questions over it")
    parser.add_argument("--held-out", action="append", default=[], metavar="NAME", help="also test on it, untrained")
    parser.add_argument("--out", type=Path, required=True, help="where the table is written")
    options = parser.parse_args(arguments)
    sets = [_open(text) for text in options.sets]
    trained = train(sets)
    held = {name: held_out(sets, name) for name in options.held_out}
    own = told_by_name(sets, trained)
    print(figures_text(held, own))  # noqa: T201
    options.out.write_text(written(table_dict(sets, trained.table, held, own)), encoding="utf-8")
    return 0


def _ranking_of(sets: Sequence[GoldSet], examples: Sequence[list[Example]]) -> LinearModel:
    names = (*FEATURES, *READER_FEATURES) if with_reader(sets) else FEATURES
    return LinearModel(names, *fit_ranking(_by_name(sets, examples)))


def with_reader(sets: Sequence[GoldSet]) -> bool:
    """Whether the reader was asked when the sentences were measured."""
    return sets[0].examples[0].ranking.log_odds is not None


def _by_name(sets: Sequence[GoldSet], examples: Sequence[list[Example]]) -> list[list[Measured]]:
    """What was measured in the examples of the sets that bear one name, together."""
    found: dict[str, list[Measured]] = {}
    for one, some in zip(sets, examples, strict=True):
        found.setdefault(one.name, []).extend((example.ranking.measures, example.right) for example in some)
    return list(found.values())


def _open(text: str) -> GoldSet:
    name, _, places = text.partition("=")
    folder, _, questions = places.partition(":")
    index, path = Index(folder), Path(questions)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return GoldSet(name, index, path.name, digest, collect(index, read_gold(path)))


def _shown(index: Index, example: Example, table: Weights) -> Shown:
    """The quotes for a question, the signs at the first, and whether it is right."""
    ranking = rescored(example.ranking, table)
    found = tuple(quotes(index.store, table, ranking))
    if not found:
        return Shown(example.row, (), np.zeros(len(table.confidence_by.names), dtype=np.float32), 0.0, right=False)
    answer = Answer(example.row.question, "answered", 0.0, "low", found, id=example.row.id)
    right = outcomes([example.row], [answer])[0].first_is_right
    rough = confidence_signs(index.store, ranking, found[0])
    return Shown(example.row, found, rough, index.quote_similarity(ranking, found[0]), right=right)


if __name__ == "__main__":
    sys.exit(main())
