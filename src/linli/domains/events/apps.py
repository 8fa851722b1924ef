from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "linli.domains.events"
    label = "events"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from linli.domains.events import (
            admin_menu,
            board,
            desk,
            faces,
            fieldkinds,
            fields,
            imports,
            indicators,
        )
        from linli.domains.events import effects as effects
        from linli.domains.events import whistle as whistle
        from linli.kernel.procedures import registry
        from linli.web.registry import board_panel

        registry.procedures_folder(Path(__file__).parent / "procedures")
        fields.register()
        registry.demo_loader(10, _load_demo)
        indicators.register()
        imports.register()
        desk.register()
        faces.register()
        admin_menu.register()
        fieldkinds.register()
        board_panel("events.topics", order=10, render=board.topics)


def _load_demo(*args: Any, **kwargs: Any) -> None:
    from linli.domains.events import demo  # loaded only when it is wanted

    demo.load(*args, **kwargs)
