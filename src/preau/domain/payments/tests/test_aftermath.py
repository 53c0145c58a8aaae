"""Money taken back, used and given back after a payment: what each does to invoices, credit, books and mails."""

from datetime import timedelta

import pytest
from django.core.exceptions import ObjectDoesNotExist

from preau.domain.billing.models import CreditNote, Invoice
from preau.domain.billing.services import record_credit_note, record_receipt_elsewhere
from preau.domain.ledger.queries import household_balances, household_credit_cents, statement
from preau.domain.payments.errors import (
    ActRefusedError,
    CaseDecidedError,
    CreditRefusedError,
    NotOfRegieError,
    ReasonTooShortError,
    SamePersonError,
)
from preau.domain.payments.models import (
    BasketLine,
    Capture,
    CaseDecision,
    CreditUse,
    Refund,
    Reversal,
    ReversalPart,
    ReviewCase,
)
from preau.domain.payments.outcomes import Outcome
from preau.domain.payments.queries.acts import act_named, acts_waiting, count_to_answer
from preau.domain.payments.queries.aftermath import credit_offer, returnable_cents, reversals_of
from preau.domain.payments.queries.invoices import invoice_sheet
from preau.domain.payments.services.acts import confirm_act, send_back_act
from preau.domain.payments.services.decisions import confirm, propose
from preau.domain.payments.services.sweep import ask
from preau.domain.payments.states import Origin
from preau.domain.payments.tests.aftermath import AGENT, WHY, Town, town_of
from preau.domain.payments.tests.truths import broken
from preau.domain.regies.models import AllowedMeans
from preau.foundation import clock
from preau.foundation.audit.models import AuditEvent
from preau.foundation.mail.models import OutgoingMail
from tests.support.factories import NOON, make_household, make_invoice, make_regie, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(scene, bank) -> Town:
    return town_of(scene, bank)


@pytest.fixture
def twice(town) -> tuple[Capture, Capture]:
    """24,00 € paid twice: the second payment is the family's credit."""
    return town.pay_twice(town.scene.invoice)


def left_on(*invoices: Invoice) -> list[int]:
    return [Invoice.objects.get(id=one.id).left_cents for one in invoices]


def credit_of(town: Town) -> int:
    return household_credit_cents(town.scene.household).get(town.scene.regie.id, 0)


def letter(kind: str) -> OutgoingMail:
    return OutgoingMail.objects.get(kind=kind)


# Taken back by the bank


def test_a_returned_direct_debit_makes_its_invoice_due_again(town):
    capture = town.pay(town.scene.invoice, means="debit_online")
    act = town.take_back(capture, kind=Reversal.Kind.BOUNCED_DEBIT)
    invoice = Invoice.objects.get()
    assert (invoice.left_cents, invoice.received_cents, invoice.settled_on) == (2400, 0, None)
    assert town.balances() == {"receivable": 2400, "product": -2400}
    assert [(part.source, part.allocation, part.amount_cents) for part in act.parts.all()] == [
        ("allocation", capture.allocations.get(), 2400)
    ]
    assert reversals_of([capture.receipt]) == {capture.receipt.id: [act]}
    assert returnable_cents(capture) == 0
    to_family, to_regie = letter("reversal"), letter("reversal_regie")
    assert to_family.recipient == "parent@example.org"
    assert to_family.subject == "Votre paiement du 8 octobre 2026 : 24,00 € repris par la banque"
    assert "La banque a rejeté le prélèvement" in to_family.text
    assert f"– {invoice.number}, Cantine\u202f: 24,00\u202f€" in to_family.text
    assert (to_regie.recipient, to_regie.subject) == (
        town.scene.regie.email,
        "Prélèvement rejeté : 24,00 €",
    )
    assert f"/bureau/paiements/{capture.attempt.public_id}/" in to_regie.text
    assert list(AuditEvent.objects.filter(action__startswith="reversal.").values_list("action", flat=True)) == [
        "reversal.proposed",
        "reversal.confirmed",
    ]
    assert broken() == {}


