from django.apps import AppConfig


class TipiConfig(AppConfig):
    name = "preau.plugins.gateways.tipi"
    label = "gateway_tipi"
    verbose_name = "PayFiP, formulaire TIPI"

    def ready(self) -> None:
        from preau.domain.payments.gateway import register  # noqa: PLC0415  (once apps are loaded)
        from preau.plugins.gateways.tipi.gateway import TipiGateway  # noqa: PLC0415

        register(TipiGateway())
