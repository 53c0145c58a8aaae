"""Ticking days without any script: each button keeps what was ticked, and says what it could not keep."""

from datetime import UTC, date, datetime

import pytest

from preau.domain.activities.models import Activity, Closure, DeadlineKind
from preau.domain.bookings.models import DraftChange
from preau.domain.bookings.services.orders import confirm_order, lock_order
from preau.interfaces.portal.planning.tests.conftest import form_of, parent_of
from tests.support.activities import make_deadline, make_unit
from tests.support.bookings import (
    FRIDAY,
    MONDAY,
    PARENT,
    TUESDAY,
    make_enrolment,
    make_family,
    make_service,
    price,
)
from tests.support.factories import login_family, make_household, make_regie, make_user
from tests.support.pages import main_words


def words_after(parent, answer, *, status: int = 200) -> str:
    """The page that an answer leads to."""
    if answer.status_code == 302:
        answer = parent.client.get(answer["Location"])
    return main_words(answer, status=status)


@pytest.mark.row("C15", "C23", "C29")
def test_ticking_days_drafts_them_and_tells_cost_and_count(parent):
    page = words_after(parent, parent.tick(MONDAY, TUESDAY))
    assert "Coût de novembre Récapitulatif (2) Quitter 7,20 €" in page
    assert parent.drafted() == {MONDAY: "repas", TUESDAY: "repas"}
    assert parent.states() == {}


@pytest.mark.row("C15", "C30")
def test_each_day_is_ticked_alone_and_says_what_it_is(parent):
    html = parent.get("planning_edit", jour="2026-11-16").content.decode()
    box = html.partition(f'name="{parent.box(MONDAY)}"')[2].partition("</label>")[0]
    assert 'value="repas"' in box
    assert "checked" not in box
    assert 'Cantine Jules-Ferry<span class="sr">, lundi 16\u00a0novembre</span>' in box
    assert "3,60\u202f€" in box
    assert html.count("<fieldset") == html.count("<legend")


@pytest.mark.row("C04")
def test_morning_canteen_and_evening_are_three_boxes_of_one_day(parent):
    others = [
        make_service(name, cents=cents, unit=name, kind=kind, regie=parent.activity.regie)
        for name, cents, kind in (("Matin", 120, "morning_care"), ("Soir", 240, "evening_care"))
    ]
    for activity in others:
        make_enrolment(parent.family.children[0], activity, parent.family.household)
    form = parent.form(jour="2026-11-16")
    ticked = {parent.box(MONDAY): "repas", **{parent.box(MONDAY, one): one.name.lower() for one in others}}
    page = words_after(parent, parent.client.post("/planning/modifier/", {**form, **ticked, "faire": "recalculer"}))
    assert "Récapitulatif (3) Quitter 7,20 €" in page
    summary = main_words(parent.get("planning_summary"))
    for line in ("Matin à l’unité 1,20 €", "Cantine Jules-Ferry – repas à l’unité 3,60 €", "Soir à l’unité 2,40 €"):
        assert f"lun. 16/11/2026 Enfant1 – {line}" in summary


def test_an_unticked_day_leaves_the_draft(parent):
    parent.tick(MONDAY, TUESDAY)
    parent.untick(MONDAY)
    assert parent.drafted() == {TUESDAY: "repas"}


def test_a_booked_day_unticked_is_to_be_removed(parent):
    confirm_order(lock_order(parent.family.hold(MONDAY).id), by=PARENT)
    parent.untick(MONDAY)
    assert parent.drafted() == {MONDAY: ""}
    assert "Coût de novembre Récapitulatif (1) Quitter 0,00 €" in words_after(
        parent, parent.get("planning_edit", jour="2026-11-16")
    )


