"""The bank's file, line by line: what is read, and every fault told with its line."""

from datetime import UTC, datetime

import pytest

from preau.domain.payments.errors import StatementRefusedError
from preau.domain.payments.gateway import StatementKind, StatementLine
from preau.plugins.gateways.payline.statement import read_statement

HEAD = "date;contrat;reference;transaction;montant;devise;operation;code\n"


def test_accepted_operations_are_read_in_cents_at_their_time_in_utc():
    content = (
        HEAD
        + "08/10/2026 15:35:07;1234567;RP2026A1;16281153507001;84,00;EUR;101;00000\n"
        + "08/01/2026 00:05:00;1234567;RP2026A2;16281153507002;1 234,56;978;421;00000\n"
    )
    assert read_statement(content.encode()) == [
        StatementLine(
            number=2,
            kind=StatementKind.PAYMENT,
            merchant="1234567",
            reference="RP2026A1",
            gateway_reference="",
            transaction_reference="16281153507001",
            amount_cents=84_00,
            currency="EUR",
            means="card_online",
            occurred_at=datetime(2026, 10, 8, 13, 35, 7, tzinfo=UTC),
        ),
        StatementLine(
            number=3,
            kind=StatementKind.REFUND,
            merchant="1234567",
            reference="RP2026A2",
            gateway_reference="",
            transaction_reference="16281153507002",
            amount_cents=1234_56,
            currency="EUR",
            means="card_online",
            occurred_at=datetime(2026, 1, 7, 23, 5, tzinfo=UTC),
        ),
    ]


@pytest.mark.parametrize(
    "row",
    [
        "08/10/2026 15:35:07;1234567;RP2026A1;16281153507001;84,00;EUR;101;01110",
        "08/10/2026 15:35:07;1234567;RP2026A1;16281153507001;84,00;EUR;100;00000",
    ],
)
def test_what_moved_no_money_is_left_out(row):
    assert read_statement(f"{HEAD}{row}\n".encode()) == []


def test_a_day_without_payment_is_a_statement_too():
    assert read_statement(HEAD.encode()) == []


def test_one_wrong_line_refuses_the_whole_file_and_every_fault_is_told():
    rows = [
        "08/10/2026 15:35:07;1234567;RP2026A1;16281153507001;84,00;EUR;101;00000",
        "08/10/2026;1234567;RP2026A2;1;gratuit;EUR;101;00000",
        "08/10/2026 15:35:07;1234567;RP2026A3;2;84,00;EUR;999;00000",
    ]
    with pytest.raises(StatementRefusedError) as refused:
        read_statement((HEAD + "\n".join(rows)).encode())
    assert refused.value.faults == [
        (3, "colonne «\u202fmontant\u202f»\u202f: «\u202fgratuit\u202f» n’est pas un montant"),
        (3, "colonne «\u202fdate\u202f»\u202f: «\u202f08/10/2026\u202f» n’est pas une date et une heure"),
        (4, "colonne «\u202foperation\u202f»\u202f: «\u202f999\u202f» inconnu (101, 201, 421, 100 attendus)"),
    ]


def test_another_table_is_no_statement():
    with pytest.raises(StatementRefusedError) as refused:
        read_statement(b"nom;montant\nMARTIN;12,00\n")
    assert (
        1,
        "colonne «\u202fdate\u202f»\u202f: colonne absente\u202f; titres reconnus\u202f: «\u202fdate\u202f»",
    ) in refused.value.faults
