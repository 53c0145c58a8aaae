"""The receipt of a payment: numbered and frozen when money is captured, drawn when somebody wants it (P07, S29)."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.conf import settings

from preau.domain.messaging.models import HouseholdDocument
from preau.domain.messaging.services import keep_document
from preau.domain.payments import chain, rules
from preau.domain.payments.documents.receipt import ReceiptLine, ReceiptSheet, render_receipt
from preau.domain.payments.gateway import gateway_named
from preau.domain.payments.models import Capture, Receipt, ReceiptLink
from preau.domain.payments.queries.checkouts import Chain, chain_of
from preau.domain.regies.models import MeansOfPayment
from preau.domain.regies.services import take_number
from preau.domain.town.models import Town
from preau.domain.town.queries import look_of, the_town
from preau.foundation import clock, french, ids
from preau.foundation.files.services import read, store
from preau.foundation.mail.services import Attachment, queue
from preau.foundation.money import format_cents

#: 80 random bits: nobody finds a receipt by trying codes.
_CODE_BITS = 80


def issue_receipt(*, capture: Capture, surplus_cents: int) -> Receipt:
    """Number, freeze and chain the receipt, and queue its mail, in the transaction of the capture (I12, I25).

    A family without address gets it on paper, at the desk (V11).

    The counter of numbers stays locked until that transaction ends, so the link before is known: no fork.
    """
    town = the_town()
    now = clock.now()
    year = now.astimezone(town.zone).year
    number = take_number(regie=capture.regie, kind="receipt", year=year)
    code = ids.base32(_CODE_BITS)
    sheet = _sheet(town, capture, number=f"{year}-{number:06d}", code=code, surplus_cents=surplus_cents)
    receipt = Receipt.objects.create(
        capture=capture,
        regie=capture.regie,
        year=year,
        number=number,
        code=code,
        sheet=sheet_to_json(sheet),
        issued_at=now,
    )
    _link(receipt)
    if capture.attempt.checkout.receipt_email:
        queue(
            kind="receipt",
            subject_key=code,
            to=capture.attempt.checkout.receipt_email,
            subject=f"Votre reçu de paiement : {format_cents(capture.amount_cents)} – {capture.regie.label}",
            text=_mail_text(town, sheet, chain_of(capture.attempt.checkout)),
            attachment=("receipt", code),
        )
    return receipt


def _link(receipt: Receipt) -> ReceiptLink:
    """A link after the last there is: a hole made by a strange hand is for the self-check, and stops no money."""
    regie, year = receipt.regie, receipt.year
    last = ReceiptLink.objects.filter(receipt__regie=regie, receipt__year=year).order_by("receipt__number").last()
    previous = last.digest if last else chain.genesis(regie_key=regie.public_id, year=year)
    content = chain.content_digest(receipt.sheet)
    digest = chain.link_digest(
        previous=previous,
        regie_key=regie.public_id,
        year=year,
        number=receipt.number,
        issued_at=receipt.issued_at,
        content=content,
    )
    return ReceiptLink.objects.create(receipt=receipt, previous=previous, content=content, digest=digest)


def _sheet(town: Town, capture: Capture, *, number: str, code: str, surplus_cents: int) -> ReceiptSheet:
    attempt, regie = capture.attempt, capture.regie
    gateway = gateway_named(capture.contract.gateway)
    means = str(dict(MeansOfPayment.choices).get(capture.means, "paiement en ligne")).removesuffix(" en ligne")
    agent, paid_at = attempt.checkout.agent, capture.paid_at.astimezone(town.zone)
    return ReceiptSheet(
        town_name=town.name,
        issuer_name=regie.issuer_name,
        issuer_address=tuple(regie.issuer_address.splitlines()),
        issuer_phone=regie.issuer_phone,
        regie_label=regie.label,
        regie_act=regie.founding_act,
        receipt_number=number,
        verification_code=ids.grouped(code),
        verification_url=settings.PREAU_RECEIPT_URL.format(code=code),
        paid_at=paid_at,
        means_label=means.removesuffix(" au guichet"),
        gateway_label=gateway.presentation.label,
        reference=attempt.reference,
        authorisation=capture.transaction_reference,
        debtor_name=attempt.household.file_name,
        file_number=attempt.household.file_number,
        lines=tuple(
            ReceiptLine(
                invoice_number=allocation.invoice.number,
                label=allocation.invoice.label,
                amount_cents=allocation.amount_cents,
                left_after_cents=allocation.invoice.left_cents,
            )
            for allocation in capture.allocations.select_related("invoice").order_by("invoice_id")
        ),
        surplus_cents=surplus_cents,
        total_cents=capture.amount_cents,
        debit_notice="" if agent else debit_notice(paid_at, *debit_days(capture)),
        payer_email=attempt.checkout.receipt_email,
        received_by=agent.display_name if agent else "",
        has_hour=agent is None or paid_at.date() == capture.recorded_at.astimezone(town.zone).date(),
    )


def debit_days(capture: Capture) -> tuple[int, int]:
    """Working days, fewest and most, between the payment and the debit on the payer's account (V08)."""
    return gateway_named(capture.contract.gateway).presentation.debit_days.get(capture.means, (2, 4))