def test_a_proposal_moves_nothing(town):
    capture = town.pay(town.scene.invoice)
    before = town.balances()
    town.propose_reversal(capture)
    assert (town.balances(), left_on(town.scene.invoice)) == (before, [0])
    assert not OutgoingMail.objects.filter(kind__startswith="reversal").exists()
    assert reversals_of([capture.receipt]) == {}


def test_a_contested_part_is_taken_from_the_last_invoice_first(town):
    first, second = town.scene.invoice, make_invoice(town.scene.household, town.scene.regie, cents=5000)
    capture = town.pay(first, second)
    town.take_back(capture, amount_cents=6000)
    assert left_on(first, second) == [1000, 5000]
    assert returnable_cents(capture) == 1400
    town.take_back(capture, amount_cents=1400)
    assert left_on(first, second) == [2400, 5000]
    assert broken() == {}


def test_an_invoice_paid_again_after_a_rejection_is_settled_again(town):
    town.take_back(town.pay(town.scene.invoice))
    town.pay(Invoice.objects.get())
    assert left_on(town.scene.invoice) == [0]
    reductions = invoice_sheet(town.scene.household, public_id=Invoice.objects.get().public_id, today=NOON.date())
    assert [(one.label, one.cents) for one in reductions.reductions] == [
        ("Paiement en ligne", 2400),
        ("Paiement en ligne", 2400),
        ("Paiement contesté", -2400),
    ]
    assert broken() == {}


def test_a_surplus_still_there_is_taken_before_any_invoice(town, twice):
    _, second = twice
    assert credit_of(town) == 2400
    act = town.take_back(second, amount_cents=2000)
    assert [(part.source, part.amount_cents) for part in act.parts.all()] == [("credit", 2000)]
    assert (credit_of(town), left_on(town.scene.invoice)) == (400, [0])
    assert "20,00\u202f€ de votre avoir ont été repris." in letter("reversal").text
    assert broken() == {}


def test_a_surplus_used_since_makes_the_invoice_that_it_settled_due_again(town, twice):
    _, second = twice
    other = make_invoice(town.scene.household, town.scene.regie, cents=1500)
    town.use(other)
    act = town.take_back(second)
    assert [(part.source, part.amount_cents) for part in act.parts.order_by("source")] == [
        ("credit", 900),
        ("credit_use", 1500),
    ]
    assert (credit_of(town), left_on(town.scene.invoice, other)) == (0, [0, 1500])
    assert f"– {other.number}, Cantine\u202f: 15,00\u202f€" in letter("reversal").text
    assert broken() == {}


def test_a_surplus_given_back_since_is_to_be_recovered(town, twice):
    _, second = twice
    town.give_back(2400)
    town.take_back(second)
    assert town.balances() == {"product": -2400, "clearing": 2400, "given_back": -2400, "to_recover": 2400}
    assert household_balances(town.scene.household) == {town.scene.regie.id: -2400}
    assert ReversalPart.objects.get().source == "given_back"
    assert "vous avaient déjà été rendus" in letter("reversal").text
    assert "24,00\u202f€ avaient déjà été rendus à la famille" in letter("reversal_regie").text
    assert broken() == {}


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"amount_cents": 0}, "amount", "Indiquez un montant entre 0,01\u202f€ et 24,00\u202f€."),
        ({"amount_cents": 2401}, "amount", "Indiquez un montant entre 0,01\u202f€ et 24,00\u202f€."),
        ({"kind": Reversal.Kind.BOUNCED_DEBIT}, "kind", "Cela n’arrive pas à un paiement par ce moyen"),
        ({"noticed_on": NOON.date() + timedelta(days=1)}, "noticed_on", "Cette date n’est pas encore venue."),
    ],
)
def test_a_reversal_that_does_not_fit_is_refused(town, changes, field, said):
    capture = town.pay(town.scene.invoice)
    with pytest.raises(ActRefusedError, match=said) as refusal:
        town.propose_reversal(capture, **changes)
    assert refusal.value.field == field
    assert not Reversal.objects.exists()


