"""From the click to the bank's page: what is asked, what is refused, what is held and freed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from preau.domain.billing.services import record_receipt_elsewhere
from preau.domain.payments.errors import (
    AmountRefusedError,
    GatewayRefusedError,
    GatewayUnavailableError,
    NothingToPayError,
    PaymentClosedError,
    PaymentError,
    PaymentInProgressError,
    ReceiptAddressError,
)
from preau.domain.payments.models import AttemptLine, PaymentAttempt
from preau.domain.payments.queries.baskets import basket_of, payables
from preau.domain.payments.services import attempts
from preau.domain.payments.services.baskets import add_to_basket, remove_from_basket, set_part
from preau.domain.payments.services.sending import cancel_attempt, send_attempt
from preau.domain.payments.services.sweep import release_expired
from preau.domain.payments.states import AttemptState
from preau.domain.payments.tests.conftest import PARENT, links
from preau.foundation import clock
from tests.support.factories import NOON, make_household, make_invoice, make_regie, make_town, make_window

pytestmark = pytest.mark.django_db

TODAY = NOON.date()


def _payable(scene) -> dict[str, bool]:
    rows = payables(user=scene.user, household=scene.household, today=TODAY)
    return {row.invoice.number: row.can_be_paid for row in rows}


def test_an_attempt_freezes_what_the_basket_holds(scene):
    second = make_invoice(scene.household, scene.regie, cents=1230)
    scene.choose(scene.invoice, second)
    attempt = scene.start(3630)
    assert (attempt.state, attempt.amount_cents) == (AttemptState.PREPARED, 3630)
    assert attempt.locked_until == NOON + timedelta(minutes=30)
    assert sorted(attempt.lines.values_list("invoice_id", "amount_cents", "is_open")) == [
        (scene.invoice.id, 2400, True),
        (second.id, 1230, True),
    ]
    assert 6 <= len(attempt.reference) <= 30
    assert attempt.reference.isalnum()


def test_the_same_click_twice_is_the_same_attempt(scene):
    scene.choose(scene.invoice)
    first = scene.start(2400, form_key="key")
    assert scene.start(2400, form_key="key") == first
    assert PaymentAttempt.objects.count() == 1


@pytest.mark.row("P03")
def test_another_browser_is_told_since_when_a_payment_is_under_way(scene):
    scene.choose(scene.invoice)
    scene.start(2400)
    with pytest.raises(PaymentInProgressError) as refusal:
        scene.start(2400)
    assert refusal.value.message == (
        f"Un paiement est déjà en cours sur la facture {scene.invoice.number} depuis 15\u202fh\u202f35. "
        "S’il n’aboutit pas, elle sera libérée à 16\u202fh\u202f05."
    )


@pytest.mark.parametrize(("minutes", "payable"), [(29, False), (31, True)])
def test_an_unfinished_payment_holds_its_invoices_for_thirty_minutes(scene, bank, minutes, payable):
    scene.send()
    with clock.frozen(NOON + timedelta(minutes=minutes)):
        assert _payable(scene) == {scene.invoice.number: payable}
        release_expired()
        assert AttemptLine.objects.filter(is_open=True).exists() is not payable


def test_a_freed_invoice_can_be_paid_at_the_very_click(scene, bank):
    scene.send()
    bank.down = True
    with clock.frozen(NOON + timedelta(minutes=31)):
        attempt = scene.start(2400)
    assert attempt.state == AttemptState.PREPARED


def test_a_payment_found_at_the_last_question_is_not_paid_again(scene, bank):
    first = scene.send()
    bank.pay(first.gateway_reference)
    with clock.frozen(NOON + timedelta(minutes=31)), pytest.raises(NothingToPayError):
        scene.start(2400)
    first.refresh_from_db()
    assert first.state == AttemptState.CAPTURED


def test_an_attempt_never_sent_is_given_up_after_five_minutes(scene):
    scene.choose(scene.invoice)
    attempt = scene.start(2400)
    with clock.frozen(NOON + timedelta(minutes=4)):
        assert release_expired() == 0
    with clock.frozen(NOON + timedelta(minutes=5)):
        assert release_expired() == 1
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.ABANDONED
    assert _payable(scene) == {scene.invoice.number: True}


def test_cancelling_frees_at_once(scene):
    attempt = scene.send()
    cancel_attempt(attempt=attempt, by=PARENT)
    assert _payable(scene) == {scene.invoice.number: True}


def test_an_unreachable_bank_leaves_no_lock_behind(scene, bank):
    scene.choose(scene.invoice)
    attempt = scene.start(2400)
    bank.down = True
    with pytest.raises(PaymentError, match="indisponible"):
        send_attempt(attempt=attempt, link_for=links, by=PARENT)
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.ABANDONED
    assert not AttemptLine.objects.filter(is_open=True).exists()


def test_a_bank_that_refuses_an_address_says_what_to_correct(scene, bank):
    scene.choose(scene.invoice)
    attempt = scene.start(2400)
    bank.refusal = GatewayRefusedError("A2", "mel incorrect", payer_message="Corrigez l’adresse.")
    with pytest.raises(PaymentError, match="Corrigez l’adresse"):
        send_attempt(attempt=attempt, link_for=links, by=PARENT)
    attempt.refresh_from_db()
    assert (attempt.bank_code, attempt.state) == ("A2", AttemptState.ABANDONED)


def test_sending_twice_opens_one_operation(scene, bank):
    attempt = scene.send()
    again = send_attempt(attempt=attempt, link_for=links, by=PARENT)
    assert again is not None
    assert again.url == attempt.page_url
    assert len(bank.operations) == 1


def test_a_second_click_waits_while_the_first_is_calling(scene, bank):
    scene.choose(scene.invoice)
    attempt = scene.start(2400)
    PaymentAttempt.objects.filter(id=attempt.id).update(calling_until=NOON + timedelta(seconds=20))
    assert send_attempt(attempt=attempt, link_for=links, by=PARENT) is None
    assert bank.operations == {}


def test_an_ended_attempt_is_not_sent(scene, bank):
    attempt = scene.send()
    cancel_attempt(attempt=attempt, by=PARENT)
    attempt.refresh_from_db()
    with pytest.raises(PaymentError, match="terminé"):
        send_attempt(attempt=attempt, link_for=links, by=PARENT)


def test_cancelling_during_the_call_sends_nobody_to_the_bank(scene, bank, monkeypatch):
    scene.choose(scene.invoice)
    attempt = scene.start(2400)
    start = bank.start

    def slow_start(order, *, timeout):
        cancel_attempt(attempt=attempt, by=PARENT)
        return start(order, timeout=timeout)

    monkeypatch.setattr(bank, "start", slow_start)
    with pytest.raises(PaymentError, match="annulé"):
        send_attempt(attempt=attempt, link_for=links, by=PARENT)
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.ABANDONED
    assert attempt.gateway_reference is not None


def test_cancelling_during_a_call_that_fails_is_no_error(scene, bank, monkeypatch):
    scene.choose(scene.invoice)
    attempt = scene.start(2400)

    def silent_start(order, *, timeout):
        cancel_attempt(attempt=attempt, by=PARENT)
        raise GatewayUnavailableError("silence")

    monkeypatch.setattr(bank, "start", silent_start)
    with pytest.raises(PaymentError, match="indisponible"):
        send_attempt(attempt=attempt, link_for=links, by=PARENT)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.bank_label) == (AttemptState.ABANDONED, "silence")


def test_two_clicks_of_one_page_at_once_are_one_attempt(scene, monkeypatch):
    """The second click has already looked for a twin when the first one commits (U7)."""
    scene.choose(scene.invoice, make_invoice(scene.household, make_regie(), cents=1000))
    twins = []
    release = attempts.release_expired

    def first_click_commits_here(invoice_ids):
        monkeypatch.setattr(attempts, "release_expired", release)
        twins.append(scene.start(2400, form_key="key"))
        return release(invoice_ids)

    monkeypatch.setattr(attempts, "release_expired", first_click_commits_here)
    assert [scene.start(2400, form_key="key")] == twins
    assert PaymentAttempt.objects.count() == 1


@pytest.mark.parametrize(
    ("cents", "refused"),
    [(99, True), (100, False), (100_000_00, False), (100_000_01, True)],
)
def test_the_gateways_bounds_are_refused_before_leaving(scene, cents, refused):
    invoice = make_invoice(scene.household, scene.regie, cents=cents)
    scene.choose(invoice)
    if refused:
        with pytest.raises(AmountRefusedError, match=r"Le paiement en ligne (commence à 1,00|s’arrête à 100)"):
            scene.start(cents)
    else:
        assert scene.start(cents).amount_cents == cents


def test_an_amount_that_changed_since_the_page_is_asked_again(scene):
    scene.choose(scene.invoice)
    record_receipt_elsewhere(invoice=scene.invoice, amount_cents=400, means="espèces", received_on=TODAY)
    with pytest.raises(AmountRefusedError, match="Le montant a changé"):
        scene.start(2400)
    assert scene.start(2000).amount_cents == 2000


@pytest.mark.parametrize("email", ["", "a@b", "sans-arobase"])
def test_an_address_the_gateway_would_refuse_is_refused_here(scene, email):
    scene.choose(scene.invoice)
    with pytest.raises(ReceiptAddressError):
        scene.start(2400, receipt_email=email)


def test_an_empty_basket_starts_nothing(scene):
    with pytest.raises(NothingToPayError, match="vide"):
        scene.start(0)


def test_a_regie_without_contract_takes_nothing_on_line(scene):
    regie = make_regie(contract=False)
    invoice = make_invoice(scene.household, regie)
    scene.choose(invoice)
    with pytest.raises(PaymentClosedError, match="ne prend pas encore"):
        scene.start(2400)


def test_a_test_contract_takes_no_money_in_production(scene, settings):
    settings.PREAU_ENV = "production"
    scene.choose(scene.invoice)
    with pytest.raises(PaymentClosedError, match="en cours d’essai"):
        scene.start(2400)


@pytest.mark.row("L18")
@pytest.mark.parametrize("allowed", [True, False])
def test_part_payment_is_the_regies_choice(scene, bank, allowed):
    regie = make_regie(allows_part_payment=allowed)
    invoice = make_invoice(scene.household, regie, cents=5000)
    scene.choose(invoice)
    if not allowed:
        with pytest.raises(AmountRefusedError, match="plusieurs fois"):
            set_part(user=scene.user, invoice_id=invoice.public_id, amount_cents=1000)
        return
    for wrong in (0, -1, 5001):
        with pytest.raises(AmountRefusedError, match="entre"):
            set_part(user=scene.user, invoice_id=invoice.public_id, amount_cents=wrong)
    set_part(user=scene.user, invoice_id=invoice.public_id, amount_cents=1000)
    assert scene.start(1000).amount_cents == 1000


@pytest.mark.row("P06")
@pytest.mark.parametrize("zone", ["Europe/Paris", "America/Martinique"])
@pytest.mark.parametrize(
    ("local", "is_open"),
    [
        ("2026-09-30 23:59:59", False),
        ("2026-10-01 00:00:00", True),
        ("2026-10-14 23:59:59", True),
        ("2026-10-15 00:00:00", False),
    ],
)
def test_a_window_opens_and_closes_at_midnight_of_the_town(scene, zone, local, is_open):
    town = make_town(time_zone=zone)
    regie = make_regie(uses_payment_windows=True)
    invoice = make_invoice(scene.household, regie, billed_month=date(2026, 11, 1))
    make_window(regie, first=date(2026, 10, 1), last=date(2026, 10, 14), months=[date(2026, 11, 1)])
    scene.choose(invoice)
    moment = datetime.fromisoformat(local).replace(tzinfo=town.zone).astimezone(UTC)
    with clock.frozen(moment):
        if is_open:
            assert scene.start(2400).amount_cents == 2400
        else:
            with pytest.raises(PaymentClosedError, match="novembre 2026\u202f: le paiement en ligne"):
                scene.start(2400)


def test_a_month_without_window_is_closed_where_windows_are_used(scene):
    regie = make_regie(uses_payment_windows=True)
    scene.choose(make_invoice(scene.household, regie))
    with pytest.raises(PaymentClosedError, match="aucune période"):
        scene.start(2400)


def test_another_familys_invoice_does_not_enter_the_basket(scene):
    stranger = make_invoice(make_household(), scene.regie)
    assert add_to_basket(user=scene.user, household=scene.household, invoice_ids=[stranger.public_id, "nope"]) == 0
    assert scene.user.basket_lines.count() == 0


def test_the_basket_groups_by_regie_in_the_order_of_the_home_page(scene):
    crib = make_regie(label="Petite enfance", position=0)
    scene.choose(scene.invoice, make_invoice(scene.household, crib, cents=2520))
    basket = basket_of(user=scene.user, household=scene.household, today=TODAY)
    assert [(g.regie.label, g.subtotal_cents) for g in basket.groups] == [
        ("Petite enfance", 2520),
        ("Restauration et périscolaire", 2400),
    ]
    assert (basket.total_cents, basket.next_cents, basket.count) == (4920, 2520, 2)
    assert remove_from_basket(user=scene.user, invoice_id=scene.invoice.public_id) is True
    assert remove_from_basket(user=scene.user, invoice_id=scene.invoice.public_id) is False


@pytest.mark.row("P08")
def test_each_operation_of_a_basket_is_on_its_own_regies_contract(scene, bank):
    other = make_regie(label="Accueil de loisirs")
    second = make_invoice(scene.household, other, cents=4600)
    scene.choose(scene.invoice, second)
    first_attempt = scene.start(2400)
    send_attempt(attempt=first_attempt, link_for=links, by=PARENT)
    second_attempt = scene.start(4600, checkout_id=first_attempt.checkout.public_id)
    assert (first_attempt.regie, second_attempt.regie) == (scene.regie, other)
    assert first_attempt.merchant != second_attempt.merchant
    assert second_attempt.checkout == first_attempt.checkout
    assert first_attempt.checkout.operations == 2


@pytest.mark.parametrize(("held", "count"), [(1, 1), (6, 40)])
def test_the_basket_costs_the_same_queries_for_one_and_for_forty(scene, django_assert_num_queries, held, count):
    regies = [scene.regie, *(make_regie() for _ in range(held - 1))]
    scene.choose(*(make_invoice(scene.household, regies[i % held]) for i in range(count)))
    with django_assert_num_queries(7):
        basket = basket_of(user=scene.user, household=scene.household, today=TODAY)
        assert (len(basket.groups), basket.count) == (held, count)
