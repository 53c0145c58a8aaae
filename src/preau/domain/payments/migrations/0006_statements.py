import django.db.models.deletion
import django.db.models.expressions
import preau.foundation.ids
from django.conf import settings
from django.db import migrations, models

from preau.foundation.db import AppendOnly, FrozenColumns


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0001_initial"),
        ("payments", "0005_states_of_every_gateway"),
        ("regies", "0002_contract_secrets"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BankStatement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=preau.foundation.ids.public_id, editable=False, max_length=22, unique=True
                    ),
                ),
                ("gateway", models.CharField(max_length=20)),
                ("sha256", models.CharField(max_length=64)),
                ("lines", models.PositiveIntegerField()),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("imported_at", models.DateTimeField()),
                ("contracts", models.ManyToManyField(related_name="statements", to="regies.gatewaycontract")),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="files.storedfile"
                    ),
                ),
                (
                    "imported_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-imported_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Reconciliation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=preau.foundation.ids.public_id, editable=False, max_length=22, unique=True
                    ),
                ),
                ("day", models.DateField()),
                ("number", models.PositiveIntegerField()),
                ("made_at", models.DateTimeField()),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("statement", "relevé de la banque"),
                            ("asked", "réponses de la banque"),
                            ("nothing", "relevé attendu"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("clear", "Aucun écart"),
                            ("explained", "Écart expliqué"),
                            ("gap", "Écart"),
                            ("waiting", "Relevé manquant"),
                        ],
                        max_length=10,
                    ),
                ),
                ("bank_count", models.PositiveIntegerField(null=True)),
                ("bank_cents", models.PositiveBigIntegerField(null=True)),
                ("captured_count", models.PositiveIntegerField()),
                ("captured_cents", models.PositiveBigIntegerField()),
                ("caught_up_count", models.PositiveIntegerField()),
                ("suspended_cents", models.PositiveBigIntegerField()),
                ("booked_cents", models.BigIntegerField()),
                ("other_cents", models.BigIntegerField()),
                ("gap_cents", models.BigIntegerField(null=True)),
                ("findings", models.JSONField(default=list)),
                ("digest", models.CharField(max_length=64)),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reconciliations",
                        to="regies.gatewaycontract",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="payments.bankstatement",
                    ),
                ),
            ],
            options={
                "ordering": ["-day", "contract", "-number"],
            },
        ),
        migrations.CreateModel(
            name="StatementEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("payment", "Paiement"), ("refund", "Remboursement"), ("unpaid", "Impayé")],
                        max_length=10,
                    ),
                ),
                ("reference", models.CharField(blank=True, max_length=64)),
                ("gateway_reference", models.CharField(blank=True, max_length=64)),
                ("transaction_reference", models.CharField(max_length=64)),
                ("mode", models.CharField(blank=True, max_length=12)),
                ("amount_cents", models.PositiveBigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("means", models.CharField(max_length=20)),
                ("occurred_at", models.DateTimeField()),
                ("day", models.DateField()),
                ("handled_at", models.DateTimeField(null=True)),
                (
                    "attempt",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statement_entries",
                        to="payments.paymentattempt",
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statement_entries",
                        to="regies.gatewaycontract",
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="payments.bankstatement"
                    ),
                ),
            ],
            options={
                "ordering": ["statement", "line"],
            },
        ),
        migrations.AddConstraint(
            model_name="bankstatement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lines__gt", 0)),
                fields=("gateway", "sha256"),
                name="a_statement_that_lists_something_is_imported_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankstatement",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_day__gte", models.F("first_day"))), name="a_statement_ends_after_it_begins"
            ),
        ),
        migrations.AddConstraint(
            model_name="reconciliation",
            constraint=models.UniqueConstraint(
                fields=("contract", "day", "number"), name="reconciliations_of_a_day_are_numbered"
            ),
        ),
        migrations.AddConstraint(
            model_name="reconciliation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("bank_cents", None), ("bank_count", None), ("basis", "nothing"), ("gap_cents", None)),
                    models.Q(
                        models.Q(("basis", "nothing"), _negated=True),
                        ("bank_cents__isnull", False),
                        ("bank_count__isnull", False),
                        ("gap_cents__isnull", False),
                        (
                            "bank_cents",
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("captured_cents"), "+", models.F("suspended_cents")
                                ),
                                "+",
                                models.F("gap_cents"),
                            ),
                        ),
                    ),
                    _connector="OR",
                ),
                name="a_gap_is_what_the_bank_has_and_the_portal_has_not",
            ),
        ),
        migrations.AddConstraint(
            model_name="reconciliation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("basis", "statement"), ("statement__isnull", False)),
                    models.Q(models.Q(("basis", "statement"), _negated=True), ("statement", None)),
                    _connector="OR",
                ),
                name="a_reconciliation_rests_on_what_it_names",
            ),
        ),
        migrations.AddConstraint(
            model_name="reconciliation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "clear"), _negated=True),
                    models.Q(("booked_cents", models.F("captured_cents")), ("findings", []), ("gap_cents", 0)),
                    _connector="OR",
                ),
                name="a_clear_day_has_no_gap",
            ),
        ),
        migrations.AddConstraint(
            model_name="reconciliation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("basis", "nothing"), ("outcome", "waiting")),
                    models.Q(
                        models.Q(("outcome", "waiting"), _negated=True), models.Q(("basis", "nothing"), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="a_day_waits_for_a_statement_only_without_one",
            ),
        ),
        migrations.AddIndex(
            model_name="statemententry",
            index=models.Index(fields=["contract", "day"], name="statement_entry_of_a_day"),
        ),
        migrations.AddConstraint(
            model_name="statemententry",
            constraint=models.UniqueConstraint(
                fields=("contract", "kind", "reference", "transaction_reference", "amount_cents"),
                name="an_operation_of_the_bank_counts_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="statemententry",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_cents__gt", 0)), name="statement_entry_is_positive"
            ),
        ),
        AppendOnly("payments_bankstatement"),
        AppendOnly("payments_bankstatement_contracts"),
        AppendOnly("payments_reconciliation"),
        FrozenColumns(
            "payments_statemententry",
            [
                *("statement_id", "line", "contract_id", "attempt_id", "kind", "reference", "gateway_reference"),
                *("transaction_reference", "mode", "amount_cents", "currency", "means", "occurred_at", "day"),
            ],
        ),
    ]
