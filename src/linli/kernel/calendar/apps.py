from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class CalendarConfig(AppConfig):
    name = "linli.kernel.calendar"
    label = "calendar"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(_load_shipped_years, sender=self, dispatch_uid="calendar.shipped_years")


def _load_shipped_years(using: str, **_: Any) -> None:
    """After every migrate, not in one migration: a release that brings a new year needs no migration of its own,
    and a database that was emptied for a test gets its calendar back."""
    from linli.kernel.calendar.models import PublishedYear
    from linli.kernel.calendar.services import import_shipped_years

    if using == "default" and PublishedYear._meta.db_table in connections[using].introspection.table_names():
        import_shipped_years()
