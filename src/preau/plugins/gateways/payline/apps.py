from django.apps import AppConfig


class PaylineConfig(AppConfig):
    name = "preau.plugins.gateways.payline"
    label = "gateway_payline"
    verbose_name = "Payline (Monext)"

    def ready(self) -> None:
        from preau.domain.payments.gateway import register  # noqa: PLC0415  (once apps are loaded)
        from preau.plugins.gateways.payline.gateway import PaylineGateway  # noqa: PLC0415

        register(PaylineGateway())
