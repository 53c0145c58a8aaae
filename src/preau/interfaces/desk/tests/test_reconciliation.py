"""The months, the statement that an agent hands over, the constat of a day and its PDF."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from preau.domain.payments.models import BankStatement, Reconciliation, ReviewCase
from preau.domain.payments.tests.statements import constat_of, file_of, line_of
from preau.domain.regies.models import GatewayContract, RegieMember
from preau.foundation.audit.models import AuditEvent
from preau.interfaces.desk.tests.conftest import hire
from tests.support.factories import make_contract, make_invoice, make_regie
from tests.support.pages import main_words, words
from tests.support.pdf import pages_of

pytestmark = pytest.mark.django_db

DAY = date(2026, 10, 8)
MONTHS, IMPORT = "/bureau/rapprochement/", "/bureau/rapprochement/importer/"


@pytest.fixture(autouse=True)
def mute(bank, monkeypatch):
    """The bank answers no question: its statement is the only way."""
    monkeypatch.setattr(bank, "can_ask", False)
    return bank


@pytest.fixture
def contract(payer) -> GatewayContract:
    GatewayContract.objects.update(merchant="090909", opened_on=date(2026, 10, 6))
    return payer.regie.contracts.get()


@pytest.fixture
def attempt(payer, contract, frozen_clock):
    """On the bank's pages on Thursday, and no notice ever came; it is Friday morning."""
    sent = payer.send(make_invoice(payer.household, payer.regie, cents=2400))
    frozen_clock.advance(hours=17)
    return sent


def give(agent, contract, content: bytes, **typed):
    file = SimpleUploadedFile("releve.csv", content, content_type="text/csv")
    return agent.client.post(IMPORT, {"contrat": contract.public_id, "fichier": file, **typed})


# The statement


def test_a_statement_captures_what_was_missed_and_the_day_is_clear(payer, attempt, contract, mute, nadege):
    answer = give(nadege, contract, file_of(mute, line_of(attempt)))
    assert (answer.status_code, answer["Location"]) == (302, f"{MONTHS}?mois=2026-10")
    page = main_words(nadege.get(answer["Location"]))
    assert "Le relevé est importé : 1 opération, du 8 octobre 2026 au 8 octobre 2026." in page
    assert "08/10/2026 24,00 € 24,00 € 24,00 € 0,00 € Aucun écart" in page
    attempt.refresh_from_db()
    assert attempt.state == "captured"
    statement = BankStatement.objects.get()
    assert (statement.imported_by, statement.file.name) == (nadege.user, "releve.csv")
    actions = list(AuditEvent.objects.filter(actor_kind="agent").values_list("action", flat=True))
    assert actions == ["statement.imported", "payment.captured", "day.reconciled"]


def test_a_refused_file_tells_every_fault_beside_its_line_and_keeps_nothing(attempt, contract, mute, nadege):
    content = file_of(mute, line_of(attempt, merchant="1"), line_of(attempt, number=3, merchant="2"))
    page = main_words(give(nadege, contract, content), status=422)
    assert "Rien n’a été importé" in page
    for line, number in ((2, 1), (3, 2)):
        assert f"Ligne {line} aucun de vos contrats n’a le numéro « {number} »" in page
    assert not BankStatement.objects.exists()


def test_the_file_of_another_regie_is_not_taken(attempt, contract, mute, elsewhere):
    theirs = make_contract(RegieMember.objects.get(user=elsewhere.user).regie, closed_on=DAY)
    for chosen in (contract, theirs):
        assert give(elsewhere, chosen, file_of(mute, line_of(attempt))).status_code == 422
    assert not BankStatement.objects.exists()


def test_an_empty_statement_covers_the_days_that_are_typed(attempt, contract, mute, nadege):
    assert "dites de quel jour à quel jour il va" in main_words(give(nadege, contract, file_of(mute)), status=422)
    assert give(nadege, contract, file_of(mute), du="2026-10-08", au="2026-10-08").status_code == 302
    assert BankStatement.objects.get().first_day == DAY


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"contrat": ""}, "Choisissez un contrat."),
        ({"fichier": ""}, "Choisissez le fichier de la banque."),
        ({"du": "hier"}, "Ce n’est pas une date."),
    ],
)
def test_what_is_missing_is_said_at_its_field(attempt, contract, mute, nadege, typed, told):
    assert told in main_words(give(nadege, contract, file_of(mute, line_of(attempt)), **typed), status=422)


