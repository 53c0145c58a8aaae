"""The set-up form of a contract, made from what its gateway declares; keys are written there and never shown."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings

from preau.domain.payments.contract_settings import Setting
from preau.domain.payments.gateway import Merchant, gateway_named, imitations
from preau.domain.payments.queries.contracts import contract_problems
from preau.domain.regies.models import GatewayContract
from preau.domain.regies.queries import secrets_of
from preau.domain.regies.services import set_secret
from preau.domain.town.queries import the_town
from preau.foundation import french
from preau.foundation.audit.actors import Actor

if TYPE_CHECKING:
    from collections.abc import Callable

    _ModelForm = forms.ModelForm[GatewayContract]
else:
    _ModelForm = forms.ModelForm

_PREFIX = "setting_"
#: For how many days the former key of a bank that changes it stays good beside the new one (G10).
_OVERLAPS = ((0, "tout de suite"), (1, "dans un jour"), (7, "dans une semaine"), (30, "dans un mois"))


class ContractForm(_ModelForm):
    """A contract whose gateway finds nothing wrong with it; made for one gateway by `form_for`."""

    gateway_code = ""

    class Meta:
        model = GatewayContract
        fields = ("regie", "merchant", "mode", "opened_on", "closed_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number = gateway_named(self.gateway_code).number
        if "merchant" in self.fields:
            self.fields["merchant"].label, self.fields["merchant"].help_text = number.label, number.help_text
        held = self.held_secrets()
        for setting, name in self._declared():
            if setting.kind == "secret":
                self.fields[name].required = setting.required and setting.name not in held
                self.fields[name].help_text = (
                    "Enregistrée : laissez vide pour la garder." if setting.name in held else ""
                )
            else:
                self.fields[name].initial = (self.instance.settings or {}).get(setting.name, "")

    def held_secrets(self) -> dict[str, tuple[str, ...]]:
        """The keys that the contract has now."""
        return secrets_of(self.instance) if self.instance.pk else {}

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        self._refuse_second(values)
        if "merchant" not in values:
            return values
        merchant = Merchant(values["merchant"], values.get("mode", ""), self._settings(values), self._secrets(values))
        for field, problem in contract_problems(self.gateway_code, merchant).items():
            name = field if field in self.fields else _PREFIX + field
            if name not in self.errors:
                self.add_error(name if name in self.fields else None, problem)
        for problem in imitations(merchant) if settings.PREAU_ENV == "production" else ():
            self.add_error(None, problem)
        return values

    def _refuse_second(self, values: dict[str, Any]) -> None:
        """A régie has one open contract on each channel; the database says so too."""
        channel = gateway_named(self.gateway_code).channel
        others = GatewayContract.objects.filter(regie=values.get("regie"), channel=channel, closed_on__isnull=True)
        if values.get("closed_on") is None and others.exclude(pk=self.instance.pk).exists():
            told = f"Cette régie a déjà un contrat {channel.label}\u202f: donnez-lui d’abord une date de fin."
            self.add_error("regie", told)

    def save(self, commit: bool = True) -> GatewayContract:  # noqa: FBT001, FBT002  (Django's own signature)
        self.instance.gateway = self.gateway_code
        self.instance.channel = gateway_named(self.gateway_code).channel
        self.instance.settings = self._settings(self.cleaned_data)
        return super().save(commit)

    def keep_secrets(self, *, by: Actor) -> None:
        """Seal the keys that were typed; the former ones end as the form says."""
        overlap = timedelta(days=int(self.cleaned_data["overlap"]))
        for setting, name in self._declared():
            if setting.kind == "secret" and self.cleaned_data.get(name):
                set_secret(
                    contract=self.instance, name=setting.name, value=self.cleaned_data[name], overlap=overlap, by=by
                )

    def _declared(self) -> list[tuple[Setting, str]]:
        return [(setting, _PREFIX + setting.name) for setting in gateway_named(self.gateway_code).settings]

    def _settings(self, values: dict[str, Any]) -> dict[str, str]:
        public = [(setting, values.get(name)) for setting, name in self._declared() if setting.kind != "secret"]
        return {setting.name: value for setting, value in public if value and value != setting.default}

    def _secrets(self, values: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        held = self.held_secrets()
        typed = [(s.name, values.get(name)) for s, name in self._declared() if s.kind == "secret"]
        return {**held, **{name: (value, *held.get(name, ())) for name, value in typed if value}}


def form_for(gateway_code: str) -> type[ContractForm]:
    """The form of one gateway's contracts.

    Raises:
        LookupError: no such gateway is installed.
    """
    declared = {_PREFIX + setting.name: _field(setting) for setting in gateway_named(gateway_code).settings}
    overlap = forms.ChoiceField(
        label="Les clés remplacées cessent de servir", choices=_OVERLAPS, initial="7", required=True
    )
    content = {**declared, "overlap": overlap, "gateway_code": gateway_code, "__module__": __name__}
    return type("ContractFormOfOneGateway", (ContractForm,), content)


def _field(setting: Setting) -> forms.Field:
    usual: dict[str, Any] = {"label": setting.label, "help_text": setting.help_text, "required": setting.required}
    makers: dict[str, Callable[[], forms.Field]] = {
        "choice": lambda: forms.ChoiceField(choices=tuple(setting.choices.items()), **usual),
        "secret": lambda: forms.CharField(
            widget=forms.PasswordInput(attrs={"autocomplete": "off"}), max_length=500, **usual
        ),
        "key": lambda: forms.CharField(widget=forms.Textarea(attrs={"rows": 8}), max_length=4000, **usual),
    }
    if setting.default and setting.kind != "choice":
        usual |= {"required": False, "help_text": f"{setting.help_text} Vide : {setting.default}".strip()}
    return makers.get(setting.kind, lambda: forms.CharField(max_length=500, **usual))()


def secret_dates(contract: GatewayContract) -> list[str]:
    """French sentences: since when each key serves, until when the one that it replaces does."""
    labels = {setting.name: setting.label for setting in gateway_named(contract.gateway).settings}
    zone, told = the_town().zone, []
    for secret in contract.secrets.all():
        since = french.day(secret.usable_from.astimezone(zone))
        until = f", jusqu’au {french.day(secret.usable_until.astimezone(zone))}" if secret.usable_until else ""
        told.append(f"{labels.get(secret.name, secret.name)} : depuis le {since}{until}")
    return told
