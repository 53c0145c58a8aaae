"""Pure rules: recognising the people of a file among those already known, and what a file changes."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, Protocol, TypeVar

from preau.foundation.text import fold


class Person(Protocol):
    """What a child and an adult have in common, in a file as in the database."""

    @property
    def last_name(self) -> str: ...
    @property
    def first_name(self) -> str: ...
    @property
    def birth_date(self) -> date | None: ...


class Adult(Person, Protocol):
    @property
    def email(self) -> str: ...


KnownT = TypeVar("KnownT", bound=Person)
NewT = TypeVar("NewT", bound=Person)
KnownAdultT = TypeVar("KnownAdultT", bound=Adult)
NewAdultT = TypeVar("NewAdultT", bound=Adult)


def news(known: object, told: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that a file changes: an empty cell says nothing, so it erases nothing."""
    return {name: value for name, value in told.items() if value not in {"", None} and getattr(known, name) != value}


def pair_children(known: Sequence[KnownT], told: Sequence[NewT]) -> list[tuple[NewT, KnownT | None]]:
    """Each child of a file with the one it is, by name and birth date.

    A birth date that one side does not know is no difference, when one child only has this name.
    """
    left = list(known)
    found: dict[int, KnownT] = {}
    for same in (_same_name_and_birth, _same_name_and_unknown_birth):
        for rank, child in enumerate(told):
            alike = [one for one in left if same(one, child)]
            if rank not in found and len(alike) == 1:
                found[rank] = alike[0]
                left.remove(alike[0])
    return [(child, found.get(rank)) for rank, child in enumerate(told)]


@dataclass(frozen=True, slots=True)
class AdultPair(Generic[NewAdultT, KnownAdultT]):
    """An adult of a file, the one it is if known, else the rank it takes; neither when there is no room."""

    told: NewAdultT
    known: KnownAdultT | None
    rank: int | None


def pair_adults(
    known: Mapping[int, KnownAdultT],
    told: Sequence[NewAdultT],
    *,
    is_free: Callable[[KnownAdultT], bool],
) -> list[AdultPair[NewAdultT, KnownAdultT]]:
    """Each adult of a file with the one it is; `known` is by rank, `is_free` tells whose row nobody logs in with.

    The same name is the same person. At the same rank, so is one who keeps a birth date or, if one side does not
    know it, a first name or an e-mail of their own (a name corrected, a marriage). The row of somebody else is
    taken over only if it is free: a login never passes to another person.
    """
    left = dict(known)
    found: dict[int, KnownAdultT] = {}
    shared = _shared_emails(known.values()) | _shared_emails(told)

    def settle(place: int, rank: int | None) -> None:
        if place not in found and rank in left:
            found[place] = left.pop(rank)

    for place, adult in enumerate(told):
        settle(place, next((rank for rank, one in left.items() if _name(one) == _name(adult)), None))
    for place, adult in enumerate(told):
        if (one := left.get(place + 1)) is not None and (_keeps_something(one, adult, shared=shared) or is_free(one)):
            settle(place, place + 1)
    free = [rank for rank in (1, 2) if rank not in known]
    pairs = []
    for place, adult in enumerate(told):
        rank = None if place in found or not free else free.pop(free.index(place + 1) if place + 1 in free else 0)
        pairs.append(AdultPair(adult, found.get(place), rank))
    return pairs


def same_file_name(one: str, other: str) -> bool:
    """Whether two names of a file are the same to somebody who copies it by hand."""
    return fold(one) == fold(other)


def _same_name_and_birth(one: Person, other: Person) -> bool:
    return _name(one) == _name(other) and one.birth_date == other.birth_date


def _same_name_and_unknown_birth(one: Person, other: Person) -> bool:
    return _name(one) == _name(other) and None in {one.birth_date, other.birth_date}


def _shared_emails(adults: Iterable[Adult]) -> set[str]:
    """Addresses of several adults of a family, which tell nobody apart."""
    return {email for email, count in Counter(adult.email.lower() for adult in adults).items() if count > 1}


def _keeps_something(one: Adult, other: Adult, *, shared: set[str]) -> bool:
    if one.birth_date and other.birth_date:
        return one.birth_date == other.birth_date
    if one.email and one.email.lower() not in shared and one.email.lower() == other.email.lower():
        return True
    return bool(fold(one.first_name)) and fold(one.first_name) == fold(other.first_name)


def _name(person: Person) -> str:
    return f"{fold(person.last_name)}|{fold(person.first_name)}"
