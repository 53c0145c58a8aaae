from django.apps import AppConfig


class BookingsConfig(AppConfig):
    name = "preau.domain.bookings"
    label = "bookings"
    verbose_name = "Réservations"
