"""What an agent notes of a family, on which prices and places rest: class, diets, link with the town, quotient.

Prices already made keep what they were made with (I20): a fact changes what comes after it.
"""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from preau.domain.families.models import Child, ChildDiet, Diet, Household, QuotientFamilial, SchoolLevel, TownLink
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record

#: No allowance office has ever written a higher one: a quotient above it is a slip of the hand.
MOST_QUOTIENT_CENTS = 10_000_000


class FactRefusedError(Exception):
    """Nothing was written; `message` is for the agent, `field` names what was typed wrong."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.message, self.field = message, field


@transaction.atomic
def note_child(*, child: Child, level: str, diets: Iterable[str], by: Actor) -> None:
    """Note the class of a child, empty when unknown, and what the kitchen must know of it (rule 15).

    Raises:
        FactRefusedError: a class that no school has, or a word that may not be kept of a child.
    """
    wanted = set(diets)
    if level and level not in SchoolLevel.values:
        raise FactRefusedError("Choisissez une classe de la liste.", field="level")
    if wanted - set(Diet.values):
        raise FactRefusedError("Choisissez dans la liste\u202f: aucun autre mot n’est gardé.", field="diets")
    Child.objects.filter(id=child.id).update(level=level)
    ChildDiet.objects.filter(child=child).exclude(diet__in=wanted).delete()
    ChildDiet.objects.bulk_create([ChildDiet(child=child, diet=diet) for diet in sorted(wanted)], ignore_conflicts=True)
    # How many words, not which: the journal is kept longer than they are.
    record(by=by, action="child.noted", subject=child.public_id, details={"level": level, "diets": len(wanted)})


@transaction.atomic
def note_town_link(*, household: Household, town_link: str, by: Actor) -> None:
    """Note what ties a family to the town (rule 20).

    Raises:
        FactRefusedError: no such link.
    """
    if town_link not in TownLink.values:
        raise FactRefusedError("Choisissez un lien de la liste.", field="town_link")
    before = household.town_link
    Household.objects.filter(id=household.id).update(town_link=town_link)
    details = {"before": before, "after": town_link}
    record(by=by, action="household.town_link", subject=household.public_id, details=details)


@transaction.atomic
def note_quotient(*, household: Household, amount_cents: int, valid_on: date, by: Actor) -> QuotientFamilial:
    """Note a quotient known from a day on; a second one of the same day corrects the first, and both are journalled.

    Raises:
        FactRefusedError: an amount that no allowance office writes.
    """
    if not 0 <= amount_cents <= MOST_QUOTIENT_CENTS:
        raise FactRefusedError("Vérifiez ce montant.", field="amount")
    Household.objects.select_for_update(of=("self",), no_key=True).get(id=household.id)
    known = QuotientFamilial.objects.filter(household=household, valid_on=valid_on).first()
    before = known.amount_cents if known else None
    noted, _ = QuotientFamilial.objects.update_or_create(
        household=household, valid_on=valid_on, defaults={"amount_cents": amount_cents}
    )
    details = {"valid_on": valid_on.isoformat(), "before": before, "after": amount_cents}
    record(by=by, action="household.quotient", subject=household.public_id, details=details)
    return noted
