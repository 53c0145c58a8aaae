"""Payline's addresses, as on the real site."""

from django.urls import path

from banksim.payline import endpoint, pages
from banksim.payline.soap import OPERATIONS

urlpatterns = [
    *(path(f"V4/services/{api}", endpoint.service, {"api": api}) for api in OPERATIONS),
    path("webpayment/", pages.entry, name="payline_entry"),
]
