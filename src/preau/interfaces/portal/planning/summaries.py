"""The summary page in words: lines by payment mode, what is taken off, what is asked (C35–C38)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import render

from preau.domain.activities.models import PaymentMode
from preau.domain.activities.models.activities import PAID_FIRST
from preau.domain.bookings.changes import Change, ChangeGroup, ChangeKind
from preau.domain.bookings.models import OrderLine
from preau.domain.bookings.queries.proposals import Proposal
from preau.domain.payments.queries.orders import HeldOrder
from preau.domain.payments.queries.summaries import family_summary
from preau.domain.payments.services.attempts import new_form_key
from preau.domain.regies.models import Regie
from preau.foundation import clock
from preau.interfaces.portal.billing.menu import trail
from preau.interfaces.portal.payment.forms import PayForm
from preau.interfaces.portal.planning import wording
from preau.interfaces.portal.planning.where import form_key_of
from preau.interfaces.portal.rights import FamilyRequest


@dataclass(frozen=True, slots=True)
class Line:
    """One line: date, element, tariff, cost in cents; `reasons` explain the price."""

    day: date
    child: str
    rank: int
    element: str
    tariff: str
    cents: int
    reasons: tuple[str, ...]
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that one régie collects in one way."""

    title: str
    note: str
    lines: tuple[Line, ...]

    @property
    def total_cents(self) -> int:
        return sum(line.cents for line in self.lines)


def summary_page(
    request: FamilyRequest,
    *,
    form: PayForm | None = None,
    refused: Proposal | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page; `refused`: what a saving just refused, with its sentence `refusal`."""
    now, zone = clock.now(), request.town.zone
    seen = family_summary(
        user=request.user,
        household=request.household,
        form_key=form_key_of(request.GET.get("saisie", "")),
        now=now,
        zone=zone,
    )
    proposal, summary = refused or seen.proposal, seen.summary
    context = {
        "seen": seen,
        "summary": summary,
        "drafted": proposal,
        "draft_groups": [_of_changes(group, seen.ranks) for group in proposal.groups],
        "draft_refused": [_of_change(change, seen.ranks) for change in proposal.refused],
        "held_groups": _of_orders(summary.held, seen.ranks),
        "saved_groups": _of_orders(seen.saved, seen.ranks),
        "offers": [(offer, _of_line(offer.lines[0], seen.ranks)) for offer in summary.offers if offer.lines],
        "left": wording.minutes_left(summary.hold_until, now=now) if summary.hold_until else "",
        "until": wording.moment(summary.hold_until, now=now, zone=zone) if summary.hold_until else "",
        "refusal": refusal,
        "form": form or PayForm(initial={"email": request.user.email or request.guardian.email}),
        "form_key": new_form_key(),
        "now": now,
        "trail": trail(("Planning", "planning"), here="Récapitulatif"),
    }
    return render(request, "portal/planning/summary.html", context, status=status)


def _title(regie: Regie, mode: str, *, alone: bool) -> str:
    words = str(PaymentMode(mode).label).capitalize()
    return words if alone else f"{words}, {regie.label}"


def _note(mode: str) -> str:
    return "Vos places sont confirmées par le paiement." if mode in PAID_FIRST else "Rien à payer aujourd’hui."


def _of_orders(orders: Iterable[HeldOrder], ranks: Mapping[int, int]) -> list[Group]:
    """Lines by régie and payment mode, whatever the number of clicks that held them."""
    lines: dict[tuple[Regie, str], list[Line]] = {}
    for held in orders:
        key = (held.order.regie, held.order.payment_mode)
        lines.setdefault(key, []).extend(_of_line(line, ranks) for line in held.lines)
    regies = {regie for regie, _ in lines}
    return [
        Group(
            _title(regie, mode, alone=len(regies) == 1),
            _note(mode),
            tuple(sorted(same, key=lambda line: (line.day, line.child, line.element))),
        )
        for (regie, mode), same in sorted(lines.items(), key=lambda item: item[0][1] not in PAID_FIRST)
    ]


def _of_line(line: OrderLine, ranks: Mapping[int, int]) -> Line:
    booking = line.booking
    adds = line.kind == OrderLine.Kind.ADD
    hours = wording.hours_words(booking.starts_minute, booking.ends_minute)
    return Line(
        day=booking.day,
        child=booking.child.first_name,
        rank=ranks.get(booking.child_id, 1),
        element=_element(booking.activity.name, booking.unit.name, hours, is_removed=not adds),
        tariff=booking.tariff_version.tariff.unit_label,
        cents=line.amount_cents,
        reasons=tuple(booking.price_reasons) if adds else (),
    )


def _of_changes(group: ChangeGroup, ranks: Mapping[int, int]) -> Group:
    lines = [line for change in group.changes for line in _lines_of(change, ranks)]
    return Group(_title(group.regie, group.payment_mode, alone=True), _note(group.payment_mode), tuple(lines))


def _lines_of(change: Change, ranks: Mapping[int, int]) -> Iterable[Line]:
    """A day changed is a day removed and a day added, as its order will write it."""
    if change.current is not None:
        booked = change.current
        hours = wording.hours_words(booked.starts_minute, booked.ends_minute)
        element = _element(change.activity.name, booked.unit.name, hours, is_removed=True)
        tariff = booked.tariff_version.tariff.unit_label
        yield _line(change, ranks, element, tariff=tariff, cents=-change.removed_cents, reasons=())
    if change.quote is not None:
        quote = change.quote
        yield _line(change, ranks, _wanted(change), tariff=quote.unit_label, cents=quote.cents, reasons=quote.reasons)


def _of_change(change: Change, ranks: Mapping[int, int]) -> Line:
    """A refused day, with its reason."""
    removed = change.kind == ChangeKind.REMOVE
    element = _element(change.activity.name, "", "", is_removed=True) if removed else _wanted(change)
    return Line(change.day, change.child.first_name, ranks.get(change.child.id, 1), element, "", 0, (), change.refusal)


def _wanted(change: Change) -> str:
    wanted = change.wanted
    hours = wording.hours_words(wanted.starts_minute, wanted.ends_minute)
    return _element(change.activity.name, wanted.unit.name if wanted.unit else "", hours, is_removed=False)


def _line(
    change: Change, ranks: Mapping[int, int], element: str, *, tariff: str, cents: int, reasons: tuple[str, ...]
) -> Line:
    return Line(change.day, change.child.first_name, ranks.get(change.child.id, 1), element, tariff, cents, reasons)


def _element(activity: str, unit: str, hours: str, *, is_removed: bool) -> str:
    """« Cantine Jules-Ferry – repas »; « annulé » when the day is given up."""
    parts = [activity, *([unit.lower()] if unit and unit != activity else []), *([hours] if hours else [])]
    return " – ".join(parts) + (", annulé" if is_removed else "")
