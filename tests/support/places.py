"""Where the clone is, and what to do when something around it is missing."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def missing(reason: str) -> None:
    """Skip with a reason on a person's machine; fail in CI, where nothing may be missing."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
