"""`preau init-town`: the town that an empty installation needs before any page opens."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from preau.domain.town.models import Town
from preau.foundation.audit.models import AuditEvent


def run(*arguments: str, **options) -> str:
    out = StringIO()
    call_command("init_town", *arguments, stdout=out, **options)
    return out.getvalue().replace("\u202f", " ")


@pytest.mark.django_db
def test_an_empty_installation_opens_once_it_has_its_town():
    assert Client().get("/").status_code == 503
    assert "Le Lamentin : le portail peut ouvrir." in run(" Le Lamentin ", fuseau="America/Martinique")
    page = Client().get("/")
    assert (page.status_code, "Le Lamentin" in page.content.decode()) == (200, True)
    assert list(Town.objects.values_list("id", "name", "time_zone")) == [(1, "Le Lamentin", "America/Martinique")]
    assert list(AuditEvent.objects.values_list("action", flat=True)) == ["town_created"]


@pytest.mark.django_db
def test_a_second_town_is_refused():
    run("Le Lamentin")
    with pytest.raises(CommandError, match=r"Cette installation sert déjà Le Lamentin\."):
        run("Sèvres")
    assert list(Town.objects.values_list("name", flat=True)) == ["Le Lamentin"]


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"nom": "  "}, {"nom": "Sèvres", "fuseau": "Europe/Sevres"}, {"nom": "S" * 81}])
def test_a_town_without_name_or_on_no_clock_is_refused(wrong):
    with pytest.raises(CommandError):
        run(wrong.pop("nom"), **wrong)
    assert Town.objects.count() == 0
