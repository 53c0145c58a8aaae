"""Set-up of the town by its IT person."""

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest

from preau.domain.town.models import Town, TownService
from preau.domain.town.services import set_logo
from preau.foundation.audit.actors import Actor
from preau.foundation.files.pictures import MAX_BYTES, PictureRefusedError, as_png

if TYPE_CHECKING:
    _TownPages = admin.ModelAdmin[Town]
    _TownForm = forms.ModelForm[Town]
else:
    _TownPages = admin.ModelAdmin
    _TownForm = forms.ModelForm

admin.site.register(TownService)
admin.site.site_header = admin.site.site_title = "Préau – réglages"

_LOGO_HELP = "PNG, JPEG ou WebP, 5\u202fMo au plus\u202f; montré sur les pages, les e-mails et les reçus."


class TownForm(_TownForm):
    """The town, and its logo as a file that is read before anything is kept."""

    new_logo = forms.FileField(label="logo", required=False, help_text=_LOGO_HELP)
    no_logo = forms.BooleanField(label="retirer le logo", required=False)

    def clean_new_logo(self) -> bytes:
        """The bytes sent, which `set_logo` will draw; empty when nothing was sent."""
        sent = self.cleaned_data["new_logo"]
        if not sent:
            return b""
        content: bytes = sent.read(MAX_BYTES + 1)
        try:
            as_png(content, longest_side=1)
        except PictureRefusedError as refusal:
            raise ValidationError(str(refusal)) from refusal
        return content


@admin.register(Town)
class TownAdmin(_TownPages):
    """One town, made by `preau init-town`: it is changed here, neither added nor removed."""

    form = TownForm
    exclude = ("id", "logo")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def has_add_permission(self, request: HttpRequest) -> bool:
        del request
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Town | None = None) -> bool:
        del request, obj
        return False

    def save_model(self, request: HttpRequest, obj: Town, form: Any, change: bool) -> None:  # noqa: FBT001
        super().save_model(request, obj, form, change)
        content, is_removed = form.cleaned_data["new_logo"], form.cleaned_data["no_logo"]
        if content or is_removed:
            set_logo(town=obj, content=content, by=Actor(kind="agent", key=cast("Any", request.user).public_id))
