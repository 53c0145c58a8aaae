"""What the database refuses about payments, whoever writes: the last wall when a service is wrong."""

from datetime import timedelta

import pytest

from preau.domain.billing.services import record_receipt_elsewhere
from preau.domain.payments.gateway import Message
from preau.domain.payments.models import (
    Allocation,
    AttemptEvent,
    AttemptLine,
    Capture,
    Checkout,
    Evidence,
    FamilyCredit,
    GatewayMessage,
    PaymentAttempt,
    Receipt,
    ReviewCase,
)
from preau.domain.payments.services.cases import open_case
from preau.domain.payments.services.inbox import receive
from preau.domain.payments.services.sweep import ask
from preau.domain.payments.states import Origin
from preau.foundation import clock
from tests.support.factories import NOON, make_contract, make_household, make_invoice, make_regie, make_user
from tests.support.refusals import (
    columns_of,
    refused_by,
    refused_frozen,
    refused_whole,
    refused_with,
    save_again,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(scene) -> PaymentAttempt:
    return scene.send()


@pytest.fixture
def paid(scene, sent, bank) -> Capture:
    """24,00 € captured on an invoice of which 4,00 € were paid meanwhile: an allocation and a credit."""
    record_receipt_elsewhere(invoice=scene.invoice, amount_cents=400, means="espèces", received_on=NOON.date())
    bank.pay(sent.gateway_reference)
    ask(sent, origin=Origin.SWEEP, timeout=1)
    return Capture.objects.get()


#: Another attempt like the first one, free of what must be unique.
OTHER = {"form_key": "other", "return_token": "other", "reference": "OTHER", "gateway_reference": "other"}


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"amount_cents": 0}, "attempt_amount_is_positive"),
        ({"gateway_reference": None}, "attempt_is_sent_with_a_gateway_reference"),
        ({"sent_at": None}, "attempt_is_sent_with_a_gateway_reference"),
        ({"locked_until": NOON}, "attempt_lock_ends_after_it_begins"),
        ({"ended_at": NOON}, "only_an_ended_attempt_is_dated_ended"),
        ({"state": "captured"}, "only_an_ended_attempt_is_dated_ended"),
        ({"state": "elsewhere", "ended_at": NOON}, "only_an_ended_attempt_is_dated_ended"),
    ],
)
def test_an_attempt_that_makes_no_sense_is_refused(sent, changes, constraint):
    with refused_by(constraint):
        save_again(sent, **{**OTHER, **changes})


def test_a_gateway_operation_serves_one_attempt(sent):
    with refused_by("a_gateway_operation_serves_one_attempt"):
        save_again(sent, **{**OTHER, "gateway_reference": sent.gateway_reference})


@pytest.mark.parametrize("column", ["form_key", "return_token", "reference"])
def test_what_names_an_attempt_names_no_other(sent, column):
    with refused_with(column):
        save_again(sent, **{**OTHER, column: getattr(sent, column)})


def test_an_attempt_belongs_to_one_regie(sent):
    assert columns_of(PaymentAttempt, "an_attempt_belongs_to_one_regie") == ["id", "regie_id"]


def test_an_attempt_on_another_regies_contract_is_refused(sent):
    with refused_with("payments_paymentattempt.contract_id"):
        save_again(sent, **OTHER, contract_id=make_regie(label="Autre").contracts.get().id)


def test_a_checkout_without_operation_is_refused(sent):
    with refused_by("a_checkout_has_at_least_one_operation"):
        Checkout.objects.filter(id=sent.checkout_id).update(operations=0)


@pytest.mark.parametrize("whose", ["nobody's", "a payer's and an agent's"])
def test_a_checkout_of_nobody_or_of_two_is_refused(sent, whose):
    changes = {"user": None} if whose == "nobody's" else {"agent": make_user()}
    with refused_by("a_checkout_is_of_a_payer_or_of_an_agent"):
        Checkout.objects.filter(id=sent.checkout_id).update(**changes)