class TestPageLeftOpen:
    """A page shown before something changed elsewhere: only what was touched on it is a choice."""

    @pytest.fixture
    def send(self, parent):
        """Press a button of a page of November left open, with some of its boxes touched."""
        form = parent.form(jour="2026-11-16")
        return lambda **touched: parent.client.post("/planning/modifier/", {**form, "faire": "recalculer", **touched})

    @pytest.mark.row("C33")
    @pytest.mark.parametrize("faire", ["recalculer", "valider", "recapitulatif", "quitter", "avance"])
    def test_keeps_what_was_ticked_meanwhile(self, parent, send, faire):
        parent.tick(MONDAY)
        assert send(faire=faire, **{parent.box(TUESDAY): "repas"}).status_code == 302
        assert parent.drafted() == {MONDAY: "repas", TUESDAY: "repas"}

    @pytest.mark.row("C33", "C34")
    def test_saves_what_was_ticked_meanwhile(self, parent):
        form = parent.form(jour="2026-11-16")
        parent.tick(MONDAY)
        answer = parent.client.post("/planning/valider/", {**form, "faire": "terminer"})
        assert "Voici le coût de vos choix" in words_after(parent, answer)
        assert parent.drafted() == {MONDAY: "repas"}

    def test_of_a_parent_gives_up_no_day_that_the_other_saved(self, parent):
        household = parent.family.household
        other = household.guardians.create(position=2, last_name="Berger", first_name="Paul", user=make_user()).user
        theirs = parent_of(parent.family)
        login_family(theirs.client, household, other)
        form = theirs.form(jour="2026-11-16")
        confirm_order(lock_order(parent.family.hold(MONDAY).id), by=PARENT)
        theirs.client.post("/planning/modifier/", {**form, theirs.box(TUESDAY): "repas", "faire": "recalculer"})
        assert parent.drafted() == {TUESDAY: "repas"}

    def test_does_not_tick_again_what_was_unticked_meanwhile(self, parent):
        parent.tick(MONDAY, TUESDAY)
        form = parent.form(jour="2026-11-16")
        parent.untick(MONDAY)
        parent.client.post("/planning/modifier/", {**form, "faire": "recalculer"})
        assert parent.drafted() == {TUESDAY: "repas"}

    def test_unticks_what_it_showed(self, parent):
        parent.tick(MONDAY)
        form = parent.form(jour="2026-11-16")
        parent.tick(TUESDAY)
        del form[parent.box(MONDAY)]
        parent.client.post("/planning/modifier/", {**form, "faire": "recalculer"})
        assert parent.drafted() == {TUESDAY: "repas"}

    @pytest.mark.parametrize(
        ("shown", "drafted"),
        [("repas", {}), *((lie, {TUESDAY: "repas"}) for lie in ("<b>", "=", "08:30-11:30", "x" * 5000))],
    )
    def test_that_lies_on_what_it_showed_says_a_wish_at_most(self, parent, send, shown, drafted):
        parent.tick(MONDAY)
        lie = f"{parent.activity.public_id}:2026-11-16={shown},2026-11-17={shown}"
        assert send(montrees=lie, **{parent.box(TUESDAY): "repas"}).status_code == 302
        assert parent.drafted() == drafted

    def test_keeps_the_hours_and_the_unit_chosen_meanwhile(self, parent):
        hours = make_service(
            "Halte", cents=250, unit="Accueil", unit_mode="hours", opens_minute=450, closes_minute=1110,
            regie=parent.activity.regie,
        )  # fmt: skip
        units = make_service("Mercredi", unit="Journée", regie=parent.activity.regie)
        price(make_unit(units, "Matin", position=2), 700)
        for activity in (hours, units):
            make_enrolment(parent.family.children[0], activity, parent.family.household)
        form = parent.form(jour="2026-11-16")
        ending = f"{hours.public_id}-2026-11-16"
        meanwhile = {f"d-{ending}": "08:30", f"f-{ending}": "11:30", parent.box(MONDAY, units): "matin"}
        parent.client.post("/planning/modifier/", {**form, **meanwhile})
        parent.client.post("/planning/modifier/", form)
        kept = DraftChange.objects.order_by("activity").values_list("unit__code", "starts_minute", "ends_minute")
        assert list(kept) == [("accueil", 510, 690), ("matin", None, None)]
        assert parent.form(jour="2026-11-16").items() >= meanwhile.items()

    def test_of_six_activities_is_read_whole(self, parent):
        for number in range(5):
            other = make_service(
                f"Halte {number}", cents=250, unit="Accueil-long", unit_mode="hours", opens_minute=450,
                closes_minute=1110, weekdays=0b1111111, regie=parent.activity.regie,
            )  # fmt: skip
            make_enrolment(parent.family.children[0], other, parent.family.household)
        form = parent.form(jour="2026-12-01")
        hours = {name: "08:30" if name[0] == "d" else "11:30" for name in form if name[:2] in {"d-", "f-"}}
        assert parent.client.post("/planning/modifier/", {**form, **hours}).status_code == 302
        assert len(parent.drafted()) > 15
        assert parent.client.post("/planning/modifier/", parent.form(jour="2026-12-01")).status_code == 302


