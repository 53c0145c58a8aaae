import django.db.models.deletion
from django.db import migrations, models

from preau.domain.payments.chain import content_digest, genesis, link_digest
from preau.foundation.db import AppendOnly


def chain_receipts(apps, schema_editor):
    """Write the links of the receipts issued before there was a chain, in the order of their numbers."""
    ReceiptLink = apps.get_model("payments", "ReceiptLink")
    receipts = (
        apps.get_model("payments", "Receipt").objects.select_related("regie").order_by("regie_id", "year", "number")
    )
    series, previous, links = None, "", []
    for receipt in receipts.iterator(chunk_size=500):
        key = receipt.regie.public_id
        if series != (key, receipt.year):
            series, previous = (key, receipt.year), genesis(regie_key=key, year=receipt.year)
        content = content_digest(receipt.sheet)
        digest = link_digest(
            previous=previous,
            regie_key=key,
            year=receipt.year,
            number=receipt.number,
            issued_at=receipt.issued_at,
            content=content,
        )
        links.append(ReceiptLink(receipt=receipt, previous=previous, content=content, digest=digest))
        previous = digest
    ReceiptLink.objects.bulk_create(links, batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_refusals"), ("regies", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="ReceiptAnchor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField()),
                ("month", models.DateField()),
                ("first_number", models.PositiveIntegerField()),
                ("last_number", models.PositiveIntegerField()),
                ("total_cents", models.PositiveBigIntegerField()),
                ("head", models.CharField(max_length=64)),
                ("made_at", models.DateTimeField()),
                (
                    "regie",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="regies.regie"),
                ),
            ],
            options={
                "ordering": ["-month", "regie__position", "regie__label"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("regie", "year", "month"), name="a_month_of_receipts_is_anchored_once"
                    ),
                    models.UniqueConstraint(
                        fields=("regie", "year", "first_number"), name="a_receipt_is_anchored_by_one_month"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)), name="an_anchor_of_receipts_is_of_a_first_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first_number__gte", 1), ("last_number__gte", models.F("first_number"))),
                        name="an_anchor_holds_one_receipt_at_least",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReceiptLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("previous", models.CharField(max_length=64)),
                ("content", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=64)),
                (
                    "receipt",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="link", to="payments.receipt"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("previous",), name="a_chain_of_receipts_does_not_fork"),
                    models.UniqueConstraint(fields=("digest",), name="a_link_of_receipts_is_made_once"),
                ],
            },
        ),
        # Before the links, that the database may still change the table: PostgreSQL refuses it with rows in flight.
        AppendOnly("payments_receiptlink"),
        AppendOnly("payments_receiptanchor"),
        migrations.RunPython(chain_receipts, migrations.RunPython.noop),
    ]
