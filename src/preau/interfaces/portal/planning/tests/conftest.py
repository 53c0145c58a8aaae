"""A family in front of its planning: the clock says Thursday 8 October 2026, 15 h 35 in Paris."""

import re
from dataclasses import dataclass
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from preau.domain.activities.models import Activity
from preau.domain.bookings.models import Booking, BookingOrder, DraftChange
from preau.domain.payments.services.sending import send_attempt
from preau.domain.payments.services.sweep import ask
from preau.domain.payments.states import Origin
from tests.support.bookings import PARENT, Family, make_family
from tests.support.factories import login_family

_HIDDEN = re.compile(r'<input type="hidden" name="([-\w]+)" value="([^"]*)">')
_TICKED = re.compile(r'name="(j-[^"]+)" value="([^"]*)" data-row="[^"]*" checked')
_HOURS = re.compile(r'type="time" name="([df]-[^"]+)" value="([^"]*)"')
_CHOSEN = re.compile(r'name="(j-[^"]+)" data-row="(?:(?!</select>).)*?<option value="([^"]*)"[^>]* selected')


@dataclass
class Parent:
    """The family, its browser without any script, and the bank."""

    family: Family
    client: Client
    bank: object

    @property
    def activity(self) -> Activity:
        return self.family.activity

    def child(self, number: int = 0) -> str:
        return self.family.children[number].public_id

    def get(self, name: str, *args: str, **query: str):
        return self.client.get(reverse(f"portal:{name}", args=args), query)

    def post(self, name: str, *args: str, **fields: str):
        return self.client.post(reverse(f"portal:{name}", args=args), fields)

    def box(self, day: date, activity: Activity | None = None) -> str:
        """Name of a box in the form."""
        return f"j-{(activity or self.activity).public_id}-{day.isoformat()}"

    def form(self, *, child: int = 0, **query: str) -> dict[str, str]:
        """What the page of a child would send if nothing was touched."""
        return form_of(self.get("planning_edit", enfant=self.child(child), **query))

    def tick(self, *days: date, child: int = 0, activity: Activity | None = None, faire: str = "recalculer", **more):
        """Tick days on the page of November and press a button."""
        form = self.form(child=child, jour="2026-11-16")
        unit = (activity or self.activity).units.first().code
        ticked = {self.box(day, activity): unit for day in days}
        return self.client.post("/planning/modifier/", {**form, **ticked, "faire": faire, **more})

    def untick(self, *days: date, child: int = 0, faire: str = "recalculer"):
        form = self.form(child=child, jour="2026-11-16")
        for day in days:
            form.pop(self.box(day))
        return self.client.post("/planning/modifier/", {**form, "faire": faire})

    def drafted(self, child: int = 0) -> dict[date, str]:
        """Days of the draft of a child: the unit wanted, empty for a removal."""
        rows = DraftChange.objects.filter(child=self.family.children[child]).select_related("unit").order_by("day")
        return {row.day: row.unit.code if row.unit else "" for row in rows}

    def states(self, child: int = 0) -> dict[date, str]:
        rows = Booking.objects.filter(child=self.family.children[child]).order_by("id")
        return {row.day: row.state for row in rows}

    def saving_form(self) -> dict[str, str]:
        """What « Valider et terminer » of the summary would send."""
        html = self.get("planning_summary").content.decode()
        return dict(_HIDDEN.findall(html.partition('action="/planning/valider/"')[2]))

    def save(self, **more):
        """« Valider et terminer » on the summary."""
        return self.client.post("/planning/valider/", {**self.saving_form(), **more})

    def pay(self, **more):
        """« Payer » on the summary."""
        html = self.get("planning_summary").content.decode()
        form = html.partition('action="/planning/payer/"')[2]
        return self.client.post(
            "/planning/payer/", {**dict(_HIDDEN.findall(form)), "email": "parent@example.org", **more}
        )

    def go_through_the_bank(self):
        """The bank takes the payment that waits on its preparation page; the result page."""
        attempt = self.family.household.attempts.order_by("-id").first()
        send_attempt(attempt=attempt, link_for=lambda _: ("https://t.example/n", "https://t.example/r"), by=PARENT)
        attempt.refresh_from_db()
        self.bank.pay(attempt.gateway_reference)
        ask(attempt, origin=Origin.SWEEP, timeout=1)
        return self.client.get(f"/paiement/resultat/{attempt.return_token}/")

    def queries(self, name: str, **query: str) -> int:
        """How many queries a page asks once the session is known."""
        self.get(name, **query)
        with CaptureQueriesContext(connection) as asked:
            assert self.get(name, **query).status_code == 200
        return len(asked)

    @property
    def order(self) -> BookingOrder:
        return BookingOrder.objects.filter(household=self.family.household).latest("id")


def form_of(answer) -> dict[str, str]:
    """What a page with boxes would send if nothing was touched."""
    html = answer.content.decode()
    fields = dict(_HIDDEN.findall(html.partition('id="jours"')[2]))
    return {**fields, **dict(_TICKED.findall(html)), **dict(_HOURS.findall(html)), **dict(_CHOSEN.findall(html))}


def parent_of(family: Family, bank: object = None) -> Parent:
    client = Client()
    login_family(client, family.household)
    return Parent(family, client, bank)


@pytest.fixture
def parent(db, frozen_clock, bank) -> Parent:
    return parent_of(make_family(children=2), bank)
