import os
from datetime import timedelta

from django.apps import AppConfig
from django.conf import settings

from preau.foundation import clock


class ConfigConfig(AppConfig):
    name = "preau.config"
    label = "preau_config"
    verbose_name = "Configuration"

    def ready(self) -> None:
        from preau.config import checks  # noqa: F401, PLC0415  (registers the start-up checks)

        if settings.PREAU_FAULTS:
            clock.shift(timedelta(seconds=int(os.environ.get("PREAU_CLOCK_OFFSET", "0"))))
