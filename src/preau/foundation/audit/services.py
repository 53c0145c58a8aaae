"""Writing to the journal, and proving that nobody rewrote it."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from django.db import transaction

from preau.foundation import clock
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.models import AuditEvent, ChainHead


def record(*, by: Actor, action: str, subject: str, details: dict[str, Any] | None = None) -> AuditEvent:
    """Append a line in the caller's transaction; never pass a secret or a whole personal record in `details`.

    The chain's head is the last lock of a transaction (reliability E.4.4): call this last.
    """
    with transaction.atomic():
        ChainHead.objects.get_or_create(id=1)
        head = ChainHead.objects.select_for_update().get(id=1)
        event = AuditEvent(
            sequence=head.sequence + 1,
            at=clock.now(),
            actor_kind=by.kind,
            actor_key=by.key,
            network=by.network,
            action=action,
            subject=subject,
            details=details or {},
            previous_digest=head.digest,
        )
        event.digest = digest_of(event)
        event.save(force_insert=True)
        head.sequence, head.digest = event.sequence, event.digest
        head.save(update_fields=["sequence", "digest"])
    return event


def digest_of(event: AuditEvent) -> str:
    """SHA-256 (hexadecimal) of the event's content and of the digest before it."""
    content = [
        event.sequence,
        event.at.isoformat(timespec="microseconds"),
        event.actor_kind,
        event.actor_key,
        event.network,
        event.action,
        event.subject,
        event.details,
        event.previous_digest,
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def broken_links() -> Iterator[str]:
    """Sentences naming each place where the chain does not hold (I29)."""
    previous, expected = "", 1
    for event in AuditEvent.objects.order_by("sequence").iterator(chunk_size=2000):
        if event.sequence != expected:
            yield f"audit event {expected} is missing"
        if event.previous_digest != previous or event.digest != digest_of(event):
            yield f"audit event {event.sequence} was altered"
        previous, expected = event.digest, event.sequence + 1
    head = ChainHead.objects.filter(id=1).first() or ChainHead()
    if (head.sequence, head.digest) != (expected - 1, previous):
        yield f"audit chain ends at {expected - 1}, its head says {head.sequence}"
