"""What the database refuses about what follows a payment, whoever writes."""

import pytest

from preau.domain.billing.models import CreditNote
from preau.domain.billing.services import record_credit_note
from preau.domain.payments.models import CreditNoteProposal, CreditUse, Refund, Reversal, ReversalPart
from preau.domain.payments.tests.aftermath import Town, town_of
from tests.support.factories import NOON, make_contract, make_invoice, make_regie, make_user
from tests.support.refusals import refused_by, refused_frozen, refused_whole, refused_with, save_again

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(scene, bank) -> Town:
    return town_of(scene, bank)


@pytest.fixture
def capture(town):
    return town.pay_twice(town.scene.invoice)[1]


@pytest.fixture
def reversal(town, capture) -> Reversal:
    return town.propose_reversal(capture)


@pytest.fixture
def refund(town, capture) -> Refund:
    return town.propose_refund(1000, capture=capture, means=Refund.Means.CARD)


@pytest.fixture
def proposal(town, capture) -> CreditNoteProposal:
    return town.propose_credit_note(town.scene.invoice, 1000)


@pytest.fixture
def use(town, capture) -> CreditUse:
    return town.use(make_invoice(town.scene.household, town.scene.regie, cents=1000))


@pytest.fixture
def part(town, capture, use) -> ReversalPart:
    """Of a surplus of 24,00 €: 10,00 € had been used, the rest was still credit."""
    return town.take_back(capture).parts.get(source="credit_use")


def answered_by(someone) -> dict[str, object]:
    return {"confirmed_by_id": someone.id, "confirmed_at": NOON}


def sent_back_by(someone) -> dict[str, object]:
    return {"refused_by_id": someone.id, "refused_at": NOON, "refusal_reason": "pas d’accord"}


ACTS = ["a_reversal", "a_refund", "a_credit_note_proposal"]
#: What is wrong, and the constraint that says so for each kind of act.
WRONG = {
    "confirmed by the same person": [
        "a_reversal_is_confirmed_by_another_person",
        "a_refund_is_confirmed_by_another_person",
        "a_credit_note_proposal_is_confirmed_by_another_person",
    ],
    "sent back by the same person": [
        "a_reversal_is_sent_back_by_another_person",
        "a_refund_is_sent_back_by_another_person",
        "a_credit_note_proposal_is_sent_back_by_another_person",
    ],
    "two answers": [
        "a_reversal_has_one_dated_answer_at_most",
        "a_refund_has_one_dated_answer_at_most",
        "a_credit_note_proposal_has_one_dated_answer_at_most",
    ],
    "a date and nobody": [
        "a_reversal_has_one_dated_answer_at_most",
        "a_refund_has_one_dated_answer_at_most",
        "a_credit_note_proposal_has_one_dated_answer_at_most",
    ],
    "no reason": [
        "a_reversal_gives_its_reason",
        "a_refund_gives_its_reason",
        "a_credit_note_proposal_gives_its_reason",
    ],
    "no sum": ["a_reversal_is_positive", "a_refund_is_positive", "a_credit_note_proposal_is_positive"],
}


@pytest.mark.parametrize("rank", range(3), ids=ACTS)
@pytest.mark.parametrize("wrong", WRONG)
def test_an_act_needs_two_people_a_reason_and_a_sum(town, reversal, refund, proposal, wrong, rank):
    act = (reversal, refund, proposal)[rank]
    changes = {
        "confirmed by the same person": answered_by(town.nadege),
        "sent back by the same person": sent_back_by(town.nadege),
        "two answers": {**answered_by(town.omar), **sent_back_by(town.omar)},
        "a date and nobody": {"confirmed_at": NOON},
        "no reason": {**sent_back_by(town.omar), "reason": ""},
        "no sum": {**sent_back_by(town.omar), "amount_cents": 0},
    }[wrong]
    if isinstance(act, CreditNoteProposal) and "confirmed_at" in changes:
        changes["note_id"] = _other_note(town).id
    with refused_by(WRONG[wrong][rank]):
        save_again(act, **changes)


def _other_note(town: Town) -> CreditNote:
    note = CreditNote(
        regie=town.scene.regie, household=town.scene.household, number="AV-9", label="Goûter",
        issued_on=NOON.date(), total_cents=100,
    )  # fmt: skip
    return record_credit_note(note=note)


