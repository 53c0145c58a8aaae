"""Addresses of the agents' desk, below `/bureau/`.

Opaque ids are slugs: anything else (a NUL byte, a path) finds no page and never reaches the database (F3).
"""

from django.urls import path

from preau.interfaces.desk.views import cases, home

app_name = "desk"
urlpatterns = [
    path("", home.home, name="home"),
    path("dossiers/", cases.cases, name="cases"),
    path("dossiers/<slug:case_id>/", cases.case, name="case"),
    path("dossiers/<slug:case_id>/proposer/", cases.case_propose, name="case_propose"),
    path("dossiers/<slug:case_id>/confirmer/", cases.case_confirm, name="case_confirm"),
    path("dossiers/<slug:case_id>/renvoyer/", cases.case_send_back, name="case_send_back"),
]
