from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "preau.interfaces.portal"
    label = "portal"
    verbose_name = "Portail des familles"
