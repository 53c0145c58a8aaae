"""Invoices as another software issued them, before anything is written.

A reader (plug-in) turns a file into an `InvoiceIntakeReport` and touches no database; `services` decide
what to do with it. Texts are clean: NFC, trimmed, one line, no control nor bidirectional character, at most
the lengths below.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal, Protocol

from preau.foundation.tabular import Fault, Progress

NUMBER_LENGTH = 40
REGIE_LENGTH = 40
LABEL_LENGTH = 200
LINE_LABEL_LENGTH = 200
CHILD_NAME_LENGTH = 120
MEANS_LENGTH = 40
TITRE_LENGTH = 30
PDF_NAME_LENGTH = 120
#: No town bills a family this much: a larger amount is a column taken for another.
LARGEST_CENTS = 9_999_999_99

Kind = Literal["invoice", "credit_note"]


@dataclass(frozen=True, slots=True)
class LineIntake:
    """One line. Totals are signed so that the lines add up to the document's `total_cents`."""

    label: str
    child_name: str
    service_date: date | None
    quantity: Decimal
    unit_price_cents: int
    total_cents: int


@dataclass(frozen=True, slots=True)
class InvoiceIntake:
    """One invoice or credit note. Amounts are cents, never negative, whatever the kind.

    `billed_month` is a first of month. `received_cents` (at most `total_cents`) was collected elsewhere, by
    the means `received_by`, in the other software's words. `pdf_name` is a bare file name.
    """

    line: int
    regie_code: str | None
    number: str
    household_number: str
    kind: Kind
    label: str
    billed_month: date
    issued_on: date
    due_on: date | None
    total_cents: int
    received_cents: int
    received_by: str
    pdf_name: str | None
    titre_number: str
    lines: tuple[LineIntake, ...]


@dataclass(frozen=True, slots=True)
class InvoiceIntakeReport:
    """What a file holds. An invoice with an error on any of its lines is absent from `invoices`."""

    invoices: list[InvoiceIntake]
    faults: list[Fault]
    rows_read: int


class Reader(Protocol):
    """Translates one file; never raises for its content (faults say what is wrong), only OSError."""

    def __call__(self, path: Path, *, progress: Progress | None = None) -> InvoiceIntakeReport: ...


READERS: dict[str, Reader] = {}


def register_reader(code: str, reader: Reader) -> None:
    """Make a format known under `code`.

    Raises:
        ValueError: another reader holds this code.
    """
    if READERS.setdefault(code, reader) is not reader:
        raise ValueError(f"invoices reader {code!r} is already registered")
