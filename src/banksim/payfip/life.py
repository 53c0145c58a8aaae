"""The life of an idOp (payment-gateways.md 3.5 and 3.6), pure: what it answers at a given instant."""

from datetime import datetime, time, timedelta

from banksim.clock import PARIS
from banksim.payfip.errors import FunctionalError
from banksim.payfip.records import Payment

#: The page must be opened within this delay after the creation, once.
OPENING = timedelta(minutes=15)
#: Results stay readable for a year.
RESULT_KEPT = timedelta(days=365)
#: Hour of the nightly purge, Paris time; the guide says « the following night » without an hour.
_NIGHT = time(hour=3)


def last_night(now: datetime) -> datetime:
    """The instant of the last purge before `now`."""
    local = now.astimezone(PARIS)
    tonight = datetime.combine(local.date(), _NIGHT, PARIS)
    return tonight if local >= tonight else datetime.combine(local.date() - timedelta(days=1), _NIGHT, PARIS)


def is_forgotten(payment: Payment, now: datetime) -> bool:
    """Whether the service answers P1: purged by a night that found no result, or older than a year."""
    if payment.result_at is not None:
        return now - payment.result_at > RESULT_KEPT
    return payment.purged or payment.created_at + OPENING <= last_night(now)


def check_known(payment: Payment | None, now: datetime) -> Payment:
    """The operation itself.

    Raises:
        FunctionalError: P1.
    """
    if payment is None:
        raise FunctionalError("P1", "cet idOp n’existe pas")
    if is_forgotten(payment, now):
        raise FunctionalError("P1", "cet idOp a été purgé")
    return payment


def check_opening(payment: Payment, now: datetime) -> None:
    """Whether the payment page may open.

    Raises:
        FunctionalError: P3 opened before, P4 more than 15 minutes old.
    """
    if payment.opened_at is not None:
        raise FunctionalError("P3", "la page de cet idOp a déjà été ouverte")
    if now - payment.created_at > OPENING:
        raise FunctionalError("P4", "cet idOp a plus de 15 minutes")


def check_result(payment: Payment) -> Payment:
    """An operation that has a result.

    Raises:
        FunctionalError: P5.
    """
    if payment.result is None:
        raise FunctionalError("P5", "le payeur n’a pas terminé, ou ne terminera pas")
    return payment


def state(payment: Payment, now: datetime) -> str:
    """One French word for lists."""
    results = {"P": "payée", "V": "payée par prélèvement", "R": "refusée", "Z": "prélèvement refusé", "A": "abandonnée"}
    if is_forgotten(payment, now):
        return "purgée"
    if payment.result is not None:
        return results[payment.result]
    if payment.opened_at is not None:
        return "page ouverte"
    return "périmée" if now - payment.created_at > OPENING else "créée"
