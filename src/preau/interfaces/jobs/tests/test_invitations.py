"""`preau invitations`: codes by mail and by letter, traced, all or nothing (C03)."""

import csv
import stat
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from preau.domain.accounts.models import ActivationCode
from preau.domain.families.models import Guardian
from preau.foundation.audit.models import AuditEvent
from preau.foundation.mail.models import OutgoingMail
from tests.support.factories import make_household, make_town


@pytest.fixture
def people(db, frozen_clock):
    """Amélie, who has an e-mail; Paul, who has none and a name that a spreadsheet would run; one who logs in."""
    make_town()
    make_household()
    home = make_household(with_login=False, file_number="2310", file_name="BERGER", address="12 rue des Lilas\nBât. B")
    Guardian.objects.create(household=home, position=2, first_name="Paul", last_name="=Berger")
    return home


def run(**options) -> str:
    out = StringIO()
    call_command("invitations", stdout=out, **options)
    return out.getvalue().replace("\u202f", " ")


def rows_of(path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle, delimiter=";"))


def test_a_dry_run_counts_and_invites_nobody(people, tmp_path):
    said = run(csv=tmp_path / "lettres.csv", courriel=True)
    assert "Adultes sans compte actif : 2 (par e-mail : 1, par lettre : 1, laissés de côté : 0)." in said
    assert "Simulation : personne n’est invité." in said
    assert (ActivationCode.objects.count(), (tmp_path / "lettres.csv").exists()) == (0, False)


@pytest.mark.row("C03")
def test_letters_hold_what_a_family_needs_and_their_codes_open_the_account(people, tmp_path):
    path = tmp_path / "lettres.csv"
    said = run(csv=path, apply=True)
    assert "E-mails en route : 0. Lettres à imprimer : 2." in said
    amelie, paul = rows_of(path)
    user = people.guardians.get(position=1).user
    assert amelie == {
        "Civilité": "Madame",
        "Prénom": "Amélie",
        "Nom": "Berger",
        "Adresse 1": "12 rue des Lilas",
        "Adresse 2": "Bât. B",
        "Code postal": "59000",
        "Ville": "Saint-Éloi-sur-Lys",
        "N° de dossier": "2310",
        "Nom du dossier": "BERGER",
        "Code d’accès": f"{user.access_code[:4]}-{user.access_code[4:]}",
        "Code d’activation": amelie["Code d’activation"],
        "Valable jusqu’au": "7\u00a0décembre 2026",
        "Adresse du portail": "http://testserver/premiere-connexion/",
    }
    assert paul["Nom"] == "'=Berger"
    typed = {"access_code": amelie["Code d’accès"], "code": amelie["Code d’activation"]}
    assert "Ouvrez votre compte" in Client().post("/premiere-connexion/", typed).content.decode()


def test_only_its_owner_reads_the_letters(people, tmp_path):
    path = tmp_path / "lettres.csv"
    run(csv=path, apply=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.row("C03")
def test_mail_goes_to_those_who_have_an_address_and_letters_to_the_others(people, tmp_path):
    path = tmp_path / "lettres.csv"
    said = run(csv=path, courriel=True, apply=True)
    assert "E-mails en route : 1. Lettres à imprimer : 1." in said
    assert [mail.kind for mail in OutgoingMail.objects.all()] == ["invitation"]
    assert [row["Prénom"] for row in rows_of(path)] == ["Paul"]
    amelie, paul = people.guardians.all()
    traced = dict(AuditEvent.objects.filter(subject="guardians").values_list("action", "details"))
    assert traced == {
        "invitations_mailed": {"count": 1, "guardians": [amelie.public_id]},
        "invitations_printed": {"count": 1, "guardians": [paul.public_id]},
    }


def test_a_file_that_exists_is_not_overwritten_and_nobody_is_invited(people, tmp_path):
    path = tmp_path / "lettres.csv"
    path.write_text("précieux", encoding="utf-8")
    with pytest.raises(CommandError, match="existe déjà"):
        run(csv=path, courriel=True, apply=True)
    assert path.read_text(encoding="utf-8") == "précieux"
    assert (ActivationCode.objects.count(), OutgoingMail.objects.count()) == (0, 0)


def test_a_folder_that_cannot_be_written_is_said_so(people, tmp_path):
    with pytest.raises(CommandError, match="ne peut pas être écrit"):
        run(csv=tmp_path / "nulle" / "part.csv", apply=True)
    assert ActivationCode.objects.count() == 0


def test_a_way_must_be_chosen(people):
    with pytest.raises(CommandError, match="Dites comment inviter"):
        run(apply=True)


def test_inviting_again_kills_the_first_codes(people, tmp_path):
    run(csv=tmp_path / "un.csv", apply=True)
    run(csv=tmp_path / "deux.csv", apply=True)
    first = rows_of(tmp_path / "un.csv")[0]
    typed = {"access_code": first["Code d’accès"], "code": first["Code d’activation"]}
    assert Client().post("/premiere-connexion/", typed).status_code == 422
