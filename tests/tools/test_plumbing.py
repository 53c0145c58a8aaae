"""The tests' own tools do what the other tests count on."""

import socket
from datetime import UTC, datetime

import pytest
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from preau.foundation import clock
from preau.foundation.audit import services as audit
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.audit.models import AuditEvent
from tests.support.network import NetworkForbidden


@pytest.mark.parametrize("host", ["192.0.2.1", "::ffff:192.0.2.1", "example.org"])
def test_no_test_reaches_another_machine(host):
    with pytest.raises(NetworkForbidden, match=host):
        socket.create_connection((host, 80), timeout=1)


def test_no_test_sends_a_datagram_to_another_machine():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, pytest.raises(NetworkForbidden):
        sender.sendto(b"?", ("192.0.2.1", 53))


def test_the_clock_stands_still_until_it_is_moved(frozen_clock):
    began = clock.now()
    assert clock.now() == began
    frozen_clock.advance(minutes=29, seconds=59)
    assert (clock.now() - began).total_seconds() == 29 * 60 + 59
    frozen_clock.set(datetime(2026, 10, 25, 1, 0, tzinfo=UTC))
    assert clock.now() == timezone.now() == datetime(2026, 10, 25, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_append_only_tables_are_emptied_between_tests(turn):
    assert AuditEvent.objects.count() == 0
    assert ContentType.objects.exists()
    audit.record(by=SYSTEM, action="test", subject=f"turn {turn}")
    assert AuditEvent.objects.count() == 1
