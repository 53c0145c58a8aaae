"""Instants as banks write them: without a zone, in theirs."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def read_instant(text: str, shape: str, *, zone: tzinfo = PARIS) -> datetime | None:
    """The UTC instant of a local date and time (`strptime` shape), the first of the two in the doubled hour of autumn.

    None when the text has another shape or no such day (D7).
    """
    try:
        local = datetime.strptime(text, shape).replace(tzinfo=zone)
    except ValueError:
        return None
    return local.astimezone(UTC)
