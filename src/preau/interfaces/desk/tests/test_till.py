"""The desk where families pay, through its pages: found, ticked, taken, printed; and all that it refuses."""

from datetime import date, timedelta

import pytest
from django.test import Client

from preau.domain.accounts.models import User
from preau.domain.billing.models import CreditNote, Invoice
from preau.domain.billing.services import record_credit_note, record_receipt_elsewhere
from preau.domain.families.models import Guardian
from preau.domain.ledger.queries import household_balances, household_credit_cents
from preau.domain.payments.models import Capture, Evidence, PaymentAttempt, Receipt, Reversal, ReviewCase
from preau.domain.payments.receipts import sheet_of
from preau.domain.payments.services.reconciliation import contracts_on, reconcile_nights
from preau.domain.payments.tests.truths import broken
from preau.foundation.audit.models import AuditEvent
from preau.foundation.mail.models import OutgoingMail
from preau.interfaces.desk.tests.conftest import hire
from tests.support.factories import NOON, login_family, make_household, make_invoice, make_regie, make_window
from tests.support.pages import main_words, words
from tests.support.pdf import pages_of
from tests.support.till import Till, hired, open_desk

pytestmark = pytest.mark.django_db

#: What the worker owes by now: some of these tests move the clock, and no worker runs beside them.
_OWED_BY_THE_WORKER = {"I22", "I24", "I26"}
WHY = "La banque a rendu le chèque 0004512."


@pytest.fixture(autouse=True)
def truths(payer):
    """Whatever an agent did, everything that must be true still is."""
    yield
    assert {code: told for code, told in broken().items() if code not in _OWED_BY_THE_WORKER} == {}


@pytest.fixture
def till(payer) -> Till:
    """An agent of the payer's régie, whose desk is open."""
    open_desk(payer.regie)
    return hired(payer.regie)


@pytest.fixture
def invoice(payer) -> Invoice:
    return make_invoice(payer.household, payer.regie, cents=2400)


def left(*invoices: Invoice) -> list[int]:
    return [Invoice.objects.get(pk=one.pk).left_cents for one in invoices]


# The story


@pytest.mark.row("P01")
@pytest.mark.row("V11")
def test_a_family_without_account_nor_address_pays_and_leaves_with_its_receipt(payer, till):
    family = make_household(with_login=False, file_name="SANS-ÉCRAN", file_number="5150")
    Guardian.objects.filter(household=family).update(email="")
    first, second = (make_invoice(family, payer.regie, cents=cents) for cents in (2400, 1128))
    found = main_words(till.client.get("/bureau/guichet/?q=sans"))
    assert "SANS-ÉCRAN n° 5150 2 35,28 €" in found
    page = main_words(till.page(family))
    assert "SANS-ÉCRAN : 35,28 € à payer" in page
    assert "Cette famille n’a pas d’adresse e-mail : imprimez-lui son reçu." in page
    answer = till.take(first, second, amount="35,28")
    page = main_words(till.client.get(answer["Location"]))
    assert "C’est encaissé. Le reçu est prêt. Paiement de 35,28 €" in page
    for said in ("n° 2026-000001, à imprimer", "Moyen espèces", "Encaissé par Nadège Vandenbroucke, au guichet"):
        assert said in page
    assert "Caisse du guichet 35,28 € Créances sur les familles −35,28 €" in page
    assert left(first, second) == [0, 0]
    assert not OutgoingMail.objects.exists()
    pdf = till.client.get(f"{answer['Location']}recu/")
    assert pdf["Content-Type"] == "application/pdf"
    printed = " ".join("".join(pages_of(pdf.content)).split())
    for said in ("35,28 €", "espèces, Guichet de la régie", "Reçu par Nadège Vandenbroucke", "SANS-ÉCRAN"):
        assert said in printed.replace("\u202f", " ")
    assert "débité" not in printed


