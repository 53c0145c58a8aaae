import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import preau.foundation.ids
from preau.foundation.db import AppendOnly, FrozenColumns, SameOwner

#: What a proposal says never changes; only its answer is written, once.
_PROPOSAL = ["public_id", "regie_id", "amount_cents", "reason", "proposed_by_id", "proposed_at"]


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0002_refusals"),
        ("families", "0002_file_numbers"),
        ("payments", "0006_statements"),
        ("regies", "0002_contract_secrets"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CreditUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=preau.foundation.ids.public_id, editable=False, max_length=22, unique=True
                    ),
                ),
                ("form_key", models.CharField(max_length=64, unique=True)),
                ("amount_cents", models.PositiveBigIntegerField()),
                ("used_at", models.DateTimeField()),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="credit_uses", to="families.household"
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="credit_uses", to="billing.invoice"
                    ),
                ),
                (
                    "regie",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="regies.regie"),
                ),
                (
                    "used_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["used_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=preau.foundation.ids.public_id, editable=False, max_length=22, unique=True
                    ),
                ),
                ("amount_cents", models.PositiveBigIntegerField()),
                ("reason", models.CharField(max_length=500)),
                ("proposed_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("refused_at", models.DateTimeField(null=True)),
                ("refusal_reason", models.CharField(blank=True, max_length=500)),
                (
                    "means",
                    models.CharField(
                        choices=[
                            ("transfer", "Virement"),
                            ("cheque", "Chèque"),
                            ("cash", "Espèces"),
                            ("card", "Carte recréditée sur le site de la banque"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reference", models.CharField(max_length=64)),
                (
                    "capture",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="payments.capture",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contract",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="regies.gatewaycontract",
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="payments.casedecision",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="families.household"
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "refused_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "regie",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="regies.regie"),
                ),
            ],
            options={
                "ordering": ["proposed_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Reversal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=preau.foundation.ids.public_id, editable=False, max_length=22, unique=True
                    ),
                ),
                ("amount_cents", models.PositiveBigIntegerField()),
                ("reason", models.CharField(max_length=500)),
                ("proposed_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("refused_at", models.DateTimeField(null=True)),
                ("refusal_reason", models.CharField(blank=True, max_length=500)),
                (
                    "kind",
                    models.CharField(
                        choices=[("bounced_debit", "Prélèvement rejeté"), ("chargeback", "Paiement contesté")],
                        max_length=15,
                    ),
                ),
                ("notice", models.CharField(max_length=100)),
                ("noticed_on", models.DateField()),
                (
                    "capture",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reversals", to="payments.capture"
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "refused_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "regie",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="regies.regie"),
                ),
            ],
            options={
                "ordering": ["proposed_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="ReversalPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("allocation", "repris sur une facture"),
                            ("credit", "repris sur l’avoir de la famille"),
                            ("credit_use", "repris sur une facture réglée par avoir"),
                            ("given_back", "déjà rendu, à recouvrer"),
                        ],
                        max_length=10,
                    ),
                ),
                ("amount_cents", models.PositiveBigIntegerField()),
                (
                    "allocation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversal_parts",
                        to="payments.allocation",
                    ),
                ),
                (
                    "credit_use",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversal_parts",
                        to="payments.credituse",
                    ),
                ),
                (
                    "reversal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="payments.reversal"
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="CreditNoteProposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=preau.foundation.ids.public_id, editable=False, max_length=22, unique=True
                    ),
                ),
                ("amount_cents", models.PositiveBigIntegerField()),
                ("reason", models.CharField(max_length=500)),
                ("proposed_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("refused_at", models.DateTimeField(null=True)),
                ("refusal_reason", models.CharField(blank=True, max_length=500)),
                ("label", models.CharField(max_length=200)),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="families.household"
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_note_proposals",
                        to="billing.invoice",
                    ),
                ),
                (
                    "note",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposal",
                        to="billing.creditnote",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "refused_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "regie",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="regies.regie"),
                ),
            ],
            options={
                "ordering": ["proposed_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by__isnull", True),
                            models.Q(("confirmed_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="a_credit_note_proposal_is_confirmed_by_another_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("refused_by__isnull", True),
                            models.Q(("refused_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="a_credit_note_proposal_is_sent_back_by_another_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("confirmed_at", None),
                                ("confirmed_by", None),
                                ("refusal_reason", ""),
                                ("refused_at", None),
                                ("refused_by", None),
                            ),
                            models.Q(
                                ("confirmed_at__isnull", False),
                                ("confirmed_by__isnull", False),
                                ("refusal_reason", ""),
                                ("refused_at", None),
                                ("refused_by", None),
                            ),
                            models.Q(
                                ("confirmed_at", None),
                                ("confirmed_by", None),
                                ("refused_at__isnull", False),
                                ("refused_by__isnull", False),
                                models.Q(("refusal_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_credit_note_proposal_has_one_dated_answer_at_most",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="a_credit_note_proposal_gives_its_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_cents__gt", 0)), name="a_credit_note_proposal_is_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("label", ""), _negated=True), name="a_credit_note_proposal_has_its_wording"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("confirmed_at__isnull", True), ("note", None)),
                            models.Q(("confirmed_at__isnull", False), ("note__isnull", False)),
                            _connector="OR",
                        ),
                        name="a_credit_note_is_issued_iff_it_is_confirmed",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="credituse",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_cents__gt", 0)), name="credit_use_is_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by__isnull", True),
                    models.Q(("confirmed_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="a_refund_is_confirmed_by_another_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refused_by__isnull", True),
                    models.Q(("refused_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="a_refund_is_sent_back_by_another_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("confirmed_at", None),
                        ("confirmed_by", None),
                        ("refusal_reason", ""),
                        ("refused_at", None),
                        ("refused_by", None),
                    ),
                    models.Q(
                        ("confirmed_at__isnull", False),
                        ("confirmed_by__isnull", False),
                        ("refusal_reason", ""),
                        ("refused_at", None),
                        ("refused_by", None),
                    ),
                    models.Q(
                        ("confirmed_at", None),
                        ("confirmed_by", None),
                        ("refused_at__isnull", False),
                        ("refused_by__isnull", False),
                        models.Q(("refusal_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_refund_has_one_dated_answer_at_most",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="a_refund_gives_its_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(condition=models.Q(("amount_cents__gt", 0)), name="a_refund_is_positive"),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(("reference", ""), _negated=True), name="a_refund_names_its_reference"
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("contract__isnull", False), ("means", "card")),
                    models.Q(models.Q(("means", "card"), _negated=True), ("capture", None), ("contract", None)),
                    _connector="OR",
                ),
                name="a_refund_leaves_a_contract_only_by_card",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("means", "card"), _negated=True),
                    models.Q(("capture__isnull", False), ("decision", None)),
                    models.Q(("capture", None), ("decision__isnull", False)),
                    _connector="OR",
                ),
                name="a_refund_by_card_names_a_payment_or_a_decision",
            ),
        ),
        migrations.AddConstraint(
            model_name="reversal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by__isnull", True),
                    models.Q(("confirmed_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="a_reversal_is_confirmed_by_another_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="reversal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refused_by__isnull", True),
                    models.Q(("refused_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="a_reversal_is_sent_back_by_another_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="reversal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("confirmed_at", None),
                        ("confirmed_by", None),
                        ("refusal_reason", ""),
                        ("refused_at", None),
                        ("refused_by", None),
                    ),
                    models.Q(
                        ("confirmed_at__isnull", False),
                        ("confirmed_by__isnull", False),
                        ("refusal_reason", ""),
                        ("refused_at", None),
                        ("refused_by", None),
                    ),
                    models.Q(
                        ("confirmed_at", None),
                        ("confirmed_by", None),
                        ("refused_at__isnull", False),
                        ("refused_by__isnull", False),
                        models.Q(("refusal_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_reversal_has_one_dated_answer_at_most",
            ),
        ),
        migrations.AddConstraint(
            model_name="reversal",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="a_reversal_gives_its_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="reversal",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_cents__gt", 0)), name="a_reversal_is_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="reversal",
            constraint=models.CheckConstraint(
                condition=models.Q(("notice", ""), _negated=True), name="a_reversal_names_the_notice_of_the_bank"
            ),
        ),
        migrations.AddConstraint(
            model_name="reversal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("confirmed_at__isnull", True), ("refused_at__isnull", True)),
                fields=("capture",),
                name="a_capture_has_one_reversal_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="reversalpart",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_cents__gt", 0)), name="reversal_part_is_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="reversalpart",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("allocation__isnull", False), ("credit_use", None), ("source", "allocation")),
                    models.Q(("allocation", None), ("credit_use__isnull", False), ("source", "credit_use")),
                    models.Q(("allocation", None), ("credit_use", None), ("source__in", ["credit", "given_back"])),
                    _connector="OR",
                ),
                name="a_reversal_part_names_what_it_takes_back",
            ),
        ),
        migrations.AddConstraint(
            model_name="reversalpart",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source__in", ["credit", "given_back"])),
                fields=("reversal", "source"),
                name="a_reversal_takes_back_credit_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="reversalpart",
            constraint=models.UniqueConstraint(
                fields=("reversal", "allocation"), name="a_reversal_takes_an_allocation_back_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="reversalpart",
            constraint=models.UniqueConstraint(
                fields=("reversal", "credit_use"), name="a_reversal_takes_a_credit_use_back_once"
            ),
        ),
        AppendOnly("payments_credituse"),
        AppendOnly("payments_reversalpart"),
        FrozenColumns("payments_reversal", [*_PROPOSAL, "capture_id", "kind", "notice", "noticed_on"]),
        FrozenColumns(
            "payments_refund",
            [*_PROPOSAL, "household_id", "decision_id", "capture_id", "contract_id", "means", "reference"],
        ),
        FrozenColumns("payments_creditnoteproposal", [*_PROPOSAL, "household_id", "invoice_id", "label"]),
        SameOwner("payments_credituse", "invoice_id", "billing_invoice", "regie_id"),
        SameOwner("payments_refund", "contract_id", "regies_gatewaycontract", "regie_id"),
        SameOwner("payments_creditnoteproposal", "invoice_id", "billing_invoice", "regie_id"),
    ]
