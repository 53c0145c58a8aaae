"""Two people decide a case: what each outcome does to the money, the attempt and the family, and each refusal."""

from datetime import timedelta

import pytest

from preau.domain.ledger.models import LedgerEntry
from preau.domain.ledger.queries import household_credit_cents
from preau.domain.payments.errors import (
    CaseDecidedError,
    NotOfRegieError,
    OutcomeRefusedError,
    ReasonTooShortError,
    SamePersonError,
)
from preau.domain.payments.models import AttemptLine, Capture, CaseDecision, FamilyCredit, Receipt, ReviewCase
from preau.domain.payments.outcomes import Outcome, Standing, compare, possible_outcomes
from preau.domain.payments.queries.cases import (
    CaseFilters,
    CaseState,
    case_sheet,
    listed_cases,
    open_count,
    open_counts,
    said_by,
    suspended_by_attempt,
)
from preau.domain.payments.services.cases import open_case, open_case_about
from preau.domain.payments.services.decisions import confirm, propose, send_back
from preau.domain.payments.services.settlement import Settled
from preau.domain.payments.services.sweep import ask
from preau.domain.payments.states import AttemptState, Origin
from preau.domain.payments.tests.truths import broken
from preau.domain.regies.models import RegieMember
from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.models import AuditEvent
from preau.foundation.mail.models import OutgoingMail
from tests.support.factories import NOON, make_household, make_invoice, make_regie, make_user
from tests.support.refusals import again, refused_by, refused_frozen, refused_with, save_again

pytestmark = pytest.mark.django_db

AGENT = Actor(kind="agent", key="agent")
WHY = "Relevé de la DGFiP du 8 octobre : 24,01 € reçus."


def make_agent(*regies, post=RegieMember.Post.MANDATAIRE):
    user = make_user()
    for regie in regies:
        RegieMember.objects.create(regie=regie, user=user, post=post)
    return user


@pytest.fixture
def nadege(scene):
    return make_agent(scene.regie, post=RegieMember.Post.REGISSEUR)


@pytest.fixture
def omar(scene):
    return make_agent(scene.regie)


def tell(scene, bank, attempt, **values) -> Settled:
    bank.pay(attempt.gateway_reference, **values)
    said = ask(attempt, origin=Origin.SWEEP, timeout=1)
    attempt.refresh_from_db()
    return said


@pytest.fixture
def doubtful(scene, bank):
    """2 401 cents announced for 2 400 asked: in suspense."""
    attempt = scene.send()
    assert tell(scene, bank, attempt, amount_cents=2401, transaction="T1") == Settled.CONTRADICTED
    return attempt


@pytest.fixture
def astray(scene, bank):
    """Paid to another merchant: nothing moved here."""
    attempt = scene.send()
    tell(scene, bank, attempt, merchant="999999")
    return attempt


def the_case(kind=ReviewCase.Kind.CONTRADICTION) -> ReviewCase:
    return ReviewCase.objects.get(kind=kind)


def decide(outcome, first, second, *, case=None) -> CaseDecision:
    case = case or the_case()
    decision = propose(case_id=case.public_id, outcome=outcome, reason=WHY, user=first, by=AGENT)
    confirm(decision_id=decision.public_id, user=second, by=AGENT)
    decision.refresh_from_db()
    return decision


def balances(scene) -> dict[str, int]:
    """Cents by kind of account, zero ones left out."""
    sums: dict[str, int] = {}
    for kind, cents in LedgerEntry.objects.values_list("account__kind", "amount_cents"):
        sums[kind] = sums.get(kind, 0) + cents
    return {kind: cents for kind, cents in sums.items() if cents}


def letters() -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(kind="case_decided"))


# What each outcome does


def test_a_sum_goes_to_the_familys_credit_and_its_invoices_are_free(scene, doubtful, nadege, omar):
    assert balances(scene) == {"receivable": 2400, "product": -2400, "clearing": 2401, "suspense": -2401}
    decision = decide(Outcome.CREDIT, nadege, omar)
    assert (decision.proposed_by, decision.confirmed_by, decision.confirmed_at) == (nadege, omar, NOON)
    assert balances(scene) == {"receivable": 2400, "product": -2400, "clearing": 2401, "family_credit": -2401}
    credit = FamilyCredit.objects.get()
    assert (credit.capture, credit.decision, credit.amount_cents) == (None, decision, 2401)
    assert household_credit_cents(scene.household) == {scene.regie.id: 2401}
    doubtful.refresh_from_db()
    assert (doubtful.state, doubtful.events.last().name) == (AttemptState.CLOSED, "closed_by_regie")
    assert not AttemptLine.objects.filter(is_open=True).exists()
    assert the_case().closed_at == NOON
    letter = letters()[0]
    assert letter.recipient == "parent@example.org"
    assert letter.subject == "Votre paiement du 8 octobre 2026 a été examiné"
    assert "la banque nous avait annoncé autre chose que ce qui était demandé" in letter.text
    assert "24,01\u202f€ sont maintenant à votre avoir" in letter.text
    assert f"Vous pouvez de nouveau payer en ligne\u202f: {scene.invoice.number}." in letter.text
    assert list(AuditEvent.objects.filter(action__startswith="case.").values_list("action", "actor_kind")) == [
        ("case.proposed", "agent"),
        ("case.confirmed", "agent"),
    ]
    assert broken() == {}


