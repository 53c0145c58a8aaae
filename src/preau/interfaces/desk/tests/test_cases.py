"""The cases as agents read and close them."""

import pytest

from preau.domain.ledger.queries import household_credit_cents
from preau.domain.payments.models import CaseDecision, ReviewCase
from preau.domain.payments.services.cases import open_case_about
from preau.foundation.mail.models import OutgoingMail
from preau.interfaces.desk.tests.conftest import WHY, contradict, hire
from tests.support.pages import main_words, words

pytestmark = pytest.mark.django_db


def path_of(case: ReviewCase) -> str:
    return f"/bureau/dossiers/{case.public_id}/"


def test_two_agents_close_a_case_and_the_family_reads_its_credit(payer, nadege, omar, case):
    page = main_words(nadege.get(path_of(case)))
    assert "Porter à l’avoir de la famille : 24,01 €" in page
    answer = nadege.propose(case)
    assert (answer.status_code, answer["Location"]) == (302, path_of(case))
    page = main_words(nadege.get(path_of(case)))
    assert "La décision est proposée." in page
    assert "Vous avez donné la première parole." in page
    assert "Confirmer" not in page

    page = main_words(omar.get(path_of(case)))
    assert f"Porter à l’avoir de la famille : 24,01 € « {WHY} » Proposé par Nadège Vandenbroucke" in page
    omar.confirm(case)
    page = main_words(omar.get(path_of(case)))
    assert "Le dossier est clos. La banque annonce autre chose que ce qui a été demandé Clos" in page
    assert "Confirmé par Omar Lefebvre" in page
    assert household_credit_cents(payer.household) == {payer.regie.id: 2401}
    assert "24,01 € à votre crédit." in words(payer.get("/accueil/"))
    assert OutgoingMail.objects.get(kind="case_decided").recipient == payer.user.email


def test_a_case_tells_all_that_a_person_needs(payer, nadege, case):
    page = main_words(nadege.get(path_of(case)))
    attempt = case.attempt
    for said in (
        f"Famille {payer.household.file_name}, dossier n° {payer.household.file_number}",
        f"Opération {attempt.reference}",
        "Sommes à identifier 24,01 €",
        "Montant 24,00 € 24,01 € Différent Monnaie EUR EUR identique",
        f"Cantine {attempt.lines.get().invoice.number} 24,00 € 24,00 € Réservée",
        f"Somme à identifier – opération {attempt.reference}",
        "En cours d’encaissement à la passerelle 24,01 € Sommes à identifier −24,01 €",
        "Paiement à vérifier par la régie",
    ):
        assert said in page


def test_a_proposal_sent_back_is_kept_with_its_reason(payer, nadege, omar, case):
    nadege.propose(case, "refund")
    decision = CaseDecision.objects.get()
    answer = omar.client.post(
        f"{path_of(case)}renvoyer/", {"decision": decision.public_id, "refusal": "La famille préfère un avoir."}
    )
    assert answer["Location"] == path_of(case)
    page = main_words(nadege.get(path_of(case)))
    assert "Rendre par la banque ou par virement : 24,01 €, proposé par Nadège Vandenbroucke" in page
    assert "Renvoyé par Omar Lefebvre" in page
    assert "« La famille préfère un avoir. »" in page
    assert "Proposer cette décision" in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"outcome": "credit", "reason": "court"}, "Expliquez en quelques mots : 10 caractères au moins."),
        ({"outcome": "credit"}, "Expliquez en quelques mots : 10 caractères au moins."),
        ({"reason": WHY}, "Choisissez une décision."),
        ({"outcome": "seen", "reason": WHY}, "Choisissez une décision."),
        ({"outcome": "accept", "reason": WHY}, "Choisissez une décision."),
    ],
)
def test_a_proposal_that_is_not_whole_is_told_where_it_fails(nadege, case, typed, said):
    answer = nadege.client.post(f"{path_of(case)}proposer/", typed)
    assert said in main_words(answer, status=422)
    assert not CaseDecision.objects.exists()


def test_a_short_refusal_is_told_too(nadege, omar, case):
    nadege.propose(case)
    decision = CaseDecision.objects.get()
    answer = omar.client.post(f"{path_of(case)}renvoyer/", {"decision": decision.public_id, "refusal": "non"})
    assert "10 caractères au moins" in main_words(answer, status=422)
    assert CaseDecision.objects.get().refused_at is None


def test_nobody_confirms_their_own_proposal_by_hand(nadege, case):
    nadege.propose(case)
    nadege.confirm(case)
    assert "Une autre personne de la régie doit répondre à votre proposition." in words(nadege.get(path_of(case)))
    assert CaseDecision.objects.get().confirmed_at is None


