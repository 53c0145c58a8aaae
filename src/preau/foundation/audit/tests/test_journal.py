"""The journal: written once, in one order, and no retouch goes unnoticed."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from preau.foundation import clock
from preau.foundation.audit.actors import SYSTEM, Actor
from preau.foundation.audit.models import AuditEvent, ChainHead
from preau.foundation.audit.services import broken_links, record
from tests.support.database import without_triggers
from tests.support.refusals import refused_by, refused_whole, refused_with, save_again

pytestmark = pytest.mark.django_db

PARENT = Actor(kind="family", key="p4r3nt", network="192.0.2.0")


@pytest.fixture
def journal(db) -> list[AuditEvent]:
    return [
        record(by=PARENT, action="payment.prepared", subject="A", details={"amount_cents": 2400, "côté": "été"}),
        record(by=SYSTEM, action="payment.captured", subject="A"),
        record(by=PARENT, action="password.changed", subject="p4r3nt"),
    ]


def test_an_event_says_who_did_what_to_what_and_when(db):
    with clock.frozen(datetime(2026, 10, 8, 13, 35, 0, 123456, tzinfo=UTC)):
        record(by=PARENT, action="payment.prepared", subject="A", details={"amount_cents": 2400})
    event = AuditEvent.objects.get()
    assert (event.actor_kind, event.actor_key, event.network) == ("family", "p4r3nt", "192.0.2.0")
    assert (event.action, event.subject, event.details) == ("payment.prepared", "A", {"amount_cents": 2400})
    assert event.at == datetime(2026, 10, 8, 13, 35, 0, 123456, tzinfo=UTC)
    assert str(PARENT) == "family:p4r3nt"


def test_events_form_a_chain(journal):
    assert [event.sequence for event in journal] == [1, 2, 3]
    assert [event.previous_digest for event in journal] == ["", journal[0].digest, journal[1].digest]
    assert list(broken_links()) == []


def test_what_is_rolled_back_leaves_no_hole(journal):
    with transaction.atomic():
        record(by=SYSTEM, action="lost", subject="B")
        transaction.set_rollback(True)
    assert record(by=SYSTEM, action="kept", subject="B").sequence == 4
    assert list(broken_links()) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor_kind", "system"),
        ("actor_key", "somebody"),
        ("network", ""),
        ("action", "payment.refused"),
        ("subject", "B"),
        ("details", {"amount_cents": 2401, "côté": "été"}),
        ("at", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_retouch_is_noticed(journal, column, value):
    with without_triggers("audit_auditevent"):
        AuditEvent.objects.filter(sequence=1).update(**{column: value})
    assert list(broken_links()) == ["audit event 1 was altered"]


def test_a_retouch_with_a_fresh_digest_breaks_the_next_link(journal):
    with without_triggers("audit_auditevent"):
        AuditEvent.objects.filter(sequence=1).update(digest="0" * 64)
    assert list(broken_links()) == ["audit event 1 was altered", "audit event 2 was altered"]


@pytest.mark.parametrize(
    ("sequence", "said"),
    [
        (1, ["audit event 1 is missing", "audit event 2 was altered"]),
        (2, ["audit event 2 is missing", "audit event 3 was altered"]),
        (3, ["audit chain ends at 2, its head says 3"]),
    ],
)
def test_a_removed_event_is_noticed(journal, sequence, said):
    with without_triggers("audit_auditevent"):
        AuditEvent.objects.filter(sequence=sequence).delete()
    assert list(broken_links()) == said


def test_a_lost_head_is_noticed(journal):
    ChainHead.objects.all().delete()
    assert list(broken_links()) == ["audit chain ends at 3, its head says 0"]


def test_events_are_written_once(journal):
    refused_whole(journal[0])


def test_a_rank_below_one_is_refused(journal):
    with refused_with("audit_sequence_starts_at_one|audit_first_event_has_no_previous"):
        save_again(journal[1], sequence=0)


@pytest.mark.parametrize(("sequence", "previous"), [(1, "0" * 64), (4, "")])
def test_only_the_first_event_has_no_previous(db, sequence, previous):
    event = record(by=SYSTEM, action="a", subject="s")
    if sequence == 1:
        with without_triggers("audit_auditevent"):
            AuditEvent.objects.all().delete()
    with refused_by("audit_first_event_has_no_previous"):
        save_again(event, sequence=sequence, previous_digest=previous)


def test_a_rank_serves_once(journal):
    with refused_with("sequence"):
        save_again(journal[1])


def test_a_second_chain_is_refused(journal):
    with refused_by("audit_has_one_chain"):
        ChainHead.objects.create(id=2)