def test_a_sum_to_give_back_waits_on_its_account(scene, doubtful, nadege, omar):
    decide(Outcome.REFUND, nadege, omar)
    assert balances(scene) == {"receivable": 2400, "product": -2400, "clearing": 2401, "refund_due": -2401}
    assert not FamilyCredit.objects.exists()
    assert "24,01\u202f€ vous seront rendus" in letters()[0].text
    assert broken() == {}


def test_money_that_never_moved_frees_the_invoices(scene, astray, nadege, omar):
    decide(Outcome.NOTHING_MOVED, nadege, omar)
    astray.refresh_from_db()
    assert astray.state == AttemptState.CLOSED
    assert balances(scene) == {"receivable": 2400, "product": -2400}
    assert "La régie n’a reçu aucune somme" in letters()[0].text
    assert broken() == {}


def test_what_the_bank_sets_right_is_accepted_as_any_payment(scene, bank, doubtful, nadege, omar):
    """The bank first announced another amount of the same transaction."""
    assert tell(scene, bank, doubtful, amount_cents=2400, transaction="T1") == Settled.DUPLICATE
    decide(Outcome.ACCEPT, nadege, omar)
    doubtful.refresh_from_db()
    scene.invoice.refresh_from_db()
    assert (doubtful.state, doubtful.events.last().name) == (AttemptState.CAPTURED, "accepted_by_regie")
    assert (scene.invoice.left_cents, Capture.objects.get().amount_cents) == (0, 2400)
    assert balances(scene) == {"product": -2400, "clearing": 2400}
    assert Receipt.objects.count() == 1
    assert letters() == []
    assert broken() == {}


def test_another_transaction_in_suspense_forbids_to_accept(scene, bank, doubtful):
    tell(scene, bank, doubtful, amount_cents=2400, transaction="T2")
    assert suspended_by_attempt([doubtful.id]) == {doubtful.id: 4801}
    assert case_sheet([scene.regie.id], public_id=the_case().public_id).possible == (Outcome.CREDIT, Outcome.REFUND)


def test_a_second_payment_of_a_captured_operation_becomes_a_credit(scene, bank, nadege, omar):
    attempt = scene.send()
    tell(scene, bank, attempt, transaction="T1")
    assert tell(scene, bank, attempt, transaction="T2") == Settled.CONTRADICTED
    decide(Outcome.CREDIT, nadege, omar, case=the_case(ReviewCase.Kind.DOUBLE_CAPTURE))
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.CAPTURED
    assert household_credit_cents(scene.household) == {scene.regie.id: 2400}
    assert "la banque nous avait annoncé un second paiement" in letters()[0].text
    assert "de nouveau payer" not in letters()[0].text
    assert broken() == {}


def test_news_of_a_sum_already_given_back_change_nothing(scene, bank, doubtful, nadege, omar):
    decide(Outcome.REFUND, nadege, omar)
    assert tell(scene, bank, doubtful, amount_cents=2401, transaction="T1") == Settled.DUPLICATE
    assert suspended_by_attempt([doubtful.id])[doubtful.id] == 0
    assert broken() == {}


def test_a_silence_is_only_seen(scene, nadege, omar):
    attempt = scene.send()
    open_case(kind=ReviewCase.Kind.LONG_SILENCE, attempt=attempt, detail="sept jours")
    decide(Outcome.SEEN, nadege, omar, case=the_case(ReviewCase.Kind.LONG_SILENCE))
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.SENT
    assert letters() == []
    assert broken() == {}


def test_a_case_about_the_bank_alone_is_only_seen(scene, nadege, omar):
    open_case_about(kind=ReviewCase.Kind.PAID_ELSEWHERE, regie=scene.regie, subject="BK-77", detail="12,00 € inconnus")
    case = ReviewCase.objects.get()
    assert (str(case), case.attempt) == ("La banque annonce un paiement que le portail ne connaît pas – BK-77", None)
    mail = OutgoingMail.objects.get(kind="review_case")
    assert f"http://testserver/bureau/dossiers/{case.public_id}/" in mail.text
    decide(Outcome.SEEN, nadege, omar, case=case)
    assert broken() == {}


