"""The agents' desk: opened to agents alone, each within their régies, and no more talkative than the portal."""

from copy import deepcopy
from dataclasses import dataclass

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from preau.domain.activities.models import PlacesOfDay
from preau.domain.billing.services import record_receipt_elsewhere
from preau.domain.bookings.changes import Wanted
from preau.domain.bookings.models import Booking, CareContract, Enrolment, WaitingEntry
from preau.domain.bookings.services.waiting import join_waiting_list
from preau.domain.families.models import Child, Guardian, Household
from preau.domain.ledger.models import LedgerEntry
from preau.domain.payments.models import CaseDecision, Reconciliation, Refund, Reversal, ReviewCase
from preau.domain.payments.services.agent_bookings import book_for_family
from preau.domain.payments.tests.statements import constat_of
from preau.domain.pricing.models import Tariff
from preau.domain.pricing.tests.tariffs import make_tariff
from preau.domain.regies.models import RegieMember
from preau.interfaces.desk.tests.conftest import WHY, Agent, contradict, hire
from preau.interfaces.desk.views import home
from tests.security.answers import fingerprint
from tests.security.strangers import STRANGERS, somebody_of_another_regie
from tests.security.test_forgery import tables_written
from tests.security.test_headers import check
from tests.security.test_injection import PAYLOADS, live_parts
from tests.security.test_isolation import ODD, missing_like
from tests.security.urlmap import DESK, Address
from tests.support.bookings import AGENT, MONDAY, make_enrolment, make_family, make_service
from tests.support.care import make_care_contract, make_creche
from tests.support.factories import NOON, login_family, make_invoice
from tests.support.fake_gateway import FakeGateway
from tests.support.made_once import kept_for_several_tests
from tests.support.offer import OF_THE_TOWN, make_offer
from tests.support.pages import words
from tests.support.payer import Payer, make_payer, same_browser

NAMED = [address for address in DESK if address.parameters]
#: Families come to any régie: every agent opens their files, and sees there the enrolments of their own régies only.
OF_ALL = {address.name for address in NAMED if OF_THE_TOWN & set(address.parameters)} | {
    f"desk:{name}" for name in ("family", "family_child", "family_enrol", "family_link", "family_quotient")
}
OWNED = [address for address in NAMED if address.name not in OF_ALL]
#: What a form of the desk sends; the decision is the one that waits.
TYPED = {
    "outcome": "credit", "reason": WHY, "refusal": WHY, "kind": "chargeback", "amount": "1,00", "notice": "Avis 12",
    "noticed_on": "2026-10-08", "source": "avoir", "means": "transfer", "reference": "V-8", "label": "Sortie annulée",
    "raison": WHY, "places": "5", "compte": "0", "du": "2026-11-16", "au": "2026-11-16", "jours": "2026-11-17",
    "unite": "repas", "confirmer": "1", "shown_cents": "360", "form_key": "clic",
    "level": "CP", "town_link": "none", "valid_on": "2026-10-08", "motive": "no_place", "details": "En janvier.",
    "on": "2026-11-20", "paper": "Assurance", "first_day": "2026-11-16", "last_day": "2026-12-04", "weeks": "3",
    "months": "1", "from_0": "9:00", "to_0": "12:00",
}  # fmt: skip

#: What is offered, and the calendar.
OFFER = ("/bureau/activites/", "/bureau/activites/lieux/", "/bureau/calendrier/", "/bureau/menus/")
#: What follows payments.
MONEY = ("/bureau/guichet/", "/bureau/paiements/", "/bureau/avoirs/", "/bureau/a-confirmer/")
#: What is booked.
CHILDREN = (
    "/bureau/familles/", "/bureau/inscriptions/", "/bureau/journee/", "/bureau/journee/presences.csv",
    "/bureau/journee/cuisine.csv", "/bureau/places/", "/bureau/attente/", "/bureau/reserver/",
)  # fmt: skip


@dataclass
class Bureau:
    """A family, the case of one of its payments, and the two agents of its régie."""

    payer: Payer
    case: ReviewCase
    nadege: Agent
    omar: Agent

    def again(self) -> "Bureau":
        """As it was made, with browsers of its own."""
        agents = (Agent(deepcopy(one.user), same_browser(one.client)) for one in (self.nadege, self.omar))
        return Bureau(self.payer.again(), deepcopy(self.case), *agents)


