"""What the DGFiP's two services have in common: results, modes, addresses, return file (payment-gateways 3.4, 4.1)."""

from collections.abc import Callable, Mapping

from preau.domain.payments.gateway import Report, StatementKind, StatementLine
from preau.domain.payments.statement_files import (
    bank_reference,
    cents,
    columns,
    instant,
    merchant,
    one_of,
    our_reference,
    read_lines,
)
from preau.domain.payments.states import Verdict
from preau.foundation.instants import read_instant
from preau.foundation.money import read_cents
from preau.foundation.tabular import RowReading
from preau.foundation.wire import is_plain_email

#: resultrans → (verdict, means): P card, V one-off debit, R and Z their refusals, A left by the payer.
_RESULTS = {
    "P": (Verdict.PAID, "card_online", "Payé par carte bancaire"),
    "V": (Verdict.PAID, "debit_online", "Prélèvement unique accepté"),
    "R": (Verdict.REFUSED, "card_online", "Carte refusée par la banque"),
    "Z": (Verdict.REFUSED, "debit_online", "Prélèvement refusé par la banque"),
    "A": (Verdict.CANCELLED, "", "Paiement abandonné"),
}
_UNKNOWN = (Verdict.PENDING, "", "Résultat inconnu")
#: Means of what moved money; the others left none in a return file.
_PAID_BY = {code: means if verdict == Verdict.PAID else "" for code, (verdict, means, _) in _RESULTS.items()}
_MOMENT = "%d%m%Y %H%M"
_EMAIL_LENGTH = range(6, 81)
#: Longest amount of the protocol, in digits.
_AMOUNT_LENGTH = 11
_COLUMNS = columns("numcli", "exer", "refdet", "montant", "dattrans", "heurtrans", "numauto", "resultrans", "saisie")


def report_of(
    fields: Mapping[str, str], *, authentic: bool, gateway_reference: str, letters: Mapping[str, str]
) -> Report:
    """What the fields of a result say; `letters` are those of `saisie` by mode."""
    code = fields.get("resultrans", "")
    verdict, means, label = _RESULTS.get(code, _UNKNOWN)
    return Report(
        verdict=verdict,
        authentic=authentic,
        gateway_reference=gateway_reference,
        reference=fields.get("refdet", ""),
        merchant=fields.get("numcli", ""),
        mode=_modes(letters).get(fields.get("saisie", ""), ""),
        amount_cents=read_cents(fields.get("montant", ""), longest=_AMOUNT_LENGTH),
        transaction_reference=fields.get("numauto", ""),
        means=means,
        code=code,
        label=label,
        occurred_at=read_instant(f"{fields.get('dattrans')} {fields.get('heurtrans')}", _MOMENT),
        raw={name: value for name, value in fields.items() if name != "mel"},
    )


def is_email(email: str) -> bool:
    """6 to 80 characters with one `@` (C40)."""
    return is_plain_email(email, _EMAIL_LENGTH)


def read_return_file(
    content: bytes, *, letters: Mapping[str, str], operation_of: Callable[[str], str]
) -> list[StatementLine]:
    """Payments by card and debits accepted, in cents; the file knows no other kind.

    `operation_of` gives the gateway's name of an operation from our reference, empty where the file does not tell it.

    Raises:
        StatementRefusedError: a fault at least.
    """

    def line(reading: RowReading) -> StatementLine | None:
        means = one_of(reading, "resultrans", _PAID_BY, otherwise="")
        if not means:
            return None
        reference = our_reference(reading, "refdet")
        return StatementLine(
            number=reading.number,
            kind=StatementKind.PAYMENT,
            merchant=merchant(reading, "numcli"),
            reference=reference,
            gateway_reference=operation_of(reference),
            transaction_reference=bank_reference(reading, "numauto"),
            amount_cents=cents(reading, "montant"),
            currency="EUR",
            means=means,
            occurred_at=instant(reading, "dattrans", "heurtrans", shape=_MOMENT),
            mode=one_of(reading, "saisie", _modes(letters), otherwise=""),
        )

    return read_lines(content, _COLUMNS, line)


def _modes(letters: Mapping[str, str]) -> dict[str, str]:
    return {letter: mode for mode, letter in letters.items()}
