"""Basket and payment. Opaque ids are slugs: anything else finds no page and never reaches the database (F3)."""

from django.urls import path

from preau.interfaces.portal.payment import baskets, payments, returns, top_ups

urlpatterns = [
    path("panier/", baskets.basket, name="basket"),
    path("panier/ajouter/", baskets.basket_add, name="basket_add"),
    path("panier/retirer/", baskets.basket_remove, name="basket_remove"),
    path("panier/montant/", baskets.basket_part, name="basket_part"),
    path("panier/payer/", baskets.basket_pay, name="basket_pay"),
    path("recharger/", top_ups.top_up, name="top_up"),
    path("paiement/retour/<slug:token>/", returns.payment_return, name="payment_return"),
    path("paiement/resultat/<slug:token>/", returns.payment_result, name="payment_result"),
    path("paiement/etat/<slug:token>/", returns.payment_status, name="payment_status"),
    path("paiement/<slug:attempt_id>/", payments.payment, name="payment"),
    path("paiement/<slug:attempt_id>/partir/", payments.payment_send, name="payment_send"),
    path("paiement/<slug:attempt_id>/annuler/", payments.payment_cancel, name="payment_cancel"),
]
