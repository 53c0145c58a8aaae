"""Addresses of the agents' desk, below `/bureau/`.

Opaque ids are slugs: anything else (a NUL byte, a path) finds no page and never reaches the database (F3).
"""

from django.urls import path

from preau.interfaces.desk.views import acts, cases, home, open_credits, payments, reconciliation, till

app_name = "desk"
urlpatterns = [
    path("", home.home, name="home"),
    path("dossiers/", cases.cases, name="cases"),
    path("dossiers/<slug:case_id>/", cases.case, name="case"),
    path("dossiers/<slug:case_id>/proposer/", cases.case_propose, name="case_propose"),
    path("dossiers/<slug:case_id>/confirmer/", cases.case_confirm, name="case_confirm"),
    path("dossiers/<slug:case_id>/renvoyer/", cases.case_send_back, name="case_send_back"),
    path("guichet/", till.till, name="till"),
    path("guichet/<slug:household_id>/", till.till_family, name="till_family"),
    path("paiements/", payments.payments, name="payments"),
    path("paiements/<slug:payment_id>/", payments.payment, name="payment"),
    path("paiements/<slug:payment_id>/recu/", payments.payment_receipt, name="payment_receipt"),
    path("paiements/<slug:payment_id>/rejet/", payments.payment_reverse, name="payment_reverse"),
    path("paiements/<slug:payment_id>/rembourser/", payments.payment_refund, name="payment_refund"),
    path("paiements/<slug:payment_id>/avoir/", payments.payment_credit_note, name="payment_credit_note"),
    path("avoirs/", open_credits.open_credits, name="credits"),
    path("avoirs/<slug:household_id>/", open_credits.family_credit, name="credit"),
    path("avoirs/<slug:household_id>/rembourser/", open_credits.credit_refund, name="credit_refund"),
    path("a-confirmer/", acts.acts, name="acts"),
    path("a-confirmer/<slug:act_id>/", acts.act, name="act"),
    path("a-confirmer/<slug:act_id>/confirmer/", acts.act_confirm, name="act_confirm"),
    path("a-confirmer/<slug:act_id>/renvoyer/", acts.act_send_back, name="act_send_back"),
    path("rapprochement/", reconciliation.month, name="reconciliation"),
    path("rapprochement/importer/", reconciliation.statement_import, name="reconciliation_import"),
    path("rapprochement/<slug:constat_id>/", reconciliation.constat, name="reconciliation_day"),
    path("rapprochement/<slug:constat_id>/pdf/", reconciliation.constat_pdf, name="reconciliation_pdf"),
    path("rapprochement/<slug:constat_id>/refaire/", reconciliation.constat_again, name="reconciliation_again"),
]
