from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "preau.domain.billing"
    label = "billing"
    verbose_name = "Facturation"
