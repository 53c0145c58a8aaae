"""Nobody is kept out: each page of the portal as axe judges it on a phone and on a desk, and none too wide for 320 px.

The families are those that strain a page (six children, long names, invoices in every state) and one with nothing.
"""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client
from django.urls import URLPattern, get_resolver, resolve, reverse

from preau.domain.activities.models import Activity, Menu, PlacesOfDay
from preau.domain.billing.models import CreditNote
from preau.domain.billing.services import record_credit_note, record_receipt_elsewhere
from preau.domain.bookings.models import Enrolment
from preau.domain.bookings.services.enrolments import decide_enrolment, request_enrolment
from preau.domain.bookings.services.waiting import join_waiting_list, offer_everything
from preau.domain.families.models import Child, Guardian
from preau.domain.families.services.invitations import invite_guardian
from preau.domain.payments.models import ReviewCase
from preau.domain.payments.services.anchors import anchor_months
from preau.domain.payments.states import Verdict
from preau.domain.payments.tests.statements import constat_of, file_of, line_of, take
from preau.domain.pricing.rules import Basis, Line
from preau.domain.pricing.tests.tariffs import make_tariff, make_unit, make_version
from preau.domain.regies.models import Regie
from preau.foundation import clock
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.mail.models import OutgoingMail
from preau.interfaces.desk.tests.conftest import contradict, hire
from tests.support import activities as planned
from tests.support.activities import make_activity, make_activity_group, make_armistice, make_school_year
from tests.support.bookings import AGENT, MONDAY, PARENT, TUESDAY, make_enrolment, make_service, price
from tests.support.browser import DESK, PHONE
from tests.support.canteen import make_busy_canteen
from tests.support.care import make_care_contract, make_creche
from tests.support.factories import NOON, PASSWORD, login_family, make_household, make_invoice, make_regie, make_window
from tests.support.offer import make_offer
from tests.support.payer import Payer
from tests.support.till import hired, open_desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NARROWEST = {"width": 320, "height": 640}
LONG = "RAKOTONDRAINIBE-ANDRIAMANANTENASOA"

OPEN_TO_ALL = {
    "accessibility", "claim", "claim_mail", "contact", "first_access", "help", "help_payment",
    "identifiers", "login", "mail_sent", "menus", "privacy", "public_home", "receipt_anchors", "terms",
    "verify", "verify_code", "windows",
}  # fmt: skip
WAYS_IN = {"claim_link", "claim_open", "first_access_open", "reset"}
FAMILY = {
    "account", "accounts", "archives", "confirm_password", "credit", "direct_debits", "email_change", "email_confirm",
    "enrolments", "file", "history", "home", "invoice", "invoice_credit", "invoices", "logout", "password_change",
    "planning", "receipts", "sessions", "statement",
}  # fmt: skip
ENROLLING = {"enrolment", "enrolment_ask", "enrolment_children"}
PLANNING = {
    "planning", "planning_edit", "planning_quit", "planning_pattern", "planning_summary", "planning_drop", "top_up",
    "waiting_join",
}  # fmt: skip
PAYING = {"basket", "basket_part", "basket_pay", "payment", "payment_result"}
AFTER_PAYING = {
    "payments", "payment", "payment_reverse", "payment_refund", "payment_credit_note", "credits", "credit",
    "credit_refund", "acts", "act", "act_send_back",
}  # fmt: skip
TILL_PAGES = {"till", "till_family", "payment"}
DESK_PAGES = {"home", "cases", "case", "case_propose", "case_send_back"}
OFFER_PAGES = {
    "activities", "activities_copy", "activity", "activity_edit", "activity_new", "calendar", "closure_new",
    "closure_remove", "group_edit", "group_new", "group_remove", "holiday_edit", "holiday_new", "holiday_remove",
    "holidays_fill", "menus", "menus_import", "menus_publisher", "official_days", "public_holiday_new",
    "public_holiday_remove", "site_edit", "site_new", "sites", "unit_edit", "unit_new", "unit_remove", "year_edit",
    "year_new", "year_remove",
}  # fmt: skip
MONTHS_PAGES = {"reconciliation", "reconciliation_import", "reconciliation_day"}
FAMILIES_PAGES = {
    "contract", "contract_change", "contract_end", "enrolment", "enrolment_accept", "enrolment_contract",
    "enrolment_end", "enrolment_refuse", "enrolments", "families", "family", "family_child", "family_enrol",
    "family_link", "family_quotient",
}  # fmt: skip
TARIFF_PAGES = {"tariffs", "tariff_new", "tariff", "tariff_version_new"}
CHILDREN_PAGES = {
    "day", "booking", "booking_family", "booking_days", "booking_cancel", "places", "places_of_activity",
    "places_closed", "waiting", "waiting_remove",
}  # fmt: skip
#: Addresses that never answer with a page of their own: targets of forms, files, style sheets, fragments.
NOT_PAGES = {
    "accept_terms", "basket_add", "basket_remove", "dishes_file", "enrolment_again", "enrolment_withdraw",
    "groups_css", "healthz", "invoice_pdf", "menus_file", "offer_answer", "payment_cancel", "payment_return",
    "payment_send", "payment_status", "planning_draft", "planning_extend", "planning_pay", "planning_save",
    "receipt_pdf", "receipt_verifier", "session_end", "session_extend", "sessions_end", "town_css", "town_logo",
    "waiting_leave",
}  # fmt: skip

