"""A town with everything in it: two families, invoices, receipts, payments in each state, living links."""

import re
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse

from preau.domain.accounts.models import User
from preau.domain.activities.models import PlacesOfDay
from preau.domain.bookings.models import BookingOrder, WaitingEntry
from preau.domain.bookings.services.enrolments import request_enrolment
from preau.domain.bookings.services.waiting import join_waiting_list, offer_everything
from preau.domain.payments.models import PaymentAttempt, Receipt
from preau.foundation.files.services import store
from preau.foundation.mail.models import OutgoingMail
from tests.security.urlmap import Address
from tests.support.activities import make_activity
from tests.support.bookings import MONDAY, PARENT, TUESDAY, make_enrolment, make_service
from tests.support.factories import PASSWORD, make_household, make_invoice, make_user
from tests.support.fake_gateway import FakeGateway
from tests.support.made_once import kept_for_several_tests
from tests.support.payer import Payer, another_payer, make_payer, same_browser


@dataclass
class World:
    """`mine` owns everything that `ids` names; `other` is another family of the town, `agent` has no household."""

    mine: Payer
    other: Payer
    agent: Client
    ids: dict[str, str]

    def again(self) -> "World":
        """As it was made, with browsers of its own."""
        return World(self.mine.again(), self.other.again(), same_browser(self.agent), self.ids)

    def path(self, address: Address, *, key: str | None = None) -> str:
        """The address of what `mine` owns, or of `key` instead."""
        values = [key if key is not None else self.ids[address.name] for _ in address.parameters]
        return reverse(address.name, args=values)


def _make_world(bank: FakeGateway) -> World:
    payer = make_payer(Client(), bank)
    pdf = store(content=b"%PDF-1.7 x", name="facture.pdf", content_type="application/pdf")
    owed = make_invoice(payer.household, payer.regie, cents=2400, pdf=pdf)
    paid = payer.pay(make_invoice(payer.household, payer.regie, cents=3000))
    prepared = payer.prepare(make_invoice(payer.household, payer.regie, cents=1000))
    payer.choose(owed)
    payer.get(reverse("portal:receipt_pdf", args=[Receipt.objects.get().code]))  # drawn once, then only read
    child = payer.household.children.first()
    activity = make_activity(regie=payer.regie, required_papers=["Assurance"])
    enrolment = request_enrolment(
        household=payer.household, child_id=child.public_id, activity_id=activity.public_id, by=PARENT
    )
    other = another_payer(bank)
    entry, offered = _waiting(payer)
    make_invoice(other.household, payer.regie)
    ids = {
        "portal:invoice": owed.public_id,
        "portal:invoice_pdf": owed.public_id,
        "portal:invoice_credit": owed.public_id,
        "portal:statement": payer.regie.public_id,
        "portal:credit": payer.regie.public_id,
        "portal:receipt_pdf": Receipt.objects.get().code,
        "portal:verify_code": Receipt.objects.get().code,
        "portal:enrolment": enrolment.public_id,
        "portal:enrolment_ask": child.public_id,
        "portal:enrolment_again": child.public_id,
        "portal:enrolment_withdraw": enrolment.public_id,
        "portal:payment": prepared.public_id,
        "portal:payment_send": prepared.public_id,
        "portal:payment_cancel": prepared.public_id,
        "portal:payment_return": paid.return_token,
        "portal:payment_result": paid.return_token,
        "portal:payment_status": paid.return_token,
        "portal:waiting_leave": entry.public_id,
        "portal:offer_answer": offered.public_id,
        "portal:session_end": payer.user.user_sessions.get().public_id,
        **_links(payer),
    }
    return World(payer, other, _logged_in(make_user(is_staff=True)), ids)


@pytest.fixture(scope="module")
def _made(django_db_setup, django_db_blocker):
    with kept_for_several_tests(django_db_blocker, _make_world) as made:
        yield made


@pytest.fixture
def world(_made, db, frozen_clock) -> World:
    """Made once for a module: each of its tests must ask for it, or for no database."""
    return _made()


def _waiting(payer: Payer) -> tuple[WaitingEntry, BookingOrder]:
    """A child waits for a full day, and was offered the last place of the next one."""
    service = make_service("Garderie", regie=payer.regie, capacity=1, payment_mode="afterwards")
    child = payer.household.child_places.get().child
    make_enrolment(child, service, payer.household)
    unit = service.units.get().code
    entries = []
    for day in (MONDAY, TUESDAY):
        PlacesOfDay.objects.create(activity=service, day=day, part="am", capacity=1, ceiling=1, taken=1)
        entries.append(
            join_waiting_list(
                household=payer.household,
                child_id=child.public_id,
                activity_id=service.public_id,
                unit_code=unit,
                day=day,
            )
        )
    PlacesOfDay.objects.filter(day=TUESDAY).update(taken=0)
    offer_everything()
    return entries[0], BookingOrder.objects.get(household=payer.household, state="offered")


def _logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _links(payer: Payer) -> dict[str, str]:
    """Links that wait in the mailbox of a person, each for its own page."""
    visitor, newcomer = Client(), make_household(with_login=False, file_name="NEUVE")
    visitor.post("/identifiants-oublies/", {"email": payer.user.email})
    asked = {"file_number": newcomer.file_number, "file_name": "NEUVE", "email": newcomer.guardians.get().email}
    visitor.post("/premiere-connexion/lien/", asked)
    payer.client.post("/mon-compte/courriel/", {"email": "neuve@example.org", "current_password": PASSWORD})
    return {
        "portal:reset": _mailed("/mot-de-passe/"),
        "portal:claim_link": _mailed("/premiere-connexion/"),
        "portal:email_confirm": _mailed("/mon-compte/courriel/"),
    }


def _mailed(beginning: str) -> str:
    link = re.compile(rf"http://testserver{beginning}([^/\s]+)/")
    return next(found[1] for mail in OutgoingMail.objects.all() if (found := link.search(mail.text)))


def attempt_of(world: World) -> PaymentAttempt:
    """The payment that waits on its preparation page."""
    return PaymentAttempt.objects.get(public_id=world.ids["portal:payment"])


@pytest.fixture
def client_without_session() -> Client:
    return Client()
