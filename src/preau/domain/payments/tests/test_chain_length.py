"""« Paiement 1 sur 2 » counts what can be paid, not what the basket keeps for later (design 4.8)."""

from datetime import date

from tests.support.factories import make_invoice, make_regie, make_window


def test_a_regie_that_cannot_be_paid_today_is_no_step_of_the_chain(scene):
    """Else the family is told to expect a payment that never comes, once the last one is made."""
    later = make_regie(uses_payment_windows=True)
    make_window(later, first=date(2026, 11, 1), last=date(2026, 11, 15), months=[date(2026, 10, 1)])
    scene.choose(scene.invoice, make_invoice(scene.household, later), make_invoice(scene.household, make_regie()))
    assert scene.start(2400).checkout.operations == 2
