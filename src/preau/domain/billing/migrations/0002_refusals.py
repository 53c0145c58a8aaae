from django.db import migrations

from preau.foundation.db import AppendOnly, FrozenColumns, SameOwner


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]

    operations = [
        FrozenColumns(
            "billing_invoice",
            [
                "public_id",
                "regie_id",
                "household_id",
                "source",
                "number",
                "label",
                "billed_month",
                "issued_on",
                "due_on",
                "total_cents",
                "content_digest",
                "titre_number",
                "recorded_at",
            ],
        ),
        AppendOnly("billing_invoiceline"),
        AppendOnly("billing_creditnote"),
        AppendOnly("billing_receiptelsewhere"),
        SameOwner("billing_creditnote", "invoice_id", "billing_invoice", "regie_id"),
    ]
