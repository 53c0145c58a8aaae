"""What an agent hands over about menus."""

from typing import Any

from django import forms

from preau.domain.activities.models import MenuPublisher
from preau.domain.activities.scdl.values import siret
from preau.domain.activities.services.menus import LARGEST
from preau.interfaces.desk.fields import TextField


class MenuFileForm(forms.Form):
    """A file of menus or of dishes."""

    file = forms.FileField(
        label="Fichier CSV",
        help_text="Menus ou plats aux schémas publics (SCDL), ou les colonnes simples du guide.",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={"required": "Choisissez un fichier.", "empty": "Ce fichier est vide."},
    )

    def clean_file(self) -> Any:
        """Refuse what is larger than any menu before reading it."""
        given = self.cleaned_data["file"]
        if given.size > LARGEST:
            raise forms.ValidationError("Ce fichier dépasse 5\u202fMo\u202f: découpez-le.")
        return given


class SiretField(TextField):
    """Fourteen digits with their key; spaces are forgotten."""

    def __init__(self, label: str, **values: Any) -> None:
        super().__init__(label, longest=20, **values)

    def clean(self, value: Any) -> str:
        """The digits, or nothing."""
        typed = str(super().clean(value)).replace(" ", "")
        try:
            return siret(typed) if typed else ""
        except ValueError as refusal:
            raise forms.ValidationError(f"{refusal}.") from None


class PublisherForm(forms.Form):
    """Who answers for the menus in the public files."""

    town_siret = SiretField("SIRET de la commune")
    kitchen_name = TextField("Nom de la cuisine ou du prestataire", longest=120)
    kitchen_siret = SiretField("SIRET de la cuisine", required=False)


def typed_publisher(publisher: MenuPublisher | None) -> dict[str, str]:
    """What the fields show before anything is typed."""
    return {name: getattr(publisher, name) for name in PublisherForm.base_fields} if publisher else {}
