"""Addresses of the agents' desk, below `/bureau/`.

Opaque ids are slugs: anything else (a NUL byte, a path) finds no page and never reaches the database (F3).
"""

from django.urls import path

from preau.interfaces.desk.views import cases, home, reconciliation

app_name = "desk"
urlpatterns = [
    path("", home.home, name="home"),
    path("dossiers/", cases.cases, name="cases"),
    path("dossiers/<slug:case_id>/", cases.case, name="case"),
    path("dossiers/<slug:case_id>/proposer/", cases.case_propose, name="case_propose"),
    path("dossiers/<slug:case_id>/confirmer/", cases.case_confirm, name="case_confirm"),
    path("dossiers/<slug:case_id>/renvoyer/", cases.case_send_back, name="case_send_back"),
    path("rapprochement/", reconciliation.month, name="reconciliation"),
    path("rapprochement/importer/", reconciliation.statement_import, name="reconciliation_import"),
    path("rapprochement/<slug:constat_id>/", reconciliation.constat, name="reconciliation_day"),
    path("rapprochement/<slug:constat_id>/pdf/", reconciliation.constat_pdf, name="reconciliation_pdf"),
    path("rapprochement/<slug:constat_id>/refaire/", reconciliation.constat_again, name="reconciliation_again"),
]
