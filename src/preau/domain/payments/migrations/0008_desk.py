import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

_ORIGINS = [
    ("notification", "notification de la banque"),
    ("return", "retour du navigateur"),
    ("sweep", "question du portail"),
    ("statement", "relevé"),
    ("desk", "parole d’un agent au guichet"),
]
_REVERSALS = [
    ("bounced_debit", "Prélèvement rejeté"),
    ("chargeback", "Paiement contesté"),
    ("bounced_cheque", "Chèque rejeté"),
    ("refused_voucher", "Titres refusés par leur émetteur"),
    ("mistake", "Erreur de saisie au guichet"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0007_aftermath"),
        ("regies", "0003_channels"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "checkout",
            "agent",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField("checkout", "receipt_email", models.EmailField(blank=True, max_length=254)),
        migrations.AlterField(
            "checkout",
            "user",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="checkouts",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            "checkout",
            models.CheckConstraint(
                name="a_checkout_is_of_a_payer_or_of_an_agent",
                condition=Q(user__isnull=False, agent=None) | Q(user=None, agent__isnull=False),
            ),
        ),
        migrations.AddConstraint(
            "checkout",
            models.CheckConstraint(
                name="whoever_pays_on_line_has_an_address",
                condition=Q(user=None) | ~Q(receipt_email=""),
            ),
        ),
        migrations.AlterField("evidence", "origin", models.CharField(choices=_ORIGINS, max_length=12)),
        migrations.AlterField("gatewaymessage", "origin", models.CharField(choices=_ORIGINS, max_length=12)),
        migrations.AlterField("reversal", "kind", models.CharField(choices=_REVERSALS, max_length=15)),
    ]
