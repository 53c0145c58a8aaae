"""Set-up of the régies by the IT person."""

from django.contrib import admin

from preau.domain.regies.models import (
    AllowedMeans,
    BilledMonth,
    PaymentWindow,
    Regie,
    RegieMember,
    ServiceGroup,
)

admin.site.register(ServiceGroup)


class AllowedMeansInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic when it runs
    model = AllowedMeans
    extra = 0


class RegieMemberInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic when it runs
    model = RegieMember
    extra = 0
    raw_id_fields = ("user",)


class BilledMonthInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic when it runs
    model = BilledMonth
    extra = 1


@admin.register(Regie)
class RegieAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    list_display = ("label", "code", "group", "allows_part_payment", "uses_payment_windows", "is_active")
    inlines = (AllowedMeansInline, RegieMemberInline)


@admin.register(PaymentWindow)
class PaymentWindowAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    list_display = ("__str__", "first_day", "last_day")
    filter_horizontal = ("regies",)
    inlines = (BilledMonthInline,)
