from django.apps import AppConfig


class ActivitiesConfig(AppConfig):
    name = "preau.domain.activities"
    label = "activities"
    verbose_name = "Activités"
