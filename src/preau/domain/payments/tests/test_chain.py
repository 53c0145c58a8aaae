"""The chain of receipts: written with each of them, and what tells that somebody touched it (P07)."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db.models import F
from django.db.models.functions import Reverse

from preau.domain.payments import chain
from preau.domain.payments.models import Capture, Receipt, ReceiptLink
from preau.domain.payments.queries.chain import broken_chains, proof_of
from preau.domain.payments.tests.receipts import on, pay
from preau.domain.payments.tests.truths import broken
from tests.support.database import without_triggers
from tests.support.factories import NOON, make_regie
from tests.support.refusals import refused_by, refused_whole, save_again

pytestmark = pytest.mark.django_db


# What is hashed: figures that `printf '…' | sha256sum` gives


def test_a_year_begins_with_the_digest_of_a_text_that_anybody_can_write():
    assert (
        chain.genesis(regie_key="QUI4rT8x", year=2026)
        == "ae4ba38d30605a1dae78adae4f64fbd7438a1df25265e512168bfaa1074f6fd4"
    )


def test_a_sheet_is_hashed_as_canonical_json():
    sheet = {"total_cents": 1850, "lines": [{"label": "Goûter « d’été »"}], "issuer_address": ["2 rue"], "a": None}
    assert chain.content_digest(sheet) == "79cf9a943fb480478e026ea2e7242daa61cee0c9c6655697579a550856c69727"


def test_a_link_is_hashed_as_six_lines():
    digest = chain.link_digest(
        previous="0" * 64, regie_key="QUI4rT8x", year=2026, number=17, issued_at=NOON, content="f" * 64
    )
    assert digest == "e68159325c7611cb882263bde97222df9baa7872fd5faa0303434f3bdc807c95"


# What is written


def test_each_receipt_follows_the_one_before_in_its_regie_and_year(scene, bank):
    other = make_regie()
    ours = [pay(scene, bank, at=NOON + timedelta(minutes=n)) for n in range(3)]
    theirs = pay(scene, bank, regie=other)
    later = pay(scene, bank, at=on(1, 1, year=2027))
    assert [one.link.previous for one in ours] == [
        chain.genesis(regie_key=scene.regie.public_id, year=2026),
        ours[0].link.digest,
        ours[1].link.digest,
    ]
    assert theirs.link.previous == chain.genesis(regie_key=other.public_id, year=2026)
    assert later.link.previous == chain.genesis(regie_key=scene.regie.public_id, year=2027)
    assert broken() == {}


def test_receipts_issued_before_there_was_a_chain_get_the_links_they_would_have_had(scene, bank):
    for n in range(3):
        pay(scene, bank, at=NOON + timedelta(minutes=n))
        pay(scene, bank, at=on(1, 5 + n, year=2027))
    written = list(ReceiptLink.objects.order_by("receipt_id").values("receipt_id", "previous", "content", "digest"))
    with without_triggers("payments_receiptlink"):
        ReceiptLink.objects.all().delete()
    import_module("preau.domain.payments.migrations.0003_receipt_chain").chain_receipts(apps, None)
    assert (
        list(ReceiptLink.objects.order_by("receipt_id").values("receipt_id", "previous", "content", "digest"))
        == written
    )


def test_a_hole_made_in_a_chain_stops_no_payment(scene, bank):
    first, second, third = (pay(scene, bank) for _ in range(3))
    with without_triggers("payments_receiptlink"):
        ReceiptLink.objects.filter(receipt__in=[second, third]).delete()
    assert pay(scene, bank).link.previous == first.link.digest
    assert list(broken_chains()) == [
        f"régie {scene.regie.code}, reçu {one} : maillon absent" for one in (second, third)
    ]


# What the database refuses


def test_a_chain_does_not_fork(scene, bank):
    link, other = pay(scene, bank).link, pay(scene, bank)
    with without_triggers("payments_receiptlink"):
        ReceiptLink.objects.filter(receipt=other).delete()
    with refused_by("a_chain_of_receipts_does_not_fork"):
        save_again(link, receipt_id=other.id, digest="1" * 64)
    with refused_by("a_link_of_receipts_is_made_once"):
        save_again(link, receipt_id=other.id, previous="1" * 64)


def test_a_link_is_written_once(scene, bank):
    refused_whole(pay(scene, bank).link)


# What is found


def _on(model, table, **values):
    def plant(receipt: Receipt) -> None:
        key = {Receipt: "id", ReceiptLink: "receipt", Capture: "receipt"}[model]
        with without_triggers(table):
            model.objects.filter(**{key: receipt.id}).update(**values)

    return plant


def _sheet(**changes):
    def plant(receipt: Receipt) -> None:
        with without_triggers("payments_receipt"):
            Receipt.objects.filter(id=receipt.id).update(sheet={**receipt.sheet, **changes})

    return plant


def _removed(receipt: Receipt) -> None:
    with without_triggers("payments_receiptlink"):
        ReceiptLink.objects.filter(receipt=receipt).delete()


def _done_again(receipt: Receipt) -> None:
    """The amount changed everywhere, and every digest of the receipt computed again: what follows still tells."""
    sheet = {**receipt.sheet, "total_cents": 1}
    content = chain.content_digest(sheet)
    digest = chain.link_digest(
        previous=receipt.link.previous,
        regie_key=receipt.regie.public_id,
        year=receipt.year,
        number=receipt.number,
        issued_at=receipt.issued_at,
        content=content,
    )
    _sheet(total_cents=1)(receipt)
    _on(Capture, "payments_capture", amount_cents=1)(receipt)
    _on(ReceiptLink, "payments_receiptlink", content=content, digest=digest)(receipt)


_RECEIPT, _LINK = "payments_receipt", "payments_receiptlink"


@pytest.mark.parametrize(
    ("touch", "fault"),
    [
        (_sheet(debtor_name="Quelqu’un d’autre"), "2 : contenu modifié"),
        (_sheet(total_cents=1), "2 : contenu modifié"),
        (_on(Capture, "payments_capture", amount_cents=1), "2 : numéro, montant ou code modifié"),
        (_on(Receipt, _RECEIPT, code="0" * 16), "2 : numéro, montant ou code modifié"),
        (_on(Receipt, _RECEIPT, number=9), "9 : numéro, montant ou code modifié"),
        (_on(Receipt, _RECEIPT, issued_at=F("issued_at") + timedelta(seconds=1)), "2 : maillon modifié"),
        (_on(ReceiptLink, _LINK, previous="0" * 64), "2 : maillon modifié"),
        (_on(ReceiptLink, _LINK, content="0" * 64), "2 : contenu modifié"),
        (_on(ReceiptLink, _LINK, digest=Reverse("digest")), "2 : maillon modifié"),
        (_removed, "2 : maillon absent"),
        (_done_again, "3 : ne suit pas le maillon précédent"),
    ],
)
def test_whatever_is_touched_is_named(scene, bank, touch, fault):
    receipt = [pay(scene, bank) for _ in range(3)][1]
    assert (list(broken_chains()), proof_of(receipt).is_whole) == ([], True)
    touch(receipt)
    found = list(broken_chains())
    assert f"régie {scene.regie.code}, reçu 2026-00000{fault}" in found
    touched = Receipt.objects.select_related("regie", "capture", "link").get(id=receipt.id)
    assert not proof_of(touched).is_whole


@pytest.mark.parametrize("rank", [0, 1, 2])
def test_a_whole_chain_proves_each_of_its_receipts(scene, bank, rank):
    receipts = [pay(scene, bank) for _ in range(3)]
    proof = proof_of(receipts[rank])
    assert (proof.is_whole, proof.anchor) == (True, None)
