"""One row of the families table to the household, the guardians and the child it describes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from sys import intern
from typing import TypeVar

from preau.domain.families.intake import (
    ADDRESS_LENGTH,
    CITY_LENGTH,
    CLASS_LENGTH,
    COUNTRY_LENGTH,
    NAME_LENGTH,
    NUMBER_LENGTH,
    SCHOOL_LENGTH,
    ChildIntake,
    GuardianIntake,
    HouseholdIntake,
    Sex,
)
from preau.foundation.money import parse_cents
from preau.foundation.tabular import (
    RowReading,
    parse_date,
    parse_email,
    parse_key,
    parse_phone,
    parse_postal_code,
)
from preau.foundation.text import fold, quoted
from preau.plugins.imports.families.columns import CHILD_KEYS, GUARDIAN_RANKS

T = TypeVar("T")

_CIVILITIES = {
    **dict.fromkeys(("madame", "mme", "mademoiselle", "mlle", "melle"), "Madame"),
    **dict.fromkeys(("monsieur", "m", "mr"), "Monsieur"),
}
_SEXES: Mapping[str, Sex] = {
    **dict.fromkeys(("f", "fille", "feminin"), "F"),
    **dict.fromkeys(("m", "g", "h", "garcon", "masculin"), "M"),
}
#: Countries whose postal codes have five digits.
_AT_HOME = frozenset(("", "france"))
_LARGEST_QUOTIENT_CENTS = 9_999_999


def read_file_number(reading: RowReading) -> str:
    """The number of the family, empty (and an error filed) if it cannot be read."""
    return reading.value("file_number", partial(parse_key, limit=NUMBER_LENGTH), otherwise="", required=True)


@dataclass(frozen=True, slots=True)
class PeopleReader:
    """Reads rows as of `today`, the day after which nobody is born and which settles years of two digits."""

    today: date

    def household(self, reading: RowReading, *, file_number: str) -> HouseholdIntake:
        """The household of a row, without its children; `file_name` may be empty."""
        text = reading.text
        address = (text(key, limit=ADDRESS_LENGTH) for key in ("address_1", "address_2"))
        guardians = (self._guardian(reading, rank) for rank in GUARDIAN_RANKS)
        country = text("country", limit=COUNTRY_LENGTH)
        abroad = fold(country) not in _AT_HOME
        quotient = reading.value("quotient_familial_cents", _parse_quotient, otherwise=None)
        return HouseholdIntake(
            line=reading.number,
            file_number=file_number,
            file_name=text("file_name", limit=NAME_LENGTH),
            address_lines=tuple(line for line in address if line),
            postal_code=intern(reading.noted("postal_code", partial(parse_postal_code, abroad=abroad))),
            city=intern(text("city", limit=CITY_LENGTH)),
            country=intern(country),
            allowance_number=reading.value("allowance_number", partial(parse_key, limit=NUMBER_LENGTH), otherwise=""),
            quotient_familial_cents=quotient,
            quotient_familial_on=reading.value(
                "quotient_familial_on", partial(parse_date, last_year=self.today.year + 1), otherwise=None
            ),
            guardians=tuple(guardian for guardian in guardians if guardian),
            children=(),
        )

    def _guardian(self, reading: RowReading, rank: int) -> GuardianIntake | None:
        prefix = f"guardian_{rank}_"
        birth_name = reading.text(f"{prefix}birth_name", limit=NAME_LENGTH)
        last_name = reading.text(f"{prefix}last_name", limit=NAME_LENGTH) or birth_name
        first_name = reading.text(f"{prefix}first_name", limit=NAME_LENGTH)
        guardian = GuardianIntake(
            civility=reading.value(f"{prefix}civility", partial(_one_of, _CIVILITIES), otherwise=""),
            last_name=last_name,
            birth_name=birth_name,
            first_name=first_name,
            email=reading.noted(f"{prefix}email", parse_email),
            mobile_phone=reading.noted(f"{prefix}mobile_phone", parse_phone),
            home_phone=reading.noted(f"{prefix}home_phone", parse_phone),
            work_phone=reading.noted(f"{prefix}work_phone", parse_phone),
            birth_date=reading.value(f"{prefix}birth_date", self._parse_past_day, otherwise=None),
        )
        if last_name:
            return guardian
        if first_name:
            reading.fault(f"{prefix}first_name", "responsable sans nom", "error")
        elif guardian != _NOBODY:
            reading.fault(f"{prefix}last_name", "responsable sans nom, non chargé", "warning")
        return None

    def child(self, reading: RowReading) -> ChildIntake | None:
        """The child of a row; None if the row has none, or an error if a name is missing."""
        if not any(reading.cell(key) for key in CHILD_KEYS):
            return None
        child = ChildIntake(
            last_name=reading.text("child_last_name", limit=NAME_LENGTH, required=True),
            first_name=reading.text("child_first_name", limit=NAME_LENGTH, required=True),
            birth_date=reading.value("child_birth_date", self._parse_past_day, otherwise=None),
            sex=reading.value("child_sex", partial(_one_of, _SEXES), otherwise=""),
            school=intern(reading.text("school", limit=SCHOOL_LENGTH)),
            class_name=intern(reading.text("class_name", limit=CLASS_LENGTH)),
        )
        return child if child.last_name and child.first_name else None

    def _parse_past_day(self, text: str) -> date:
        day = parse_date(text, last_year=self.today.year)
        if day > self.today:
            raise ValueError(f"{quoted(text)} est dans le futur")
        return day


_NOBODY = GuardianIntake(
    civility="",
    last_name="",
    birth_name="",
    first_name="",
    email="",
    mobile_phone="",
    home_phone="",
    work_phone="",
    birth_date=None,
)


def _one_of(known: Mapping[str, T], text: str) -> T:
    try:
        return known[fold(text)]
    except KeyError:
        expected = " ou ".join(dict.fromkeys(str(value) for value in known.values()))
        raise ValueError(f"{quoted(text)} inconnu ({expected} attendu)") from None


def _parse_quotient(text: str) -> int:
    cents = parse_cents(text)
    if not 0 <= cents <= _LARGEST_QUOTIENT_CENTS:
        raise ValueError(f"{quoted(text)}\u202f: quotient hors de 0 à 99 999,99")
    return cents
