"""Reads about families and the logins of their adults."""

from collections.abc import Sequence

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q, QuerySet

from preau.domain.accounts import identifiers
from preau.domain.accounts.queries import Claim
from preau.domain.families.models import Guardian, Household
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