_WIDTH = "() => document.fonts.ready.then(() => document.documentElement.scrollWidth)"
_JUDGE = """() => axe.run(document, { preload: false, resultTypes: ["violations"] }).then(said =>
    said.violations.map(found => `${found.id}: ${found.nodes.map(node => node.html).join(" ")}`))"""


class Eye:
    """Looks at pages in a browser of its own; keeps their names and what is wrong with them."""

    def __init__(self, page, url: str) -> None:
        self.page, self.url = page, url
        self.names: set[str] = set()
        self.faults: list[str] = []
        page.add_init_script(Axe().axe_script)

    def come_in(self, client: Client) -> None:
        """Take over the session of a family."""
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": self.url}])

    def see(self, *paths: str) -> None:
        for path in paths:
            self.page.goto(self.url + path)
            if self.page.evaluate("scrollY"):
                self.faults.append(f"{path} does not open at its top")
            self.look()

    def press(self, words: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=words).first.click()
        self.look()

    def look(self) -> None:
        """Judge what is shown, its details open."""
        path = self.page.url.removeprefix(self.url)
        self.names.add(resolve(path.partition("?")[0]).url_name)
        self.judge(path)

    def judge(self, path: str) -> None:
        self.page.evaluate("document.querySelectorAll('main details').forEach(part => { part.open = true; })")
        self.page.set_viewport_size(NARROWEST)
        if self.page.evaluate(_WIDTH) > NARROWEST["width"]:
            self.faults.append(f"{path} scrolls sideways")
        for size in (PHONE, DESK):
            self.page.set_viewport_size(size)
            self.faults += [f"{path} at {size['width']} px: {found}" for found in self.page.evaluate(_JUDGE)]


@pytest.fixture
def eye(windows, live_server):
    eye = Eye(windows.open(reduced_motion="reduce"), live_server.url)
    yield eye
    assert eye.faults == []


@pytest.fixture
def rich(payer) -> Payer:
    """Six children, a name that fits nowhere, three régies, an invoice in each state."""
    household = make_household(file_name=LONG, children=6)
    household.guardians.update(first_name="Hasiniaina Voahangy", last_name=LONG)
    Child.objects.update(first_name="Marie-Fitiavana", last_name=LONG)
    leisure = make_regie(label="Accueil de loisirs", allows_part_payment=True)
    early = make_regie(label="Petite enfance", uses_payment_windows=True)
    make_window(early, first=date(2026, 9, 2), last=date(2026, 9, 30), months=[date(2026, 8, 1)])
    make_window(early, first=date(2026, 10, 1), last=date(2026, 10, 31), months=[date(2026, 9, 1)])
    client = Client()
    login_family(client, household)
    person = Payer(household, client, payer.bank, payer.regie)
    person.pay(make_invoice(household, payer.regie, cents=1200))
    late = {"issued_on": date(2026, 8, 3), "due_on": date(2026, 9, 30)}
    make_invoice(household, leisure, cents=123_450, label="Accueil de loisirs du mercredi et des vacances", **late)
    make_invoice(household, early, label="Halte-garderie", billed_month=date(2026, 8, 1))
    make_invoice(household, early, label="Halte-garderie", billed_month=date(2026, 9, 1))
    make_invoice(household, payer.regie, sent_to_treasury_on=date(2026, 10, 1))
    elsewhere = make_invoice(household, payer.regie, cents=3000)
    record_receipt_elsewhere(invoice=elsewhere, amount_cents=3000, means="espèces", received_on=date(2026, 10, 2))
    return person


