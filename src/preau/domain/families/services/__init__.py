"""Writes about families; every function here is keyword-only."""

from preau.domain.families.services.entry import (
    FileClaim,
    Newcomer,
    check_household_claim,
    claim_household,
    enter_with_code,
    enter_with_link,
    request_entry_link,
)
from preau.domain.families.services.facts import FactRefusedError, note_child, note_quotient, note_town_link
from preau.domain.families.services.invitations import (
    Invitation,
    invite_guardian,
    invite_guardians,
    mail_invitations,
    note_letters,
)
from preau.domain.families.services.loading import IntakeCounts, apply_intake, compare_intake

__all__ = [
    "FactRefusedError",
    "FileClaim",
    "IntakeCounts",
    "Invitation",
    "Newcomer",
    "apply_intake",
    "check_household_claim",
    "claim_household",
    "compare_intake",
    "enter_with_code",
    "enter_with_link",
    "invite_guardian",
    "invite_guardians",
    "mail_invitations",
    "note_child",
    "note_letters",
    "note_quotient",
    "note_town_link",
    "request_entry_link",
]
