from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "preau.interfaces.desk"
    label = "desk"
    verbose_name = "Bureau des agents"