@pytest.mark.row("P01")
def test_it_lives_the_life_of_any_payment(till, invoice):
    """Prepared, sent, captured, by the agent; evidence kept, equal to what was asked; receipt, entry, mail."""
    attempt = till.taken(invoice, amount="24", means="cheque", number="0004512")
    events = [(one.from_state, one.to_state, one.actor) for one in attempt.events.all()]
    actor = f"agent:{till.user.public_id}"
    assert events == [("", "prepared", actor), ("prepared", "sent", actor), ("sent", "captured", actor)]
    evidence = Evidence.objects.get()
    assert (evidence.origin, evidence.verdict, evidence.authentic) == ("desk", "paid", True)
    assert (evidence.amount_cents, evidence.reference, evidence.merchant) == (2400, attempt.reference, "Mairie")
    assert (evidence.label, evidence.raw) == (
        "Reçu au guichet par Nadège Vandenbroucke",
        {"agent": till.user.public_id},
    )
    capture = Capture.objects.get()
    assert (capture.means, capture.transaction_reference, capture.contract.channel) == ("cheque", "0004512", "desk")
    assert (attempt.next_check_at, attempt.checkout.agent, attempt.checkout.user) == (None, till.user, None)
    told = AuditEvent.objects.get(action="payment.received_at_desk")
    assert (told.subject, told.details) == (attempt.public_id, {"means": "cheque", "amount_cents": 2400})
    mail = OutgoingMail.objects.get(kind="receipt")
    assert mail.recipient == invoice.household.guardians.get().email
    assert "bien été reçu au guichet (chèque bancaire), le 8 octobre 2026 à 15 h 35" in " ".join(mail.text.split())
    assert "débité" not in mail.text


@pytest.mark.row("L06")
def test_after_a_part_the_invoice_shows_the_new_split(payer, till, invoice):
    """A part is taken at the desk though this régie allows none on line."""
    assert not payer.regie.allows_part_payment
    till.taken(invoice, amount="10")
    page = main_words(payer.get(f"/factures/{invoice.public_id}/"))
    for said in ("24,00 €", "10,00 €", "14,00 €", "Paiement au guichet"):
        assert said in page
    assert "déjà reçu 10,00 €" in main_words(till.page(payer.household))
    till.taken(invoice, amount="14")
    assert "Payée" in main_words(payer.get(f"/factures/{invoice.public_id}/"))
    assert Receipt.objects.count() == 2


def test_the_family_finds_its_receipt_on_line_too(payer, till, invoice):
    attempt = till.taken(invoice, amount="24")
    page = main_words(payer.get("/recus/"))
    assert f"Reçu n° {attempt.capture.receipt} (PDF)" in page
    assert f"Paiement au guichet {attempt.reference}" in main_words(
        payer.get(f"/comptes/{payer.regie.public_id}/releve/")
    )
    assert payer.get(f"/paiement/resultat/{attempt.return_token}/").status_code == 200


def test_a_part_settles_what_is_due_first(payer, till):
    late = make_invoice(payer.household, payer.regie, cents=1000, due_on=date(2026, 10, 30))
    soon = make_invoice(payer.household, payer.regie, cents=1000, due_on=date(2026, 10, 15))
    someday = make_invoice(payer.household, payer.regie, cents=1000, due_on=None)
    attempt = till.taken(late, soon, someday, amount="15")
    assert left(late, soon, someday) == [500, 0, 1000]
    assert [line.invoice for line in attempt.lines.order_by("amount_cents")] == [late, soon]


def test_a_closed_window_does_not_close_the_desk(payer, till, invoice):
    payer.regie.uses_payment_windows = True
    payer.regie.save()
    make_window(payer.regie, first=date(2026, 11, 1), last=date(2026, 11, 14), months=[invoice.billed_month])
    till.taken(invoice, amount="24")
    assert left(invoice) == [0]


@pytest.mark.parametrize("means", ["cheque", "transfer", "cesu", "ancv"])
def test_what_is_too_much_is_the_familys_credit(payer, till, invoice, means):
    till.taken(invoice, amount="30", means=means)
    assert (left(invoice), household_credit_cents(payer.household)) == ([0], {payer.regie.id: 600})
    assert not ReviewCase.objects.exists()
    sheet = sheet_of(Receipt.objects.get())
    assert (sheet.total_cents, sheet.surplus_cents) == (3000, 600)
    assert "Avoir : +6,00 €" in main_words(till.page(payer.household))


@pytest.mark.parametrize("means", ["cash", "card"])
def test_change_is_given_back(payer, till, invoice, means):
    answer = till.take(invoice, amount="30", means=means)
    told = "Les factures cochées font 24,00 € : rendez 6,00 € à la famille, ou cochez une autre facture."
    assert told in main_words(answer, status=422)
    assert not PaymentAttempt.objects.exists()