@pytest.mark.row("C33")
def test_the_draft_is_there_on_another_device(parent):
    parent.tick(MONDAY)
    again = parent_of(parent.family)
    html = again.get("planning_edit", jour="2026-11-16").content.decode()
    assert "checked" in html.partition(f'name="{parent.box(MONDAY)}"')[2].partition(">")[0]


@pytest.mark.row("C30")
def test_the_first_box_ticks_what_can_be_and_says_what_it_leaves(parent, frozen_clock):
    make_deadline(parent.activity, DeadlineKind.WORKING_DAYS_BEFORE, number=2)
    Closure.objects.create(first_day=FRIDAY, last_day=FRIDAY, reason="grève")
    frozen_clock.set(datetime(2026, 11, 10, 9, 0, tzinfo=UTC))
    login_family(parent.client, parent.family.household)
    page = words_after(parent, parent.tick(faire=f"ligne:{parent.activity.public_id}"))
    assert "10 jours cochés pour Cantine Jules-Ferry." in page
    assert "7 jours laissés de côté : 5 passés, 1 fermé et 1 trop tard." in page
    assert len(parent.drafted()) == 10
    assert "10 jours décochés pour Cantine Jules-Ferry." in words_after(
        parent, parent.tick(faire=f"ligne:{parent.activity.public_id}")
    )
    assert parent.drafted() == {}


def test_the_first_box_of_a_row_ticks_the_unit_chosen_beside_it(parent):
    price(make_unit(parent.activity, "Pique-nique", parts=["pm"], position=2), 200)
    row = {f"unite-{parent.activity.public_id}": "pique-nique"}
    parent.tick(faire=f"ligne:{parent.activity.public_id}", **row)
    assert set(parent.drafted().values()) == {"pique-nique"}


@pytest.mark.parametrize("activity", ["x" * 22, "", "nonsense"])
def test_a_row_that_does_not_exist_is_not_found(parent, activity):
    assert parent.tick(faire=f"ligne:{activity}").status_code == 404


@pytest.mark.row("C33")
def test_valider_goes_to_the_next_child_then_to_the_summary(parent):
    first = parent.tick(MONDAY, faire="valider")
    assert first["Location"] == f"/planning/modifier/?enfant={parent.child(1)}&vue=mois&jour=2026-11-16"
    assert "Vos choix sont gardés" in words_after(parent, first)
    assert parent.tick(TUESDAY, child=1, faire="valider")["Location"] == "/planning/recapitulatif/"
    assert (parent.drafted(0), parent.drafted(1)) == ({MONDAY: "repas"}, {TUESDAY: "repas"})


def test_moving_to_another_month_keeps_what_was_ticked(parent):
    there = f"/planning/modifier/?enfant={parent.child()}&vue=mois&jour=2026-12-01"
    answer = parent.tick(MONDAY, vers=there)
    assert answer["Location"] == there
    assert parent.drafted() == {MONDAY: "repas"}


@pytest.mark.parametrize("there", ["https://ailleurs.example/?enfant=x", "//ailleurs.example", "?vue=x&jour=y", ""])
def test_moving_never_leaves_the_planning(parent, there):
    assert parent.tick(vers=there)["Location"].startswith("/planning/modifier/?")


