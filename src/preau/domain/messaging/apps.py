from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "preau.domain.messaging"
    label = "messaging"
    verbose_name = "Messages et documents"