def test_a_date_gone_by_is_told_without_hour(payer, till, invoice):
    attempt = till.taken(invoice, amount="24", means="transfer", received_on="2026-10-05")
    assert attempt.capture.paid_at.date() == date(2026, 10, 5)
    sheet = sheet_of(Receipt.objects.get())
    assert (sheet.has_hour, sheet.paid_at.date()) == (False, date(2026, 10, 5))
    assert Invoice.objects.get().settled_on == date(2026, 10, 5)
    text = OutgoingMail.objects.get().text
    assert "reçu au guichet (virement), le 5 octobre 2026. –" in " ".join(text.split())


# What is refused


@pytest.mark.row("S09")
@pytest.mark.parametrize("means", ["cheque", "cesu", "card_online", "direct_debit", "gold"])
def test_only_what_the_act_names_is_taken(payer, invoice, means):
    open_desk(payer.regie, means=("cash", "transfer"))
    till = hired(payer.regie)
    page = main_words(till.page(payer.household))
    assert ("Espèces" in page, "Virement" in page, "Chèque" in page, "CESU" in page) == (True, True, False, False)
    answer = till.take(invoice, amount="24", means=means)
    assert "L’acte de la régie ne permet pas ce moyen de paiement." in main_words(answer, status=422)
    assert (left(invoice), PaymentAttempt.objects.exists()) == ([2400], False)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"amount": ""}, "Indiquez un montant, comme 12,50."),
        ({"amount": "douze"}, "Écrivez un montant comme 12,50."),
        ({"amount": "0"}, "Indiquez la somme reçue."),
        ({"amount": "-24"}, "Indiquez la somme reçue."),
        ({"amount": "100000", "means": "cheque"}, "Le guichet s’arrête à 99 999,99 € en une fois."),
        ({"means": ""}, "Choisissez un moyen de paiement."),
        ({"received_on": ""}, "Indiquez la date."),
        ({"received_on": "2026-10-09"}, "Cette date n’est pas encore venue."),
        ({"received_on": "2026-09-06"}, "Cette date a plus de 31 jours."),
        ({"received_on": "demain"}, "Ce n’est pas une date."),
        ({"number": "4970 1000 0000 0154", "means": "card"}, "Ne recopiez jamais un numéro de carte."),
        ({"invoices": []}, "Cochez ce que la famille paie."),
        ({"invoices": ["x"]}, "Cette facture n’existe pas."),
        ({"invoices": ["x" * 22]}, "n’est pas de cette famille ou de cette régie."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(payer, till, invoice, changes, told):
    answer = till.take(invoice, **{"amount": "24", "number": "N-12", "means": "cash", **changes})
    assert told in main_words(answer, status=422)
    assert f'value="{changes.get("number", "N-12")}"' in answer.content.decode()
    assert (left(invoice), PaymentAttempt.objects.exists()) == ([2400], False)


def test_a_debt_of_the_treasury_is_not_taken(payer, till, invoice):
    other = make_invoice(payer.household, payer.regie, cents=500)
    typed = till.typed(invoice, amount="24")
    Invoice.objects.filter(pk=invoice.pk).update(sent_to_treasury_on=date(2026, 10, 1))
    page = main_words(till.page(payer.household))
    assert "Transmise à la Trésorerie le 1er octobre 2026 : c’est là qu’elle se paie maintenant." in page
    assert f"{payer.household.file_name} : 5,00 € à payer" in page
    answer = till.send(payer.household, typed)
    assert f"La facture {invoice.number} est transmise à la Trésorerie" in main_words(answer, status=422)
    assert left(invoice, other) == [2400, 500]


def test_an_invoice_settled_meanwhile_is_told(payer, till, invoice):
    typed = till.typed(invoice, amount="24")
    record_receipt_elsewhere(invoice=invoice, amount_cents=2400, means="espèces", received_on=NOON.date())
    other = make_invoice(payer.household, payer.regie)
    answer = till.send(payer.household, typed)
    assert f"Déjà soldée : {invoice.number}. Décochez-la." in main_words(answer, status=422)
    assert left(other) == [2400]


def test_an_invoice_of_another_family_or_regie_is_none(payer, till, invoice):
    theirs = make_invoice(make_household(), payer.regie)
    elsewhere = make_invoice(payer.household, make_regie(label="Petite enfance"))
    for stranger in (theirs, elsewhere):
        answer = till.take(invoice, amount="24", invoices=[invoice.public_id, stranger.public_id])
        assert "n’est pas de cette famille ou de cette régie." in main_words(answer, status=422)
    assert left(invoice, theirs, elsewhere) == [2400, 2400, 2400]


@pytest.mark.parametrize("closed", ["never opened", "ended", "closed régie"])
def test_a_desk_that_is_not_open_takes_nothing(payer, invoice, closed):
    contract = open_desk(payer.regie)
    till = hired(payer.regie)
    typed = till.typed(invoice, amount="24")
    if closed == "closed régie":
        type(payer.regie).objects.update(is_active=False)
    elif closed == "ended":
        type(contract).objects.filter(pk=contract.pk).update(closed_on=date(2026, 10, 1))
    else:
        contract.delete()
    assert "Le guichet de cette régie n’est pas ouvert" in main_words(till.page(payer.household))
    answer = till.send(payer.household, typed)
    assert "n’est pas encore ouvert" in main_words(answer, status=422)
    assert left(invoice) == [2400]


def test_a_desk_on_trial_takes_nothing_in_production(payer, till, invoice, settings):
    typed = till.typed(invoice, amount="24")
    settings.PREAU_ENV = "production"
    assert "Le guichet de cette régie n’est pas ouvert" in main_words(till.page(payer.household))
    assert "est en cours d’essai" in main_words(till.send(payer.household, typed), status=422)
    assert left(invoice) == [2400]


# Beside payments on line


def test_an_invoice_being_paid_on_line_waits_for_the_end_of_its_lock(payer, till, invoice, frozen_clock):
    """U1, U5: the agent is told why and until when, and goes on only once the lock is over."""
    typed = till.typed(invoice, amount="24")
    payer.send(invoice)
    page = main_words(till.page(payer.household))
    assert (
        "Quelqu’un la paie en ligne depuis 15 h 35. Si ce paiement n’aboutit pas, vous pourrez l’encaisser à 16 h 05."
        in page
    )
    answer = till.send(payer.household, typed)
    assert f"Un paiement est déjà en cours sur la facture {invoice.number} depuis 15 h 35." in main_words(
        answer, status=422
    )
    assert Capture.objects.count() == 0
    frozen_clock.advance(minutes=31)
    till.client.force_login(till.user)
    assert "Quelqu’un la paie" not in main_words(till.page(payer.household))
    till.taken(invoice, amount="24")
    assert left(invoice) == [0]


def test_a_payment_heard_of_after_the_desk_is_the_familys_credit(payer, till, invoice, frozen_clock):
    attempt = payer.send(invoice)
    frozen_clock.advance(minutes=31)
    till.client.force_login(till.user)
    till.taken(invoice, amount="24")
    payer.bank.pay(attempt.gateway_reference)
    payer.notify(attempt)
    assert attempt.state == "captured"
    assert household_credit_cents(payer.household) == {payer.regie.id: 2400}


def test_a_bank_that_knows_it_paid_is_heard_before_the_desk_takes_it_again(payer, till, invoice, frozen_clock):
    """The lock is over, the notice never came: the bank is asked first."""
    attempt = payer.send(invoice)
    payer.bank.pay(attempt.gateway_reference)
    frozen_clock.advance(minutes=31)
    till.client.force_login(till.user)
    answer = till.take(invoice, amount="24")
    assert f"Déjà soldée : {invoice.number}." in main_words(answer, status=422)
    assert Capture.objects.get().attempt == attempt


def test_an_invoice_that_waits_for_a_decision_is_not_taken(payer, till, invoice):
    typed = till.typed(invoice, amount="24")
    attempt = payer.send(invoice)
    payer.bank.pay(attempt.gateway_reference, amount_cents=2401)
    payer.notify(attempt)
    assert "n’encaissez pas cette facture" in main_words(till.page(payer.household))
    told = f"retenue par le paiement {attempt.reference}, que la banque n’a pas confirmé"
    assert told in main_words(till.send(payer.household, typed), status=422)
    assert left(invoice) == [2400]


def test_what_the_desk_took_leaves_the_basket(payer, till, invoice):
    payer.choose(invoice)
    till.taken(invoice, amount="24")
    assert "Votre panier est vide" in main_words(payer.get("/panier/"))


def test_the_portal_never_offers_the_desk(payer, till, invoice):
    """A régie whose only contract is its desk takes nothing on line, and no page names it as a bank."""
    payer.regie.contracts.filter(channel="online").update(closed_on=date(2026, 10, 1))
    assert "ne prend pas encore les paiements en ligne" in main_words(payer.get("/factures/"))
    for path in ("/aide/", "/aide/paiement/", "/conditions/", "/confidentialite/", "/"):
        answer = Client().get(path, follow=True)
        assert "Guichet de la régie" not in answer.content.decode(), path


# Twice


def test_a_double_click_is_one_payment(payer, till, invoice):
    typed = till.typed(invoice, amount="10")
    first, second = (till.send(payer.household, typed) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert (left(invoice), Capture.objects.count()) == ([1400], 1)
    assert "était déjà enregistré : le voici. Rien n’est compté deux fois." in main_words(
        till.client.get(second["Location"])
    )


def test_a_form_key_is_worth_nothing_to_somebody_else(payer, till, invoice):
    """The key of another agent's form neither shows nor repeats their payment."""
    typed = till.typed(invoice, amount="10")
    till.send(payer.household, typed)
    other = hired(payer.regie, name="Omar Lefebvre")
    assert "Rouvrez la page de cette famille" in main_words(other.send(payer.household, typed), status=422)
    assert Capture.objects.count() == 1


# After


def test_a_cheque_that_bounces_is_taken_back_by_two_agents(payer, till, invoice):
    attempt = till.taken(invoice, amount="30", means="cheque", number="0004512")
    omar = hire(payer.regie, name="Omar Lefebvre")
    path = f"/bureau/paiements/{attempt.public_id}/"
    assert "Chèque rejeté ou erreur de saisie au guichet" in main_words(till.client.get(path))
    typed = {"kind": "bounced_cheque", "notice": "Avis 12", "noticed_on": "2026-10-08", "reason": WHY}
    part = till.client.post(f"{path}rejet/", {**typed, "amount": "12"})
    assert "Indiquez le paiement en entier : 30,00 €." in main_words(part, status=422)
    answer = till.client.post(f"{path}rejet/", {**typed, "amount": "30"})
    omar.client.post(f"{answer['Location']}confirmer/")
    assert (left(invoice), household_credit_cents(payer.household)) == ([2400], {})
    assert household_balances(payer.household) == {payer.regie.id: -2400}
    mail = OutgoingMail.objects.get(kind="reversal")
    assert "La banque a rejeté le chèque" in mail.text
    assert "Chèque rejeté : 30,00 € repris par la banque" in main_words(payer.get("/recus/"))


def test_a_slip_of_the_pen_is_undone_by_two_agents_and_said_so(payer, till, invoice):
    Guardian.objects.filter(household=payer.household).update(email="")
    User.objects.update(email=None)
    attempt = till.taken(invoice, amount="24")
    omar = hire(payer.regie, name="Omar Lefebvre")
    path = f"/bureau/paiements/{attempt.public_id}/"
    typed = {"kind": "mistake", "amount": "24", "notice": "Caisse", "noticed_on": "2026-10-08", "reason": WHY}
    answer = till.client.post(f"{path}rejet/", typed)
    omar.client.post(f"{answer['Location']}confirmer/")
    assert left(invoice) == [2400]
    (told,) = OutgoingMail.objects.all()
    assert told.kind == "reversal_regie"
    assert "La famille n’a pas d’adresse e-mail : prévenez-la." in " ".join(told.text.split())
    assert "Erreur de saisie au guichet : 24,00 € annulés le 8 octobre 2026." in main_words(payer.get("/recus/"))


@pytest.mark.parametrize(
    ("means", "kinds"),
    [
        ("cash", ["mistake"]),
        ("transfer", ["mistake"]),
        ("card", ["chargeback", "mistake"]),
        ("cheque", ["bounced_cheque", "mistake"]),
        ("cesu", ["refused_voucher", "mistake"]),
        ("ancv", ["refused_voucher", "mistake"]),
    ],
)
def test_each_means_is_undone_in_its_own_ways(till, invoice, means, kinds):
    attempt = till.taken(invoice, amount="24", means=means)
    page = till.client.get(f"/bureau/paiements/{attempt.public_id}/rejet/").content.decode()
    assert [kind for kind in Reversal.Kind.values if f'value="{kind}"' in page] == sorted(
        kinds, key=Reversal.Kind.values.index
    )


@pytest.mark.parametrize(("means", "is_offered"), [("cheque", False), ("transfer", False), ("card", True)])
def test_only_a_card_is_credited_again(payer, till, invoice, means, is_offered):
    attempt = till.taken(invoice, amount="24", means=means)
    note = CreditNote(
        regie=payer.regie, household=payer.household, number="AV-1", label="Goûter", issued_on=NOON.date(),
        total_cents=500,
    )  # fmt: skip
    record_credit_note(note=note)
    path = f"/bureau/paiements/{attempt.public_id}/rembourser/"
    assert ("Carte recréditée" in main_words(till.client.get(path))) == is_offered
    typed = {"source": "avoir", "amount": "5", "means": "card", "reference": "V-8", "reason": WHY}
    assert till.client.post(path, typed).status_code == (302 if is_offered else 422)


# Pages


def test_the_till_tells_what_was_taken_today(payer, till, invoice):
    other = make_invoice(payer.household, payer.regie, cents=5000)
    till.taken(invoice, amount="24")
    till.taken(other, amount="20")
    till.taken(other, amount="30", means="cheque")
    page = main_words(till.client.get("/bureau/guichet/"))
    assert "Espèces 2 44,00 €" in page
    assert "Chèque bancaire 1 30,00 €" in page
    assert "Total 74,00 €" in page
    assert "Rien pour l’instant." in main_words(hired(make_regie()).client.get("/bureau/guichet/"))


def test_what_is_sought_finds_the_families_of_the_agent_alone(payer, till, invoice):
    theirs = make_invoice(make_household(file_name="BERGER-ROCHE"), make_regie())
    for sought in ("berger", payer.household.file_number, invoice.number):
        page = main_words(till.client.get("/bureau/guichet/", {"q": sought}))
        assert payer.household.file_name in page
        assert "BERGER-ROCHE" not in page
    for sought in ("introuvable", theirs.number, "%", "_"):
        assert "Aucune famille trouvée." in main_words(till.client.get("/bureau/guichet/", {"q": sought}))
    assert till.client.get(till.path(theirs.household)).status_code == 404


def test_a_family_that_owes_nothing_is_told_so(payer, till, invoice):
    till.taken(invoice, amount="24")
    page = main_words(till.page(payer.household))
    assert f"{payer.household.file_name} : rien à payer" in page
    assert "Cette famille ne doit rien à cette régie." in page


def test_the_first_regie_owed_is_shown_and_the_others_named(payer, invoice):
    other = make_regie(label="Petite enfance")
    make_invoice(payer.household, other, cents=700)
    for regie in (payer.regie, other):
        open_desk(regie)
    till = hired(make_regie(label="Musique"), payer.regie, other)
    page = main_words(till.client.get(till.path(payer.household)))
    assert "24,00 € à payer" in page
    assert "Aussi à payer : Petite enfance" in page
    assert "7,00 € à payer" in main_words(till.page(payer.household, regie=other))
    assert till.page(payer.household, regie=make_regie()).status_code == 404


def test_a_form_without_its_regie_is_nobodys(payer, till, invoice):
    typed = till.typed(invoice, amount="24")
    for regie in ("", "x", make_regie().public_id):
        assert till.send(payer.household, {**typed, "regie": regie}).status_code == 404
    assert left(invoice) == [2400]


def test_a_receipt_of_a_payment_on_line_is_printed_too(payer, till, invoice):
    attempt = payer.pay(invoice)
    assert till.client.get(f"/bureau/paiements/{attempt.public_id}/recu/").content.startswith(b"%PDF")


def test_the_desk_has_no_morning_constat(payer, till, invoice, frozen_clock):
    till.taken(invoice, amount="24")
    tomorrow = NOON.date() + timedelta(days=1)
    assert [one.channel for one in contracts_on(tomorrow)] == ["online"]
    frozen_clock.advance(days=1)
    assert (reconcile_nights(), reconcile_nights()) == (1, 0)
    assert not ReviewCase.objects.exists()
    till.client.force_login(till.user)
    assert "Guichet de la régie" not in main_words(till.client.get("/bureau/rapprochement/?mois=2026-10"))


@pytest.mark.parametrize("many", [1, 12])
def test_the_number_of_queries_of_the_search_does_not_grow(payer, till, many, django_assert_num_queries):
    for _ in range(many):
        make_invoice(make_household(file_name="DUPONT"), payer.regie)
    with django_assert_num_queries(13):
        assert words(till.client.get("/bureau/guichet/?q=dupont")).count("DUPONT") == many


@pytest.mark.parametrize("many", [1, 12])
def test_the_number_of_queries_of_a_family_does_not_grow(payer, till, many, django_assert_num_queries):
    for _ in range(many):
        make_invoice(payer.household, payer.regie)
    with django_assert_num_queries(16):
        assert main_words(till.page(payer.household)).count("À payer avant") == many


def test_a_parent_has_no_desk(payer, invoice):
    login_family(payer.client, payer.household)
    assert payer.get("/bureau/guichet/").status_code == 404