@pytest.mark.row("C32")
def test_quitting_asks_when_something_would_be_left(parent):
    answer = parent.tick(MONDAY, TUESDAY, faire="quitter")
    page = words_after(parent, answer)
    assert "2 jours changés, pas encore enregistrés" in page
    assert parent.post("planning_quit", faire="garder")["Location"] == "/planning/"
    assert len(parent.drafted()) == 2
    parent.post("planning_quit", faire="effacer")
    assert parent.drafted() == {}


@pytest.mark.row("C32")
def test_quitting_asks_nothing_when_nothing_changed(parent):
    answer = parent.client.get(parent.tick(faire="quitter")["Location"])
    assert answer["Location"].startswith("/planning/?")


class TestRefusals:
    """What cannot be kept is told with its reason; the rest is kept."""

    @pytest.fixture
    def refused(self, parent):
        """Send forged boxes with a good one; the words of the answer."""

        def send(**boxes: str) -> str:
            answer = parent.tick(MONDAY, **boxes)
            page = main_words(answer, status=422)
            assert "Ces jours ne sont pas gardés" in page
            assert parent.drafted() == {MONDAY: "repas"}
            return page

        return send

    def test_a_day_gone_by(self, parent, refused):
        page = refused(**{parent.box(date(2026, 10, 5)): "repas"})
        assert "lundi 5 octobre 2026 : Trop tard depuis le dimanche 4 octobre à minuit" in page

    def test_a_closed_day(self, parent, refused):
        assert "mercredi 18 novembre 2026 : Fermé le mercredi" in refused(**{parent.box(date(2026, 11, 18)): "repas"})

    def test_a_unit_that_does_not_exist(self, parent, refused):
        page = refused(**{parent.box(TUESDAY): "festin"})
        assert "mardi 17 novembre 2026 : Ce choix n’existe pas pour cette activité." in page

    def test_a_unit_that_is_not_a_word(self, parent, refused):
        assert "Ce choix n’existe pas" in refused(**{parent.box(TUESDAY): "<b>repas</b>"})

    def test_an_activity_that_does_not_exist(self, refused):
        assert "Cette activité ne se réserve plus en ligne." in refused(**{f"j-{'x' * 22}-2026-11-17": "repas"})

    def test_an_activity_where_the_child_is_not_enrolled(self, parent, refused):
        other = make_service("Étude", regie=make_regie())
        assert "n’est pas inscrit à cette activité" in refused(**{parent.box(TUESDAY, other): "repas"})

    @pytest.mark.parametrize(
        "name", ["j-", "j-x", "j-2026-11-16", f"j-{'x' * 22}-2026-13-45", f"j-{'x' * 22}-9999-01-01"]
    )
    def test_a_box_without_meaning(self, refused, name):
        assert "Une case de la page n’a pas été comprise" in refused(**{name: "repas"})

    def test_a_list_of_boxes_without_meaning(self, refused, parent):
        assert "n’a pas été comprise" in refused(montrees=f"{parent.activity.public_id}:2026-11-16,hier;<b>")


def test_ten_thousand_days_are_refused_and_keep_the_draft(parent):
    parent.tick(MONDAY)
    days = ",".join(date.fromordinal(date(2026, 11, 1).toordinal() + n).isoformat() for n in range(10_000))
    answer = parent.tick(montrees=f"{parent.activity.public_id}:{days}")
    assert "Il y a trop de jours à la fois" in main_words(answer, status=422)
    assert parent.drafted() == {MONDAY: "repas"}


def test_a_day_that_became_too_late_is_told_and_can_be_taken_out(parent, frozen_clock):
    parent.tick(MONDAY, TUESDAY)
    make_deadline(parent.activity, DeadlineKind.WORKING_DAYS_BEFORE, number=1)
    frozen_clock.set(datetime(2026, 11, 14, 9, 0, tzinfo=UTC))
    login_family(parent.client, parent.family.household)
    page = main_words(parent.get("planning_edit"))
    assert "Enfant1, Cantine Jules-Ferry, lundi 16 novembre 2026 : Trop tard depuis" in page
    assert "1 jour retiré de vos choix." in words_after(parent, parent.tick(faire="retirer"))
    assert parent.drafted() == {TUESDAY: "repas"}


