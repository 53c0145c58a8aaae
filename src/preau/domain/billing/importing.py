"""Taking over the invoices of the town's software: all or nothing, and the same file twice changes nothing.

What the file says was received (« Réglé ») is a floor: money that came in here meanwhile is not counted twice.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

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
from preau.foundation.tabular import Fault, Severity
from preau.foundation.text import quoted

_BATCH = 500
ABSENT = "absent de la livraison\u202f: la facture est reprise sans lui"
_OF_TWO_FAMILIES = "est nommé pour deux familles\u202f: chacune lirait la facture de l’autre"
_Numbered = tuple[int, str]


class Pdfs(Protocol):
    """The PDFs delivered with a file, by their bare names."""

    def problem(self, name: str) -> str:
        """Why a PDF cannot be joined (`ABSENT` or another sentence); empty when it can."""

    def read(self, name: str) -> bytes | None:
        """Its bytes; None when it was not delivered."""


@dataclass(slots=True)
class _Entry:
    """An intake matched with what we know. `shares_pdf`: the file names its PDF for another family too."""

    intake: InvoiceIntake
    regie: Regie
    household: Household
    shares_pdf: bool


@dataclass(slots=True)
class InvoicePlan:
    """What a file would do; nothing is written yet.

    `to_receive`: invoices, the cents that their town says it received in all, and by which means.
    `to_attach`: invoices recorded without the PDF that is now delivered, and its name.
    """

    faults: list[Fault]
    to_create: list[_Entry] = field(default_factory=list)
    credit_notes: list[_Entry] = field(default_factory=list)
    to_receive: list[tuple[Invoice, int, str]] = field(default_factory=list)
    to_attach: list[tuple[Invoice, str]] = field(default_factory=list)
    unchanged: int = 0

    @property
    def errors(self) -> list[Fault]:
        return [fault for fault in self.faults if fault.severity == "error"]

    def tell(self, intake: InvoiceIntake, column: str, reason: str, severity: Severity = "error") -> None:
        """Add what is wrong with a document."""
        self.faults.append(Fault(line=intake.line, column=column, reason=reason, severity=severity))


def plan_invoices(report: InvoiceIntakeReport, *, default_regie: str | None, pdfs: Pdfs) -> InvoicePlan:
    """Match every invoice with its régie, its family and what was imported before; numbers and codes have no case."""
    plan = InvoicePlan(faults=list(report.faults))
    regies = {regie.code.casefold(): regie for regie in Regie.objects.all()}
    households = {household.file_number.casefold(): household for household in Household.objects.all()}
    known_invoices, known_notes = _already_known({intake.number.casefold() for intake in report.invoices})
    shared_pdfs, first_lines = _of_two_families(report.invoices), dict[_Numbered, int]()
    for intake in report.invoices:
        regie = regies.get((intake.regie_code or default_regie or "").casefold())
        household = households.get(intake.household_number.casefold())
        if regie is None:
            plan.tell(intake, "Régie", f"régie inconnue\u202f: {quoted(intake.regie_code or default_regie or '')}")
        elif household is None:
            plan.tell(intake, "N° famille", f"famille inconnue\u202f: {quoted(intake.household_number)}")
        else:
            entry = _Entry(intake, regie, household, shares_pdf=intake.pdf_name in shared_pdfs)
            key = (regie.id, intake.number.casefold())
            first_line = first_lines.setdefault(key, intake.line)
            if first_line != intake.line:  # one names its régie, the other leaves it to the command
                plan.tell(intake, "N° facture", f"même numéro que ligne {first_line}, dans la même régie")
            elif intake.kind == "credit_note":
                _plan_note(plan, entry, known_notes.get(key))
            else:
                _plan_invoice(plan, entry, known_invoices.get(key), pdfs)
    return plan


def _of_two_families(intakes: Sequence[InvoiceIntake]) -> set[str]:
    """Names of the PDFs that invoices of several families bear: at least one of them is not its family's."""
    families: dict[str, set[str]] = defaultdict(set)
    for intake in intakes:
        if intake.pdf_name:
            families[intake.pdf_name].add(intake.household_number.casefold())
    return {name for name, numbers in families.items() if len(numbers) > 1}


def _already_known(numbers: set[str]) -> tuple[dict[_Numbered, Invoice], dict[_Numbered, CreditNote]]:
    """Invoices and credit notes recorded before under these numbers (without case), by (régie id, number)."""
    known = Invoice.objects.values_list("id", "number").iterator()
    invoices = Invoice.objects.in_bulk([pk for pk, number in known if number.casefold() in numbers])
    notes = [note for note in CreditNote.objects.iterator() if note.number.casefold() in numbers]
    return (
        {(invoice.regie_id, invoice.number.casefold()): invoice for invoice in invoices.values()},
        {(note.regie_id, note.number.casefold()): note for note in notes},
    )


