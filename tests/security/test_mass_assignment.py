"""Whatever a form adds to what its page asks, only what the page asks is done (W12)."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from preau.domain.accounts.models import User
from preau.domain.billing.models import CreditNote, Invoice
from preau.domain.billing.services import record_credit_note
from preau.domain.bookings.models import Enrolment
from preau.domain.families.models import Child, Guardian, Household, QuotientFamilial
from preau.domain.families.services import invite_guardian
from preau.domain.payments.models import BasketLine, CreditUse, PaymentAttempt
from preau.domain.regies.models import GatewayContract, Regie
from preau.domain.town.models import Town
from preau.foundation.audit.actors import SYSTEM
from tests.security.urlmap import NAMED, PORTAL
from tests.support.activities import make_activity
from tests.support.factories import NOON, PASSWORD, make_household

CHOSEN = "mouette cabane violon"
TWICE = {"new_password": CHOSEN, "again": CHOSEN}
#: Columns that a journey below may change by itself are not looked at: passwords, dates, e-mail of the person.
_LOOKED_AT = {
    User: ("access_code", "username", "display_name", "is_active", "is_staff", "is_superuser"),
    Guardian: ("household_id", "user_id", "position", "first_name", "last_name", "email"),
    Invoice: ("household_id", "regie_id", "total_cents", "received_cents", "credited_cents", "settled_on"),
    PaymentAttempt: ("household_id", "regie_id", "contract_id", "merchant", "mode", "amount_cents", "state"),
    BasketLine: ("user_id", "invoice_id", "amount_cents"),
    Enrolment: ("household_id", "child_id", "activity_id", "group_id", "state", "first_day", "papers_received"),
    Household: ("file_number", "file_name", "address", "allowance_number"),
    **dict.fromkeys((Child, QuotientFamilial, Regie, GatewayContract, Town, Group, Permission), ("pk",)),
}


def _looked_at() -> dict[tuple, object]:
    """(model, row, column) → value."""
    seen: dict[tuple, object] = {
        (model.__name__, row["pk"], column): row[column]
        for model, columns in _LOOKED_AT.items()
        for row in model._base_manager.values("pk", *columns)
        for column in columns
    }
    for user in User.objects.all():
        seen["User", user.pk, "rights"] = (user.groups.count(), user.user_permissions.count())
    return seen


def _forged(world) -> dict[str, str]:
    """Every name of a column or of an object, each with somebody else's or something better."""
    theirs = world.other.household
    other = {"household": theirs.pk, "file_number": theirs.file_number, "file_name": "PIRATE"}
    return {
        **{f"{name}{ending}": str(value) for name, value in other.items() for ending in ("", "_id")},
        **dict.fromkeys(["user", "user_id", "payer", "owner"], str(world.other.user.pk)),
        **dict.fromkeys(["is_staff", "is_superuser", "is_active", "superuser", "admin"], "on"),
        **dict.fromkeys(["groups", "user_permissions", "role", "permissions"], "1"),
        **dict.fromkeys(["amount_cents", "total_cents", "received_cents", "left_cents", "price", "prix"], "1"),
        **dict.fromkeys(["state", "status", "verdict", "result"], "captured"),
        **dict.fromkeys(["regie", "regie_id", "contract", "contract_id"], "1"),
        "merchant": "000000",
        "mode": "production",
        "settled_on": "2026-01-01",
        "reference": "PIRATE",
        "username": "pirate",
        "display_name": "Pirate",
        "first_name": "Pirate",
        "last_name": "Pirate",
        "public_id": "x" * 22,
        "pk": "1",
        "id": "1",
        "quotient": "1",
        "locked_until": "2099-01-01",
    }


def _address_of(world, name: str) -> str:
    return world.path(NAMED[f"portal:{name}"])


