"""PayFiP's addresses, as on the real site, and its part of the control interface."""

from django.urls import path

from banksim.payfip import control, endpoint

urlpatterns = [
    path("tpa/services/securite", endpoint.service),
    path("sim/api/clients", control.clients_view),
    path("sim/api/payments", control.payments_view),
    path("sim/api/payments/<idop>", control.payment_view),
    path("sim/api/payments/<idop>/controls", control.controls_view),
    path("sim/api/payments/<idop>/outcome", control.outcome_view),
    path("sim/api/notifications", control.notifications_view),
    path("sim/api/night", control.night_view),
]
