from django.apps import AppConfig


class InvoicesImportConfig(AppConfig):
    name = "preau.plugins.imports.invoices"
    label = "import_invoices"
    verbose_name = "Reprise des factures"

    def ready(self) -> None:
        from preau.domain.billing.intake import register_reader  # noqa: PLC0415  (apps are loaded by then)
        from preau.plugins.imports.invoices.generic import CODE, read_invoices  # noqa: PLC0415

        register_reader(CODE, read_invoices)
