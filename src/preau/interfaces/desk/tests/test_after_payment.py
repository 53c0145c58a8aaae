"""What agents do after a payment, through their pages: find it, take it back, give it back, two by two."""

from datetime import date

import pytest

from preau.domain.billing.models import CreditNote, Invoice
from preau.domain.billing.services import record_credit_note, record_receipt_elsewhere
from preau.domain.ledger.queries import household_credit_cents
from preau.domain.payments.models import CreditNoteProposal, PaymentAttempt, Refund, Reversal
from preau.domain.payments.queries.acts import acts_waiting
from preau.domain.regies.models import AllowedMeans
from preau.foundation.mail.models import OutgoingMail
from preau.interfaces.desk.tests.conftest import Agent, contradict
from tests.support.factories import NOON, make_household, make_invoice
from tests.support.pages import main_words, words
from tests.support.payer import Payer

pytestmark = pytest.mark.django_db

WHY = "Avis de la banque du 8 octobre."
REVERSAL = {"kind": "chargeback", "amount": "24,00", "notice": "Avis 12", "noticed_on": "2026-10-08", "reason": WHY}
REFUND = {"source": "avoir", "amount": "24", "means": "transfer", "reference": "V-8", "reason": WHY}
NOTE = {"amount": "10", "label": "Sortie du 12 mai annulée", "reason": WHY}


@pytest.fixture
def paid(payer) -> PaymentAttempt:
    return payer.pay(make_invoice(payer.household, payer.regie, cents=2400))


@pytest.fixture
def twice(payer, paid) -> PaymentAttempt:
    """24,00 € more, for an invoice that was settled at the town hall meanwhile: the family's credit."""
    invoice = make_invoice(payer.household, payer.regie, cents=2400)
    attempt = payer.send(invoice)
    record_receipt_elsewhere(invoice=invoice, amount_cents=2400, means="espèces", received_on=NOON.date())
    payer.bank.pay(attempt.gateway_reference)
    payer.notify(attempt)
    return attempt


def path_of(attempt: PaymentAttempt, page: str = "") -> str:
    return f"/bureau/paiements/{attempt.public_id}/{page}"


def family_path(payer: Payer, page: str = "") -> str:
    return f"/bureau/avoirs/{payer.household.public_id}/{page}"


def confirm(agent: Agent, path: str) -> str:
    """What the page of the act says once its second person confirmed."""
    answer = agent.client.post(f"{path}confirmer/")
    assert answer["Location"] == path
    return main_words(agent.get(path))


def credit_of(payer: Payer) -> int:
    return household_credit_cents(payer.household).get(payer.regie.id, 0)


def test_two_agents_write_down_a_contested_payment(payer, paid, nadege, omar):
    page = main_words(nadege.get(path_of(paid)))
    for said in (
        "Paiement de 24,00 € Encaissé",
        f"Référence {paid.reference}",
        "Rien n’a été repris ni rendu.",
        "2026-000001",
    ):
        assert said in page
    assert "Impayé (contestation)" in page
    form = main_words(nadege.get(path_of(paid, "rejet/")))
    assert "La banque a repris ce paiement" in form
    assert 'value="24,00"' in nadege.get(path_of(paid, "rejet/")).content.decode()
    answer = nadege.client.post(path_of(paid, "rejet/"), REVERSAL)
    act = Reversal.objects.get()
    assert answer["Location"] == f"/bureau/a-confirmer/{act.public_id}/"
    page = main_words(nadege.get(answer["Location"]))
    assert "rien n’a encore bougé" in page
    assert "Vous avez donné la première parole." in page
    assert "Confirmer" not in page.replace("À confirmer", "")
    assert (act.noticed_on, act.notice, act.amount_cents) == (date(2026, 10, 8), "Avis 12", 2400)

    assert "1 proposition à confirmer : rejets, remboursements, avoirs" in main_words(omar.get("/bureau/"))
    assert "proposition à confirmer" not in main_words(nadege.get("/bureau/"))
    page = main_words(omar.get("/bureau/a-confirmer/"))
    assert "1 proposition à confirmer" in page
    assert f"Paiement contesté : 24,00 € Restauration et périscolaire {payer.household.file_name}" in page
    page = confirm(omar, answer["Location"])
    assert "C’est confirmé et inscrit dans les comptes." in page
    assert "Confirmé par Omar Lefebvre" in page
    assert "Repris sur une facture" in page
    assert Invoice.objects.get().left_cents == 2400
    page = main_words(omar.get(path_of(paid)))
    assert "Repris ou rendu" in page
    assert "En cours d’encaissement à la passerelle −24,00 €" in page
    assert "Impayé (contestation)" not in page
    assert "1 facture à payer" in words(payer.get("/accueil/"))
    for path in ("/recus/", "/dossier/"):
        assert "Paiement contesté : 24,00 € repris par la banque le 8 octobre 2026." in main_words(payer.get(path))
    assert OutgoingMail.objects.filter(kind="reversal").count() == 1
    assert "Rien à confirmer" in main_words(omar.get("/bureau/a-confirmer/"))


