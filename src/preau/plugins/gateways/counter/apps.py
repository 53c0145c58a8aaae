from django.apps import AppConfig


class CounterConfig(AppConfig):
    name = "preau.plugins.gateways.counter"
    label = "gateway_counter"
    verbose_name = "Guichet de la régie"

    def ready(self) -> None:
        from preau.domain.payments.gateway import register  # noqa: PLC0415  (once apps are loaded)
        from preau.plugins.gateways.counter.gateway import CounterGateway  # noqa: PLC0415

        register(CounterGateway())
