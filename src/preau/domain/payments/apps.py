from importlib import import_module

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "preau.domain.payments"
    label = "payments"
    verbose_name = "Paiements"

    def ready(self) -> None:
        for beside in ("aftermath_invariants", "chain_invariants", "order_invariants", "statement_invariants"):
            import_module(f"preau.domain.payments.{beside}")
        from preau.domain.payments.receipts import attachment_of  # noqa: PLC0415  (models are ready only now)
        from preau.foundation.mail.services import register_attachment_builder  # noqa: PLC0415

        register_attachment_builder("receipt", attachment_of)
