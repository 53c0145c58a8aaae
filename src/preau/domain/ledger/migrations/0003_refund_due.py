from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_refusals")]

    operations = [
        migrations.AlterField(
            model_name="ledgeraccount",
            name="kind",
            field=models.CharField(
                choices=[
                    ("receivable", "Créances sur les familles"),
                    ("product", "Produits des services"),
                    ("clearing", "En cours d’encaissement à la passerelle"),
                    ("family_credit", "Avoirs des familles"),
                    ("suspense", "Sommes à identifier"),
                    ("refund_due", "Remboursements à faire"),
                    ("received_elsewhere", "Encaissé hors du portail"),
                ],
                max_length=20,
            ),
        ),
    ]
