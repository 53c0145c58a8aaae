"""What lies outside the clone: absent on a newcomer's machine, never absent in CI."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def missing(reason: str) -> None:
    """Skip with a reason on a person's machine; fail in CI, where nothing may be missing."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real-world samples kept beside the clone."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        missing("the samples of ../shared/data are not beside this clone")
    return folder
