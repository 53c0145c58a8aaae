from django.apps import AppConfig


class FamiliesImportConfig(AppConfig):
    name = "preau.plugins.imports.families"
    label = "import_families"
    verbose_name = "Reprise des familles"

    def ready(self) -> None:
        from preau.domain.families.intake import register_reader  # noqa: PLC0415  (apps are loaded by then)
        from preau.plugins.imports.families.generic import CODE, read_families  # noqa: PLC0415

        register_reader(CODE, read_families)