def _patterns(space: str) -> list[URLPattern]:
    return next(one for one in get_resolver().url_patterns if getattr(one, "namespace", "") == space).url_patterns


def _names(space: str) -> set[str]:
    return {pattern.name for pattern in _patterns(space)}


def _give_credit(person: Payer, cents: int) -> None:
    note = CreditNote(
        regie=person.regie, household=person.household, number="AV-1", label="Sortie annulée",
        issued_on=NOON.date(), total_cents=cents,
    )  # fmt: skip
    record_credit_note(note=note)


def test_no_page_is_forgotten():
    """A new page is looked at from its birth."""
    assert _names("portal") == OPEN_TO_ALL | WAYS_IN | FAMILY | ENROLLING | PLANNING | PAYING | NOT_PAGES
    desk_targets = {
        "case_confirm", "act_confirm", "reconciliation_pdf", "reconciliation_again", "payment_receipt",
        "tariff_version_remove", "tariff_attach", "day_attendance", "day_kitchen", "enrolment_papers",
    }  # fmt: skip
    known = DESK_PAGES | MONTHS_PAGES | AFTER_PAYING | TILL_PAGES | OFFER_PAGES | TARIFF_PAGES | CHILDREN_PAGES
    known |= FAMILIES_PAGES
    assert _names("desk") == known | desk_targets


def test_pages_open_to_all(eye, rich):
    with clock.frozen(NOON + timedelta(days=30)):
        anchor_months()
    receipt = rich.get("/recus/").content.decode().split('href="/recus/')[1].split("/")[0]
    eye.see(
        "/", "/aide/", "/aide/paiement/", "/periodes-de-paiement/", "/accessibilite/", "/conditions/",
        "/donnees-personnelles/", "/contact/", "/verifier/", f"/verifier/{receipt}/", "/verifier/inconnu/",
        "/verifier/empreintes/", "/identifiants-oublies/", "/courriel-envoye/", "/premiere-connexion/",
        "/premiere-connexion/dossier/", "/premiere-connexion/lien/", "/menus/", "/connexion/",
    )  # fmt: skip
    eye.press("Me connecter")
    assert eye.names == OPEN_TO_ALL


def test_the_ways_in(eye, rich):
    """What follows the codes of the invoice, the family file, a link by mail, a forgotten password."""
    household = make_household(file_name="LE GOFF")
    newcomer = Guardian.objects.create(
        household=household, position=2, first_name="Yann", last_name="Le Goff", email="yann@example.org"
    )
    given = invite_guardian(guardian=newcomer, valid_for=timedelta(days=60), by=SYSTEM)
    page, known = eye.page, {"file_number": household.file_number, "file_name": household.file_name}
    page.goto(f"{eye.url}/premiere-connexion/")
    page.fill("[name=access_code]", given.user.access_code)
    page.fill("[name=code]", given.code)
    page.get_by_role("button", name="Continuer").click()
    eye.press("Ouvrir mon compte")
    page.goto(f"{eye.url}/premiere-connexion/dossier/")
    for name, value in {**known, "code": given.code}.items():
        page.fill(f"[name={name}]", value)
    page.get_by_role("button", name="Continuer").click()
    eye.press("Ouvrir mon compte")
    visitor = Client()
    visitor.post("/premiere-connexion/lien/", {**known, "email": newcomer.email})
    visitor.post("/identifiants-oublies/", {"email": rich.user.email})
    mails = OutgoingMail.objects.filter(text__contains=settings.PREAU_PUBLIC_URL).exclude(kind="receipt")
    eye.see(*(mail.text.split(settings.PREAU_PUBLIC_URL)[1].split()[0] for mail in mails))
    assert eye.names == WAYS_IN


