from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "preau.domain.accounts"
    label = "accounts"
    verbose_name = "Comptes"
