"""What the pages of the calendar share: their way back, and the year that they are about."""

from django.urls import reverse

from preau.domain.activities.models import SchoolYear
from preau.domain.activities.queries.offering import year_named
from preau.interfaces.desk.editing import EditPage
from preau.interfaces.desk.menu import trail
from preau.interfaces.doors import or_404

BOOKED = "Les réservations déjà faites ces jours-là ne sont ni annulées ni remboursées d’elles-mêmes."


def calendar_page(
    heading: str, *, year: SchoolYear | None = None, verb: str = "Enregistrer", lede: str = ""
) -> EditPage:
    return EditPage(
        heading=heading,
        trail=trail(("Calendrier", "calendar"), here=heading),
        back=back_to(year),
        verb=verb,
        lede=lede,
        short=("first_day", "last_day", "day"),
    )


def back_to(year: SchoolYear | None) -> str:
    home = reverse("desk:calendar")
    return f"{home}?annee={year.pk}" if year else home


def year_or_404(key: str) -> SchoolYear:
    """The school year that an address names."""
    with or_404():
        return year_named(key)
