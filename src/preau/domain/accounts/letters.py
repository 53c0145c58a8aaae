"""The mails about accounts: plain paragraphs and bare links; the town's look is added when they leave."""

from dataclasses import dataclass

from preau.domain.accounts.models import User
from preau.foundation import ids

_NOT_YOU = (
    "Si ce n’est pas vous, demandez tout de suite un nouveau mot de passe "
    "sur la page «\u202fMot de passe ou code oublié\u202f» et prévenez la mairie."
)
_ONE_HOUR = "Ce lien sert une seule fois, pendant une heure."


@dataclass(frozen=True, slots=True)
class Letter:
    """Subject and text of a mail; never shown in a log, since it may carry a link."""

    subject: str
    text: str

    def __repr__(self) -> str:
        return f"Letter({self.subject!r})"


def forgotten_identifiers(user: User, *, address: str) -> Letter:
    """The access code in clear (it is on every invoice) and a link to choose a password (L13, S05, V17)."""
    reminders = [f"Votre code d’accès\u202f: {ids.grouped(user.access_code)}"]
    if user.username:
        reminders.append(f"Votre nom d’utilisateur\u202f: {user.username}")
    return _letter(
        "Vos identifiants du portail famille",
        user,
        "Vous avez demandé vos identifiants.",
        "\n".join(reminders),
        f"Pour choisir un nouveau mot de passe, ouvrez ce lien. {_ONE_HOUR}",
        address,
        "Si vous n’avez rien demandé, ne faites rien\u202f: votre mot de passe ne change pas.",
    )


def password_changed(user: User) -> Letter:
    return _letter(
        "Votre mot de passe a changé",
        user,
        "Le mot de passe de votre compte vient de changer. Vos autres appareils ont été déconnectés.",
        _NOT_YOU,
    )


def confirm_email(user: User, *, address: str) -> Letter:
    return _letter(
        "Confirmez votre adresse e-mail",
        user,
        "Vous avez donné cette adresse pour votre compte du portail famille.",
        f"Pour la confirmer, ouvrez ce lien. {_ONE_HOUR}",
        address,
        "Si vous n’avez rien demandé, ne faites rien\u202f: l’adresse ne sera pas utilisée.",
    )


def email_already_used(user: User) -> Letter:
    """To an address asked for a second account: its owner alone learns that it already serves (W1)."""
    return _letter(
        "Cette adresse sert déjà",
        user,
        "Quelqu’un a voulu donner votre adresse e-mail à un autre compte du portail famille. "
        "Elle sert déjà au vôtre\u202f: rien n’a changé.",
        "Chaque compte a sa propre adresse. Si c’est vous, choisissez-en une autre pour l’autre compte.",
    )


def email_change_asked(user: User) -> Letter:
    return _letter(
        "Changement d’adresse e-mail demandé",
        user,
        "Une nouvelle adresse e-mail a été demandée pour votre compte. Elle remplacera celle-ci "
        "dès que le lien que nous lui avons envoyé sera ouvert.",
        _NOT_YOU,
    )


def email_changed(user: User) -> Letter:
    return _letter(
        "Votre adresse e-mail a changé",
        user,
        "Votre compte utilise désormais une autre adresse e-mail. Nous n’écrirons plus à celle-ci.",
        _NOT_YOU,
    )


def _letter(subject: str, user: User, *paragraphs: str) -> Letter:
    return Letter(subject=subject, text="\n\n".join([f"Bonjour {user.display_name},", *paragraphs]))