@pytest.mark.parametrize("name", ["planning_edit", "planning_draft", "planning_save"])
def test_another_familys_child_is_never_written(parent, name):
    theirs = make_household().child_places.get().child
    form = {**parent.form(jour="2026-11-16"), "enfant": theirs.public_id, parent.box(MONDAY): "repas"}
    assert parent.post(name, **form).status_code == 404
    assert parent.post(name, **{**form, "enfant": "x" * 22}).status_code == 404
    assert parent.drafted() == {}


def test_prices_of_a_form_are_never_believed(parent):
    parent.tick(MONDAY, price="1", **{f"prix-{parent.box(MONDAY)}": "1", "cents": "1"})
    assert "3,60 €" in main_words(parent.get("planning_summary"))


class TestHidden:
    """An activity that the town hides, where a child is enrolled: everything else is still booked."""

    @pytest.fixture
    def study(self, parent):
        activity = make_service("Étude", cents=100, unit="Soir", regie=parent.activity.regie)
        make_enrolment(parent.family.children[0], activity, parent.family.household)
        return activity

    @pytest.fixture
    def hide(self, study):
        return lambda: Activity.objects.filter(pk=study.pk).update(is_published=False)

    def test_it_says_why_it_has_no_box_and_stops_nothing(self, parent, study, hide):
        hide()
        page = words_after(parent, parent.tick(MONDAY))
        assert "Étude : ne se réserve pas en ligne : appelez le service." in page
        assert study.public_id not in parent.form(jour="2026-11-16")["montrees"]
        assert parent.drafted() == {MONDAY: "repas"}

    def test_a_page_opened_before_is_refused_what_it_ticks_alone(self, parent, study, hide):
        form = parent.form(jour="2026-11-16")
        hide()
        asked = {parent.box(TUESDAY, study): "soir", parent.box(MONDAY): "repas"}
        page = main_words(parent.client.post("/planning/modifier/", {**form, **asked}), status=422)
        assert page.count("Étude, mardi 17 novembre 2026 : Ne se réserve pas en ligne") == 1
        assert "lundi 16 novembre 2026 :" not in page
        assert parent.drafted() == {MONDAY: "repas"}

    def test_a_booked_day_is_not_given_up_there(self, parent, study, hide):
        parent.tick(MONDAY, activity=study)
        (order,) = parent.family.save().orders
        confirm_order(lock_order(order.id), by=PARENT)
        form = parent.form(jour="2026-11-16")
        del form[parent.box(MONDAY, study)]
        hide()
        assert parent.client.post("/planning/modifier/", form).status_code == 422
        assert parent.drafted() == {}

    def test_a_day_ticked_before_can_be_unticked(self, parent, study, hide):
        parent.tick(MONDAY, activity=study)
        form = parent.form(jour="2026-11-16")
        del form[parent.box(MONDAY, study)]
        hide()
        assert parent.client.post("/planning/modifier/", form).status_code == 302
        assert parent.drafted() == {}