def _plan_note(plan: InvoicePlan, entry: _Entry, known: CreditNote | None) -> None:
    intake = entry.intake
    if known is None:
        if not intake.received_cents:
            plan.credit_notes.append(entry)
        elif intake.received_cents == intake.total_cents:
            plan.tell(intake, "Réglé", "avoir déjà remboursé ou utilisé\u202f: non chargé", "warning")
        else:
            plan.tell(intake, "Réglé", "avoir remboursé en partie\u202f: n’inscrire que ce qui reste à rendre")
    elif _differs(entry, known):
        plan.tell(intake, "N° facture", f"avoir {known.number} déjà repris avec un autre contenu")
    else:
        plan.unchanged += 1
        if intake.received_cents:
            reason = "avoir remboursé ou utilisé depuis sa reprise\u202f: ici, il reste dû à la famille"
            plan.tell(intake, "Réglé", reason, "warning")


def _plan_invoice(plan: InvoicePlan, entry: _Entry, known: Invoice | None, pdfs: Pdfs) -> None:
    intake = entry.intake
    if known is not None and _differs(entry, known):
        plan.tell(intake, "N° facture", f"facture {known.number} déjà reprise avec un autre contenu")
        return
    problem = _pdf_problem(entry, known, pdfs)
    if problem:
        severity: Severity = "warning" if problem == ABSENT else "error"
        plan.tell(intake, "PDF", f"{quoted(intake.pdf_name or '')} {problem}", severity)
        if severity == "error":
            return
    if known is None:
        plan.to_create.append(entry)
        return
    attached = bool(intake.pdf_name) and known.pdf_id is None and not problem
    if intake.pdf_name and attached:
        plan.to_attach.append((known, intake.pdf_name))
    if min(intake.received_cents - known.received_cents, known.left_cents) > 0:
        plan.to_receive.append((known, intake.received_cents, intake.received_by))
    elif not attached:
        plan.unchanged += 1


def _pdf_problem(entry: _Entry, known: Invoice | None, pdfs: Pdfs) -> str:
    """What keeps the PDF from being joined; empty when nothing does, or when none is to be."""
    name = entry.intake.pdf_name
    if not name or (known is not None and known.pdf_id is not None):
        return ""
    return _OF_TWO_FAMILIES if entry.shares_pdf else pdfs.problem(name)


def _differs(entry: _Entry, known: Invoice | CreditNote) -> bool:
    return known.content_digest != content_digest(*_draft(entry)) or known.household_id != entry.household.id


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
    pdfs: Pdfs,
    by: Actor,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write a plan in one transaction; files already stored are removed if it fails."""
    stored: list[StoredFile] = []
    total = len(plan.to_create)
    try:
        for done, batch in _batches(plan.to_create):
            _create(batch, pdfs, stored)
            if progress is not None:
                progress(done, total)
        for _, batch in _batches(plan.credit_notes):
            _create_notes(batch)
        today = clock.today(the_town().zone)
        for invoice, received_cents, means in plan.to_receive:
            _receive_up_to(invoice, received_cents, means=means, on=today)
        for invoice, name in plan.to_attach:
            invoice.pdf = _stored_pdf(invoice, name, pdfs, stored)
            invoice.save(update_fields=["pdf"])
        record(
            by=by,
            action="invoices.imported",
            subject="file",
            details={"created": total, "credit_notes": len(plan.credit_notes), "unchanged": plan.unchanged},
        )
    except BaseException:
        forget(stored)
        raise


def _receive_up_to(invoice: Invoice, received_cents: int, *, means: str, on: date) -> None:
    """Record what the town received beyond what is known now: a payment may have come in since the plan was made."""
    locked = Invoice.objects.select_for_update(of=("self",)).get(id=invoice.id)
    missing = min(received_cents - locked.received_cents, locked.left_cents)
    if missing > 0:
        record_receipt_elsewhere(invoice=locked, amount_cents=missing, means=means, received_on=on)


def _stored_pdf(invoice: Invoice, name: str | None, pdfs: Pdfs, stored: list[StoredFile]) -> StoredFile | None:
    content = pdfs.read(name) if name else None
    if not content:
        return None
    file = store(content=content, name=f"{invoice.number}.pdf", content_type="application/pdf")
    stored.append(file)
    return file


def _batches(entries: Sequence[_Entry]) -> Iterator[tuple[int, Sequence[_Entry]]]:
    for start in range(0, len(entries), _BATCH):
        batch = entries[start : start + _BATCH]
        yield start + len(batch), batch


def _create(entries: Sequence[_Entry], pdfs: Pdfs, stored: list[StoredFile]) -> None:
    invoices, all_lines = [], []
    for entry in entries:
        invoice, lines = _draft(entry)
        invoice.content_digest = content_digest(invoice, lines)
        invoice.pdf = _stored_pdf(invoice, entry.intake.pdf_name, pdfs, stored)
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
