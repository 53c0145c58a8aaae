from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    invoice_number: str
    label: str
    amount_cents: int
    left_after_cents: int


@dataclass(frozen=True, slots=True)
class ReceiptSheet:
    town_name: str
    issuer_name: str
    issuer_address: tuple[str, ...]
    issuer_phone: str
    regie_label: str
    regie_act: str
    receipt_number: str
    verification_code: str
    verification_path: str
    paid_at: datetime
    means_label: str
    gateway_label: str
    reference: str
    authorisation: str
    debtor_name: str
    file_number: str
    lines: tuple[ReceiptLine, ...]
    surplus_cents: int
    total_cents: int
    debit_notice: str


def render_receipt(sheet: ReceiptSheet) -> bytes:
    return b"%PDF-1.7 " + repr(sheet).encode()
