from django.apps import AppConfig


class PayfipConfig(AppConfig):
    name = "preau.plugins.gateways.payfip"
    label = "gateway_payfip"
    verbose_name = "PayFiP (service web)"

    def ready(self) -> None:
        from preau.domain.payments.gateway import register  # noqa: PLC0415  (once apps are loaded)
        from preau.plugins.gateways.payfip.gateway import PayfipGateway  # noqa: PLC0415

        register(PayfipGateway())
