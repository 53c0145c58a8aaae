from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "preau.domain.ledger"
    label = "ledger"
    verbose_name = "Grand livre"
