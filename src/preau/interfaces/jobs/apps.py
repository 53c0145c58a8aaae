from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "preau.interfaces.jobs"
    label = "jobs"
    verbose_name = "Commandes"
