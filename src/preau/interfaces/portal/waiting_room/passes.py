"""What the browser keeps: when somebody joined the line, then when they were last seen inside."""

from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse

COOKIE = "preau_place"
#: A place in the line, or a stay, is remembered this long (seconds).
_LONGEST = 6 * 3600
_SIGNER = Signer(salt="preau.waiting_room")


@dataclass(frozen=True, slots=True)
class Pass:
    """`at`: milliseconds since 1970; of the arrival outside, of the last sign of life inside."""

    is_inside: bool
    at: int

    def __str__(self) -> str:
        return f"{'i' if self.is_inside else 'o'}{self.at}"


def read(request: HttpRequest) -> Pass | None:
    """The pass of this session; another session's, or a forged one, is none."""
    said, _, signature = request.COOKIES.get(COOKIE, "").partition(".")
    try:
        _SIGNER.unsign(f"{said}.{session_of(request)}:{signature}")
    except BadSignature:
        return None
    return Pass(said[0] == "i", int(said[1:]))


def write(response: HttpResponse, held: Pass, *, session: str) -> None:
    signature = _SIGNER.sign(f"{held}.{session}").rpartition(":")[2]
    response.set_cookie(
        COOKIE,
        f"{held}.{signature}",
        max_age=_LONGEST,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def session_of(request: HttpRequest) -> str:
    return request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")


def session_after(request: HttpRequest, response: HttpResponse) -> str:
    """The session that the browser holds once it has the answer: it changes when somebody logs in, or out."""
    given = response.cookies.get(settings.SESSION_COOKIE_NAME)
    return given.value if given else session_of(request)