def test_a_decision_sent_back_moves_nothing_and_leaves_room_for_another(scene, doubtful, nadege, omar):
    first = propose(case_id=the_case().public_id, outcome=Outcome.REFUND, reason=WHY, user=nadege, by=AGENT)
    send_back(decision_id=first.public_id, reason="La famille préfère un avoir.", user=omar, by=AGENT)
    first.refresh_from_db()
    assert (first.refused_by, first.refused_at, first.refusal_reason) == (omar, NOON, "La famille préfère un avoir.")
    assert balances(scene)["suspense"] == -2401
    decide(Outcome.CREDIT, omar, nadege)
    assert CaseDecision.objects.count() == 2
    assert broken() == {}


# Refusals


def proposed(user, outcome=Outcome.CREDIT, *, case=None, reason=WHY) -> CaseDecision:
    case = case or the_case()
    return propose(case_id=case.public_id, outcome=outcome, reason=reason, user=user, by=AGENT)


def test_nobody_confirms_what_they_proposed(doubtful, nadege):
    decision = proposed(nadege)
    with pytest.raises(SamePersonError):
        confirm(decision_id=decision.public_id, user=nadege, by=AGENT)
    with pytest.raises(SamePersonError):
        send_back(decision_id=decision.public_id, reason=WHY, user=nadege, by=AGENT)
    assert the_case().closed_at is None


def test_an_agent_of_another_regie_decides_nothing_here(doubtful, nadege):
    stranger = make_agent(make_regie(label="Autre"))
    with pytest.raises(NotOfRegieError):
        proposed(stranger)
    decision = proposed(nadege)
    with pytest.raises(NotOfRegieError):
        confirm(decision_id=decision.public_id, user=stranger, by=AGENT)
    with pytest.raises(NotOfRegieError):
        send_back(decision_id=decision.public_id, reason=WHY, user=stranger, by=AGENT)


def test_a_post_that_was_taken_back_decides_no_more(doubtful, nadege, omar):
    decision = proposed(nadege)
    RegieMember.objects.filter(user=omar).delete()
    with pytest.raises(NotOfRegieError):
        confirm(decision_id=decision.public_id, user=omar, by=AGENT)


@pytest.mark.parametrize("outcome", [Outcome.NOTHING_MOVED, Outcome.ACCEPT, Outcome.SEEN])
def test_a_sum_in_suspense_must_go_somewhere(doubtful, nadege, outcome):
    with pytest.raises(OutcomeRefusedError):
        proposed(nadege, outcome)


@pytest.mark.parametrize("outcome", [Outcome.CREDIT, Outcome.REFUND, Outcome.ACCEPT, Outcome.SEEN])
def test_a_sum_that_never_came_goes_nowhere(astray, nadege, outcome):
    with pytest.raises(OutcomeRefusedError):
        proposed(nadege, outcome)


@pytest.mark.parametrize("reason", ["", "   ", "trop court", " court    !   "])
def test_a_reason_is_told_in_words(doubtful, nadege, omar, reason):
    words = reason if reason != "trop court" else "trop peu"
    with pytest.raises(ReasonTooShortError):
        proposed(nadege, reason=words)
    decision = proposed(nadege)
    with pytest.raises(ReasonTooShortError):
        send_back(decision_id=decision.public_id, reason=words, user=omar, by=AGENT)


def test_one_proposal_waits_at_a_time(doubtful, nadege, omar):
    proposed(nadege)
    with pytest.raises(CaseDecidedError):
        proposed(omar)


def test_a_closed_case_is_decided_no_more(doubtful, nadege, omar):
    decision = decide(Outcome.CREDIT, nadege, omar)
    with pytest.raises(CaseDecidedError):
        proposed(nadege)
    with pytest.raises(CaseDecidedError):
        confirm(decision_id=decision.public_id, user=omar, by=AGENT)
    with pytest.raises(CaseDecidedError):
        send_back(decision_id=decision.public_id, reason=WHY, user=omar, by=AGENT)
    assert LedgerEntry.objects.filter(account__kind="family_credit").count() == 1


