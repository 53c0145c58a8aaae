"""The look of the town, as its IT person sets it (L09)."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from preau.domain.town.models import Town
from preau.domain.town.queries import logo_of
from preau.foundation.audit.models import AuditEvent
from preau.foundation.files.models import StoredFile
from tests.support.factories import make_town, picture_file

PAGE = "/bureau/reglages/town/town/1/change/"


@pytest.fixture
def it_person(client, db):
    make_town(name="Le Lamentin", motto="")
    user = get_user_model().objects.create_superuser(display_name="Informatique", password="tambour cerise igloo")
    client.force_login(user)
    return user


def save(client, **changes):
    """Press « Enregistrer » on the page of the town, as it is shown, with these changes."""
    form = client.get(PAGE).context["adminform"].form
    shown = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return client.post(
        PAGE, {**{name: value for name, value in shown.items() if value not in (None, False)}, **changes}
    )


def sent(content: bytes, name: str = "logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/png")


@pytest.mark.row("L09")
def test_a_logo_is_given_then_shown_then_taken_away(client, it_person):
    assert save(client, new_logo=sent(picture_file())).status_code == 302
    assert client.get("/ville/logo").content == logo_of(Town.objects.get())
    assert logo_of(Town.objects.get()).startswith(b"\x89PNG")
    assert save(client, motto="Ville festive").status_code == 302
    assert (Town.objects.get().motto, Town.objects.get().logo is None) == ("Ville festive", False)
    assert save(client, no_logo="on").status_code == 302
    assert Town.objects.get().logo is None
    events = AuditEvent.objects.filter(action="town_logo_changed")
    assert [(event.actor_kind, event.actor_key) for event in events] == [("agent", it_person.public_id)] * 2


@pytest.mark.parametrize(
    "content", [b"<svg><script>alert(1)</script></svg>", b"GIF89a", picture_file()[:60]], ids=["svg", "gif", "cut"]
)
def test_what_is_no_picture_is_told_beside_its_field_and_nothing_is_lost(client, it_person, content):
    answer = save(client, motto="Ville festive", new_logo=sent(content))
    assert answer.context["adminform"].form.errors == {
        "new_logo": ["Cette image n’a pas pu être lue. Envoyez un fichier PNG, JPEG ou WebP."]
    }
    assert 'value="Ville festive"' in answer.content.decode()
    assert Town.objects.get().motto == ""
    assert StoredFile.objects.count() == LogEntry.objects.count() == 0


def test_the_town_is_neither_added_nor_removed_here(client, it_person):
    assert client.get("/bureau/reglages/town/town/add/").status_code == 403
    assert client.post(PAGE.replace("change", "delete"), {"post": "yes"}).status_code == 403


@pytest.mark.row("L09")
def test_a_damaged_logo_stops_no_page(client, it_person):
    save(client, new_logo=sent(picture_file()))
    default_storage.delete(StoredFile.objects.get().key)
    assert Client().get("/").status_code == 200
    assert Client().get("/ville/logo").status_code == 404
    assert logo_of(Town.objects.get()) == b""