def test_the_pages_of_a_large_family(eye, rich):
    rich.send(make_invoice(rich.household, rich.regie, label="Étude", cents=4200))
    invoice = rich.household.invoices.order_by("id")[1]
    rich.client.post("/mon-compte/courriel/", {"email": "neuve@example.org", "current_password": PASSWORD})
    confirmation = OutgoingMail.objects.get(kind="confirm_email").text.split(settings.PREAU_PUBLIC_URL)[1].split()[0]
    owed = make_invoice(rich.household, rich.regie, cents=99_900, label="Séjour à la neige et classe de découverte")
    _give_credit(rich, 12_345)
    eye.come_in(rich.client)
    eye.see(
        f"/comptes/{rich.regie.public_id}/avoir/", f"/factures/{owed.public_id}/", f"/factures/{owed.public_id}/avoir/",
        "/accueil/", "/dossier/", "/inscriptions/", "/planning/", "/comptes/",
        f"/comptes/{rich.regie.public_id}/releve/", "/factures/", f"/factures/{invoice.public_id}/",
        "/factures/historique/", "/factures/archives/", "/factures/prelevements/", "/recus/", "/mon-compte/",
        "/mon-compte/mot-de-passe/", "/mon-compte/courriel/", "/mon-compte/appareils/", "/mon-compte/confirmer/",
        confirmation, "/mon-compte/courriel/lien-mort/", "/deconnexion/",
    )  # fmt: skip
    assert eye.names == FAMILY


@pytest.fixture
def enrolled(rich) -> dict[str, Enrolment]:
    """Of the first child: a request with its papers, one refused, one accepted with its contract, a year to come."""
    child, household = rich.household.children.first(), rich.household
    papers = [f"Attestation d’assurance {LONG}", "Fiche sanitaire"]
    name = f"Accueil de loisirs {LONG} du mercredi et des vacances"
    wanted = make_activity(name, regie=rich.regie, required_papers=papers, description=f"{LONG} " * 5)
    make_activity_group(wanted, f"Groupe {LONG}", capacity=12)
    make_activity_group(wanted, "Grands", min_age_months=120)
    make_activity("Réservée aux plus grands", regie=rich.regie, levels=["CM1", "CM2"])
    year = make_school_year("2027 / 2028", first_day=date(2027, 9, 1), last_day=date(2028, 8, 31))
    creche = make_creche(regie=rich.regie)
    make_activity(creche.name, kind=creche.kind, regie=rich.regie, school_year=year)
    care = make_enrolment(child, creche, household)
    make_care_contract(care)
    asked = {"household": household, "child_id": child.public_id, "by": PARENT}
    refused = request_enrolment(activity_id=make_activity("Étude", regie=rich.regie).public_id, **asked)
    decide_enrolment(enrolment_id=refused.public_id, accepted=False, motive="no_place", details=LONG, by=AGENT)
    return {
        "asked": request_enrolment(activity_id=wanted.public_id, message=f"{LONG} " * 5, **asked),
        "refused": refused,
        "care": care,
    }


def test_enrolling_a_child(eye, rich, enrolled):
    eye.come_in(rich.client)
    second = rich.household.children.last()
    ask = f"/inscriptions/demander/{second.public_id}/"
    eye.see("/inscriptions/", "/inscriptions/demander/", ask)
    eye.see(f"{ask}?activite={enrolled['asked'].activity.public_id}")
    eye.page.evaluate("document.querySelector('[name=message]').removeAttribute('maxlength')")
    eye.page.fill("[name=message]", "a" * 1001)
    eye.press("Envoyer la demande")
    assert eye.page.get_by_text("1000 caractères au plus.").count() == 2
    eye.page.fill("[name=message]", "Merci.")
    eye.press("Envoyer la demande")
    eye.see(*(f"/inscriptions/{enrolled[one].public_id}/" for one in ("asked", "refused")))
    assert eye.names == {"enrolments"} | ENROLLING


