"""Writing the families that another software describes: all of them or none, twice the same changes nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models, transaction

from preau.domain.accounts import services as accounts
from preau.domain.families import rules
from preau.domain.families.intake import ChildIntake, GuardianIntake, HouseholdIntake, IntakeReport
from preau.domain.families.models import Child, ChildHome, Guardian, Household, QuotientFamilial
from preau.domain.town.queries import the_town
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record
from preau.foundation.tabular import Fault
from preau.foundation.text import quoted

_BATCH = 500
#: Called with the families compared and their number.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class IntakeCounts:
    """What a file does, or would do: families created, updated and unchanged, people added.

    `remarks` name what was left aside for a person to look at, by line of the file.
    """

    created: int
    updated: int
    unchanged: int
    guardians_added: int
    children_added: int
    remarks: tuple[Fault, ...]


def compare_intake(*, report: IntakeReport, progress: Progress | None = None) -> IntakeCounts:
    """What `apply_intake` would do, without writing anything."""
    return _Comparison().read(report.households, progress=progress).counts()


def apply_intake(*, report: IntakeReport, by: Actor, progress: Progress | None = None) -> IntakeCounts:
    """Write the families of a report, all or nothing.

    Families are known by their number, children by name and birth date inside the family, adults by name
    (`rules.pair_adults`). A filled cell that differs updates its field; an empty one erases nothing; nobody
    is ever deleted. A child of two families stays two children: joining them is a person's decision.
    """
    with transaction.atomic():
        comparison = _Comparison(lock=True).read(report.households, progress=progress)
        counts = comparison.counts()
        if counts.created or counts.updated:
            comparison.write(by=by)
            details = {"created": counts.created, "updated": counts.updated, "unchanged": counts.unchanged}
            record(by=by, action="families_imported", subject="households", details=details)
    return counts


@dataclass(slots=True)
class _Changes:
    """Rows of one table to create, and rows to update by the fields that change."""

    created: list[Any] = field(default_factory=list)
    updated: dict[tuple[str, ...], list[Any]] = field(default_factory=lambda: defaultdict(list))

    def add(self, row: models.Model) -> None:
        self.created.append(row)

    def update(self, row: models.Model, told: dict[str, Any]) -> bool:
        """Put what the file tells on a known row; whether this changes it."""
        changed = rules.news(row, told)
        for name, value in changed.items():
            setattr(row, name, value)
        if changed:
            self.updated[tuple(sorted(changed))].append(row)
        return bool(changed)

    def write(self, manager: "models.Manager[Any]") -> None:
        manager.bulk_create(self.created, batch_size=_BATCH)
        for names, rows in self.updated.items():
            manager.bulk_update(rows, names, batch_size=_BATCH)


class _Comparison:
    """The families of a file beside those already known."""

    def __init__(self, *, lock: bool = False) -> None:
        self._lock = lock
        self._now = clock.now()
        self._today = clock.today(the_town().zone)
        self._households, self._guardians, self._children = _Changes(), _Changes(), _Changes()
        self._places, self._quotients = _Changes(), _Changes()
        self._updated = self._unchanged = 0
        self._remarks: list[Fault] = []

    def read(self, told: Sequence[HouseholdIntake], *, progress: Progress | None) -> "_Comparison":
        numbers = dict(Household.objects.values_list("file_number", "pk"))
        known_ids = {number.casefold(): pk for number, pk in numbers.items()}
        for start in range(0, len(told), _BATCH):
            some = told[start : start + _BATCH]
            known = self._load(known_ids[key] for one in some if (key := one.file_number.casefold()) in known_ids)
            for one in some:
                self._compare(one, known.get(known_ids.get(one.file_number.casefold(), 0)))
            if progress is not None:
                progress(start + len(some), len(told))
        return self

    def _load(self, ids: Iterable[int]) -> dict[int, Household]:
        rows = Household.objects.filter(pk__in=list(ids)).order_by("pk")
        rows = rows.select_for_update() if self._lock else rows
        return {row.pk: row for row in rows.prefetch_related("guardians__user", "child_places__child", "quotients")}

    def _compare(self, told: HouseholdIntake, known: Household | None) -> None:
        facts = _household_facts(told)
        if known is None:
            household = Household(file_number=told.file_number, created_at=self._now, **facts)
            self._households.add(household)
            self._add_guardians(household, enumerate(told.guardians, start=1))
            self._add_children(household, told.children, after=0)
            self._read_quotient(household, told, known=[])
            return
        changed = [
            self._households.update(known, facts),
            self._read_guardians(known, told),
            self._read_children(known, told.children),
            self._read_quotient(known, told, known=list(known.quotients.all())),
        ]
        self._updated += any(changed)
        self._unchanged += not any(changed)

    def _read_guardians(self, household: Household, told: HouseholdIntake) -> bool:
        known = {guardian.position: guardian for guardian in household.guardians.all()}
        pairs = rules.pair_adults(known, told.guardians, is_free=lambda guardian: guardian.user is None)
        new = [(pair.rank, pair.told) for pair in pairs if pair.rank is not None]
        self._add_guardians(household, new)
        changed = [self._guardians.update(pair.known, _guardian_facts(pair.told)) for pair in pairs if pair.known]
        for pair in pairs:
            if pair.known is None and pair.rank is None:
                name = quoted(f"{pair.told.first_name} {pair.told.last_name}")
                reason = f"{name} n’est pas chargé\u202f: ce dossier a déjà deux autres responsables qui ont un compte"
                self._remarks.append(Fault(told.line, "", reason, "warning"))
        return bool(new) or any(changed)

    def _add_guardians(self, household: Household, ranked: Iterable[tuple[int, GuardianIntake]]) -> None:
        for position, told in ranked:
            self._guardians.add(Guardian(household=household, position=position, **_guardian_facts(told)))

    def _read_children(self, household: Household, told: Sequence[ChildIntake]) -> bool:
        places = list(household.child_places.all())
        pairs = rules.pair_children([place.child for place in places], told)
        new = [child for child, known in pairs if known is None]
        self._add_children(household, new, after=max((place.position for place in places), default=0))
        changed = [self._children.update(known, _child_facts(child)) for child, known in pairs if known is not None]
        return bool(new) or any(changed)

    def _add_children(self, household: Household, told: Iterable[ChildIntake], *, after: int) -> None:
        for position, one in enumerate(told, start=after + 1):
            child = Child(**_child_facts(one))
            self._children.add(child)
            self._places.add(ChildHome(child=child, household=household, position=position))

    def _read_quotient(self, household: Household, told: HouseholdIntake, *, known: list[QuotientFamilial]) -> bool:
        """A quotient without its date holds from today, unless it is already the last one."""
        cents = told.quotient_familial_cents
        if cents is None:
            return False
        day = told.quotient_familial_on
        if day is None and known and known[0].amount_cents == cents:
            return False
        return self._put_quotient(household, cents, day or self._today, known=known)

    def _put_quotient(self, household: Household, cents: int, day: date, *, known: list[QuotientFamilial]) -> bool:
        same_day = next((quotient for quotient in known if quotient.valid_on == day), None)
        if same_day is not None:
            return self._quotients.update(same_day, {"amount_cents": cents})
        self._quotients.add(QuotientFamilial(household=household, amount_cents=cents, valid_on=day))
        return True

    def counts(self) -> IntakeCounts:
        return IntakeCounts(
            created=len(self._households.created),
            updated=self._updated,
            unchanged=self._unchanged,
            guardians_added=len(self._guardians.created),
            children_added=len(self._children.created),
            remarks=tuple(self._remarks),
        )

    def write(self, *, by: Actor) -> None:
        self._households.write(Household.objects)
        self._guardians.write(Guardian.objects)
        self._correct_accounts(by=by)
        self._children.write(Child.objects)
        self._places.write(ChildHome.objects)
        self._quotients.write(QuotientFamilial.objects)

    def _correct_accounts(self, *, by: Actor) -> None:
        """An account made with the file's address follows it until somebody enters; then the address is theirs."""
        moved = [one for names, rows in self._guardians.updated.items() if "email" in names for one in rows]
        people = [(one.user, one.email) for one in moved if one.user is not None and not one.user.is_activated]
        if people:
            accounts.correct_emails(people=people, by=by)


def _household_facts(told: HouseholdIntake) -> dict[str, Any]:
    return {
        "file_name": told.file_name,
        "address": "\n".join(told.address_lines),
        "postal_code": told.postal_code,
        "city": told.city,
        "country": told.country,
        "allowance_number": told.allowance_number,
    }


def _guardian_facts(told: GuardianIntake) -> dict[str, Any]:
    return _facts(told, _GUARDIAN_FIELDS)


def _child_facts(told: ChildIntake) -> dict[str, Any]:
    return _facts(told, _CHILD_FIELDS)


_GUARDIAN_FIELDS = (
    "civility",
    "last_name",
    "birth_name",
    "first_name",
    "birth_date",
    "email",
    "mobile_phone",
    "home_phone",
    "work_phone",
)
_CHILD_FIELDS = ("last_name", "first_name", "birth_date", "sex", "school", "class_name")


def _facts(told: GuardianIntake | ChildIntake, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(told, name) for name in names}
