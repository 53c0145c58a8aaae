"""Sessions end by themselves, and a person who is there keeps theirs."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse

from preau.domain.accounts.services import see_session
from preau.interfaces.portal.access import life

ENDED = "Votre session est terminée. Pour continuer, connectez-vous de nouveau."


class SessionLifeMiddleware:
    """Ends a silent session, and says so to whoever comes back after the end of theirs (V27)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            self._look(request)
        return self.get_response(request)

    def _look(self, request: HttpRequest) -> None:
        if SESSION_KEY in request.session and life.is_over(request.session):
            logout(request)
        if SESSION_KEY not in request.session:
            messages.info(request, ENDED)
        elif life.sign(request.session) and request.session.session_key:
            see_session(session_key=request.session.session_key)
