"""The same story on each gateway: paid, refused, left, late, repeated, forged; through the pages and the wire (P01)."""

import pytest
from django.test import Client

from preau.domain.billing.models import Invoice
from preau.domain.payments.models import Capture, FamilyCredit, GatewayMessage, Receipt, ReviewCase
from preau.domain.payments.services.inbox import process_due
from preau.domain.payments.services.sweep import ask_due, release_expired
from preau.domain.payments.states import MessageVerdict
from preau.foundation.mail.models import OutgoingMail
from tests.gateways.conftest import Office, untrue
from tests.gateways.tellers import TELLERS

pytestmark = [pytest.mark.process, pytest.mark.django_db]

ASKABLE = [teller for teller in TELLERS if teller.can_ask]
SIGNED = [teller for teller in TELLERS if not teller.can_ask and not teller.is_hearsay]
SURE = [teller for teller in TELLERS if not teller.is_hearsay]
HEARSAY = [teller for teller in TELLERS if teller.is_hearsay]


def only(tellers):
    return pytest.mark.parametrize("teller", tellers, ids=str, indirect=False)


def books() -> dict[str, int]:
    """How much money each kind of fact tells of."""
    return {
        "captures": Capture.objects.count(),
        "receipts": Receipt.objects.count(),
        "mails": OutgoingMail.objects.filter(kind="receipt").count(),
    }


def left_of(*invoices: Invoice) -> list[int]:
    return [Invoice.objects.get(id=invoice.id).left_cents for invoice in invoices]


ONE = {"captures": 1, "receipts": 1, "mails": 1}
NONE = {"captures": 0, "receipts": 0, "mails": 0}


@pytest.fixture(autouse=True)
def truths():
    yield
    assert untrue() == {}


@pytest.mark.row("P01")
@pytest.mark.row("P02")
@only(SURE)
def test_a_payment_is_captured_by_its_notice_alone(office: Office):
    """The browser never comes back."""
    invoice, other = office.owe(2400, 1128)
    attempt = office.leave(invoice, other)
    office.pay(attempt)
    assert office.state(attempt) == "sent"
    assert office.deliver() == [200]
    assert (office.state(attempt), left_of(invoice, other), books()) == ("captured", [0, 0], ONE)
    capture = Capture.objects.get()
    assert (capture.amount_cents, capture.means, capture.transaction_reference != "") == (3528, "card_online", True)
    page = office.client.get(f"/paiement/resultat/{attempt.return_token}/").content.decode()
    assert "35,28\u202f€ payés. Merci" in page.replace("\xa0", "\u202f")


@pytest.mark.row("P01")
@only(SURE)
def test_a_payment_is_captured_by_the_browser_alone(office: Office):
    """The notice never comes."""
    attempt = office.leave(*office.owe(2400))
    office.pay(attempt, notify="never", **{"return": "normal"})
    (back,) = office.post.taken()
    answer = back.delivered(office.client)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/paiement/resultat/{attempt.return_token}/")
    assert (office.state(attempt), books()) == ("captured", ONE)


@only(SURE)
def test_a_browser_without_session_shows_no_name(office: Office):
    """U8: another tab, another device, a cookie lost on the way."""
    attempt = office.leave(*office.owe(2400))
    office.pay(attempt, notify="never", **{"return": "normal"})
    stranger = Client()
    answer = stranger.get(office.post.taken()[0].delivered(stranger).headers["Location"])
    assert "Le paiement est confirmé" in answer.content.decode()
    assert office.household.file_name not in answer.content.decode()


@pytest.mark.row("P01")
@pytest.mark.parametrize("order", ["notice, return", "return, notice", "notice ×5", "return ×2"])
@only(SURE)
def test_the_same_news_twice_is_one_payment(office: Office, order):
    attempt = office.leave(*office.owe(2400))
    office.pay(attempt, **{"return": "normal"})
    letters = office.post.taken()
    notices = [letter for letter in letters if "/paiement/retour/" not in letter.path]
    returns = [letter for letter in letters if "/paiement/retour/" in letter.path]
    played = {
        "notice, return": notices + returns,
        "return, notice": returns + notices,
        "notice ×5": notices * 5,
        "return ×2": returns * 2,
    }[order]
    for letter in played:
        assert letter.delivered(Client()).status_code in {200, 303}
        process_due()
    assert (office.state(attempt), books()) == ("captured", ONE)


