"""Fills an installation for the process tests: `python -m tests.support.seed BANKSIM_URL` prints what it made.

With `four` as well, each of four régies has its own bank; with `bookings`, two children are enrolled at the canteen.
"""

import json
import sys
from datetime import timedelta

import django


def main(banksim_url: str) -> None:
    django.setup()
    from preau.domain.regies.models import GatewayContract  # noqa: PLC0415  (after setup)
    from tests.support import factories as make  # noqa: PLC0415

    make.make_town()
    settings = {
        "service_url": f"{banksim_url}/tpa/services/securite",
        "page_url": f"{banksim_url}/tpa/paiementws.web",
    }
    school = make.make_regie(label="Restauration et périscolaire", position=1, contract=False)
    early = make.make_regie(label="Petite enfance", position=2, contract=False)
    for regie, numcli in ((school, "090901"), (early, "090902")):
        make.make_contract(regie, gateway="payfip", merchant=numcli, settings=settings)
    household = make.make_household(file_name="DELATTRE")
    user = make.user_of(household)
    invoices = [
        make.make_invoice(household, school, cents=5880, label="Cantine"),
        make.make_invoice(household, early, cents=2520, label="Halte-garderie"),
    ]
    said = {
        "login": user.email,
        "password": make.PASSWORD,
        "invoices": [invoice.public_id for invoice in invoices],
        "merchants": [c.merchant for c in GatewayContract.objects.order_by("id")],
    }
    sys.stdout.write(json.dumps(said))


def four(banksim_url: str) -> None:
    """One invoice in each of four régies, at four banks."""
    django.setup()
    from banksim.testing import BankSim  # noqa: PLC0415  (after setup)
    from tests.gateways.tellers import TELLERS  # noqa: PLC0415
    from tests.support import factories as make  # noqa: PLC0415

    make.make_town()
    household = make.make_household(file_name="DELATTRE")
    tellers = {teller.gateway: teller for teller in TELLERS}
    rows = (
        ("payfip", "Restauration et périscolaire", 5880),
        ("paybox", "Caisse des écoles", 3000),
        ("systempay", "Petite enfance", 560),
        ("payline", "École de musique", 2130),
    )
    for position, (gateway, label, cents) in enumerate(rows, start=1):
        regie = make.make_regie(label=label, position=position, contract=False)
        tellers[gateway].contract(BankSim(banksim_url), regie)
        make.make_invoice(household, regie, cents=cents, label=label)
    sys.stdout.write(json.dumps({"login": make.user_of(household).email, "password": make.PASSWORD}))


def bookings(banksim_url: str) -> None:
    """Two children at the canteen, meals at 3,60 € paid at once; days to book, two weeks from now."""
    django.setup()
    from preau.foundation import clock  # noqa: PLC0415  (after setup)
    from tests.support import activities, factories  # noqa: PLC0415
    from tests.support import bookings as book  # noqa: PLC0415

    town = factories.make_town()
    today = clock.today(town.zone)
    begins, ends = today - timedelta(days=60), today + timedelta(days=200)
    regie = factories.make_regie(label="Restauration et périscolaire", contract=False)
    settings = {
        "service_url": f"{banksim_url}/tpa/services/securite",
        "page_url": f"{banksim_url}/tpa/paiementws.web",
    }
    factories.make_contract(regie, gateway="payfip", merchant="090901", settings=settings)
    year = activities.make_school_year("Cette année", first_day=begins, last_day=ends)
    canteen = activities.make_activity(
        "Cantine Les Lutins Gourmands", short_name="Cantine", icon="canteen", payment_mode="immediate",
        hold_minutes=60, school_year=year, regie=regie,
    )  # fmt: skip
    book.price(activities.make_unit(canteen), 360, valid_from=begins)
    household = factories.make_household(file_name="DELATTRE", children=2)
    for place, name in zip(household.child_places.select_related("child"), ("Chloé", "Sarah"), strict=True):
        place.child.first_name = name
        place.child.save()
        book.make_enrolment(place.child, canteen, household)
    monday = today + timedelta(days=14 - today.weekday())
    said = {
        "login": factories.user_of(household).email,
        "password": factories.PASSWORD,
        "days": [(monday + timedelta(days=number)).isoformat() for number in (0, 1)],
        "boxes": [f"j-{canteen.public_id}-{monday + timedelta(days=number)}" for number in (0, 1)],
    }
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    kinds = {"four": four, "bookings": bookings}
    kinds.get("".join(sys.argv[2:3]), main)(sys.argv[1])
