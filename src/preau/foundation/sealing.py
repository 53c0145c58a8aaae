"""Secrets at rest: what the database or a backup holds of a key is of no use without the installation's own.

Fernet (AES-128-CBC with HMAC-SHA-256), under a key drawn from `SECRET_KEY`; those of `SECRET_KEY_FALLBACKS` still
open what they sealed, so that the installation's key can change.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"preau sealed secrets"


class SealBrokenError(Exception):
    """Sealed under a key that this installation no longer has, or altered since."""


def seal(text: str) -> str:
    """What may be stored of a secret."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret itself.

    Raises:
        SealBrokenError: no key of this installation opens it.
    """
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken as broken:
        raise SealBrokenError("Ce secret a été scellé avec une clé que cette installation n’a plus.") from broken


def seal_again(sealed: str) -> str:
    """The same secret under the newest key.

    Raises:
        SealBrokenError: no key of this installation opens it.
    """
    return seal(unseal(sealed))


def _box() -> MultiFernet:
    return _boxes((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _boxes(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_fernet_key(key)) for key in keys])


def _fernet_key(key: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(key.encode())
    return base64.urlsafe_b64encode(derived)
