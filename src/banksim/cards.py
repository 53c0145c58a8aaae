"""The card form of the simulator. Nothing of it is kept: the answer is a sentence or nothing."""

import re
from datetime import datetime

#: The payment platform's published test range; a real card is refused, so nobody leaves its number here.
_TEST_CARD = re.compile(r"4970100000000[0-9]{3}")
EXAMPLE_NUMBER = "4970 1000 0000 0000"
EXAMPLE_CODE = "123"
#: Years offered after the present one.
_YEARS = 6


def years(now: datetime) -> list[int]:
    """The years a card may expire in."""
    return list(range(now.year, now.year + _YEARS))


def refusal(*, number: str, month: str, year: str, code: str, now: datetime) -> str | None:
    """Why the form is refused, in French; None when it is right."""
    if not _TEST_CARD.fullmatch(re.sub(r"\s", "", number)):
        return f"Ce simulateur n’accepte que des cartes d’essai, par exemple {EXAMPLE_NUMBER}."
    if not (month.isdigit() and year.isdigit()) or (int(year), int(month)) < (now.year, now.month):
        return "Cette carte est périmée. Choisissez une date à venir."
    if not re.fullmatch(r"[0-9]{3}", code):
        return "Le cryptogramme visuel a 3 chiffres."
    return None