def test_a_sum_that_grew_since_the_proposal_is_looked_at_again(scene, bank, doubtful, nadege, omar):
    decision = proposed(nadege)
    tell(scene, bank, doubtful, amount_cents=500, transaction="T2")
    with pytest.raises(OutcomeRefusedError):
        confirm(decision_id=decision.public_id, user=omar, by=AGENT)
    send_back(decision_id=decision.public_id, reason="Une autre somme est arrivée.", user=omar, by=AGENT)
    decide(Outcome.REFUND, nadege, omar)
    assert balances(scene)["refund_due"] == -2901
    assert broken() == {}


# Rules


DOUBT = Standing(holds_money=True, state=AttemptState.ANOMALY, suspended_cents=2401, as_asked=False)


@pytest.mark.parametrize(
    ("changes", "possible"),
    [
        ({}, [Outcome.CREDIT, Outcome.REFUND]),
        ({"as_asked": True}, [Outcome.ACCEPT, Outcome.CREDIT, Outcome.REFUND]),
        ({"suspended_cents": 0}, [Outcome.NOTHING_MOVED]),
        ({"suspended_cents": 0, "as_asked": True}, [Outcome.ACCEPT, Outcome.NOTHING_MOVED]),
        ({"state": AttemptState.CAPTURED, "as_asked": True}, [Outcome.CREDIT, Outcome.REFUND]),
        ({"state": AttemptState.CLOSED, "suspended_cents": 0}, [Outcome.SEEN]),
        ({"holds_money": False}, [Outcome.SEEN]),
        ({"holds_money": False, "as_asked": True}, [Outcome.SEEN]),
        ({"holds_money": False, "state": None, "suspended_cents": 0}, [Outcome.SEEN]),
    ],
)
def test_outcomes_fit_the_case(changes, possible):
    values = {name: getattr(DOUBT, name) for name in ("holds_money", "state", "suspended_cents", "as_asked")}
    assert possible_outcomes(Standing(**{**values, **changes})) == possible


def test_a_comparison_marks_what_differs(scene, doubtful):
    sheet = case_sheet([scene.regie.id], public_id=the_case().public_id)
    assert [point.name for point in sheet.points if point.differs] == ["Montant"]
    amount = sheet.points[0]
    assert (amount.asked, amount.said, amount.is_amount) == (2400, 2401, True)
    assert not compare(said_by(the_case().evidence), said_by(the_case().evidence))[0].differs


# Reads


def test_the_list_shows_open_cases_first_then_the_last_closed(scene, bank, doubtful, nadege, omar):
    with clock.frozen(NOON - timedelta(days=3)):
        open_case_about(kind=ReviewCase.Kind.REFUND_AT_BANK, regie=scene.regie, subject="R1", detail="rejet")
        open_case_about(kind=ReviewCase.Kind.UNCONFIRMED, regie=scene.regie, subject="U1", detail="trois jours")
    decide(Outcome.SEEN, nadege, omar, case=the_case(ReviewCase.Kind.UNCONFIRMED))
    proposed(nadege)
    open_case_about(kind=ReviewCase.Kind.REFUND_AT_BANK, regie=make_regie(), subject="R1", detail="d’une autre régie")
    rows = listed_cases([scene.regie.id], filters=CaseFilters(), page="").rows
    assert [(one.case.reference, one.state, one.days, one.amount_cents, one.suspended_cents) for one in rows] == [
        ("R1", CaseState.OPEN, 3, None, 0),
        (doubtful.reference, CaseState.WAITING, 0, 2400, 2401),
        ("U1", CaseState.CLOSED, 3, None, 0),
    ]
    assert (open_count([scene.regie.id]), open_counts([scene.regie.id])) == (2, {scene.regie.id: 2})


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"state": "a-decider"}, ["R1"]),
        ({"state": "a-confirmer"}, ["U1"]),
        ({"state": "clos"}, []),
        ({"state": "inconnu"}, []),
        ({"kind": "unconfirmed"}, ["U1"]),
        ({"kind": "inconnue"}, []),
        ({"regie": "mine"}, ["R1", "U1"]),
        ({"regie": "x" * 22}, []),
    ],
)
def test_the_list_keeps_what_is_asked(scene, nadege, filters, found):
    open_case_about(kind=ReviewCase.Kind.REFUND_AT_BANK, regie=scene.regie, subject="R1", detail="rejet")
    open_case_about(kind=ReviewCase.Kind.UNCONFIRMED, regie=scene.regie, subject="U1", detail="trois jours")
    proposed(nadege, Outcome.SEEN, case=the_case(ReviewCase.Kind.UNCONFIRMED))
    asked = {name: scene.regie.public_id if value == "mine" else value for name, value in filters.items()}
    rows = listed_cases([scene.regie.id], filters=CaseFilters(**asked), page="").rows
    assert [one.case.reference for one in rows] == found


