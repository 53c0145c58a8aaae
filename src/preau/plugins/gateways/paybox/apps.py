from django.apps import AppConfig


class PayboxConfig(AppConfig):
    name = "preau.plugins.gateways.paybox"
    label = "gateway_paybox"
    verbose_name = "Paybox System (Verifone, Up2pay e-Transactions)"

    def ready(self) -> None:
        from preau.domain.payments.gateway import register  # noqa: PLC0415  (once apps are loaded)
        from preau.plugins.gateways.paybox.gateway import PayboxGateway  # noqa: PLC0415

        register(PayboxGateway())
