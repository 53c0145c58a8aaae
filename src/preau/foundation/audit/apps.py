from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "preau.foundation.audit"
    label = "audit"
    verbose_name = "Journal d’audit"
