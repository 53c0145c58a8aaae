"""The page of « Modification avancée » (C31)."""

from datetime import timedelta
from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import render

from preau.domain.bookings.changes import Change
from preau.domain.bookings.errors import DraftTooLongError
from preau.domain.bookings.queries.enrolments import children_of
from preau.domain.bookings.queries.patterns import Preview, pattern_choices, preview_of
from preau.foundation import clock
from preau.interfaces.doors import or_404
from preau.interfaces.portal.billing.menu import trail
from preau.interfaces.portal.planning.forms import PatternForm
from preau.interfaces.portal.planning.where import where_of
from preau.interfaces.portal.rights import FamilyRequest
from preau.interfaces.portal.words import days_words


def pattern_form(request: FamilyRequest) -> PatternForm:
    """The form with what this family can book; at first for the child and the days that the planning showed."""
    offered = pattern_choices(request.household, children=children_of(request.household), today=request.today)
    if request.method == "POST":
        return PatternForm(request.POST, offered=offered)
    where = where_of(request.GET, today=request.today)
    period = where.period
    first = max(period.first, request.today + timedelta(days=1))
    initial = {
        "sens": "ajouter",
        "enfants": [where.child_id],
        "jours": ["0", "1", "3", "4"],
        "du": first,
        "au": max(period.last, first),
    }
    return PatternForm(initial=initial, offered=offered)


def pattern_page(request: FamilyRequest, form: PatternForm, *, sees: bool = False, status: int = 200) -> HttpResponse:
    """The form, and what it would do when it is asked."""
    preview = None
    if sees:
        try:
            with or_404():
                preview = preview_of(
                    user=request.user,
                    household=request.household,
                    pattern=form.pattern,
                    now=clock.now(),
                    zone=request.town.zone,
                )
        except DraftTooLongError as refusal:
            form.add_error(None, refusal.message)
            status = 422
    context = {
        "form": form,
        "preview": preview,
        "changes": _grouped(preview.changes) if preview else [],
        "skipped": _reasons(preview.skipped) if preview else [],
        "where": where_of(request.GET, today=request.today),
        "trail": trail(("Planning", "planning"), here="Modification avancée"),
    }
    return render(request, "portal/planning/pattern.html", context, status=status)


def _grouped(changes: tuple[Change, ...]) -> list[tuple[str, str, str, int, int]]:
    """(child, activity, days in words, how many, cents), one line for each child and activity."""
    key = lambda change: (change.child.first_name, change.activity.position, change.activity.name)  # noqa: E731
    lines = []
    for (child, _, activity), same in groupby(sorted(changes, key=key), key=key):
        theirs = list(same)
        days = days_words(change.day for change in theirs)
        lines.append((child, activity, days, len(theirs), sum(change.cost_cents for change in theirs)))
    return lines


def _reasons(skipped: tuple[Change, ...]) -> list[tuple[str, str, str]]:
    """(reason, activity, days in words): days left aside, gathered by what stops them."""
    key = lambda change: (change.activity.name, change.refusal)  # noqa: E731
    return [
        (reason, activity, days_words(change.day for change in same))
        for (activity, reason), same in groupby(sorted(skipped, key=key), key=key)
    ]


def applied_words(done: Preview) -> str:
    """« 12 jours mis dans vos choix. 3 jours laissés de côté. »."""
    count, left = len(done.changes), len(done.skipped)
    s = "s" if count > 1 else ""
    words = f"{count} jour{s} mis dans vos choix." if count else "Aucun jour à changer."
    return f"{words} {left} jour{'s' if left > 1 else ''} laissé{'s' if left > 1 else ''} de côté." if left else words
