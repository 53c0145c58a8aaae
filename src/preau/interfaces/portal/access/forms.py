"""The forms of the access pages: one French sentence for each thing that is wrong."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from math import ceil
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict

from preau.domain.accounts.errors import (
    AccountError,
    EmailRefusedError,
    PasswordRefusedError,
    TooBusyError,
    TooManyTriesError,
    WrongPasswordError,
)
from preau.domain.families.models import Guardian
from preau.domain.families.services import FileClaim

_BUSY_SECONDS = 60


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form was sent with; None when the page is only asked for."""
    return request.POST if request.method == "POST" else None


class AccessForm(forms.Form):
    """A form that also knows how to answer when a service refuses what it holds."""

    #: The field where each refusal is told; others are told above the form.
    refused_fields: Mapping[type[AccountError], str] = {
        PasswordRefusedError: "new_password",
        EmailRefusedError: "email",
        WrongPasswordError: "current_password",
    }

    _refusal: AccountError | None = None

    def refuse(self, refusal: AccountError) -> None:
        """Tell at its place what a service refused."""
        self._refusal = refusal
        sentences = refusal.sentences if isinstance(refusal, PasswordRefusedError) else [str(refusal)]
        field = self.refused_fields.get(type(refusal))
        self.add_error(field if field in self.fields else None, sentences)

    @property
    def answer_status(self) -> int:
        """What the page answers: the same for a known account as for an unknown one (W1)."""
        if isinstance(self._refusal, TooManyTriesError):
            return HTTPStatus.TOO_MANY_REQUESTS
        if isinstance(self._refusal, TooBusyError):
            return HTTPStatus.SERVICE_UNAVAILABLE
        return HTTPStatus.UNPROCESSABLE_ENTITY if self.is_bound else HTTPStatus.OK

    @property
    def retry_after(self) -> int | None:
        """Seconds to wait before trying again."""
        if isinstance(self._refusal, TooManyTriesError):
            return ceil(self._refusal.wait.total_seconds())
        return _BUSY_SECONDS if isinstance(self._refusal, TooBusyError) else None


def _text(label: str, missing: str, *, longest: int = 100, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, error_messages={"required": missing}, **options)


def _password(label: str, missing: str) -> forms.CharField:
    # Spaces at the ends belong to a password; what is longer than any password is refused unread.
    widget = forms.PasswordInput()
    return _text(label, missing, longest=1000, strip=False, widget=widget)


def _email(label: str, *, required: bool = True) -> forms.CharField:
    """Only its presence is checked here: the domain says what an address is."""
    widget = forms.EmailInput()
    return _text(label, "Écrivez votre adresse e-mail.", longest=254, required=required, widget=widget)


class LoginForm(AccessForm):
    identifier = _text("Mon identifiant", "Écrivez votre identifiant.", longest=254)
    password = _password("Mon mot de passe", "Écrivez votre mot de passe.")
    remember = forms.BooleanField(label="Se rappeler de moi", required=False)


class IdentifiersForm(AccessForm):
    email = _email("Votre e-mail")


class ChosenPasswordForm(AccessForm):
    """A new password, typed twice: a slip would close the account of somebody who has no e-mail."""

    new_password = _password("Nouveau mot de passe", "Choisissez un mot de passe.")
    again = _password("Le même, encore une fois", "Écrivez le mot de passe une seconde fois.")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("new_password") and given.get("again") and given["new_password"] != given["again"]:
            self.add_error("again", "Les deux mots de passe ne sont pas les mêmes.")
        return given


class PasswordChangeForm(ChosenPasswordForm):
    current_password = _password("Mot de passe actuel", "Écrivez votre mot de passe actuel.")
    field_order = ["current_password", "new_password", "again"]


class EmailChangeForm(AccessForm):
    email = _email("Nouvelle adresse e-mail")
    current_password = _password("Mot de passe", "Écrivez votre mot de passe.")


class ConfirmPasswordForm(AccessForm):
    current_password = _password("Mot de passe", "Écrivez votre mot de passe.")


class CodesForm(AccessForm):
    access_code = _text("Code d’accès", "Écrivez votre code d’accès.", longest=254)
    code = _text("Code d’activation", "Écrivez votre code d’activation.", longest=40)


class ClaimForm(AccessForm):
    file_number = _text("1 - Votre numéro de dossier", "Écrivez votre numéro de dossier.", longest=30)
    file_name = _text("2 - Votre nom de dossier", "Écrivez votre nom de dossier.")
    code = _text("3 - Votre code d’activation", "Écrivez votre code d’activation.", longest=40)

    @property
    def claim(self) -> FileClaim:
        return FileClaim(**{name: self.cleaned_data[name] for name in ("file_number", "file_name", "code")})


class EntryLinkForm(AccessForm):
    file_number = _text("1 - Votre numéro de dossier", "Écrivez votre numéro de dossier.", longest=30)
    file_name = _text("2 - Votre nom de dossier", "Écrivez votre nom de dossier.")
    email = _email("3 - Votre e-mail")


class NewcomerForm(ChosenPasswordForm):
    """What somebody chooses when entering for the first time by a mailed link."""

    terms = forms.BooleanField(
        label="J’accepte les conditions générales d’utilisation",
        error_messages={"required": "Pour ouvrir votre compte, acceptez les conditions générales."},
    )


class NewcomerWithCodeForm(NewcomerForm):
    """The same with the codes already typed, carried from page to page by the browser alone."""

    email = _email("Votre e-mail", required=False)
    field_order = ["email", "new_password", "again", "terms"]


class OpenWithCodesForm(NewcomerWithCodeForm):
    access_code = forms.CharField(widget=forms.HiddenInput())
    code = forms.CharField(widget=forms.HiddenInput())


class OpenWithFileForm(NewcomerWithCodeForm):
    """Whom the account is for comes first; it is already ticked when there is one adult only."""

    file_number = forms.CharField(widget=forms.HiddenInput())
    file_name = forms.CharField(widget=forms.HiddenInput())
    code = forms.CharField(widget=forms.HiddenInput())

    def __init__(self, *args: Any, guardians: Sequence[Guardian], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(guardian.public_id, guardian.full_name) for guardian in guardians]
        self.fields["guardian"] = forms.ChoiceField(
            label="Qui êtes-vous\u202f?",
            choices=choices,
            initial=choices[0][0] if len(choices) == 1 else None,
            widget=forms.RadioSelect(),
            error_messages=dict.fromkeys(("required", "invalid_choice"), "Dites qui vous êtes."),
        )
        self.order_fields(["guardian", *self.field_order])
