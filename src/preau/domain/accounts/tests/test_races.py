"""Two requests at the same instant, on PostgreSQL; each race first shown with a careless writing (control)."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from preau.domain.accounts import queries, rules, services
from preau.domain.accounts.errors import AccountError
from preau.domain.accounts.models import ActivationCode, LinkPurpose, MailedLink, Scope, Tally
from preau.domain.accounts.services import throttle
from preau.domain.accounts.tests.conftest import NETWORK, enter, link_for, mailed_token
from preau.domain.accounts.tests.hashers import MeetingHasher
from preau.foundation import clock

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CHOSEN = "tambour cerise igloo"
GUESSES = 12


def _together(count: int, call: Callable[[], object]) -> Counter[str]:
    """Run `call` in `count` threads, each with its own connection; how many came through or were refused."""

    def one(_: int) -> str:
        try:
            call()
        except AccountError as refusal:
            return type(refusal).__name__
        finally:
            connection.close()
        return "through"

    with ThreadPoolExecutor(count) as pool:
        return Counter(pool.map(one, range(count)))


@pytest.fixture
def meeting_of_two(settings):
    settings.PASSWORD_HASHERS = ["preau.domain.accounts.tests.hashers.MeetingHasher"]
    MeetingHasher.meeting = threading.Barrier(2)


@pytest.fixture
def link(parent) -> str:
    services.request_identifiers(email=parent.email, link_for=link_for, network=NETWORK)
    return mailed_token("identifiers")


def test_of_two_activations_with_one_code_one_succeeds(newcomer, code, meeting_of_two):
    claim = queries.claim(newcomer.access_code)

    def activate():
        services.activate(claim=claim, code=code, new_password=CHOSEN, email="", link_for=link_for, network=NETWORK)

    assert _together(2, activate) == {"through": 1, "ActivationRefusedError": 1}
    assert newcomer.known_devices.count() == 1


def test_control_a_code_read_then_written_serves_twice(newcomer, code):
    claim, meeting = queries.claim(newcomer.access_code), threading.Barrier(2)

    def careless():
        (live,) = queries.live_activation_codes(claim)
        meeting.wait(timeout=10)
        live.used_at = clock.now()
        live.save()

    assert _together(2, careless) == {"through": 2}
    assert ActivationCode.objects.get().used_at is not None


def test_of_two_resets_with_one_link_one_succeeds(link, meeting_of_two):
    def reset():
        services.reset_password(token=link, new_password=CHOSEN, network=NETWORK)

    assert _together(2, reset) == {"through": 1, "LinkRefusedError": 1}


def test_control_a_link_read_then_written_serves_twice(link):
    meeting = threading.Barrier(2)

    def careless():
        live = queries.live_link(token=link, purpose=LinkPurpose.RESET_PASSWORD)
        meeting.wait(timeout=10)
        live.used_at = clock.now()
        live.save()

    assert _together(2, careless) == {"through": 2}
    assert MailedLink.objects.get().used_at is not None


def test_simultaneous_guesses_get_no_more_than_the_five_of_one_after_the_other(parent):
    guesses = _together(GUESSES, lambda: enter("julie.d", "faux mot de passe"))
    assert guesses == {"CredentialsRefusedError": 5, "TooManyTriesError": GUESSES - 5}
    assert Tally.objects.get(scope=Scope.STRANGER).failures == 5


def test_control_failures_counted_after_the_hash_let_every_simultaneous_guess_through(parent):
    meeting = threading.Barrier(GUESSES)
    watch = throttle.Watch(Scope.STRANGER, "careless")

    def careless():
        tally, _ = Tally.objects.get_or_create(scope=watch.scope, key_mark=watch.key_mark)
        count = rules.Count(tally.failures, tally.counted_from, tally.blocked_until)
        meeting.wait(timeout=10)
        assert not count.is_blocked(clock.now())
        after = rules.one_more_failure(count, rules.LIMITS[watch.scope], clock.now())
        tally.failures = after.failures
        tally.save()

    assert _together(GUESSES, careless) == {"through": GUESSES}
    assert Tally.objects.get(scope=Scope.STRANGER).failures == 1
