from django.apps import AppConfig


class RegiesConfig(AppConfig):
    name = "preau.domain.regies"
    label = "regies"
    verbose_name = "Régies"
