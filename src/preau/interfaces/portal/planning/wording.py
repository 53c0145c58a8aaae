"""The planning in words: titles, states, limits; every space before a sign or a unit is one that never breaks."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from preau.domain.activities.models import Activity, UnitMode
from preau.domain.activities.rules.deadlines import Limits
from preau.domain.bookings.models import BookingOrder
from preau.domain.bookings.queries.planning import Box, BoxState, Row
from preau.domain.bookings.rules.periods import Period, View
from preau.domain.payments.queries.orders import Balance
from preau.foundation import french
from preau.foundation.money import format_cents
from preau.interfaces.portal.words import NARROW, WIDE, day_words, listed, span

_SHORT_MONTHS = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip
_SHORT_DAYS = ("Lun.", "Mar.", "Mer.", "Jeu.", "Ven.", "Sam.", "Dim.")
_SKIPPED = {
    BoxState.PAST: ("passé", "passés"),
    BoxState.CLOSED: ("fermé", "fermés"),
    BoxState.LATE: ("trop tard", "trop tard"),
    BoxState.FULL: ("complet", "complets"),
    BoxState.WAITING: ("en liste d’attente", "en liste d’attente"),
    BoxState.UNPRICED: ("sans prix publié", "sans prix publié"),
    BoxState.OFFLINE: ("à demander au service", "à demander au service"),
}


def short_day(day: date) -> str:
    """« Lun. »."""
    return _SHORT_DAYS[day.weekday()]


def period_words(period: Period, *, today: date) -> str:
    """« novembre », « du 9 au 15 novembre »; with the year when it is another one."""
    if period.view == View.MONTH:
        return french.month(period.first).removesuffix(f" {today.year}")
    year = f"{WIDE}{period.last.year}" if period.last.year != today.year else ""
    return f"{span(period.first, period.last)}{year}"


def cost_of(period: Period) -> str:
    """« Coût de novembre », « Coût de la semaine »."""
    if period.view == View.MONTH:
        month = french.MONTHS[period.first.month - 1]
        return f"Coût d’{month}" if month[0] in "aoé" else f"Coût de {month}"
    return "Coût de la semaine" if period.view == View.WEEK else "Coût de la quinzaine"


def step_words(period: Period, day: date) -> str:
    """Where a step leads: « oct. », « 9 nov. »."""
    month = _SHORT_MONTHS[day.month - 1]
    if period.view == View.MONTH:
        return month
    monday = day - timedelta(days=day.weekday())
    return f"{monday.day}{WIDE}{_SHORT_MONTHS[monday.month - 1]}"


def step_title(period: Period, *, ahead: bool) -> str:
    """« Mois suivant », « Semaine précédente »."""
    name, ending = {View.MONTH: ("Mois", ""), View.FORTNIGHT: ("Quinzaine", "e"), View.WEEK: ("Semaine", "e")}[
        period.view
    ]
    return f"{name} suivant{ending}" if ahead else f"{name} précédent{ending}"


def week_title(first: date, last: date) -> str:
    """« Du 16 au 20 novembre », « Lundi 30 novembre »."""
    return french.weekday_and_day(first).capitalize() if first == last else span(first, last).capitalize()


def moment(at: datetime, *, now: datetime, zone: ZoneInfo) -> str:
    """« 16 h 35 », « demain, 12 h 00 », « mardi 10, 12 h 00 »; midnight is that of the day that ends."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    if local.hour == local.minute == 0:
        return f"{_near(local.date() - timedelta(days=1), today)} à minuit".removeprefix("aujourd’hui à ")
    if local.date() == today:
        return french.hour(local)
    return f"{_near(local.date(), today)}, {french.hour(local)}"


def _near(day: date, today: date) -> str:
    if day == today:
        return "aujourd’hui"
    if day == today + timedelta(days=1):
        return "demain"
    near = today < day < today + timedelta(days=7)
    return f"{french.weekday(day)} {day.day}" if near and day.day > 1 else french.weekday_and_day(day)


