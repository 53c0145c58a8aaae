"""`preau reconcile`: what it says, and how it ends."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from preau.domain.payments.models import BankStatement, Reconciliation, ReviewCase
from preau.domain.payments.tests.conftest import Scene, at_noon, scene  # noqa: F401  (the same story, told here)
from preau.domain.payments.tests.statements import file_of, line_of
from preau.domain.regies.models import GatewayContract
from preau.domain.town.models import Town
from preau.foundation import clock
from tests.support.factories import NOON, make_regie

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_morning_after(scene):  # noqa: F811
    GatewayContract.objects.update(merchant="090909")
    with clock.frozen(NOON + timedelta(days=1)):
        yield


@pytest.fixture
def attempt(scene):  # noqa: F811
    with clock.frozen(NOON):
        return scene.send()


@pytest.fixture
def mute(bank, monkeypatch):
    monkeypatch.setattr(bank, "can_ask", False)
    return bank


def run(**options) -> tuple[int, list[str], list[str]]:
    """Exit code, what is printed, what is complained about."""
    out, err = StringIO(), StringIO()
    try:
        call_command("reconcile", stdout=out, stderr=err, no_color=True, **options)
    except SystemExit as stop:
        return int(stop.code), out.getvalue().splitlines(), err.getvalue().splitlines()
    return 0, out.getvalue().splitlines(), err.getvalue().splitlines()


@pytest.fixture
def a_file(tmp_path, mute):
    """Writes a statement of these lines where the command finds it."""

    def write(*lines):
        path = tmp_path / "releve.csv"
        path.write_bytes(file_of(mute, *lines))
        return path

    return write


def test_yesterday_without_a_gap_is_said_and_ends_well(attempt, bank, scene):  # noqa: F811
    bank.pay(attempt.gateway_reference, occurred_at=NOON)
    assert run() == (
        0,
        [
            f"8\u00a0octobre 2026 – Restauration et périscolaire ({scene.regie.code}) – Banque d’essai, contrat 090909",
            "  banque       : 1 paiement(s), 24,00\u202f€ – réponses de la banque",
            "  portail      : 1 paiement(s), 24,00\u202f€",
            "  grand livre  : 24,00\u202f€",
            "  Aucun écart (0,00\u202f€)",
            "1 constat(s), aucun écart.",
        ],
        [],
    )


def test_a_statement_captures_what_was_missed_and_names_the_rest(attempt, a_file):
    path = a_file(line_of(attempt), line_of(attempt, number=3, reference="AILLEURS", amount_cents=500))
    code, said, complaints = run(statement=path, gateway="fake")
    url = f"http://testserver/bureau/dossiers/{ReviewCase.objects.get().public_id}/"
    assert (code, complaints) == (1, [])
    assert said[1:] == [
        "  banque       : 2 paiement(s), 29,00\u202f€ – relevé de la banque",
        "  portail      : 1 paiement(s), 24,00\u202f€, dont 1 par le seul relevé",
        "  grand livre  : 24,00\u202f€",
        "  Écart (5,00\u202f€)",
        f"  – Payé à la banque, inconnu du portail : AUTO01 AILLEURS, 5,00\u202f€ – {url}",
        "1 constat(s), 1 à examiner.",
    ]


def test_money_in_suspense_has_its_line(attempt, a_file):
    code, said, _ = run(statement=a_file(line_of(attempt, amount_cents=2401)), gateway="fake")
    assert code == 1
    assert "  à identifier : 24,01\u202f€" in said


def test_a_day_without_statement_is_awaited_and_is_no_gap(attempt, mute):
    code, said, _ = run()
    assert code == 0
    assert said[1:] == [
        "  banque       : relevé attendu",
        "  portail      : 0 paiement(s), 0,00\u202f€",
        "  grand livre  : 0,00\u202f€",
        "  Relevé manquant",
        "1 constat(s), aucun écart, 1 relevé(s) attendu(s).",
    ]


def test_a_refused_file_is_told_line_by_line_and_nothing_is_kept(attempt, a_file):
    path = a_file(line_of(attempt, merchant="1"), line_of(attempt, number=3, merchant="2"))
    assert run(statement=path, gateway="fake") == (
        2,
        [],
        [
            "ligne 2 : aucun de vos contrats n’a le numéro «\u202f1\u202f»",
            "ligne 3 : aucun de vos contrats n’a le numéro «\u202f2\u202f»",
            "Rien n’a été importé.",
        ],
    )
    assert not BankStatement.objects.exists()


def test_an_empty_file_covers_the_day_that_is_typed(attempt, a_file):
    path = a_file()
    code, _, complaints = run(statement=path, gateway="fake")
    assert (code, complaints[-1]) == (2, "Rien n’a été importé.")
    code, said, _ = run(statement=path, gateway="fake", day=NOON.date())
    assert (code, said[-1]) == (0, "1 constat(s), aucun écart.")


def test_one_regie_and_one_day_may_be_asked_for(scene, mute):  # noqa: F811
    make_regie()
    run(day=NOON.date() - timedelta(days=1), regie=scene.regie.code)
    constat = Reconciliation.objects.get()
    assert (constat.contract.regie, constat.day) == (scene.regie, NOON.date() - timedelta(days=1))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"regie": "AUCUNE"}, "Aucune régie n’a le code AUCUNE."),
        ({"day": (NOON + timedelta(days=2)).date()}, "Ce jour n’est pas encore venu."),
        ({"statement": "x", "gateway": "autre"}, "Dites de quelle passerelle est ce relevé"),
        ({"statement": "absent.csv", "gateway": "fake"}, "Ce fichier ne s’ouvre pas"),
    ],
)
def test_what_cannot_be_done_is_told_and_ends_with_2(attempt, tmp_path, options, told):
    if "statement" in options:
        options = {**options, "statement": tmp_path / options["statement"]}
    with pytest.raises(CommandError, match=told) as refused:
        run(**options)
    assert refused.value.returncode == 2


def test_an_installation_without_its_town_is_told(attempt):
    Town.objects.all().delete()
    with pytest.raises(CommandError) as refused:
        run()
    assert refused.value.returncode == 2


def test_the_worker_does_it_every_morning(attempt, bank):
    GatewayContract.objects.update(opened_on=NOON.date())
    bank.pay(attempt.gateway_reference, occurred_at=NOON)
    call_command("worker", once=True)
    assert Reconciliation.objects.get().outcome == "clear"
