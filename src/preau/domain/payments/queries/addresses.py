"""Where a family is written to about its money."""

from preau.domain.families.models import Household
from preau.domain.families.queries import adults_of, mail_address


def address_of(household: Household) -> str:
    """The address of the first adult of a family who has one; empty when nobody has (V11)."""
    addresses = (mail_address(adult) for adult in adults_of(household))
    return next((one for one in addresses if one), "")
