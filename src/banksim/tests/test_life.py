"""The life of an idOp: opened once within 15 minutes, forgotten by the night, read for a year."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import requests

from banksim.payfip import life


@pytest.mark.parametrize(
    ("now", "night"),
    [
        (datetime(2026, 1, 10, 1, 59, tzinfo=UTC), datetime(2026, 1, 9, 2, 0, tzinfo=UTC)),
        (datetime(2026, 1, 10, 2, 0, tzinfo=UTC), datetime(2026, 1, 10, 2, 0, tzinfo=UTC)),
        # The clocks go forward at 2 o'clock in Paris: 3 o'clock comes one hour earlier in UTC.
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), datetime(2026, 10, 24, 1, 0, tzinfo=UTC)),
    ],
)
def test_the_night_is_three_o_clock_in_paris(now, night):
    assert life.last_night(now) == night


def _page(sim, idop):
    return requests.get(sim.page_url, params={"idop": idop}, timeout=10)


@pytest.mark.process
def test_a_page_opens_once(sim, service):
    idop = service.open()
    assert _page(sim, idop).status_code == 200
    second = _page(sim, idop)
    assert (second.status_code, 'data-code="P3"' in second.text) == (400, True)


@pytest.mark.process
def test_a_page_opened_by_several_browsers_at_once_shows_in_one(sim, service):
    idop = service.open()
    statuses = []
    browsers = [threading.Thread(target=lambda: statuses.append(_page(sim, idop).status_code)) for _ in range(12)]
    for browser in browsers:
        browser.start()
    for browser in browsers:
        browser.join()
    assert sorted(statuses) == [200] + [400] * 11


@pytest.mark.process
@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (16, 400)])
def test_a_page_opens_within_fifteen_minutes(sim, service, minutes, status):
    idop = service.open()
    sim.shift_clock(minutes * 60)
    opened = _page(sim, idop)
    assert (opened.status_code, 'data-code="P4"' in opened.text) == (status, status == 400)


@pytest.mark.process
def test_an_unknown_operation_has_neither_page_nor_detail(sim, service):
    idop = "00000000-0000-4000-8000-000000000000"
    assert 'data-code="P1"' in _page(sim, idop).text
    assert service.detail(idop).code == "P1"
    assert service.detail("").code == "P1"


@pytest.mark.process
def test_without_a_result_the_answer_is_p5_then_p1_after_the_night(sim, service):
    idop = service.open()
    assert service.detail(idop).code == "P5"
    _page(sim, idop)
    sim.shift_clock(16 * 60)
    assert service.detail(idop).code == "P5"
    assert sim.pass_night() == 1
    assert service.detail(idop).code == "P1"
    assert sim.payment(idop)["state"] == "purgée"


@pytest.mark.process
def test_the_night_comes_by_itself_with_the_clock(sim, service):
    idop = service.open()
    sim.shift_clock(timedelta(days=1, minutes=16).total_seconds())
    assert service.detail(idop).code == "P1"


@pytest.mark.process
@pytest.mark.parametrize(("days", "known"), [(8, True), (364, True), (366, False)])
def test_a_result_is_read_for_a_year(sim, service, days, known):
    idop = service.open()
    sim.decide(idop, "P", notify="never")
    sim.pass_night()
    sim.shift_clock(days * 86_400)
    detail = service.detail(idop)
    assert (detail.fields["resultrans"] if known else detail.code) == ("P" if known else "P1")


@pytest.mark.process
def test_an_abandoned_operation_may_be_paid_later(sim, service):
    idop = service.open()
    sim.decide(idop, "A", notify="never")
    assert service.detail(idop).fields["resultrans"] == "A"
    sim.decide(idop, "P", notify="never")
    assert service.detail(idop).fields["resultrans"] == "P"


@pytest.mark.process
def test_paid_twice_is_two_bank_references(sim, service):
    idop = service.open()
    sim.decide(idop, "P", notify="never")
    first = service.detail(idop).fields["numauto"]
    sim.decide(idop, "P", notify="never")
    assert service.detail(idop).fields["numauto"] != first


@pytest.mark.process
def test_what_the_night_took_cannot_be_decided(sim, service):
    idop = service.open()
    sim.pass_night()
    with pytest.raises(RuntimeError, match="409 P1"):
        sim.decide(idop, "P")
