import re

import pytest
from django.conf import settings
from django.template import engines
from django.test import RequestFactory

from preau.domain.town.models import Town


@pytest.fixture
def render():
    """Draw a template given as text; spaces between tags do not count."""

    def drawn(source: str, *, path: str = "/", **context) -> str:
        request = RequestFactory().get(path)
        html = engines["django"].from_string(source).render({"request": request, **context})
        return re.sub(r">\s+<", "><", re.sub(r"\n\s*", "", html)).strip()

    return drawn


@pytest.fixture(scope="session")
def static_root():
    """WhiteNoise warns of a folder that no one has collected files into."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


@pytest.fixture
def portal(static_root, live_server, transactional_db):
    """The address of a server that has a town and the small pages of `urls`."""
    Town.objects.create(name="Le Morne-Colibri", territory="Martinique")
    return live_server.url
