"""What the planning's pages are given to draw."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from preau.domain.activities.models import PaymentMode
from preau.domain.bookings.changes import Change
from preau.domain.bookings.queries.proposals import Proposal, drafted_days
from preau.domain.bookings.rules.periods import View
from preau.domain.payments.queries.planning import FamilyPlanning, edited_planning, family_planning
from preau.domain.payments.services.attempts import new_form_key
from preau.foundation import clock
from preau.foundation.money import format_cents
from preau.interfaces.doors import or_404
from preau.interfaces.portal.billing.menu import trail
from preau.interfaces.portal.planning import wording
from preau.interfaces.portal.planning.forms import Box, Posted, box_name, shown_boxes
from preau.interfaces.portal.planning.slots import Calendar, Eye, calendar_of
from preau.interfaces.portal.planning.where import Where
from preau.interfaces.portal.rights import FamilyRequest


@dataclass(frozen=True, slots=True)
class Step:
    """A link to another stretch of days or another view of the same."""

    words: str
    title: str
    url: str
    is_current: bool = False


def reading_page(request: FamilyRequest, where: Where) -> HttpResponse:
    """The planning as it is: nothing of it can be changed (C14, C28)."""
    now, zone = clock.now(), request.town.zone
    with or_404():
        page = family_planning(
            user=request.user, household=request.household, child_id=where.child_id, period=where.period,
            now=now, zone=zone,
        )  # fmt: skip
    calendar = calendar_of(page, Eye(now, zone, page.waiting))
    return render(
        request, "portal/planning/reading.html", _common(request, where, page, calendar, name="portal:planning")
    )


def editing_page(
    request: FamilyRequest, where: Where, *, posted: Posted | None = None, status: int = 200
) -> HttpResponse:
    """The planning with its boxes to tick; `posted`: what was just sent and could not be kept."""
    now, zone = clock.now(), request.town.zone
    with or_404():
        edited = edited_planning(
            user=request.user, household=request.household, child_id=where.child_id, period=where.period,
            now=now, zone=zone,
        )  # fmt: skip
    posted, page = posted or Posted(), edited.page
    refused = _refusals(page, edited.proposal) | posted.refused
    eye = Eye(now, zone, page.waiting, refused=refused, typed=posted.typed, is_editing=True)
    calendar = calendar_of(page, eye)
    context = {
        **_common(request, where, page, calendar, name="portal:planning_edit"),
        "proposal": edited.proposal,
        "faults": posted.faults,
        "left_out": _left_out(page, edited.proposal, posted.refused),
        "has_stale_drafts": bool(edited.proposal.refused),
        "elsewhere": None if page.planning.first_bookable else _elsewhere(where),
        "shown": shown_boxes(_editable(calendar)),
        "form_key": new_form_key(),
        "next_child": _next_child(page),
        "service_rows": [
            (row, wording.row_facts(row), wording.skipped_words(row.skipped)) for row in page.planning.rows
        ],
        "fixed_cents": _fixed_cents(page),
    }
    return render(request, "portal/planning/editing.html", context, status=status)


def _common(
    request: FamilyRequest, where: Where, page: FamilyPlanning, calendar: Calendar, *, name: str
) -> dict[str, Any]:
    planning = page.planning
    here = where.of(planning.child) if planning.child else where
    base = reverse(name)
    return {
        "page": page,
        "planning": planning,
        "calendar": calendar,
        "where": here,
        "title": wording.period_words(planning.period, today=request.today),
        "cost_words": wording.cost_of(planning.period),
        "balances": wording.balance_words(page.balances),
        "is_prepaid": any(row.activity.payment_mode == PaymentMode.PREPAID for row in planning.rows),
        "children": [(tab, f"{base}?{here.of(tab.child).query}", tab.child == planning.child) for tab in planning.tabs],
        "steps": _steps(here, base),
        "views": [Step(str(view.label), "", f"{base}?{here.seen_as(view).query}", view == here.view) for view in View],
        "rows": [(row, wording.row_facts(row)) for row in planning.rows],
        "trail": trail(here="Planning"),
    }


def _steps(where: Where, base: str) -> list[Step]:
    period = where.period
    before, after = period.previous, period.next
    return [
        Step(
            wording.step_words(period, before),
            wording.step_title(period, ahead=False),
            f"{base}?{where.at(before).query}",
        ),
        Step("Aujourd’hui", "", f"{base}?{where.at(where.today).query}", where.today in period),
        Step(
            wording.step_words(period, after), wording.step_title(period, ahead=True), f"{base}?{where.at(after).query}"
        ),
    ]


def _elsewhere(where: Where) -> Step:
    """Where days may still change, when none of those shown does: later, or now for who looks at the past."""
    _, now, after = _steps(where, reverse("portal:planning_edit"))
    return now if where.today > where.period.last else after


def draft_answer(request: FamilyRequest, where: Where, posted: Posted) -> dict[str, Any]:
    """What the page's script is told after a change: cost of the period, number of changes, what was refused."""
    with or_404():
        edited = edited_planning(
            user=request.user, household=request.household, child_id=where.child_id, period=where.period,
            now=clock.now(), zone=request.town.zone,
        )  # fmt: skip
    planning = edited.page.planning
    return {
        "cents": planning.cost_cents,
        "cost": format_cents(planning.cost_cents),
        "count": edited.page.count,
        "total": edited.proposal.cost_cents,
        "children": {tab.child.public_id: tab.changes for tab in planning.tabs},
        "refused": {box_name(*box): why for box, why in posted.refused.items()},
        "faults": posted.faults,
    }


