"""What lies outside the clone: absent on a newcomer's machine, never absent in CI."""

from pathlib import Path

import pytest

from tests.support.places import ROOT, missing


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real-world samples kept beside the clone."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        missing("the samples of ../shared/data are not beside this clone")
    return folder