def test_a_reversal_names_the_banks_notice(town, reversal):
    with refused_by("a_reversal_names_the_notice_of_the_bank"):
        save_again(reversal, notice="", **sent_back_by(town.omar))


def test_one_reversal_of_a_payment_waits(reversal):
    with refused_by("a_capture_has_one_reversal_waiting"):
        save_again(reversal)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"reference": ""}, "a_refund_names_its_reference"),
        ({"means": "transfer"}, "a_refund_leaves_a_contract_only_by_card"),
        ({"contract_id": None}, "a_refund_leaves_a_contract_only_by_card"),
        ({"capture_id": None}, "a_refund_by_card_names_a_payment_or_a_decision"),
    ],
)
def test_a_refund_that_makes_no_sense_is_refused(refund, changes, name):
    with refused_by(name):
        save_again(refund, **changes)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"label": ""}, "a_credit_note_proposal_has_its_wording"),
        ({"confirmed": True}, "a_credit_note_is_issued_iff_it_is_confirmed"),
    ],
)
def test_a_credit_note_asked_without_words_or_without_note_is_refused(town, proposal, changes, name):
    if changes.pop("confirmed", False):
        changes = answered_by(town.omar)
    with refused_by(name):
        save_again(proposal, **changes)


def test_credit_used_is_positive(use):
    with refused_by("credit_use_is_positive"):
        save_again(use, form_key="autre", amount_cents=0)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"amount_cents": 0}, "reversal_part_is_positive"),
        ({"source": "credit"}, "a_reversal_part_names_what_it_takes_back"),
        ({"source": "allocation", "credit_use_id": None}, "a_reversal_part_names_what_it_takes_back"),
        ({}, "a_reversal_takes_a_credit_use_back_once"),
        ({"source": "credit", "credit_use_id": None}, "a_reversal_takes_back_credit_once"),
    ],
)
def test_a_part_names_what_it_takes_back_once(part, changes, name):
    with refused_by(name):
        save_again(part, **changes)


def test_an_allocation_is_taken_back_once_by_a_reversal(town, capture):
    first = town.take_back(capture.attempt.household.attempts.earliest("id").capture)
    with refused_by("a_reversal_takes_an_allocation_back_once"):
        save_again(first.parts.get())


def test_what_was_done_is_never_edited(use, part):
    refused_whole(use)
    refused_whole(part)


PROPOSED = {
    "regie_id": 0,
    "amount_cents": 1,
    "reason": "autre raison",
    "proposed_by_id": 0,
    "proposed_at": NOON.replace(year=2025),
}


def test_what_a_proposal_says_never_changes(town, reversal, refund, proposal):
    former = make_contract(town.scene.regie, closed_on=NOON.date()).id
    other = make_invoice(town.scene.household, town.scene.regie).id
    day = {"noticed_on": NOON.date().replace(year=2025)}
    refused_frozen(reversal, {**PROPOSED, **day, "capture_id": 0, "kind": "bounced_debit", "notice": "autre"})
    refused_frozen(
        refund,
        {**PROPOSED, "household_id": 0, "decision_id": 0, "capture_id": 0, "contract_id": former, "means": "cash",
         "reference": "autre"},
    )  # fmt: skip
    refused_frozen(proposal, {**PROPOSED, "household_id": 0, "invoice_id": other, "label": "autre"})


@pytest.mark.parametrize("rank", range(3))
def test_an_invoice_or_a_contract_of_another_regie_is_refused(town, use, refund, proposal, rank):
    elsewhere = make_regie(contract=False)
    strange = {"invoice_id": make_invoice(town.scene.household, elsewhere).id}
    row, table, changes = (
        (use, "payments_credituse", {**strange, "form_key": "autre"}),
        (proposal, "payments_creditnoteproposal", strange),
        (refund, "payments_refund", {"contract_id": make_contract(elsewhere).id}),
    )[rank]
    with refused_with(f"{table}.(contract|invoice)_id(_same_regie_id| belongs to another regie_id)"):
        save_again(row, **changes)


def test_a_form_uses_credit_once(use):
    with refused_with("form_key"):
        save_again(use, used_by_id=make_user().id)
