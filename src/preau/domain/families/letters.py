"""The mails that lead an adult of a family to their account: plain paragraphs and bare links."""

from preau.domain.accounts.letters import Letter
from preau.domain.accounts.models import User
from preau.domain.families.models import Household
from preau.foundation import ids


def first_entry(user: User, *, household: Household, address: str) -> Letter:
    """The link that opens an account for the first time, asked from the portal (A04)."""
    return _letter(
        "Ouvrez votre compte du portail famille",
        user,
        f"Vous avez demandé à ouvrir votre compte pour le dossier {household.file_number}.",
        "Pour choisir votre mot de passe, ouvrez ce lien. Ce lien sert une seule fois, pendant une heure.",
        address,
        f"Votre code d’accès\u202f: {ids.grouped(user.access_code)}",
        "Si vous n’avez rien demandé, ne faites rien\u202f: le compte reste fermé.",
    )


def invitation(user: User, *, household: Household, code: str, until: str, address: str) -> Letter:
    """The town opens its portal to this person; `until` is a day in French words (C03)."""
    return _letter(
        "Votre compte du portail famille est prêt",
        user,
        f"Un compte vous attend sur le portail famille, pour le dossier {household.file_number} "
        f"({household.file_name}). Vous pourrez y voir et payer vos factures.",
        "Pour l’ouvrir, allez à cette adresse et recopiez les deux codes.",
        address,
        f"Votre code d’accès\u202f: {ids.grouped(user.access_code)}\nVotre code d’activation\u202f: {code}",
        f"Le code d’activation sert une seule fois, jusqu’au {until}.",
        "Vous pouvez continuer à payer comme avant\u202f: ouvrir ce compte n’est pas obligatoire.",
    )


def _letter(subject: str, user: User, *paragraphs: str) -> Letter:
    return Letter(subject=subject, text="\n\n".join([f"Bonjour {user.display_name},", *paragraphs]))
