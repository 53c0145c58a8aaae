"""Looking a family up, and mending a name or an address."""

from django.contrib import admin

from preau.domain.families.models import ChildHome, Guardian, Household


class GuardianInline(admin.StackedInline):  # type: ignore[type-arg]  # not generic when it runs
    model = Guardian
    extra = 0
    max_num = 2
    raw_id_fields = ("user",)


class ChildHomeInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic when it runs
    model = ChildHome
    extra = 0
    raw_id_fields = ("child",)


@admin.register(Household)
class HouseholdAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    list_display = ("file_number", "file_name", "city")
    search_fields = ("file_number", "file_name", "guardians__last_name", "guardians__email")
    inlines = (GuardianInline, ChildHomeInline)
