"""What a view hands to the navigation components."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class NavItem:
    """One entry of a side menu; `count` is shown as a small counter when given."""

    label: str
    url: str
    current: bool = False
    icon: str = ""
    count: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One stage of a journey; `amount_cents` is shown under its name."""

    label: str
    amount_cents: int | None = None
