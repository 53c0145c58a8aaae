"""The form's address, as on the real site, and the steps of its own."""

from django.urls import path

from banksim.tipi import pages
from banksim.tipi.gateway import GATEWAY

urlpatterns = [
    path("tpa/paiement.web", pages.entry, name="tipi_entry"),
    path("tpa/tipi/<key>/choix", pages.choice, {"gateway": GATEWAY.name}, name="tipi_choice"),
    path("tpa/tipi/<key>/prelevement", pages.debit, {"gateway": GATEWAY.name}, name="tipi_debit"),
]
