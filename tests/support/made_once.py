"""What several tests share is made once, and each of them finds it as it was made.

A town with everything in it takes a second to make. `kept_for_several_tests` holds it in a transaction: what a test
writes is undone to a savepoint, the town itself when the fixture that holds it ends (as with Django's `setUpTestData`).
All tests of its module must live in it or ask for no database, and none may commit.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Protocol, Self, TypeVar

import time_machine
from django.db import transaction

from tests.support.clock import DEFAULT
from tests.support.fake_gateway import FakeGateway, emptied_bank


class Shared(Protocol):
    """Something made of rows and browsers."""

    def again(self) -> Self:
        """As it was made: nothing that a test does to it is seen by another."""


Made = TypeVar("Made", bound=Shared)


@contextmanager
def kept_for_several_tests(blocker, make: Callable[[FakeGateway], Made]) -> Iterator[Callable[[], Made]]:
    """Make it, at the hour of `frozen_clock`; what is yielded gives it to one test, its operations known to the bank.

    `blocker` is pytest-django's.
    """
    around = transaction.atomic()
    around._from_testcase = True  # what must be outermost (`durable`) may run in it, as in a test
    with blocker.unblock():
        around.__enter__()
    try:
        with blocker.unblock(), time_machine.travel(DEFAULT, tick=False):
            bank = emptied_bank()
            made = make(bank)
        operations = deepcopy(bank.operations)

        def again() -> Made:
            bank.operations = deepcopy(operations)
            return made.again()

        yield again
    finally:
        with blocker.unblock():
            transaction.set_rollback(True)
            around.__exit__(None, None, None)