class TestHours:
    """Two fields for what is booked by the hour."""

    @pytest.fixture
    def nursery(self, parent):
        activity = make_service(
            "Halte-garderie", cents=250, unit="Accueil", unit_mode="hours", opens_minute=450, closes_minute=1110,
            regie=parent.activity.regie,
        )  # fmt: skip
        make_enrolment(parent.family.children[0], activity, parent.family.household)
        return activity

    def hours(self, parent, nursery, begins: str, ends: str):
        ending = f"{nursery.public_id}-{MONDAY.isoformat()}"
        return parent.tick(**{f"d-{ending}": begins, f"f-{ending}": ends, f"j-{ending}": "accueil"})

    def test_hours_are_drafted_and_priced_by_the_minute(self, parent, nursery):
        page = words_after(parent, self.hours(parent, nursery, "8:30", "11:30"))
        assert "Récapitulatif (1) Quitter 7,50 €" in page
        html = parent.get("planning_edit", jour="2026-11-16").content.decode()
        assert 'value="08:30"' in html

    @pytest.mark.parametrize(
        ("begins", "ends", "why"),
        [
            ("8:30", "", "Indiquez l’heure d’arrivée et l’heure de départ."),
            ("25:00", "26:00", "Indiquez l’heure d’arrivée et l’heure de départ."),
            ("11:30", "8:30", "L’heure de départ vient après l’heure d’arrivée."),
            ("5:00", "8:30", "Ces heures sont en dehors des heures d’ouverture."),
        ],
    )
    def test_hours_refused_stay_as_they_were_typed(self, parent, nursery, begins, ends, why):
        answer = self.hours(parent, nursery, begins, ends)
        assert why in main_words(answer, status=422)
        html = answer.content.decode()
        typed = html.partition(f'name="d-{nursery.public_id}-2026-11-16" value="')[2].partition('"')[0]
        assert typed == begins
        assert parent.drafted() == {}
        again = parent.client.post("/planning/modifier/", {**form_of(answer), "faire": "recalculer"})
        assert why in main_words(again, status=422)

    def test_both_hours_empty_are_no_day(self, parent, nursery):
        self.hours(parent, nursery, "8:30", "11:30")
        self.hours(parent, nursery, "", "")
        assert parent.drafted() == {}

    def test_the_first_box_of_the_row_ticks_the_hours_beside_it(self, parent, nursery):
        row = {f"debut-{nursery.public_id}": "9:00", f"fin-{nursery.public_id}": "10:00"}
        page = words_after(parent, parent.tick(faire=f"ligne:{nursery.public_id}", **row))
        assert "17 jours cochés pour Halte-garderie." in page


class TestSeveralUnits:
    """A choice between units: a child takes one a day."""

    def test_the_unit_chosen_is_drafted_at_its_price(self, db, frozen_clock):
        activity = make_service("Mercredi", cents=1150, unit="Journée", regie=make_regie())
        price(make_unit(activity, "Matin", position=2), 700)
        parent = parent_of(make_family(activity))
        html = parent.get("planning_edit", jour="2026-11-16").content.decode()
        choice = html.partition(f'<select class="input" id="{parent.box(MONDAY)}"')[2].partition("</select>")[0]
        assert "Journée, 11,50\u202f€" in choice
        assert "Matin, 7,00\u202f€" in choice
        page = words_after(parent, parent.tick(**{parent.box(MONDAY): "matin"}))
        assert "Récapitulatif (1) Quitter 7,00 €" in page
        assert parent.drafted() == {MONDAY: "matin"}
        parent.tick(**{parent.box(MONDAY): ""})
        assert parent.drafted() == {}


class TestScript:
    """What the page's script sends at each change."""

    @pytest.mark.row("C23", "C29", "C33")
    def test_a_change_is_kept_and_answered_with_cost_and_count(self, parent):
        box = parent.box(MONDAY)
        answer = parent.post(
            "planning_draft", enfant=parent.child(), vue="mois", jour="2026-11-16",
            montrees=f"{parent.activity.public_id}:2026-11-16", **{box: "repas"},
        )  # fmt: skip
        assert answer.json() == {
            "cents": 360,
            "cost": "3,60\u202f€",
            "count": 1,
            "total": 360,
            "children": {parent.child(0): 1, parent.child(1): 0},
            "refused": {},
            "faults": [],
        }
        assert parent.drafted() == {MONDAY: "repas"}

    def test_a_change_refused_is_named(self, parent):
        box = parent.box(date(2026, 11, 18))
        answer = parent.post("planning_draft", enfant=parent.child(), jour="2026-11-16", **{box: "repas"})
        assert answer.json()["refused"] == {box: "Fermé le mercredi"}

    def test_a_form_without_meaning_is_refused(self, parent):
        answer = parent.post("planning_draft", enfant=parent.child(), montrees="n’importe quoi")
        assert answer.status_code == 422
        assert len(answer.json()["faults"]) == 1

    def test_it_is_sent_never_read(self, parent):
        assert parent.get("planning_draft").status_code == 405
