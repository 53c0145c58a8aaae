"""Keyed marks (HMAC-SHA-256, hexadecimal): how codes, tokens and throttle keys are stored."""

from typing import Literal

from django.conf import settings
from django.utils.crypto import salted_hmac

Purpose = Literal["activation", "link", "device", "tally"]


def mark(purpose: Purpose, secret: str) -> str:
    """The mark written today; the same secret has another mark for another purpose."""
    return salted_hmac(f"preau.accounts.{purpose}", secret, algorithm="sha256").hexdigest()


def readable_marks(purpose: Purpose, secret: str) -> list[str]:
    """The marks to look for, newest key first: paper codes outlive a change of `PREAU_SECRET_KEY`."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    salt = f"preau.accounts.{purpose}"
    return [salted_hmac(salt, secret, secret=key, algorithm="sha256").hexdigest() for key in keys]
