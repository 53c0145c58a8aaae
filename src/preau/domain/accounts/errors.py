"""Refusals, each carrying the French sentence its reader needs."""

from datetime import datetime, timedelta

from preau.domain.accounts import rules


class AccountError(Exception):
    """Base: `str(error)` is ready for the screen."""


class TooBusyError(AccountError):
    """Every hashing slot stayed taken; the page answers 503."""

    def __init__(self) -> None:
        super().__init__("Beaucoup de familles se connectent en ce moment. Réessayez dans une minute.")


class TooManyTriesError(AccountError):
    """Tries must wait until `retry_at` (UTC); raised for unknown accounts as for known ones."""

    def __init__(self, *, retry_at: datetime, now: datetime) -> None:
        self.retry_at = retry_at
        self.wait: timedelta = retry_at - now
        super().__init__(f"Trop d’essais. Réessayez dans {rules.waiting_words(self.wait)}.")


class CredentialsRefusedError(AccountError):
    """No such account, wrong password or closed account: never said which (W1)."""

    def __init__(self) -> None:
        super().__init__("L’identifiant ou le mot de passe n’est pas le bon. Vérifiez-les et recommencez.")


class WrongPasswordError(AccountError):
    """The person is known, the current password given again is wrong."""

    def __init__(self) -> None:
        super().__init__("Ce n’est pas votre mot de passe actuel. Vérifiez-le et recommencez.")


class ActivationRefusedError(AccountError):
    """No such account, or a wrong, used, expired or dead code: never said which (W1, W4)."""

    def __init__(self) -> None:
        super().__init__(
            "Ces informations ne vont pas ensemble, ou le code n’est plus valable. "
            "Vérifiez-les, ou demandez un nouveau code à la mairie."
        )


class LinkRefusedError(AccountError):
    """The mailed link is unknown, used, withdrawn or more than an hour old (W6)."""

    def __init__(self) -> None:
        super().__init__("Ce lien a déjà servi ou date de plus d’une heure. Demandez-en un autre.")


class PasswordRefusedError(AccountError):
    """The new password breaks the rule (CNIL 2022-100); one sentence per reason in `sentences`."""

    def __init__(self, sentences: list[str]) -> None:
        self.sentences = sentences
        super().__init__(" ".join(sentences))


class AccountRefusedError(AccountError):
    """An account cannot be opened with these values."""


class EmailRefusedError(AccountError):
    """The text is no e-mail address."""

    def __init__(self) -> None:
        super().__init__("Cette adresse e-mail n’est pas complète. Exemple\u202f: prenom.nom@exemple.fr")
