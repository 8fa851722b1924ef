from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import AppConfig

from linli.base.i18n import Text

# 中止事由：听证（信访工作条例 36），行政复议法 39 各项。
GROUNDS = {
    "hearing": Text("听证", "Hearing"),
    "party-died": Text(
        "申请人死亡，近亲属是否参加未定", "The applicant died; whether relatives join is open"
    ),
    "party-incapable": Text(
        "申请人丧失行为能力，代理人未定", "The applicant lost capacity; no guardian named yet"
    ),
    "party-missing": Text("申请人下落不明", "The applicant cannot be found"),
    "party-ended": Text("申请单位终止，承受人未定", "The applicant body ended; no successor named yet"),
    "settling": Text("双方同意先调解、和解", "Both agreed to settle first"),
    "interpretation": Text("法律适用问题等有权机关解释", "A question of law waits for the competent body"),
    "other-case": Text("等另一案的结果", "Waiting for the outcome of another case"),
}


class DisputesConfig(AppConfig):
    name = "linli.domains.disputes"
    label = "disputes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from linli.domains.disputes import guards as guards
        from linli.kernel.procedures import fields, registry, roles

        high = ("county", "prefecture", "province")
        roles.role("petition_officer", "信访工作人员", "petition officer", roles.OFFICES)
        roles.role("petition_reviewer", "信访复查复核人员", "petition reviewer", high)
        roles.role("mediator", "人民调解员", "mediator", ("village", "township", "county"))
        roles.role("reconsideration_officer", "行政复议人员", "reconsideration officer", high)
        roles.role("hearing_officer", "听证主持人", "hearing officer", roles.OFFICES)
        for code, title in GROUNDS.items():
            fields.GROUNDS.setdefault(code, title)
        registry.procedures_folder(Path(__file__).parent / "procedures")
        registry.demo_loader(20, _load_demo)
        registry.demo_loader(90, _load_remedies)


def _load_demo(*args: Any, **kwargs: Any) -> None:
    from linli.domains.disputes import demo  # loaded only when it is wanted

    demo.load(*args, **kwargs)


def _load_remedies(*args: Any, **kwargs: Any) -> None:
    from linli.domains.disputes import demo

    demo.load_remedies(*args, **kwargs)
