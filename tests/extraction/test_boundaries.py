"""The weights that divide pages are those that the script makes, and it makes sensible ones."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest
import tables
from made_pages import Text, invented, made_heap
from training import borders

from rag.extraction.boundaries import find_starts, load_cue_weights
from rag.extraction.outline import Heap, outline
from rag.extraction.text_boilerplate import Glue
from rag.text.lines import cut_blocks

if TYPE_CHECKING:
    from pathlib import Path

NO_DATA = "the texts of ../shared/data are not here"


def test_made_pages_hold_every_post_once_under_its_title() -> None:
    """Titles are where they are said to be, in order; without overlap no post is lost and none occurs twice."""
    for seed in range(30):
        rng = random.Random(seed)
        texts = invented(rng, 8)
        found = []
        for page in made_heap(texts, rng, overlap=False, single=False):
            assert list(page.titles) == sorted(page.titles)
            found += [page.text[at:].split("\n")[0].replace("\xa0", " ") for at in page.titles]
        assert len(found) == len(texts)
        assert all(line.startswith(text.title) for line, text in zip(found, texts, strict=True))


def test_the_same_seed_makes_the_same_pages() -> None:
    """The seed alone decides what is drawn."""
    texts = [Text("A title of four words", ("One paragraph.", "Another.")), Text("Second", ("More.",))] * 5
    made = [made_heap(texts, random.Random(seed), overlap=True, single=False) for seed in (5, 5, 6)]
    assert made[0] == made[1] != made[2]


def _heaps(seed: int, count: int) -> list[borders.LabelledHeap]:
    rng = random.Random(seed)
    return [borders._heap(invented(rng, 8), rng, single=False) for _ in range(count)]


def test_weights_fitted_to_some_blogs_find_the_posts_of_others() -> None:
    """On texts of made-up words, in unseen templates; without weights, hardly a title is found."""
    weights = borders.fit([(page, 1.0) for page in borders.measured(_heaps(3, 15))], borders.PENALTY)
    assert weights["frame_before"] > 0.0 > weights["cohesion"]
    others = _heaps(4, 15)
    fitted = borders.figures(others, weights)["f1"]
    assert fitted > 0.85
    assert fitted > borders.figures(others, dict.fromkeys(weights, 0.0))["f1"] + 0.2


def test_the_likeliest_cut_of_a_page_is_found_among_all() -> None:
    """The probabilities of all first and last starts add up, and favour the posts with the higher scores."""
    import cutting
    import numpy as np

    scores = np.full((1, 3, 3), -np.inf)
    scores[0][np.triu_indices(3)] = [0.0, 0.0, 0.0, 0.0, 0.0, np.log(3.0)]
    sums, chances = cutting._chances(scores)
    # the four cuts of three starts; those in which the last start is a post of its own count three times
    assert sums[0] == pytest.approx(np.log(3 + 3 + 1 + 1))
    assert chances[0, 2, 2] == pytest.approx(6 / 8)
    assert chances[0, :, 2].sum() == pytest.approx(1.0)


def test_given_weights_are_used_instead_of_those_that_ship() -> None:
    """A weight that forbids titles leaves each page one post."""
    heap = _heaps(7, 1)[0]
    outlines, known = borders.outlined(heap)
    never = load_cue_weights() | {"title": -1000.0}
    assert all(len(starts) == 1 for starts in find_starts(outlines, known, never))
    assert sum(map(len, find_starts(outlines, known))) > len(heap)


def test_the_table_and_the_readme_say_the_same() -> None:
    """The block of figures is the one in the table that ships; real pages are among what was held out."""
    table = json.loads(borders.TABLE.read_text(encoding="utf-8"))
    readme = borders.README.read_text(encoding="utf-8")
    shown = borders.figures_text(table["held_out"], table["trained_on"])
    assert borders.with_figures(readme, shown, borders.HEADING) == readme
    assert set(table["trained_on"]) == set(table["pages_sha256"]) == {*table["held_out"], "invented"}
    assert len([name for name, row in table["held_out"].items() if row["pages"] <= 10]) == 4
    assert table["weights"] == load_cue_weights()


@pytest.mark.skipif(not tables.DATA.is_dir(), reason=NO_DATA)
def test_the_table_was_made_from_these_pages() -> None:
    """The pages of every source have the hash in the table; each real page has as many titles as posts."""
    table = json.loads(borders.TABLE.read_text(encoding="utf-8"))
    heaps = borders.archives() | borders.made(random.Random(borders.SEED))
    again = "make the table again: python tests/training/borders.py"
    assert borders.heaps_sha256(heaps) == table["pages_sha256"], again
    pages = json.loads(tables.shared("archives/gold.json").read_text(encoding="utf-8"))
    real = [page for name in borders.archives() if name != "seeds" for heap in heaps[name] for page in heap]
    assert sum(len(page.titles) for page in real) == sum(len(page["posts"]) for page in pages)


@pytest.mark.parametrize("form", ["refrain", "pauses", "greetings"])
def test_plain_sentences_are_not_titles(form: str) -> None:
    """On pages whose paragraphs are as short as titles, whatever else suggests a title; words are made up.

    They end alike, or some have more blank lines above, or are between a farewell and a greeting.
    """
    rng = random.Random(form)
    for _ in range(6):
        words = ["".join(rng.choice(("ba", "co", "lun", "der", "mist")) for _ in range(3)) for _ in range(60)]
        end = " ".join(rng.choices(words, k=2))
        parts = [" ".join(rng.choices(words, k=rng.randint(2, 5))).capitalize()]
        for number in range(20):
            short = " ".join(rng.choices(words, k=rng.randint(5, 11))).capitalize()
            long = ". ".join(" ".join(rng.choices(words, k=12)).capitalize() for _ in range(2))
            if form == "refrain":
                parts.append(f"{short if number % 2 else long} {end}.")
            elif form == "pauses":
                parts.append(f"\n{short}." if number % 4 == 0 else f"{long}.")
            else:
                parts.append(f"{short}." if number % 3 else f"Last week I {long.lower()}. Thanks for this.")
        blocks = cut_blocks("\n\n".join(parts) + "\n")
        one = outline(blocks, Glue(block.text for block in blocks))
        known = Heap([one])
        assert find_starts([known.framed(one)], known) == [[(0, True)]], parts


def test_what_nearly_all_posts_end_with_is_not_a_refrain() -> None:
    """A farewell counts if titles follow it; if more text follows, it does not."""
    prose = "We asked {0} people how they file their forms, and most of them do it on paper. {1}"
    farewell = [part for number in range(8) for part in (f"Title {number}", prose.format(number, "Happy hacking!"))]
    refrain = ["A title", *(prose.format(number, "Happy hacking!") for number in range(8))]
    counts = []
    for parts in (farewell, refrain):
        blocks = cut_blocks("\n\n".join(parts) + "\n")
        heap = Heap([outline(blocks, Glue(block.text for block in blocks))])
        counts.append(heap.farewells("Happy hacking!"))
    assert counts == [8, 0]


def test_without_the_texts_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 2 and a sentence that says what is missing; no table is written."""
    monkeypatch.setattr(tables, "DATA", tmp_path)
    assert borders.main(["--out", str(tmp_path / "table.json")]) == 2
    assert "archives/gold.json is not in ../shared/data" in capsys.readouterr().err
    assert not (tmp_path / "table.json").exists()


def test_where_every_page_has_a_date_below_its_title_headings_without_one_are_not_titles() -> None:
    """Pages of one site have one form, which outweighs the resemblance of headings to titles; signatures never do."""
    prose = "We asked {0} people how they file their forms, and most of them said that they do it on paper {1}."
    text = "Notes on {0}\n{1}\n\n{2}\n\nOur Experience\n\n{3}\n\n— Jo Smith (@josmith) May 4, 2014\n\n{4}"
    for date, titles in (("May 3, 2014", ["Notes on"]), ("", ["Notes on", "Our Expe"])):
        outlines = []
        for number in range(8):
            page = text.format(number, date, prose.format(number, 1), prose.format(2, number), prose.format(3, number))
            outlines.append(outline(cut_blocks(page), Glue([])))
        for one, starts in zip(
            outlines, find_starts(outlines, Heap(outlines), {"title": 3.0, "frame_before": 0.0}), strict=True
        ):
            assert [one.blocks[at].text[:8] for at, titled in starts if titled] == titles
