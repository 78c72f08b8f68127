"""Bylines of blogs in other languages than English: a day with its month in words, and who wrote the post."""

from __future__ import annotations

import re
from datetime import date

__all__ = ["read_foreign_byline"]

# German, French, Spanish, Italian, Portuguese, Dutch and Scandinavian; names that are also English are not repeated
_MONTHS = (
    "januar jänner janvier enero gennaio janeiro januari",
    "februar februari février fevrier febrero febbraio fevereiro",
    "märz maerz mars marzo março marco maart marts",
    "avril abril aprile",
    "mai mayo maggio maio mei maj",
    "juni juin junio giugno junho",
    "juli juillet julio luglio julho",
    "août aout agosto augustus augusti",
    "septembre septiembre setiembre settembre setembro",
    "oktober octobre octubre ottobre outubro",
    "novembre noviembre novembro",
    "dezember décembre decembre diciembre dicembre dezembro desember",
)
_NUMBER = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_DAY = re.compile(
    r"(?<![\w.])(?P<day>[0-3]?\d)(?:\.|er|º|ª)?\s+(?:de\s+)?(?P<month>" + "|".join(_NUMBER) + r")\.?,?\s+(?:de[l]?\s+)?"
    r"(?P<year>(?:19|20)\d\d)(?!\w)",
    re.IGNORECASE,
)
_WRITER = re.compile(
    r"\b(?:von|par|por|di|da|door|av|af)\s+"
    r"(?P<name>[^\W\d_a-z][\w.'’-]*(?:\s(?:[^\W\d_a-z][\w.'’-]*|d[eiu]|von|van|der|la|al)(?![\w-])){0,4})"
)
# the words around both in a byline
_AROUND = re.compile(
    r"\b(?:am|vom|um|uhr|veröffentlicht|erstellt|geschrieben|verfasst|von|publié|publie|écrit|posté|le|par|à|publicado|escrito"
    r"|el|por|pubblicato|scritto|il|di|alle|da|em|às|geplaatst|geschreven|op|door|den|av|af|publicerad"
    r"|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    r"|lunes|martes|miércoles|jueves|viernes|sábado|domingo|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica)\b"
    r"|\d+|[^\w\s]+",
    re.IGNORECASE,
)


def read_foreign_byline(line: str) -> tuple[str, str | None] | None:
    """The day and the author in a line that contains nothing else, in a language other than English; or None.

    >>> read_foreign_byline("Publié le 4 mars 2019 par Nora Field"), read_foreign_byline("4. März 2019")
    (('2019-03-04', 'Nora Field'), ('2019-03-04', None))
    """
    day = _DAY.search(line)
    if day is None:
        return None
    rest = f"{line[: day.start()]} · {line[day.end() :]}"
    writer = _WRITER.search(rest)
    rest = rest if writer is None else rest.replace(writer["name"], " ", 1)
    if _AROUND.sub(" ", rest).split():
        return None
    try:
        said = date(int(day["year"]), _NUMBER[day["month"].casefold()], int(day["day"])).isoformat()
    except ValueError:
        return None
    return said, writer["name"] if writer is not None else None
