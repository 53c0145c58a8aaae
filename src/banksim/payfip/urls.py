"""PayFiP's addresses, as on the real site, and its part of the control interface."""

from django.urls import path

from banksim.payfip import control, endpoint, pages

urlpatterns = [
    path("tpa/services/securite", endpoint.service),
    path("tpa/paiementws.web", pages.entry, name="payfip_entry"),
    path("tpa/paiement/<key>/choix", pages.choice, name="payfip_choice"),
    path("tpa/paiement/<key>/carte", pages.card, name="payfip_card"),
    path("tpa/paiement/<key>/prelevement", pages.debit, name="payfip_debit"),
    path("tpa/paiement/<key>/3ds", pages.secure, name="payfip_secure"),
    path("tpa/paiement/<key>/ticket", pages.ticket, name="payfip_ticket"),
    path("tpa/paiement/<key>/reprendre", pages.resume, name="payfip_resume"),
    path("tpa/paiement/<key>/retour", pages.back, name="payfip_back"),
    path("sim/api/clients", control.clients_view),
    path("sim/api/payments", control.payments_view),
    path("sim/api/payments/<idop>", control.payment_view),
    path("sim/api/payments/<idop>/controls", control.controls_view),
    path("sim/api/payments/<idop>/outcome", control.outcome_view),
    path("sim/api/notifications", control.notifications_view),
    path("sim/api/night", control.night_view),
]
