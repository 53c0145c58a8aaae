from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0008_desk"),
    ]

    operations = [
        migrations.AlterField(
            model_name="reviewcase",
            name="kind",
            field=models.CharField(
                choices=[
                    ("surplus", "Payée deux fois ou trop tard : somme portée à l’avoir de la famille"),
                    ("contradiction", "La banque annonce autre chose que ce qui a été demandé"),
                    ("double_capture", "La banque annonce un second paiement pour la même opération"),
                    ("long_silence", "Aucune réponse de la banque"),
                    ("paid_elsewhere", "La banque annonce un paiement que le portail ne connaît pas"),
                    ("missing_at_bank", "Payé ici, absent du relevé de la banque"),
                    ("amount_gap", "Le relevé annonce un autre montant"),
                    ("unconfirmed", "Paiement non confirmé par un relevé après trois jours ouvrés"),
                    ("refund_at_bank", "La banque annonce un remboursement ou un rejet"),
                ],
                max_length=20,
            ),
        ),
    ]