def test_the_families_of_the_desk(eye, rich, enrolled):
    """A request refused with faults then accepted, a contract written, changed and ended, facts noted: each fault."""
    nadege = hire(rich.regie, name=LONG)
    asked, care = (f"/bureau/inscriptions/{enrolled[one].public_id}/" for one in ("asked", "care"))
    family = f"/bureau/familles/{rich.household.public_id}/"
    contract = f"/bureau/contrats/{enrolled['care'].contracts.get().public_id}/"
    child = f"/bureau/familles/enfants/{enrolled['care'].child.public_id}/"
    eye.come_in(nadege.client)
    eye.see("/bureau/inscriptions/", "/bureau/inscriptions/?etat=ended", asked)
    eye.press("Refuser la demande")
    assert eye.page.get_by_text("Choisissez.").count() == 2
    eye.page.evaluate("document.querySelectorAll('[name=group]').forEach(one => { one.checked = false; })")
    eye.press("Accepter l’inscription")
    eye.see(care)
    eye.press("Terminer l’inscription")
    eye.see(f"{care}contrat/")
    eye.press("Calculer")
    eye.see(contract)
    eye.press("Terminer le contrat")
    eye.see(f"{contract}changer/")
    eye.press("Calculer")
    eye.see("/bureau/familles/", f"/bureau/familles/?q={LONG[:8]}", "/bureau/familles/?q=introuvable", family, child)
    eye.see(f"{family}lien/", f"{family}inscrire/")
    eye.press("Inscrire")
    eye.see(f"{family}quotient/")
    eye.press("Enregistrer")
    assert eye.names == FAMILIES_PAGES


def test_the_pages_of_a_family_with_nothing(eye, payer):
    eye.come_in(payer.client)
    eye.see("/accueil/", "/factures/", "/comptes/", f"/comptes/{payer.regie.public_id}/avoir/", "/recus/", "/panier/")


def test_the_planning(eye, rich):
    """Three ways to tick, a full day, one waited for, one offered, one refused; then what is held, and given up."""
    child, activities = enrol_everywhere(rich)
    canteen, nursery = activities["canteen"], activities["nursery"]
    eye.come_in(rich.client)
    edit = f"/planning/modifier/?enfant={child.public_id}&jour=2026-11-16"
    full = f"enfant={child.public_id}&activite={canteen.public_id}&unite=repas&jour=2026-11-17"
    eye.see(
        f"/planning/?enfant={child.public_id}&jour=2026-11-16",
        "/planning/?vue=semaine",
        "/planning/?vue=quinzaine",
        edit,
    )
    eye.see(f"/planning/attente/?{full}", "/recharger/")
    eye.press("Procéder au paiement")
    eye.see("/planning/avance/")
    eye.press("Voir ce que cela change")
    eye.page.goto(eye.url + edit)
    eye.page.locator(".tick[data-row]").first.check()
    eye.page.locator(f'[name="d-{nursery.public_id}-2026-11-16"]').fill("05:00")
    eye.page.locator(f'[name="f-{nursery.public_id}-2026-11-16"]').fill("06:00")
    eye.press("Valider et terminer")
    eye.page.goto(eye.url + edit)
    eye.press("Quitter")
    eye.see("/planning/recapitulatif/", "/planning/supprimer/")
    eye.page.goto(f"{eye.url}/planning/recapitulatif/")
    eye.press("Valider et terminer")
    eye.see("/planning/recapitulatif/", f"/planning/?enfant={child.public_id}&jour=2026-11-16", "/accueil/")
    assert eye.names - {"home", "planning_save"} == PLANNING


def enrol_everywhere(rich: Payer) -> tuple[Child, dict[str, Activity]]:
    """A child booked by the day, by the choice and by the hour, on days that are full, closed and offered."""
    child = rich.household.child_places.first().child
    made = {
        "canteen": make_service("Restaurant scolaire des Lutins Gourmands", short_name="Restaurant scolaire",
                                capacity=5, regie=rich.regie),
        "leisure": make_service("Mercredi", unit="Jour", weekdays=0b100, regie=rich.regie,
                                payment_mode="prepaid"),
        "nursery": make_service("Halte-garderie", unit="Accueil", unit_mode="hours", opens_minute=450,
                                closes_minute=1110, regie=rich.regie),
    }  # fmt: skip
    price(planned.make_unit(made["leisure"], "Matin", position=2), 700)
    make_armistice()
    for activity in made.values():
        make_enrolment(child, activity, rich.household)
    for day in (16, 17):
        PlacesOfDay.objects.create(
            activity=made["canteen"], day=date(2026, 11, day), part="am", capacity=5, ceiling=5, taken=5
        )
    join_waiting_list(
        household=rich.household, child_id=child.public_id, activity_id=made["canteen"].public_id,
        unit_code="repas", day=date(2026, 11, 16),
    )  # fmt: skip
    PlacesOfDay.objects.filter(day=date(2026, 11, 16)).update(taken=4)
    offer_everything()
    return child, made