@pytest.mark.row("P01")
def test_a_refusal_leaves_the_invoice_to_pay(office: Office):
    (invoice,) = office.owe(2400)
    attempt = office.leave(invoice)
    office.decide(attempt, office.teller.refused)
    office.deliver()
    assert (office.state(attempt), left_of(invoice), books()) == ("refused", [2400], NONE)
    assert invoice.number in office.client.get("/panier/").content.decode()


@pytest.mark.row("P01")
def test_a_payer_who_leaves_may_start_again_at_once(office: Office):
    (invoice,) = office.owe(2400)
    attempt = office.leave(invoice)
    office.decide(attempt, office.teller.abandoned)
    office.deliver()
    assert office.state(attempt) in {"sent", "abandoned"}
    if office.state(attempt) == "sent":  # the web service keeps the page open: the payer says so here
        office.client.post(f"/paiement/{attempt.public_id}/annuler/")
    second = office.leave(invoice)
    office.pay(second)
    office.deliver()
    if office.teller.is_hearsay:
        assert office.state(second) == "declared"
        return
    assert (office.state(second), left_of(invoice), books()) == ("captured", [0], ONE)


@only(SURE)
def test_a_refusal_then_a_payment_is_a_payment_in_any_order(office: Office):
    """N3: two notices of one attempt, the first overtaken by the second."""
    attempt = office.leave(*office.owe(2400))
    office.decide(attempt, office.teller.abandoned)
    first = office.post.taken()
    office.pay(attempt)
    last = office.post.taken()
    for letter in (*last, *first):
        letter.delivered(Client())
        process_due()
    assert (office.state(attempt), books()) == ("captured", ONE)


@only(ASKABLE)
def test_a_notice_that_never_comes_is_asked_for(office: Office):
    """N1."""
    attempt = office.leave(*office.owe(2400))
    office.pay(attempt, notify="never")
    office.advance(minutes=3)
    assert ask_due() == 1
    assert (office.state(attempt), books()) == ("captured", ONE)


@pytest.mark.parametrize("minutes", [29, 31])
def test_an_invoice_is_free_again_after_half_an_hour(office: Office, minutes):
    """A20: whatever the bank says or does not say."""
    (invoice,) = office.owe(2400)
    attempt = office.leave(invoice)
    office.advance(minutes=minutes)
    release_expired()
    held = "Paiement en cours" in office.client.get("/factures/").content.decode()
    assert (office.state(attempt) in {"sent", "expired"}, held) == (True, minutes < 30)


@pytest.mark.row("P01")
@only(SURE)
def test_a_notice_after_half_an_hour_still_pays(office: Office):
    """N4."""
    (invoice,) = office.owe(2400)
    attempt = office.leave(invoice)
    office.pay(attempt)
    office.advance(minutes=31)
    release_expired()
    office.deliver()
    assert (office.state(attempt), left_of(invoice), books()) == ("captured", [0], ONE)


@only(SURE)
def test_two_payments_of_one_invoice_leave_a_credit(office: Office):
    """The first page stays open beyond the half hour, and both are paid."""
    (invoice,) = office.owe(2400)
    first = office.leave(invoice)
    office.pay(first)
    late = office.post.taken()
    office.advance(minutes=31)
    # The bank does not answer about the first: nobody hears of it before the second is paid.
    office.sim.set_fault("*", "close")
    release_expired()
    office.sim.clear_faults()
    second = office.leave(invoice)
    office.pay(second)
    office.deliver()
    for letter in late:
        assert letter.delivered(Client()).status_code == 200
    process_due()
    assert (office.state(first), office.state(second)) == ("captured", "captured")
    assert (left_of(invoice), FamilyCredit.objects.get().amount_cents) == ([0], 2400)
    assert ReviewCase.objects.get().kind == "surplus"


def _lies():
    for teller in TELLERS:
        for lie, effect in teller.lies.items():
            yield pytest.param(teller, lie, effect, id=f"{teller}-{lie}")


