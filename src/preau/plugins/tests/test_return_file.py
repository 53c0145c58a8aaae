"""The DGFiP's return file for its two services: what is read, and every fault told with its line."""

from datetime import UTC, datetime

import pytest

from preau.domain.payments.errors import StatementRefusedError
from preau.domain.payments.gateway import StatementKind, StatementLine, gateway_named

HEAD = "numcli;exer;refdet;montant;dattrans;heurtrans;numauto;resultrans;saisie\n"

#: Each service, its letter of production, and how it names the operation of a reference.
SERVICES = [("payfip", "W", ""), ("tipi", "A", "RP2026A")]
services = pytest.mark.parametrize(("service", "real", "operation"), SERVICES, ids=["web service", "form"])


def lines_of(service: str, text: str) -> list[StatementLine]:
    return gateway_named(service).read_statement(text.encode())


@services
def test_accepted_operations_are_read_in_cents_at_their_time_in_utc(service, real, operation):
    card = f"090909;2026;RP2026A1;8400;08102026;1535;112233;P;{real}\n"
    content = f"{HEAD}{card}090909;2026;RP2026A2;150;08012026;0005;112234;V;T\n"
    assert lines_of(service, content) == [
        StatementLine(
            number=2,
            kind=StatementKind.PAYMENT,
            merchant="090909",
            reference="RP2026A1",
            gateway_reference=operation and f"{operation}1",
            transaction_reference="112233",
            amount_cents=84_00,
            currency="EUR",
            means="card_online",
            occurred_at=datetime(2026, 10, 8, 13, 35, tzinfo=UTC),
            mode="production",
        ),
        StatementLine(
            number=3,
            kind=StatementKind.PAYMENT,
            merchant="090909",
            reference="RP2026A2",
            gateway_reference=operation and f"{operation}2",
            transaction_reference="112234",
            amount_cents=1_50,
            currency="EUR",
            means="debit_online",
            occurred_at=datetime(2026, 1, 7, 23, 5, tzinfo=UTC),
            mode="test",
        ),
    ]


@services
@pytest.mark.parametrize("result", ["R", "Z", "A"])
def test_what_moved_no_money_is_left_out(service, real, operation, result):
    assert lines_of(service, f"{HEAD}090909;2026;RP2026A1;8400;08102026;1535;;{result};{real}\n") == []


@services
def test_a_day_without_payment_is_a_statement_too(service, real, operation):
    assert lines_of(service, HEAD) == []


@services
def test_one_wrong_line_refuses_the_whole_file_and_every_fault_is_told(service, real, operation):
    rows = [
        "090909;2026;RP2026A1;8400;08102026;1535;112233;P;" + real,
        "090909;2026;RP2026A2;84,00;08132026;1535;;P;?",
        ";2026;RP2026A3;0;08102026;1535;1;Q;" + real,
    ]
    with pytest.raises(StatementRefusedError) as refused:
        lines_of(service, HEAD + "\n".join(rows))
    assert refused.value.faults == [
        (3, "colonne «\u202fnumauto\u202f»\u202f: case vide"),
        (3, "colonne «\u202fmontant\u202f»\u202f: «\u202f84,00\u202f» n’est pas un montant positif"),
        (3, "colonne «\u202fdattrans\u202f»\u202f: «\u202f08132026 1535\u202f» n’est pas une date et une heure"),
        (3, f"colonne «\u202fsaisie\u202f»\u202f: «\u202f?\u202f» inconnu (T, X, {real} attendus)"),
        (4, "colonne «\u202fresultrans\u202f»\u202f: «\u202fQ\u202f» inconnu (P, V, R, Z, A attendus)"),
    ]


@services
def test_another_table_is_no_statement(service, real, operation):
    with pytest.raises(StatementRefusedError) as refused:
        lines_of(service, "nom;montant\nMARTIN;12,00\n")
    assert (
        1,
        "colonne «\u202fnumcli\u202f»\u202f: colonne absente\u202f; titres reconnus\u202f: «\u202fnumcli\u202f»",
    ) in refused.value.faults
