"""The password rule of reliability A.5 and the hasher that never takes the whole machine (D.1)."""

import re
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from preau.domain.accounts import strength
from preau.domain.accounts.errors import PasswordRefusedError, TooBusyError
from preau.domain.accounts.models import User
from preau.domain.town.models import Town

_LONGEST = 128
_SHORTEST_CONTEXT_WORD = 4
#: Seconds a login waits for a hashing slot before the page says to try again.
SLOT_WAIT_SECONDS = 5.0


class EntropyValidator:
    """12 characters of any kind and 50 bits: CNIL 2022-100 with slowed tries, ASVS 5 without composition."""

    min_length = 12
    min_bits = 50

    def validate(self, password: str, _: User | None = None) -> None:
        if len(password) < self.min_length:
            raise ValidationError(
                f"Il faut au moins {self.min_length} caractères. Le vôtre en a {len(password)}.",
                code="password_too_short",
            )
        if len(password) > _LONGEST:
            raise ValidationError(
                f"Il ne faut pas plus de {_LONGEST} caractères. Le vôtre en a {len(password)}.",
                code="password_too_long",
            )
        if strength.entropy_bits(password) < self.min_bits:
            raise ValidationError(
                "Ce mot de passe se devine trop vite. Allongez-le, par exemple avec trois ou quatre mots "
                "sans rapport entre eux.",
                code="password_too_easy",
            )

    def get_help_text(self) -> str:
        return (
            f"Au moins {self.min_length} caractères, de toute sorte. Trois ou quatre mots sans rapport "
            "entre eux sont faciles à retenir et difficiles à deviner."
        )


class ContextValidator:
    """Refuses what a neighbour or the invoice would tell: names, e-mail, access code, town, product."""

    def validate(self, password: str, user: User | None = None) -> None:
        folded = strength.folded_text(password)
        if any(word in folded for word in _context_words(user)):
            raise ValidationError(
                "N’y mettez ni votre nom, ni votre e-mail, ni votre code d’accès, ni le nom de la ville.",
                code="password_from_context",
            )

    def get_help_text(self) -> str:
        return "Sans votre nom, votre e-mail, votre code d’accès ni le nom de la ville."


def _context_words(user: User | None) -> set[str]:
    texts = ["préau", "portail", *Town.objects.filter(id=1).values_list("name", flat=True)]
    if user is not None:
        local_part = (user.email or "").partition("@")[0]
        texts += [user.display_name, user.username or "", local_part, user.access_code]
    words = (word for text in texts for word in re.split(r"[\W_]+", strength.folded_text(text)))
    return {word for word in words if len(word) >= _SHORTEST_CONTEXT_WORD}


def accept_new_password(password: str, *, user: User) -> None:
    """Check a password someone chooses.

    Raises:
        PasswordRefusedError: with one sentence per broken rule.
    """
    try:
        validate_password(password, user)
    except ValidationError as refusal:
        raise PasswordRefusedError(refusal.messages) from refusal


_slots = threading.BoundedSemaphore(settings.PREAU_HASHING_SLOTS)


@contextmanager
def hashing_slot() -> Iterator[None]:
    """One of the process's `PREAU_HASHING_SLOTS`: a rush of logins leaves other pages a share of the cores.

    Raises:
        TooBusyError: none came free within `SLOT_WAIT_SECONDS`.
    """
    if not _slots.acquire(timeout=SLOT_WAIT_SECONDS):
        raise TooBusyError
    try:
        yield
    finally:
        _slots.release()


class BoundedArgon2Hasher(Argon2PasswordHasher):
    """Argon2id, 19 MiB, 2 passes, 1 lane (OWASP's first choice): 43 ms on one core of the reference machine.

    Passwords are brought to one Unicode form first: « é » typed on two keyboards is the same letter.
    """

    time_cost = 2
    memory_cost = 19456
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with hashing_slot():
            return super().encode(unicodedata.normalize("NFKC", password), salt)

    def verify(self, password: str, encoded: str) -> bool:
        with hashing_slot():
            return super().verify(unicodedata.normalize("NFKC", password), encoded)
