"""Taking over the invoices of the town's software: all or nothing, and the same file twice changes nothing.

What the file says was received (« Réglé ») is a floor: money that came in here meanwhile is not counted twice.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from preau.domain.billing.intake import InvoiceIntake, InvoiceIntakeReport
from preau.domain.billing.models import CreditNote, Invoice, InvoiceLine, ReceiptElsewhere
from preau.domain.billing.postings import credit_note_draft, invoice_draft, receipt_draft
from preau.domain.billing.rules import content_digest
from preau.domain.billing.services import record_receipt_elsewhere
from preau.domain.families.models import Household
from preau.domain.ledger.services import book_many
from preau.domain.regies.models import Regie
from preau.domain.town.queries import the_town
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record
from preau.foundation.files.models import StoredFile
from preau.foundation.files.services import forget, store
from preau.foundation.tabular import Fault

_BATCH = 500
#: Gives the bytes of a PDF by its file name, or None when it was not delivered.
PdfSource = Callable[[str], bytes | None]
_Numbered = tuple[int, str]


@dataclass(slots=True)
class _Entry:
    """An intake matched with what we know."""

    intake: InvoiceIntake
    regie: Regie
    household: Household


@dataclass(slots=True)
class InvoicePlan:
    """What a file would do; nothing is written yet. Amounts of `to_receive` in cents."""

    faults: list[Fault]
    to_create: list[_Entry] = field(default_factory=list)
    credit_notes: list[_Entry] = field(default_factory=list)
    to_receive: list[tuple[Invoice, int, str]] = field(default_factory=list)
    unchanged: int = 0

    @property
    def errors(self) -> list[Fault]:
        return [fault for fault in self.faults if fault.severity == "error"]


def plan_invoices(report: InvoiceIntakeReport, *, default_regie: str | None) -> InvoicePlan:
    """Match every invoice with its régie, its family and what was imported before."""
    plan = InvoicePlan(faults=list(report.faults))
    regies = {regie.code: regie for regie in Regie.objects.all()}
    households = {household.file_number.casefold(): household for household in Household.objects.all()}
    known_invoices, known_notes = _already_known([intake.number for intake in report.invoices])
    for intake in report.invoices:
        regie = regies.get(intake.regie_code or default_regie or "")
        household = households.get(intake.household_number.casefold())
        if regie is None:
            plan.faults.append(_fault(intake, "régie", f"régie inconnue : « {intake.regie_code or ''} »"))
        elif household is None:
            plan.faults.append(_fault(intake, "n° famille", f"famille inconnue : « {intake.household_number} »"))
        else:
            entry = _Entry(intake, regie, household)
            if intake.kind == "credit_note":
                _plan_note(plan, entry, known_notes.get((regie.id, intake.number)))
            else:
                _plan_invoice(plan, entry, known_invoices.get((regie.id, intake.number)))
    return plan


def _fault(intake: InvoiceIntake, column: str, reason: str) -> Fault:
    return Fault(line=intake.line, column=column, reason=reason, severity="error")


def _already_known(numbers: Sequence[str]) -> tuple[dict[_Numbered, Invoice], dict[_Numbered, str]]:
    """Invoices, and digests of credit notes, recorded before under these numbers, by (régie id, number)."""
    invoices: dict[_Numbered, Invoice] = {}
    notes: dict[_Numbered, str] = {}
    for start in range(0, len(numbers), _BATCH):
        some = numbers[start : start + _BATCH]
        invoices |= {(i.regie_id, i.number): i for i in Invoice.objects.filter(number__in=some)}
        rows = CreditNote.objects.filter(number__in=some).values_list("regie_id", "number", "content_digest")
        notes |= {(regie_id, number): digest for regie_id, number, digest in rows}
    return invoices, notes


def _plan_note(plan: InvoicePlan, entry: _Entry, digest: str | None) -> None:
    if digest is None:
        plan.credit_notes.append(entry)
    elif digest == content_digest(*_draft(entry)):
        plan.unchanged += 1
    else:
        plan.faults.append(_fault(entry.intake, "n° facture", f"avoir {entry.intake.number} déjà repris, différent"))


def _plan_invoice(plan: InvoicePlan, entry: _Entry, known: Invoice | None) -> None:
    if known is None:
        plan.to_create.append(entry)
        return
    digest = content_digest(*_draft(entry))
    if digest != known.content_digest or known.household_id != entry.household.id:
        reason = f"facture {known.number} déjà reprise avec un autre contenu"
        plan.faults.append(_fault(entry.intake, "n° facture", reason))
        return
    missing = min(entry.intake.received_cents - known.received_cents, known.left_cents)
    if missing > 0:
        plan.to_receive.append((known, missing, entry.intake.received_by))
    else:
        plan.unchanged += 1


def _draft(entry: _Entry) -> tuple[Invoice, list[InvoiceLine]]:
    """The invoice and lines an intake describes, not saved."""
    intake = entry.intake
    settled = intake.received_cents == intake.total_cents
    invoice = Invoice(
        regie=entry.regie,
        household=entry.household,
        number=intake.number,
        label=intake.label,
        billed_month=intake.billed_month,
        issued_on=intake.issued_on,
        due_on=intake.due_on,
        total_cents=intake.total_cents,
        received_cents=intake.received_cents,
        titre_number=intake.titre_number,
        settled_on=intake.issued_on if settled else None,
        recorded_at=clock.now(),
    )
    lines = [
        InvoiceLine(
            position=position,
            label=line.label,
            child_name=line.child_name,
            service_date=line.service_date,
            quantity=line.quantity,
            unit_price_cents=line.unit_price_cents,
            total_cents=line.total_cents,
        )
        for position, line in enumerate(intake.lines, start=1)
    ]
    return invoice, lines


@transaction.atomic
def apply_plan(
    plan: InvoicePlan,
    *,
    pdf_of: PdfSource,
    by: Actor,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write a plan in one transaction; files already stored are removed if it fails."""
    stored: list[StoredFile] = []
    total = len(plan.to_create)
    try:
        for done, batch in _batches(plan.to_create):
            _create(batch, pdf_of, stored)
            if progress is not None:
                progress(done, total)
        for _, batch in _batches(plan.credit_notes):
            _create_notes(batch)
        for invoice, cents, means in plan.to_receive:
            on = clock.today(the_town().zone)
            record_receipt_elsewhere(invoice=invoice, amount_cents=cents, means=means, received_on=on)
    except BaseException:
        forget(stored)
        raise
    record(
        by=by,
        action="invoices.imported",
        subject="file",
        details={"created": total, "credit_notes": len(plan.credit_notes), "unchanged": plan.unchanged},
    )


