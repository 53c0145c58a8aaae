"""Plain builders of test data: each call makes one believable thing and says only what the test cares about."""

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.test import Client
from PIL import Image

from preau.domain.accounts.models import User
from preau.domain.accounts.services import record_session
from preau.domain.billing.models import Invoice, InvoiceLine
from preau.domain.billing.services import record_invoice
from preau.domain.families.models import Child, ChildHome, Guardian, Household
from preau.domain.regies.models import (
    AllowedMeans,
    BilledMonth,
    GatewayContract,
    MeansOfPayment,
    PaymentWindow,
    Regie,
    ServiceGroup,
)
from preau.domain.town.models import Town
from preau.foundation import clock

#: The instant most tests live in: a Thursday of October, 15 h 35 in Paris.
NOON = datetime(2026, 10, 8, 13, 35, tzinfo=UTC)
PASSWORD = "les oiseaux du préau chantent"

_counter = count(1)


def make_town(**values: Any) -> Town:
    defaults = {
        "name": "Saint-Éloi-sur-Lys",
        "motto": "Ville de briques",
        "territory": "Nord",
        "address": "Hôtel de Ville\n1 place des Briquetiers\n59000 Saint-Éloi-sur-Lys",
        "phone": "03 53 01 12 40",
        "email": "mairie@saint-eloi.example",
        "website_url": "https://www.saint-eloi.example/",
    }
    town, _ = Town.objects.update_or_create(id=1, defaults={**defaults, **values})
    return town


def make_group(name: str = "Activités extra et périscolaires", **values: Any) -> ServiceGroup:
    group, _ = ServiceGroup.objects.get_or_create(name=name, defaults={"colour": "#d99a1f", **values})
    return group


def make_regie(*, code: str = "", contract: bool = True, **values: Any) -> Regie:
    number = next(_counter)
    regie = Regie.objects.create(
        code=code or f"REG-{number}",
        **{
            "label": "Restauration et périscolaire",
            "group": values.pop("group", None) or make_group(),
            "position": number,
            "issuer_name": "Caisse des écoles",
            "issuer_address": "2 rue des Écoles\n59000 Saint-Éloi-sur-Lys",
            "issuer_phone": "03 53 01 12 41",
            "email": f"regie{number}@saint-eloi.example",
            "founding_act": "arrêté n° 2019-118 du 3 septembre 2019",
            **values,
        },
    )
    for means in (MeansOfPayment.CARD_ONLINE, MeansOfPayment.DEBIT_ONLINE, MeansOfPayment.CASH):
        AllowedMeans.objects.create(regie=regie, means=means)
    if contract:
        make_contract(regie)
    return regie


def make_contract(regie: Regie, **values: Any) -> GatewayContract:
    return GatewayContract.objects.create(
        regie=regie,
        **{
            "gateway": "fake",
            "merchant": f"{90000 + next(_counter):06d}",
            "mode": GatewayContract.Mode.TEST,
            "settings": {},
            "opened_on": date(2026, 1, 1),
            **values,
        },
    )


def make_window(*regies: Regie, first: date, last: date, months: list[date]) -> PaymentWindow:
    window = PaymentWindow.objects.create(first_day=first, last_day=last)
    window.regies.set(regies)
    BilledMonth.objects.bulk_create(BilledMonth(window=window, month=month) for month in months)
    return window


def make_user(**values: Any) -> User:
    number = next(_counter)
    return User.objects.create_user(
        **{
            "display_name": f"Parent {number}",
            "email": f"parent{number}@example.org",
            "password": PASSWORD,
            **values,
        },
    )


def make_household(*, with_login: bool = True, children: int = 1, **values: Any) -> Household:
    number = next(_counter)
    household = Household.objects.create(
        **{
            "file_number": f"{1000 + number}",
            "file_name": f"BERGER{number}",
            "address": "12 rue des Flamboyants",
            "postal_code": "59000",
            "city": "Saint-Éloi-sur-Lys",
            "created_at": clock.now(),
            **values,
        },
    )
    user = make_user(display_name="Amélie Berger") if with_login else None
    Guardian.objects.create(
        household=household,
        user=user,
        position=1,
        civility="Madame",
        first_name="Amélie",
        last_name="Berger",
        email=user.email if user else f"amelie{number}@example.org",
        mobile_phone="06 39 98 01 01",
    )
    for position in range(1, children + 1):
        child = Child.objects.create(
            first_name=f"Enfant{position}",
            last_name="Berger",
            birth_date=date(2018, 3, position),
            sex="F" if position % 2 else "M",
            school="École des Tilleuls",
            class_name="CE1",
        )
        ChildHome.objects.create(child=child, household=household, position=position)
    return household


def user_of(household: Household) -> User:
    user = household.guardians.get(position=1).user
    assert user is not None
    return user


def make_invoice(
    household: Household, regie: Regie, *, cents: int = 2400, lines: bool = True, **values: Any
) -> Invoice:
    number = next(_counter)
    today = clock.now().date()
    issued_on = values.pop("issued_on", today - timedelta(days=7))
    invoice = Invoice(
        household=household,
        regie=regie,
        total_cents=cents,
        issued_on=issued_on,
        **{
            "number": f"RP-2026-{number:05d}",
            "label": "Cantine",
            "billed_month": issued_on.replace(day=1),
            "due_on": issued_on + timedelta(days=30),
            **values,
        },
    )
    rows = [
        InvoiceLine(
            position=1,
            label="Cantine",
            child_name="Enfant1",
            quantity=Decimal(1),
            unit_price_cents=cents,
            total_cents=cents,
        ),
    ]
    return record_invoice(invoice=invoice, lines=rows if lines else [])


def login_family(client: Client, household: Household, user: User | None = None) -> User:
    """Open a session for a guardian, the household's first unless said, without going through the login form.

    It is recorded as the form records it, not remembered: its password counts as given.
    """
    user = user or user_of(household)
    client.force_login(user)
    record_session(
        user=user, session_key=client.session.session_key, network="127.0.0.1", agent="Firefox", remembered=False
    )
    return user


def picture_file() -> bytes:
    """A small PNG, as somebody would send it."""
    output = io.BytesIO()
    Image.new("RGB", (80, 40), "green").save(output, "PNG")
    return output.getvalue()
