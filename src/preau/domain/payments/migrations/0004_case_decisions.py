import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import preau.foundation.ids
from preau.foundation.db import AppendOnly, FrozenColumns, Lifted, SameOwner


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0003_receipt_chain"),
        ("regies", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        Lifted(AppendOnly("payments_familycredit")),
        migrations.CreateModel(
            name="CaseDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=preau.foundation.ids.public_id, editable=False, max_length=22, unique=True
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("credit", "Porter à l’avoir de la famille"),
                            ("refund", "Rendre par la banque ou par virement"),
                            ("nothing_moved", "Aucune somme n’a bougé"),
                            ("accept", "Accepter le paiement"),
                            ("seen", "Vu, rien à faire"),
                        ],
                        max_length=15,
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                ("amount_cents", models.PositiveBigIntegerField(default=0)),
                ("proposed_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("refused_at", models.DateTimeField(null=True)),
                ("refusal_reason", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "ordering": ["proposed_at", "id"],
            },
        ),
        migrations.AddField(
            model_name="reviewcase",
            name="subject",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AlterField(
            model_name="familycredit",
            name="capture",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="credit", to="payments.capture"
            ),
        ),
        migrations.AlterField(
            model_name="reviewcase",
            name="attempt",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cases",
                to="payments.paymentattempt",
            ),
        ),
        migrations.AlterField(
            model_name="reviewcase",
            name="kind",
            field=models.CharField(
                choices=[
                    ("surplus", "Payée deux fois : somme portée à l’avoir de la famille"),
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
        migrations.AddConstraint(
            model_name="reviewcase",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at__isnull", True), models.Q(("subject", ""), _negated=True)),
                fields=("regie", "kind", "subject"),
                name="a_case_is_open_once_per_regie_kind_and_subject",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewcase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("attempt__isnull", False), models.Q(("subject", ""), _negated=True), _connector="OR"
                ),
                name="a_case_is_about_an_attempt_or_a_subject",
            ),
        ),
        migrations.AddField(
            model_name="casedecision",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="payments.reviewcase"
            ),
        ),
        migrations.AddField(
            model_name="casedecision",
            name="confirmed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="casedecision",
            name="proposed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="casedecision",
            name="refused_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="familycredit",
            name="decision",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="credit",
                to="payments.casedecision",
            ),
        ),
        migrations.AddConstraint(
            model_name="familycredit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("capture__isnull", False), ("decision__isnull", True)),
                    models.Q(("capture__isnull", True), ("decision__isnull", False)),
                    _connector="OR",
                ),
                name="a_family_credit_has_one_origin",
            ),
        ),
        migrations.AddConstraint(
            model_name="casedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by__isnull", True),
                    models.Q(("confirmed_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="a_case_is_closed_by_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="casedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refused_by__isnull", True),
                    models.Q(("refused_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="a_decision_is_sent_back_by_another_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="casedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("confirmed_at__isnull", True),
                        ("confirmed_by__isnull", True),
                        ("refusal_reason", ""),
                        ("refused_at__isnull", True),
                        ("refused_by__isnull", True),
                    ),
                    models.Q(
                        ("confirmed_at__isnull", False),
                        ("confirmed_by__isnull", False),
                        ("refusal_reason", ""),
                        ("refused_at__isnull", True),
                        ("refused_by__isnull", True),
                    ),
                    models.Q(
                        ("confirmed_at__isnull", True),
                        ("confirmed_by__isnull", True),
                        ("refused_at__isnull", False),
                        ("refused_by__isnull", False),
                        models.Q(("refusal_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_decision_has_one_dated_answer_at_most",
            ),
        ),
        migrations.AddConstraint(
            model_name="casedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="a_decision_gives_its_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="casedecision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("refused_at__isnull", True)),
                fields=("case",),
                name="a_case_has_one_decision_standing",
            ),
        ),
        AppendOnly("payments_familycredit"),
        FrozenColumns(
            "payments_reviewcase",
            ["public_id", "kind", "regie_id", "attempt_id", "subject", "evidence_id", "detail", "opened_at"],
        ),
        SameOwner("payments_reviewcase", "attempt_id", "payments_paymentattempt", "regie_id"),
        FrozenColumns(
            "payments_casedecision",
            ["public_id", "case_id", "outcome", "reason", "amount_cents", "proposed_by_id", "proposed_at"],
        ),
    ]
