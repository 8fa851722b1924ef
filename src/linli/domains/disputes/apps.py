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

# 结果在当事人页面上的说法。
OUTCOMES = {
    "closed": Text("已办结", "closed"),
    "redirected": Text("已告知其他途径", "told of the other way"),
    "transferred": Text("已转送纪检监察机关", "passed on to the discipline body"),
    "agreed": Text("达成协议并履行", "agreed and performed"),
    "unperformed": Text("达成协议，未履行", "agreed, not performed"),
    "failed": Text("调解不成", "no agreement"),
    "no_consent": Text("一方不同意调解", "refused by one side"),
    "unsuitable": Text("不适合人民调解", "not for mediation"),
    "confirmed": Text("法院确认有效", "confirmed by the court"),
    "refused": Text("没有同意", "refused"),
    "maintained": Text("维持原决定", "the decision stands"),
    "changed": Text("变更原决定", "the decision was changed"),
    "revoked": Text("撤销原决定", "the decision was set aside"),
    "ordered": Text("责令履行", "ordered to act"),
    "unlawful": Text("确认违法", "declared unlawful"),
    "dismissed": Text("驳回", "dismissed"),
    "settled": Text("调解结案", "settled"),
    "terminated": Text("终止", "ended"),
    "abandoned": Text("逾期未补正，视为放弃", "not corrected in time, given up"),
    "annulled": Text("法院判决撤销", "set aside by the court"),
    "not_filed": Text("法院不予立案", "not taken up by the court"),
    "held": Text("已举行", "held"),
    "waived": Text("已放弃或者终止", "waived or ended"),
}


class DisputesConfig(AppConfig):
    name = "linli.domains.disputes"
    label = "disputes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from linli.domains.disputes import guards as guards
        from linli.kernel.procedures import fields, registry, roles
        from linli.web import casewords

        high = ("county", "prefecture", "province")
        roles.role("petition_officer", "信访工作人员", "petition officer", roles.OFFICES)
        roles.role("petition_reviewer", "信访复查复核人员", "petition reviewer", high)
        roles.role("mediator", "人民调解员", "mediator", ("village", "township", "county"))
        roles.role("reconsideration_officer", "行政复议人员", "reconsideration officer", high)
        roles.role("hearing_officer", "听证主持人", "hearing officer", roles.OFFICES)
        for code, title in GROUNDS.items():
            fields.GROUNDS.setdefault(code, title)
        for code, title in OUTCOMES.items():
            casewords.OUTCOMES.setdefault(code, title)
        registry.procedures_folder(Path(__file__).parent / "procedures")
        registry.demo_loader(20, _load_demo)
        registry.demo_loader(90, _load_remedies)


def _load_demo(*args: Any, **kwargs: Any) -> None:
    from linli.domains.disputes import demo  # loaded only when it is wanted

    demo.load(*args, **kwargs)


def _load_remedies(*args: Any, **kwargs: Any) -> None:
    from linli.domains.disputes import demo

    demo.load_remedies(*args, **kwargs)
