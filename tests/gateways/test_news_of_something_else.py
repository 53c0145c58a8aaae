"""News that are true but not about the payment asked: another contract's, another amount's, money given back."""

import pytest

from preau.domain.payments.models import PaymentAttempt, ReviewCase
from tests.gateways.conftest import Office, untrue
from tests.gateways.tellers import FORM_KEY, TELLERS
from tests.gateways.test_each_gateway import NONE, ONE, books, left_of, only

pytestmark = [pytest.mark.process, pytest.mark.django_db]

#: Whose truth is the answer to a question, and whose bank sends a signed notice when the town gives money back.
TOKEN = [teller for teller in TELLERS if teller.gateway == "payline"]
SHOP = [teller for teller in TELLERS if teller.bank == "systempay"]


@pytest.fixture(autouse=True)
def truths():
    yield
    assert untrue() == {}


@pytest.mark.row("P08")
@pytest.mark.parametrize(
    ("lie", "named"),
    [
        ("other_contract", "commerçant : demandé 1234567, annoncé 1234560"),
        ("altered_amount", "montant (centimes) : demandé 2400, annoncé 2401"),
        ("other_currency", "monnaie : demandé EUR, annoncé 840"),
        ("other_ref", "référence"),
        ("other_private_data", "référence"),
    ],
)
@only(TOKEN)
def test_an_answer_about_something_else_is_never_captured(office: Office, lie, named):
    """G5, N8, N9: the token is ours, what the service says of it is not what was asked."""
    (invoice,) = office.owe(2400)
    attempt = office.leave(invoice)
    office.sim.set_fault("getWebPaymentDetails", lie)
    office.pay(attempt)
    office.deliver()
    case = ReviewCase.objects.get()
    assert (office.state(attempt), left_of(invoice), books()) == ("anomaly", [2400], NONE)
    assert (case.kind, named in case.detail) == (ReviewCase.Kind.CONTRADICTION, True)


def give_back(office: Office, attempt: PaymentAttempt) -> list[int]:
    """The town's agent at the bank gives the money back; what the portal answers to the notice of it."""
    back_office = f"{office.post.url}/notifications/{office.teller.gateway}/"
    office.sim.bank("systempay").declare(
        site_id=office.teller.number, key_test=FORM_KEY, label="CE DU LAMENTIN", notify_url=back_office
    )
    office.decide(attempt, "CREDIT")
    return office.deliver()


@only(SHOP)
def test_a_refund_at_the_bank_is_a_case_and_no_second_payment(office: Office):
    """Its result is the same as a payment's, its status too: only its type differs (payment-gateways 6.7)."""
    (invoice,) = office.owe(2400)
    attempt = office.leave(invoice)
    office.pay(attempt)
    office.deliver()
    assert give_back(office, attempt) == [200]
    assert (office.state(attempt), left_of(invoice), books()) == ("captured", [0], ONE)
    assert ReviewCase.objects.get().kind == ReviewCase.Kind.REFUND_AT_BANK


@only(SHOP)
def test_a_refund_heard_of_before_its_payment_pays_nothing(office: Office):
    (invoice,) = office.owe(2400)
    attempt = office.leave(invoice)
    office.pay(attempt)
    assert len(office.post.taken()) == 1  # lost on the way
    assert give_back(office, attempt) == [200]
    assert (office.state(attempt), left_of(invoice), books()) == ("sent", [2400], NONE)
    assert ReviewCase.objects.get().kind == ReviewCase.Kind.REFUND_AT_BANK
