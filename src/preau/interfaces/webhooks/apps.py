from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "preau.interfaces.webhooks"
    label = "webhooks"
    verbose_name = "Notifications des banques"