def test_a_direct_debit_is_returned_whole(town):
    capture = town.pay(town.scene.invoice, means="debit_online")
    with pytest.raises(ActRefusedError, match="le paiement en entier\u202f: 24,00\u202f€"):
        town.propose_reversal(capture, kind=Reversal.Kind.BOUNCED_DEBIT, amount_cents=2300)


def test_nothing_is_left_to_take_back_twice(town):
    capture = town.pay(town.scene.invoice)
    town.take_back(capture)
    with pytest.raises(ActRefusedError, match="Il ne reste rien"):
        town.propose_reversal(capture)


def test_one_reversal_waits_at_a_time(town):
    capture = town.pay(town.scene.invoice)
    town.propose_reversal(capture)
    with pytest.raises(CaseDecidedError, match="Un rejet attend déjà sa réponse"):
        town.propose_reversal(capture, user=town.omar)


def test_only_what_was_captured_is_taken_back(town):
    attempt = town.scene.send()
    with pytest.raises(Capture.DoesNotExist):
        town.propose_reversal(Capture(attempt=attempt, amount_cents=1))


def test_a_card_credited_meanwhile_stops_a_reversal(town, twice):
    _, second = twice
    act = town.propose_reversal(second)
    town.give_back(2400, capture=second, means=Refund.Means.CARD)
    with pytest.raises(ActRefusedError, match="ont été rendues depuis"):
        town.confirm(act)
    assert broken() == {}


# Used by the family


@pytest.mark.parametrize(
    ("cents", "used", "left"),
    [(1500, 1500, 0), (2400, 2400, 0), (9900, 2400, 7500), (2450, 2350, 100), (2500, 2400, 100)],
    ids=["all of the invoice", "both", "all of the credit", "what is left can still be paid", "just payable"],
)
def test_credit_goes_to_an_invoice_as_far_as_both_go(town, twice, cents, used, left):
    invoice = make_invoice(town.scene.household, town.scene.regie, cents=cents)
    use = town.use(invoice)
    assert (use.amount_cents, credit_of(town)) == (used, 2400 - used)
    assert left_on(invoice) == [left]
    movement = statement(town.scene.household, regie_id=town.scene.regie.id)[-1]
    assert (movement.label, movement.amount_cents) == (f"Avoir utilisé – facture {invoice.number}", 0)
    assert AuditEvent.objects.get(action="credit.used").subject == use.public_id
    sheet = invoice_sheet(town.scene.household, public_id=invoice.public_id, today=NOON.date())
    assert [(one.label, one.cents) for one in sheet.reductions] == [("Avoir utilisé", used)]
    assert broken() == {}


def test_the_same_form_uses_credit_once(town, twice):
    invoice = make_invoice(town.scene.household, town.scene.regie, cents=1000)
    first = town.use(invoice, form_key="k")
    assert town.use(invoice, form_key="k", shown_cents=1000) == first
    assert credit_of(town) == 1400


def test_a_settled_invoice_leaves_every_basket_and_a_part_chosen_is_chosen_again(town, twice):
    town.scene.regie.allows_part_payment = True
    town.scene.regie.save()
    settled, partly = (make_invoice(town.scene.household, town.scene.regie, cents=cents) for cents in (1000, 4000))
    town.scene.choose(settled, partly)
    BasketLine.objects.filter(invoice=partly).update(amount_cents=3000)
    town.use(settled)
    town.use(partly)
    assert list(BasketLine.objects.values_list("invoice", "amount_cents")) == [(partly.id, None)]


def test_another_sum_than_the_page_showed_is_refused(town, twice):
    invoice = make_invoice(town.scene.household, town.scene.regie, cents=1000)
    with pytest.raises(CreditRefusedError, match="10,00\u202f€ peuvent maintenant être utilisés"):
        town.use(invoice, shown_cents=2400)
    assert not CreditUse.objects.exists()


def test_credit_of_a_regie_pays_nothing_to_another(town, twice):
    invoice = make_invoice(town.scene.household, make_regie(label="Petite enfance"), cents=1000)
    with pytest.raises(CreditRefusedError, match="pas d’avoir pour «\u202fPetite enfance\u202f»"):
        town.use(invoice, shown_cents=1000)