def _batches(entries: Sequence[_Entry]) -> Iterator[tuple[int, Sequence[_Entry]]]:
    for start in range(0, len(entries), _BATCH):
        batch = entries[start : start + _BATCH]
        yield start + len(batch), batch


def _create(entries: Sequence[_Entry], pdf_of: PdfSource, stored: list[StoredFile]) -> None:
    invoices, all_lines = [], []
    for entry in entries:
        invoice, lines = _draft(entry)
        invoice.content_digest = content_digest(invoice, lines)
        content = pdf_of(entry.intake.pdf_name) if entry.intake.pdf_name else None
        if content:
            invoice.pdf = store(content=content, name=f"{invoice.number}.pdf", content_type="application/pdf")
            stored.append(invoice.pdf)
        invoices.append(invoice)
        all_lines.append(lines)
    Invoice.objects.bulk_create(invoices)
    for invoice, lines in zip(invoices, all_lines, strict=True):
        for line in lines:
            line.invoice = invoice
    InvoiceLine.objects.bulk_create([line for lines in all_lines for line in lines], batch_size=2000)
    received = [
        ReceiptElsewhere(
            invoice=invoice,
            amount_cents=invoice.received_cents,
            means=entry.intake.received_by,
            received_on=invoice.issued_on,
            recorded_at=invoice.recorded_at,
        )
        for invoice, entry in zip(invoices, entries, strict=True)
        if invoice.received_cents
    ]
    ReceiptElsewhere.objects.bulk_create(received)
    book_many([invoice_draft(invoice) for invoice in invoices])
    book_many([receipt_draft(receipt) for receipt in received])


def _create_notes(entries: Sequence[_Entry]) -> None:
    notes = []
    for entry in entries:
        invoice, lines = _draft(entry)
        notes.append(
            CreditNote(
                regie=entry.regie,
                household=entry.household,
                number=invoice.number,
                label=invoice.label,
                issued_on=invoice.issued_on,
                total_cents=invoice.total_cents,
                content_digest=content_digest(invoice, lines),
                recorded_at=invoice.recorded_at,
            ),
        )
    CreditNote.objects.bulk_create(notes)
    book_many([credit_note_draft(note) for note in notes])