def _make_bureau(bank: FakeGateway) -> Bureau:
    payer = make_payer(Client(), bank)
    nadege = hire(payer.regie, name="Nadège Vandenbroucke", post="regisseur")
    return Bureau(payer, _make_case(payer), nadege, hire(payer.regie, name="Omar Lefebvre"))


@pytest.fixture(scope="module")
def _made(django_db_setup, django_db_blocker):
    with kept_for_several_tests(django_db_blocker, _make_bureau) as made:
        yield made


@pytest.fixture
def bureau(_made, db, frozen_clock) -> Bureau:
    """Made once for the module: each of its tests must live in it, or ask for no database."""
    return _made()


@pytest.fixture
def payer(bureau) -> Payer:
    return bureau.payer


@pytest.fixture
def case(bureau) -> ReviewCase:
    return bureau.case


@pytest.fixture
def nadege(bureau) -> Agent:
    return bureau.nadege


@pytest.fixture
def omar(bureau) -> Agent:
    return bureau.omar


def _make_case(payer: Payer) -> ReviewCase:
    """With the constat of its day; a payment contested, 1,00 € of it credited; what is offered, and a full day."""
    _fill_a_day(payer)
    case = ReviewCase.objects.get(attempt=contradict(payer))
    constat_of(payer.regie.contracts.get(), NOON.date())
    make_tariff(payer.regie)
    invoice = make_invoice(payer.household, payer.regie)
    attempt = payer.send(invoice)
    record_receipt_elsewhere(invoice=invoice, amount_cents=100, means="espèces", received_on=NOON.date())
    payer.bank.pay(attempt.gateway_reference)
    payer.notify(attempt)
    first = hire(payer.regie, name="Inès Marchal")
    assert first.client.post(f"/bureau/paiements/{attempt.public_id}/rejet/", TYPED).status_code == 302
    first.get(f"/bureau/paiements/{attempt.public_id}/recu/")  # drawn once, then only read
    case.offered = {**make_offer(payer.regie).keys, **_enrolled(payer)}
    return case


def _fill_a_day(payer: Payer) -> None:
    """The family's child takes the only place of a day, another one waits for it."""
    activity = make_service("Étude du soir", regie=payer.regie, capacity=1)
    children = [payer.household.children.get(), make_family(activity).children[0]]
    enrolment = make_enrolment(children[0], activity, payer.household)
    book_for_family(
        enrolment=enrolment,
        wanted=Wanted(activity.units.get()),
        days=[MONDAY],
        form_key="clic",
        shown_cents=360,
        derogation="",
        by=AGENT,
    )
    join_waiting_list(
        household=children[1].homes.get(),
        child_id=children[1].public_id,
        activity_id=activity.public_id,
        unit_code="repas",
        day=MONDAY,
    )


def _enrolled(payer: Payer) -> dict[str, str]:
    """A child enrolled in a crèche, with its contract."""
    child = payer.household.children.first()
    enrolment = make_enrolment(child, make_creche(regie=payer.regie), payer.household)
    return {
        "enrolment_id": enrolment.public_id,
        "contract_id": make_care_contract(enrolment).public_id,
        "child_id": child.public_id,
    }


def booked() -> QuerySet[Booking]:
    """What is booked day by day: the days of a contract are its own."""
    return Booking.objects.filter(activity__unit_mode="days")


def path_of(address: Address, key: str) -> str:
    return reverse(address.name, args=[key for _ in address.parameters])


def key_of(address: Address, case: ReviewCase) -> str:
    """What an address about the régie of a case names: the case, its constat, the payment, its reversal, a tariff."""
    if address.parameters == ("constat_id",):
        return Reconciliation.objects.get(contract__regie=case.regie).public_id
    if address.parameters and address.parameters[0] in case.offered:
        return case.offered[address.parameters[0]]
    reversal = Reversal.objects.get(regie=case.regie)
    attempt = reversal.capture.attempt
    tariff = Tariff.objects.get(regie=case.regie, name__startswith="Restauration")
    entry, booking = WaitingEntry.objects.get(), booked().get()
    named = {
        "payment_id": attempt, "household_id": attempt.household, "act_id": reversal, "tariff_id": tariff,
        "entry_id": entry, "booking_id": booking, "enrolment_id": booking.enrolment, "activity_id": booking.activity,
    }  # fmt: skip
    return next((named[one].public_id for one in address.parameters if one in named), case.public_id)


