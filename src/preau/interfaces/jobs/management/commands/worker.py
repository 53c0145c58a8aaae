"""`preau worker`: everything that happens without anybody waiting for it."""

import logging
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

from preau.domain.accounts.services.upkeep import tidy
from preau.domain.bookings.services.waiting import offer_everything
from preau.domain.payments.services.anchors import anchor_months
from preau.domain.payments.services.holds import lapse_due
from preau.domain.payments.services.inbox import process_due
from preau.domain.payments.services.reconciliation import reconcile_nights
from preau.domain.payments.services.sweep import ask_due, release_expired
from preau.domain.payments.services.top_ups import lapse_top_ups
from preau.foundation.mail.services import send_due
from preau.interfaces.jobs.timekeeping import Timekeeper

logger = logging.getLogger(__name__)

#: Seconds between two looks when nothing was found to do.
_PAUSE = 0.5


@dataclass(slots=True)
class Duty:
    """A piece of work and how often (seconds) it is looked at; each is safe to repeat and to run twice at once."""

    name: str
    work: Callable[[], Any]
    every: float
    #: Whether it ends things by their date, and so waits while the clock is in doubt (D6).
    ends: bool = False
    due_at: float = field(default=0.0)


def duties() -> list[Duty]:
    """Work is taken from business rows by lease or condition, so no queue can lose it (ADR 0008)."""
    return [
        Duty("inbox", process_due, 0.5),
        Duty("mails", send_due, 1),
        Duty("questions", ask_due, 5, ends=True),
        Duty("locks", release_expired, 30, ends=True),
        Duty("holds", lapse_due, 10, ends=True),
        Duty("top-ups", lapse_top_ups, 30, ends=True),
        Duty("offers", offer_everything, 60, ends=True),
        Duty("anchors", anchor_months, 3600, ends=True),
        Duty("constats", reconcile_nights, 60, ends=True),
        Duty("upkeep", tidy, 3600, ends=True),
    ]


class Command(BaseCommand):
    """Runs the duties until it is told to stop; a failure is logged and tried again at the next turn."""

    help = "Traite les notifications, les courriels et les échéances, jusqu’à ce qu’on l’arrête."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="fait un tour et s’arrête")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stopping = False
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        work, timekeeper = duties(), Timekeeper()
        while not self.stopping:
            sure = timekeeper.trusts_the_clock()
            self._turn([duty for duty in work if sure or not duty.ends])
            if options["once"]:
                return
            time.sleep(_PAUSE)

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        del signum, frame
        self.stopping = True

    def _turn(self, work: list[Duty]) -> None:
        for duty in work:
            if self.stopping or time.monotonic() < duty.due_at:
                continue
            try:
                duty.work()
            except DatabaseError:
                logger.exception("duty %s met the database in trouble", duty.name)
                close_old_connections()
            except Exception:
                logger.exception("duty %s failed", duty.name)
            duty.due_at = time.monotonic() + duty.every
