from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "preau.domain.payments"
    label = "payments"
    verbose_name = "Paiements"

    def ready(self) -> None:
        from preau.domain.payments import (  # noqa: PLC0415  (beside `invariants`, found by name)
            aftermath_invariants,  # noqa: F401
            chain_invariants,  # noqa: F401
            statement_invariants,  # noqa: F401
        )
        from preau.domain.payments.receipts import attachment_of  # noqa: PLC0415  (models are ready only now)
        from preau.foundation.mail.services import register_attachment_builder  # noqa: PLC0415

        register_attachment_builder("receipt", attachment_of)
