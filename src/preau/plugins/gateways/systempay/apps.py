from django.apps import AppConfig


class SystempayConfig(AppConfig):
    name = "preau.plugins.gateways.systempay"
    label = "gateway_systempay"
    verbose_name = "Systempay, PayZen et leurs marques"

    def ready(self) -> None:
        from preau.domain.payments.gateway import register  # noqa: PLC0415  (once apps are loaded)
        from preau.plugins.gateways.systempay.gateway import BRANDS, SystempayGateway  # noqa: PLC0415

        for brand in BRANDS:
            register(SystempayGateway(brand))
