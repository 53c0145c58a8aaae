from django.db import migrations, models
from django.db.models import Q

from preau.foundation.db import Lifted, SameOwner

#: On other tables, looking at the one that changes: lifted before and put back after.
_BARRIERS = tuple(
    SameOwner(table, "contract_id", "regies_gatewaycontract", "regie_id")
    for table in ("ledger_ledgeraccount", "payments_paymentattempt", "payments_capture", "payments_refund")
)


class Migration(migrations.Migration):
    dependencies = [
        ("regies", "0002_contract_secrets"),
        ("ledger", "0004_given_back"),
        ("payments", "0007_aftermath"),
    ]

    operations = [
        *(Lifted(barrier) for barrier in _BARRIERS),
        migrations.AlterModelOptions(
            "gatewaycontract",
            {"verbose_name": "contrat de paiement", "verbose_name_plural": "contrats de paiement"},
        ),
        migrations.RemoveConstraint("gatewaycontract", "a_regie_has_one_open_contract"),
        migrations.AddField(
            "gatewaycontract",
            "channel",
            models.CharField(
                "voie",
                choices=[("online", "en ligne"), ("desk", "au guichet")],
                default="online",
                max_length=6,
            ),
        ),
        migrations.AddConstraint(
            "gatewaycontract",
            models.UniqueConstraint(
                fields=["regie", "channel"],
                condition=Q(closed_on__isnull=True),
                name="a_regie_has_one_open_contract_per_channel",
            ),
        ),
        *_BARRIERS,
    ]