@pytest.mark.parametrize("action", ["confirmer", "renvoyer"])
def test_an_answer_to_a_proposal_that_changed_is_not_taken(nadege, omar, case, action):
    nadege.propose(case)
    omar.client.post(f"{path_of(case)}{action}/", {"decision": "x" * 22, "refusal": WHY})
    assert "Cette page n’était plus à jour" in words(omar.get(path_of(case)))
    decision = CaseDecision.objects.get()
    assert (decision.confirmed_at, decision.refused_at) == (None, None)


def test_a_second_proposal_says_that_one_waits(nadege, omar, case):
    nadege.propose(case)
    omar.propose(case, "refund")
    assert "Une décision a déjà été proposée pour ce dossier." in words(omar.get(path_of(case)))


def test_a_case_about_the_bank_alone_is_read_and_closed(payer, nadege, omar):
    open_case_about(kind="paid_elsewhere", regie=payer.regie, subject="BK-77", detail="12,00 € sans opération")
    case = ReviewCase.objects.get()
    page = main_words(nadege.get(path_of(case)))
    assert "Référence à la banque BK-77" in page
    assert "Famille BERGER" not in page
    nadege.propose(case, "seen")
    omar.confirm(case)
    assert "Clos" in main_words(nadege.get(path_of(case)))


def test_the_list_is_filtered_by_what_its_form_offers(payer, nadege, case):
    open_case_about(kind="unconfirmed", regie=payer.regie, subject="U-1", detail="trois jours")
    nadege.propose(case)
    assert "À confirmer" in main_words(nadege.get("/bureau/dossiers/"))
    for query, found, missing in (
        ("etat=a-confirmer", case.reference, "U-1"),
        ("etat=a-decider", "U-1", case.reference),
        ("nature=unconfirmed", "U-1", case.reference),
    ):
        page = main_words(nadege.get(f"/bureau/dossiers/?{query}"))
        assert found in page
        assert missing not in page
    assert "Aucun dossier ne correspond." in main_words(nadege.get("/bureau/dossiers/?etat=clos"))


def test_an_empty_list_says_when_a_case_opens(nadege):
    assert "Aucun dossier. Un dossier s’ouvre quand la banque annonce autre chose" in main_words(
        nadege.get("/bureau/dossiers/")
    )


def test_the_list_tells_age_sums_and_family(payer, case, frozen_clock):
    frozen_clock.advance(days=2)
    page = main_words(hire(payer.regie, name="Nadège").get("/bureau/dossiers/"))
    assert f"{payer.household.file_name} n° {payer.household.file_number} 24,00 € 24,01 € 2 jours À décider" in page


@pytest.mark.parametrize("count", [1, 6])
def test_the_number_of_queries_of_the_list_does_not_grow(payer, nadege, count, django_assert_num_queries):
    for _ in range(count):
        contradict(payer)
    nadege.get("/bureau/dossiers/")
    with django_assert_num_queries(10):
        assert f"{count} dossier" in main_words(nadege.get("/bureau/dossiers/"))


@pytest.mark.parametrize("count", [1, 40])
def test_the_number_of_queries_of_a_case_does_not_grow(payer, nadege, count, django_assert_num_queries):
    path = path_of(ReviewCase.objects.get(attempt=contradict(payer, invoices=count)))
    nadege.get(path)
    with django_assert_num_queries(18):
        assert nadege.get(path).status_code == 200


def test_the_desk_tells_the_situation_in_one_sentence(payer, nadege, omar, case):
    open_case_about(kind="unconfirmed", regie=payer.regie, subject="U-1", detail="trois jours")
    page = main_words(nadege.get("/bureau/"))
    assert "2 dossiers à examiner" in page
    assert f"{payer.regie.label} Régisseur 2 dossiers" in page
    omar.propose(case)
    assert "1 décision proposée par une autre personne : à vous de répondre." in main_words(nadege.get("/bureau/"))
    assert "à vous de répondre" not in main_words(omar.get("/bureau/"))


def test_a_desk_without_cases_says_so(nadege):
    assert "Aucun dossier à examiner" in main_words(nadege.get("/bureau/"))


def test_agents_see_their_own_regies_only(payer, nadege, elsewhere, case):
    assert "Aucun dossier à examiner" in main_words(elsewhere.get("/bureau/"))
    assert case.reference not in words(elsewhere.get("/bureau/dossiers/"))
    assert case.reference not in words(elsewhere.get(f"/bureau/dossiers/?regie={payer.regie.public_id}"))
    both = hire(payer.regie, elsewhere.user.regie_posts.get().regie, name="Karim Haddad")
    assert case.reference in words(both.get(f"/bureau/dossiers/?regie={payer.regie.public_id}"))
