from django.apps import AppConfig


class MailboxConfig(AppConfig):
    name = "preau.interfaces.mailbox"
    label = "mailbox"
    verbose_name = "Boîte aux lettres de démonstration"
