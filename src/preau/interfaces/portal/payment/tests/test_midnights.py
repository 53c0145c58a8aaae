"""The last second of a day and the first of the next, in the town's zone, short and long days included (P06)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from preau.domain.payments.models import PaymentAttempt
from tests.support.factories import login_family, make_invoice, make_town, make_window
from tests.support.pages import main_words

pytestmark = pytest.mark.row("P06")

ZONES = pytest.mark.parametrize("zone", ["Europe/Paris", "America/Martinique"])
SECOND = timedelta(seconds=1)


@pytest.fixture
def at(payer, frozen_clock):
    """Move to an instant, logged in; a text is what the town's wall reads: `at("2026-12-31 23:59:59", zone)`."""

    def move(moment: datetime | str, zone: str = "Europe/Paris"):
        make_town(time_zone=zone)
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone))
        frozen_clock.set(moment.astimezone(UTC))
        login_family(payer.client, payer.household)
        return payer

    return move


@ZONES
@pytest.mark.parametrize(
    ("moment", "number", "read", "day"),
    [
        ("2026-12-31 23:59:59", "2026-000001", "31 décembre 2026, 23 h 59", date(2026, 12, 31)),
        ("2027-01-01 00:00:00", "2027-000001", "1 janvier 2027, 0 h 00", date(2027, 1, 1)),
    ],
)
def test_a_receipt_is_of_the_year_and_the_day_of_the_town(at, zone, moment, number, read, day):
    payer = at(moment, zone)
    invoice = make_invoice(payer.household, payer.regie, issued_on=date(2026, 12, 1))
    page = main_words(payer.result(payer.pay(invoice))).replace("1er janvier", "1 janvier")
    assert f"Reçu de paiement n° {number}" in page
    assert read in page
    invoice.refresh_from_db()
    assert invoice.settled_on == day


@ZONES
def test_two_receipts_on_either_side_of_new_year_both_begin_their_year(at, zone):
    last = datetime(2026, 12, 31, 23, 59, 59, tzinfo=ZoneInfo(zone))
    for moment, number in ((last, "2026-000001"), (last + SECOND, "2027-000001")):
        payer = at(moment, zone)
        invoice = make_invoice(payer.household, payer.regie, issued_on=date(2026, 12, 1))
        attempt = payer.send(invoice)
        payer.bank.pay(attempt.gateway_reference, transaction=number)
        payer.notify(attempt)
        assert f"Reçu de paiement n° {number}" in main_words(payer.result(attempt))


@ZONES
def test_an_invoice_leaves_the_history_at_midnight_two_years_later(at, zone):
    payer = at("2026-10-08 12:00:00", zone)
    make_invoice(payer.household, payer.regie, issued_on=date(2024, 10, 8), number="ANCIENNE")
    for moment, is_there in (("2026-10-08 23:59:59", True), ("2026-10-09 00:00:00", False)):
        assert ("ANCIENNE" in main_words(at(moment, zone).get("/factures/historique/"))) is is_there


@ZONES
def test_the_next_invoice_is_announced_until_the_end_of_its_day(at, zone):
    payer = at("2026-10-08 12:00:00", zone)
    payer.regie.next_invoice_on = date(2026, 11, 3)
    payer.regie.save()
    for moment, is_told in (("2026-11-03 23:59:59", True), ("2026-11-04 00:00:00", False)):
        assert ("3 novembre" in main_words(at(moment, zone).get("/accueil/"))) is is_told


SPRING = date(2026, 3, 29)  # 23 hours in Paris
AUTUMN = date(2026, 10, 25)  # 25 hours
LONG_AND_SHORT = [
    (SPRING, datetime(2026, 3, 28, 23, 0, tzinfo=UTC), datetime(2026, 3, 29, 22, 0, tzinfo=UTC)),
    (AUTUMN, datetime(2026, 10, 24, 22, 0, tzinfo=UTC), datetime(2026, 10, 25, 23, 0, tzinfo=UTC)),
]


@pytest.mark.parametrize(("day", "begins", "ends"), LONG_AND_SHORT, ids=["23 hours", "25 hours"])
def test_a_window_of_one_day_is_open_the_whole_of_it_and_no_longer(at, day, begins, ends):
    payer = at("2026-01-15 12:00:00")
    payer.regie.uses_payment_windows = True
    payer.regie.save()
    make_window(payer.regie, first=day, last=day, months=[date(2026, 1, 1)])
    invoice = make_invoice(payer.household, payer.regie, billed_month=date(2026, 1, 1))
    payer.choose(invoice)
    for moment, is_open in ((begins - SECOND, False), (begins, True), (ends - SECOND, True), (ends, False)):
        page = main_words(at(moment).get("/panier/"))
        assert ("Procéder au paiement" in page) is is_open, moment


@pytest.mark.parametrize(("day", "begins", "ends"), LONG_AND_SHORT, ids=["23 hours", "25 hours"])
def test_an_invoice_is_late_once_its_last_day_is_over_however_long_that_day(at, day, begins, ends):
    payer = at("2026-01-15 12:00:00")
    make_invoice(payer.household, payer.regie, issued_on=date(2026, 1, 2), due_on=day)
    for moment, is_late in ((begins, False), (ends - SECOND, False), (ends, True)):
        assert ("en retard" in main_words(at(moment).get("/accueil/"))) is is_late, moment


@pytest.mark.parametrize(
    ("clicked", "freed"),
    [
        (datetime(2026, 10, 25, 0, 45, tzinfo=UTC), "2 h 15"),  # 2 h 45 in summer time, then 2 h 15 in winter time
        (datetime(2026, 3, 29, 0, 45, tzinfo=UTC), "3 h 15"),  # 1 h 45, then there is no 2 h
    ],
    ids=["autumn", "spring"],
)
def test_half_an_hour_lasts_half_an_hour_when_clocks_change(at, frozen_clock, clicked, freed):
    payer = at(clicked)
    payer.send(make_invoice(payer.household, payer.regie))
    assert f"sera libérée à {freed}" in main_words(payer.get("/panier/"))
    for minutes, is_free in ((29, False), (30, True)):
        page = main_words(at(clicked + timedelta(minutes=minutes)).get("/panier/"))
        assert ("Procéder au paiement" in page) is is_free, minutes
    assert PaymentAttempt.objects.get().locked_until == clicked + timedelta(minutes=30)
