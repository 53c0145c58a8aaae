"""What families are written about their bookings, in the transaction that causes it (V13, C39)."""

from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings

from preau.domain.bookings.changes import WHOLE
from preau.domain.bookings.models import Booking, BookingOrder, OrderLine, WaitingEntry
from preau.domain.families.models import Household
from preau.domain.families.queries import adults_of, mail_address
from preau.domain.town.queries import the_town
from preau.foundation import french
from preau.foundation.mail.services import queue
from preau.foundation.money import format_cents


def recipient(order: BookingOrder) -> str:
    """Where the news of an order goes: to whoever saved it, else to the first adult who has an address."""
    if order.user is not None and order.user.email:
        return order.user.email
    return address_of(order.household)


def address_of(household: Household) -> str:
    """The first address of a family; empty when it has none."""
    return next((address for adult in adults_of(household) if (address := mail_address(adult))), "")


def booking_words(booking: Booking) -> str:
    """« mardi 10 novembre 2026 : cantine, repas »."""
    hours = ""
    if booking.starts_minute is not None and booking.ends_minute is not None:
        hours = f", de {french.minute(booking.starts_minute)} à {french.minute(booking.ends_minute)}"
    unit = "" if booking.unit.name == booking.activity.name else f", {booking.unit.name.lower()}"
    return f"{french.weekday(booking.day)} {french.day(booking.day)}\u202f: {booking.activity.name}{unit}{hours}"


def send_letter(
    *,
    kind: str,
    subject_key: str,
    to: str,
    subject: str,
    paragraphs: Iterable[str],
    link: tuple[str, str] = ("Le planning", "/planning/"),
) -> None:
    """Queue a mail: its paragraphs between the greeting, one link (words, path) and the name of the town."""
    words, path = link
    last = f"{words}\u202f: {settings.PREAU_PUBLIC_URL}{path}" if words else f"{settings.PREAU_PUBLIC_URL}{path}"
    text = "\n\n".join(["Bonjour,", *paragraphs, last, the_town().name])
    queue(kind=kind, subject_key=subject_key, to=to, subject=subject, text=text)


def _by_child(bookings: Iterable[Booking]) -> dict[str, list[Booking]]:
    found: dict[str, list[Booking]] = {}
    for booking in sorted(bookings, key=lambda b: (b.child.first_name, b.day, b.activity_id)):
        found.setdefault(booking.child.first_name, []).append(booking)
    return found


def _listed(title: str, bookings: Sequence[Booking], cents: dict[int, int]) -> list[str]:
    paragraphs = []
    for child, theirs in _by_child(bookings).items():
        lines = [f"{title} pour {child}\u202f:"]
        lines += [f"– {booking_words(b)}\u202f: {format_cents(cents[b.id])}" for b in theirs]
        paragraphs.append("\n".join(lines))
    return paragraphs


def tell_confirmed(order: BookingOrder, *, added: Sequence[Booking], removed: Sequence[Booking]) -> None:
    """List the days added and removed, child by child, with what each costs (V13); nothing without an address (V11)."""
    to = recipient(order)
    if not to or not (added or removed):
        return
    cents = dict(OrderLine.objects.filter(order=order).values_list("booking", "amount_cents"))
    total = sum(cents[booking.id] for booking in [*added, *removed])
    paragraphs = [
        "Vos changements sont enregistrés.",
        *_listed("Jours ajoutés", added, cents),
        *_listed("Jours retirés", removed, cents),
        f"Coût de ces changements\u202f: {format_cents(total)} ({order.get_payment_mode_display()}).",
    ]
    send_letter(
        kind="bookings.confirmed",
        subject_key=order.public_id,
        to=to,
        subject=f"Réservations enregistrées\u202f: {_count(added, removed)}",
        paragraphs=paragraphs,
    )


def _count(added: Sequence[Booking], removed: Sequence[Booking]) -> str:
    words = []
    if added:
        words.append(f"{len(added)} jour{'s' * (len(added) > 1)} ajouté{'s' * (len(added) > 1)}")
    if removed:
        words.append(f"{len(removed)} jour{'s' * (len(removed) > 1)} retiré{'s' * (len(removed) > 1)}")
    return ", ".join(words)


def tell_lost(order: BookingOrder, lost: Mapping[Booking, str]) -> None:
    """Say which days could no longer be given when their order was confirmed, why, and where their price went (U9)."""
    to = recipient(order)
    if not to or not lost:
        return
    days = [f"– {booking_words(booking)}. {why}" for booking, why in lost.items()]
    cents = sum(booking.price_cents for booking in lost)
    credited = f"Leur prix, {format_cents(cents)}, est à votre avoir\u202f: cela servira à votre prochain paiement."
    paragraphs = [
        "\n".join(["Ces jours ne peuvent plus être réservés\u202f:", *days]),
        credited if order.is_paid_first and cents else "Ils ne vous sont pas facturés.",
    ]
    send_letter(
        kind="bookings.lost",
        subject_key=order.public_id,
        to=to,
        subject="Des jours ne peuvent plus être réservés",
        paragraphs=paragraphs,
    )