def test_a_payer_without_address_is_refused(sent):
    with refused_by("whoever_pays_on_line_has_an_address"):
        Checkout.objects.filter(id=sent.checkout_id).update(receipt_email="")


def test_what_an_attempt_asks_never_changes(sent, scene):
    refused_frozen(
        sent,
        {
            "public_id": "x" * 22,
            "return_token": "x",
            "form_key": "x",
            "reference": "X",
            "checkout_id": save_again(sent.checkout).id,
            "household_id": make_household(with_login=False).id,
            "regie_id": make_regie().id,
            "contract_id": make_contract(scene.regie, closed_on=NOON.date()).id,
            "merchant": "000000",
            "mode": "production",
            "amount_cents": 1,
            "currency": "USD",
            "digest": "0" * 64,
            "created_at": clock.now() - timedelta(seconds=1),
        },
    )


def test_an_invoice_has_one_active_attempt(sent, scene):
    with refused_by("an_invoice_has_one_active_attempt"):
        save_again(sent.lines.get(), attempt_id=save_again(sent, **OTHER).id)


def test_an_attempt_names_an_invoice_once(sent):
    with refused_by("an_attempt_names_an_invoice_once"):
        save_again(sent.lines.get(), is_open=False)


def test_a_line_of_nothing_is_refused(sent, scene):
    other = make_invoice(scene.household, scene.regie)
    with refused_by("attempt_line_is_positive"):
        save_again(sent.lines.get(), invoice_id=other.id, amount_cents=0)


def test_a_line_on_another_regies_invoice_is_refused(sent, scene):
    other = make_invoice(scene.household, make_regie(label="Autre"))
    with refused_with("payments_attemptline.invoice_id"):
        save_again(sent.lines.get(), invoice_id=other.id)


def test_a_line_of_another_regies_attempt_is_refused(sent, scene):
    other = make_invoice(scene.household, make_regie(label="Autre"))
    with refused_with("payments_attemptline.attempt_id"):
        save_again(sent.lines.get(), invoice_id=other.id, regie_id=other.regie_id)


def test_a_line_keeps_what_it_asks_and_only_its_lock_is_let_go(sent, scene):
    line = sent.lines.get()
    other = make_invoice(scene.household, scene.regie)
    attempt = save_again(sent, **OTHER)
    refused_frozen(
        line, {"attempt_id": attempt.id, "invoice_id": other.id, "regie_id": make_regie().id, "amount_cents": 1}
    )
    assert AttemptLine.objects.filter(id=line.id).update(is_open=False) == 1


def test_events_of_an_attempt_have_ranks(sent):
    with refused_by("attempt_events_have_ranks"):
        save_again(sent.events.last())


@pytest.mark.parametrize(("sequence", "from_state"), [(3, ""), (1, "sent")])
def test_only_the_first_event_comes_from_nothing(sent, sequence, from_state):
    with refused_by("only_the_first_attempt_event_comes_from_nothing"):
        save_again(sent.events.last(), sequence=sequence, from_state=from_state)


def test_an_invoice_is_once_in_a_basket(sent, scene):
    with refused_by("an_invoice_is_once_in_a_basket"):
        save_again(scene.user.basket_lines.get())


def test_a_part_payment_of_nothing_is_refused(sent, scene):
    with refused_by("a_part_payment_is_positive"):
        scene.user.basket_lines.update(amount_cents=0)


def test_a_gateway_operation_is_captured_once(paid):
    with refused_by("a_gateway_operation_is_captured_once"):
        save_again(paid, attempt_id=save_again(paid.attempt, **OTHER).id, evidence_id=save_again(paid.evidence).id)


@pytest.mark.parametrize(("own", "column"), [("evidence_id", "attempt_id"), ("attempt_id", "evidence_id")])
def test_an_attempt_and_its_evidence_capture_once(paid, own, column):
    fresh = {"attempt_id": lambda: save_again(paid.attempt, **OTHER), "evidence_id": lambda: save_again(paid.evidence)}
    with refused_with(column):
        save_again(paid, gateway_reference="other", **{own: fresh[own]().id})


