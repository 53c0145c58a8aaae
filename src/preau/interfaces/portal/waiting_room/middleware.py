"""The door of the waiting room."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from preau.foundation import clock
from preau.foundation.admission.capacity import announced
from preau.foundation.admission.gate import Rank
from preau.foundation.admission.room import NoRoomError, Room
from preau.interfaces.portal.waiting_room import passes
from preau.interfaces.portal.waiting_room.doors import is_guarded, rank_of, view_of
from preau.interfaces.portal.waiting_room.page import busy_page, line_page
from preau.interfaces.portal.waiting_room.passes import Pass

#: A sign of life is written at most this often (milliseconds).
_SIGN_EVERY = 60_000
#: Sent by the script of the page of those who wait.
_LOOKS = "X-Preau-Look"


class WaitingRoomMiddleware:
    """Lets families in while the machine follows; then, asks newcomers to wait for their turn.

    Nothing is asked of the database here but the line, once a second. Whoever is inside stays: a form that is sent
    always passes, however long its page was open.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        capacity = announced()
        if not capacity.threads:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.room = Room(capacity, wait_limit=settings.PREAU_WAIT_LIMIT)
        self._stay = timedelta(minutes=settings.PREAU_STAY_MINUTES) // timedelta(milliseconds=1)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == reverse("portal:healthz"):  # a probe asks whether we live, not whether we have time
            return self.get_response(request)
        view = view_of(request)
        if is_guarded(view) and passes.session_of(request):
            return self._at_the_door(request, passes.read(request))
        # Nobody is refused a page to read; a password to check can be sent again.
        refusable = rank_of(view) == Rank.OUTSIDE and not _reads(request)
        return self._answer(request, rank_of(view), most=self.room.capacity.most_inside if refusable else None)

    def _at_the_door(self, request: HttpRequest, held: Pass | None) -> HttpResponse:
        now = _now()
        if held is not None and held.is_inside and (now - held.at < self._stay or not _reads(request)):
            return self._inside(request, held)
        self.room.refresh()
        arrived_at = held.at if held is not None and not held.is_inside else None
        if self.room.admits(arrived_at):
            return self._inside(request, None)
        return self._wait(request, arrived_at)

    def _inside(self, request: HttpRequest, held: Pass | None) -> HttpResponse:
        if _LOOKS in request.headers:  # a script asks in place of its page: told, it asks for the page
            return self._with_pass(request, HttpResponse(status=HTTPStatus.RESET_CONTENT))
        response = self._answer(request, Rank.INSIDE, most=self.room.capacity.most_inside)
        is_new = held is None or _now() - held.at > _SIGN_EVERY
        if is_new or settings.SESSION_COOKIE_NAME in response.cookies:
            return self._with_pass(request, response)
        return response

    def _answer(self, request: HttpRequest, rank: Rank, *, most: int | None) -> HttpResponse:
        try:
            with self.room.thread(rank, most=most):
                return self.get_response(request)
        except NoRoomError:
            return busy_page(request)

    def _with_pass(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if session := passes.session_after(request, response):
            passes.write(response, Pass(is_inside=True, at=_now()), session=session)
        return response

    def _wait(self, request: HttpRequest, arrived_at: int | None) -> HttpResponse:
        place = Pass(is_inside=False, at=self.room.arrive() if arrived_at is None else arrived_at)
        response = line_page(request, self.room.standing(place.at), arrived_at=place.at)
        passes.write(response, place, session=passes.session_of(request))
        return response


def _now() -> int:
    return int(clock.now().timestamp() * 1000)


def _reads(request: HttpRequest) -> bool:
    return request.method in {"GET", "HEAD"}
