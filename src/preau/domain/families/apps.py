from django.apps import AppConfig


class FamiliesConfig(AppConfig):
    name = "preau.domain.families"
    label = "families"
    verbose_name = "Familles"
