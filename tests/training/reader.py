"""Train the reader and write what ships of it: rag/embedding/reader.safetensors and reader.json.

    python tests/training/reader.py WORK              train, or go on after a stop; WORK keeps checkpoints and the curve
    python tests/training/reader.py WORK --threads 1  on one core

Nine parts, each with a learning rate that falls to 0: questions over passages, then those over blog posts with three
other chunks each, these again with two, and our own questions over other posts; then more passages, more questions of
ours over more posts and articles, still more, most in other words, twice, and near misses beside the questions that
they nearly are. A stop loses at most four minutes. Weights before and after a part are averaged where PARTS says so.
Last, the encoder for questions is trained. ../shared/data has to be there; see README.md for time and figures.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from question_encoder import heap_of, train_question_encoder
from reader_model import ReaderModel, batch_of, fast_type, loss_of, odds_of
from reader_rows import OUR_HEAPS, blog_questions, blog_rows, is_held_out, our_rows, passages, twins
from safetensors.numpy import save_file
from tables import ROOT, DataProblem, say, shared
from tokenizers import Tokenizer

from rag.answering.engine import Index
from rag.embedding.models import DEFAULT_MODEL, folder_of
from rag.embedding.onnx_export import read_weights
from rag.embedding.reader import ReadingTask, reading_tokens
from rag.indexing.build import build_index

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt
    from question_encoder import Heap
    from reader_rows import BlogQuestion, MarkedText

    State = dict[str, torch.Tensor]
    Weights = dict[str, npt.NDArray[np.float32]]
    # a question as it is typed, and the texts that are read for it
    Asked = tuple[str, list[MarkedText]]

SHIPPED = ROOT / "rag" / "embedding"
SEED = 1
# passages that go through the model together, chunks of questions, and the fewest questions
_TEXTS, _CHUNKS, _QUESTIONS = 32, 24, 8
_SAVED_EVERY_SECONDS = 240
_LOGGED_EVERY = 25
_WARM_UP = 150
# how often the only other chunk is one of the same post
_SAME_POST = 0.5
# questions among which those with chunks of similar length are put together, so that little is padded
_WINDOW = 512


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the training: how many passages, what share of the blog questions, and which of our own.

    ``twins`` is how many pairs of an answerable question and a near miss over the same passage are added. ``ours`` is
    the round of our questions that is asked whole, 0 or one beyond the last for none, and ``repeated`` the share of
    those of the rounds before it. ``others`` is how many chunks that do not answer each question over posts is read beside;
    ``masked`` the share of tokens that are hidden, so that no text is learnt by heart. Where ``counts`` is given, what
    goes on is the mean of the weights after the part and those kept before, and the former count for so much; where
    ``keeps`` is set, the weights before the part are those. ``steps`` is how many of its batches are trained on, None
    for all.
    """

    name: str
    passages: int
    others: int
    rate: float
    blogs: float = 1.0
    twins: int = 0
    ours: int = 0
    repeated: float = 0.0
    masked: float = 0.0
    keeps: bool = False
    counts: float | None = None
    steps: int | None = None


PARTS = (
    Part("passages", 13_000, 0, 2e-4, blogs=0.0),
    Part("blogs", 3_000, 3, 1.5e-4),
    Part("blogs again", 1_200, 2, 1.3e-4),
    Part("other posts", 2_000, 3, 1.2e-4, blogs=0.3, ours=1, masked=0.05, keeps=True, counts=0.7),
    Part("more passages", 33_000, 0, 1.2e-4, blogs=0.0, masked=0.05, keeps=True),
    Part("more posts", 2_400, 2, 1.2e-4, blogs=0.2, ours=2, repeated=0.2, masked=0.05, counts=0.7),
    Part("other words", 900, 1, 1.2e-4, blogs=0.1, ours=3, repeated=0.06, masked=0.05, keeps=True, counts=0.7),
    Part(
        "still more words",
        600,
        1,
        1e-4,
        blogs=0.06,
        ours=4,
        repeated=0.04,
        masked=0.05,
        keeps=True,
        counts=0.7,
        steps=700,
    ),
    Part(
        "near misses",
        0,
        1,
        1.2e-4,
        blogs=0.1,
        twins=16_000,
        ours=5,
        repeated=0.1,
        masked=0.05,
        keeps=True,
        counts=0.5,
    ),
)


def as_typed(question: str, rng: random.Random) -> str:
    """Write a question as people type: without its mark, in lower case or capitals, with a slip of the finger."""
    if rng.random() < 0.3:
        question = question.rstrip("?!. ")
    case = rng.random()
    if case < 0.25:
        question = question.lower()
    elif case < 0.28:
        question = question.upper()
    words = question.split()
    place = rng.randrange(len(words))
    word = words[place]
    if rng.random() < 0.1 and len(word) > 4:
        at, slip = rng.randrange(1, len(word) - 1), rng.random()
        if slip < 0.35:
            word = word[:at] + word[at + 1 :]
        elif slip < 0.7:
            word = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        else:
            word = word[:at] + word[at] + word[at:]
        words[place] = word
    return " ".join(words)