def minutes_left(until: datetime, *, now: datetime) -> str:
    """« 58 min », « 1 h 05 », « 2 jours »."""
    minutes = max(0, int((until - now).total_seconds() // 60))
    if minutes < 60:  # noqa: PLR2004  (minutes of an hour)
        return f"{minutes}{WIDE}min"
    if minutes < 48 * 60:
        return french.minute(minutes)
    return f"{minutes // (24 * 60)}{WIDE}jours"


def skipped_words(skipped: Mapping[BoxState, int]) -> str:
    """« 4 jours laissés de côté : 2 passés, 1 fermé et 1 trop tard »; empty when none is."""
    told = [(_SKIPPED[state], skipped[state]) for state in _SKIPPED if skipped.get(state)]
    count = sum(number for _, number in told)
    if not count:
        return ""
    parts = listed([f"{number} {many if number > 1 else one}" for (one, many), number in told])
    s = "s" if count > 1 else ""
    return f"{count} jour{s} laissé{s} de côté{NARROW}: {parts}."


def ticked_words(activity: Activity, *, ticked: int, unticked: int, skipped: Mapping[BoxState, int]) -> str:
    """What the first box of a row did (C30)."""
    name, left = activity.short_name, skipped_words(skipped)
    count = ticked or unticked
    s = "s" if count > 1 else ""
    done = (
        f"{count} jour{s} {'coché' if ticked else 'décoché'}{s} pour {name}."
        if count
        else f"{name}{NARROW}: aucun jour à cocher."
    )
    return f"{done} {left}" if ticked or not count else done


def row_facts(row: Row) -> str:
    """« 11 jours, 1,20 € », « 4 jours, dès 5,00 € »."""
    days = f"{row.tickable}{WIDE}jour{'s' if row.tickable > 1 else ''}"
    if row.price_cents is None:
        return days
    price = format_cents(row.price_cents)
    if row.activity.unit_mode == UnitMode.HOURS:
        return f"{days}, {price} l’heure"
    return f"{days}, dès {price}" if len(row.units) > 1 else f"{days}, {price}"


def balance_words(balances: Iterable[Balance]) -> tuple[str, ...]:
    """What earlier changes left, régie by régie (C26); « Restant dû : 0,00 € » when nothing is left."""
    balances = list(balances)
    told = [balance for balance in balances if balance.cents]
    if not told:
        return (f"Restant dû{NARROW}: {format_cents(0)}",) if balances else ()
    where = len(balances) > 1
    return tuple(_balance(balance, f" ({balance.regie.label})" if where else "") for balance in told)


def _balance(balance: Balance, where: str) -> str:
    if balance.cents > 0:
        return (
            f"Vous avez un restant dû de {format_cents(balance.cents)} à régulariser "
            f"lors de votre prochaine réservation{where}"
        )
    return f"Avoir{NARROW}: {format_cents(-balance.cents)}, utilisé à votre prochaine réservation{where}"


def hours_words(starts: int | None, ends: int | None) -> str:
    """« 8 h 30 – 12 h 00 »; empty for what is not booked by the hour."""
    return f"{french.minute(starts)}{WIDE}– {french.minute(ends)}" if starts is not None and ends is not None else ""


def limit_words(boxes: Iterable[Box], *, now: datetime, zone: ZoneInfo) -> str:
    """The first limit of a day: « jusqu’à demain, 12 h 00 », « Cantine : à annuler jusqu’au dimanche 15 à minuit ».

    The activity is named where another can be changed for longer; empty when none can or the limit is not near.
    """
    limits = [(_limit(box, box.limits), box) for box in boxes if box.is_editable and box.limits]
    until = min((limit for limit, _ in limits), default=None)
    if until is None or until - now > timedelta(days=7):
        return ""
    first = [box for limit, box in limits if limit == until]
    names = listed([box.activity.short_name for box in first]) if len(first) < len(limits) else ""
    words = moment(until, now=now, zone=zone)
    to = "au" if words.partition(" ")[0] in french.WEEKDAYS else "à"
    verb = "à annuler " if all(box.booking for box in first) else ""
    return f"{names}{NARROW}: {verb}jusqu’{to} {words}" if names else f"{verb}jusqu’{to} {words}"


def _limit(box: Box, limits: Limits) -> datetime:
    """Until when it is given up where it is booked, else until when it is booked."""
    if box.booking is not None:
        return limits.cancel_until
    return limits.late_until if box.is_late and limits.late_until else limits.book_until


def hold_words(order: BookingOrder | None, *, now: datetime, zone: ZoneInfo) -> str:
    """« à payer avant 16 h 35 »."""
    if order is None or order.hold_until is None:
        return "en attente de paiement"
    return f"à payer avant {moment(order.hold_until, now=now, zone=zone)}"


def rank_words(rank: int | None) -> str:
    """« 1er sur la liste », « 3e sur la liste »."""
    if rank is None:
        return "en attente"
    return "1er sur la liste" if rank == 1 else f"{rank}e sur la liste"


def day_title(day: date, *, today: date) -> str:
    """« mardi 10 novembre »."""
    return f"{french.weekday(day)} {day_words(day, today=today)}"
