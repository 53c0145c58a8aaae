"""The documented invoices table (code `generique`): one row an invoice, or one for each of its lines."""

from dataclasses import dataclass, field, replace
from operator import attrgetter
from pathlib import Path

from preau.domain.billing.intake import InvoiceIntake, InvoiceIntakeReport, LineIntake
from preau.foundation import clock
from preau.foundation.money import format_cents
from preau.foundation.tabular import Fault, Layout, Progress, RowReading, Severity, open_table
from preau.foundation.text import quoted
from preau.plugins.imports.invoices.columns import COLUMNS, DOCUMENT_KEYS
from preau.plugins.imports.invoices.documents import DocumentReader, has_line

CODE = "generique"
MOST_LINES = 1_000
#: Due dates lie ahead: years of two digits are read up to this many years after the present one.
_YEARS_AHEAD = 10


def read_invoices(path: Path, *, progress: Progress | None = None) -> InvoiceIntakeReport:
    """Read the invoices of a file; what is wrong is in the report's faults, in the order of the lines.

    Raises:
        OSError: the file cannot be opened.
    """
    with open_table(path, progress=progress) as table:
        layout = Layout(table, COLUMNS)
        gathering = _Gathering(layout, DocumentReader(last_year=clock.now().year + _YEARS_AHEAD))
        if layout.complete:
            for row in table:
                gathering.add(RowReading(layout, row, gathering.faults))
    invoices = gathering.invoices()
    faults = sorted((*table.faults, *layout.faults, *gathering.faults), key=attrgetter("line"))
    return InvoiceIntakeReport(invoices=invoices, faults=faults, rows_read=table.rows_read)


@dataclass(slots=True)
class _Draft:
    """A document being gathered; `document` is None when its first row could not be read."""

    line: int
    document: InvoiceIntake | None
    in_lines: bool
    refused: bool = False
    lines: list[LineIntake] = field(default_factory=list)


class _Gathering:
    def __init__(self, layout: Layout, reader: DocumentReader) -> None:
        self.faults: list[Fault] = []
        self._layout = layout
        self._reader = reader
        self._drafts: dict[tuple[str, str], _Draft] = {}

    def add(self, reading: RowReading) -> None:
        document = self._reader.document(reading)
        line = self._reader.line(reading)
        key = reading.cell("regie_code").casefold(), reading.cell("number").casefold()
        draft = self._drafts.get(key)
        if draft is None:
            draft = self._drafts[key] = _Draft(reading.number, document, has_line(reading))
        elif draft.document and document:
            self._compare(draft, draft.document, document, reading)
        if line:
            draft.lines.append(line)
        if len(draft.lines) > MOST_LINES:
            reading.fault("number", f"plus de {MOST_LINES} lignes pour une facture", "error")
            draft.lines.clear()
        draft.refused |= reading.refused

    def _compare(self, draft: _Draft, first: InvoiceIntake, second: InvoiceIntake, reading: RowReading) -> None:
        """Rows of one number must be the lines of one document; anything else refuses both rows."""
        changed = [key for key in DOCUMENT_KEYS if _stated(first, key) != _stated(second, key)]
        if not changed and draft.in_lines and has_line(reading):
            return
        columns = ", ".join(quoted(self._layout.heading(key)) for key in changed)
        content = f"un autre contenu\u202f: {columns}" if changed else "le même contenu"
        reading.fault("number", f"même numéro que ligne {draft.line}, avec {content}", "error")
        self._fault(draft, "number", f"même numéro que ligne {reading.number}, avec {content}", "error")

    def _fault(self, draft: _Draft, key: str, reason: str, severity: Severity) -> None:
        self.faults.append(Fault(draft.line, self._layout.heading(key), reason, severity))

    def invoices(self) -> list[InvoiceIntake]:
        """The documents without any error, in the order of the file. Those of zero are left aside."""
        kept = []
        for draft in self._drafts.values():
            document = draft.document
            if document is None or draft.refused:
                continue
            sign = -1 if document.kind == "credit_note" else 1
            total_of_lines = sign * sum(line.total_cents for line in draft.lines)
            if draft.lines and total_of_lines != document.total_cents:
                lines, total = format_cents(sign * total_of_lines), format_cents(sign * document.total_cents)
                self._fault(draft, "total_cents", f"{total}, alors que ses lignes font {lines}", "error")
            elif document.total_cents == 0:
                self._fault(draft, "total_cents", "rien à payer\u202f: facture non chargée", "warning")
            else:
                kept.append(replace(document, lines=tuple(_signed(line, sign) for line in draft.lines)))
        return kept


def _stated(document: InvoiceIntake, key: str) -> object:
    """What a column says of a document; 4,70 and -4,70 are two things."""
    return (document.kind, document.total_cents) if key == "total_cents" else getattr(document, key)


def _signed(line: LineIntake, sign: int) -> LineIntake:
    if sign > 0:
        return line
    if line.quantity < 0:
        return replace(line, quantity=-line.quantity, total_cents=-line.total_cents)
    return replace(line, unit_price_cents=-line.unit_price_cents, total_cents=-line.total_cents)
