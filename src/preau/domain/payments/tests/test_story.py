"""A town told at random: bills, clicks, a bank that says anything, notices lost and repeated, power cuts, time.

After each step the books say what the model says (P05) and every statement of the self-check holds.
"""

from collections import Counter

import pytest
from django.db import connection
from django.db.models import Sum
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from preau.domain.billing.models import Invoice
from preau.domain.ledger.models import LedgerEntry
from preau.domain.ledger.queries import household_balances, household_credit_cents
from preau.domain.payments.models import AttemptLine, Capture, PaymentAttempt
from preau.domain.payments.states import AttemptState, Verdict
from preau.domain.payments.tests.story_town import DUTIES, SETTLING, STARTING, Story
from preau.domain.payments.tests.truths import Watch
from preau.foundation.invariants import declared
from preau.foundation.mail.models import OutgoingMail
from tests.support.database import on_postgresql

#: True only once the worker has passed; mails, triggers and card numbers have their own tests.
_AFTER_WORK, _ELSEWHERE = {"I22", "I24"}, {"I26", "I29", "I30"}


def _often(usual, *rare) -> st.SearchStrategy:
    """The usual value three times out of four."""
    return st.sampled_from([usual] * 3 * len(rare) + [*rare])


def _step(name: str, **values: st.SearchStrategy) -> st.SearchStrategy:
    return st.tuples(st.just(name), st.fixed_dictionaries(values))


#: A payment or a bill, counted from the last: most often a recent one.
_SOME = st.sampled_from([0, 0, 1, 1, 2, 3])
_CHANGES = _often(
    {},
    {"more": 1},
    {"more": 1},
    {"more": -1},
    {"more": -100_00},
    {"merchant": "999999"},
    {"mode": "production"},
    {"currency": "USD"},
    {"reference": "OTHER"},
    {"authentic": False},
)
_CLICK = _step(
    "click",
    adult=st.integers(0, 2),
    regie=st.integers(0, 1),
    cents=st.integers(1_00, 60_00),
    others=st.lists(_SOME, max_size=2),
    part=_often(None, 5_00),
    leaves=_often(True, False),
    presses=_often(1, 2),
    power=_often("", "", *STARTING),
)
_NEWS = _step(
    "bank_says",
    which=_SOME,
    verdict=_often(Verdict.PAID, Verdict.REFUSED, Verdict.REFUSED, Verdict.CANCELLED, Verdict.EXPIRED, Verdict.PENDING),
    transaction=_often("AUTO01", "AUTO02"),
    change=_CHANGES,
    by=_often("notice", "notices", "return", "late notice", "nothing"),
    power=_often("", "message-stored", *SETTLING),
)
_TIME = _step(
    "time_passes",
    minutes=st.sampled_from([0, 1, 4, 16, 31, 31, 125, 24 * 60, 8 * 24 * 60]),
    duties=_often(DUTIES, *[(duty,) for duty in DUTIES]),
    is_bank_down=_often(False, True),
)
_LOWER = _step("regie_lowers", which=_SOME, percent=_often(100, 10, 50), by_note=st.booleans())
_ALL_NEWS = _step("all_news_arrives")
_ACTS = (
    _step("leave", which=_SOME),
    _step("cancel", which=_SOME),
    _step("come_back", which=_SOME),
    _step("somebody_lies", which=_SOME),
)
#: Each as often as written. One rule for all: of several, Hypothesis leaves about half out of each run.
_STEPS = st.sampled_from(
    [*[_CLICK] * 10, *[_NEWS] * 12, *[_TIME] * 6, *[_LOWER] * 5, *[_ALL_NEWS] * 3, *_ACTS]
).flatmap(lambda step: step)
#: What happened in all the stories told, so that nothing is proved by never happening.
SEEN: Counter[str] = Counter()


class Town(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.story = Story(SEEN)
        self.books = self.story.books
        self.watch = Watch(but=_AFTER_WORK | _ELSEWHERE)
        self.watching = connection.execute_wrapper(self.watch)
        self.watching.__enter__()
        self.story.click(adult=0, regie=1, cents=24_00, others=[], part=None, leaves=True, presses=2, power="")

    def teardown(self) -> None:
        self.watching.__exit__(None, None, None)
        self.story.close()

    @rule(step=_STEPS)
    def then(self, step):
        name, values = step
        getattr(self.story, name)(**values)
        if name == "time_passes" and len(values["duties"]) == len(DUTIES):
            assert [one for one in declared() if one.code in _AFTER_WORK for _ in one.check()] == []

    @invariant()
    def all_is_right(self):
        if self.watch.has_written:
            assert self.watch.broken() == []
            self._the_books_say_what_happened()
            self._each_payment_is_captured_once_and_for_ever()
            self._a_bill_is_held_as_long_as_its_payment_may_come()
            self.watch.has_written = False

    def _the_books_say_what_happened(self):
        """Sum over the ledger = billed - paid - credited, for each family and each régie (P05)."""
        for household in {adult.household for adult in self.story.adults}:
            accounts = [(household.id, regie.id) for regie in self.story.regies]
            expected = {regie: self.books.balances[family, regie] for family, regie in accounts}
            assert Counter(household_balances(household)) == Counter(expected)
            owed = {regie: self.books.credits[family, regie] for family, regie in accounts}
            assert Counter(household_credit_cents(household)) == Counter(owed)
        left = {bill: one.left for bill, one in self.books.bills.items()}
        assert dict(Invoice.objects.values_list("id", "left_cents")) == left
        assert _booked("suspense") == -self.books.suspended()
        assert _booked("clearing") == self.books.received()

    def _each_payment_is_captured_once_and_for_ever(self):
        captured = PaymentAttempt.objects.filter(state=AttemptState.CAPTURED)
        assert set(captured.values_list("id", flat=True)) == self.books.captured()
        operations = Capture.objects.values_list("gateway_reference", flat=True)
        assert len(set(operations)) == len(operations) == len(self.books.captured())
        assert OutgoingMail.objects.filter(kind="receipt").count() == len(self.books.captured())

    def _a_bill_is_held_as_long_as_its_payment_may_come(self):
        held = list(AttemptLine.objects.filter(is_open=True).values_list("invoice_id", flat=True))
        assert len(set(held)) == len(held)
        assert self.books.held(self.story.now) <= set(held) <= self.books.maybe_held()


def _booked(kind: str) -> int:
    return LedgerEntry.objects.filter(account__kind=kind).aggregate(s=Sum("amount_cents"))["s"] or 0


@pytest.mark.row("P05")
def test_whatever_happens_the_books_are_right(db):
    """Without shrinking, which takes minutes: whoever wants a shorter story adds `Phase.shrink`."""
    SEEN.clear()
    run_state_machine_as_test(
        Town,
        settings=settings(max_examples=3 if on_postgresql() else 10, stateful_step_count=32, phases=[Phase.generate]),
    )
    assert {"captured", "repeated", "ended", "in doubt", "power cut"} <= set(SEEN)
