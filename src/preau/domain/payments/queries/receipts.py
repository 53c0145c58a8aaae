"""Finding a receipt: by its family, or by anyone who holds its code (P07)."""

from preau.domain.families.models import Household
from preau.domain.payments.models import Receipt
from preau.domain.payments.queries.attempts import receipts_of
from preau.foundation import ids


def receipt_of(household: Household, *, code: str) -> Receipt:
    """One receipt of a family.

    Raises:
        Receipt.DoesNotExist: no such receipt, or another family's (W11).
    """
    return receipts_of(household).get(code=code)


def receipt_with_code(typed: str) -> Receipt | None:
    """The receipt that bears a code as a person copied it (spaces, hyphens, O for 0), if there is one."""
    return Receipt.objects.select_related("regie", "capture", "link").filter(code=ids.ungrouped(typed)).first()
