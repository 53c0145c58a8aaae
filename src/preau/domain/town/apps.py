from django.apps import AppConfig


class TownConfig(AppConfig):
    name = "preau.domain.town"
    label = "town"
    verbose_name = "Commune"