def tell_lapsed(order: BookingOrder, *, bookings: Sequence[Booking]) -> None:
    """Say which places were given back, unpaid in time (C39)."""
    to = recipient(order)
    if not to or not bookings:
        return
    cents = {booking.id: booking.price_cents for booking in bookings}
    paragraphs = [
        "Le paiement n’est pas arrivé à temps\u202f: ces places ne sont plus gardées.",
        *_listed("Places rendues", bookings, cents),
        "Rien ne vous a été demandé. Vos choix sont restés dans le planning\u202f: vous pouvez les valider de nouveau.",
    ]
    send_letter(
        kind="bookings.lapsed",
        subject_key=order.public_id,
        to=to,
        subject="Vos places ne sont plus gardées",
        paragraphs=paragraphs,
    )


def tell_passed(order: BookingOrder, booking: Booking) -> None:
    """Say that an offered place was not taken in time, and that its child waits no more."""
    to = recipient(order)
    if not to:
        return
    child = booking.child.first_name
    paragraphs = [
        f"La place proposée pour {child} n’a pas été prise à temps\u202f: {booking_words(booking)}.",
        "Elle n’est plus gardée pour vous. Si une autre famille attend, la place lui est proposée.",
        f"{child} n’est plus sur la liste d’attente de ce jour. Rien ne vous est demandé.",
    ]
    send_letter(
        kind="bookings.passed",
        subject_key=order.public_id,
        to=to,
        subject=f"La place proposée pour {child} n’est plus gardée",
        paragraphs=paragraphs,
    )


def tell_offered(entry: WaitingEntry, order: BookingOrder, booking: Booking) -> None:
    """Offer a place given back, until when, and how to take it."""
    to = address_of(order.household)
    if not to or order.hold_until is None:
        return
    limit = order.hold_until.astimezone(the_town().zone)
    what = f"{booking_words(booking)}, {format_cents(booking.price_cents)}"
    kept = f"Elle est gardée pour vous jusqu’au {french.day(limit)} à {french.hour(limit)}."
    paragraphs = [
        f"Une place s’est libérée pour {booking.child.first_name}\u202f: {what}.",
        f"{kept} Sans réponse, elle sera proposée à la famille suivante.",
    ]
    send_letter(
        kind="bookings.offered",
        subject_key=order.public_id,
        to=to,
        subject=f"Une place pour {booking.child.first_name} le {french.day(entry.day)}",
        paragraphs=paragraphs,
        link=("Répondre", "/planning/recapitulatif/"),
    )


def tell_cancelled(
    household: Household,
    *,
    cancelled: Sequence[Booking],
    released: Sequence[Booking],
    reason: str,
    credited_cents: int,
    lowered_cents: int,
    back_percent: int,
) -> bool:
    """Say which days an agent took away, why, and what becomes of the money; whether the family has an address.

    `released`: days that waited for their payment. `back_percent`: the share of the price that is given back.
    """
    to = address_of(household)
    if not to:
        return False
    first = (*cancelled, *released)[0]
    cents = {booking.id: booking.price_cents for booking in (*cancelled, *released)}
    paragraphs = [
        f"La mairie a annulé des réservations. Motif\u202f: {reason}",
        *_listed("Jours annulés", cancelled, cents),
        *_listed("Jours qui attendaient votre paiement et ne sont plus gardés", released, cents),
    ]
    paragraphs += _given_back(credited_cents, lowered_cents, back_percent)
    send_letter(
        kind="bookings.cancelled",
        subject_key=first.public_id,
        to=to,
        subject=f"Réservations annulées par la mairie\u202f: {_count([], (*cancelled, *released))}",
        paragraphs=paragraphs,
    )
    return True


def _given_back(credited_cents: int, lowered_cents: int, back_percent: int) -> list[str]:
    """What becomes of the price of cancelled days, a paragraph each."""
    said = []
    if not back_percent:
        said.append("Leur prix n’est pas rendu.")
    elif back_percent < WHOLE:
        said.append(f"{back_percent}\u202f% de leur prix est rendu.")
    if credited_cents:
        said.append(f"{format_cents(credited_cents)} sont à votre avoir\u202f: cela servira à votre prochain paiement.")
    if lowered_cents:
        said.append(f"{format_cents(lowered_cents)} ne vous sont plus demandés.")
    return said


def tell_removed(entry: WaitingEntry, *, reason: str) -> None:
    """Say that a child was taken off a waiting list, and why."""
    to = address_of(entry.household)
    if not to:
        return
    what = f"{entry.child.first_name} – {entry.activity.name}, {french.weekday(entry.day)} {french.day(entry.day)}"
    send_letter(
        kind="waiting.removed",
        subject_key=entry.public_id,
        to=to,
        subject=f"Liste d’attente\u202f: {entry.child.first_name}, {french.day(entry.day)}",
        paragraphs=[
            f"La mairie a retiré cette demande de la liste d’attente\u202f: {what}.",
            f"Motif\u202f: {reason}",
        ],
    )
