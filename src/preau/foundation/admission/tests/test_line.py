"""The row in which all processes meet."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction

from preau.foundation.admission import services
from preau.foundation.admission.models import Line
from preau.foundation.admission.rules import Queue
from preau.foundation.admission.services import move_line, read_line


@pytest.mark.django_db
def test_an_empty_line_lets_everybody_in_and_costs_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert read_line() == Queue()


@pytest.mark.django_db
def test_what_one_process_writes_the_others_read():
    queue, invited = move_line(arrivals={1000: 3, 1100: 2}, invite=4)
    assert (queue.waiting, invited) == (1, 4)
    assert read_line() == queue == Queue(served_until=1150, invited=4, slices=((1100, 1),))
    assert str(Line.objects.get()) == "1 waiting, 4 invited"


@pytest.mark.django_db
def test_there_is_one_line():
    with pytest.raises(IntegrityError, match="there_is_one_line"), transaction.atomic():
        Line.objects.create(id=2)


def _together(number: int) -> Queue:
    def process(start: int) -> None:
        try:
            for turn in range(20):
                move_line(arrivals={1000 * start + 100 * turn: 1}, invite=0)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        list(pool.map(process, range(1, number + 1)))
    return read_line()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_nobody_is_lost_when_processes_write_at_once():
    move_line(arrivals={}, invite=0)
    assert _together(4).waiting == 80


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_people_are_lost(monkeypatch):
    """The negative control: the race above is real."""
    move_line(arrivals={}, invite=0)
    monkeypatch.setattr(services.Line.objects, "select_for_update", lambda **_: Line.objects.all())
    assert _together(4).waiting < 80
