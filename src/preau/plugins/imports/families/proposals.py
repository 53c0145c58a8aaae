"""What a file suggests and a person must decide: one family entered twice, one child living in two homes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from preau.domain.families.intake import ChildIntake, GuardianIntake, HouseholdIntake, Proposal
from preau.foundation.text import fold

_NAMED_IN_FULL = 5


def propose(households: Sequence[HouseholdIntake]) -> list[Proposal]:
    """Suggestions in the order of the lines. A common name alone never suggests anything."""
    likeness = _Likeness(households)
    found = [*_duplicates(households, likeness), *_shared_children(households, likeness)]
    return sorted(found, key=lambda proposal: proposal.lines)


class _Likeness:
    """Households that share an adult's name and at least one fact about this adult, grouped step by step."""

    def __init__(self, households: Sequence[HouseholdIntake]) -> None:
        self._parent = list(range(len(households)))
        self._facts: dict[int, list[str]] = defaultdict(list)
        holders: dict[str, list[int]] = defaultdict(list)
        for position, household in enumerate(households):
            for guardian in household.guardians:
                holders[_name(guardian)].append(position)
        for name, positions in holders.items():
            if len(positions) > 1:
                self._join(households, name, positions)

    def _join(self, households: Sequence[HouseholdIntake], name: str, positions: Iterable[int]) -> None:
        seen: dict[tuple[str, object], int] = {}
        for position in positions:
            for fact in _facts(households[position], name):
                other = seen.setdefault(fact, position)
                if other != position:
                    self._facts[other].append(fact[0])
                    one, two = sorted((self.group(other), self.group(position)))
                    self._parent[two] = one

    def group(self, position: int) -> int:
        """The first household of the group that this one belongs to; itself when it is alone."""
        while self._parent[position] != position:
            position = self._parent[position]
        return position

    def facts(self, positions: Iterable[int]) -> str:
        """What the households of a group share, in French."""
        return ", ".join(dict.fromkeys(fact for position in positions for fact in self._facts.get(position, ())))


def _facts(household: HouseholdIntake, name: str) -> Iterator[tuple[str, object]]:
    """What two entries of one adult would share besides the name."""
    for guardian in household.guardians:
        if _name(guardian) == name:
            yield from _facts_of_guardian(guardian)
    if household.allowance_number:
        yield "même numéro d’allocataire", household.allowance_number
    if household.address_lines:
        yield "même adresse", (fold(" ".join(household.address_lines)), household.postal_code)


def _facts_of_guardian(guardian: GuardianIntake) -> Iterator[tuple[str, object]]:
    if guardian.birth_date:
        yield "même date de naissance", guardian.birth_date
    if guardian.email:
        yield "même e-mail", guardian.email
    for phone in (guardian.mobile_phone, guardian.home_phone, guardian.work_phone):
        if phone:
            yield "même téléphone", phone


def _duplicates(households: Sequence[HouseholdIntake], likeness: _Likeness) -> Iterator[Proposal]:
    groups: dict[int, list[int]] = defaultdict(list)
    for position in range(len(households)):
        groups[likeness.group(position)].append(position)
    for positions in groups.values():
        if len(positions) > 1:
            group = [households[position] for position in positions]
            facts = likeness.facts(positions)
            sentence = f"Les familles {_listed(group)} semblent être la même\u202f: même nom, {facts}."
            yield Proposal("duplicate_household", tuple(household.line for household in group), sentence)


def _shared_children(households: Sequence[HouseholdIntake], likeness: _Likeness) -> Iterator[Proposal]:
    homes: dict[str, list[int]] = defaultdict(list)
    for position, household in enumerate(households):
        for child in household.children:
            if child.birth_date:
                homes[f"{_name(child)}|{child.birth_date}"].append(position)
    for identity, positions in homes.items():
        if len({likeness.group(position) for position in positions}) > 1:
            group = [households[position] for position in positions]
            child = _child_named(group[0], identity)
            sentence = (
                f"{child.first_name} {child.last_name}, né(e) le {child.birth_date:%d/%m/%Y}, est dans les "
                f"familles {_listed(group)}\u202f: un seul enfant qui a deux foyers\u202f?"
            )
            yield Proposal("shared_child", tuple(household.line for household in group), sentence)


def _child_named(household: HouseholdIntake, identity: str) -> ChildIntake:
    return next(child for child in household.children if f"{_name(child)}|{child.birth_date}" == identity)


def _listed(group: Sequence[HouseholdIntake]) -> str:
    named = [f"{household.file_number} (ligne {household.line})" for household in group[:_NAMED_IN_FULL]]
    if len(group) > _NAMED_IN_FULL:
        return f"{', '.join(named)} et {len(group) - _NAMED_IN_FULL} autres"
    return f"{', '.join(named[:-1])} et {named[-1]}"


def _name(person: ChildIntake | GuardianIntake) -> str:
    return f"{fold(person.last_name)}|{fold(person.first_name)}"
