"""What every attempt is made of, on line or at the desk: invoices locked, their shares frozen (I7)."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.conf import settings

from preau.domain.billing.models import Invoice
from preau.domain.payments import rules
from preau.domain.payments.errors import PaymentClosedError, PaymentInProgressError
from preau.domain.payments.gateway import Gateway, gateway_named
from preau.domain.payments.models import AttemptLine, Checkout, PaymentAttempt
from preau.domain.payments.services.moves import first_event
from preau.domain.regies.models import Channel, GatewayContract, Regie
from preau.domain.town.queries import the_town
from preau.foundation import clock, french, ids
from preau.foundation.audit.actors import Actor

#: Letters of the invoice number that open a reference, and random characters after them (80 bits) (2.3).
_REFERENCE_PREFIX, _REFERENCE_BITS = 12, 80

_NOT_YET = {
    Channel.ONLINE: "{} ne prend pas encore de paiement en ligne.",
    Channel.DESK: "Le guichet de {} n’est pas encore ouvert\u202f: la personne de l’informatique l’ouvre dans les "
    "réglages.",
}
_ON_TRIAL = {
    Channel.ONLINE: "Le paiement en ligne de {} est en cours d’essai et n’est pas encore ouvert.",
    Channel.DESK: "Le guichet de {} est en cours d’essai et n’est pas encore ouvert.",
}


def lock_invoices(invoice_ids: Iterable[int]) -> list[Invoice]:
    """Invoices locked in primary-key order (E.4.4), those still owed."""
    locked = (
        Invoice.objects.select_for_update(of=("self",))
        .select_related("regie", "of_order")
        .filter(id__in=list(invoice_ids), settled_on__isnull=True)
        .order_by("id")
    )
    return list(locked)


def held_lines(invoices: Iterable[Invoice]) -> dict[int, AttemptLine]:
    """What holds these invoices, by invoice id."""
    held = AttemptLine.objects.filter(invoice__in=list(invoices), is_open=True).select_related("attempt", "invoice")
    return {line.invoice_id: line for line in held}


def in_progress(line: AttemptLine) -> PaymentInProgressError:
    """The refusal of an invoice that another attempt holds, with its times (P03)."""
    zone = the_town().zone
    since, until = line.attempt.created_at.astimezone(zone), line.attempt.locked_until.astimezone(zone)
    return PaymentInProgressError(
        f"Un paiement est déjà en cours sur la facture {line.invoice.number} depuis {french.hour(since)}. "
        f"S’il n’aboutit pas, elle sera libérée à {french.hour(until)}.",
        since=line.attempt.created_at,
        until=line.attempt.locked_until,
    )


def usable_contract(regie: Regie, *, channel: Channel) -> tuple[GatewayContract, Gateway]:
    """The contract by which a régie takes payments on a channel now, and its gateway.

    Raises:
        PaymentClosedError: there is none, or it is on trial in production.
    """
    contract = GatewayContract.objects.filter(regie=regie, channel=channel, closed_on__isnull=True).first()
    if contract is None or not regie.is_active:
        raise PaymentClosedError(_NOT_YET[channel].format(regie.label))
    if settings.PREAU_ENV == "production" and contract.mode == GatewayContract.Mode.TEST:
        raise PaymentClosedError(_ON_TRIAL[channel].format(regie.label))
    return contract, gateway_named(contract.gateway)


def freeze(
    *,
    regie: Regie,
    contract: GatewayContract,
    checkout: Checkout,
    shares: Sequence[tuple[Invoice, int]],
    form_key: str,
    by: Actor,
) -> PaymentAttempt:
    """Write a prepared attempt and its lines (invoice, cents) in the caller's transaction; the invoices are locked."""
    now = clock.now()
    attempt = PaymentAttempt(
        form_key=form_key,
        reference=_new_reference(shares[0][0]),
        checkout=checkout,
        household=checkout.household,
        regie=regie,
        contract=contract,
        merchant=contract.merchant,
        mode=contract.mode,
        amount_cents=sum(cents for _, cents in shares),
        created_at=now,
        locked_until=now + timedelta(minutes=regie.lock_minutes),
    )
    attempt.digest = rules.frozen_digest(frozen_values(attempt), [(i.public_id, cents) for i, cents in shares])
    attempt.save(force_insert=True)
    AttemptLine.objects.bulk_create(
        AttemptLine(attempt=attempt, invoice=invoice, regie=regie, amount_cents=cents) for invoice, cents in shares
    )
    first_event(attempt, by=by)
    return attempt


def frozen_values(attempt: PaymentAttempt) -> dict[str, object]:
    """The columns of an attempt that its digest covers (I7)."""
    return {
        "reference": attempt.reference,
        "household": attempt.household_id,
        "regie": attempt.regie_id,
        "contract": attempt.contract_id,
        "merchant": attempt.merchant,
        "mode": attempt.mode,
        "amount_cents": attempt.amount_cents,
        "currency": attempt.currency,
    }


def _new_reference(invoice: Invoice) -> str:
    """A reference for one attempt only: a readable beginning, then 80 random bits; letters and digits (2.3, R3)."""
    readable = "".join(c for c in invoice.number.upper() if c.isascii() and c.isalnum())[:_REFERENCE_PREFIX]
    return readable + ids.base32(_REFERENCE_BITS)
