"""A small town to whom anything may happen; what it is told reaches the books of `story_model` too."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from unittest import mock

from django.db import transaction
from django.db.models import F

from preau.domain.accounts.models import User
from preau.domain.billing.models import CreditNote, Invoice
from preau.domain.billing.services import record_credit_note, record_receipt_elsewhere
from preau.domain.families.models import Guardian, Household
from preau.domain.payments.errors import AmountRefusedError, PaymentError
from preau.domain.payments.gateway import Merchant, Message, Report, register
from preau.domain.payments.models import PaymentAttempt
from preau.domain.payments.queries.baskets import basket_of
from preau.domain.payments.services.attempts import new_form_key, start_payment
from preau.domain.payments.services.baskets import add_to_basket, set_part
from preau.domain.payments.services.inbox import payer_returned, process_due, receive
from preau.domain.payments.services.sending import cancel_attempt, send_attempt
from preau.domain.payments.services.sweep import ask_due, release_expired
from preau.domain.payments.states import AttemptState, Origin, Verdict
from preau.domain.payments.tests.conftest import PARENT, links
from preau.domain.payments.tests.story_model import Books, Payment
from preau.foundation import clock, faults
from tests.support.factories import NOON, make_household, make_invoice, make_regie, make_town, make_user, user_of
from tests.support.fake_gateway import FakeGateway

#: Steps at which the power may fail: on the way to the bank, then as its news is applied.
STARTING = ("attempt-committed", "gateway-answered", "attempt-sent")
SETTLING = ("evidence-stored", "capture-state", "capture-allocated", "capture-booked", "capture-receipted")
DUTIES = (process_due, ask_due, release_expired)


class PowerCut(BaseException):
    """Nothing in the product catches it, as nothing catches a power cut."""


class HeardBank(FakeGateway):
    """Keeps every answer it gave, until the story has taken note of it."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Report] = []

    def ask(self, merchant: Merchant, gateway_reference: str, *, timeout: float) -> Report:
        self.heard.append(super().ask(merchant, gateway_reference, timeout=timeout))
        return self.heard[-1]


@dataclass(frozen=True)
class Adult:
    household: Household
    user: User