def test_every_view_of_the_desk_declares_its_right():
    assert {address.name: address.right for address in DESK} == dict.fromkeys((a.name for a in DESK), "agent")
    assert {len(address.parameters) for address in DESK} == {0, 1}


def test_an_undeclared_view_opens_to_nobody(nadege, monkeypatch):
    assert nadege.get("/bureau/").status_code == 200
    monkeypatch.delattr(home.home, "right")
    assert nadege.get("/bureau/").status_code == 404


def test_nobody_enters_without_logging_in(case):
    for address in DESK:
        path = path_of(address, key_of(address, case))
        for ask, onward in ((Client().get, path), (Client().post, "/accueil/")):
            answer = ask(path)
            assert (answer.status_code, answer["Location"], answer.content) == (302, f"/connexion/?next={onward}", b"")


@pytest.mark.parametrize("who", STRANGERS)
def test_what_is_not_theirs_is_answered_like_what_does_not_exist(payer, bank, case, nadege, who):
    nadege.propose(case)
    typed = {**TYPED, "decision": CaseDecision.objects.get().public_id}
    browser, nowhere = STRANGERS[who](payer, bank), missing_like(case.public_id)
    browser.get("/bureau/")
    for address in OWNED:
        for ask in (browser.get, lambda path, browser=browser: browser.post(path, typed)):
            theirs = fingerprint(ask(path_of(address, key_of(address, case))), key_of(address, case))
            missing = fingerprint(ask(path_of(address, nowhere)), nowhere)
            assert theirs == missing, address.name
            assert theirs[0] in {404, 405}, address.name
    decision = CaseDecision.objects.get()
    assert (decision.confirmed_at, decision.refused_at) == (None, None)
    assert Reversal.objects.get().is_waiting
    assert not Refund.objects.exists()
    assert (booked().get().state, WaitingEntry.objects.get().state) == ("confirmed", "waiting")
    assert PlacesOfDay.objects.get().capacity == 1


@pytest.mark.parametrize("who", ["a parent", "somebody of set-up", "a former agent"])
def test_to_others_the_desk_does_not_exist(payer, bank, who):
    browser = STRANGERS[who](payer, bank)
    for path in (
        "/bureau/",
        "/bureau/dossiers/",
        "/bureau/rapprochement/",
        "/bureau/rapprochement/importer/",
        "/bureau/tarifs/",
        *MONEY,
        *OFFER,
        *CHILDREN,
    ):
        assert "Cette page n’existe pas" in words(browser.get(path), status=404)


def test_the_calendar_and_the_families_are_every_agents_and_nobody_elses(payer, bank, case):
    shared = [address for address in NAMED if address.name in OF_ALL]
    for who in ("a parent", "somebody of set-up", "a former agent"):
        browser = STRANGERS[who](payer, bank)
        for address in shared:
            path = path_of(address, key_of(address, case))
            assert (browser.get(path).status_code, browser.post(path).status_code) == (404, 404), address.name
    elsewhere = somebody_of_another_regie(payer, bank)
    for address in shared:
        assert elsewhere.get(path_of(address, key_of(address, case))).status_code == 200, address.name


def test_its_agents_find_it(case, nadege, omar):
    """Without this, a desk closed to everybody would pass for one well kept."""
    for address in DESK:
        answer = nadege.get(path_of(address, key_of(address, case)))
        assert answer.status_code in {200, 405}, address.name
    nadege.propose(case)
    assert omar.confirm(case).status_code == 302
    assert CaseDecision.objects.get().confirmed_by == omar.user


def test_every_answer_protects_itself(case, nadege):
    for address in DESK:
        path = path_of(address, key_of(address, case))
        for answer in (nadege.get(path), nadege.client.post(path), Client().get(path)):
            check(answer)
            assert answer.get("Cache-Control", "no-store") == "no-store", address.name


