from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from preau.ui.arguments import ComponentError

DAY = date(2026, 10, 13)
MOMENT = datetime(2026, 10, 13, 2, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ 8400|euros }}", "84,00\u202f€"),
        ("{{ day|jour }}", "13\u00a0octobre 2026"),
        ("{{ first|jour }}", "1er\u00a0novembre 2026"),
        ("{{ day|jour_long }}", "mardi 13\u00a0octobre 2026"),
        ("{{ day|jour_court }}", "13/10/2026"),
        ("{{ day|mois }}", "Octobre 2026"),
        ("{{ august|mois }}", "Août 2026"),
        ("{{ noon|heure }}", "12\u202fh\u202f00"),
        ("{{ 0|taille }}", "0\u00a0octet"),
        ("{{ 999|taille }}", "999\u00a0octets"),
        ("{{ 288400|taille }}", "288\u00a0ko"),
        ("{{ 999499|taille }}", "999\u00a0ko"),
        ("{{ 999500|taille }}", "1,0\u00a0Mo"),
        ("{{ 1249999|taille }}", "1,2\u00a0Mo"),
        ("facture{{ 0|pluriel }}", "facture"),
        ("facture{{ 1|pluriel }}", "facture"),
        ("facture{{ 2|pluriel }}", "factures"),
        ('chev{{ 1|pluriel:"al,aux" }} chev{{ 2|pluriel:"al,aux" }}', "cheval chevaux"),
    ],
)
def test_french_words(render, source, text):
    assert render(source, day=DAY, first=date(2026, 11, 1), august=date(2026, 8, 31), noon=time(12)) == text


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Paris", "mardi 13\u00a0octobre 2026, 4\u202fh\u202f05"),
        ("America/Martinique", "lundi 12\u00a0octobre 2026, 22\u202fh\u202f05"),
    ],
)
def test_an_instant_is_read_on_the_wall_of_the_town(render, zone, words):
    with timezone.override(ZoneInfo(zone)):
        assert render("{{ at|jour_long }}, {{ at|heure }}", at=MOMENT) == words


def test_a_day_and_hour(render):
    with timezone.override(ZoneInfo("Europe/Paris")):
        assert render("{{ at|jour_heure }}", at=MOMENT) == "13\u00a0octobre 2026, 4\u202fh\u202f05"


@pytest.mark.parametrize(
    "source",
    [
        "{{ absent|euros }}",
        "{{ 58.8|euros }}",
        "{{ absent|jour }}",
        "{{ day|heure }}",
        "{{ absent|taille }}",
        "{{ absent|pluriel }}",
    ],
)
def test_what_is_not_there_is_refused(render, source):
    with pytest.raises(ComponentError):
        render(source, day=DAY)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("arrêté n° 2019-114 du 3 mai", "arrêté n°_2019-114 du 3 mai"),
        ("8 h 30 – 12 h et 13 h 30 – 17 h", "8_h_30_–_12_h et 13_h_30_–_17_h"),
        ("9 h - 12 h", "9_h_-_12_h"),
        ("Lundi – mardi, 10 € par mois", "Lundi – mardi, 10_€ par mois"),
    ],
)
def test_what_a_town_typed_does_not_break_inside_a_number(render, typed, shown):
    assert render("{{ typed|insecable }}", typed=typed) == shown.replace("_", "\u00a0")


def test_an_address_breaks_at_its_signs_only_and_is_escaped(render):
    address = "helene.<b>@courriel.example"
    assert render("{{ address|courriel }}", address=address) == ("helene.&lt;b&gt;<wbr>@courriel.<wbr>example")
