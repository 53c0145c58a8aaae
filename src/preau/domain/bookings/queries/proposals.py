"""What a draft would do if it were saved now: each day with its price, or with the reason of its refusal.

The same computation shows the summary and decides at the saving: nothing of it comes from the browser.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import chain
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery

from preau.domain.accounts.models import User
from preau.domain.activities.models import Activity, UnitMode
from preau.domain.activities.queries.agenda import Agenda, agenda_of
from preau.domain.activities.rules.deadlines import Stage
from preau.domain.bookings.changes import Change, ChangeGroup, Wanted, grouped, mode_sold
from preau.domain.bookings.models import Booking, DraftChange, Enrolment, OrderLine
from preau.domain.bookings.queries.places import places_left
from preau.domain.bookings.states import LIVE_BOOKINGS, BookingState, EnrolmentState
from preau.domain.families.models import Child, Household
from preau.domain.pricing.errors import NoTariffError
from preau.domain.pricing.queries import Prices, prices_of

#: Why nobody adds or removes a day of a contract alone (V02).
BY_CONTRACT = "Les jours sont ceux du contrat d’accueil\u202f: pour en changer, appelez le service."

#: Why families change nothing of an activity that is not offered to them.
NOT_ONLINE = "Ne se réserve pas en ligne\u202f: appelez le service."
FULL = "Ce jour est complet."
#: Why one home of a child changes nothing of what the other one booked.
OTHER_HOME = "Ce jour est réservé par l’autre foyer de l’enfant\u202f: lui seul peut le changer."
#: Why a day sold one way is not changed into one sold another way.
PAID_OTHERWISE = "Cette activité ne se paie plus de la même façon\u202f: retirez ce jour, puis réservez-le de nouveau."

#: (child, activity, day): what a change is about.
Cell = tuple[int, int, date]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Changes that can be saved, by régie and payment mode, and those that cannot."""

    groups: tuple[ChangeGroup, ...]
    refused: tuple[Change, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        return tuple(change for group in self.groups for change in group.changes)

    @property
    def count(self) -> int:
        """Every change, refused ones included: the number of « Récapitulatif (n) » (C29)."""
        return len(self.changes) + len(self.refused)

    @property
    def cost_cents(self) -> int:
        return sum(group.total_cents for group in self.groups)


@dataclass(frozen=True, slots=True)
class Wish:
    """One day that somebody wants changed, before anything is checked."""

    child: Child
    activity: Activity
    day: date
    wanted: Wanted

    @property
    def cell(self) -> Cell:
        return (self.child.id, self.activity.id, self.day)


def drafted_days(*, user: User, household: Household) -> int:
    """How many days a person ticked, changed or unticked and has not saved."""
    return DraftChange.objects.filter(user=user, household=household).count()


def drafted(*, user: User, household: Household) -> list[Wish]:
    """The draft of a person, day by day."""
    rows = (
        DraftChange.objects.filter(user=user, household=household, child__homes=household)
        .select_related("child", "unit", "activity__regie__group", "activity__site")
        .order_by("day", "child", "activity")
    )
    return [
        Wish(row.child, row.activity, row.day, Wanted(row.unit, row.starts_minute, row.ends_minute)) for row in rows
    ]


def proposal_of(*, user: User, household: Household, now: datetime, zone: ZoneInfo) -> Proposal:
    """What the person's draft would do: a number of queries that does not grow with it."""
    return proposal_for(drafted(user=user, household=household), household=household, now=now, zone=zone)


def proposal_for(
    wishes: Sequence[Wish], *, household: Household, now: datetime, zone: ZoneInfo, by_agent: bool = False
) -> Proposal:
    """What wishes would do, whoever expressed them; what changes nothing is left out.

    `by_agent`: a limit of time refuses nothing and is told by `Change.past`; that of places is the caller's.
    """
    if not wishes:
        return Proposal((), ())
    scene = _Scene.load(wishes, household=household, now=now, zone=zone, by_agent=by_agent)
    changes = [scene.change(wish) for wish in wishes if not wish.wanted.is_what(scene.current.get(wish.cell))]
    if not by_agent:
        changes = _refused_where_full(changes)
    return Proposal(
        grouped(change for change in changes if not change.refusal),
        tuple(change for change in changes if change.refusal),
    )


def _refused_where_full(changes: Sequence[Change]) -> list[Change]:
    """What no place is left for. The saving looks again, and counts two children for one place."""
    left = places_left(chain.from_iterable(change.slots for change in changes if not change.refusal))
    return [
        change if change.refusal or all(left[slot] > 0 for slot in change.slots) else change.refused(FULL)
        for change in changes
    ]


@dataclass(frozen=True, slots=True)
class _Scene:
    """Everything that the checks need, loaded once."""

    agenda: Agenda
    prices: Prices
    enrolments: Mapping[tuple[int, int], Sequence[Enrolment]]
    current: Mapping[Cell, Booking]
    household: Household
    now: datetime
    zone: ZoneInfo
    by_agent: bool

    @classmethod
    def load(
        cls, wishes: Sequence[Wish], *, household: Household, now: datetime, zone: ZoneInfo, by_agent: bool
    ) -> "_Scene":
        activities = {wish.activity.id: wish.activity for wish in wishes}
        days = [wish.day for wish in wishes]
        units = {wish.wanted.unit.id: wish.wanted.unit for wish in wishes if wish.wanted.unit}
        return cls(
            agenda=agenda_of(activities.values(), first=min(days), last=max(days), zone=zone),
            prices=prices_of(units.values(), household=household),
            enrolments=_enrolments(wishes, household),
            current=live_bookings(
                child_ids={wish.child.id for wish in wishes}, activity_ids=activities, first=min(days), last=max(days)
            ),
            household=household,
            now=now,
            zone=zone,
            by_agent=by_agent,
        )

    def change(self, wish: Wish) -> Change:
        """The change that a wish asks for, priced, or refused with its reason."""
        found = Change(wish.child, wish.activity, wish.day, wish.wanted, self.current.get(wish.cell))
        if wish.activity.unit_mode == UnitMode.CONTRACT:
            return found.refused(BY_CONTRACT)
        if not wish.activity.is_published and not self.by_agent:
            return found.refused(NOT_ONLINE)
        if why := self._closed(found) or self._not_given_back(found):
            return found.refused(why)
        return self._added(found) if found.wanted.unit is not None else found

    def _closed(self, change: Change) -> str:
        if change.current is None or change.wanted.unit is not None:
            openness = self.agenda.openness(change.activity, change.day)
            if not openness.is_open:
                return openness.reason or "Ce jour est fermé."
        return ""

    def _not_given_back(self, change: Change) -> str:
        """Why the day already booked cannot be removed or changed."""
        if change.current is None:
            return ""
        if change.current.household_id != self.household.id:
            return OTHER_HOME
        if change.wanted.unit is not None and mode_sold(change.current) != change.activity.payment_mode:
            return PAID_OTHERWISE
        if change.current.state == BookingState.HELD or change.current.is_leaving:
            return "Ce jour attend déjà un paiement : payez-le ou supprimez-le depuis le récapitulatif."
        limits = self.agenda.limits(change.activity, change.day)
        return "" if limits.can_cancel(self.now) else limits.sentence(self.zone, self.now)

    def _added(self, change: Change) -> Change:
        enrolled = [
            one
            for one in self.enrolments.get((change.child.id, change.activity.id), ())
            if one.first_day <= change.day <= one.last_day
        ]
        if not enrolled:
            return change.refused(
                f"{change.child.first_name} n’est pas inscrit à cette activité ce jour-là : {change.activity.name}."
            )
        if why := _wrong_unit(change) or _wrong_hours(change):
            return change.refused(why)
        why = self._out_of_time(change)
        if why and not self.by_agent:
            return change.refused(why)
        # Past the last limit, an agent books at the price of a late day.
        is_late = self.agenda.limits(change.activity, change.day).stage(self.now) != Stage.OPEN
        return self._priced(replace(change, enrolment=enrolled[0], is_late=is_late, past=why))

    def _out_of_time(self, change: Change) -> str:
        """Why it is too late, or too early, to book."""
        limits = self.agenda.limits(change.activity, change.day)
        if limits.stage(self.now) == Stage.CLOSED:
            return limits.sentence(self.zone, self.now)
        if (opens := change.activity.booking_opens_at) is not None and self.now < opens:
            return "Les réservations ne sont pas encore ouvertes."
        return ""

    def _priced(self, change: Change) -> Change:
        assert change.wanted.unit is not None  # noqa: S101  (only additions are priced)
        try:
            quote = self.prices.quote(
                change.wanted.unit,
                change.child,
                change.day,
                day_kind=self.agenda.day_kind(change.day),
                is_late=change.is_late,
                minutes=change.wanted.minutes,
            )
        except NoTariffError as unknown:
            return change.refused(unknown.message)
        return replace(change, quote=quote)


def _wrong_unit(change: Change) -> str:
    """Why the unit is none of the activity's: only a forged form asks it, for a price that is not its own."""
    unit = change.wanted.unit
    of_activity = unit is not None and unit.activity_id == change.activity.id
    return "" if of_activity else "Cette activité ne propose pas ce choix."


def _wrong_hours(change: Change) -> str:
    """Why hours do not fit the activity; what is not booked by the hour has none."""
    activity, wanted = change.activity, change.wanted
    if activity.unit_mode != UnitMode.HOURS:
        return "" if wanted.minutes is None else "Cette activité ne se réserve pas à l’heure."
    opens, closes = activity.opens_minute or 0, activity.closes_minute or 0
    if wanted.starts_minute is None or wanted.ends_minute is None:
        return "Indiquez l’heure d’arrivée et l’heure de départ."
    if not opens <= wanted.starts_minute < wanted.ends_minute <= closes:
        return "Ces heures sont en dehors des heures d’ouverture."
    return ""


def _enrolments(wishes: Iterable[Wish], household: Household) -> dict[tuple[int, int], list[Enrolment]]:
    rows = Enrolment.objects.filter(
        household=household,
        state=EnrolmentState.ACCEPTED,
        child__in={wish.child.id for wish in wishes},
        activity__in={wish.activity.id for wish in wishes},
    ).select_related("group")
    found: dict[tuple[int, int], list[Enrolment]] = {}
    for row in rows:
        found.setdefault((row.child_id, row.activity_id), []).append(row)
    return found


def live_bookings(
    *, child_ids: Iterable[int], activity_ids: Iterable[int], first: date, last: date
) -> dict[Cell, Booking]:
    """Live bookings of these children; of a day being changed, the one that stays."""
    rows = Booking.objects.filter(
        child__in=list(child_ids),
        activity__in=list(activity_ids),
        day__range=(first, last),
        state__in=LIVE_BOOKINGS,
    ).select_related("activity__regie", "group", "unit", "tariff_version__tariff")
    adding = OrderLine.objects.filter(booking=OuterRef("pk"), kind=OrderLine.Kind.ADD)
    rows = rows.annotate(mode_of_order=Subquery(adding.values("order__payment_mode")))
    found: dict[Cell, Booking] = {}
    for row in rows.order_by("-is_leaving"):  # the one that leaves first, so that the one that stays wins
        row.sold_mode = row.mode_of_order
        found[row.child_id, row.activity_id, row.day] = row
    return found
