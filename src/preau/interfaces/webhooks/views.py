"""Where gateways notify us: store, answer, and let the worker understand (design 4.6).

No session, no cross-site check: nothing here trusts the caller. Each gateway is answered as it wishes, and an unknown
operation as a forged one (payment-gateways 9.7).
"""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from preau.domain.payments.gateway import Message
from preau.domain.payments.services.inbox import MAX_BODY, Answer, answer_to, receive
from preau.domain.payments.states import Origin
from preau.foundation import faults
from preau.interfaces.network import address_of, body_of


def _message(request: HttpRequest, body: bytes) -> Message:
    return Message(
        query=request.META.get("QUERY_STRING", ""),
        body=body,
        content_type=request.content_type or "",
    )


def _http(answer: Answer) -> HttpResponse:
    return HttpResponse(answer.text, status=answer.status, content_type="text/plain; charset=utf-8")


@csrf_exempt
@require_http_methods(["GET", "POST"])
def notification(request: HttpRequest, gateway: str, token: str = "") -> HttpResponse:
    """A gateway's message about one attempt, named by the address or by itself; 413 when too large to be one (N13)."""
    body = body_of(request, most=MAX_BODY)
    if body is None:
        return HttpResponse(status=413)
    faults.reach("notification-received")
    stored = receive(
        gateway=gateway,
        origin=Origin.NOTIFICATION,
        return_token=token,
        method=request.method or "",
        message=_message(request, body),
        source_address=address_of(request),
    )
    faults.reach("notification-stored")
    return _http(answer_to(stored))
