from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "linli.domains.care"
    label = "care"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from linli.domains.care import effects as effects
        from linli.domains.care import faces
        from linli.kernel.procedures import registry, roles

        at_the_door = ("village", *roles.OFFICES)
        roles.role("care_worker", "帮扶员", "care worker", at_the_door)
        roles.role("care_lead", "帮扶负责人", "head of care", roles.OFFICES)
        roles.role("child_worker", "儿童主任", "child worker", at_the_door)
        roles.role("child_lead", "儿童督导员", "head of child care", roles.OFFICES)
        registry.procedures_folder(Path(__file__).parent / "procedures")
        registry.demo_loader(24, _load_demo)
        faces.register()


def _load_demo(*args: Any, **kwargs: Any) -> None:
    from linli.domains.care import demo  # loaded only when it is wanted

    demo.load(*args, **kwargs)
