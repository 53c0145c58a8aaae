"""Addresses that anybody may open."""

from django.urls import path

from preau.interfaces.portal.public import menus, pages, plumbing, verification

urlpatterns = [
    path("", pages.public_home, name="public_home"),
    path("aide/", pages.help_, name="help"),
    path("aide/paiement/", pages.help_payment, name="help_payment"),
    path("periodes-de-paiement/", pages.windows, name="windows"),
    path("menus/", menus.menus, name="menus"),
    path("menus/menus-collectifs.csv", menus.menus_file, name="menus_file"),
    path("menus/plats-menus-collectifs.csv", menus.dishes_file, name="dishes_file"),
    path("accessibilite/", pages.accessibility, name="accessibility"),
    path("conditions/", pages.terms, name="terms"),
    path("donnees-personnelles/", pages.privacy, name="privacy"),
    path("contact/", pages.contact, name="contact"),
    path("verifier/", verification.verify, name="verify"),
    path("verifier/empreintes/", verification.receipt_anchors, name="receipt_anchors"),
    path("verifier/verifier_recus.py", verification.receipt_verifier, name="receipt_verifier"),
    path("verifier/<str:code>/", verification.verify_code, name="verify_code"),
    path("ville.css", plumbing.town_css, name="town_css"),
    path("ville/groupes.css", plumbing.groups_css, name="groups_css"),
    path("ville/logo", plumbing.town_logo, name="town_logo"),
    path("sante/", plumbing.healthz, name="healthz"),
]