def test_a_file_larger_than_any_statement_is_refused(contract, nadege):
    page = main_words(give(nadege, contract, b"x" * 10_000_001), status=422)
    assert "Ce fichier dépasse 10 Mo : découpez-le." in page


# The months


def test_each_day_gone_by_says_where_it_stands(payer, attempt, contract, mute, nadege, frozen_clock):
    constat_of(contract, date(2026, 10, 7))
    give(nadege, contract, file_of(mute, line_of(attempt), line_of(attempt, number=3, reference="AILLEURS")))
    page = main_words(nadege.get(MONTHS))
    assert "Octobre 2026 : 1 jour à expliquer" in page
    assert "08/10/2026 48,00 € 24,00 € 24,00 € 24,00 € À expliquer" in page
    assert "07/10/2026 — 0,00 € 0,00 € — Relevé manquant" in page
    assert "06/10/2026 — — — — pas encore fait" in page
    assert "Total 48,00 € 24,00 € 24,00 € 24,00 €" in page
    assert "05/10/2026" not in page


@pytest.mark.parametrize(
    ("outcome", "said"), [("clear", "Octobre 2026 : aucun écart"), ("waiting", "Octobre 2026 : 1 relevé attendu")]
)
def test_the_month_is_said_in_a_sentence(attempt, contract, mute, nadege, outcome, said):
    if outcome == "clear":
        give(nadege, contract, file_of(mute, line_of(attempt)))
    else:
        constat_of(contract, DAY)
    assert said in main_words(nadege.get(MONTHS))


def test_other_months_may_be_looked_at(payer, contract, frozen_clock):
    frozen_clock.advance(days=30)
    nadege = hire(payer.regie, name="Nadège")
    page = main_words(nadege.get(MONTHS))
    assert "Novembre 2026 : aucun constat" in page
    assert "06/11/2026" in page
    page = nadege.get(f"{MONTHS}?mois=2026-10")
    assert "Octobre 2026" in main_words(page)
    assert "?mois=2026-11" in page.content.decode()
    assert "Aucun contrat" in main_words(nadege.get(f"{MONTHS}?mois=2026-09"))
    for odd in ("2027-01", "1999-12", "2026-13", "%00"):
        assert "Novembre 2026" in main_words(nadege.get(f"{MONTHS}?mois={odd}"))


def test_an_agent_of_two_regies_may_look_at_one(payer, contract, nadege):
    other = make_regie(label="Petite enfance")
    GatewayContract.objects.update(opened_on=date(2026, 10, 6))
    RegieMember.objects.create(regie=other, user=nadege.user, post="mandataire")
    assert "Petite enfance Banque d’essai" in main_words(nadege.get(MONTHS))
    one = main_words(nadege.get(f"{MONTHS}?regie={payer.regie.public_id}"))
    assert "Petite enfance Banque d’essai" not in one


@pytest.mark.parametrize("days", [1, 31])
def test_the_number_of_queries_of_a_month_does_not_grow(payer, contract, days, frozen_clock, django_assert_num_queries):
    frozen_clock.advance(days=24)
    nadege = hire(payer.regie, name="Nadège")
    for n in range(days):
        constat_of(contract, date(2026, 10, 31 - n))
    assert Reconciliation.objects.count() == days
    nadege.get("/bureau/")
    with django_assert_num_queries(8):
        nadege.get(f"{MONTHS}?mois=2026-10")


# One day


def _stated(attempt, contract, mute, nadege) -> Reconciliation:
    give(nadege, contract, file_of(mute, line_of(attempt), line_of(attempt, number=3, reference="AILLEURS")))
    return Reconciliation.objects.get(day=DAY)


