"""The documented families table (code `generique`): one row for each child, in any order."""

from array import array
from dataclasses import dataclass, field, replace
from pathlib import Path

from preau.domain.families.intake import ChildIntake, GuardianIntake, HouseholdIntake, IntakeReport
from preau.foundation import clock
from preau.foundation.tabular import WHOLE_FILE, Fault, Layout, Progress, RowReading, open_table
from preau.foundation.text import fold, quoted
from preau.plugins.imports.families.columns import BALANCE, CHILD_KEYS, COLUMNS, HOUSEHOLD_KEYS, NAME_KEYS
from preau.plugins.imports.families.people import PeopleReader, read_file_number
from preau.plugins.imports.families.proposals import propose

CODE = "generique"
MOST_CHILDREN = 30
_NO_BALANCE = "soldes non chargés\u202f: ce qu’une famille doit vient de ses factures"


def read_families(path: Path, *, progress: Progress | None = None) -> IntakeReport:
    """Read the families of a file; what cannot be read is in the report's faults, in the order of the lines.

    Raises:
        OSError: the file cannot be opened.
    """
    gathering = _Gathering(PeopleReader(today=clock.now().date()))
    with open_table(path, progress=progress) as table:
        layout = Layout(table, COLUMNS)
        gathering.faults += layout.faults
        if BALANCE.key in layout:
            gathering.faults.append(Fault(WHOLE_FILE, layout.heading(BALANCE.key), _NO_BALANCE, "warning"))
        if layout.complete:
            for row in table:
                gathering.add(RowReading(layout, row, gathering.faults))
    households = gathering.households()
    return IntakeReport(
        households=households,
        faults=sorted((*table.faults, *gathering.faults), key=lambda fault: fault.line),
        proposals=propose(households),
        rows_read=table.rows_read,
    )


@dataclass(slots=True)
class _Draft:
    """A family being gathered. `marks` are hashes of its repeated cells, to compare later rows."""

    household: HouseholdIntake
    marks: "array[int]"
    refused: bool = False
    children: list[ChildIntake] = field(default_factory=list)
    child_lines: list[int] = field(default_factory=list)


class _Gathering:
    def __init__(self, people: PeopleReader) -> None:
        self.faults: list[Fault] = []
        self._people = people
        self._drafts: dict[str, _Draft] = {}

    def add(self, reading: RowReading) -> None:
        number = read_file_number(reading)
        if not number:
            return
        draft = self._drafts.get(number.casefold())
        if draft is None:
            household = self._people.household(reading, file_number=number)
            draft = self._drafts[number.casefold()] = _Draft(household, _marks(reading))
        else:
            _compare(draft, reading)
        self._add_child(draft, reading)
        draft.refused |= reading.refused

    def _add_child(self, draft: _Draft, reading: RowReading) -> None:
        child = self._people.child(reading)
        if child is None:
            return
        for known, line in zip(draft.children, draft.child_lines, strict=True):
            if child == known:
                reading.fault("", f"répète l’enfant de la ligne {line}, compté une fois", "warning")
                return
            if _identity(child) == _identity(known):
                reading.fault("", f"même enfant que ligne {line}, avec d’autres renseignements", "error")
                return
        if len(draft.children) == MOST_CHILDREN:
            reading.fault("file_number", f"plus de {MOST_CHILDREN} enfants dans une famille", "error")
            return
        draft.children.append(child)
        draft.child_lines.append(reading.number)

    def households(self) -> list[HouseholdIntake]:
        """The families without any error, in the order of the file; an empty family is filed as an error."""
        kept = []
        for draft in self._drafts.values():
            household = draft.household
            people: tuple[GuardianIntake | ChildIntake, ...] = (*household.guardians, *draft.children)
            if draft.refused:
                continue
            if not people:
                reason = f"la famille {quoted(household.file_number)} n’a ni adulte ni enfant"
                self.faults.append(Fault(household.line, "", reason, "error"))
                continue
            file_name = household.file_name or people[0].last_name
            kept.append(replace(household, file_name=file_name, children=tuple(draft.children)))
        return kept


def _marks(reading: RowReading) -> "array[int]":
    """A hash for each of `HOUSEHOLD_KEYS`, 0 for a blank cell; names are told apart by their letters only."""
    marks = array("q")
    for key in HOUSEHOLD_KEYS:
        cell = reading.layout.raw(reading.row, key)
        marks.append(hash(fold(cell) if cell and key in NAME_KEYS else cell.strip()))
    return marks


def _compare(draft: _Draft, reading: RowReading) -> None:
    """A later row may be silent about its family but name no other adult; else the first row wins, aloud."""
    marks, first = _marks(reading), draft.household
    if marks == draft.marks:
        if not any(reading.cell(key) for key in CHILD_KEYS):
            reading.fault("", f"répète la ligne {first.line}, comptée une fois", "warning")
        return
    changed = [
        key for key, mark, before in zip(HOUSEHOLD_KEYS, marks, draft.marks, strict=True) if mark not in {0, before}
    ]
    for key in changed:
        if key in NAME_KEYS:
            reason = f"la famille {quoted(first.file_number)} a un autre responsable ligne {first.line}"
            reading.fault(key, reason, "error")
        else:
            reading.fault(key, f"autre valeur que ligne {first.line}, qui est gardée", "warning")


def _identity(child: ChildIntake) -> tuple[object, ...]:
    return fold(child.last_name), fold(child.first_name), child.birth_date
