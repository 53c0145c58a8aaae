"""What an activity may be: parts of a day, classes, icons. Pure."""

from datetime import date

from django.db.models import TextChoices


class DayPart(TextChoices):
    """Portions of a day whose places are counted apart."""

    MORNING = "am", "matin"
    NOON = "noon", "midi"
    AFTERNOON = "pm", "après-midi"
    EVENING = "evening", "soir"


ICONS = {
    "canteen": "canteen",
    "morning_care": "morning",
    "evening_care": "evening",
    "study": "pencil",
    "alsh": "kite",
    "discovery_class": "pin",
    "collective_creche": "pram",
    "family_creche": "pram",
    "drop_in_nursery": "pram",
    "kindergarten": "ball",
}


def icon_of(kind: str) -> str:
    """The drawing of a kind of service."""
    return ICONS.get(kind, "calendar")


def years_later(day: date, years: int) -> date:
    """The same day of another year; 28 February for a 29 that it has not (D8)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def moved(day: date, *, before: tuple[date, date], after: tuple[date, date]) -> date:
    """A day of a school year, in another: its ends stay ends, the others keep their date, within the year."""
    if day == before[0]:
        return after[0]
    if day == before[1]:
        return after[1]
    there = years_later(day, after[0].year - before[0].year)
    return min(max(there, after[0]), after[1])