def test_paying_whatever_comes_of_it(eye, rich):
    eye.come_in(rich.client)
    leisure = rich.household.invoices.get(total_cents=123_450)
    first, second = (make_invoice(rich.household, rich.regie, cents=cents) for cents in (4200, 5100))
    rich.choose(leisure, first)
    eye.see("/panier/")
    eye.page.fill("[name=montant]", "trop")
    eye.press("Valider ce montant")
    eye.page.fill("[name=email]", "trop court")
    eye.press("Procéder au paiement")
    # Without its script the preparation page waits for its button.
    eye.page.route("**/preau*.js", lambda route: route.fulfill(body=""))
    attempt = rich.prepare()
    eye.see(f"/paiement/{attempt.public_id}/")
    rich.leave(attempt)
    eye.page.unroute("**/preau*.js")
    result = f"/paiement/resultat/{attempt.return_token}/"
    eye.see(f"/paiement/{attempt.public_id}/", result, "/panier/")
    rich.bank.pay(attempt.gateway_reference, verdict=Verdict.REFUSED)
    rich.notify(attempt)
    eye.see(result)
    rich.bank.pay(attempt.gateway_reference)
    rich.notify(attempt)
    eye.see(result)
    doubtful = rich.send(second)
    rich.bank.pay(doubtful.gateway_reference, amount_cents=1)
    rich.notify(doubtful)
    result = f"/paiement/resultat/{doubtful.return_token}/"
    eye.see(result, "/panier/", "/factures/historique/")
    eye.page.context.clear_cookies()
    eye.see(result)
    assert eye.names - FAMILY == PAYING


def test_the_agents_desk(eye, rich):
    """A case about a family whose name fits nowhere, proposed with faults, then sent back with faults."""
    nadege, omar = (
        hire(rich.regie, name=name, post=post) for name, post in ((LONG, "regisseur"), ("Omar", "mandataire"))
    )
    case = ReviewCase.objects.get(attempt=contradict(rich, invoices=3))
    path = f"/bureau/dossiers/{case.public_id}/"
    eye.come_in(nadege.client)
    eye.see("/bureau/", "/bureau/dossiers/", "/bureau/dossiers/?etat=clos", path)
    eye.press("Proposer cette décision")
    nadege.propose(case, reason=f"{LONG} {LONG}")
    eye.see(path)
    eye.come_in(omar.client)
    eye.see("/bureau/", path)
    eye.press("Renvoyer")
    eye.page.fill("[name=refusal]", "La famille préfère un virement.")
    eye.press("Renvoyer")
    assert eye.names == DESK_PAGES


def test_the_months_of_the_desk(eye, rich, monkeypatch):
    """A day to explain, one that waits for its statement, a file with faults, a form without its fields."""
    monkeypatch.setattr(rich.bank, "can_ask", False)
    contract = rich.regie.contracts.get()
    attempt = rich.send(make_invoice(rich.household, rich.regie, cents=2400))
    stranger = line_of(attempt, number=3, reference="W" * 60, occurred_at=clock.now())
    take(rich.bank, line_of(attempt, occurred_at=clock.now()), stranger)
    constat, waiting = constat_of(contract, NOON.date()), constat_of(contract, date(2026, 10, 7))
    eye.come_in(hire(rich.regie, name=LONG, post="regisseur").client)
    months, wrong = "/bureau/rapprochement/", file_of(rich.bank, line_of(attempt, merchant="W" * 40), salt="wrong")
    eye.see(months, f"{months}?mois=2026-09", f"{months}{constat.public_id}/", f"{months}{waiting.public_id}/")
    eye.see(f"{months}importer/")
    eye.press("Importer ce relevé")
    eye.page.set_input_files("[name=fichier]", {"name": "releve.csv", "mimeType": "text/csv", "buffer": wrong})
    eye.press("Importer ce relevé")
    assert eye.page.get_by_text("aucun de vos contrats n’a le numéro").count() == 1
    assert eye.names == MONTHS_PAGES


