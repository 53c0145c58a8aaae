"""Accounts for the IT person: find one, give a code, suspend, reopen; families never meet these pages."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from preau.domain.accounts import services
from preau.domain.accounts.models import User
from preau.foundation import ids
from preau.foundation.audit.actors import Actor

if TYPE_CHECKING:
    _UserPages = admin.ModelAdmin[User]
else:
    _UserPages = admin.ModelAdmin

_CODE_LIFE = timedelta(days=90)


@admin.action(description="Donner un code d’activation (90 jours)")
def give_code(_: _UserPages, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse:
    """The codes are shown once, on a page the admin forbids to keep."""
    users = list(queryset)
    codes = services.issue_activation_codes(users=users, valid_for=_CODE_LIFE, by=_agent(request))
    lines = [
        f"{user.display_name} | code d’accès {ids.grouped(user.access_code)} | activation {codes[user.pk]}"
        for user in users
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@admin.action(description="Suspendre les comptes")
def suspend(_: _UserPages, request: HttpRequest, queryset: QuerySet[User]) -> None:
    for user in queryset:
        services.suspend_account(user=user, by=_agent(request))


@admin.action(description="Rouvrir les comptes")
def reopen(_: _UserPages, request: HttpRequest, queryset: QuerySet[User]) -> None:
    for user in queryset:
        services.reopen_account(user=user, by=_agent(request))


def _agent(request: HttpRequest) -> Actor:
    """The admin lets in signed-in staff only."""
    return Actor(kind="agent", key=cast("User", request.user).public_id)


@admin.register(User)
class UserAdmin(_UserPages):
    """Read only: every change goes through a service, which leaves its audit line."""

    list_display = ["display_name", "access_code", "username", "email", "is_active", "is_activated"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["display_name", "access_code", "username", "email"]
    fields = [
        "display_name",
        "access_code",
        "username",
        "email",
        "is_active",
        "is_staff",
        "must_change_password",
        "password_changed_at",
        "accepted_terms_version",
        "accepted_terms_at",
        "created_at",
        "last_login",
    ]
    actions = [give_code, suspend, reopen]

    def has_add_permission(self, *_: Any, **__: Any) -> bool:
        return False

    def has_change_permission(self, *_: Any, **__: Any) -> bool:
        return False

    def has_delete_permission(self, *_: Any, **__: Any) -> bool:
        return False
