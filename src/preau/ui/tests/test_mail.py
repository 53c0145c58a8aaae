import re

import pytest
from django.core import mail as sent_mails

from preau.domain.town.models import Town
from preau.domain.town.queries import logo_of
from preau.domain.town.services import set_logo
from preau.foundation.audit.actors import SYSTEM
from preau.foundation.mail.services import queue, send_due
from preau.ui.mail import dress
from tests.support.factories import picture_file

pytestmark = pytest.mark.django_db

TEXT = """Bonjour Hélène Delattre,

Votre paiement de 58,80 € a bien été reçu.
Merci <b>beaucoup</b> !

– RP-2026-10-04127, Octobre 2026 : 58,80 €
– PE-2026-09-00388, Septembre 2026 : 25,20 €

https://familles.example/lien/?a=1&b=2

Le reçu se vérifie sur https://familles.example/recu/ sans compte."""


@pytest.fixture
def letter():
    Town.objects.create(
        name="Saint-Éloi-sur-Lys",
        primary_colour="#0d6647",
        secondary_colour="#d99a1f",
        address="Hôtel de Ville\n59000 Saint-Éloi-sur-Lys",
        phone="03 53 01 12 40",
    )
    return re.sub(r">\s+<", "><", dress(subject="Votre reçu & merci", text=TEXT).html)


@pytest.fixture
def bare(letter):
    """The letter without its inline style."""
    return re.sub(r' style="[^"]*"', "", letter)


def test_a_mail_wears_the_town_and_fetches_nothing(letter, bare):
    assert "background:#0d6647;border-bottom:4px solid #d99a1f" in letter
    assert "<p><strong>Saint-Éloi-sur-Lys</strong><br><span>Portail famille</span></p>" in bare
    assert "Saint-Éloi-sur-Lys, Hôtel de Ville, 59000 Saint-Éloi-sur-Lys. <span>03 53 01 12 40</span>." in bare
    assert "src=" not in letter
    assert "<link" not in letter


def test_the_subject_is_the_title(bare):
    assert "<title>Votre reçu &amp; merci</title>" in bare
    assert "<h1>Votre reçu &amp; merci</h1>" in bare


def test_paragraphs_keep_their_lines_and_run_nothing(bare):
    assert "<p>Bonjour Hélène Delattre,</p>" in bare
    assert "<p>Votre paiement de 58,80 € a bien été reçu.<br>Merci &lt;b&gt;beaucoup&lt;/b&gt; !</p>" in bare


def test_the_preview_is_the_first_sentence_after_the_greeting(bare):
    assert "<div>Votre paiement de 58,80 € a bien été reçu.</div>" in bare


def test_dashes_make_a_list(bare):
    assert (
        "<ul><li>RP-2026-10-04127, Octobre 2026 : 58,80 €</li><li>PE-2026-09-00388, Septembre 2026 : 25,20 €</li></ul>"
    ) in bare


def test_a_bare_link_is_a_button_with_its_address_below(bare):
    assert (
        '<p><a class="action" href="https://familles.example/lien/?a=1&amp;b=2">Ouvrir le lien</a></p>'
        "<p>https://familles.example/lien/?a=1&amp;b=2</p>"
    ) in bare


def test_a_link_in_a_sentence_can_be_clicked(bare):
    assert '<a href="https://familles.example/recu/" rel="nofollow">https://familles.example/recu/</a> sans' in bare


def test_a_mail_of_one_line_is_its_own_preview():
    Town.objects.create(name="Le Morne-Colibri")
    assert (
        '<div style="display:none;max-height:0;overflow:hidden">Sujet</div>'
        in dress(subject="Sujet", text="Bonjour,").html
    )


@pytest.mark.row("L09")
def test_a_mail_bears_motto_territory_and_logo_of_the_town():
    town = Town.objects.create(name="Le Lamentin", motto="Ville festive", territory="Martinique")
    queue(kind="essai", subject_key="1", to="a@example.org", subject="Essai", text="Bonjour,\n\nUn mot.")
    set_logo(town=town, content=picture_file(), by=SYSTEM)
    send_due()
    (mail,) = sent_mails.outbox
    html = mail.alternatives[0].content
    assert html.index('<img src="cid:logo" alt=""') < html.index("Ville festive") < html.index("Martinique")
    logo = next(part for part in mail.message().walk() if part["Content-ID"] == "<logo>")
    assert (logo.get_content_type(), logo.get_content_disposition()) == ("image/png", "inline")
    assert logo.get_payload(decode=True) == logo_of(Town.objects.get())


def test_a_mail_of_a_town_without_logo_joins_nothing():
    Town.objects.create(name="Le Lamentin")
    assert dress(subject="Essai", text="Bonjour").pictures == {}
    assert "cid:" not in dress(subject="Essai", text="Bonjour").html
