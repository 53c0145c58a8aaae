"""Contracts, checked by their gateway; cases to review, messages and attempts to read, never to write."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest

from preau.domain.payments.gateway import Merchant, gateway_choices, gateway_named, imitations
from preau.domain.payments.models import GatewayMessage, PaymentAttempt, ReviewCase
from preau.domain.regies.models import GatewayContract


class ContractForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    """A contract whose gateway finds nothing wrong with it."""

    class Meta:
        model = GatewayContract
        fields = ("regie", "gateway", "merchant", "mode", "settings", "opened_on", "closed_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "gateway" in self.fields:
            self.fields["gateway"] = forms.ChoiceField(label="Passerelle", choices=gateway_choices)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("gateway") and values.get("merchant"):
            merchant = Merchant(values["merchant"], values.get("mode", ""), values.get("settings") or {})
            for problem in gateway_named(values["gateway"]).problems(merchant):
                self.add_error("merchant", problem)
            for problem in imitations(merchant) if settings.PREAU_ENV == "production" else ():
                self.add_error("settings", problem)
        return values


@admin.register(GatewayContract)
class ContractAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    form = ContractForm
    list_display = ("regie", "gateway", "merchant", "mode", "opened_on", "closed_on")


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Facts that only services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        del request, obj
        return False


@admin.register(ReviewCase)
class ReviewCaseAdmin(ReadOnlyAdmin):
    list_display = ("kind", "regie", "detail", "opened_at", "closed_at")
    list_filter = ("kind", "regie", "closed_at")


@admin.register(GatewayMessage)
class GatewayMessageAdmin(ReadOnlyAdmin):
    list_display = ("received_at", "gateway", "origin", "verdict", "source_address")
    list_filter = ("verdict", "gateway", "origin")
    exclude = ("body",)


@admin.register(PaymentAttempt)
class PaymentAttemptAdmin(ReadOnlyAdmin):
    list_display = ("reference", "regie", "state", "amount_cents", "created_at")
    list_filter = ("state", "regie")
    search_fields = ("reference", "gateway_reference")
    exclude = ("return_token", "form_key", "digest")
