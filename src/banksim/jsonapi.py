"""The JSON control interface: how its views read, refuse and answer."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from banksim.controls import ControlRefusedError
from banksim.faults import FaultRefusedError

View = Callable[..., HttpResponse]


def api(*methods: str) -> Callable[[View], View]:
    """Only these methods; refusals become `{"error": …}` with status 400, 404, 405 or 415."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in methods:
                return JsonResponse({"error": f"méthodes : {', '.join(methods)}"}, status=405)
            # Another site's page may post a form here, but not JSON without asking first.
            if request.method == "POST" and request.content_type != "application/json":
                return JsonResponse({"error": "Content-Type application/json attendu"}, status=415)
            try:
                return view(request, *args, **kwargs)
            except Http404 as error:
                return JsonResponse({"error": str(error)}, status=404)
            except (ControlRefusedError, FaultRefusedError) as error:
                return JsonResponse({"error": str(error)}, status=400)

        return answered

    return decorate


def body(request: HttpRequest, *allowed: str) -> dict[str, Any]:
    """The JSON object posted; an empty body is an empty object.

    Raises:
        ControlRefusedError: not an object, or a name that is not allowed.
    """
    try:
        asked = json.loads(request.body or b"{}")
    except ValueError as error:
        raise ControlRefusedError(f"JSON mal formé : {error}") from error
    if not isinstance(asked, dict):
        raise ControlRefusedError("objet JSON attendu")
    unknown = sorted(set(asked) - set(allowed))
    if allowed and unknown:
        raise ControlRefusedError(f"noms inconnus : {', '.join(unknown)} ; attendus : {', '.join(allowed)}")
    return asked
