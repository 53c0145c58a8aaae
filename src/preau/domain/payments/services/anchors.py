"""The monthly anchor of each chain of receipts: written once, mailed to the régisseur, published (P07).

A chain that somebody rewrote from end to end holds together again: only a digest kept elsewhere tells it apart.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Sum

from preau.domain.payments.models import Capture, Receipt, ReceiptAnchor
from preau.domain.regies.models import Regie
from preau.domain.town.models import Town
from preau.domain.town.queries import the_town
from preau.foundation import clock, french
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.audit.services import record
from preau.foundation.mail.services import queue
from preau.foundation.money import format_cents

#: A capture that began before midnight has ended by then.
_SETTLING = timedelta(hours=1)
#: Longer than any month, shorter than two.
_INTO_NEXT_MONTH = timedelta(days=32)


def anchor_months() -> int:
    """Anchor what each month that is over added to each chain, in order; how many anchors were made.

    Safe to repeat and to run twice at once. A receipt is anchored with the month of its issue; should its number
    come after those of the next month already anchored, with the month that follows.
    """
    last = {(s["regie"], s["year"]): s["n"] for s in Receipt.objects.values("regie", "year").annotate(n=Max("number"))}
    done = ReceiptAnchor.objects.values("regie", "year").annotate(n=Max("last_number"))
    anchored = {(series["regie"], series["year"]): series["n"] for series in done}
    waiting = [key for key, number in sorted(last.items()) if number > anchored.get(key, 0)]
    if not waiting:
        return 0
    town = the_town()
    regies = Regie.objects.in_bulk([regie_id for regie_id, _ in waiting])
    return sum(_anchor_series(town, regies[regie_id], year) for regie_id, year in waiting)


def _anchor_series(town: Town, regie: Regie, year: int) -> int:
    made, open_month = 0, _month_of(clock.now() - _SETTLING, town.zone)
    while True:
        before = ReceiptAnchor.objects.filter(regie=regie, year=year).order_by("month").last()
        number = before.last_number + 1 if before else 1
        first = Receipt.objects.filter(regie=regie, year=year, number=number).first()
        if first is None:
            return made
        month = _month_of(first.issued_at, town.zone)
        if before:
            month = max(month, _next(before.month))
        if month >= open_month:
            return made
        made += _anchor(town, regie, year, month, first_number=number)


@transaction.atomic
def _anchor(town: Town, regie: Regie, year: int, month: date, *, first_number: int) -> bool:
    """Whether this call made the anchor, and not another at the same instant."""
    end = datetime.combine(_next(month), time.min, tzinfo=town.zone)
    issued = Receipt.objects.filter(regie=regie, year=year, issued_at__lt=end)
    head = issued.select_related("link").latest("number")
    captures = Capture.objects.filter(
        receipt__regie=regie, receipt__year=year, receipt__number__range=(first_number, head.number)
    )
    anchor, is_new = ReceiptAnchor.objects.get_or_create(
        regie=regie,
        year=year,
        month=month,
        defaults={
            "first_number": first_number,
            "last_number": head.number,
            "total_cents": captures.aggregate(s=Sum("amount_cents"))["s"],
            "head": head.link.digest,
            "made_at": clock.now(),
        },
    )
    if is_new:
        _tell(town, anchor)
    return is_new


def _tell(town: Town, anchor: ReceiptAnchor) -> None:
    """Queue the régisseur's copy, and note the digest in the journal: a third place to compare with."""
    month = french.month(anchor.month)
    key = f"{anchor.regie.public_id}/{anchor.year}/{anchor.month:%m}"
    queue(
        kind="receipt_anchor",
        subject_key=key,
        to=anchor.regie.email,
        subject=f"Empreinte à garder : {anchor.regie.label}, {month}",
        text=_mail_text(town, anchor, month),
    )
    record(by=SYSTEM, action="receipts.anchored", subject=key, details={"head": anchor.head})


def _mail_text(town: Town, anchor: ReceiptAnchor, month: str) -> str:
    numbers = f"de {anchor.year}-{anchor.first_number:06d} à {anchor.year}-{anchor.last_number:06d}"
    return (
        "Bonjour,\n\n"
        f"Voici l’empreinte des reçus de la régie {anchor.regie.label} pour {month}.\n\n"
        f"– Reçus : {anchor.count}, {numbers}\n"
        f"– Total : {format_cents(anchor.total_cents)}\n"
        f"– Empreinte : {anchor.head}\n\n"
        "Gardez ce message hors du portail : imprimez-le, ou classez-le avec vos pièces. Il prouvera qu’aucun de ces "
        "reçus n’a été changé, ajouté ni retiré depuis.\n\n"
        "L’empreinte est aussi publiée, avec l’outil qui la vérifie :\n"
        f"{settings.PREAU_RECEIPT_URL.format(code='empreintes')}\n\n"
        f"{town.name}"
    )


def _month_of(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date().replace(day=1)


def _next(month: date) -> date:
    return (month + _INTO_NEXT_MONTH).replace(day=1)
