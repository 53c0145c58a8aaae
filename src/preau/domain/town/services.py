"""Writes about the town."""

from django.db import transaction

from preau.domain.town.models import Town
from preau.foundation.audit.actors import Actor
from preau.foundation.audit.services import record
from preau.foundation.files.pictures import as_png
from preau.foundation.files.services import store

#: Twice what the widest place for it shows, for screens with fine pixels.
_LOGO_SIDE = 480


class TownExistsError(Exception):
    """This installation serves a town already (ADR 0001)."""


@transaction.atomic
def create_town(*, name: str, time_zone: str, by: Actor) -> Town:
    """Give the installation its town, with the default look and texts.

    Raises:
        TownExistsError: it has one.
        django.core.exceptions.ValidationError: the name is empty or too long, or the time zone unknown.
    """
    existing = Town.objects.first()
    if existing is not None:
        raise TownExistsError(f"Cette installation sert déjà {existing.name}.")
    town = Town(name=name, time_zone=time_zone)
    town.full_clean()
    town.save(force_insert=True)
    record(by=by, action="town_created", subject="town")
    return town


@transaction.atomic
def set_logo(*, town: Town, content: bytes, by: Actor) -> None:
    """Give the town its logo, or take it away with no content (L09).

    Raises:
        PictureRefusedError: the content is no picture that we draw.
    """
    town.logo = (
        store(content=as_png(content, longest_side=_LOGO_SIDE), name="logo.png", content_type="image/png")
        if content
        else None
    )
    town.save(update_fields=["logo"])
    record(by=by, action="town_logo_changed", subject="town")