class Story:
    """Two families, three adults, two régies, one bank. `seen` counts what the bank's words meant."""

    def __init__(self, seen: Counter[str]) -> None:
        self._stack, self._seen = ExitStack(), seen
        self._stack.enter_context(undone())
        self.now, self._power_fails_at = NOON, ""
        self._stack.enter_context(mock.patch.object(clock, "_source", self._now))
        self._stack.enter_context(mock.patch.object(faults, "reach", self._reach))
        self.books, self.bank = Books(), HeardBank()
        register(self.bank)
        make_town()
        self.regies = [make_regie(), make_regie(allows_part_payment=True)]
        self.adults = list(_adults())

    def close(self) -> None:
        self._stack.close()

    def _now(self) -> datetime:
        return self.now

    def _reach(self, step: str) -> None:
        if step == self._power_fails_at:
            self._power_fails_at = ""
            raise PowerCut(step)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Whatever the bank says meanwhile reaches the model, unless the power failed before it was applied."""
        try:
            yield
        except PowerCut as cut:
            self._seen["power cut"] += 1
            if str(cut) in SETTLING:
                self.bank.heard.pop()
        heard, self.bank.heard = self.bank.heard, []
        asked = {payment.operation: payment for payment in self.books.payments.values()}
        for report in heard:
            self._seen[self.books.hear(asked[report.gateway_reference], report, self.now)] += 1

    def _note_attempts(self) -> None:
        for attempt in PaymentAttempt.objects.all():
            payment = self.books.payments.get(attempt.id) or _payment(attempt)
            self.books.payments[attempt.id] = payment
            payment.sent_at, payment.operation = attempt.sent_at, attempt.gateway_reference

    def _attempt(self, back: int) -> PaymentAttempt:
        """One of the payments, counted from the last."""
        keys = list(self.books.payments)
        return PaymentAttempt.objects.get(id=keys[-1 - back % len(keys)])

    # What may happen

    def regie_lowers(self, *, which: int, percent: int, by_note: bool) -> None:
        """An « avoir » or money at the desk, on the first bill of a payment."""
        bill = self._attempt(which).lines.earliest("id").invoice_id
        cents = self.books.bills[bill].left * percent // 100
        if not cents:
            return
        invoice = Invoice.objects.select_related("regie", "household").get(id=bill)
        if by_note:
            record_credit_note(note=_note(invoice, cents))
        else:
            record_receipt_elsewhere(invoice=invoice, amount_cents=cents, means="", received_on=NOON.date())
        self.books.lower(bill, cents)

    def click(
        self,
        *,
        adult: int,
        regie: int,
        cents: int,
        others: list[int],
        part: int | None,
        leaves: bool,
        presses: int,
        power: str,
    ) -> None:
        """A new bill comes; it is ticked, with others (those of another family are ignored), and « Payer » pressed."""
        self._power_fails_at = power
        who, known = self.adults[adult], set(self.books.payments)
        invoice = make_invoice(who.household, self.regies[regie], cents=cents)
        self.books.bill(invoice.id, (who.household.id, invoice.regie_id), cents)
        bills = list(self.books.bills)
        chosen = Invoice.objects.filter(id__in=[bills[-1 - back % len(bills)] for back in (0, *others)])
        add_to_basket(user=who.user, household=who.household, invoice_ids=[one.public_id for one in chosen])
        with suppress(AmountRefusedError):
            set_part(user=who.user, invoice_id=invoice.public_id, amount_cents=part)
        held = self.books.held(self.now)
        self._press(who, times=presses)
        for attempt in set(self.books.payments) - known:
            assert not held & {bill for bill, _ in self.books.payments[attempt].lines}
            if leaves:
                self._leave(PaymentAttempt.objects.get(id=attempt))

    def _press(self, who: Adult, *, times: int) -> None:
        """On one button, which is one payment."""
        shown = basket_of(user=who.user, household=who.household, today=NOON.date()).next_cents
        assert shown or not self._free_in_basket(who)
        key, may_be_refused = new_form_key(), shown < self.bank.limits.min_cents or self._may_change(who)
        with self._told():
            try:
                started = {self._start(who, key, shown) for _ in range(times)}
            except PaymentError:
                if not (may_be_refused or self.bank.heard):
                    raise
            else:
                assert [attempt.amount_cents for attempt in started] == [shown]
        self._note_attempts()

    def _start(self, who: Adult, key: str, shown: int) -> PaymentAttempt:
        return start_payment(
            household=who.household,
            user=who.user,
            receipt_email="parent@example.org",
            form_key=key,
            shown_cents=shown,
            by=PARENT,
        )

    def _may_change(self, who: Adult) -> bool:
        """The click frees bills whose time is over, and a part may by now be more than what is left."""
        late = self.books.maybe_held() - self.books.held(self.now)
        lines = who.user.basket_lines
        too_much = lines.filter(amount_cents__gt=F("invoice__left_cents"))
        return lines.filter(invoice__in=late).exists() or too_much.exists()

    def _free_in_basket(self, who: Adult) -> list[int]:
        """Bills of a basket that nothing keeps from being paid."""
        chosen = who.user.basket_lines.exclude(invoice__in=self.books.maybe_held())
        return [one for one in chosen.values_list("invoice_id", flat=True) if self.books.bills[one].left]

    def leave(self, *, which: int) -> None:
        """For the bank, once more."""
        self._leave(self._attempt(which))

    def _leave(self, attempt: PaymentAttempt) -> None:
        was = attempt.state
        with self._told():
            try:
                send_attempt(attempt=attempt, link_for=links, by=PARENT)
            except PaymentError:
                if was == AttemptState.SENT or (was == AttemptState.PREPARED and not self.bank.down):
                    raise
                if was == AttemptState.PREPARED:
                    self.books.payments[attempt.id].stop()
        self._note_attempts()

    def cancel(self, *, which: int) -> None:
        attempt, stopped = self._attempt(which), False
        with self._told():
            cancel_attempt(attempt=attempt, by=PARENT)
            stopped = True
        if stopped:
            self.books.payments[attempt.id].stop()

    def come_back(self, *, which: int) -> None:
        self._come_back(self._attempt(which))

    def _come_back(self, attempt: PaymentAttempt) -> None:
        with self._told():
            payer_returned(
                return_token=attempt.return_token, method="GET", message=_message(""), source_address="192.0.2.7"
            )

    def bank_says(self, *, which: int, verdict: Verdict, transaction: str, change: dict, by: str, power: str) -> None:
        """It answers so from now on, whatever it answered before; we are told a minute later, or never."""
        if not (sent := [key for key, payment in self.books.payments.items() if payment.sent_at]):
            return
        attempt, self._power_fails_at = PaymentAttempt.objects.get(id=sent[-1 - which % len(sent)]), power
        said = {name: value for name, value in change.items() if name != "more"}
        said["amount_cents"] = attempt.amount_cents + change.get("more", 0)
        self.bank.pay(attempt.gateway_reference, verdict=verdict, transaction=transaction, **said)
        self.now += timedelta(minutes=1)
        if by == "return":
            self._come_back(attempt)
        for _ in range({"notice": 1, "notices": 3, "late notice": 1}.get(by, 0)):
            self.notice(attempt, f"op={attempt.gateway_reference}")
        if by != "late notice":
            self.turn(process_due)

    def somebody_lies(self, *, which: int) -> None:
        self.notice(self._attempt(which), "op=op-1&result=paid")

    def notice(self, attempt: PaymentAttempt, query: str) -> None:
        receive(
            gateway="fake",
            origin=Origin.NOTIFICATION,
            return_token=attempt.return_token,
            method="POST",
            message=_message(query),
            source_address="198.51.100.4",
        )

    def turn(self, *duties: Callable[[], int]) -> None:
        """The worker's, or a part of it."""
        for duty in duties:
            with self._told():
                duty()

    def time_passes(self, *, minutes: int, duties: tuple[Callable[[], int], ...], is_bank_down: bool) -> None:
        """Then the worker does these duties; all of them after a long time."""
        self._power_fails_at = ""
        self.now += timedelta(minutes=minutes)
        self.bank.down = is_bank_down
        self.turn(*DUTIES if minutes > 16 else duties)

    def all_news_arrives(self) -> None:
        """At last the bank is heard of everything that it took: nothing stays lost (N1)."""
        self.bank.down, self._power_fails_at = False, ""
        sent = list(PaymentAttempt.objects.filter(sent_at__isnull=False))
        for attempt in sent:
            self.notice(attempt, f"op={attempt.gateway_reference}")
        self.now += timedelta(minutes=1)
        self.turn(process_due)
        for attempt in sent:
            said, payment = self.bank.operations[attempt.gateway_reference], self.books.payments[attempt.id]
            if said.verdict == Verdict.PAID and said.changes == {"amount_cents": attempt.amount_cents}:
                assert payment.captured_as or payment.in_doubt