def chunks_for(asked: BlogQuestion, others: int, rng: random.Random) -> list[MarkedText]:
    """Draw a right chunk, another of the same post, and others that the search puts near the top."""
    right = [chunk for chunk in asked.chunks if chunk.right]
    if asked.answerable and not right:
        return []
    chosen = [rng.choice(right)] if asked.answerable else []
    same = [chunk for chunk in asked.chunks if not chunk.right and chunk.same_post]
    drawn = [rng.choice(same)] if same and (others > 1 or rng.random() < _SAME_POST) else []
    near = [chunk for chunk in asked.chunks if not chunk.right and 0 <= chunk.rank < 20]
    weights = [1 / (3 + chunk.rank) for chunk in near]
    for _ in range(20):
        if len(drawn) >= others or not near:
            break
        one = rng.choices(near, weights)[0]
        if one not in drawn:
            drawn.append(one)
    return chosen + drawn


def batches(
    part: Part,
    texts: Sequence[tuple[str, MarkedText]],
    blogs: Sequence[BlogQuestion],
    ours: Mapping[int, Sequence[BlogQuestion]],
) -> list[list[Asked]]:
    """All batches of a part in their order; ``ours`` are our questions by round.

    A batch of questions over posts holds several texts for each.
    """
    rng = random.Random(f"{SEED}/{part.name}")
    plain = [(as_typed(question, rng), [text]) for question, text in texts]
    plain.sort(key=lambda one: len(one[1][0].text) + 40 * rng.random())
    found = [plain[at : at + _TEXTS] for at in range(0, len(plain), _TEXTS)]
    some = list(blogs) if part.blogs == 1 else rng.sample(blogs, round(part.blogs * len(blogs)))
    for number in range(1, part.ours):
        some += rng.sample(ours[number], round(part.repeated * len(ours[number])))
    some += ours.get(part.ours, ())
    asked = [(as_typed(one.question, rng), chunks_for(one, part.others, rng)) for one in some]
    asked = [one for one in asked if one[1]]
    rng.shuffle(asked)
    at_once = max(_QUESTIONS, _CHUNKS // (1 + part.others))
    for start in range(0, len(asked), _WINDOW):
        near = sorted(asked[start : start + _WINDOW], key=lambda one: max(len(text.text) for text in one[1]))
        found += [near[at : at + at_once] for at in range(0, len(near), at_once)]
    rng.shuffle(found)
    return found[: part.steps]


def train(work: Path, tokenizer: Tokenizer, plan: Sequence[tuple[Part, list[list[Asked]]]]) -> ReaderModel:
    """Run the parts that are not done, as a checkpoint in ``work`` says, and average weights as the parts say."""
    torch.manual_seed(SEED)
    model = ReaderModel(folder_of(DEFAULT_MODEL))
    model.train()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    checkpoint, kept = work / "checkpoint.pt", work / "kept.pt"
    done = torch.load(checkpoint) if checkpoint.exists() else {"part": 0, "step": 0, "optimiser": None}
    if "model" in done:
        model.load_state_dict(done["model"])
    for number, (part, steps) in enumerate(plan):
        if number < done["part"]:
            continue
        optimiser = torch.optim.AdamW(
            [
                {"params": [one for one in trained if one.ndim > 1], "weight_decay": 0.01},
                {"params": [one for one in trained if one.ndim <= 1], "weight_decay": 0.0},
            ],
            lr=part.rate,
        )
        first = done["step"] if number == done["part"] else 0
        if part.keeps and not first:
            torch.save(model.state_dict(), kept)
        if first and done["optimiser"] is not None:
            optimiser.load_state_dict(done["optimiser"])
        saved = time.monotonic()
        for step, loss in _steps(model, tokenizer, optimiser, part, steps, first):
            if step % _LOGGED_EVERY == 0 or step == len(steps):
                _log(work, part, step, len(steps), loss)
            if step == len(steps) and part.counts is not None:
                model.load_state_dict(mean_of(torch.load(kept), model.state_dict(), part.counts))
            if time.monotonic() - saved > _SAVED_EVERY_SECONDS or step == len(steps):
                at = (number + 1, 0) if step == len(steps) else (number, step)
                state = {"part": at[0], "step": at[1], "model": model.state_dict(), "optimiser": optimiser.state_dict()}
                torch.save(state, work / "checkpoint.new")
                (work / "checkpoint.new").replace(checkpoint)
                saved = time.monotonic()
    return model


def mean_of(before: State, after: State, share: float) -> State:
    """The weighted mean of two states of a model, ``share`` of it the second.

    Between weights before and after a fine-tuning lie ones that do better on other texts than either
    (Wortsman et al., Robust fine-tuning of zero-shot models, 2022).
    """
    return {name: torch.lerp(old.float(), after[name].float(), share) for name, old in before.items()}


def _steps(
    model: ReaderModel,
    tokenizer: Tokenizer,
    optimiser: torch.optim.Optimizer,
    part: Part,
    steps: Sequence[list[Asked]],
    first: int,
) -> Iterator[tuple[int, float]]:
    """Train on batch after batch; gives the number of each step, from 1, and its loss."""
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    dtype = fast_type()
    for step, asked in enumerate(steps[first:], first):
        texts = [
            reading_tokens(tokenizer, ReadingTask(q, one.title, one.text, one.sentences))
            for q, some in asked
            for one in some
        ]
        right = [one.right for _, some in asked for one in some]
        several = any(len(some) > 1 for _, some in asked)
        groups = [number for number, (_, some) in enumerate(asked) for _ in some] if several else None
        batch = batch_of(texts, right, groups).masked(part.masked)
        for group in optimiser.param_groups:
            group["lr"] = part.rate * min(1.0, (step + 1) / _WARM_UP) * (1 - step / len(steps))
        with torch.autocast("cpu", dtype=dtype, enabled=dtype != torch.float32):
            logits, none = model(batch)
        loss = loss_of(odds_of(logits.float(), none.float(), batch), batch)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        yield step + 1, float(loss.detach())


def _log(work: Path, part: Part, step: int, steps: int, loss: float) -> None:
    line = {"part": part.name, "step": step, "of": steps, "loss": round(loss, 4)}
    with (work / "curve.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")
    say(f"{part.name}: {step} of {steps}, loss {loss:.3f}")


def difference(trained: Weights) -> dict[str, npt.NDArray[np.generic]]:
    """What ships: matrices as 8-bit differences to the packaged model with a scale for each row, the rest as it is."""
    base = read_weights(folder_of(DEFAULT_MODEL))
    found: dict[str, npt.NDArray[np.generic]] = {}
    for name, value in trained.items():
        if value.ndim == 1 or name in ("token.weight", "none.weight"):
            found[name] = np.ascontiguousarray(value, dtype=np.float32)
            continue
        change = value - base.get(name, np.float32(0.0))
        scale = np.maximum(np.abs(change).max(axis=1), 1e-9) / 127
        found[name] = np.round(change / scale[:, None]).astype(np.int8)
        found[f"{name}:scale"] = scale.astype(np.float32)
    return found


def ship(shipped: dict[str, npt.NDArray[np.generic]], into: Path) -> None:
    """Write the difference and its hash."""
    save_file(shipped, into / "reader.safetensors")
    digest = hashlib.sha256((into / "reader.safetensors").read_bytes()).hexdigest()
    described = {"made_by": "python tests/training/reader.py", "base": DEFAULT_MODEL, "sha256": digest}
    (into / "reader.json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")


def asked_about(work: Path) -> tuple[list[BlogQuestion], dict[int, list[BlogQuestion]], list[Heap]]:
    """The blog questions, our own by round, and all by the index they are about; indexes are built in ``work``."""
    own = our_rows(work / "posts")
    ours: dict[int, list[BlogQuestion]] = {}
    blogs: list[BlogQuestion] = []
    heaps = []
    for heap in OUR_HEAPS:
        pages = shared("blogs/questions-train.jsonl").parent / "pages" if heap == "blogs" else work / "posts" / heap
        build_index([pages], into=work / f"{heap}-index")
        with Index(work / f"{heap}-index", fast=True) as index:
            about = blog_questions(index, own[heap])
            if heap == "blogs":
                blogs = [one for one in blog_questions(index, blog_rows()) if not is_held_out(one.about)]
            heaps.append(heap_of(index, [*blogs, *about] if heap == "blogs" else about))
        for row, one in zip(own[heap], about, strict=True):
            ours.setdefault(int(str(row["round"])), []).append(one)
    return blogs, ours, heaps


def main(arguments: Sequence[str] | None = None) -> int:
    """Train to the end and write what ships."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path, help="a folder for checkpoints, the curve and the index of the blog posts")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--into", type=Path, default=SHIPPED, help="where the weights are written")
    options = parser.parse_args(arguments)
    options.work.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(folder_of(DEFAULT_MODEL) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    try:
        texts = passages(SEED)
        blogs, ours, heaps = asked_about(options.work)
    except DataProblem as problem:
        say(str(problem))
        return 2
    plan, at = [], 0
    for part in PARTS:
        some = [texts[number % len(texts)] for number in range(at, at + part.passages)]
        some += twins(SEED, part.twins)
        plan.append((part, batches(part, some, blogs, ours)))
        at += part.passages
    # here, not before: asking an index sets the threads of all libraries that share an OpenMP to one
    torch.set_num_threads(options.threads)
    model = train(options.work, tokenizer, plan)
    questions = train_question_encoder(heaps, as_typed, SEED)
    ship(difference({**model.weights(), **questions.weights()}), options.into)
    return 0


if __name__ == "__main__":
    sys.exit(main())