def test_another_regies_case_is_not_found(scene, doubtful):
    with pytest.raises(ReviewCase.DoesNotExist):
        case_sheet([make_regie().id], public_id=the_case().public_id)


# What the database refuses


def test_a_case_is_about_an_attempt_or_a_subject(scene, doubtful):
    with refused_by("a_case_is_about_an_attempt_or_a_subject"):
        save_again(the_case(), kind="amount_gap", attempt_id=None)


def test_a_case_is_open_once_per_regie_kind_and_subject(scene):
    about = {"kind": ReviewCase.Kind.PAID_ELSEWHERE, "regie": scene.regie, "subject": "BK-77", "detail": "x"}
    open_case_about(**about)
    open_case_about(**about)
    case = ReviewCase.objects.get()
    with refused_by("a_case_is_open_once_per_regie_kind_and_subject"):
        save_again(case)


def test_a_case_without_a_subject_is_a_fault_and_not_a_repeat(scene):
    with refused_by("a_case_is_about_an_attempt_or_a_subject"):
        open_case_about(kind=ReviewCase.Kind.PAID_ELSEWHERE, regie=scene.regie, subject="", detail="x")


def test_a_case_stays_in_the_regie_of_its_attempt(doubtful):
    with refused_with("payments_reviewcase.attempt_id"):
        save_again(the_case(), kind="amount_gap", regie_id=make_regie().id)


def test_what_a_case_says_never_changes(doubtful):
    refused_frozen(
        the_case(),
        {
            "public_id": "x" * 22,
            "kind": "surplus",
            "subject": "x",
            "detail": "x",
            "evidence_id": None,
            "opened_at": NOON + timedelta(1),
        },
    )


def test_a_case_is_closed_by_two_people(doubtful, nadege):
    decision = proposed(nadege)
    with refused_by("a_case_is_closed_by_two_people"):
        CaseDecision.objects.filter(id=decision.id).update(confirmed_by=nadege, confirmed_at=NOON)


def test_a_decision_is_sent_back_by_another_person(doubtful, nadege):
    decision = proposed(nadege)
    with refused_by("a_decision_is_sent_back_by_another_person"):
        CaseDecision.objects.filter(id=decision.id).update(refused_by=nadege, refused_at=NOON, refusal_reason=WHY)


@pytest.mark.parametrize(
    "changes",
    [
        {"confirmed_at": NOON},
        {"confirmed_by": "omar"},
        {"refused_at": NOON},
        {"refused_by": "omar", "refused_at": NOON},
        {"refusal_reason": WHY},
        {"confirmed_by": "omar", "confirmed_at": NOON, "refused_by": "omar", "refused_at": NOON, "refusal_reason": WHY},
    ],
)
def test_a_decision_has_one_dated_answer_at_most(doubtful, nadege, omar, changes):
    decision = proposed(nadege)
    values = {name: omar if value == "omar" else value for name, value in changes.items()}
    with refused_by("a_decision_has_one_dated_answer_at_most"):
        CaseDecision.objects.filter(id=decision.id).update(**values)


def test_a_decision_gives_its_reason(doubtful, nadege):
    decision = proposed(nadege)
    with refused_by("a_decision_gives_its_reason"):
        save_again(decision, reason="", case_id=0)


def test_a_case_has_one_decision_standing(doubtful, nadege):
    decision = proposed(nadege)
    with refused_by("a_case_has_one_decision_standing"):
        save_again(decision)


def test_a_proposal_never_changes(doubtful, nadege, omar):
    refused_frozen(
        proposed(nadege),
        {
            "public_id": "x" * 22,
            "case_id": 0,
            "outcome": "refund",
            "reason": "autre chose",
            "amount_cents": 1,
            "proposed_by_id": omar.id,
            "proposed_at": NOON + timedelta(1),
        },
    )


@pytest.mark.parametrize("origins", [{"decision_id": None}, {"capture_id": 1}])
def test_a_family_credit_has_one_origin(doubtful, nadege, omar, origins):
    decide(Outcome.CREDIT, nadege, omar)
    credit = again(FamilyCredit.objects.get(), **origins)
    with refused_by("a_family_credit_has_one_origin"):
        credit.save(force_insert=True)


def test_a_credit_of_another_family_is_told(doubtful, nadege, omar, scene):
    """I13: the self-check also looks at the credits that decisions made."""
    decision = decide(Outcome.REFUND, nadege, omar)
    FamilyCredit.objects.create(
        decision=decision, household=make_household(), regie=scene.regie, amount_cents=2401, recorded_at=NOON
    )
    assert sorted(broken()) == ["I13", "I2"]
    assert make_invoice(scene.household, scene.regie).left_cents == 2400
