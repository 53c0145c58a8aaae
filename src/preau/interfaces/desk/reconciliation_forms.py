"""What an agent asks of the months, and the statement that they hand over."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms

from preau.domain.payments.queries.constats import contract_label
from preau.domain.payments.services.statements import LARGEST
from preau.domain.regies.models import GatewayContract, Regie


class MonthForm(forms.Form):
    """Which month, of which régie; anything else asks nothing."""

    mois = forms.DateField(required=False, input_formats=["%Y-%m"])
    regie = forms.ChoiceField(label="Régie", required=False)

    def __init__(self, *args: Any, regies: Iterable[Regie], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "regie").choices = [("", "Toutes"), *((one.public_id, one.label) for one in regies)]


def month_asked(asked: Mapping[str, Any], *, regies: list[Regie], today: date) -> tuple[date, list[Regie], MonthForm]:
    """The first day of the month, the régies kept, and the form that shows them; the present month by default."""
    read = MonthForm(asked, regies=regies)
    read.full_clean()
    kept = read.cleaned_data
    first = (kept.get("mois") or today).replace(day=1)
    first = first if date(2000, 1, 1) <= first <= today else today.replace(day=1)
    chosen = [one for one in regies if one.public_id == kept.get("regie")] or regies
    return first, chosen, MonthForm(initial={"mois": f"{first:%Y-%m}", "regie": kept.get("regie", "")}, regies=regies)


class StatementForm(forms.Form):
    """The file, whose it is, and the days it covers when its lines do not say it."""

    contrat = forms.ChoiceField(label="Contrat", error_messages={"required": "Choisissez un contrat."})
    fichier = forms.FileField(
        label="Fichier de la banque",
        help_text="Le fichier CSV tel que la banque le donne.",
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={
            "required": "Choisissez le fichier de la banque.",
            "empty": "Ce fichier est vide.",
            "missing": "Choisissez le fichier de la banque.",
        },
        max_length=150,
    )
    du = forms.DateField(
        label="Premier jour",
        required=False,
        help_text="À remplir si le relevé commence avant sa première opération, ou s’il n’en contient aucune.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Ce n’est pas une date."},
    )
    au = forms.DateField(
        label="Dernier jour",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Ce n’est pas une date."},
    )

    def __init__(self, *args: Any, contracts: Iterable[GatewayContract], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contracts = {one.public_id: one for one in contracts}
        named = [(key, f"{one.regie.label} – {contract_label(one)}") for key, one in self.contracts.items()]
        _choices(self, "contrat").choices = named if len(named) == 1 else [("", "Choisir…"), *named]

    def clean_fichier(self) -> Any:
        """Refuse what is larger than any statement before reading it."""
        given = self.cleaned_data["fichier"]
        if given.size > LARGEST:
            raise forms.ValidationError("Ce fichier dépasse 10\u202fMo\u202f: découpez-le.")
        return given

    @property
    def contract(self) -> GatewayContract:
        """The one chosen, once the form is valid."""
        return self.contracts[self.cleaned_data["contrat"]]


def _choices(form: forms.Form, name: str) -> forms.ChoiceField:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101  (declared above)
    return field
