"""The reader: a small transformer that reads a question together with a chunk and points at the sentences that answer.

It is the packaged embedding model, trained further (``tests/training/reader.py``). Its input is the question, then the
post's title and the chunk. Its output is a logit for every sentence, the log-sum-exp of the logits of its tokens, and
one for "none of them answers". What ships is the difference from the packaged model, in 8 bits
(``reader.safetensors``), and that of an encoder for questions (``question_encoder``).
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from rag.checksums import sha256_of
from rag.embedding.devices import card_for, on_card, open_session, processors
from rag.embedding.models import DEFAULT_MODEL, QUANTISED, ModelIdentity, folder_of, identify
from rag.embedding.prepared import GRAPH, INPUT, TOKENIZER, open_tokenizer, prepared
from rag.embedding.question_encoder import QuestionEncoder, write_question_encoder
from rag.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt
    from tokenizers import Tokenizer

    from rag.records import Span

    Logits = npt.NDArray[np.float32]

__all__ = [
    "UNREAD",
    "Reader",
    "Reading",
    "ReadingTask",
    "merged_weights",
    "open_reader",
    "reader_identity",
    "reading_tokens",
    "write_reader",
]

_DIFFERENCE = "reader.safetensors"
_SEGMENTS = "segments"
# tokens; of 4,576 questions about blog posts the longest has 49, and a chunk has at most 256 with its title
_MAX_QUESTION_TOKENS = 48
_MAX_TOKENS = 320
_CLS, _SEP, _FULL_STOP = 101, 102, 1012
# the encoder reads the title in the same form
_MAX_TITLE_WORDS, _MAX_TITLE_CHARACTERS = 20, 120


@dataclass(frozen=True, slots=True)
class ReadingTask:
    """A chunk to be read for a question; ``sentences`` are the spans of ``text``, in order, that may answer it."""

    question: str
    title: str
    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """The reader's result for a chunk: log odds of each sentence against "none of them", float32 (n_sentences,).

    A sentence beyond the reader's input has ``UNREAD``.
    """

    log_odds: Logits


# log odds of a sentence that was not read
UNREAD = -15.0


@dataclass(frozen=True, slots=True)
class Tokens:
    """One text as the reader receives it; ``owners`` has the number of each token's sentence, or -1."""

    ids: tuple[int, ...]
    segments: tuple[int, ...]
    owners: tuple[int, ...]


def reading_tokens(tokenizer: Tokenizer, task: ReadingTask) -> Tokens:
    """Tokenise a task: ``[CLS] question [SEP] title . chunk [SEP]``, at most 320 tokens; the chunk's end is cut."""
    question = tokenizer.encode(task.question, add_special_tokens=False).ids[:_MAX_QUESTION_TOKENS]
    title = " ".join(task.title.split()[:_MAX_TITLE_WORDS])[:_MAX_TITLE_CHARACTERS]
    head = [_CLS, *question, _SEP]
    over = [*tokenizer.encode(title, add_special_tokens=False).ids, _FULL_STOP] if title else []
    body = tokenizer.encode(task.text, add_special_tokens=False)
    room = _MAX_TOKENS - len(head) - len(over) - 1
    owners, place = [], 0
    for start, end in body.offsets[:room]:
        while place < len(task.sentences) and task.sentences[place].end <= start:
            place += 1
        inside = place < len(task.sentences) and end > task.sentences[place].start and end > start
        owners.append(place if inside else -1)
    ids = [*head, *over, *body.ids[:room], _SEP]
    return Tokens(
        tuple(ids),
        (0,) * len(head) + (1,) * (len(ids) - len(head)),
        (-1,) * (len(head) + len(over)) + (*owners, -1),
    )


class Reader:
    """A prepared reader in ONNX Runtime; safe to use from several threads.

    A chunk is read by itself, so the result depends only on the question and the chunk, bit for bit.
    """

    def __init__(self, identity: ModelIdentity, folder: Path, card: str | None = None) -> None:
        self.identity = identity
        self._tokenizer = open_tokenizer(folder)
        self._session = open_session(folder / GRAPH, card)
        self._questions = QuestionEncoder(self._tokenizer, folder, card)
        self._threads = 1 if on_card(self._session) else processors()

    def tuned(self, question: str, vector: Logits, model: str) -> Logits:
        """The vector by which answers to a question are found, float32 (dim,), of unit length.

        It belongs to the vectors of the packaged model; for any other ``model``, the question's ``vector`` is returned.
        """
        return vector if model.removesuffix(QUANTISED) != DEFAULT_MODEL else self._questions.encode(question)

    def read(self, tasks: Sequence[ReadingTask]) -> list[Reading]:
        """Read chunks, several in parallel; return a ``Reading`` for each, in order."""
        if len(tasks) == 1 or self._threads == 1:
            return [self._read(task) for task in tasks]
        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(self._read, tasks))

    def _read(self, task: ReadingTask) -> Reading:
        import numpy as np

        tokens = reading_tokens(self._tokenizer, task)
        inputs = {
            INPUT: np.array([tokens.ids], dtype=np.int32),
            _SEGMENTS: np.array([tokens.segments], dtype=np.int32),
        }
        logits: Logits = self._session.run(None, inputs)[0][0]
        return Reading(_log_odds(logits, tokens.owners, len(task.sentences)))


