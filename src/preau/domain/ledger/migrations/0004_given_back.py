from django.db import migrations, models

from preau.foundation.db import Lifted, SameOwner

_CONTRACT = SameOwner("ledger_ledgeraccount", "contract_id", "regies_gatewaycontract", "regie_id")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_refund_due")]

    operations = [
        Lifted(_CONTRACT),
        migrations.RemoveConstraint(
            model_name="ledgeraccount",
            name="ledger_account_has_the_holder_its_kind_asks",
        ),
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
                    ("given_back", "Rendu hors du portail"),
                    ("to_recover", "Trop rendu, à recouvrer"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgeraccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("contract__isnull", True),
                        ("household__isnull", False),
                        ("kind__in", ("receivable", "family_credit", "to_recover")),
                    ),
                    models.Q(("contract__isnull", False), ("household__isnull", True), ("kind", "clearing")),
                    models.Q(
                        models.Q(
                            ("kind__in", ["receivable", "family_credit", "to_recover", "clearing"]), _negated=True
                        ),
                        ("contract__isnull", True),
                        ("household__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="ledger_account_has_the_holder_its_kind_asks",
            ),
        ),
        _CONTRACT,
    ]
