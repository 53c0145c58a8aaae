"""How many queries a page makes, and how many times a second two processes serve it."""

from statistics import median

from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from preau.domain.regies.models import Regie
from preau.foundation import clock
from preau.interfaces.portal.waiting_room import passes
from tests.support import factories
from tools.bench import load
from tools.bench.figures import Figure, ratio

PAGES = {
    "home": "portal:home",
    "invoices": "portal:invoices",
    "basket": "portal:basket",
    "history": "portal:history",
}
_FAMILIES, _INVOICES, _IN_BASKET = 40, 8, 2
_ROUNDS, _SECONDS = 5, 2.0
_OK = 200


def family(invoices: int, *, in_basket: int) -> Client:
    """A family who logged in and put some of its invoices in the basket."""
    household = factories.make_household()
    regies = Regie.objects.order_by("id")
    owed = [factories.make_invoice(household, regies[i % len(regies)]) for i in range(invoices)]
    client = Client(SERVER_NAME="localhost")
    factories.login_family(client, household)
    chosen = [invoice.public_id for invoice in owed[:in_basket]]
    answer = client.post(reverse("portal:basket_add"), {"facture": chosen})
    if answer.headers.get("Location") != reverse("portal:basket"):
        raise RuntimeError(f"the basket refused invoices: {answer.status_code}")
    return client


def _queries(client: Client, address: str) -> int:
    client.get(address)  # the first visit fills what a session keeps
    with CaptureQueriesContext(
        connection,
    ) as seen:
        answer = client.get(address)
    if answer.status_code != _OK:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return len(seen)


def measure_queries() -> list[Figure]:
    """The number must be the same for one invoice and for forty."""
    one, forty = family(1, in_basket=1), family(40, in_basket=40)
    figures = []
    for page, view in PAGES.items():
        for client, wording in ((one, "1 invoice"), (forty, "40 invoices")):
            count = _queries(client, reverse(view))
            figures.append(Figure(f"Queries of {page}, {wording}", count, "SQL queries"))
    return figures


def cookies_of(session: str) -> str:
    """What the browser of somebody inside sends: people who read pages do not wait outside (ADR 0021)."""
    answer = HttpResponse()
    passes.write(answer, passes.Pass(is_inside=True, at=int(clock.now().timestamp() * 1000)), session=session)
    return f"{settings.SESSION_COOKIE_NAME}={session}; {passes.COOKIE}={answer.cookies[passes.COOKIE].value}"


def _requests(clients: list[Client], view: str) -> list[bytes]:
    sessions = [client.cookies[settings.SESSION_COOKIE_NAME].value for client in clients]
    return [load.request(reverse(view), cookies_of(session)) for session in sessions]


def _rate(port: int, requests: list[bytes]) -> float:
    """Raises RuntimeError when anything else than 200 was answered."""
    seen = load.run(port, requests, seconds=_SECONDS)
    if set(seen.by_status) != {_OK}:
        raise RuntimeError(f"answers under load: {seen.by_status}")
    return seen.per_second


def measure_speed(*, portal_port: int, bare_port: int) -> list[Figure]:
    """Rounds of base and pages are interleaved, so that a slow minute of the machine hits all alike."""
    clients = [family(_INVOICES, in_basket=_IN_BASKET) for _ in range(_FAMILIES)]
    targets = {page: _requests(clients, view) for page, view in PAGES.items()}
    bases: list[float] = []
    rates: dict[str, list[float]] = {page: [] for page in PAGES}
    for _ in range(_ROUNDS):
        bases.append(_rate(bare_port, [load.request("/")]))
        for page, requests in targets.items():
            rates[page].append(_rate(portal_port, requests))
    return [
        ratio(
            f"Requests a second of {page}",
            measured=median(rates[page]),
            base_measured=median(bases),
            unit="× a bare view",
            base="tools/bench/bare.py: one row by key, no middleware; same server, 2 processes, same database",
        )
        for page in PAGES
    ]
