"""Taking over a bank's statement: what is refused whole, what is kept, what each line does."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from preau.domain.payments.errors import StatementRefusedError
from preau.domain.payments.gateway import StatementKind
from preau.domain.payments.models import (
    BankStatement,
    Capture,
    Evidence,
    PaymentAttempt,
    Receipt,
    ReviewCase,
    StatementEntry,
)
from preau.domain.payments.queries.cases import suspended_by_attempt
from preau.domain.payments.services.statements import treat
from preau.domain.payments.services.sweep import ask
from preau.domain.payments.states import AttemptState, Origin
from preau.domain.payments.tests.statements import file_of, line_of, take
from preau.domain.payments.tests.truths import broken
from preau.domain.regies.models import GatewayContract
from preau.foundation import clock
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.audit.models import AuditEvent
from preau.foundation.files.models import StoredFile
from preau.foundation.files.services import read
from preau.foundation.mail.models import OutgoingMail
from tests.support.factories import NOON, make_contract, make_invoice, make_regie

pytestmark = pytest.mark.django_db

DAY = date(2026, 10, 8)


@pytest.fixture(autouse=True)
def _later(scene):
    """Two hours after everything below."""
    with clock.frozen(NOON + timedelta(hours=2)):
        yield


@pytest.fixture
def attempt(scene, bank) -> PaymentAttempt:
    """Its questions are over."""
    with clock.frozen(NOON):
        sent = scene.send()
    PaymentAttempt.objects.update(next_check_at=None)
    return sent


def act(attempt, bank, *lines, **values) -> PaymentAttempt:
    """Import a statement, let its lines act."""
    take(bank, *lines, **values)
    treat(attempt.contract, by=SYSTEM)
    attempt.refresh_from_db()
    return attempt


def refusals(bank, *lines, **values) -> list[tuple[int, str]]:
    with pytest.raises(StatementRefusedError) as refused:
        take(bank, *lines, **values)
    assert not StatementEntry.objects.exists()
    return refused.value.faults


# What is kept


def test_a_statement_is_kept_as_it_came_with_its_lines_and_its_days(attempt, bank, scene):
    content = file_of(bank, line_of(attempt))
    statement = take(bank, line_of(attempt), user=scene.user)
    assert read(statement.file) == content
    assert (statement.first_day, statement.last_day, statement.lines) == (DAY, DAY, 1)
    assert (statement.imported_at, statement.imported_by) == (NOON + timedelta(hours=2), scene.user)
    assert list(statement.contracts.all()) == [attempt.contract]
    entry = StatementEntry.objects.get()
    assert (entry.line, entry.attempt, entry.day, entry.handled_at) == (2, attempt, DAY, None)
    event = AuditEvent.objects.latest("sequence")
    assert (event.action, event.subject) == ("statement.imported", statement.public_id)


def test_an_operation_listed_by_two_statements_counts_once(attempt, bank):
    take(bank, line_of(attempt))
    take(bank, replace(line_of(attempt), number=7), salt="again")
    assert BankStatement.objects.count() == 2
    assert StatementEntry.objects.get().line == 2


def test_the_same_file_is_refused_with_the_day_it_came(attempt, bank):
    take(bank, line_of(attempt))
    with pytest.raises(StatementRefusedError) as refused:
        take(bank, line_of(attempt))
    told = "Ce fichier a déjà été importé le 8\u00a0octobre 2026 à 17\u202fh\u202f35."
    assert refused.value.faults == [(0, told)]
    assert StoredFile.objects.count() == 1


def test_two_people_who_import_the_same_file_at_once_keep_it_once(attempt, bank, monkeypatch):
    """The second one takes it between the look and the writing of the first."""
    reads = bank.read_statement

    def slowly(content):
        monkeypatch.setattr(bank, "read_statement", reads)
        take(bank, line_of(attempt))
        return reads(content)

    monkeypatch.setattr(bank, "read_statement", slowly)
    with pytest.raises(StatementRefusedError) as refused:
        take(bank, line_of(attempt))
    assert "a déjà été importé" in refused.value.faults[0][1]
    assert (BankStatement.objects.count(), StoredFile.objects.count()) == (1, 1)
    assert read(BankStatement.objects.get().file)


def test_a_day_without_payment_covers_the_only_contract(scene, bank):
    statement = take(bank, first_day=DAY, last_day=DAY)
    assert (list(statement.contracts.all()), statement.lines) == ([scene.regie.contracts.get()], 0)
    take(bank, first_day=DAY, last_day=DAY)
    assert BankStatement.objects.count() == 2


def test_a_payment_counts_on_the_day_of_the_town_where_it_was_made(attempt, bank):
    """In Paris it is already the ninth at 22 h 30 UTC."""
    with clock.frozen(NOON + timedelta(days=1)):
        take(bank, line_of(attempt, occurred_at=NOON + timedelta(hours=9)))
    assert StatementEntry.objects.get().day == date(2026, 10, 9)


def test_a_contract_opened_again_with_the_same_number_takes_the_strangers(attempt, bank, scene):
    contract = attempt.contract
    GatewayContract.objects.filter(id=contract.id).update(closed_on=DAY)
    again = make_contract(scene.regie, merchant=contract.merchant)
    take(bank, line_of(attempt), line_of(attempt, number=3, reference="AILLEURS"))
    assert list(StatementEntry.objects.values_list("contract", flat=True)) == [contract.id, again.id]


# What is refused, whole


def test_every_fault_of_the_bank_file_is_told(attempt, bank):
    bank.refused_statements[b"x"] = [(3, "colonne « montant » : case vide"), (4, "autre chose")]
    assert refusals(bank, content=b"x") == bank.refused_statements[b"x"]


def test_a_line_of_somebody_elses_contract_refuses_the_file(attempt, bank):
    stranger = line_of(attempt, number=3, merchant="999999")
    assert refusals(bank, line_of(attempt), stranger) == [
        (3, "aucun de vos contrats n’a le numéro «\u202f999999\u202f»")
    ]
    assert not StoredFile.objects.exists()


def test_a_line_of_a_contract_that_is_not_among_ours_refuses_the_file(attempt, bank):
    other = make_regie()
    assert refusals(bank, line_of(attempt), among=list(other.contracts.all())) == [
        (2, f"aucun de vos contrats n’a le numéro «\u202f{attempt.merchant}\u202f»")
    ]


def test_an_operation_of_the_future_refuses_the_file(attempt, bank):
    late = line_of(attempt, occurred_at=clock.now() + timedelta(seconds=1))
    assert refusals(bank, late) == [(2, "cette opération est datée dans le futur")]


def test_a_line_out_of_the_days_that_were_typed_refuses_the_file(attempt, bank):
    told = "du 9\u00a0octobre 2026 au 10\u00a0octobre 2026"
    with clock.frozen(NOON + timedelta(days=3)):
        assert refusals(bank, line_of(attempt), first_day=date(2026, 10, 9), last_day=date(2026, 10, 10)) == [
            (2, f"cette opération du 8\u00a0octobre 2026 est hors des jours annoncés, {told}"),
        ]


@pytest.mark.parametrize(
    ("first", "last"),
    [(DAY, date(2026, 10, 7)), (DAY, date(2026, 10, 9)), (date(2026, 7, 8), DAY)],
)
def test_days_that_make_no_sense_are_refused(attempt, bank, first, last):
    told = "Les jours du relevé doivent se suivre, sur 92 jours au plus, jusqu’à aujourd’hui."
    assert refusals(bank, line_of(attempt), first_day=first, last_day=last) == [(0, told)]


def test_an_empty_statement_must_say_its_days_and_its_regie(scene, bank):
    days = "Ce relevé ne contient aucune opération\u202f: dites de quel jour à quel jour il va."
    assert refusals(bank) == [(0, days)]
    make_regie()
    regie = "Ce relevé ne contient aucune opération\u202f: dites de quelle régie il est."
    assert refusals(bank, first_day=DAY, last_day=DAY) == [(0, regie)]


def test_a_file_of_another_contract_than_the_one_named_is_refused(attempt, bank):
    other = make_regie().contracts.get()
    told = "Ce relevé ne liste aucune opération du contrat choisi\u202f: vérifiez le contrat ou le fichier."
    assert refusals(bank, line_of(attempt), covering=[other]) == [(0, told)]
    assert list(take(bank, line_of(attempt), covering=[attempt.contract]).contracts.all()) == [attempt.contract]
    empty = take(bank, covering=[other], first_day=DAY, last_day=DAY)
    assert list(empty.contracts.all()) == [other]


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "Ce fichier est vide."), (b"x" * 10_000_001, "Ce fichier dépasse 10\u202fMo\u202f: découpez-le.")],
)
def test_a_file_of_no_reasonable_size_is_refused(scene, bank, content, told):
    assert refusals(bank, content=content) == [(0, told)]


# What a line does


@pytest.mark.parametrize("state", ["sent", "unknown", "declared", "refused", "abandoned", "expired"])
def test_what_the_bank_lists_is_captured_from_wherever_it_stands(attempt, bank, scene, state):
    ended = NOON if state in {"refused", "abandoned", "expired"} else None
    PaymentAttempt.objects.filter(id=attempt.id).update(state=state, ended_at=ended)
    assert act(attempt, bank, line_of(attempt)).state == AttemptState.CAPTURED
    capture, receipt = Capture.objects.get(), Receipt.objects.get()
    assert (capture.evidence.origin, capture.paid_at) == (Origin.STATEMENT, NOON + timedelta(minutes=1))
    assert OutgoingMail.objects.filter(kind="receipt", subject_key=receipt.code).count() == 1
    assert StatementEntry.objects.get().handled_at == clock.now()
    scene.invoice.refresh_from_db()
    assert scene.invoice.left_cents == 0


def test_what_was_already_captured_is_confirmed_and_nothing_else(attempt, bank):
    bank.pay(attempt.gateway_reference)
    ask(attempt, origin=Origin.SWEEP, timeout=1)
    act(attempt, bank, line_of(attempt))
    assert Capture.objects.count() == Receipt.objects.count() == 1
    assert Evidence.objects.filter(origin=Origin.STATEMENT).count() == 1
    assert not ReviewCase.objects.exists()


def test_lines_act_once(attempt, bank):
    act(attempt, bank, line_of(attempt), line_of(attempt, number=3, reference="AILLEURS"))
    assert treat(attempt.contract, by=SYSTEM) == 0
    act(attempt, bank, line_of(attempt), line_of(attempt, number=3, reference="AILLEURS"), salt="again")
    assert (Evidence.objects.count(), ReviewCase.objects.count()) == (1, 1)


def test_a_line_in_trouble_keeps_no_other_waiting_and_acts_later(attempt, bank, scene, monkeypatch, caplog):
    with clock.frozen(NOON):
        other = scene.send(make_invoice(scene.household, scene.regie, cents=1000))
    take(bank, line_of(attempt, reference="AILLEURS"), line_of(other, number=3))
    with monkeypatch.context() as broken_mail:
        broken_mail.setattr("preau.domain.payments.services.cases.queue", None)
        assert treat(attempt.contract, by=SYSTEM) == 1
    assert "line 2 of the statement" in caplog.text
    assert treat(attempt.contract, by=SYSTEM) == 1
    assert ReviewCase.objects.get().subject == "AUTO01 AILLEURS"


@pytest.mark.parametrize(
    ("changes", "kind", "suspended"),
    [
        ({"amount_cents": 2401}, "contradiction", True),
        ({"currency": "USD"}, "contradiction", False),
        ({"mode": "production"}, "contradiction", False),
    ],
)
def test_what_differs_from_what_was_asked_is_a_case_and_keeps_the_invoice(attempt, bank, changes, kind, suspended):
    assert act(attempt, bank, line_of(attempt, **changes)).state == AttemptState.ANOMALY
    assert ReviewCase.objects.get().kind == kind
    assert attempt.lines.get().is_open
    assert broken() == {}
    assert bool(suspended_by_attempt([attempt.id])[attempt.id]) is suspended


def test_a_payment_on_another_contract_settles_nothing(attempt, bank):
    other = make_regie().contracts.get()
    assert act(attempt, bank, line_of(attempt, merchant=other.merchant)).state == AttemptState.SENT
    treat(other, by=SYSTEM)
    attempt.refresh_from_db()
    assert (attempt.state, ReviewCase.objects.get().regie) == (AttemptState.ANOMALY, attempt.regie)


def test_another_amount_for_a_captured_transaction_is_a_case_of_its_own(attempt, bank):
    bank.pay(attempt.gateway_reference)
    ask(attempt, origin=Origin.SWEEP, timeout=1)
    act(attempt, bank, line_of(attempt, amount_cents=2399))
    case = ReviewCase.objects.get()
    assert (case.kind, case.detail) == ("amount_gap", "relevé\u202f: 23,99\u202f€, portail\u202f: 24,00\u202f€")


def test_a_second_payment_of_a_captured_attempt_is_a_case_and_in_suspense(attempt, bank):
    act(attempt, bank, line_of(attempt), line_of(attempt, number=3, transaction_reference="AUTO02"))
    assert ReviewCase.objects.get().kind == "double_capture"
    assert broken() == {}


@pytest.mark.parametrize(
    ("line", "kind"),
    [(StatementKind.PAYMENT, "paid_elsewhere"), (StatementKind.REFUND, "refund_at_bank")],
)
def test_an_operation_of_nobody_is_a_case_named_as_the_bank_names_it(attempt, bank, line, kind):
    act(attempt, bank, line_of(attempt, kind=line, reference="AILLEURS"))
    case = ReviewCase.objects.get()
    assert (case.kind, case.attempt, case.subject, case.regie) == (kind, None, "AUTO01 AILLEURS", attempt.regie)
    told = f"24,00\u202f€ le 8\u00a0octobre 2026, référence «\u202fAILLEURS\u202f», contrat {attempt.merchant}"
    assert case.detail == told


@pytest.mark.parametrize(
    "changes", [{"mode": "production"}, {"currency": "USD"}, {"kind": StatementKind.UNPAID}], ids=str
)
def test_trials_and_failures_of_others_concern_nobody(attempt, bank, changes):
    act(attempt, bank, line_of(attempt, reference="AILLEURS", **changes))
    assert not ReviewCase.objects.exists()


@pytest.mark.parametrize("line", [StatementKind.REFUND, StatementKind.UNPAID])
def test_money_that_goes_back_is_a_case_and_undoes_nothing(attempt, bank, line):
    back = line_of(attempt, number=3, kind=line, transaction_reference="BACK1")
    assert act(attempt, bank, line_of(attempt), back).state == AttemptState.CAPTURED
    case = ReviewCase.objects.get()
    assert (case.kind, case.attempt) == ("refund_at_bank", attempt)
    assert Capture.objects.count() == 1


def test_an_operation_that_failed_before_any_capture_only_ends(attempt, bank):
    assert act(attempt, bank, line_of(attempt, kind=StatementKind.UNPAID)).state == AttemptState.ABANDONED
    assert not ReviewCase.objects.exists()
