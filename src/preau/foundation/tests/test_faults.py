"""Kill and pause points: nothing at all unless the campaign asks."""

import os
import signal
import time

import pytest

from preau.foundation import faults


@pytest.fixture
def done(monkeypatch) -> list[tuple]:
    """What a point did to the process."""
    did: list[tuple] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: did.append(("kill", pid, number)))
    monkeypatch.setattr(time, "sleep", lambda seconds: did.append(("sleep", seconds)))
    return did


def test_a_point_does_nothing_where_faults_are_off(settings, monkeypatch, done):
    settings.PREAU_FAULTS = False
    monkeypatch.setenv("PREAU_KILL_AT", "here")
    monkeypatch.setenv("PREAU_PAUSE_AT", "here:1")
    faults.reach("here")
    assert done == []


@pytest.mark.parametrize(("point", "did"), [("here", [("kill", os.getpid(), signal.SIGKILL)]), ("there", [])])
def test_a_process_dies_at_the_point_that_was_named(settings, monkeypatch, done, point, did):
    settings.PREAU_FAULTS = True
    monkeypatch.setenv("PREAU_KILL_AT", "here")
    faults.reach(point)
    assert done == did


@pytest.mark.parametrize(("point", "did"), [("here", [("sleep", 1.5)]), ("there", [])])
def test_a_process_waits_at_the_point_that_was_named(settings, monkeypatch, done, point, did):
    settings.PREAU_FAULTS = True
    monkeypatch.setenv("PREAU_PAUSE_AT", "here:1.5")
    faults.reach(point)
    assert done == did


def test_a_process_goes_on_when_nothing_is_named(settings, monkeypatch, done):
    settings.PREAU_FAULTS = True
    monkeypatch.delenv("PREAU_KILL_AT", raising=False)
    monkeypatch.delenv("PREAU_PAUSE_AT", raising=False)
    faults.reach("here")
    assert done == []