def test_credit_pays_no_other_familys_debt(town, twice):
    invoice = make_invoice(make_household(), town.scene.regie, cents=1000)
    with pytest.raises(Invoice.DoesNotExist):
        town.use(invoice, shown_cents=1000)


def test_a_payment_under_way_keeps_credit_away(town, twice):
    invoice = make_invoice(town.scene.household, town.scene.regie, cents=1000)
    town.scene.send(invoice)
    with pytest.raises(CreditRefusedError, match="Un paiement est en cours sur cette facture"):
        town.use(invoice, shown_cents=1000)


def test_a_payment_whose_time_is_over_does_not(town, twice):
    invoice = make_invoice(town.scene.household, town.scene.regie, cents=1000)
    town.scene.send(invoice)
    with clock.frozen(NOON + timedelta(minutes=31)):
        assert town.use(invoice).amount_cents == 1000


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"cents": 150, "sent_to_treasury_on": NOON.date()}, "transmise à la Trésorerie"),
        ({"cents": 150, "paid": True}, "n’est plus à payer"),
    ],
)
def test_credit_is_not_used_where_nothing_is_owed_here(town, twice, values, said):
    is_paid = values.pop("paid", False)
    invoice = make_invoice(town.scene.household, town.scene.regie, **values)
    if is_paid:
        record_receipt_elsewhere(invoice=invoice, amount_cents=150, means="", received_on=NOON.date())
    with pytest.raises(CreditRefusedError, match=said):
        town.use(invoice, shown_cents=150)


def test_too_small_a_credit_waits_for_another_invoice(town):
    note = CreditNote(
        regie=town.scene.regie, household=town.scene.household, number="AV-9", label="Goûter",
        issued_on=NOON.date(), total_cents=50,
    )  # fmt: skip
    record_credit_note(note=note)
    invoice = make_invoice(town.scene.household, town.scene.regie, cents=120)
    offer = credit_offer(town.scene.household, invoice_id=invoice.public_id)
    assert (offer.credit_cents, offer.usable_cents) == (50, 20)
    small = make_invoice(town.scene.household, town.scene.regie, cents=100)
    offer = credit_offer(town.scene.household, invoice_id=small.public_id)
    assert (offer.usable_cents, offer.refusal[:26]) == (0, "Il resterait trop peu pour")


# Given back


@pytest.mark.parametrize(
    ("means", "how"),
    [("transfer", "par virement"), ("cheque", "par chèque"), ("cash", "en espèces")],
)
def test_credit_is_given_back(town, twice, means, how):
    act = town.give_back(2000, means=Refund.Means(means))
    assert (credit_of(town), act.contract, act.capture) == (400, None, None)
    assert town.balances() == {"product": -2400, "clearing": 4800, "family_credit": -400, "given_back": -2000}
    mail = letter("refund")
    assert (mail.recipient, mail.subject) == (town.scene.user.email, "Votre remboursement : 20,00 €")
    assert f"vous rend 20,00\u202f€, {how}.\n\nRéférence\u202f: V-2026-8." in mail.text
    assert broken() == {}


def test_a_card_is_credited_on_the_banks_own_pages(town, twice):
    _, second = twice
    act = town.give_back(2400, capture=second, means=Refund.Means.CARD)
    assert (act.contract, act.capture) == (second.contract, second)
    assert town.balances() == {"product": -2400, "clearing": 2400}
    assert returnable_cents(second) == 0
    assert broken() == {}


def test_a_payment_named_but_not_credited_by_card_is_not_kept(town, twice):
    assert town.give_back(100, capture=twice[1]).capture is None


@pytest.fixture
def owed(town) -> CaseDecision:
    """24,01 € that two people decided to give back."""
    attempt = town.scene.send()
    town.bank.pay(attempt.gateway_reference, amount_cents=2401)
    ask(attempt, origin=Origin.SWEEP, timeout=1)
    case = ReviewCase.objects.get()
    decision = propose(case_id=case.public_id, outcome=Outcome.REFUND, reason=WHY, user=town.nadege, by=AGENT)
    confirm(decision_id=decision.public_id, user=town.omar, by=AGENT)
    return CaseDecision.objects.get()


