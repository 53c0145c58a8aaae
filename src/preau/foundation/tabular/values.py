"""Dates, months, numbers and keys as French offices and their spreadsheets write them."""

import re
from datetime import date, timedelta
from decimal import Decimal

from preau.foundation.tabular.columns import at_most
from preau.foundation.text import fold, quoted

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("janvier", "janv", "jan"),
            ("fevrier", "fevr", "fev"),
            ("mars",),
            ("avril", "avr"),
            ("mai",),
            ("juin",),
            ("juillet", "juil"),
            ("aout",),
            ("septembre", "sept", "sep"),
            ("octobre", "oct"),
            ("novembre", "nov"),
            ("decembre", "dec"),
        ),
        start=1,
    )
    for name in names
}
_CLOCK = r"(?:[T ][0-9]{1,2}(?:[:hH][0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
_DAY_FIRST = re.compile(rf"([0-9]{{1,2}})[/.-]([0-9]{{1,2}})[/.-]([0-9]{{4}}|[0-9]{{2}}){_CLOCK}")
_YEAR_FIRST = re.compile(rf"([0-9]{{4}})[/.-]([0-9]{{1,2}})[/.-]([0-9]{{1,2}}){_CLOCK}")
_IN_WORDS = re.compile(r"([0-9]{1,2})(?:er)? ([a-z]+) ([0-9]{4})")
_EXCEL_SERIAL = re.compile(r"([0-9]{5})(?:[.,][0-9]+)?")
_EXCEL_EPOCH = date(1899, 12, 30)
_YEARS = range(1900, 2101)

_MONTH_FIRST = re.compile(r"([0-9]{1,2})[/.-]([0-9]{4})")
_MONTH_LAST = re.compile(r"([0-9]{4})[/.-]([0-9]{1,2})")
_MONTH_IN_WORDS = re.compile(r"([a-z]+) ([0-9]{4}|[0-9]{2})")

_KEY = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z ./_-]*[0-9A-Za-z])?")
_SCIENTIFIC = re.compile(r"[0-9][.,][0-9]+E\+[0-9]+")
_QUANTITY = re.compile(r"[-−]?[0-9]{1,7}(?:[.,][0-9]{1,2}0*)?")


def parse_date(text: str, *, last_year: int) -> date:
    """A day: `01/09/2026`, `1/9/2018`, `2026-09-01`, a time after it, `1er septembre 2026`, Excel's `43344`.

    A year of two digits falls in the hundred years that end with `last_year`.

    Raises:
        ValueError: no such writing, no such day, or a year outside 1900–2100.
    """
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _DAY_FIRST.fullmatch(text):
        day, month, year = int(found[1]), int(found[2]), _full_year(found[3], last_year)
    elif found := _EXCEL_SERIAL.fullmatch(text):
        serial = _EXCEL_EPOCH + timedelta(days=int(found[1]))
        year, month, day = serial.year, serial.month, serial.day
    elif (found := _IN_WORDS.fullmatch(fold(text))) and found[2] in _MONTHS:
        day, month, year = int(found[1]), _MONTHS[found[2]], int(found[3])
    else:
        raise ValueError(f"{quoted(text)} n’est pas une date (jj/mm/aaaa attendu)")
    return _day(text, year, month, day)


def parse_month(text: str, *, last_year: int) -> date:
    """First day of a month: `09/2026`, `2026-09`, `septembre 2026`, Excel's `sept-26`, or its date.

    Raises:
        ValueError: no such writing, no such month, or a day other than the first.
    """
    if found := _MONTH_FIRST.fullmatch(text):
        return _day(text, int(found[2]), int(found[1]), 1)
    if found := _MONTH_LAST.fullmatch(text):
        return _day(text, int(found[1]), int(found[2]), 1)
    if (found := _MONTH_IN_WORDS.fullmatch(fold(text))) and found[1] in _MONTHS:
        return _day(text, _full_year(found[2], last_year), _MONTHS[found[1]], 1)
    try:
        day = parse_date(text, last_year=last_year)
    except ValueError:
        day = None
    if day is None or day.day != 1:
        raise ValueError(f"{quoted(text)} n’est pas un mois (mm/aaaa attendu)")
    return day


def _full_year(digits: str, last_year: int) -> int:
    if len(digits) > 2:  # noqa: PLR2004  (a year has two digits or four)
        return int(digits)
    year = last_year - last_year % 100 + int(digits)
    return year if year <= last_year else year - 100


def _day(text: str, year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise ValueError(f"{quoted(text)} n’existe pas dans le calendrier") from None
    if year not in _YEARS:
        raise ValueError(f"{quoted(text)}\u202f: année hors de {_YEARS[0]}-{_YEARS[-1]}")
    return found


def parse_key(text: str, *, limit: int) -> str:
    """A number that names something (`2026-000123`, `A 12/3`): letters without accent, digits, ` . / _ -`.

    Look-alike characters would make two keys out of one: they are refused.

    Raises:
        ValueError: another character, more than `limit` of them, or a number spoilt by a spreadsheet.
    """
    if _SCIENTIFIC.fullmatch(text):
        raise ValueError(f"{quoted(text)}\u202f: numéro abîmé par le tableur, mettez la colonne au format texte")
    if not _KEY.fullmatch(text):
        raise ValueError(
            f"{quoted(text)}\u202f: lettres sans accent, chiffres, espaces et «\u202f- / . _\u202f» seulement"
        )
    return at_most(text, limit)


def parse_quantity(text: str) -> Decimal:
    """A quantity of at most 7 digits and 2 decimals: `3`, `2,5`, `-1.25`.

    Raises:
        ValueError: anything else.
    """
    if not _QUANTITY.fullmatch(text):
        raise ValueError(f"{quoted(text)} n’est pas une quantité")
    return Decimal(text.replace(",", ".").replace("−", "-"))
