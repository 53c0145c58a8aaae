from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preau.domain.accounts import rules
from preau.domain.accounts.models import Scope
from preau.domain.accounts.rules import Count

NOON = datetime(2026, 10, 6, 12, tzinfo=UTC)
STRANGER = rules.LIMITS["stranger"]
MINUTE = timedelta(minutes=1)


def test_every_scope_has_its_limit():
    assert set(rules.LIMITS) == set(Scope.values)


def test_the_fifth_failure_costs_a_minute_and_each_further_one_twice_as_much():
    minutes = [rules.delay_after(n, STRANGER) // MINUTE for n in range(1, 15)]
    assert minutes == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 120, 120, 120]


@given(st.integers(0, 10_000), st.sampled_from(sorted(rules.LIMITS)))
def test_delays_never_shrink_nor_pass_their_cap(failures, scope):
    limit = rules.LIMITS[scope]
    now, after = rules.delay_after(failures, limit), rules.delay_after(failures + 1, limit)
    assert now <= after <= limit.longest_delay
    assert (after > timedelta(0)) == (failures + 1 > limit.free)


def _tries_allowed(waits: list[timedelta]) -> int:
    """How many tries an attacker gets in 24 hours, waiting `waits` besides what the limit imposes."""
    count, now, tries, pauses = Count(0, NOON), NOON, 0, iter(waits)
    while now < NOON + timedelta(days=1):
        count = rules.one_more_failure(count, STRANGER, now)
        tries += 1
        now = max(now, count.blocked_until or now) + next(pauses, timedelta(0))
    return tries


def test_a_hasty_attacker_gets_22_tries_in_a_day():
    assert _tries_allowed([]) == 22


@given(st.lists(st.timedeltas(timedelta(0), timedelta(hours=9)), max_size=30))
def test_no_pace_gives_a_stranger_more_than_25_tries_in_a_day(waits):
    assert _tries_allowed(waits) <= 25


@given(
    st.integers(0, 200),
    st.timedeltas(timedelta(0), timedelta(days=30)),
    st.timedeltas(timedelta(0), timedelta(days=30)),
)
def test_forgetting_in_two_steps_is_forgetting_in_one(failures, first, second):
    limit = rules.LIMITS["stranger"]
    start = Count(failures, NOON)
    once = rules.remembered_failures(start, limit, NOON + first + second)
    step = rules.remembered_failures(start, limit, NOON + first)
    twice = rules.remembered_failures(step, limit, NOON + first + second)
    assert once.failures == twice.failures


def test_a_clock_set_back_forgets_nothing():
    count = rules.remembered_failures(Count(7, NOON), STRANGER, NOON - timedelta(days=2))
    assert count == Count(7, NOON)


def test_a_try_proved_right_takes_back_its_failure_and_its_block():
    before = Count(4, NOON)
    charged = rules.one_more_failure(before, STRANGER, NOON)
    assert charged == Count(5, NOON, blocked_until=NOON + MINUTE)
    assert rules.one_failure_less(charged, brought=charged.blocked_until) == before


def test_a_try_proved_right_leaves_the_block_that_another_brought():
    later = NOON + timedelta(hours=1)
    assert rules.one_failure_less(Count(9, NOON, later), brought=NOON) == Count(8, NOON, later)


@pytest.mark.parametrize(
    ("remembered", "minutes", "again"),
    [(True, 31, True), (True, 30, False), (False, 31, False), (False, 0, False)],
)
def test_only_a_remembered_session_asks_for_an_old_password_again(remembered, minutes, again):
    assert rules.needs_password_again(remembered=remembered, proved_at=NOON, now=NOON + minutes * MINUTE) is again


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        (timedelta(seconds=1), "1\u00a0minute"),
        (timedelta(seconds=61), "2\u00a0minutes"),
        (timedelta(minutes=60), "1\u00a0h"),
        (timedelta(minutes=64, seconds=30), "1\u00a0h\u00a005"),
    ],
)
def test_waits_are_read_aloud_rounded_up(wait, words):
    assert rules.waiting_words(wait) == words


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.10", "192.0.2.10"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.10", "192.0.2.10"),
        ("2001:db8:1:2::/64", "2001:db8:1:2::/64"),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_a_network_is_what_one_subscriber_holds(address, network):
    assert rules.network_of(address) == network


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox sur Android"),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
                "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
            ),
            "Safari sur iPhone",
        ),
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0"
            ),
            "Edge sur Windows",
        ),
        (
            ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36"),
            "Chrome sur Linux",
        ),
        ("curl/8", "Appareil inconnu"),
        ("", "Appareil inconnu"),
    ],
)
def test_a_device_is_named_by_its_browser_and_system(agent, label):
    assert rules.device_label(agent) == label
