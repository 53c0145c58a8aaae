"""One row of the invoices table to the document and the line it describes. Whatever counts is strict."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from sys import intern
from typing import TypeVar

from preau.domain.billing.intake import (
    CHILD_NAME_LENGTH,
    LABEL_LENGTH,
    LARGEST_CENTS,
    LINE_LABEL_LENGTH,
    MEANS_LENGTH,
    NUMBER_LENGTH,
    PDF_NAME_LENGTH,
    REGIE_LENGTH,
    TITRE_LENGTH,
    InvoiceIntake,
    LineIntake,
)
from preau.domain.families.intake import NUMBER_LENGTH as HOUSEHOLD_NUMBER_LENGTH
from preau.foundation.money import format_cents, parse_cents
from preau.foundation.tabular import RowReading, at_most, parse_date, parse_key, parse_month, parse_quantity
from preau.foundation.text import quoted
from preau.plugins.imports.invoices.columns import LINE_KEYS

T = TypeVar("T")

#: Stands for a day in a document that is refused anyway.
_NO_DAY = date.min


@dataclass(frozen=True, slots=True)
class DocumentReader:
    """Reads rows; a year of two digits falls in the hundred years that end with `last_year`."""

    last_year: int

    def document(self, reading: RowReading) -> InvoiceIntake | None:
        """The invoice or credit note of a row, without lines; None if a cell is wrong or two disagree."""
        total_cents = _required(reading, "total_cents", _parse_amount, 0)
        received_cents = _strict(reading, "received_cents", _parse_amount, 0)
        regie_code = _strict(reading, "regie_code", partial(parse_key, limit=REGIE_LENGTH), None)
        document = InvoiceIntake(
            line=reading.number,
            regie_code=intern(regie_code) if regie_code else None,
            number=_required(reading, "number", partial(parse_key, limit=NUMBER_LENGTH), ""),
            household_number=_required(
                reading, "household_number", partial(parse_key, limit=HOUSEHOLD_NUMBER_LENGTH), ""
            ),
            kind="credit_note" if total_cents < 0 else "invoice",
            label=intern(reading.text("label", limit=LABEL_LENGTH, required=True)),
            billed_month=_required(reading, "billed_month", self._parse_month, _NO_DAY),
            issued_on=_required(reading, "issued_on", self._parse_day, _NO_DAY),
            due_on=_strict(reading, "due_on", self._parse_day, None),
            total_cents=abs(total_cents),
            received_cents=abs(received_cents),
            received_by=intern(reading.text("received_by", limit=MEANS_LENGTH)),
            pdf_name=_strict(reading, "pdf_name", _parse_pdf_name, None),
            titre_number=_strict(reading, "titre_number", partial(parse_key, limit=TITRE_LENGTH), ""),
            lines=(),
        )
        left_cents = _strict(reading, "left_cents", _parse_amount, None)
        if not reading.refused:
            _check_amounts(reading, total_cents, received_cents, left_cents)
            _check_dates(reading, document)
        return None if reading.refused else document

    def line(self, reading: RowReading) -> LineIntake | None:
        """The line of a row, signed as in the file; None if the row has none or a cell of it is wrong."""
        if not has_line(reading):
            return None
        total_cents = _required(reading, "line_total_cents", _parse_amount, 0)
        quantity = _strict(reading, "quantity", parse_quantity, Decimal(1))
        alone = quantity == 1
        unit_price_cents = reading.value(
            "unit_price_cents", _parse_amount, otherwise=total_cents, required=not alone, unreadable="error"
        )
        line = LineIntake(
            label=intern(reading.text("line_label", limit=LINE_LABEL_LENGTH, required=True)),
            child_name=intern(reading.text("child_name", limit=CHILD_NAME_LENGTH)),
            service_date=_strict(reading, "service_date", self._parse_day, None),
            quantity=quantity,
            unit_price_cents=unit_price_cents,
            total_cents=total_cents,
        )
        if reading.refused:
            return None
        _check_product(reading, line)
        return line

    def _parse_day(self, text: str) -> date:
        return parse_date(text, last_year=self.last_year)

    def _parse_month(self, text: str) -> date:
        return parse_month(text, last_year=self.last_year)


def has_line(reading: RowReading) -> bool:
    """Whether the row describes a line of its document."""
    return any(reading.cell(key) for key in LINE_KEYS)


def _required(reading: RowReading, key: str, parse: Callable[[str], T], otherwise: T) -> T:
    return reading.value(key, parse, otherwise=otherwise, required=True)


def _strict(reading: RowReading, key: str, parse: Callable[[str], T], otherwise: T) -> T:
    return reading.value(key, parse, otherwise=otherwise, unreadable="error")


def _check_amounts(reading: RowReading, total: int, received: int, left: int | None) -> None:
    if received and (received < 0) != (total < 0):
        reason = f"{format_cents(received)} et un montant de {format_cents(total)}\u202f: les signes diffèrent"
        reading.fault("received_cents", reason, "error")
    elif abs(received) > abs(total):
        reason = f"{format_cents(received)} dépasse le montant, {format_cents(total)}"
        reading.fault("received_cents", reason, "error")
    elif left is not None and left != total - received:
        expected = f"montant moins réglé font {format_cents(total - received)}"
        reading.fault("left_cents", f"{format_cents(left)}, alors que {expected}", "error")


def _check_dates(reading: RowReading, document: InvoiceIntake) -> None:
    if document.due_on and document.due_on < document.issued_on:
        reason = f"échéance avant la date de la facture, {document.issued_on:%d/%m/%Y}"
        reading.fault("due_on", reason, "error")


def _check_product(reading: RowReading, line: LineIntake) -> None:
    """Unit prices may be rounded to the cent, so the product may miss the total by half a cent a unit."""
    gap = abs(line.quantity * line.unit_price_cents - line.total_cents)
    if gap > (abs(line.quantity) + 1) / 2:
        product = f"{line.quantity} × {format_cents(line.unit_price_cents)}".replace(".", ",")
        reading.fault("line_total_cents", f"{product} ne font pas {format_cents(line.total_cents)}", "warning")


def _parse_amount(text: str) -> int:
    cents = parse_cents(text)
    if abs(cents) > LARGEST_CENTS:
        raise ValueError(f"{quoted(text)}\u202f: montant de plus de {format_cents(LARGEST_CENTS)}")
    return cents


def _parse_pdf_name(text: str) -> str:
    """A bare file name: it will be looked for in one folder or archive, never elsewhere."""
    if "/" in text or "\\" in text or text.startswith(".") or not text.lower().endswith(".pdf"):
        raise ValueError(f"{quoted(text)} n’est pas un nom de fichier PDF (sans dossier, en .pdf)")
    return at_most(text, PDF_NAME_LENGTH)