def _log_odds(logits: Logits, owners: Sequence[int], sentences: int) -> Logits:
    """Log odds of sentences against "none"; ``logits`` float32 (tokens, 2) are those of the tokens and of "none"."""
    import numpy as np

    of, values = np.array(owners), logits[:, 0].astype(np.float64)
    found = np.full(sentences, UNREAD, dtype=np.float32)
    read = of >= 0
    if not read.any():
        return found
    most = values[read].max()
    sums = np.bincount(of[read], np.exp(values[read] - most), minlength=sentences)
    there = sums > 0
    found[there] = np.log(sums[there]) + most - float(logits[0, 1])
    return found


def open_reader() -> Reader:
    """The reader that ships, on the chosen device; it is prepared first if necessary.

    Raises:
        ModelError: the packaged model or the reader's weights are missing or damaged.

    """
    return _opened(card_for())


@lru_cache(maxsize=1)
def _opened(card: str | None) -> Reader:
    identity = reader_identity(exact=card is not None)
    with prepared(identity, lambda into: write_reader(into, eight_bit=identity.quantised)) as ready:
        return Reader(identity, ready, card)


def merged_weights() -> dict[str, npt.NDArray[np.float32]]:
    """The reader's weights by the packaged model's names: that model's weights plus the difference that ships.

    Raises:
        ModelError: the packaged model or the difference is missing or damaged.

    """
    import numpy as np
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    from rag.embedding.onnx_export import read_weights

    weights = read_weights(folder_of(DEFAULT_MODEL))
    try:
        difference = load_file(_path())
    except (OSError, SafetensorError) as error:
        raise ModelError(f"the reader's weights cannot be read ({error})", path=str(_path()), remedy=_REMEDY) from error
    for name, value in difference.items():
        if value.dtype == np.int8:
            weights[name] = (
                weights.get(name, np.float32(0.0)) + value.astype(np.float32) * difference[f"{name}:scale"][:, None]
            )
        elif not name.endswith(":scale"):
            weights[name] = value.astype(np.float32)
    return weights


_REMEDY = "Reinstall Pullquote, or answer without the reader: --fast."


def _path() -> Path:
    return Path(__file__).with_name(_DIFFERENCE)


@lru_cache(maxsize=2)
def reader_identity(*, exact: bool = False) -> ModelIdentity:
    """The identity of the reader; its hash covers the difference that ships, the packaged model, and the use of 8 bits.

    With ``exact``, it is the one without 8 bits; otherwise this depends on the processor.

    Raises:
        ModelError: the packaged model or the difference is missing or damaged.

    """
    base = identify(DEFAULT_MODEL, folder_of(DEFAULT_MODEL))
    described = json.loads(_path().with_suffix(".json").read_text(encoding="utf-8"))
    try:
        found = sha256_of(_path())
    except OSError as error:
        raise ModelError("the reader's weights are missing", path=str(_path()), remedy=_REMEDY) from error
    if found != described["sha256"]:
        raise ModelError(
            "the reader's weights are damaged",
            path=str(_path()),
            expected=f"SHA-256 {described['sha256']}",
            got=found,
            remedy=_REMEDY,
        )
    eight_bit = not exact and _multiplies_bytes()
    digest = f"{found[:24]}{base.sha256[:7]}{'8' if eight_bit else '0'}"
    return ModelIdentity("the reader", digest, base.dim, _MAX_TOKENS, eight_bit)


def _multiplies_bytes() -> bool:
    """Whether this processor sums products of bytes without overflow (VNNI, or dot products on ARM)."""
    if sys.platform != "linux":
        return sys.platform == "darwin"
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return any(flag in flags for flag in ("avx512_vnni", "avx_vnni", "asimddp"))


def write_reader(into: Path, *, eight_bit: bool) -> None:
    """Write the graphs of the reader and of its encoder for questions, with weights and tokenizer, into a folder."""
    import shutil

    import numpy as np

    from rag.embedding.onnx_export import save_graph
    from rag.embedding.reader_graph import ReaderDrawing

    folder = folder_of(DEFAULT_MODEL)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    weights = merged_weights()
    heads = ("token", "none")
    weights["heads.weight"] = np.concatenate([weights[f"{name}.weight"] for name in heads])
    weights["heads.bias"] = np.concatenate([weights[f"{name}.bias"] for name in heads])
    drawing = ReaderDrawing(weights, str(_path()), float(config["layer_norm_eps"]), eight_bit=eight_bit)
    drawing.dense("heads", drawing.transformer(config, _SEGMENTS))
    save_graph(drawing.model([INPUT, _SEGMENTS], "logits", len(heads)), into)
    write_question_encoder(folder, weights, into, eight_bit=eight_bit)
    shutil.copyfile(folder / TOKENIZER, into / TOKENIZER)
