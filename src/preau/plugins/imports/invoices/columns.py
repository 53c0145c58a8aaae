"""Columns of the invoices table: one notion each, under every title we know for it (docs/imports.md)."""

from preau.foundation.tabular import Column

#: Keys are those of `InvoiceIntake`, so that a difference between two rows is told by its column.
_DOCUMENT = (
    Column("regie_code", ("Régie", "Code régie")),
    Column("number", ("N° facture", "Numéro facture", "N° de facture"), required=True),
    Column("household_number", ("N° famille", "Numéro famille", "N° dossier"), required=True),
    Column("billed_month", ("Période", "Mois", "Mois facturé"), required=True),
    Column("issued_on", ("Date", "Date facture", "Date de facture", "Date d’émission"), required=True),
    Column("due_on", ("Échéance", "Date d’échéance", "Date limite de paiement")),
    Column("label", ("Objet", "Libellé"), required=True),
    Column("total_cents", ("Montant", "Montant TTC", "Montant total"), required=True),
    Column("received_cents", ("Réglé", "Montant réglé", "Déjà réglé")),
    Column("left_cents", ("Reste dû", "Reste à payer", "Solde")),
    Column("received_by", ("Mode", "Mode de règlement")),
    Column("pdf_name", ("PDF", "Fichier PDF")),
    Column("titre_number", ("N° titre", "Numéro de titre")),
)
_LINE = (
    Column("line_label", ("Ligne libellé", "Libellé ligne", "Désignation")),
    Column("child_name", ("Enfant", "Nom de l’enfant")),
    Column("service_date", ("Jour", "Date de prestation")),
    Column("quantity", ("Quantité", "Qté")),
    Column("unit_price_cents", ("Prix unitaire", "PU")),
    Column("line_total_cents", ("Total ligne", "Montant ligne")),
)
COLUMNS = (*_DOCUMENT, *_LINE)
#: What rows of one document must agree on. The amount left is not kept: it follows from two others.
DOCUMENT_KEYS = tuple(column.key for column in _DOCUMENT if column.key != "left_cents")
LINE_KEYS = tuple(column.key for column in _LINE)
