"""What a gateway needs to know of a contract, declared once: the set-up form and the checks are made from it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

#: "secret": a key, sealed apart and never shown again; "address": a complete http(s) address; "key": a public PEM key.
Kind = Literal["text", "choice", "address", "key", "secret"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One value of a contract. `pattern` is matched whole; `wrong` is the French sentence said when it does not."""

    name: str
    label: str
    kind: Kind = "text"
    default: str = ""
    pattern: str = ""
    wrong: str = ""
    help_text: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    required: bool = True

    def problem(self, value: str) -> str:
        """Why a value cannot be used, in French; empty when it can."""
        if not value:
            return f"« {self.label} » manque." if self.required else ""
        if self.kind == "choice" and value not in self.choices:
            return f"« {self.label} » : choix inconnu."
        if self.kind == "address" and not _is_address(value):
            return f"« {self.label} » doit être une adresse complète."
        if self.pattern and not re.fullmatch(self.pattern, value):
            return self.wrong or f"« {self.label} » n’a pas la forme attendue."
        return ""


def value_of(setting: Setting, settings: Mapping[str, Any]) -> str:
    """What a contract says of a setting, or its default."""
    return str(settings.get(setting.name) or setting.default)


def problems_of(
    declared: Iterable[Setting], *, settings: Mapping[str, Any], secrets: Mapping[str, tuple[str, ...]]
) -> dict[str, str]:
    """French sentences by setting; unknown settings too, under their own name."""
    found = {}
    for setting in declared:
        value = secrets.get(setting.name, ("",))[0] if setting.kind == "secret" else value_of(setting, settings)
        if problem := setting.problem(value):
            found[setting.name] = problem
    known = {setting.name for setting in declared if setting.kind != "secret"}
    return {**found, **{name: f"Réglage inconnu : {name}." for name in sorted(set(settings) - known)}}


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
