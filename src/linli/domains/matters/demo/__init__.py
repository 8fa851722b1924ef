"""The demo of this domain (行政许可演示): applications at every interesting step, played by the verbs alone.

Everybody in it is invented; the moments lie in the past weeks, whenever it is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from linli.kernel.places.models import Area
from linli.kernel.procedures.rehearsal import Act, Rehearsal, Story, Troupe

EXAMINER, HEAD = "examiner@assigned", "leader@assigned"
ACCEPT = Act(1, EXAMINER, "accept")
REPORT = Act(
    3, EXAMINER, "report", {"opinion": "材料齐全，现场核查符合规定，建议准予。", "affects_others": False}
)
SMALL = 2  # one story of so many where the demo is small


def load(county: Area, *, progress: Callable[[int, int], None], small: bool, at: datetime) -> None:
    """Play applications in a county whose demo people are there (载入许可演示)."""
    troupe = Troupe.of(county, at=at)
    stories = licences(troupe)
    Rehearsal(troupe).run(stories[::SMALL] if small else stories, progress)


def licences(troupe: Troupe) -> list[Story]:
    joint = {
        "handling": "joint",
        "public_interest": False,
        "helpers": [troupe.organisation("garden")],
    }
    allot = Act(0.2, EXAMINER, "allot", {"handling": "single", "public_interest": False})
    begun = [ACCEPT, allot]
    granted = [
        *begun,
        REPORT,
        Act(2, HEAD, "grant", _granted),
    ]
    refused = [
        *begun,
        Act(3, EXAMINER, "report", {"opinion": "占用盲道，不符合规定。", "affects_others": False}),
        Act(2, HEAD, "refuse", _refused),
    ]
    correction = Act(2, EXAMINER, "ask_correction", {
        "missing": "一、缺产权人同意书（本人签字原件）；二、效果图未标尺寸，请补标长、高、离地高度。"
        "补正后从网上提交或交到区行政服务中心综合窗口都可以。",
    })  # fmt: skip
    tell: tuple[tuple[str, Sequence[Act], float], ...] = (
        ("在学军路 8 号门前设置户外招牌", (), 1.2),
        ("占用和平巷路面埋设供水管", (correction,), 3),
        ("在江滨公园举办社区音乐会", (), 9),  # 五个工作日没有告知，视为受理
        ("迁移文化路 3 棵行道树", (ACCEPT, Act(0.2, EXAMINER, "allot", joint)), 3),
        ("在城东市场设置临时摊区", (*begun, _hearing()), 2),
        ("在南门广场设置大型户外广告屏", (ACCEPT, _public(allot), _announced()), 3),
        ("开办学前托育点", (*begun, REPORT), 1),
        ("在中山路 12 号门前设置户外招牌", granted, 1.5),
        ("从事生活垃圾经营性清扫", (*begun, _extended()), 2),
        (
            "在古城路 21 号设置户外招牌",
            (*granted, _delivered(), Act(1, "applicant", "rate", {"satisfied": 5, "comment": "没跑冤枉路。"})),
            6,
        ),
        ("占用府前路人行道设置报亭", (*refused, _delivered()), 9),
        ("改变水南片区绿化规划用途", (_declined(),), 12),
        ("在西门桥头设置灯箱", (*begun, _review()), 4),
        ("占用建新巷搭建施工围挡", (ACCEPT, Act(2, "applicant", "withdraw", {"note": "改用别的施工办法。"})), 7),
        ("在东街口设置活动舞台", (*refused, _delivered()), 44),
    )  # fmt: skip
    return [_story(troupe, n, subject, acts, dwell) for n, (subject, acts, dwell) in enumerate(tell)]


def _story(troupe: Troupe, n: int, subject: str, acts: Sequence[Act], dwell: float) -> Story:
    data: dict[str, Any] = {
        "subject": subject,
        "office": troupe.organisation("licensing"),
        "materials": "申请表\n场地或者设施平面图\n产权人同意书",
    }
    if n % 3 == 2:
        data["holder"] = "邻里文化服务社（演示）"
    at_window = n % 4 == 1
    return Story(
        "licence",
        troupe.village(n),
        data,
        acts,
        applicant=troupe.resident(n),
        by="clerk" if at_window else "applicant",
        channel="window" if at_window else "web",
        dwell=dwell,
    )


def _hearing() -> Act:
    return Act(1, EXAMINER, "hold_hearing", {"subject": "临时摊区设置对周边住户的影响"})


def _public(allot: Act) -> Act:
    return Act(allot.days, allot.who, allot.action, {"handling": "single", "public_interest": True})


def _announced() -> Act:
    words = (
        "拟许可在南门广场东侧设置广告屏一块，亮灯时间为十八时至二十一时。利害关系人可以提出意见、申请听证。"
    )
    return Act(1, EXAMINER, "announce", {"announcement": words})


def _extended() -> Act:
    return Act(6, HEAD, "extend", {"reason": "车辆停放场需要再次现场核查。", "document": "审批延〔2026〕4号"})


def _review() -> Act:
    return Act(1, EXAMINER, "special_procedure", {
        "ground": "expert-review",
        "special": "请结构工程师核算桥栏承重，约十个工作日。",
        "document": "审批评〔2026〕6号",
    })  # fmt: skip


def _delivered() -> Act:
    return Act(2, EXAMINER, "deliver", {"delivery": "electronic"})


def _declined() -> Act:
    return Act(2, EXAMINER, "decline", {
        "reason": "规划用途的调整由市自然资源和规划局办理，不属于本机关职权。",
        "legal_basis": "行政许可法 32；城乡规划法 47",
    })  # fmt: skip


def _numbered(story: Story, kind: str) -> str:
    """A number for the decision, from that of its case (文号)."""
    _, _, year, n = story.number.split("-")
    return f"审批{kind}〔{year}〕{int(n)}号"


def _granted(story: Story) -> dict[str, Any]:
    conditions = "限本门面，长三米、高八十厘米，不得遮挡消防通道。"
    return {"decision_number": _numbered(story, "准"), "conditions": conditions}


def _refused(story: Story) -> dict[str, Any]:
    return {
        "decision_number": _numbered(story, "不准"),
        "reason": "申请的位置占用盲道，没有其他可以调整的位置。",
        "legal_basis": "无障碍环境建设法 17；行政许可法 38",
    }
