"""Set-up of the town by its IT person."""

from django.contrib import admin

from preau.domain.town.models import Town, TownService

admin.site.register(TownService)
admin.site.site_header = admin.site.site_title = "Préau – réglages"


@admin.register(Town)
class TownAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    raw_id_fields = ("logo",)