def test_a_returned_direct_debit_is_offered_for_direct_debits_alone(payer, nadege):
    attempt = payer.send(make_invoice(payer.household, payer.regie, cents=2400))
    payer.bank.pay(attempt.gateway_reference, means="debit_online")
    payer.notify(attempt)
    assert "Prélèvement rejeté ou paiement contesté" in main_words(nadege.get(path_of(attempt)))
    nadege.client.post(path_of(attempt, "rejet/"), REVERSAL | {"kind": "bounced_debit"})
    assert Reversal.objects.get().kind == "bounced_debit"


def test_credit_is_given_back_by_two_agents(payer, twice, nadege, omar):
    assert "Avoirs des familles : 24,00 €" in main_words(nadege.get("/bureau/avoirs/"))
    page = main_words(nadege.get(family_path(payer)))
    assert "Avoir, Restauration et périscolaire 24,00 €" in page
    assert f"Paiement en ligne {twice.reference}" in page
    source = {"source": payer.regie.public_id}
    answer = nadege.client.post(family_path(payer, "rembourser/"), REFUND | source)
    page = confirm(omar, answer["Location"])
    assert "Remboursement : 24,00 € Confirmé" in page
    assert "Moyen Virement Référence V-8" in page
    assert credit_of(payer) == 0
    page = main_words(nadege.get(family_path(payer)))
    assert "Vos régies ne doivent plus rien à cette famille." in page
    assert "Remboursement – virement V-8" in page
    assert "Aucun avoir." in main_words(nadege.get("/bureau/avoirs/"))
    assert "Remboursement – virement V-8" in main_words(payer.get(f"/comptes/{payer.regie.public_id}/releve/"))


def test_a_card_is_credited_from_the_page_of_its_payment(payer, twice, nadege, omar):
    answer = nadege.client.post(path_of(twice, "rembourser/"), REFUND | {"means": "card"})
    assert "Voir le paiement" in confirm(omar, answer["Location"])
    assert Refund.objects.get().capture == twice.capture
    page = main_words(nadege.get(f"/bureau/paiements/?q={twice.reference}"))
    assert f"{twice.capture.receipt} 24,00 € 24,00 €" in page


def test_what_a_case_decided_to_give_back_is_given_back(payer, nadege, omar):
    contradict(payer)
    case = nadege.user.regie_posts.get().regie.cases.get()
    nadege.propose(case, "refund")
    omar.confirm(case)
    assert "Et 24,01 € que vous avez décidé de rendre." in main_words(nadege.get("/bureau/avoirs/"))
    form = main_words(nadege.get(family_path(payer, "rembourser/")))
    assert f"À rendre, Restauration et périscolaire, opération {case.reference} : 24,01 €" in form
    typed = REFUND | {"source": case.decisions.get().public_id, "amount": "24,01"}
    answer = nadege.client.post(family_path(payer, "rembourser/"), typed)
    assert "Décision du dossier" in confirm(omar, answer["Location"])
    assert "Aucun avoir." in main_words(nadege.get("/bureau/avoirs/"))


def test_a_paid_service_becomes_credit_that_the_family_uses(payer, paid, nadege, omar):
    invoice = Invoice.objects.get()
    answer = nadege.client.post(path_of(paid, "avoir/"), NOTE | {"invoice": invoice.public_id})
    page = confirm(omar, answer["Location"])
    assert "Objet Sortie du 12 mai annulée Avoir n° AVP-2026-00001" in page
    assert "10,00 € à votre crédit." in words(payer.get("/accueil/"))
    other = make_invoice(payer.household, payer.regie, cents=1000)
    form = payer.fields_of(payer.get(f"/factures/{other.public_id}/avoir/"))
    assert payer.client.post(f"/factures/{other.public_id}/avoir/", form).status_code == 302
    assert "Payée" in main_words(payer.get(f"/factures/{other.public_id}/"))


