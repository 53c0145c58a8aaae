from django.db import migrations

from preau.foundation.db import AppendOnly, FrozenColumns, SameOwner


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [
        FrozenColumns(
            "payments_paymentattempt",
            [
                "public_id",
                "return_token",
                "form_key",
                "reference",
                "checkout_id",
                "household_id",
                "regie_id",
                "contract_id",
                "merchant",
                "mode",
                "amount_cents",
                "currency",
                "digest",
                "created_at",
            ],
        ),
        FrozenColumns("payments_attemptline", ["attempt_id", "invoice_id", "regie_id", "amount_cents"]),
        FrozenColumns(
            "payments_gatewaymessage",
            [
                "public_id",
                "gateway",
                "origin",
                "return_token",
                "attempt_id",
                "method",
                "query",
                "body",
                "body_size",
                "body_sha256",
                "content_type",
                "source_address",
                "received_at",
            ],
        ),
        AppendOnly("payments_attemptevent"),
        AppendOnly("payments_evidence"),
        AppendOnly("payments_capture"),
        AppendOnly("payments_allocation"),
        AppendOnly("payments_familycredit"),
        AppendOnly("payments_receipt"),
        SameOwner("payments_paymentattempt", "contract_id", "regies_gatewaycontract", "regie_id"),
        SameOwner("payments_attemptline", "attempt_id", "payments_paymentattempt", "regie_id"),
        SameOwner("payments_attemptline", "invoice_id", "billing_invoice", "regie_id"),
        SameOwner("payments_capture", "attempt_id", "payments_paymentattempt", "regie_id"),
        SameOwner("payments_capture", "contract_id", "regies_gatewaycontract", "regie_id"),
        SameOwner("payments_allocation", "invoice_id", "billing_invoice", "regie_id"),
    ]
