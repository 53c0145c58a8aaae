"""Addresses of the family's home, invoices, accounts, receipts and file.

Opaque ids are slugs: anything else (a NUL byte, a path) finds no page and never reaches the database (F3).
"""

from django.urls import path

from preau.interfaces.portal.billing.views import accounts, credit, history, home, household, invoices, receipts

urlpatterns = [
    path("accueil/", home.home, name="home"),
    path("factures/", invoices.invoices, name="invoices"),
    path("factures/historique/", history.history, name="history"),
    path("factures/archives/", history.archives, name="archives"),
    path("factures/prelevements/", invoices.direct_debits, name="direct_debits"),
    path("factures/<slug:public_id>/", invoices.invoice, name="invoice"),
    path("factures/<slug:public_id>/pdf/", invoices.invoice_pdf, name="invoice_pdf"),
    path("factures/<slug:public_id>/avoir/", credit.invoice_credit, name="invoice_credit"),
    path("comptes/", accounts.accounts, name="accounts"),
    path("comptes/<slug:regie_id>/releve/", accounts.statement, name="statement"),
    path("comptes/<slug:regie_id>/avoir/", credit.credit, name="credit"),
    path("recus/", receipts.receipts, name="receipts"),
    path("recus/<slug:code>/pdf/", receipts.receipt_pdf, name="receipt_pdf"),
    path("dossier/", household.file, name="file"),
]
