"""The simulator's own pages for people: what happened, and what should happen next."""

from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseRedirect
from django.shortcuts import render

from banksim import clock, controls, faults, gateways, journal

_SEE_OTHER = 303
#: What the buttons of the home page add to the clock, in minutes.
_STEPS = {15: "15 min", 31: "31 min", 120: "2 h", 24 * 60: "1 jour"}


def home(request: HttpRequest) -> HttpResponse:
    """Operations of each gateway, settings, faults, clock."""
    now = clock.now()
    context = {
        "gateways": [{"label": gateway.label, "lines": gateway.summary(now)} for gateway in gateways.each()],
        "now": now.astimezone(clock.PARIS),
        "offset": clock.offset(),
        "steps": _STEPS,
        "defaults": controls.defaults(),
        "notification": controls.preset_of(controls.defaults().notify),
        "notifications": {name: label for name, (label, _) in controls.NOTIFICATIONS.items()},
        "returns": controls.RETURNS,
        "scenarios": controls.SCENARIOS,
        "faults": faults.current(),
        "kinds": faults.kinds(),
        "operations": sorted(faults.operations()),
    }
    return render(request, "banksim/home.html", context)


def settings_form(request: HttpRequest) -> HttpResponse:
    """The home page's one form; the button pressed says which part of it counts."""
    if request.method != "POST" or not _from_own_page(request):
        return HttpResponseForbidden("formulaire du simulateur seulement")
    given = request.POST
    match given.get("faire"):
        case "defaults":
            chosen = {"notify": given.get("notify"), "return": given.get("return"), "scenario": given.get("scenario")}
            controls.set_defaults({name: value for name, value in chosen.items() if value})
        case "fault":
            faults.order(given.get("operation", ""), {"kind": given.get("kind", ""), "seconds": 10})
        case "mend":
            faults.cancel()
        case "clock":
            clock.shift(60 * int(given.get("minutes", "0")))
        case "present":
            clock.set_offset(0)
    return HttpResponseRedirect("/", status=_SEE_OTHER)


def journal_page(request: HttpRequest) -> HttpResponse:
    """Every call received and emitted; `?reference=` keeps those of one operation."""
    reference = request.GET.get("reference", "")
    context = {"entries": journal.entries(reference=reference), "reference": reference}
    return render(request, "banksim/journal.html", context)


def stylesheet(_request: HttpRequest) -> HttpResponse:
    """The one stylesheet of every page."""
    return HttpResponse(_css(), content_type="text/css; charset=utf-8", headers={"Cache-Control": "max-age=300"})


def elsewhere(_request: HttpRequest) -> HttpResponse:
    """Where the « redirect » fault leads."""
    return HttpResponse("<!doctype html><title>Ailleurs</title><p>Le service a déménagé.")


@cache
def _css() -> str:
    return (Path(__file__).parent / "templates" / "banksim" / "banksim.css").read_text(encoding="utf-8")


def _from_own_page(request: HttpRequest) -> bool:
    """A page of another site must not move this one's settings; browsers name the page's origin on every POST."""
    return urlsplit(request.headers.get("Origin", "")).netloc == request.get_host()
