"""Django's door (the admin's form, `client.login`) leads through the portal's own throttled sign-in."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from preau.domain.accounts import services
from preau.domain.accounts.errors import CredentialsRefusedError, TooManyTriesError
from preau.domain.accounts.models import User


class IdentifierBackend(ModelBackend):
    """Reads users and their rights as Django does; checks passwords as `services.sign_in` does."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if username is None or password is None:
            return None
        network = request.META.get("REMOTE_ADDR", "") if request is not None else ""
        try:
            return services.sign_in(identifier=username, password=password, device_token=None, network=network).user
        except (CredentialsRefusedError, TooManyTriesError):
            return None
