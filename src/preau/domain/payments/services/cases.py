"""Cases that a person of the régie must look at, and the mail that says so."""

from django.db import IntegrityError, transaction

from preau.domain.payments.models import Evidence, PaymentAttempt, ReviewCase
from preau.foundation import clock
from preau.foundation.mail.services import queue


def open_case(*, kind: ReviewCase.Kind, attempt: PaymentAttempt, detail: str, evidence: Evidence | None = None) -> None:
    """Open a case in the caller's transaction and warn the régisseur; once per attempt and kind while it is open."""
    try:
        with transaction.atomic():
            case = ReviewCase.objects.create(
                kind=kind,
                regie=attempt.regie,
                attempt=attempt,
                evidence=evidence,
                detail=detail[:300],
                opened_at=clock.now(),
            )
    except IntegrityError:
        return
    queue(
        kind="review_case",
        subject_key=case.public_id,
        to=attempt.regie.email,
        subject=f"À examiner : {case.get_kind_display()}",
        text=(
            f"Régie : {attempt.regie.label}\n"
            f"Opération : {attempt.reference}\n\n"
            f"{case.get_kind_display()}.\n{case.detail}\n\n"
            "Aucune somme n’est perdue : elle est dans les comptes de la régie. Une personne doit décider de la suite."
        ),
    )
