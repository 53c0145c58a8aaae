"""Who acts: every service that writes takes `by: Actor`."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, an agent, a gateway or the program itself; `key` is a public identifier, never a name."""

    kind: Literal["family", "agent", "gateway", "system"]
    key: str
    network: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"


SYSTEM = Actor(kind="system", key="preau")
