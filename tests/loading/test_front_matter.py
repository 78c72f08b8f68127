"""What notes say about themselves, and what their files' names do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.loading.front_matter import date_in_name, read_front_matter, title_of_name


@pytest.mark.parametrize(
    ("name", "title", "date"),
    [
        ("notes/2012-09-08-worn-chains.md", "Worn chains", "2012-09-08"),
        ("2021-05-04 Chains.md", "Chains", "2021-05-04"),
        ("20210504_notes.txt", "notes", "2021-05-04"),
        ("2019-02-03-slow-dough/index.md", "Slow dough", "2019-02-03"),
        ("daily/2021-05-04.md", "2021-05-04", "2021-05-04"),
        ("Roof bees.md", "Roof bees", None),
        ("Roof bees 8f3a1b2c4d5e6f7a8b9c0d1e2f3a4b5c.md", "Roof bees", None),
        ("Roof plan.excalidraw.md", "Roof plan", None),
        ("Roof bees.textbundle/text.md", "Roof bees", None),
        ("000_8f27b915dde63105.txt", None, None),
        ("12.md", None, None),
        ("2021-13-40-x.md", None, None),
        ("blog/2012/09/08/worn-chains.md", "Worn chains", "2012-09-08"),
        ("12012/09/08/worn-chains.md", "Worn chains", None),
    ],
)
def test_a_file_s_name(name: str, title: str | None, date: str | None) -> None:
    """Words are a title, a code is not; a post in its own folder is named after that, a daily note after its day."""
    assert (title_of_name(name), date_in_name(name)) == (title, date)


@pytest.mark.parametrize(
    "source",
    [
        '+++\ntitle = "Chains"\ndate = 2012-09-08\n[extra]\nauthor = "Jo Smith"\ntitle = "Another"\n+++\nText',
        "---\ntitle: Chains\ndate: 2012-09-08\nbyline: By Jo Smith\n---\nText",
        '+++\ntitle = "Chains"\ndate = 2012-09-08\n[taxonomies]\nauthors = ["Jo Smith"]\n+++\nText',
        "---\ntitle: Chains\ndate: 2012-09-08\nparams:\n  author: Jo Smith\n---\nText",
        "title: Chains\ndate: 2012-09-08 10:00:00\nauthor: Jo Smith\ncategories:\n- Sea\ntags: [tide]\n---\nText",
        "title:: Chains\ntags:: sea\ndate:: [[2012-09-08]]\nauthor:: [[Jo Smith]]\nText",
        '---js\n{\n  title: "Chains",\n  date: "2012-09-08",\n  author: `Jo Smith`,\n  tags: ["a"],\n}\n---\nText',
        '---json\n{"title": "Chains", "date": "2012-09-08", "author": "Jo Smith"}\n---\nText',
        "---toml\ntitle = 'Chains'\ndate = 2012-09-08\nauthor = 'Jo Smith'\n---\nText",
        "<!--\n.. title: Chains\n.. slug: x\n.. tags: \n.. date: 2012-09-08 10:00\n.. author: Jo Smith\n-->\nText",
    ],
)
def test_fields_in_groups_and_in_comments(source: str) -> None:
    """Zola, Hugo, Hexo, Logseq and Nikola have them there; a note's own field takes precedence over one of a group."""
    found = read_front_matter(source)
    assert (found.title, found.author, found.date) == ("Chains", "Jo Smith", "2012-09-08")
    assert source[found.end :].strip() == "Text"


def test_entities_in_a_title() -> None:
    """Exports of WordPress leave them there."""
    assert read_front_matter("---\ntitle: Salt &amp; sand &#8211; R&D\n---\n").title == "Salt & sand – R&D"


def test_a_rule_at_the_top_is_not_front_matter() -> None:
    """Nor does a mapping that never ends."""
    for source in ("---\n\nText", "---\ntitle: x\n" + "a: b\n" * 40_000, "{braces} in a text", "Note: this\n\nText"):
        assert read_front_matter(source).end == 0


@settings(deadline=None)
@given(st.text(st.sampled_from("-+;{}[]\"':,&*!|>?%@ab1 \n\t#="), max_size=80))
def test_any_front_matter_is_read_or_none(source: str) -> None:
    """Broken front matter never fails."""
    for mark in ("---", "+++", ";;;"):
        assert read_front_matter(f"{mark}\n{source}\n{mark}\nText").end >= 0
    assert read_front_matter(source).end >= 0
