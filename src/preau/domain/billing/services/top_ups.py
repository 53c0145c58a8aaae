"""Money brought in advance: asked by an invoice, then the family's credit once it is paid (C24)."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.db.models import F

from preau.domain.billing.models import Invoice, InvoiceLine, TopUp
from preau.domain.billing.services.issuing import Ask, credit_family, issue_invoice
from preau.domain.families.models import Household
from preau.domain.regies.models import Regie
from preau.foundation import french

_PAID = "Recharge payée"


def bill_top_up(*, household: Household, regie: Regie, cents: int, form_key: str, on: date, until: datetime) -> TopUp:
    """Issue the invoice of a top-up, in the caller's transaction; it is asked no more after `until`."""
    label = f"Recharge du {french.day(on)}"
    line = InvoiceLine(position=1, label=label, quantity=Decimal(1), unit_price_cents=cents, total_cents=cents)
    invoice = issue_invoice(Ask(regie, household, label, cents, Invoice.Source.TOP_UP), lines=[line], on=on)
    return TopUp.objects.create(invoice=invoice, form_key=form_key, offered_until=until)


def credit_paid_top_ups(invoice_ids: Iterable[int], *, on: date) -> None:
    """Make credit of the top-ups among these locked invoices that are paid, in the transaction that pays them."""
    received = TopUp.objects.filter(invoice__in=list(invoice_ids), credit_note=None)
    paid = received.filter(invoice__received_cents=F("invoice__total_cents"))
    for top_up in paid.select_related("invoice__regie", "invoice__household").order_by("id"):
        invoice = top_up.invoice
        top_up.credit_note = credit_family(
            regie=invoice.regie, household=invoice.household, label=_PAID, cents=invoice.total_cents, on=on
        )
        top_up.save(update_fields=["credit_note"])
