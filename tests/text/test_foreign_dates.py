from __future__ import annotations

import pytest

from rag.text.dates import Byline, date_of, read_byline


@pytest.mark.parametrize(
    ("line", "date", "author"),
    [
        ("4. März 2019 von Nora Feld", "2019-03-04", "Nora Feld"),
        ("Veröffentlicht am 24. Dezember 2019", "2019-12-24", None),
        ("Publié le 1er mars 2019 par Nora de la Cour", "2019-03-01", "Nora de la Cour"),
        ("Lundi 4 août 2019", "2019-08-04", None),
        ("Publicado el 4 de marzo de 2019 por Nora Campo", "2019-03-04", "Nora Campo"),
        ("Pubblicato il 4 maggio 2019 da Nora Campi", "2019-05-04", "Nora Campi"),
        ("Geplaatst op 3 mei 2020 door Jan de Vries", "2020-05-03", "Jan de Vries"),
    ],
)
def test_bylines_of_other_languages(line: str, date: str, author: str | None) -> None:
    """The day has its month in words, and a word comes before the author."""
    assert read_byline(line) == Byline(date, author)
    assert date_of(line) == date


@pytest.mark.parametrize(
    "line",
    ["Wir trafen uns am 4. März 2019 am Kai.", "Le 4 mars 2019, tout a changé", "31. Februar 2019", "Im Mai 2019"],
)
def test_sentences_are_not_bylines(line: str) -> None:
    """Nor are days that there are not."""
    assert read_byline(line) is None