def test_a_form_from_elsewhere_is_refused(case, nadege, omar):
    nadege.propose(case)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(omar.user)
    typed = {**TYPED, "decision": CaseDecision.objects.get().public_id}
    with tables_written() as written:
        answered = {
            address.name: browser.post(path_of(address, key_of(address, case)), typed).status_code for address in DESK
        }
    assert {name: status for name, status in answered.items() if status != 403} == {}
    assert written == set()


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_looking_changes_nothing(case, nadege, method):
    for address in DESK:
        with tables_written() as written:
            getattr(nadege.client, method)(path_of(address, key_of(address, case)))
        assert written == set(), address.name


@pytest.mark.parametrize("key", ODD)
def test_an_odd_name_is_never_a_breakdown(nadege, key):
    for address in NAMED:
        path = path_of(address, "SLOT").replace("SLOT", key)
        assert nadege.get(path).status_code in {301, 404, 405}, address.name
        assert nadege.client.post(path, TYPED).status_code in {301, 404, 405}, address.name


@pytest.mark.parametrize("value", ["\x00", "-1", "9" * 30, "é" * 500, "' OR 1=1 --", "[]", "%", "\u202e"])
def test_an_odd_query_is_never_a_breakdown(nadege, value):
    query = dict.fromkeys(["regie", "nature", "etat", "page", "mois", "q", "annee"], value)
    query |= dict.fromkeys(["jour", "site", "activite", "groupe", "compte", "tout", "famille"], value)
    for path in ("/bureau/dossiers/", "/bureau/rapprochement/", *MONEY, *OFFER, *CHILDREN):
        assert nadege.client.get(path, query).status_code == 200


@pytest.mark.parametrize(
    "value", ["\x00", "-1", "9" * 30, "0001-01", "9999-12", "2026-13-45", "0001-01-01", "9999-12-31"]
)
def test_an_odd_day_is_never_a_breakdown(case, nadege, value):
    query = dict.fromkeys(["mois", "jour", "compte"], value)
    activity, enrolment = booked().get().activity, booked().get().enrolment
    place = f"/bureau/places/{activity.public_id}/"
    for path in (place, f"{place}fermeture/", f"/bureau/reserver/inscription/{enrolment.public_id}/", *CHILDREN):
        assert nadege.client.get(path, query).status_code == 200, path


def test_bookings_take_only_what_their_forms_ask(payer, case, nadege):
    """W12: no field names the family, the child, the price, the state, nor who acts."""
    forged = {
        "household": "1", "child": "1", "activity": "1", "price_cents": "1", "state": "held", "user": "1", "by": "1",
        "created_at": "2020-01-01", "public_id": "x" * 22, "is_late": "1", "regie": "1", "capacity": "99",
    }  # fmt: skip
    first = booked().get()
    path = f"/bureau/reserver/inscription/{first.enrolment.public_id}/?mois=2026-11"
    answer = nadege.client.post(path, {**TYPED, "form_key": "autre clic", "derogation": "", **forged})
    assert answer.status_code == 302
    made = booked().exclude(id=first.id).get()
    assert (made.household, made.child, made.price_cents, made.state) == (
        payer.household,
        first.child,
        360,
        "confirmed",
    )
    assert made.events.first().actor == f"agent:{nadege.user.public_id}"
    nadege.client.post(f"/bureau/places/{first.activity.public_id}/", {**TYPED, **forged})
    assert PlacesOfDay.objects.get(day=MONDAY).capacity == 5


@pytest.mark.parametrize("evil", PAYLOADS.values(), ids=PAYLOADS)
def test_names_and_reasons_are_words_on_the_lists(case, nadege, evil):
    booking, entry = booked().get(), WaitingEntry.objects.get()
    Child.objects.update(first_name=evil[:100] or "x", last_name=evil[:100] or "x", class_name=evil[:100])
    Household.objects.update(file_name=evil[:100] or "x")
    place = f"/bureau/places/{booking.activity.public_id}/"
    for path in (
        f"/bureau/journee/?jour={MONDAY}", "/bureau/attente/", f"{place}fermeture/?jour={MONDAY}",
        f"/bureau/attente/{entry.public_id}/retirer/", f"/bureau/reserver/famille/{booking.household.public_id}/",
        f"/bureau/reserver/annuler/{booking.public_id}/",
        f"/bureau/reserver/inscription/{booking.enrolment.public_id}/",
    ):  # fmt: skip
        assert live_parts(nadege.get(path).content.decode()) == [], path


