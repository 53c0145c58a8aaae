from django.apps import AppConfig


class PricingConfig(AppConfig):
    name = "preau.domain.pricing"
    label = "pricing"
    verbose_name = "Tarifs"
