"""Reads about the town."""

from preau.domain.town.models import Town


class TownMissingError(Exception):
    """The installation has not been given its town yet (`preau init-town`)."""


def the_town() -> Town:
    """The town this installation serves.

    Raises:
        TownMissingError: it was not set up yet.
    """
    town = Town.objects.select_related("logo").filter(id=1).first()
    if town is None:
        raise TownMissingError("Cette installation n’a pas encore de commune : lancez « preau init-town ».")
    return town
