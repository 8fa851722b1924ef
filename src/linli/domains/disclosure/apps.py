from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import AppConfig


class DisclosureConfig(AppConfig):
    name = "linli.domains.disclosure"
    label = "disclosure"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from linli.domains.disclosure import effects as effects
        from linli.domains.disclosure import notices
        from linli.kernel.procedures import registry, roles

        roles.role(
            "disclosure_officer", "政府信息公开工作人员", "information officer", ("assigned", *roles.OFFICES)
        )
        notices.register()
        registry.procedures_folder(Path(__file__).parent / "procedures")
        registry.demo_loader(23, _load_demo)


def _load_demo(*args: Any, **kwargs: Any) -> None:
    from linli.domains.disclosure import demo  # loaded only when it is wanted

    demo.load(*args, **kwargs)
