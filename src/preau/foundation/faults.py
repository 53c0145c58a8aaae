"""Named points where the crash campaign may kill or pause a process.

They do nothing unless `PREAU_FAULTS` is on, which production settings refuse (config/checks.py).
`PREAU_KILL_AT=name` kills the process the first time it reaches the point, as a power cut would;
`PREAU_PAUSE_AT=name:seconds` holds it there, so that a race can be shown.
"""

import os
import signal
import time

from django.conf import settings


def reach(name: str) -> None:
    """Announce a step of a life-cycle; dies or waits here if the campaign asked for it."""
    if not settings.PREAU_FAULTS:
        return
    if os.environ.get("PREAU_KILL_AT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
    point, _, seconds = os.environ.get("PREAU_PAUSE_AT", "").partition(":")
    if point == name:
        time.sleep(float(seconds))