#: Who sends what to which page, and the columns that this page is there to change.
JOURNEYS: dict[str, tuple[str, dict[str, str], set[str]]] = {
    "login": ("nobody", {"identifier": "{email}", "password": PASSWORD}, set()),
    "identifiers": ("nobody", {"email": "{email}"}, set()),
    "reset": ("nobody", TWICE, set()),
    "claim_link": ("nobody", {**TWICE, "terms": "on"}, set()),
    "password_change": ("family", {**TWICE, "current_password": PASSWORD}, set()),
    "email_change": ("family", {"email": "autre@example.org", "current_password": PASSWORD}, set()),
    "email_confirm": ("family", {}, set()),
    "confirm_password": ("family", {"current_password": PASSWORD}, set()),
    "accept_terms": ("family", {}, set()),
    "session_extend": ("family", {}, set()),
    "sessions_end": ("family", {}, set()),
    "session_end": ("family", {}, set()),
    "logout": ("family", {}, set()),
    "basket_add": ("family", {"facture": "{invoice}"}, set()),
    "basket_remove": ("family", {"facture": "{invoice}"}, {"BasketLine"}),
    "planning_edit": ("family", {"enfant": "{child}", "faire": "recalculer"}, set()),
    "planning_quit": ("family", {"faire": "effacer"}, set()),
    "planning_save": ("family", {}, set()),
    "planning_drop": ("family", {}, set()),
    "planning_extend": ("family", {}, set()),
    "waiting_join": ("family", {"enfant": "{child}", "unite": "repas", "jour": "2026-11-16"}, set()),
    "waiting_leave": ("family", {}, set()),
    "offer_answer": ("family", {"reponse": "prendre"}, set()),
    "enrolment_withdraw": ("family", {}, {"Enrolment.state"}),
    "payment_send": ("family", {}, {"PaymentAttempt.state"}),
    "payment_cancel": ("family", {}, {"PaymentAttempt.state"}),
}


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_form_does_what_its_page_asks_and_nothing_more(world, name):
    who, fields, changing = JOURNEYS[name]
    browser = world.mine.client if who == "family" else Client()
    child = world.mine.household.child_places.first().child
    words = {"email": world.mine.user.email, "invoice": world.ids["portal:invoice"], "child": child.public_id}
    given = {key: value.format(**words) for key, value in fields.items()}
    before = _looked_at()
    answer = browser.post(_address_of(world, name), {**_forged(world), **given})
    assert answer.status_code in {302, 303}, answer.content.decode()
    after = _looked_at()
    changed = {(key[0], key[2]) for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    allowed = {tuple(one.split(".")) for one in changing}
    assert {one for one in changed if one not in allowed and (one[0],) not in allowed} == set()


#: Forms tried with forged fields by the portal's own tests: amounts in payment/tests/test_basket.py and
#: billing/tests/test_credit.py, days and prices in planning/tests, and below.
BESIDE = {
    "planning_draft",
    "planning_pattern",
    "planning_pay",
    "top_up",
    "invoice_credit",
    "enrolment_ask",
    "enrolment_again",
    "basket_pay",
    "basket_part",
    "claim",
    "claim_open",
    "claim_mail",
    "first_access",
    "first_access_open",
}


def test_every_form_is_tried(world):
    taking = set()
    for address in PORTAL:
        allowed = world.mine.client.put(world.path(address)).get("Allow", "")
        if "POST" in allowed and address.name != "portal:payment_return":
            taking.add(address.name.removeprefix("portal:"))
    assert taking == JOURNEYS.keys() | BESIDE


@pytest.mark.parametrize("way", ["codes", "file"])
def test_a_first_entry_opens_one_account_without_rights(world, way):
    home = make_household(with_login=False, file_number="2310", file_name="NOUVELLE")
    invitation = invite_guardian(guardian=home.guardians.get(), valid_for=timedelta(days=60), by=SYSTEM)
    person = invitation.user
    given = {
        "codes": {"access_code": person.access_code, "code": invitation.code},
        "file": {
            "file_number": "2310", "file_name": "nouvelle", "code": invitation.code,
            "guardian": invitation.guardian.public_id,
        },
    }[way]  # fmt: skip
    before = _looked_at()
    page = {"codes": "first_access_open", "file": "claim_open"}[way]
    answer = Client().post(_address_of(world, page), {**_forged(world), **TWICE, "terms": "on", "email": "", **given})
    assert answer["Location"] == "/accueil/"
    assert _looked_at() == before
    person.refresh_from_db()
    assert (person.is_activated, person.check_password(CHOSEN)) == (True, True)


def test_a_part_to_pay_is_that_of_the_invoice_named_alone(world):
    world.mine.regie.allows_part_payment = True
    world.mine.regie.save()
    before = _looked_at()
    given = {"facture": world.ids["portal:invoice"], "montant": "10"}
    assert world.mine.client.post("/panier/montant/", {**_forged(world), **given}).status_code == 302
    after = _looked_at()
    changed = {key: after.get(key) for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert {(key[0], key[2]): value for key, value in changed.items()} == {("BasketLine", "amount_cents"): 1000}


@pytest.mark.parametrize("page", ["enrolment_ask", "enrolment_again"])
def test_a_request_is_for_the_child_and_the_activity_named_and_decides_nothing(world, page):
    """Neither the family, the state, the group, the days nor what an agent has in hand come from a form."""
    activity = make_activity("Étude", regie=world.mine.regie, required_papers=["Assurance"])
    theirs = world.other.household.children.first()
    before = _looked_at()
    given = {
        "activite": activity.public_id, "child": theirs.public_id, "child_id": theirs.public_id, "group": "1",
        "papers_received": "Assurance", "first_day": "2020-01-01", "state": "accepted", "needs_decision": "",
    }  # fmt: skip
    assert world.mine.client.post(_address_of(world, page), {**_forged(world), **given}).status_code == 302
    after = _looked_at()
    assert {key[0] for key in before.keys() | after.keys() if before.get(key) != after.get(key)} == {"Enrolment"}
    made = Enrolment.objects.get(activity=activity)
    assert (made.household, made.child) == (world.mine.household, world.mine.household.children.first())
    assert (made.state, made.group, made.first_day, made.papers_received) == ("requested", None, NOON.date(), [])


def test_credit_is_used_on_the_invoice_named_alone(world):
    owed, mine = world.ids["portal:invoice"], world.mine
    note = CreditNote(
        regie=mine.regie, household=mine.household, number="AV-1", label="Goûter",
        issued_on=NOON.date(), total_cents=500,
    )  # fmt: skip
    record_credit_note(note=note)
    before = _looked_at()
    given = {"form_key": "k", "shown_cents": "500"}
    assert mine.client.post(f"/factures/{owed}/avoir/", {**_forged(world), **given}).status_code == 302
    after = _looked_at()
    changed = {key: after.get(key) for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert {(key[0], key[2]): value for key, value in changed.items()} == {("Invoice", "received_cents"): 500}
    use = CreditUse.objects.get()
    assert (use.household, use.used_by, use.invoice.public_id) == (mine.household, mine.user, owed)


def test_what_is_forged_would_show(world):
    """Without this, the tests above would pass whatever is written."""
    before = _looked_at()
    User.objects.filter(pk=world.mine.user.pk).update(is_staff=True)
    world.mine.user.groups.add(Group.objects.create(name="x"))
    after = _looked_at()
    assert {key[2] for key in after if before.get(key) != after[key]} == {"is_staff", "rights", "pk"}
