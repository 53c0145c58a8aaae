"""Paybox's addresses, as on the real hosts."""

from django.urls import path

from banksim.paybox import endpoint

urlpatterns = [
    path("php/", endpoint.form),
    path("cgi/MYchoix_pagepaiement.cgi", endpoint.form),
    path("cgi/FramepagepaiementRWD.cgi", endpoint.form),
    path("cgi/MYframepagepaiement_ip.cgi", endpoint.form),
    path("load.html", endpoint.load),
    path("sim/paybox/cle-publique.pem", endpoint.public_key),
]