def test_a_proposal_sent_back_moves_nothing(payer, twice, nadege, omar):
    answer = nadege.client.post(path_of(twice, "rembourser/"), REFUND)
    path = answer["Location"]
    refused = omar.client.post(f"{path}renvoyer/", {"refusal": "non"})
    assert "Expliquez en quelques mots" in main_words(refused, status=422)
    omar.client.post(f"{path}renvoyer/", {"refusal": "La famille préfère le garder."})
    page = main_words(nadege.get(path))
    assert "Renvoyé par Omar Lefebvre" in page
    assert "« La famille préfère le garder. »" in page
    assert credit_of(payer) == 2400


def test_nobody_confirms_alone(payer, twice, nadege):
    path = nadege.client.post(path_of(twice, "rembourser/"), REFUND)["Location"]
    assert "Une autre personne de la régie doit répondre" in confirm(nadege, path)
    assert credit_of(payer) == 2400


def test_a_proposal_that_no_longer_fits_says_so(payer, twice, nadege, omar):
    first, second = (
        nadege.client.post(path_of(twice, "rembourser/"), REFUND | {"reference": one})["Location"] for one in ("1", "2")
    )
    confirm(omar, first)
    assert "Il ne reste plus assez à rendre" in confirm(omar, second)


def test_a_form_sent_twice_proposes_once(payer, twice, nadege):
    for status in (302, 422):
        answer = nadege.client.post(path_of(twice, "rembourser/"), REFUND)
        assert answer.status_code == status
    assert "Ce remboursement attend déjà sa réponse." in main_words(answer, status=422)
    assert Refund.objects.count() == 1


WRONG = {
    "rejet/": (
        REVERSAL,
        [
            ({"amount": "beaucoup"}, "Écrivez un montant comme 12,50."),
            ({"amount": ""}, "Indiquez un montant, comme 12,50."),
            ({"amount": "-1"}, "Indiquez un montant entre 0,01 € et 24,00 €."),
            ({"amount": "24,01"}, "Indiquez un montant entre 0,01 € et 24,00 €."),
            ({"kind": "bounced_debit"}, "Choisissez ce qui s’est passé."),
            ({"notice": ""}, "Recopiez le numéro de l’avis"),
            ({"noticed_on": "hier"}, "Ce n’est pas une date."),
            ({"noticed_on": "2026-10-09"}, "Cette date n’est pas encore venue."),
            ({"reason": "non"}, "Expliquez en quelques mots : 10 caractères au moins."),
        ],
    ),
    "rembourser/": (
        REFUND,
        [
            ({"amount": "24,01"}, "Indiquez un montant entre 0,01 € et 24,00 €."),
            ({"means": "cash"}, "L’acte de cette régie ne nomme pas les espèces."),
            ({"means": "lingots"}, "Choisissez un moyen."),
            ({"reference": ""}, "Indiquez la référence qui permettra de le retrouver."),
            ({"source": "ailleurs"}, "Choisissez une somme."),
        ],
    ),
    "avoir/": (
        NOTE,
        [
            ({"invoice": "ailleurs"}, "Choisissez une facture."),
            ({"label": ""}, "Écrivez ce que la famille lira."),
        ],
    ),
}


@pytest.mark.parametrize(
    ("page", "changes", "said"), [(page, *one) for page, (_, wrong) in WRONG.items() for one in wrong]
)
def test_what_is_wrong_is_told_beside_its_field_and_kept(payer, paid, twice, nadege, page, changes, said):
    AllowedMeans.objects.filter(means="cash").delete()
    attempt = twice if page == "rembourser/" else paid
    typed = WRONG[page][0] | changes
    answer = nadege.client.post(path_of(attempt, page), typed)
    assert said in main_words(answer, status=422)
    html = answer.content.decode()
    kept = next(value for value in (typed.get("reference"), typed.get("notice"), typed.get("label"), WHY) if value)
    assert kept in html
    assert 'class="field__error"' in html
    assert acts_waiting([payer.regie.id]) == []


