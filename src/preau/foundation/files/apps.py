from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "preau.foundation.files"
    label = "files"
    verbose_name = "Fichiers"
