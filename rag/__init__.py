"""Ask your own saved pages; get exact, cited quotations and nothing else.

>>> from rag import ask  # doctest: +SKIP
>>> ask("Who opened the first park?").quotes[0].text  # doctest: +SKIP
'The first park was opened by two neighbours with a borrowed spade.'

Importing this package loads no numerical library; each is loaded when something is built or asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rag.answering.engine import Index, open_index
    from rag.answering.heaps import open_indexes
    from rag.answering.verification import Verification
    from rag.errors import PullquoteError
    from rag.indexing.build import build_index
    from rag.loading.formats import plain_text
    from rag.records import Answer, Location, Post, Quote
    from rag.store.address import Address
    from rag.store.protocols import Home

__all__ = [
    "Answer",
    "Location",
    "Post",
    "PullquoteError",
    "Quote",
    "ask",
    "build_index",
    "open_index",
    "open_indexes",
    "plain_text",
    "verify",
]

_HOMES = {
    "Answer": "rag.records",
    "Location": "rag.records",
    "Post": "rag.records",
    "PullquoteError": "rag.errors",
    "Quote": "rag.records",
    "build_index": "rag.indexing.build",
    "open_index": "rag.answering.engine",
    "open_indexes": "rag.answering.heaps",
    "plain_text": "rag.loading.formats",
}

# the indexes that `ask` has opened, by address, each with its home and the snapshot that was opened
_opened: dict[Path | Address, tuple[Home, str | None, Index]] = {}
_opening = Lock()


def ask(
    question: str,
    *,
    history: Sequence[str] = (),
    post_id: str | None = None,
    always_answer: bool = False,
    index: str | Path | Sequence[str | Path] | None = None,
) -> Answer:
    """Answer a question with exact quotes from an index that is opened once and kept open.

    ``history`` contains the earlier questions of the conversation, oldest first; ``post_id`` restricts the answer to
    one post; ``always_answer`` switches refusals off. ``index`` is a folder or a server's address, or several of them,
    which are asked together; by default it is the value of the environment variable ``PULLQUOTE_INDEX``, or
    ``embeddings``. An index that has been rebuilt is opened again.

    Raises:
        PullquoteError: there is no index, or it cannot be used.

    """
    from rag.answering.heaps import together

    asked = together(_open_all(index))
    return asked.ask(question, history=history, post_id=post_id, always_answer=always_answer, explain=False)


def verify(
    answers: str | Path | Iterable[Answer],
    *,
    index: str | Path | Sequence[str | Path] | None = None,
    root: str | Path | None = None,
) -> Verification:
    """Open the pages again and check every quote of the answers, code point by code point.

    ``answers`` is an answers file (``.jsonl``, or ``.csv`` as `batch` writes it) or the answers themselves. The pages
    are those of the index; if several are given, those of the index that a quote names. Each quote is also checked
    against its post. With ``root``, the pages are the files of that folder. ``.holds`` of the result says whether all
    quotes are exact.

    Raises:
        PullquoteError: the answers file or the index cannot be opened.

    """
    from pathlib import Path

    from rag.answering.files.reopened_pages import PagesOfFolder
    from rag.answering.files.table_answers import answers_to_check
    from rag.answering.verification import Proof, proofs, verify_answers

    heaps = proofs(_open_all(index)) if root is None else None
    proof = next(iter(heaps.values())) if heaps is not None else Proof(PagesOfFolder(Path(root or ".")), None)
    if isinstance(answers, str | Path):
        rows = answers_to_check(Path(answers), proof.pages, proof.post_of)
        return verify_answers(rows, proof.pages, proof.post_of, heaps)
    return verify_answers(enumerate(answers, 1), proof.pages, proof.post_of, heaps)


def _open_all(index: str | Path | Sequence[str | Path] | None) -> list[Index]:
    named = [index] if index is None or not isinstance(index, Sequence) or isinstance(index, str) else index
    return [_open(one) for one in named]


def _open(index: str | Path | None) -> Index:
    from pathlib import Path

    from rag.answering.engine import open_index
    from rag.config import default_index
    from rag.store.address import read_address
    from rag.store.backends import home_of

    place = read_address(index if index is not None else default_index())
    if isinstance(place, Path):
        place = place.resolve()
    with _opening:
        kept = _opened.get(place)
        home = home_of(place) if kept is None else kept[0]
        snapshot = home.current()  # raises if something is missing
        if kept is None or kept[1] != snapshot:
            # the older one is not closed: another thread may be using it
            kept = (home, snapshot, open_index(place))
            _opened[place] = kept
        return kept[2]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
