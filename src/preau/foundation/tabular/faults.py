"""What a reader says about a file: one fault for each thing a person must look at."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]

#: `Fault.line` of a remark about the file as a whole.
WHOLE_FILE = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """One remark on one place of a file, in French, to be shown to an agent.

    `line` is the physical line where the record starts, the heading line being usually 1; `WHOLE_FILE` speaks
    of the file. `column` is the heading as the file writes it, empty when the whole line is concerned.
    An `error` refuses the record; a `warning` leaves the value empty or says how it was read.
    """

    line: int
    column: str
    reason: str
    severity: Severity

    def __str__(self) -> str:
        place = f"Ligne {self.line}" if self.line != WHOLE_FILE else "Fichier"
        column = f", colonne «\u202f{self.column}\u202f»" if self.column else ""
        return f"{place}{column}\u202f: {self.reason}"
