from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "preau.foundation.mail"
    label = "mail"
    verbose_name = "Courriels"