@pytest.mark.parametrize("evil", PAYLOADS.values(), ids=PAYLOADS)
def test_what_an_agent_types_is_words(case, nadege, omar, evil):
    path = f"/bureau/dossiers/{case.public_id}/"
    nadege.propose(case, reason=f"parce que {evil}")
    assert live_parts(omar.get(path).content.decode()) == []
    decision = CaseDecision.objects.get()
    omar.client.post(f"{path}renvoyer/", {"decision": decision.public_id, "refusal": f"à revoir {evil}"})
    decision.refresh_from_db()
    assert decision.refused_by == omar.user
    assert live_parts(nadege.get(path).content.decode()) == []


@pytest.mark.parametrize("typed", ["\x00" * 20, "a" * 501])
def test_what_no_column_holds_is_refused_in_the_form(case, nadege, typed):
    answer = nadege.propose(case, reason=typed)
    assert answer.status_code == 422
    assert not CaseDecision.objects.exists()


def test_only_what_the_form_asks_is_taken(case, nadege, omar):
    """W12, W14: no field decides who decides, nor the sum."""
    forged = {
        "amount_cents": "1",
        "proposed_by": omar.user.pk,
        "confirmed_by": omar.user.pk,
        "confirmed_at": "2026-10-08",
        "regie": "1",
        "case": "1",
    }
    nadege.client.post(f"/bureau/dossiers/{case.public_id}/proposer/", {**TYPED, **forged})
    decision = CaseDecision.objects.get()
    assert (decision.proposed_by, decision.amount_cents, decision.confirmed_by) == (nadege.user, 2401, None)
    nadege.client.post(f"/bureau/dossiers/{case.public_id}/confirmer/", {"decision": decision.public_id, **forged})
    assert not LedgerEntry.objects.filter(transaction__source_kind="case_decision").exists()


def test_money_after_a_payment_takes_only_what_its_form_asks(payer, case, nadege, omar):
    """W12, W14: no field names the family, the régie, the payment, who proposes or who confirms."""
    forged = {
        "proposed_by": omar.user.pk, "confirmed_by": omar.user.pk, "confirmed_at": "2026-10-08", "amount_cents": "2300",
        "regie": "1", "household": "1", "capture": "1", "contract": "1", "note": "1", "public_id": "x" * 22,
    }  # fmt: skip
    waiting = Reversal.objects.get()
    attempt = waiting.capture.attempt
    answer = nadege.client.post(f"/bureau/paiements/{attempt.public_id}/rembourser/", {**TYPED, **forged})
    act = Refund.objects.get()
    assert answer["Location"] == f"/bureau/a-confirmer/{act.public_id}/"
    assert (act.proposed_by, act.confirmed_by, act.amount_cents) == (nadege.user, None, 100)
    assert (act.household, act.regie, act.capture, act.contract) == (payer.household, payer.regie, None, None)
    nadege.client.post(f"{answer['Location']}confirmer/", forged)
    act.refresh_from_db()
    assert act.is_waiting
    omar.client.post(f"/bureau/a-confirmer/{waiting.public_id}/confirmer/", forged)
    waiting.refresh_from_db()
    assert (waiting.confirmed_by, waiting.amount_cents) == (omar.user, 100)


def test_families_and_enrolments_take_only_what_their_forms_ask(payer, case, nadege):
    """W12: no field names the family, the child, the activity, the state, the price or the sum of a month."""
    forged = {
        "household": "1", "child": "1", "activity": "1", "regie": "1", "state": "accepted", "public_id": "x" * 22,
        "monthly_cents": "1", "hourly_cents": "1", "monthly_minutes": "1", "price_cents": "1", "file_number": "9",
        "papers_given": "x", "enrolment": "1", "decided_at": "2020-01-01", "first_name": "Pirate",
    }  # fmt: skip
    enrolment = Enrolment.objects.get(public_id=case.offered["enrolment_id"])
    path, child = f"/bureau/inscriptions/{enrolment.public_id}/", enrolment.child
    typed = {**TYPED, **forged, "first_day": "2027-01-04", "last_day": "2027-01-24"}
    answer = nadege.client.post(f"{path}contrat/", typed)
    made = CareContract.objects.latest("id")
    assert answer["Location"] == f"/bureau/contrats/{made.public_id}/"
    assert (made.enrolment, made.hourly_cents, made.monthly_minutes, made.monthly_cents) == (enrolment, 180, 540, 1620)
    nadege.client.post(f"{path}pieces/", typed)
    nadege.client.post(f"/bureau/familles/enfants/{child.public_id}/", typed)
    for row, columns in ((enrolment, ("state", "household_id", "papers_given")), (child, ("first_name",))):
        kept = [getattr(row, column) for column in columns]
        row.refresh_from_db()
        assert [getattr(row, column) for column in columns] == kept
    assert child.level == "CP"


