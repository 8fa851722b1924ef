from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import AppConfig


class EnforcementConfig(AppConfig):
    name = "linli.domains.enforcement"
    label = "enforcement"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from linli.domains.enforcement import effects as effects
        from linli.domains.enforcement import fields, notices
        from linli.domains.enforcement import guards as guards
        from linli.kernel.procedures import offered, registry, roles

        roles.role("officer", "执法人员", "enforcement officer", ("assigned", *roles.OFFICES))
        roles.role("legal_reviewer", "法制审核人员", "legal reviewer", ("assigned", *roles.OFFICES))
        fields.register()
        notices.register()
        registry.procedures_folder(Path(__file__).parent / "procedures")
        offered.own_entry("evidence-hold")  # begun from a penalty case alone
        registry.demo_loader(22, _load_demo)


def _load_demo(*args: Any, **kwargs: Any) -> None:
    from linli.domains.enforcement import demo  # loaded only when it is wanted

    demo.load(*args, **kwargs)
