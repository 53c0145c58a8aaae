"""What the gallery shows: invented people of an invented town, with the longest names and every state."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from django import forms
from django.core.paginator import Paginator

from preau.ui.colours import UnreadableColourError, contrast, on_colour
from preau.ui.components.basics import STATES
from preau.ui.icons import symbols
from preau.ui.items import NavItem, Step

_NAV = (
    ("Accueil", "home"),
    ("Dossier", "folder"),
    ("Inscriptions", "pencil"),
    ("Planning", "calendar"),
    ("Facturation", "invoice"),
)
_TOKENS = (
    ("paper", "papier, ardoise"),
    ("sheet", "feuille"),
    ("sunk", "creux"),
    ("ink", "encre, texte"),
    ("ink-soft", "encre diluée"),
    ("action", "encre vive : agir"),
    ("margin-red", "marge : un seul trait"),
    ("settled", "craie : réglé"),
    ("late", "en retard"),
    ("pending", "en cours"),
    ("treasury", "Trésorerie"),
    ("town-1", "ville, 1"),
    ("town-2", "ville, 2"),
    ("line-strong", "contour"),
)
_TOWN_COLOURS = ("#1e4a86", "#a8452c", "#0d6647", "#d99a1f", "#808080", "#e5001a")


class SampleForm(forms.Form):
    """One field of each kind."""

    identifier = forms.CharField(
        label="Mon identifiant",
        help_text="Par exemple : DELAT-4127",
        widget=forms.TextInput(attrs={"autofocus": False}),  # the gallery opens at its top, even with faults to show
    )
    password = forms.CharField(label="Mon mot de passe", widget=forms.PasswordInput)
    email = forms.EmailField(label="E-mail", error_messages={"invalid": "Il manque « @ » dans l’adresse."})
    school = forms.ChoiceField(label="École", choices=[("1", "Jules-Verne"), ("2", "Les Briquetiers")], required=False)
    post = forms.ChoiceField(
        label="Recevoir mes factures",
        choices=[("mail", "Par e-mail"), ("post", "Par courrier")],
        widget=forms.RadioSelect,
        required=False,
    )
    message = forms.CharField(label="Votre message", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    remember = forms.BooleanField(label="Se rappeler de moi", help_text="30 jours sur cet appareil.", required=False)


@dataclass(frozen=True, slots=True)
class TownColour:
    """A colour a town may type, and what is made of it: text colour and contrast, or the nearest that is accepted."""

    colour: str
    text: str
    contrast: str
    proposal: str


def _town_colour(colour: str) -> TownColour:
    try:
        text = on_colour(colour)
    except UnreadableColourError as refusal:
        return TownColour(colour, "", "", refusal.proposal)
    return TownColour(colour, text, f"{contrast(text, colour):.1f}".replace(".", ","), "")


def _town() -> SimpleNamespace:
    return SimpleNamespace(
        name="Saint-Éloi-sur-Lys",
        motto="Ville de brique et d’eau",
        territory="Nord",
        phone="03 53 01 12 40",
        address_lines=["Hôtel de Ville, 1 place des Briquetiers", "59000 Saint-Éloi-sur-Lys"],
        website_url="https://ville.example/",
        logo=None,
        theme_version="1e4a86-a8452c",
        primary_colour="#1e4a86",
        secondary_colour="#a8452c",
        data_protection_notice="Vos données servent à gérer les services aux familles.",
    )


def page(number: int) -> dict[str, Any]:
    """The surroundings of a page, as the portal gives them to a family, and a page of a long list."""
    return {
        "town": _town(),
        "town_now": datetime(2026, 11, 5, 14, 35, tzinfo=UTC),
        "household": SimpleNamespace(file_name="DELATTRE-KOUASSI", label="Famille DELATTRE-KOUASSI"),
        "basket_count": 2,
        "nav": [{"label": label, "url": "#", "icon": icon, "current": icon == "invoice"} for label, icon in _NAV],
        "accessibility_state": "partiellement conforme",
        "session_ends_in": None,
        "page": Paginator(range(31), 8).get_page(number),
    }


def components() -> dict[str, Any]:
    """What the components of the gallery are given."""
    return {
        "tokens": _TOKENS,
        "town_colours": [_town_colour(colour) for colour in _TOWN_COLOURS],
        "states": list(STATES),
        "icons": [name.removeprefix("i-") for name in symbols() if name.startswith("i-")],
        "form": SampleForm(),
        "wrong_form": SampleForm({"email": "h.delattre", "school": "1"}, prefix="refus"),
        "trail": [("Accueil", "#"), ("Facturation", "#"), ("Payer", "")],
        "menu": [
            NavItem(label="Payer", url="#", current=True, count=2),
            NavItem(label="Historique", url="#"),
            NavItem(label="Mes prélèvements", url="#"),
            NavItem(label="Relevé de compte", url="#", icon="list"),
        ],
        "stages": [
            Step(label="Restauration et périscolaire", amount_cents=5880),
            Step(label="Petite enfance", amount_cents=2520),
            Step(label="Vos deux reçus"),
        ],
        "identity": [
            ("Payé par", "Famille Delattre-Kouassi, dossier 4127"),
            ("Moyen", "Carte bancaire"),
            ("Adresse", "jean-christophe.delattre-kouassi@courriel-tres-long.example"),
        ],
        "children": [(1, "Aïssata-Marie"), (2, "Barthélemy"), (3, "Zélie-Anastasie"), (4, "Côme")],
        "day": date(2026, 11, 1),
        "moment": datetime(2026, 11, 5, 14, 41, 8, tzinfo=UTC),
    }
