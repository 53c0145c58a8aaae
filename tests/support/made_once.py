"""What several tests share is made once, and each of them finds it as it was made.

A town with everything in it takes a second to make. `kept_for_several_tests` holds it in a transaction: what a test
writes is undone to a savepoint, the town itself when the fixture that holds it ends (as in Django's `setUpTestData`).
All tests of its module must live in it, and none may commit.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import time_machine
from django.db import transaction

from tests.support.clock import DEFAULT
from tests.support.fake_gateway import FakeGateway, emptied_bank

Made = TypeVar("Made")


@contextmanager
def kept_for_several_tests(blocker, make: Callable[[FakeGateway], Made]) -> Iterator[Made]:
    """`blocker` is pytest-django's; `make` runs at the hour of `frozen_clock`, with an empty bank."""
    around = transaction.atomic()
    around._from_testcase = True  # what must be outermost (`durable`) may run in it, as in a test
    with blocker.unblock():
        around.__enter__()
        with time_machine.travel(DEFAULT, tick=False):
            made = make(emptied_bank())
    yield made
    with blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)