@pytest.mark.parametrize(("means", "left"), [("transfer", {"clearing": 2401, "given_back": -2401}), ("card", {})])
def test_what_a_case_decided_to_give_back_is_given_back(town, owed, means, left):
    town.give_back(2401, decision=owed, means=Refund.Means(means))
    assert town.balances() == {"receivable": 2400, "product": -2400, **left}
    with pytest.raises(ActRefusedError, match="Il n’y a rien à rendre"):
        town.propose_refund(1, decision=owed)
    assert broken() == {}


def test_two_proposals_for_one_sum_do_not_both_count(town, owed):
    first, second = (town.propose_refund(2000, decision=owed, reference=one) for one in ("V-1", "V-2"))
    town.confirm(first)
    with pytest.raises(ActRefusedError, match="Il ne reste plus assez à rendre"):
        town.confirm(second)


def test_credit_used_meanwhile_is_not_given_back(town, twice):
    act = town.propose_refund(2400)
    town.use(make_invoice(town.scene.household, town.scene.regie, cents=1000))
    with pytest.raises(ActRefusedError, match="Il ne reste plus assez à rendre"):
        town.confirm(act)
    assert credit_of(town) == 1400


@pytest.mark.parametrize("cents", [0, 2401])
def test_no_more_is_given_back_than_what_is_owed(town, twice, cents):
    with pytest.raises(ActRefusedError, match="entre 0,01\u202f€ et 24,00\u202f€") as refusal:
        town.propose_refund(cents)
    assert refusal.value.field == "amount"


def test_no_more_is_credited_to_a_card_than_it_paid(town, twice):
    town.take_back(twice[0], amount_cents=2000)
    with pytest.raises(ActRefusedError, match="entre 0,01\u202f€ et 4,00\u202f€"):
        town.propose_refund(500, capture=twice[0], means=Refund.Means.CARD)


def test_cash_is_given_back_only_if_the_act_names_it(town, twice):
    AllowedMeans.objects.filter(means="cash").delete()
    with pytest.raises(ActRefusedError, match="L’acte de cette régie ne nomme pas les espèces") as refusal:
        town.propose_refund(100, means=Refund.Means.CASH)
    assert refusal.value.field == "means"


def test_a_card_is_credited_only_for_a_known_payment(town, twice):
    with pytest.raises(ActRefusedError, match="ouvrez la page du paiement"):
        town.propose_refund(100, means=Refund.Means.CARD)


def test_a_payment_of_another_family_gives_nothing_back(town, twice):
    with pytest.raises(ActRefusedError, match="n’est pas de cette famille"):
        town.propose_refund(100, household=make_household(), capture=twice[1])


def test_a_sum_that_nobody_decided_to_give_back_is_not(town, owed):
    CaseDecision.objects.filter(id=owed.id).update(confirmed_at=None, confirmed_by=None)
    owed.refresh_from_db()
    with pytest.raises(ActRefusedError, match="Personne n’a décidé"):
        town.propose_refund(100, decision=owed)


def test_nobody_is_written_to_who_has_no_address(town, twice):
    town.scene.household.guardians.update(email="", user=None)
    town.give_back(100)
    assert not OutgoingMail.objects.filter(kind="refund").exists()


# A paid service


def test_a_paid_service_is_credited_then_used_or_given_back(town):
    town.pay(town.scene.invoice)
    act = town.credit(town.scene.invoice, 1000)
    assert (act.note.number, act.note.label, act.note.invoice) == ("AVP-2026-00001", "Sortie annulée", None)
    assert (credit_of(town), left_on(town.scene.invoice)) == (1000, [0])
    assert letter("credit_note").subject == "Un avoir pour vous : 10,00 €"
    town.use(make_invoice(town.scene.household, town.scene.regie, cents=600))
    town.give_back(400)
    assert town.credit(town.scene.invoice, 1400).note.number == "AVP-2026-00002"
    assert (credit_of(town), broken()) == (1400, {})


