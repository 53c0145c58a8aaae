"""Contracts, checked by their gateway; cases to review, messages and attempts to read, never to write."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path

from preau.domain.payments.contract_form import form_for, secret_dates
from preau.domain.payments.gateway import gateway_choices, gateway_named
from preau.domain.payments.models import GatewayMessage, PaymentAttempt, ReviewCase
from preau.domain.payments.queries.contracts import merchant_of
from preau.domain.regies.models import GatewayContract
from preau.foundation.audit.actors import Actor

#: Seconds that somebody who set up a contract waits for its bank.
PROBE_TIMEOUT = 8.0


@admin.register(GatewayContract)
class ContractAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """One form per gateway, chosen first; keys are sealed, and the whole can be tried without paying."""

    list_display = ("regie", "gateway", "merchant", "mode", "opened_on", "closed_on")
    change_form_template = "admin/contract_form.html"

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002  (Django's own signature)
        del change, kwargs
        return form_for(obj.gateway if obj else request.GET["gateway"])

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Every field of the form, in its order."""
        return [(None, {"fields": list(self.get_form(request, obj).base_fields)})]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The gateway first: what is asked depends on it."""
        if request.GET.get("gateway") in dict(gateway_choices()):
            return super().add_view(request, form_url, extra_context)
        context = {**self.admin_site.each_context(request), "title": "Quelle banque ?", "gateways": gateway_choices()}
        return render(request, "admin/contract_gateway.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        contract = self.get_object(request, object_id)
        dates = secret_dates(contract) if contract else []
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "secret_dates": dates})

    def save_model(self, request: HttpRequest, obj: GatewayContract, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        form.keep_secrets(by=_actor(request))

    def get_urls(self) -> list[Any]:
        probing = path("<int:pk>/verifier/", self.admin_site.admin_view(self.probe_view), name="contract_probe")
        return [probing, *super().get_urls()]

    def probe_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Try the contract, and say in French what came of it."""
        contract = get_object_or_404(GatewayContract, pk=pk)
        if request.method != "POST" or not self.has_change_permission(request, contract):
            return HttpResponseForbidden()
        checkup = gateway_named(contract.gateway).probe(merchant_of(contract), timeout=PROBE_TIMEOUT)
        for level, sentences in (
            (messages.SUCCESS, checkup.right),
            (messages.ERROR, checkup.wrong),
            (messages.WARNING, checkup.untried),
        ):
            for sentence in sentences:
                messages.add_message(request, level, sentence)
        return redirect("admin:regies_gatewaycontract_change", pk)


def _actor(request: HttpRequest) -> Actor:
    return Actor(kind="agent", key=str(getattr(request.user, "public_id", "")))


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
