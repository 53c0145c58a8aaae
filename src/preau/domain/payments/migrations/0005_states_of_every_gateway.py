from django.db import migrations, models
from django.db.models import Q

from preau.foundation.db import FrozenColumns, Lifted, SameOwner

#: On the table that changes, or looking at it: lifted before and put back after.
_BARRIERS = (
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
    SameOwner("payments_paymentattempt", "contract_id", "regies_gatewaycontract", "regie_id"),
    *(
        SameOwner(table, "attempt_id", "payments_paymentattempt", "regie_id")
        for table in ("payments_attemptline", "payments_capture", "payments_reviewcase")
    ),
)
_STATES = [
    ("prepared", "en préparation"),
    ("sent", "en cours à la banque"),
    ("unknown", "en attente de confirmation"),
    ("anomaly", "à vérifier par la régie"),
    ("declared", "annoncé payé, à confirmer par la banque"),
    ("captured", "payé"),
    ("refused", "refusé"),
    ("abandoned", "abandonné"),
    ("expired", "expiré"),
    ("closed", "clos par la régie"),
]
_VERDICTS = [
    ("paid", "payé"),
    ("pending", "en cours"),
    ("refused", "refusé"),
    ("cancelled", "abandonné par le payeur"),
    ("expired", "jamais payé"),
    ("undone", "annulé à la banque après coup"),
    ("refunded", "remboursé à la banque"),
]
_MESSAGE_VERDICTS = [
    ("waiting", "à traiter"),
    ("authentic", "vérifié"),
    ("declared", "déclaré par le payeur, rien ne le prouve"),
    ("not_authentic", "non authentique"),
    ("unknown", "opération inconnue"),
    ("unreadable", "illisible"),
    ("unanswered", "la banque n’a pas répondu à notre question"),
]


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_case_decisions"), ("regies", "0002_contract_secrets")]

    operations = [
        *(Lifted(barrier) for barrier in _BARRIERS),
        migrations.RemoveConstraint("paymentattempt", "only_an_ended_attempt_is_dated_ended"),
        migrations.AddField("paymentattempt", "page_fields", models.JSONField(default=dict)),
        migrations.AlterField("paymentattempt", "page_url", models.CharField(blank=True, max_length=1500)),
        migrations.AlterField(
            "paymentattempt", "state", models.CharField(choices=_STATES, default="prepared", max_length=10)
        ),
        migrations.AddConstraint(
            "paymentattempt",
            models.CheckConstraint(
                name="only_an_ended_attempt_is_dated_ended",
                condition=Q(state__in=["prepared", "sent", "unknown", "anomaly", "declared"], ended_at__isnull=True)
                | Q(state__in=["captured", "refused", "abandoned", "expired", "closed"], ended_at__isnull=False),
            ),
        ),
        migrations.AlterField("attemptevent", "to_state", models.CharField(choices=_STATES, max_length=10)),
        migrations.AlterField("evidence", "verdict", models.CharField(choices=_VERDICTS, max_length=10)),
        migrations.AlterField(
            "gatewaymessage", "verdict", models.CharField(choices=_MESSAGE_VERDICTS, default="waiting", max_length=15)
        ),
        *_BARRIERS,
    ]