def test_the_desk_after_a_payment(eye, rich):
    """A part of a payment contested, a service given back, credit refunded: each with its faults, then answered."""
    nadege, omar = (
        hire(rich.regie, name=name, post=post) for name, post in ((LONG, "regisseur"), ("Omar", "mandataire"))
    )
    paid = rich.pay(*(make_invoice(rich.household, rich.regie, cents=cents) for cents in (2400, 123_456)))
    payment, family = f"/bureau/paiements/{paid.public_id}/", f"/bureau/avoirs/{rich.household.public_id}/"
    eye.come_in(nadege.client)
    eye.see("/bureau/avoirs/", "/bureau/a-confirmer/", "/bureau/paiements/?q=introuvable")
    _give_credit(rich, 12_345)
    eye.see("/bureau/paiements/", payment, "/bureau/avoirs/", family)
    for form in (f"{payment}rejet/", f"{payment}rembourser/", f"{payment}avoir/", f"{family}rembourser/"):
        eye.see(form)
        eye.press("Proposer")
    typed = {"kind": "chargeback", "amount": "1 000,00", "notice": LONG, "noticed_on": "2026-10-08", "reason": LONG}
    act = nadege.client.post(f"{payment}rejet/", typed)["Location"]
    eye.see(payment, act)
    eye.come_in(omar.client)
    eye.see("/bureau/a-confirmer/", act)
    eye.press("Renvoyer")
    omar.client.post(f"{act}confirmer/")
    eye.see(act, payment)
    assert eye.names == AFTER_PAYING


def test_the_till(eye, rich):
    """A name that fits nowhere; an invoice free, one held by a bank, one at the Treasury; faults, then paid."""
    held = rich.send(make_invoice(rich.household, rich.regie, cents=2400))
    make_invoice(rich.household, rich.regie, cents=1_234_567, label=LONG)
    for regie in {held.regie, *Regie.objects.all()}:
        open_desk(regie)
    nadege = hired(rich.regie, *Regie.objects.exclude(pk=rich.regie.pk), name=LONG)
    family = f"/bureau/guichet/{rich.household.public_id}/"
    eye.come_in(nadege.client)
    eye.see("/bureau/guichet/", f"/bureau/guichet/?q={LONG[:8]}", "/bureau/guichet/?q=introuvable", family)
    eye.press("Encaisser")
    assert eye.page.get_by_text("Choisissez un moyen de paiement.").count() == 2
    eye.page.get_by_label("Chèque bancaire").check()
    eye.page.get_by_label("Somme reçue").fill("20 000")
    eye.page.get_by_label("Numéro").fill("W" * 64)
    eye.press("Encaisser")
    assert eye.page.get_by_text("C’est encaissé.").count() == 1
    eye.see(family, "/bureau/guichet/")
    assert eye.names == TILL_PAGES


def test_what_the_desk_offers(eye, rich):
    """Each page of the calendar, of activities and of menus, full, then its forms with their faults."""
    offer = make_offer(rich.regie, f"Accueil {LONG}")
    Menu.objects.create(site=offer.activity.site, day=NOON.date(), published_at=NOON).dishes.create(
        position=1, course="dessert", name=LONG, allergens=["lait"], labels="fait maison"
    )
    eye.see(f"/menus/?semaine={NOON:%G-W%V}")
    eye.come_in(hire(rich.regie, name=LONG, post="regisseur").client)
    eye.see("/bureau/activites/?annee=9", "/bureau/calendrier/", "/bureau/menus/", "/bureau/activites/lieux/")
    forms = [pattern for pattern in _patterns("desk") if pattern.name in OFFER_PAGES]
    for pattern in forms:
        keys = [offer.keys[name] for name in pattern.pattern.converters]
        eye.see(reverse(f"desk:{pattern.name}", args=keys))
    eye.see(f"/bureau/activites/{offer.activity.public_id}/changer/")
    eye.page.fill("[name=name]", "")
    eye.page.fill("[name=min_age_months]", "trois")
    eye.press("Enregistrer")
    eye.see(f"/bureau/calendrier/annees/{offer.activity.school_year_id}/vacances/")
    eye.press("Prendre ces dates")
    eye.page.check("[value=C]")
    eye.press("Prendre ces dates")
    eye.see("/bureau/menus/importer/")
    wrong = "lieu;date;service;plat;allergènes\nAilleurs;hier;plat;;\n".encode()
    eye.page.set_input_files("[name=file]", {"name": "menus.csv", "mimeType": "text/csv", "buffer": wrong})
    eye.press("Importer ce fichier")
    assert eye.names == OFFER_PAGES


