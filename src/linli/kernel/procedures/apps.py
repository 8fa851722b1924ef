from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ProceduresConfig(AppConfig):
    name = "linli.kernel.procedures"
    label = "procedures"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from linli.kernel.procedures import filters, people, reference_fields, registry

        filters.register()
        people.register()
        reference_fields.register()
        registry.procedures_folder(Path(__file__).parent / "files")
        post_migrate.connect(_load, sender=self, dispatch_uid="procedures-load")


def _load(**_: Any) -> None:
    """The shipped procedures are in force as soon as the tables are there (程序随迁移载入)."""
    from linli.kernel.procedures.versions import load_all

    load_all()
