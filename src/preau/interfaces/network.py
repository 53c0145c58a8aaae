"""Where a request comes from, and what it carries."""

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """The caller's address; the proxy's word is taken only if the operator declared one (PREAU_BEHIND_PROXY)."""
    if settings.SECURE_PROXY_SSL_HEADER:
        forwarded = request.headers.get("X-Forwarded-For", "")
        if forwarded:
            return forwarded.rsplit(",", 1)[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def body_of(request: HttpRequest, *, most: int) -> bytes | None:
    """The body as it came; None when it holds more than `most` bytes, whether it said so or not (N13).

    Django gives no body to a request that announces no length. A chunked one is read from the server, which
    knows where it ends (`wsgi.input_terminated`): a notification sent so is not an empty one.
    """
    announced = request.META.get("CONTENT_LENGTH")
    if not announced and not request.META.get("wsgi.input_terminated"):
        return b""
    source = request if announced else request.META["wsgi.input"]
    body = b""
    while len(body) <= most and (part := source.read(most + 1 - len(body))):
        body += part
    return body if len(body) <= most else None
