"""Families as another software describes them, before anything is written.

A reader (plug-in) turns a file into an `IntakeReport` and touches no database; `services` decide what to do
with it. Texts are clean: NFC, trimmed, one line, no control nor bidirectional character, at most the
lengths below.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, Protocol

from preau.foundation.tabular import Fault, Progress

NUMBER_LENGTH = 30
NAME_LENGTH = 100
ADDRESS_LENGTH = 100
CITY_LENGTH = 100
COUNTRY_LENGTH = 100
SCHOOL_LENGTH = 100
CLASS_LENGTH = 100

Sex = Literal["F", "M", ""]
ProposalKind = Literal["duplicate_household", "shared_child"]


@dataclass(frozen=True, slots=True)
class GuardianIntake:
    """One adult. `last_name`, the name in use, is filled; `civility` is « Madame », « Monsieur » or empty."""

    civility: str
    last_name: str
    birth_name: str
    first_name: str
    email: str
    mobile_phone: str
    home_phone: str
    work_phone: str
    birth_date: date | None


@dataclass(frozen=True, slots=True)
class ChildIntake:
    """One child of one household; both names are filled. `sex` is empty when unknown."""

    last_name: str
    first_name: str
    birth_date: date | None
    sex: Sex
    school: str
    class_name: str


@dataclass(frozen=True, slots=True)
class HouseholdIntake:
    """One family: at least one person, two guardians at most. `line` is where it first appears."""

    line: int
    file_number: str
    file_name: str
    address_lines: tuple[str, ...]
    postal_code: str
    city: str
    country: str
    allowance_number: str
    quotient_familial_cents: int | None
    quotient_familial_on: date | None
    guardians: tuple[GuardianIntake, ...]
    children: tuple[ChildIntake, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something a person may confirm; a reader merges nothing by itself. `lines` are the households'."""

    kind: ProposalKind
    lines: tuple[int, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """What a file holds. A household with an error on any of its lines is absent from `households`."""

    households: list[HouseholdIntake]
    faults: list[Fault]
    proposals: list[Proposal]
    rows_read: int


class Reader(Protocol):
    """Translates one file; never raises for its content (faults say what is wrong), only OSError."""

    def __call__(self, path: Path, *, progress: Progress | None = None) -> IntakeReport: ...


READERS: dict[str, Reader] = {}


def register_reader(code: str, reader: Reader) -> None:
    """Make a format known under `code`.

    Raises:
        ValueError: another reader holds this code.
    """
    if READERS.setdefault(code, reader) is not reader:
        raise ValueError(f"families reader {code!r} is already registered")
