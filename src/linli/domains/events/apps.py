from __future__ import annotations

from pathlib import Path

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "linli.domains.events"
    label = "events"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from linli.domains.events import effects as effects
        from linli.domains.events import board, fields, imports, indicators
        from linli.kernel.procedures import registry
        from linli.web.registry import board_panel

        registry.procedures_folder(Path(__file__).parent / "procedures")
        fields.register()
        indicators.register()
        imports.register()
        board_panel("events.topics", order=10, render=board.topics)
