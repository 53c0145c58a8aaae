"""The public table of payment windows."""

from datetime import UTC, date, datetime, timedelta

import pytest

from preau.foundation import clock
from preau.interfaces.portal.public.windows import school_year_start
from preau.interfaces.portal.words import days_words, listed, span
from tests.support.factories import make_group, make_regie, make_town, make_window
from tests.support.pages import main_words

#: The guide of Le Lamentin: billed months, first and last day, and the line as families read it.
GUIDE = [
    ([(2018, 11)], date(2018, 10, 1), date(2018, 10, 14), "Novembre du 1er au 14 octobre"),
    ([(2018, 12)], date(2018, 11, 5), date(2018, 11, 18), "Décembre du 5 au 18 novembre"),
    ([(2019, 1)], date(2018, 12, 3), date(2018, 12, 12), "Janvier du 3 au 12 décembre"),
    ([(2019, 2)], date(2019, 1, 7), date(2019, 1, 20), "Février du 7 au 20 janvier"),
    ([(2019, 3)], date(2019, 2, 4), date(2019, 2, 17), "Mars du 4 au 17 février"),
    ([(2019, 4)], date(2019, 3, 11), date(2019, 3, 24), "Avril du 11 au 24 mars"),
    ([(2019, 5)], date(2019, 4, 1), date(2019, 4, 14), "Mai du 1er au 14 avril"),
    ([(2019, 6), (2019, 7)], date(2019, 5, 6), date(2019, 5, 19), "Juin et juillet du 6 au 19 mai"),
]


@pytest.fixture
def lamentin(db):
    make_town(name="Le Lamentin", time_zone="America/Martinique")
    group = make_group()
    regies = [
        make_regie(label=label, group=group, uses_payment_windows=True) for label in ("Restauration", "Garderie", "ACM")
    ]
    for months, first, last, _ in GUIDE:
        make_window(*regies, first=first, last=last, months=[date(year, month, 1) for year, month in months])


@pytest.mark.row("L20")
@pytest.mark.parametrize("address", ["/", "/periodes-de-paiement/"])
def test_the_eight_lines_of_the_guide(lamentin, client, address):
    with clock.frozen(datetime(2018, 9, 3, 12, tzinfo=UTC)):
        page = main_words(client.get(address))
    assert "Restauration, Garderie et ACM Année scolaire 2018–2019" in page
    assert " ".join(line for *_, line in GUIDE) in page


@pytest.mark.row("L19", "L20", "P06")
def test_the_table_says_what_is_open_from_midnight_to_midnight_in_the_town(lamentin, client):
    """Midnight in Martinique is 4 h UTC, whatever the season."""

    def seen(moment: datetime) -> str:
        with clock.frozen(moment):
            return main_words(client.get("/periodes-de-paiement/"))

    opens, closes = datetime(2018, 11, 5, 4, tzinfo=UTC), datetime(2018, 11, 19, 4, tzinfo=UTC)
    second = timedelta(seconds=1)
    assert "Décembre du 5 au 18 novembre Janvier" in seen(opens - second)
    assert "Décembre du 5 au 18 novembre Ouvert" in seen(opens)
    assert "Décembre du 5 au 18 novembre Ouvert" in seen(closes - second)
    assert "Décembre du 5 au 18 novembre Terminé" in seen(closes)
    assert "24 heures sur 24" in seen(opens)


@pytest.mark.row("L20")
def test_windows_of_another_set_of_regies_have_their_own_table(lamentin, client):
    nursery = make_regie(label="Crèche", uses_payment_windows=True)
    make_window(nursery, first=date(2018, 10, 28), last=date(2018, 11, 3), months=[date(2018, 11, 1)])
    always = make_regie(label="Étude")
    with clock.frozen(datetime(2018, 9, 3, 12, tzinfo=UTC)):
        page = main_words(client.get("/periodes-de-paiement/"))
    tables = page.split("Année scolaire 2018–2019")
    assert tables[0].endswith("Crèche ")
    assert tables[1].endswith("Novembre du 28 octobre au 3 novembre Restauration, Garderie et ACM ")
    assert f"Toute l’année Sans période : à tout moment. {always.label}" in page


@pytest.mark.row("L20")
def test_last_school_years_windows_are_gone(lamentin, client):
    with clock.frozen(datetime(2019, 8, 1, 12, tzinfo=UTC)):
        assert "Aucune période n’est annoncée pour cette année scolaire." in main_words(
            client.get("/periodes-de-paiement/")
        )


def test_a_window_of_a_closed_regie_only_is_not_public(db, client):
    make_town()
    regie = make_regie(uses_payment_windows=True, is_active=False)
    make_window(regie, first=date(2026, 10, 1), last=date(2026, 10, 14), months=[date(2026, 11, 1)])
    with clock.frozen(datetime(2026, 10, 8, 12, tzinfo=UTC)):
        assert "Aucune période n’est annoncée" in main_words(client.get("/periodes-de-paiement/"))


@pytest.mark.parametrize("count", [1, 8])
def test_queries_do_not_grow_with_windows(db, client, django_assert_num_queries, count):
    make_town()
    regie = make_regie(uses_payment_windows=True)
    for number in range(count):
        make_window(
            regie, first=date(2026, 10, 1 + number), last=date(2026, 10, 20), months=[date(2026 + number, 11, 1)]
        )
    with clock.frozen(datetime(2026, 10, 8, 12, tzinfo=UTC)), django_assert_num_queries(5):
        client.get("/periodes-de-paiement/")


def test_a_school_year_begins_in_august():
    assert school_year_start(date(2026, 7, 31)) == date(2025, 8, 1)
    assert school_year_start(date(2026, 8, 1)) == date(2026, 8, 1)


def test_words_of_days_and_lists():
    assert span(date(2026, 12, 3), date(2026, 12, 3)) == "le 3\u00a0décembre"
    assert span(date(2026, 12, 28), date(2027, 1, 1)) == "du 28\u00a0décembre au 1er\u00a0janvier"
    assert listed([]) == ""
    assert listed(["A"]) == "A"
    days = [date(2026, 11, 3), date(2026, 10, 2), date(2026, 10, 1), date(2026, 10, 2)]
    assert days_words(days) == "1er et 2\u00a0octobre\u202f; 3\u00a0novembre"
    assert days_words([]) == ""
