from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "preau.config"
    label = "preau_config"
    verbose_name = "Configuration"

    def ready(self) -> None:
        from preau.config import checks  # noqa: F401, PLC0415  (registers the start-up checks)
