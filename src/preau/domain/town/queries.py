"""Reads about the town."""

import logging

from preau.domain.town.models import Town
from preau.foundation.files.services import FileDamagedError, read
from preau.foundation.pdf.look import Look

logger = logging.getLogger(__name__)


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


def logo_of(town: Town) -> bytes:
    """The town's logo, a PNG; nothing when it has none or when its file is damaged: no page waits for a picture."""
    if town.logo is None:
        return b""
    try:
        return read(town.logo)
    except FileDamagedError as damaged:
        logger.error("the town's logo cannot be read: %s", damaged)  # noqa: TRY400  (the trace says no more)
        return b""


def look_of(town: Town) -> Look:
    """How the town dresses its documents."""
    return Look(
        motto=town.motto,
        territory=town.territory,
        colour=town.primary_colour,
        second_colour=town.secondary_colour,
        logo=logo_of(town),
    )
