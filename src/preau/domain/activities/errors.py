"""Refusals a caller must handle; `message` can be shown to an agent."""

from collections.abc import Sequence

from preau.foundation.tabular import Fault


class ActivityError(Exception):
    """Base of every refusal of this app; `field` names what is wrong in what was given, "" for all of it."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message, self.field = message, field


class FileRefusedError(ActivityError):
    """Nothing of the file was kept; `faults` are its errors, in its order."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("Ce fichier ne peut pas être pris.")
        self.faults = list(faults)


class StillUsedError(ActivityError):
    """What was to be removed is used by something that must remain."""


class UnknownCalendarError(ActivityError):
    """The official calendar of these days is not known to the program."""
