"""A régie that takes nothing on line stands in the way of no other, and says so before the click."""

from datetime import date

import pytest

from preau.domain.payments.queries.baskets import basket_of, payables
from preau.domain.regies.models import GatewayContract, Regie
from tests.support.factories import make_contract, make_invoice, make_regie

TODAY = date(2026, 10, 8)


def in_test_mode(regie: Regie) -> None:
    """Every contract begins so, and keeps it for weeks while the town proves it to its bank."""
    del regie


def closed(regie: Regie) -> None:
    Regie.objects.filter(pk=regie.pk).update(is_active=False)
    GatewayContract.objects.filter(regie=regie).update(mode=GatewayContract.Mode.PRODUCTION)


@pytest.fixture(params=[in_test_mode, closed], ids=["test mode", "closed"])
def two_regies(scene, settings, request):
    """In production, the family's first régie takes no payment yet, the second does; both invoices are chosen."""
    settings.PREAU_ENV = "production"
    request.param(scene.regie)
    other = make_regie(contract=False)
    make_contract(other, mode=GatewayContract.Mode.PRODUCTION)
    invoice = make_invoice(scene.household, other, cents=5000)
    scene.choose(scene.invoice, invoice)
    return scene


def test_the_next_operation_is_for_the_regie_that_takes_it(two_regies):
    shown = basket_of(user=two_regies.user, household=two_regies.household, today=TODAY).next_cents
    assert (shown, two_regies.start(shown).amount_cents) == (5000, 5000)


def test_the_family_is_told_before_it_chooses(two_regies):
    told = payables(user=two_regies.user, household=two_regies.household, today=TODAY)
    assert sorted((payable.invoice.total_cents, payable.closed_because) for payable in told) == [
        (2400, "Restauration et périscolaire ne prend pas encore les paiements en ligne."),
        (5000, ""),
    ]


def test_a_closed_regie_is_paid_by_other_means_alone(scene):
    closed(scene.regie)
    (told,) = payables(user=scene.user, household=scene.household, today=TODAY)
    assert not told.can_be_paid