@pytest.mark.row("P02")
@pytest.mark.parametrize(("teller", "lie", "effect"), list(_lies()))
def test_a_false_notice_settles_nothing_and_is_listed(office: Office, lie, effect):
    """N7–N9: refused and listed, or held for a person when it is signed yet not what was asked."""
    (invoice,) = office.owe(2400)
    attempt = office.leave(invoice)
    if lie != "forged":
        office.pay(attempt, notify="never")
    office.teller.notify(office.sim, attempt, lie)
    answered = office.deliver()
    if not office.teller.can_ask:
        assert left_of(invoice) == [2400]
        assert books() == NONE
    message = GatewayMessage.objects.get()
    if effect == "refused":
        assert message.verdict == MessageVerdict.NOT_AUTHENTIC
        assert office.state(attempt) == "sent"
        assert answered == [200 if office.teller.is_hearsay else 400]
    elif effect == "anomaly":
        assert office.state(attempt) == "anomaly"
        assert ReviewCase.objects.get().kind == "contradiction"
    else:
        assert office.state(attempt) == "sent"


@only(SIGNED)
def test_a_notice_of_another_payment_is_refused(office: Office):
    """N10: the genuine notice of one attempt, at the address of another."""
    invoice, other = office.owe(2400, 2400)
    paid = office.leave(invoice)
    office.pay(paid)
    (letter,) = office.post.taken()
    victim = office.leave(other)
    path = letter.path.replace(paid.return_token, victim.return_token)
    assert Client().post(path, letter.body, content_type=letter.content_type).status_code == 400
    process_due()
    assert (office.state(victim), office.state(paid), books()) == ("sent", "sent", NONE)
    assert GatewayMessage.objects.get().verdict == MessageVerdict.NOT_AUTHENTIC


def test_an_unknown_reference_gets_no_information(office: Office):
    attempt = office.leave(*office.owe(2400))
    office.pay(attempt)
    (letter,) = office.post.taken()
    path = letter.path.replace(attempt.return_token, "A" * 22)
    answer = Client().generic(
        letter.method, path, letter.body, content_type=letter.content_type, QUERY_STRING=letter.query
    )
    assert (answer.status_code in {200, 400}, answer.content) == (True, b"")
    process_due()
    assert (GatewayMessage.objects.get().verdict, books()) == (MessageVerdict.UNKNOWN, NONE)


def _pending():
    return [pytest.param(t, outcome, id=f"{t}-{outcome}") for t in TELLERS for outcome in t.pending]


@pytest.mark.parametrize(("teller", "outcome"), _pending())
def test_a_payment_under_way_at_the_bank_ends_nothing(office: Office, outcome):
    attempt = office.leave(*office.owe(2400))
    office.decide(attempt, outcome)
    office.deliver()
    assert (office.state(attempt), books()) == ("sent", NONE)
    office.pay(attempt)
    office.deliver()
    assert (office.state(attempt), books()) == ("captured", ONE)


@pytest.mark.parametrize("cents", [100, 2999, 112_870, 999_999])
def test_amounts_arrive_to_the_cent(office: Office, cents):
    (invoice,) = office.owe(cents)
    attempt = office.leave(invoice)
    office.pay(attempt)
    office.deliver()
    expected = "declared" if office.teller.is_hearsay else "captured"
    assert office.state(attempt) == expected
    if not office.teller.is_hearsay:
        assert Capture.objects.get().amount_cents == cents


@pytest.mark.parametrize(
    "name", ["L’Haÿ & Fils <b>", "Ngô Đình 👪", "x" * 200, "李 明"], ids=["marks", "emoji", "long", "no Latin letter"]
)
def test_any_name_reaches_the_bank(office: Office, name):
    """§12.11: accents, apostrophes, ampersands, emoji, two hundred letters."""
    office.household.guardians.update(first_name=name[:60], last_name=name[:60])
    office.household.address, office.household.city, office.household.postal_code = name, name[:60], ""
    office.household.save()
    attempt = office.leave(*office.owe(2400))
    office.pay(attempt)
    office.deliver()
    assert office.state(attempt) in {"captured", "declared"}


@only(HEARSAY)
def test_a_declared_payment_keeps_its_invoices_and_warns_the_family(office: Office):
    """4.2: nothing proves it; nobody pays twice meanwhile."""
    (invoice,) = office.owe(2400)
    attempt = office.leave(invoice)
    office.pay(attempt)
    office.deliver()
    office.advance(minutes=31)
    assert release_expired() == 0
    assert (office.state(attempt), left_of(invoice), books()) == ("declared", [2400], NONE)
    assert GatewayMessage.objects.get().verdict == MessageVerdict.DECLARED
    page = office.client.get(f"/paiement/resultat/{attempt.return_token}/").content.decode()
    assert "Paiement annoncé, en cours de vérification" in page
    assert "vérification" in office.client.get("/factures/").content.decode()