@pytest.mark.parametrize("evil", PAYLOADS.values(), ids=PAYLOADS)
def test_what_an_agent_types_about_families_is_words(payer, case, nadege, evil):
    offered, family = case.offered, payer.household.public_id
    for path in (
        f"/bureau/inscriptions/{offered['enrolment_id']}/terminer/",
        f"/bureau/contrats/{offered['contract_id']}/changer/",
        f"/bureau/contrats/{offered['contract_id']}/terminer/",
        f"/bureau/familles/{family}/inscrire/",
        f"/bureau/familles/{family}/quotient/",
        f"/bureau/familles/enfants/{offered['child_id']}/",
    ):
        answer = nadege.client.post(path, dict.fromkeys(TYPED, evil))
        assert (answer.status_code, live_parts(answer.content.decode())) == (422, []), path
    nadege.client.post(f"/bureau/contrats/{offered['contract_id']}/terminer/", {**TYPED, "reason": evil})
    for path in (f"/bureau/contrats/{offered['contract_id']}/", f"/bureau/inscriptions/{offered['enrolment_id']}/"):
        assert live_parts(nadege.get(path).content.decode()) == []


@pytest.mark.parametrize("evil", PAYLOADS.values(), ids=PAYLOADS)
def test_what_an_agent_types_about_money_is_words(case, nadege, omar, evil):
    attempt = Reversal.objects.get().capture.attempt
    typed = {**TYPED, "reason": f"parce que {evil}", "reference": evil[:60] or "x"}
    answer = nadege.client.post(f"/bureau/paiements/{attempt.public_id}/rembourser/", typed)
    assert live_parts(answer.content.decode()) == []
    for act in Refund.objects.all():
        for path in (f"/bureau/a-confirmer/{act.public_id}/", "/bureau/a-confirmer/"):
            assert live_parts(omar.get(path).content.decode()) == []


def test_an_agent_without_family_lands_on_the_desk(payer, nadege):
    visitor = Client()
    asked = {"identifier": nadege.user.email, "password": "les oiseaux du préau chantent"}
    answer = visitor.post("/connexion/", asked, follow=True)
    assert answer.request["PATH_INFO"] == "/bureau/"
    assert visitor.get("/dossier/").status_code == 404


def test_a_parent_who_is_also_an_agent_goes_from_one_side_to_the_other(payer):
    assert "Bureau des agents" not in words(payer.get("/accueil/"))
    RegieMember.objects.create(regie=payer.regie, user=payer.user, post="mandataire")
    assert 'href="/bureau/"' in payer.get("/accueil/").content.decode()
    desk = payer.get("/bureau/").content.decode()
    assert 'href="/accueil/"' in desk
    assert "Mon espace famille" in desk
    Guardian.objects.filter(user=payer.user).update(user=None)
    assert "Mon espace famille" not in payer.get("/bureau/").content.decode()


def test_a_password_to_change_comes_first(payer, nadege):
    type(nadege.user).objects.filter(pk=nadege.user.pk).update(must_change_password=True)
    answer = nadege.get("/bureau/dossiers/")
    assert (answer.status_code, answer["Location"]) == (302, "/mon-compte/mot-de-passe/?suite=%2Fbureau%2Fdossiers%2F")


def test_a_session_that_ended_comes_back_to_the_desk(payer, frozen_clock, nadege):
    frozen_clock.advance(minutes=31)
    assert nadege.get("/bureau/dossiers/")["Location"] == "/connexion/?next=/bureau/dossiers/"
    login_family(nadege.client, payer.household)
    assert nadege.get("/bureau/").status_code == 404
