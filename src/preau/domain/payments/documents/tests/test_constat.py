import dataclasses
from datetime import date, datetime
from zoneinfo import ZoneInfo

from preau.domain.payments.documents.constat import ConstatSheet, SheetFinding, render_constat
from preau.foundation.pdf.look import Look
from tests.support.pdf import complaints_about, ink_beyond_the_sheet, pages_of, pictures_of, tags_of

CLEAR = ConstatSheet(
    town_name="Saint-Éloi-sur-Lys",
    issuer_name="Caisse des Écoles",
    regie_label="Restauration et périscolaire",
    regie_act="Régie de recettes créée par la délibération du 12 juin 2019.",
    contract_label="Banque d’essai, contrat 090909",
    day=date(2026, 10, 8),
    number=1,
    made_at=datetime(2026, 10, 9, 6, 30, tzinfo=ZoneInfo("Europe/Paris")),
    basis="réponses de la banque",
    outcome="Aucun écart",
    is_clear=True,
    bank_count=12,
    bank_cents=123_456,
    captured_count=12,
    captured_cents=123_456,
    caught_up_count=0,
    suspended_cents=0,
    booked_cents=123_456,
    other_cents=0,
    gap_cents=0,
    findings=(),
    digest="c" * 64,
)
GAP = dataclasses.replace(
    CLEAR,
    outcome="Écart",
    is_clear=False,
    bank_count=13,
    bank_cents=124_456,
    captured_count=11,
    captured_cents=123_456,
    caught_up_count=1,
    suspended_cents=500,
    other_cents=-100,
    gap_cents=500,
    findings=(
        SheetFinding("Payé à la banque, inconnu du portail", "AUTO01 AILLEURS", 500, 500, "dossier ouvert"),
        SheetFinding("Reçu de la banque, à décider par la régie", "RP202610041270051", 500, 0, "dossier clos"),
    ),
)


def test_a_clear_day_is_stated_with_its_figures_and_a_place_to_sign():
    (page,) = pages_of(render_constat(CLEAR))
    assert page == (
        "Saint-Éloi-sur-Lys jeudi 8 octobre 2026 Constat de rapprochement Restauration et périscolaire "
        "Banque d’essai, contrat 090909 Aucun écart "
        "Les chiffres Paiements Montant À la banque 12 1 234,56 € Encaissé par le portail 12 1 234,56 € "
        "Grand livre, compte d’encaissement 1 234,56 € Écart 0,00 € "
        "À expliquer Rien. Ce que la banque liste, ce que le portail a encaissé et ce qu’écrit le grand livre sont "
        "égaux. Sur quoi il repose Banque : réponses de la banque. Constat n° 1 de ce jour, fait le 9 octobre 2026 à "
        f"6 h 30. Empreinte du constat {'c' * 64} "
        "Le régisseur Caisse des Écoles Régie de recettes créée par la délibération du 12 juin 2019. "
        "Vu le Nom et signature : Constat du 8 octobre 2026, n° 1 Page 1 sur 1"
    )


def test_a_gap_is_stated_line_by_line():
    (page,) = pages_of(render_constat(GAP))
    assert (
        "Écart Les chiffres Paiements Montant À la banque 13 1 244,56 € Encaissé par le portail 11 1 234,56 € "
        "dont connus par le seul relevé 1 En sommes à identifier 5,00 € Grand livre, compte d’encaissement 1 234,56 € "
        "Autres écritures du jour sur ce compte −1,00 € Écart 5,00 € "
        "À expliquer Constaté Montant Écart Dossier "
        "Payé à la banque, inconnu du portail AUTO01 AILLEURS 5,00 € 5,00 € dossier ouvert "
        "Reçu de la banque, à décider par la régie RP202610041270051 5,00 € 0,00 € dossier clos "
    ) in page


def test_a_day_without_the_banks_word_has_no_gap():
    waiting = dataclasses.replace(
        CLEAR, outcome="Relevé manquant", is_clear=False, basis="relevé attendu", bank_count=None, bank_cents=None,
        gap_cents=None,
    )  # fmt: skip
    (page,) = pages_of(render_constat(waiting))
    assert "À la banque — Encaissé" in page
    assert "Écart — Sur quoi il repose Banque : relevé attendu." in page


def test_two_hundred_things_to_explain_take_pages_that_repeat_the_day():
    found = tuple(SheetFinding("Payé ici, absent du relevé", f"RP{n:026}", 2400, -2400, "à suivre") for n in range(200))
    pages = pages_of(render_constat(dataclasses.replace(GAP, findings=found)))
    assert len(pages) > 1
    assert pages[1].startswith("Constat du 8 octobre 2026, n° 1, suite Constaté Montant")


def test_the_same_constat_gives_the_same_bytes():
    assert render_constat(GAP) == render_constat(dataclasses.replace(GAP))


def test_words_of_others_stay_on_the_sheet():
    endless = dataclasses.replace(
        GAP,
        contract_label="M" * 300,
        basis="relevé « " + "W" * 200 + ".csv », SHA-256 " + "a" * 64,
        findings=(SheetFinding("Payé ici, absent du relevé", "W" * 64, 10**14, -(10**14), "dossier ouvert"),),
    )
    pictures = pictures_of(render_constat(endless, look=Look(motto="M" * 80)))
    assert [ink_beyond_the_sheet(one) for one in pictures] == [0]


def test_a_constat_is_accessible():
    pdf = render_constat(GAP)
    assert complaints_about(pdf) == []
    tags = tags_of(pdf)
    assert {tag: tags[tag] for tag in ("H1", "H2", "Table")} == {"H1": 1, "H2": 4, "Table": 2}
