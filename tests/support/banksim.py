"""The bank simulator, one per test process, emptied before each test that asks for it."""

import pytest

from banksim.testing import BankSim


@pytest.fixture(scope="session")
def _banksim(tmp_path_factory):
    simulator = BankSim.start(tmp_path_factory.mktemp("banksim"))
    yield simulator
    simulator.stop()


@pytest.fixture
def banksim(_banksim) -> BankSim:
    """The simulator without operations nor faults, its clock right."""
    _banksim.reset()
    return _banksim