def debit_notice(paid_at: datetime, fewest: int, most: int) -> str:
    """« entre le 12 octobre 2026 et le 16 octobre 2026 », from a payment instant in the town's zone."""
    first = rules.working_days_after(paid_at.date(), fewest)
    last = rules.working_days_after(paid_at.date(), most)
    return f"entre le {french.day(first)} et le {french.day(last)}"


def sheet_to_json(sheet: ReceiptSheet) -> dict[str, Any]:
    """The frozen content of a receipt as JSON values."""
    return {**asdict(sheet), "paid_at": sheet.paid_at.isoformat()}


def sheet_of(receipt: Receipt) -> ReceiptSheet:
    """The content of a receipt, as it was frozen."""
    values = dict(receipt.sheet)
    values["paid_at"] = datetime.fromisoformat(values["paid_at"])
    values["issuer_address"] = tuple(values["issuer_address"])
    values["lines"] = tuple(ReceiptLine(**line) for line in values["lines"])
    return ReceiptSheet(**values)


def receipt_document(receipt: Receipt) -> HouseholdDocument:
    """The receipt's PDF in the family's safe; drawn the first time it is asked for, then kept for ever (S29)."""
    kept = HouseholdDocument.objects.select_related("file").filter(
        kind=HouseholdDocument.Kind.RECEIPT,
        source_key=receipt.code,
    )
    document = kept.first()
    if document is not None:
        return document
    number = receipt.sheet["receipt_number"]
    return keep_document(
        household=receipt.capture.attempt.household,
        kind=HouseholdDocument.Kind.RECEIPT,
        source_key=receipt.code,
        title=f"Reçu n° {number} – {receipt.regie.label}",
        file=store(
            content=render_receipt(sheet_of(receipt), look=look_of(the_town())),
            name=f"recu-{number}.pdf",
            content_type="application/pdf",
        ),
    )


def attachment_of(code: str) -> Attachment:
    """The document joined to the receipt's mail."""
    receipt = Receipt.objects.select_related("regie", "capture__attempt__household").get(code=code)
    file = receipt_document(receipt).file
    return Attachment(name=file.name, content=read(file), content_type=file.content_type)


def _mail_text(town: Town, sheet: ReceiptSheet, basket: Chain) -> str:
    lines = "\n".join(
        f"– {line.invoice_number}, {line.label} : {format_cents(line.amount_cents)}" for line in sheet.lines
    )
    surplus = (
        f"\n\n{format_cents(sheet.surplus_cents)} dépassent ce qui restait dû : cette somme est à votre crédit."
        if sheet.surplus_cents
        else ""
    )
    debit = f"Votre compte bancaire sera débité {sheet.debit_notice}.\n\n" if sheet.debit_notice else ""
    return (
        "Bonjour,\n\n"
        f"Votre paiement de {format_cents(sheet.total_cents)} a bien été reçu {_when(sheet)}.\n\n"
        f"{lines}{surplus}\n\n{debit}"
        f"Le reçu n° {sheet.receipt_number} est joint à ce message. "
        f"Conservez-le : il reste aussi dans votre espace famille.\n\n{_basket_text(basket)}"
        f"{town.name} – {sheet.regie_label}"
    )


def _when(sheet: ReceiptSheet) -> str:
    """« le 8 octobre 2026 à 15 h 35 », « au guichet (espèces), le 8 octobre 2026 »."""
    hour = f" à {french.hour(sheet.paid_at)}" if sheet.has_hour else ""
    where = f"au guichet ({sheet.means_label}), " if sheet.received_by else ""
    return f"{where}le {french.day(sheet.paid_at)}{hour}"


def _basket_text(basket: Chain) -> str:
    """Where the payments of a basket stand: what is left to do, with its address, or all of them together (V06)."""
    if basket.operations == 1:
        return ""
    paid = "\n".join(
        f"– {step.attempt.regie.label} : {format_cents(step.attempt.amount_cents)}" for step in basket.paid
    )
    told = (
        f"Votre panier, {len(basket.paid)} paiement{'s' * (len(basket.paid) > 1)} sur {basket.operations} :\n{paid}\n"
    )
    if basket.is_finished:
        return f"{told}Total payé : {format_cents(basket.paid_cents)}.\n\n"
    return f"{told}Pour payer la suite : {settings.PREAU_BASKET_URL}\n\n"