def test_the_children_of_the_desk(eye, rich):
    """A full day in two groups with every diet, a day closed after it was booked, a list, faults in each form."""
    scene = make_busy_canteen(rich.household, rich.regie, surname=LONG)
    eye.come_in(hire(rich.regie, name=LONG, post="regisseur").client)
    day, place = f"/bureau/journee/?jour={MONDAY}", f"/bureau/places/{scene.activity.public_id}/"
    eye.see(day, f"{day}&tout=1", "/bureau/journee/?jour=2026-11-15", "/bureau/places/", f"{place}?mois=2026-11")
    eye.press("Changer")
    eye.see(f"{place}fermeture/?jour={TUESDAY}", f"{place}fermeture/?jour={MONDAY}")
    eye.see(f"{place}fermeture/?jour={TUESDAY}")
    eye.press("Annuler ces réservations")
    eye.see("/bureau/attente/", "/bureau/attente/?tout=1", f"/bureau/attente/{scene.entry.public_id}/retirer/")
    eye.press("Retirer de la liste")
    family = f"/bureau/reserver/famille/{rich.household.public_id}/"
    eye.see("/bureau/reserver/", "/bureau/reserver/?q=introuvable", f"/bureau/reserver/?q={LONG}", family)
    eye.see(f"/bureau/reserver/annuler/{scene.booking.public_id}/")
    eye.press("Annuler cette réservation")
    eye.see(f"/bureau/reserver/inscription/{scene.waiting_enrolment.public_id}/?mois=2026-11")
    eye.press("Voir le prix")
    eye.page.get_by_label("Lundi 16").check()
    eye.page.get_by_label("Repas", exact=True).check()
    eye.press("Voir le prix")
    eye.press("Réserver")
    assert eye.names == CHILDREN_PAGES


def test_what_goes_wrong_is_told_to_everybody(eye, payer):
    eye.page.goto(f"{eye.url}/page-qui-n-existe-pas/")
    eye.judge("404")
    eye.page.goto(f"{eye.url}/connexion/")
    eye.page.evaluate("document.querySelector('main [name=csrfmiddlewaretoken]').value = 'vieux'")
    eye.press("Me connecter")
    eye.page.route("**/panne/", lambda route: route.fulfill(body=render_to_string("portal/errors/500.html")))
    eye.page.goto(f"{eye.url}/panne/")
    eye.judge("500")


def test_the_pages_of_the_tariffs(eye, payer):
    """A grid with a rate, a line that nobody needs, a price tried with and without answer, every kind of fault."""
    agent = hire(payer.regie, name="Nadège Vandenbroucke")
    eye.come_in(agent.client)
    eye.see("/bureau/tarifs/", "/bureau/tarifs/nouveau/")
    eye.press("Continuer")
    tariff = make_tariff(payer.regie, make_unit(payer.regie), name="Restauration scolaire du midi et du mercredi")
    make_unit(payer.regie, name="Goûter")
    grid = [
        Line(price_cents=360, quotient_to_cents=80_000, town_links=("resident", "schooled"), levels=("CP", "CM2")),
        Line(basis=Basis.EFFORT, rate=Decimal("0.0052"), floor_cents=100, ceiling_cents=560, rank_from=2),
        Line(price_cents=560),
    ]
    for first_day in (date(2025, 9, 1), date(2026, 9, 1), date(2027, 1, 1)):
        make_version(tariff, *grid, valid_from=first_day, late_surcharge_cents=50)
    page = f"/bureau/tarifs/{tariff.public_id}/"
    asked = "lien=resident&rang=2&sorte=school&quotient=712&retard=on"
    eye.see(
        "/bureau/tarifs/", page, f"{page}?jour=2026-10-08&{asked}", f"{page}?jour=2020-01-01&{asked}", f"{page}?lien="
    )
    eye.see(f"{page}nouvelle-version/")
    eye.press("Essayer")
    eye.page.fill("[name=ligne-0-price_cents]", "abc")
    eye.press("Enregistrer cette version")
    assert eye.names == TARIFF_PAGES