def test_a_capture_of_nothing_is_refused(paid):
    with refused_by("capture_is_positive"):
        save_again(paid, amount_cents=0)


@pytest.mark.parametrize("column", ["attempt_id", "contract_id"])
def test_a_capture_for_another_regie_is_refused(paid, column):
    other = make_regie(label="Autre")
    changes = {
        "attempt_id": save_again(paid.attempt, **OTHER).id,
        "evidence_id": save_again(paid.evidence).id,
        "contract_id": other.contracts.get().id,
        "gateway_reference": "other",
    }
    if column == "attempt_id":
        changes["regie_id"] = other.id
    with refused_with(f"payments_capture.{column}"):
        save_again(paid, **changes)


def test_a_capture_settles_an_invoice_once(paid):
    with refused_by("a_capture_settles_an_invoice_once"):
        save_again(paid.allocations.get())


def test_an_allocation_of_nothing_is_refused(paid, scene):
    other = make_invoice(scene.household, scene.regie)
    with refused_by("allocation_is_positive"):
        save_again(paid.allocations.get(), invoice_id=other.id, amount_cents=0)


def test_an_allocation_to_another_regies_invoice_is_refused(paid, scene):
    other = make_invoice(scene.household, make_regie(label="Autre"))
    with refused_with("payments_allocation.invoice_id"):
        save_again(paid.allocations.get(), invoice_id=other.id)


def test_a_credit_of_nothing_is_refused(paid):
    with refused_by("family_credit_is_positive"):
        save_again(paid.credit, amount_cents=0)


def test_receipt_numbers_serve_once(paid):
    with refused_by("receipt_numbers_are_unique_per_regie_and_year"):
        save_again(paid.receipt, code="OTHER", capture_id=0)


def test_receipt_numbers_start_at_one(paid):
    with refused_by("receipt_numbers_start_at_one"):
        save_again(paid.receipt, code="OTHER", capture_id=0, number=0)


def test_a_case_is_open_once_per_attempt_and_kind(sent):
    open_case(kind=ReviewCase.Kind.LONG_SILENCE, attempt=sent, detail="silence")
    case = ReviewCase.objects.get()
    with refused_by("a_case_is_open_once_per_attempt_and_kind"):
        save_again(case)
    case.closed_at = NOON
    case.save()
    assert save_again(case, closed_at=None).attempt == sent


@pytest.fixture
def message(sent) -> GatewayMessage:
    return receive(
        gateway="fake",
        origin=Origin.NOTIFICATION,
        return_token=sent.return_token,
        method="POST",
        message=Message(query="", body=b"op=1", content_type=""),
        source_address="192.0.2.7",
    )


@pytest.mark.parametrize("changes", [{"verdict": "authentic"}, {"processed_at": NOON}])
def test_a_message_is_judged_iff_processed(message, changes):
    with refused_by("a_message_is_judged_iff_processed"):
        GatewayMessage.objects.filter(id=message.id).update(**changes)


def test_a_message_never_changes_only_what_was_made_of_it(message):
    refused_frozen(
        message,
        {
            "public_id": "x" * 22,
            "gateway": "x",
            "origin": Origin.RETURN,
            "return_token": "x",
            "attempt_id": None,
            "method": "GET",
            "query": "x",
            "body": b"x",
            "body_size": 1,
            "body_sha256": "0" * 64,
            "content_type": "x",
            "source_address": "x",
            "received_at": NOON + timedelta(seconds=1),
        },
    )


@pytest.mark.parametrize("model", [AttemptEvent, Evidence, Capture, Allocation, FamilyCredit, Receipt])
def test_facts_about_money_are_written_once(paid, model):
    refused_whole(model.objects.all()[0])
