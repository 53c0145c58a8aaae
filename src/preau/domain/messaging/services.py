"""Keeping documents in a family's safe."""

from django.db import IntegrityError, transaction

from preau.domain.families.models import Household
from preau.domain.messaging.models import HouseholdDocument
from preau.foundation import clock
from preau.foundation.files.models import StoredFile


def keep_document(
    *,
    household: Household,
    kind: HouseholdDocument.Kind,
    source_key: str,
    title: str,
    file: StoredFile,
) -> HouseholdDocument:
    """Put a document in the safe; the first one kept for a source wins, whoever races."""
    try:
        with transaction.atomic():
            return HouseholdDocument.objects.create(
                household=household,
                kind=kind,
                source_key=source_key,
                title=title,
                file=file,
                created_at=clock.now(),
            )
    except IntegrityError:
        return HouseholdDocument.objects.select_related("file").get(kind=kind, source_key=source_key)
