from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "linli.domains.registers"
    label = "registers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from linli.base.i18n import Text
        from linli.domains.registers import effects as effects
        from linli.domains.registers import faces, purposes, queries, services
        from linli.domains.registers.imports.residents import import_residents
        from linli.domains.registers.imports.values import import_elements
        from linli.kernel.people import hooks
        from linli.kernel.people.known import known_source
        from linli.kernel.procedures import registry

        registry.import_kind("residents", Text("居民登记", "residents"), import_residents)
        registry.import_kind("elements", Text("其他主管的要素值", "values of elements"), import_elements)
        registry.elements_file(Path(__file__).parent / "elements.toml")
        registry.procedures_folder(Path(__file__).parent / "procedures")
        registry.demo_loader(12, _load_demo)
        purposes.register()
        faces.register()
        hooks.register_people_scope(queries.people_of_the_register)
        hooks.register_still_needed(queries.lives_here)
        hooks.register_identity_follower(services.follow_identity)
        hooks.register_export("registers", queries.own_entry)
        known_source("registers", queries.known)


def _load_demo(*args: Any, **kwargs: Any) -> None:
    from linli.domains.registers import demo  # loaded only when it is wanted

    demo.load(*args, **kwargs)
