"""The bank's file, line by line: what is read, and every fault told with its line."""

from datetime import UTC, datetime

import pytest

from preau.domain.payments.errors import StatementRefusedError
from preau.domain.payments.gateway import StatementKind, StatementLine
from preau.plugins.gateways.systempay.statement import read_statement

HEAD = "date;site_id;order_id;trans_uuid;trans_id;montant;devise;operation_type;trans_status\n"


def test_accepted_operations_are_read_in_cents_at_their_time_in_utc():
    content = (
        HEAD
        + "2026-10-08 13:35:07;12345678;RP2026A1;4b5053b3b1fe0001;aB3x9Z;84,00;EUR;DEBIT;CAPTURED\n"
        + "2026-01-07 23:05:00;12345678;RP2026A2;4b5053b3b1fe0002;aB3x9Y;1234.56;978;CREDIT;AUTHORISED\n"
        + "2026-01-07 23:06:00;12345678;;4b5053b3b1fe0003;aB3x9X;0,01;USD;DEBIT;CAPTURE_FAILED\n"
    )
    assert read_statement(content.encode()) == [
        StatementLine(
            number=2,
            kind=StatementKind.PAYMENT,
            merchant="12345678",
            reference="RP2026A1",
            gateway_reference="RP2026A1",
            transaction_reference="4b5053b3b1fe0001",
            amount_cents=84_00,
            currency="EUR",
            means="card_online",
            occurred_at=datetime(2026, 10, 8, 13, 35, 7, tzinfo=UTC),
        ),
        StatementLine(
            number=3,
            kind=StatementKind.REFUND,
            merchant="12345678",
            reference="RP2026A2",
            gateway_reference="RP2026A2",
            transaction_reference="4b5053b3b1fe0002",
            amount_cents=1234_56,
            currency="EUR",
            means="card_online",
            occurred_at=datetime(2026, 1, 7, 23, 5, tzinfo=UTC),
        ),
        StatementLine(
            number=4,
            kind=StatementKind.UNPAID,
            merchant="12345678",
            reference="",
            gateway_reference="",
            transaction_reference="4b5053b3b1fe0003",
            amount_cents=1,
            currency="USD",
            means="card_online",
            occurred_at=datetime(2026, 1, 7, 23, 6, tzinfo=UTC),
        ),
    ]


@pytest.mark.parametrize(
    "row",
    [
        "2026-10-08 13:35:07;12345678;RP2026A1;4b50;aB3x9Z;84,00;EUR;DEBIT;REFUSED",
        "2026-10-08 13:35:07;12345678;RP2026A1;4b50;aB3x9Z;84,00;EUR;DEBIT;ABANDONED",
        "2026-10-08 13:35:07;12345678;RP2026A1;4b50;aB3x9Z;84,00;EUR;DEBIT;WAITING_AUTHORISATION",
        "2026-10-08 13:35:07;12345678;RP2026A1;4b50;aB3x9Z;84,00;EUR;CREDIT;REFUSED",
        "2026-10-08 13:35:07;12345678;RP2026A1;4b50;aB3x9Z;84,00;EUR;VERIFICATION;ACCEPTED",
    ],
)
def test_what_moved_no_money_is_left_out(row):
    assert read_statement(f"{HEAD}{row}\n".encode()) == []


def test_a_day_without_payment_is_a_statement_too():
    assert read_statement(HEAD.encode()) == []


def test_one_wrong_line_refuses_the_whole_file_and_every_fault_is_told():
    rows = [
        "2026-10-08 13:35:07;12345678;RP2026A1;4b5053b3b1fe0001;aB3x9Z;84,00;EUR;DEBIT;CAPTURED",
        "2026-10-08T13:35:07Z;12345678;RP2026A2;;aB3x9Z;0,00;EUR;DEBIT;CAPTURED",
        "2026-10-08 13:35:07;12345678;RP2026A3;4b50;aB3x9Z;84,00;EUR;DEBIT;PAID",
    ]
    with pytest.raises(StatementRefusedError) as refused:
        read_statement((HEAD + "\n".join(rows)).encode())
    assert refused.value.faults == [
        (3, "colonne «\u202ftrans_uuid\u202f»\u202f: case vide"),
        (3, "colonne «\u202fmontant\u202f»\u202f: «\u202f0,00\u202f» n’est pas un montant positif"),
        (3, "colonne «\u202fdate\u202f»\u202f: «\u202f2026-10-08T13:35:07Z\u202f» n’est pas une date et une heure"),
        (4, "colonne «\u202ftrans_status\u202f»\u202f: statut «\u202fPAID\u202f» inconnu"),
    ]


def test_another_table_is_no_statement():
    with pytest.raises(StatementRefusedError) as refused:
        read_statement(b"nom;montant\nMARTIN;12,00\n")
    assert (
        1,
        "colonne «\u202fdate\u202f»\u202f: colonne absente\u202f; titres reconnus\u202f: «\u202fdate\u202f»",
    ) in refused.value.faults
