"""Values of the two schemas: what each cell may hold, refused with a French sentence otherwise."""

import json
import re
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime

from preau.foundation.text import quoted

_SIRET = re.compile(r"[0-9]{14}")
_INSEE = re.compile(r"(?:[013-9][0-9]|2[AB1-9])[0-9]{3}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,4})?")
#: SIRET of the branches of La Poste have no key.
_WITHOUT_KEY = "356000000"
_YES_NO = {"oui": True, "non": False}


def siret(text: str) -> str:
    """Fourteen digits with their key (Luhn)."""
    if not _SIRET.fullmatch(text):
        raise ValueError(f"{quoted(text)} n’est pas un SIRET\u202f: 14 chiffres attendus")
    doubled = (int(digit) * (2 - rank % 2) for rank, digit in enumerate(text))
    if sum(value - 9 * (value > 9) for value in doubled) % 10 and not text.startswith(_WITHOUT_KEY):  # noqa: PLR2004
        raise ValueError(f"{quoted(text)} n’est pas un SIRET\u202f: sa clé est fausse")
    return text


def insee(text: str) -> str:
    """The code of a commune: `97213`, `2A004`."""
    if not _INSEE.fullmatch(text):
        raise ValueError(f"{quoted(text)} n’est pas un code INSEE\u202f: 5 caractères attendus")
    return text


def day(text: str) -> date:
    """`2026-09-07`, as the schema writes it: no other order of day and month can be mistaken for it."""
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise ValueError(f"{quoted(text)} n’est pas une date\u202f: aaaa-mm-jj attendu") from None


def instant(text: str) -> datetime:
    """`2026-09-01T10:00:00Z`; without a zone, UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{quoted(text)} n’est pas une date et une heure\u202f: aaaa-mm-jjThh:mm:ssZ attendu"
        ) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def one_of(known: Collection[str]) -> Callable[[str], str]:
    """A value of a closed list, as the schema spells it."""

    def parse(text: str) -> str:
        if text not in known:
            raise ValueError(f"{quoted(text)} inconnu\u202f; valeurs possibles\u202f: {', '.join(known)}")
        return text

    return parse


def several_of(known: Collection[str]) -> Callable[[str], tuple[str, ...]]:
    """A JSON array of values of a closed list, in the order of that list, once each."""

    def parse(text: str) -> tuple[str, ...]:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            example = json.dumps(list(known)[:2], ensure_ascii=False)
            raise ValueError(f"{quoted(text)} n’est pas une liste\u202f: écrivez-la ainsi\u202f: {example}")
        held = {one.strip() for one in found}
        if strange := sorted(held - set(known)):
            raise ValueError(f"{quoted(strange[0])} inconnu\u202f; valeurs possibles\u202f: {', '.join(known)}")
        return tuple(one for one in known if one in held)

    return parse


def yes_no(text: str) -> bool:
    """`oui` or `non`."""
    try:
        return _YES_NO[text]
    except KeyError:
        raise ValueError(f"{quoted(text)}\u202f: oui ou non attendu") from None


def number(text: str) -> str:
    """A positive number with a point, kept in its own digits."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{quoted(text)} n’est pas un nombre\u202f: 0.42 attendu")
    return text
