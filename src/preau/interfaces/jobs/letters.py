"""The table from which the town prints its invitation letters."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path

from preau.domain.families.services import Invitation
from preau.domain.town.models import Town
from preau.foundation import french, ids
from preau.foundation.tabular import csv_safe

_HEADINGS = (
    "Civilité",
    "Prénom",
    "Nom",
    "Adresse 1",
    "Adresse 2",
    "Code postal",
    "Ville",
    "N° de dossier",
    "Nom du dossier",
    "Code d’accès",
    "Code d’activation",
    "Valable jusqu’au",
    "Adresse du portail",
)


def write_letters(path: Path, invitations: Sequence[Invitation], *, town: Town, address: str) -> None:
    """One row per person, for a mail merge: UTF-8 with its mark, semicolons; only its owner may read the file.

    Raises:
        OSError: the file exists already, or cannot be written; no half-written file is left.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as handle:
            table = csv.writer(handle, delimiter=";")
            table.writerow(_HEADINGS)
            for invitation in invitations:
                table.writerow([csv_safe(cell) for cell in _cells(invitation, town=town, address=address)])
    except BaseException:
        path.unlink()
        raise


def _cells(invitation: Invitation, *, town: Town, address: str) -> list[str]:
    guardian, household = invitation.guardian, invitation.guardian.household
    first_line, _, other_lines = household.address.partition("\n")
    return [
        guardian.civility,
        guardian.first_name,
        guardian.last_name,
        first_line,
        other_lines.replace("\n", ", "),
        household.postal_code,
        household.city,
        household.file_number,
        household.file_name,
        ids.grouped(invitation.user.access_code),
        invitation.code,
        french.day(invitation.expires_at.astimezone(town.zone).date()),
        address,
    ]