def _adults() -> Iterator[Adult]:
    """One of each family, then the other adult of the first."""
    families = [make_household(children=0) for _ in range(2)]
    yield from (Adult(household, user_of(household)) for household in families)
    user = make_user()
    Guardian.objects.create(household=families[0], user=user, position=2, first_name="Karim", last_name="Berger")
    yield Adult(families[0], user)


def _payment(attempt: PaymentAttempt) -> Payment:
    return Payment(
        account=(attempt.household_id, attempt.regie_id),
        amount=attempt.amount_cents,
        lines=sorted((line.invoice_id, line.amount_cents) for line in attempt.lines.all()),
        asked={name: getattr(attempt, name) for name in ("merchant", "mode", "currency", "reference")},
        created_at=attempt.created_at,
        locked_until=attempt.locked_until,
    )


def _note(invoice: Invoice, cents: int) -> CreditNote:
    return CreditNote(
        regie=invoice.regie,
        household=invoice.household,
        invoice=invoice,
        number=new_form_key(),
        label="Repas non servi",
        issued_on=NOON.date(),
        total_cents=cents,
    )


def _message(query: str) -> Message:
    return Message(query=query, body=b"", content_type="")


@contextmanager
def undone() -> Iterator[None]:
    """What a story writes is undone at its end; its transactions count as outermost ones, as in Django's own tests."""
    told = transaction.atomic()
    told._from_testcase = True
    with told:
        yield
        transaction.set_rollback(True)
