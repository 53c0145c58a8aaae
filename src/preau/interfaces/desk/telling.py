"""What a page says of the mail that an act sends to a family."""

from preau.domain.bookings.letters import address_of
from preau.domain.families.models import Household


def told_words(household: Household, *, told: str = "La famille est prévenue par e-mail.") -> str:
    """`told`, or what is left to do when the family has no address."""
    return told if address_of(household) else "La famille n’a pas d’adresse e-mail\u202f: téléphonez-lui."
