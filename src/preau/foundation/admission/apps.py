from django.apps import AppConfig


class AdmissionConfig(AppConfig):
    name = "preau.foundation.admission"
    label = "admission"
    verbose_name = "Salle d’attente"