def quitting_page(request: FamilyRequest, where: Where) -> HttpResponse:
    """The question that « Quitter » asks; nobody is asked anything when there is nothing to lose (C32)."""
    count = drafted_days(user=request.user, household=request.household)
    if not count:
        return redirect(f"{reverse('portal:planning')}?{where.query}")
    context = {"count": count, "where": where, "trail": trail(("Planning", "planning"), here="Quitter")}
    return render(request, "portal/planning/quitting.html", context)


def _editable(calendar: Calendar) -> Iterator[tuple[Box, str]]:
    """The boxes that can be changed, with what the form says of them when nobody touches them."""
    return (
        ((slot.box.activity.public_id, slot.box.day), slot.shown)
        for week in calendar.weeks
        for day in week.days
        for slot in day.slots
        if slot.box.is_editable
    )


def _refusals(page: FamilyPlanning, proposal: Proposal) -> dict[tuple[str, date], str]:
    """Why days of this child that the draft holds cannot be saved."""
    return {
        (change.activity.public_id, change.day): change.refusal
        for change in proposal.refused
        if change.child == page.planning.child
    }


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A day that was asked and is not kept, or no longer can be, with its reason."""

    child: str
    activity: str
    day: date
    refusal: str


def _left_out(page: FamilyPlanning, proposal: Proposal, refused: Mapping[tuple[str, date], str]) -> list[LeftOut]:
    names = {row.activity.public_id: row.activity.short_name for row in page.planning.rows}
    child = page.planning.child.first_name if page.planning.child else ""
    asked = [LeftOut(child, names.get(key[0], ""), key[1], why) for key, why in refused.items()]
    return [*asked, *(_of_draft(change) for change in proposal.refused)]


def _of_draft(change: Change) -> LeftOut:
    return LeftOut(change.child.first_name, change.activity.short_name, change.day, change.refusal)


def _next_child(page: FamilyPlanning) -> Any:
    """The child after the one shown; None after the last one (C33)."""
    tabs = list(page.planning.tabs)
    index = next((n for n, tab in enumerate(tabs) if tab.child == page.planning.child), len(tabs))
    return tabs[index + 1].child if index + 1 < len(tabs) else None


def _fixed_cents(page: FamilyPlanning) -> int:
    """The part of the cost that no box of the page changes: the script adds what is ticked to it."""
    planning = page.planning
    return sum(box.cost_cents for day in planning.days for box in day.boxes if not box.is_editable)