def test_too_much_for_a_credit_note_is_told(payer, paid, nadege):
    typed = NOTE | {"invoice": Invoice.objects.get().public_id, "amount": "24,01"}
    answer = nadege.client.post(path_of(paid, "avoir/"), typed)
    assert "Indiquez un montant entre 0,01 € et 24,00 €." in main_words(answer, status=422)
    assert not CreditNoteProposal.objects.exists()


def test_a_payment_is_found_by_all_that_names_it(payer, paid, nadege):
    other = payer.pay(make_invoice(payer.household, payer.regie, cents=9900))
    capture = paid.capture
    for sought in (
        paid.reference, paid.reference.lower(), paid.gateway_reference, str(capture.receipt), capture.receipt.code,
        paid.lines.get().invoice.number, "24", "24,00 €",
    ):  # fmt: skip
        page = main_words(nadege.client.get("/bureau/paiements/", {"q": f" {sought} "}))
        assert paid.reference in page, sought
        assert other.reference not in page, sought
    for sought in (payer.household.file_number, "berger"):
        page = main_words(nadege.client.get("/bureau/paiements/", {"q": sought}))
        assert "2 paiements" in page
    page = main_words(nadege.client.get("/bureau/paiements/", {"q": "introuvable"}))
    assert "Aucun paiement trouvé." in page


def test_empty_pages_say_what_will_come(payer, nadege):
    assert "Aucun paiement pour l’instant." in main_words(nadege.get("/bureau/paiements/"))
    assert "Aucun avoir." in main_words(nadege.get("/bureau/avoirs/"))
    assert "Aucun avoir pour cette famille." in main_words(nadege.get("/bureau/avoirs/?q=personne"))
    assert "Aucune proposition n’attend." in main_words(nadege.get("/bureau/a-confirmer/"))


def test_agents_see_their_own_regies_only(payer, twice, nadege, elsewhere):
    path = nadege.client.post(path_of(twice, "rembourser/"), REFUND)["Location"]
    assert twice.reference not in words(elsewhere.get("/bureau/paiements/"))
    assert payer.household.file_name not in words(elsewhere.get("/bureau/avoirs/"))
    assert "Rien à confirmer" in words(elsewhere.get("/bureau/a-confirmer/"))
    for unseen in (path_of(twice), path_of(twice, "rejet/"), family_path(payer), path):
        assert elsewhere.get(unseen).status_code == 404
    assert elsewhere.client.post(f"{path}confirmer/").status_code == 404


# Queries


def _waiting(payer, agent, count) -> None:
    for _ in range(count):
        attempt = payer.pay(make_invoice(payer.household, payer.regie, cents=2400))
        agent.client.post(path_of(attempt, "rejet/"), REVERSAL)


@pytest.mark.parametrize("count", [1, 6])
def test_the_lists_ask_no_more_for_six(payer, nadege, count, django_assert_num_queries):
    _waiting(payer, nadege, count)
    for path, queries in (("/bureau/paiements/", 9), ("/bureau/a-confirmer/", 9)):
        nadege.get(path)
        with django_assert_num_queries(queries):
            assert nadege.get(path).status_code == 200


@pytest.mark.parametrize("count", [1, 40])
def test_a_payment_of_forty_invoices_asks_no_more(payer, nadege, count, django_assert_num_queries):
    attempt = payer.pay(*[make_invoice(payer.household, payer.regie, cents=2400) for _ in range(count)])
    nadege.get(path_of(attempt))
    with django_assert_num_queries(16):
        assert nadege.get(path_of(attempt)).status_code == 200


@pytest.mark.parametrize("count", [1, 40])
def test_the_list_of_credits_asks_no_more_for_forty(payer, nadege, count, django_assert_num_queries):
    for rank in range(count):
        note = CreditNote(
            regie=payer.regie, household=make_household(), number=f"AV-{rank}", label="Goûter",
            issued_on=NOON.date(), total_cents=100,
        )  # fmt: skip
        record_credit_note(note=note)
    nadege.get("/bureau/avoirs/")
    with django_assert_num_queries(9):
        assert nadege.get("/bureau/avoirs/").status_code == 200
