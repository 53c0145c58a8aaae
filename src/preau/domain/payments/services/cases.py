"""Cases that a person of the régie must look at, and the mail that says so."""

from django.conf import settings
from django.db import IntegrityError, transaction

from preau.domain.payments.models import Evidence, PaymentAttempt, ReviewCase
from preau.domain.regies.models import Regie
from preau.foundation import clock
from preau.foundation.mail.services import queue


def open_case(*, kind: ReviewCase.Kind, attempt: PaymentAttempt, detail: str, evidence: Evidence | None = None) -> None:
    """Open a case in the caller's transaction and warn the régisseur; once per attempt and kind while it is open."""
    _open(ReviewCase(kind=kind, regie=attempt.regie, attempt=attempt, evidence=evidence, detail=detail[:300]))


def open_case_about(*, kind: ReviewCase.Kind, regie: Regie, subject: str, detail: str) -> None:
    """The same about an operation of the bank that no attempt of ours knows; once per régie, kind and `subject`.

    `subject` is what the bank calls it (64 characters at most, never empty).
    """
    _open(ReviewCase(kind=kind, regie=regie, subject=subject, detail=detail[:300]))


def _open(case: ReviewCase) -> None:
    case.opened_at = clock.now()
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError:
        still_open = ReviewCase.objects.filter(closed_at__isnull=True, kind=case.kind)
        same = {"attempt": case.attempt} if case.attempt else {"regie": case.regie, "subject": case.subject}
        if not still_open.filter(**same).exists():
            raise
        return
    queue(
        kind="review_case",
        subject_key=case.public_id,
        to=case.regie.email,
        subject=f"À examiner\u202f: {case.get_kind_display()}",
        text=(
            f"Régie\u202f: {case.regie.label}\n"
            f"Opération\u202f: {case.reference}\n\n"
            f"{case.get_kind_display()}.\n{case.detail}\n\n"
            "Aucune somme n’est perdue\u202f: elle est dans les comptes de la régie. Deux personnes de la régie "
            "décident de la suite, l’une après l’autre\u202f:\n\n"
            f"{settings.PREAU_CASE_URL.format(case=case.public_id)}"
        ),
    )