def test_a_day_tells_its_figures_what_is_to_explain_and_what_it_rests_on(attempt, contract, mute, nadege):
    constat = _stated(attempt, contract, mute, nadege)
    answer = nadege.get(f"{MONTHS}{constat.public_id}/")
    page = main_words(answer)
    for said in (
        "Jeudi 8 octobre 2026 : écart À expliquer Restauration et périscolaire, Banque d’essai, contrat 090909",
        "À la banque 2 48,00 € Encaissé par le portail dont 1 par le seul relevé 1 24,00 €",
        "Grand livre, compte d’encaissement 24,00 €",
        "Écart 24,00 €",
        "Payé à la banque, inconnu du portail AUTO01 AILLEURS 24,00 € 24,00 € À décider",
        "Relevé « releve.csv », importé le 9 octobre 2026, 8 h 35 par Nadège Vandenbroucke",
        "Constat n° 1, demandé par Nadège Vandenbroucke : écart 9 octobre 2026, 8 h 35",
    ):
        assert said in page
    assert f"/bureau/dossiers/{ReviewCase.objects.get().public_id}/" in answer.content.decode()


def test_the_day_is_printed_with_a_place_to_sign(attempt, contract, mute, nadege):
    constat = _stated(attempt, contract, mute, nadege)
    answer = nadege.get(f"{MONTHS}{constat.public_id}/pdf/")
    assert answer["Content-Type"] == "application/pdf"
    assert f"constat-{contract.regie.code}-2026-10-08-1.pdf" in answer["Content-Disposition"]
    (page,) = pages_of(answer.content)
    assert "À la banque 2 48,00 €" in page
    assert "AUTO01 AILLEURS 24,00 € 24,00 € dossier ouvert" in page
    assert "relevé « releve.csv », SHA-256" in page
    assert "Nom et signature :" in page
    assert nadege.get(f"{MONTHS}{constat.public_id}/pdf/").content == answer.content


def test_a_day_is_stated_again_when_somebody_asks(attempt, contract, mute, nadege, omar):
    constat = _stated(attempt, contract, mute, nadege)
    case = ReviewCase.objects.get()
    nadege.propose(case, "seen")
    omar.confirm(case)
    answer = omar.client.post(f"{MONTHS}{constat.public_id}/refaire/")
    page = main_words(omar.get(answer["Location"]))
    assert "Le constat de ce jour est refait." in page
    assert "Jeudi 8 octobre 2026 : écart expliqué" in page
    assert "Constat n° 2, demandé par Omar Lefebvre" in page
    old = main_words(omar.get(f"{MONTHS}{constat.public_id}/"))
    assert "Voir le constat en vigueur" in old


def test_a_day_without_the_banks_word_says_so(contract, nadege):
    constat = constat_of(contract, date(2026, 10, 7))
    page = main_words(nadege.get(f"{MONTHS}{constat.public_id}/"))
    assert "Mercredi 7 octobre 2026 : relevé manquant" in page
    assert "La banque n’a encore rien dit de ce jour." in page
    assert "Constat n° 1 : relevé manquant" in page


def test_a_clear_day_says_so(attempt, contract, mute, nadege):
    give(nadege, contract, file_of(mute, line_of(attempt)))
    page = main_words(nadege.get(f"{MONTHS}{Reconciliation.objects.get().public_id}/"))
    assert (
        "Rien. Ce que la banque liste, ce que le portail a encaissé et ce qu’écrit le grand livre sont égaux." in page
    )


@pytest.mark.parametrize("page", ["", "pdf/"])
def test_the_day_of_another_regie_does_not_exist(contract, elsewhere, page):
    constat = constat_of(contract, date(2026, 10, 7))
    answer = elsewhere.get(f"{MONTHS}{constat.public_id}/{page}")
    assert "Cette page n’existe pas" in words(answer, status=404)


def test_the_day_of_another_regie_is_not_stated_again(contract, elsewhere):
    constat = constat_of(contract, date(2026, 10, 7))
    assert elsewhere.client.post(f"{MONTHS}{constat.public_id}/refaire/").status_code == 404
    assert Reconciliation.objects.count() == 1


@pytest.mark.parametrize("findings", [1, 6])
def test_the_number_of_queries_of_a_day_does_not_grow(
    attempt, contract, mute, nadege, findings, django_assert_num_queries
):
    lines = [line_of(attempt, number=n, reference=f"AILLEURS{n}") for n in range(2, 2 + findings)]
    give(nadege, contract, file_of(mute, *lines))
    constat = Reconciliation.objects.get()
    nadege.get(MONTHS)
    with django_assert_num_queries(7):
        nadege.get(f"{MONTHS}{constat.public_id}/")