def test_no_more_is_credited_than_what_was_paid(town):
    town.pay(town.scene.invoice)
    town.credit(town.scene.invoice, 1000)
    with pytest.raises(ActRefusedError, match="entre 0,01\u202f€ et 14,00\u202f€") as refusal:
        town.propose_credit_note(town.scene.invoice, 1401)
    assert refusal.value.field == "amount"


def test_an_invoice_that_nobody_paid_has_no_credit(town):
    with pytest.raises(ActRefusedError, match="Rien de cette facture n’est payé"):
        town.propose_credit_note(town.scene.invoice, 1)


def test_a_payment_taken_back_meanwhile_stops_a_credit_note(town):
    capture = town.pay(town.scene.invoice)
    act = town.propose_credit_note(town.scene.invoice, 2400)
    town.take_back(capture)
    with pytest.raises(ActRefusedError, match="n’est plus payée d’autant"):
        town.confirm(act)
    assert not CreditNote.objects.exists()


def test_the_same_form_sent_twice_proposes_once(town, twice):
    """U7: a double click, a page sent again."""
    town.propose_refund(100)
    with pytest.raises(CaseDecidedError, match="Ce remboursement attend déjà sa réponse"):
        town.propose_refund(100)
    town.propose_credit_note(town.scene.invoice, 100)
    with pytest.raises(CaseDecidedError, match="Cet avoir attend déjà sa réponse"):
        town.propose_credit_note(town.scene.invoice, 100)


# Two people

PROPOSALS = {
    "reversal": lambda town, **by: town.propose_reversal(Capture.objects.latest("id"), **by),
    "refund": lambda town, **by: town.propose_refund(100, **by),
    "credit note": lambda town, **by: town.propose_credit_note(town.scene.invoice, 100, **by),
}


@pytest.fixture(params=PROPOSALS)
def proposal(request):
    return PROPOSALS[request.param]


def test_nobody_answers_their_own_proposal(town, twice, proposal):
    act = proposal(town)
    for answer in (
        lambda: confirm_act(act_id=act.public_id, user=town.nadege, by=AGENT),
        lambda: send_back_act(act_id=act.public_id, reason=WHY, user=town.nadege, by=AGENT),
    ):
        with pytest.raises(SamePersonError, match="Une autre personne de la régie"):
            answer()
    assert act_named(act.public_id).is_waiting


def test_somebody_of_another_regie_neither_proposes_nor_answers(town, twice, proposal):
    stranger = make_user()
    with pytest.raises(NotOfRegieError):
        proposal(town, user=stranger)
    act = proposal(town)
    with pytest.raises(NotOfRegieError):
        confirm_act(act_id=act.public_id, user=stranger, by=AGENT)


def test_a_proposal_explains_itself(town, twice, proposal):
    with pytest.raises(ReasonTooShortError):
        proposal(town, reason="trop court"[:9])


def test_a_proposal_sent_back_moves_nothing_and_is_kept(town, twice, proposal):
    before = town.balances()
    act = proposal(town)
    with pytest.raises(ReasonTooShortError):
        send_back_act(act_id=act.public_id, reason="non", user=town.omar, by=AGENT)
    send_back_act(act_id=act.public_id, reason="La banque dit autre chose.", user=town.omar, by=AGENT)
    act.refresh_from_db()
    assert (act.refused_by, act.refusal_reason, act.confirmed_at) == (town.omar, "La banque dit autre chose.", None)
    assert town.balances() == before
    with pytest.raises(CaseDecidedError, match="a déjà reçu sa réponse"):
        town.confirm(act)
    assert broken() == {}


def test_what_waits_is_listed_for_the_regies_of_an_agent(town, twice):
    acts = [make(town) for make in PROPOSALS.values()]
    assert acts_waiting([town.scene.regie.id]) == acts
    assert acts_waiting([make_regie().id]) == []
    assert [count_to_answer([town.scene.regie.id], user=who) for who in (town.nadege, town.omar)] == [0, 3]
    town.confirm(acts[1])
    assert acts_waiting([town.scene.regie.id]) == [acts[0], acts[2]]


def test_an_act_that_nobody_proposed_is_not_found():
    with pytest.raises(ObjectDoesNotExist):
        act_named("nowhere")
