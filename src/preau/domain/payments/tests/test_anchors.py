"""The digest of each month: made when it is over, told to the régisseur, never made twice (P07)."""

from datetime import date, timedelta

import pytest

from preau.domain.payments.models import Capture, ReceiptAnchor, ReceiptLink
from preau.domain.payments.queries.chain import broken_anchors, proof_of
from preau.domain.payments.queries.receipts import receipt_with_code
from preau.domain.payments.services.anchors import anchor_months
from preau.domain.payments.tests.receipts import on, pay
from preau.foundation import clock
from preau.foundation.audit.models import AuditEvent
from preau.foundation.mail.models import OutgoingMail
from tests.support.database import without_triggers
from tests.support.factories import make_regie, make_town
from tests.support.refusals import refused_by, refused_whole, save_again

pytestmark = pytest.mark.django_db

#: Midnight of 1 November in Paris.
_MIDNIGHT = on(10, 31, 23)


def _anchored() -> list[tuple]:
    rows = ReceiptAnchor.objects.order_by("regie", "year", "month")
    return [(one.regie_id, one.year, one.month, one.first_number, one.last_number, one.total_cents) for one in rows]


def _make(at) -> int:
    with clock.frozen(at):
        return anchor_months()


def test_a_month_is_anchored_once_it_is_over_and_captures_have_ended(scene, bank):
    pay(scene, bank, at=on(10, 8), cents=1000)
    last = pay(scene, bank, at=_MIDNIGHT - timedelta(seconds=1), cents=2400)
    pay(scene, bank, at=_MIDNIGHT, cents=500)
    assert [_make(at) for at in (on(10, 20), _MIDNIGHT, _MIDNIGHT + timedelta(minutes=59))] == [0, 0, 0]
    assert [_make(_MIDNIGHT + timedelta(hours=1)), _make(_MIDNIGHT + timedelta(hours=2))] == [1, 0]
    assert _anchored() == [(scene.regie.id, 2026, date(2026, 10, 1), 1, 2, 3400)]
    assert ReceiptAnchor.objects.get().head == last.link.digest
    assert list(broken_anchors()) == []


def test_the_month_is_that_of_the_town(scene, bank):
    make_town(time_zone="America/Martinique")
    pay(scene, bank, at=_MIDNIGHT)
    assert [_make(_MIDNIGHT + timedelta(hours=n)) for n in (1, 5, 6)] == [0, 0, 1]
    assert _anchored()[0][2] == date(2026, 10, 1)


def test_months_missed_are_anchored_in_order_each_with_its_own(scene, bank):
    other = make_regie()
    for at in (on(9, 3), on(9, 4), on(11, 2), on(1, 5, year=2027)):
        pay(scene, bank, at=at)
    pay(scene, bank, at=on(9, 5), regie=other, cents=700)
    assert _make(on(2, 1, year=2027)) == 4
    ours, theirs = scene.regie.id, other.id
    assert _anchored() == [
        (ours, 2026, date(2026, 9, 1), 1, 2, 2000),
        (ours, 2026, date(2026, 11, 1), 3, 3, 1000),
        (ours, 2027, date(2027, 1, 1), 1, 1, 1000),
        (theirs, 2026, date(2026, 9, 1), 1, 1, 700),
    ]


def test_a_receipt_numbered_after_its_month_was_anchored_goes_with_the_next(scene, bank):
    """A capture that began on 31 December and ended hours later still has its anchor, in the chain of its year."""
    pay(scene, bank, at=on(12, 8))
    assert _make(on(1, 1, year=2027)) == 1
    late = pay(scene, bank, at=on(12, 31))
    assert [_make(on(1, 2, year=2027)), _make(on(2, 1, year=2027))] == [0, 1]
    assert _anchored()[1] == (scene.regie.id, 2026, date(2027, 1, 1), 2, 2, 1000)
    assert proof_of(receipt_with_code(late.code)).is_whole


def test_the_regisseur_gets_a_copy_and_the_journal_keeps_another(scene, bank):
    pay(scene, bank, at=on(10, 8), cents=1000)
    receipt = pay(scene, bank, at=on(10, 9), cents=2400)
    _make(on(11, 1))
    mail = OutgoingMail.objects.get(kind="receipt_anchor")
    assert (mail.recipient, mail.subject) == (
        scene.regie.email,
        f"Empreinte à garder : {scene.regie.label}, octobre 2026",
    )
    said = mail.text.replace("\u202f", " ")
    assert "– Reçus : 2, de 2026-000001 à 2026-000002\n– Total : 34,00 €\n" in said
    assert f"– Empreinte : {receipt.link.digest}\n" in said
    assert "http://testserver/verifier/empreintes/" in said
    event = AuditEvent.objects.get(action="receipts.anchored")
    assert (event.subject, event.details) == (f"{scene.regie.public_id}/2026/10", {"head": receipt.link.digest})


def test_an_installation_without_receipts_needs_no_town(db):
    assert anchor_months() == 0


def test_a_proof_goes_from_a_receipt_to_the_digest_of_its_month(scene, bank):
    first, second, third = (pay(scene, bank, at=on(10, n)) for n in (8, 9, 10))
    _make(on(11, 1))
    anchor = ReceiptAnchor.objects.get()
    assert [proof_of(one).anchor for one in (first, second, third)] == [anchor] * 3
    assert [proof_of(one).is_whole for one in (first, second, third)] == [True] * 3
    with without_triggers("payments_receiptlink"):
        third.link.digest = "0" * 64
        third.link.save()
    assert [proof_of(receipt_with_code(one.code)).is_whole for one in (first, second, third)] == [False] * 3


@pytest.fixture
def anchor(scene, bank) -> ReceiptAnchor:
    pay(scene, bank, at=on(10, 8))
    _make(on(11, 1))
    return ReceiptAnchor.objects.get()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"first_number": 2, "last_number": 2}, "a_month_of_receipts_is_anchored_once"),
        ({"month": date(2026, 11, 1)}, "a_receipt_is_anchored_by_one_month"),
        (
            {"month": date(2026, 11, 2), "first_number": 2, "last_number": 2},
            "an_anchor_of_receipts_is_of_a_first_day",
        ),
        ({"month": date(2026, 11, 1), "first_number": 2}, "an_anchor_holds_one_receipt_at_least"),
        ({"month": date(2026, 11, 1), "first_number": 0}, "an_anchor_holds_one_receipt_at_least"),
    ],
)
def test_the_database_refuses_an_anchor(anchor, changes, constraint):
    with refused_by(constraint):
        save_again(anchor, **changes)


def test_an_anchor_is_written_once(anchor):
    refused_whole(anchor)


@pytest.mark.parametrize(
    ("model", "changes"),
    [
        (ReceiptAnchor, {"head": "0" * 64}),
        (ReceiptAnchor, {"total_cents": 1}),
        (ReceiptAnchor, {"last_number": 2}),
        (ReceiptLink, {"digest": "0" * 64}),
        (Capture, {"amount_cents": 1}),
    ],
)
def test_a_month_whose_receipts_lead_elsewhere_is_named(anchor, model, changes):
    assert list(broken_anchors()) == []
    with without_triggers(model._meta.db_table):
        model.objects.update(**changes)
    assert list(broken_anchors()) == [
        f"régie {anchor.regie.code}, 10/2026 : les reçus ne mènent plus à l’empreinte",
    ]
