"""What a benchmark says: a number, its unit, and what it was measured against in the same run."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """`value` is a count, or the ratio `measured / base`; the raw numbers stay beside it."""

    name: str
    value: float
    unit: str
    base: str = ""
    measured: float | None = None
    base_measured: float | None = None

    def line(self) -> str:
        """One line of the table on screen."""
        raw = f"   {self.measured:,.0f} for {self.base_measured:,.0f}" if self.base_measured else ""
        return f"{self.name:44} {self.value:10.3f}  {self.unit}{raw}"

    def as_json(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if value not in {None, ""}}


def ratio(name: str, *, measured: float, base_measured: float, unit: str, base: str) -> Figure:
    return Figure(name, measured / base_measured, unit, base, measured, base_measured)
