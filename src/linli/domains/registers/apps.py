from __future__ import annotations

from pathlib import Path

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "linli.domains.registers"
    label = "registers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from linli.base.i18n import Text
        from linli.domains.registers import purposes
        from linli.domains.registers.imports.residents import import_residents
        from linli.kernel.procedures import registry

        registry.import_kind("residents", Text("居民登记", "residents"), import_residents)
        registry.elements_file(Path(__file__).parent / "elements.toml")
        purposes.register()
