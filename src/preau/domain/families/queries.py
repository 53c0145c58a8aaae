"""Reads about families and the logins of their adults."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q, QuerySet

from preau.domain.accounts import identifiers
from preau.domain.accounts.queries import Claim
from preau.domain.families.models import Child, ChildHome, Guardian, Household, QuotientFamilial
from preau.domain.families.permissions import may_open_login
from preau.domain.families.rules import same_file_name
from preau.foundation.text import clean, fold

_NO_PASSWORD = Q(user__isnull=True) | Q(user__password__startswith=UNUSABLE_PASSWORD_PREFIX)
_NOT_CLOSED = Q(user__isnull=True) | Q(user__is_active=True)


def household_named(*, file_number: str, file_name: str) -> Household | None:
    """The family file of this number, if it also bears this name: both as somebody copies them by hand."""
    household = Household.objects.filter(file_number__iexact=clean(file_number)).first()
    if household is None or not same_file_name(household.file_name, file_name):
        return None
    return household


def schools_of_children() -> list[str]:
    """Schools that the files of children name, in their order."""
    rows = Child.objects.exclude(school="").order_by("school").values_list("school", flat=True)
    return list(rows.distinct())


def adults_of(household: Household | None) -> list[Guardian]:
    """The adults of a family with their logins, by rank; nobody's for no family, at the same cost."""
    return list(
        Guardian.objects.select_related("user", "household").filter(household_id=household.pk if household else 0)
    )


def mail_address(adult: Guardian) -> str:
    """Where links to an adult's account go: once they entered, to the address they gave, if any; else to the file's."""
    own = adult.user.email if adult.user is not None and adult.user.is_activated else ""
    return identifiers.plain(own or adult.email)


def claim_of(*, file_number: str, file_name: str, adults: Sequence[Guardian]) -> Claim:
    """What a person says who claims a family file: any code of its adults proves it."""
    users = [adult.user for adult in adults if adult.user is not None and adult.user.is_active]
    typed = f"file:{clean(file_number).casefold()}|{fold(file_name)}"
    return Claim(typed=typed, user=users[0] if users else None, relatives=tuple(users[1:]))


def choosable(adults: Sequence[Guardian], *, code_holder_id: int) -> list[Guardian]:
    """Whom a code may open: its holder, and the other adults without a login while the holder has none."""
    holder = next((adult for adult in adults if adult.user_id == code_holder_id), None)
    if holder is None or not may_open_login(holder):
        return [holder] if holder else []
    return [adult for adult in adults if may_open_login(adult)]


def guardians_without_login() -> QuerySet[Guardian]:
    """Everybody an invitation may be sent to: no password chosen yet, account not closed by the town (C03)."""
    return (
        Guardian.objects.select_related("household", "user")
        .filter(_NO_PASSWORD, _NOT_CLOSED)
        .order_by("household__file_number", "position")
    )


def families_named(sought: str) -> QuerySet[Household]:
    """Families by file number, or by the name of the file, of an adult or of a child; none when nothing is sought."""
    if not sought:
        return Household.objects.none()
    named = Q(file_number__iexact=sought)
    # SQLite tells « é » from « É »: a name is sought as typed, in capitals, and with a capital first.
    for words in {sought, sought.upper(), sought.title()}:
        named |= Q(file_name__icontains=words)
        for people in ("guardians", "children"):
            named |= Q(**{f"{people}__last_name__icontains": words}) | Q(**{f"{people}__first_name__icontains": words})
    found = Household.objects.filter(named).values("id")
    return Household.objects.filter(id__in=found).order_by("file_name", "file_number")


@dataclass(frozen=True, slots=True)
class FamilySheet:
    """A family as an agent sees it: `children` with their rank and diets, `quotients` the last to begin first."""

    household: Household
    adults: Sequence[Guardian]
    children: Sequence[ChildHome]
    quotients: Sequence[QuotientFamilial]


def family_sheet(*, public_id: str) -> FamilySheet:
    """One family; a constant number of queries.

    Raises:
        Household.DoesNotExist: no such one.
    """
    household = Household.objects.get(public_id=public_id)
    homes = household.child_places.select_related("child").prefetch_related("child__diets")
    return FamilySheet(household, adults_of(household), list(homes), list(household.quotients.all()))


def home_of_child(*, child_id: str, household_id: str = "") -> ChildHome:
    """A child (public id) in one of its homes: that named, by its public id, else the first.

    Raises:
        ChildHome.DoesNotExist: no such child, or it lives nowhere.
    """
    homes = ChildHome.objects.select_related("child", "household").prefetch_related("child__diets")
    mine = homes.filter(child__public_id=child_id).order_by("id")
    named = mine.filter(household__public_id=household_id).first() if household_id else None
    found = named or mine.first()
    if found is None:
        raise ChildHome.DoesNotExist
    return found
