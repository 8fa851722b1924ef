"""The demo of this domain (依申请公开演示): requests at every interesting step, played by the verbs alone.

Everybody in it is invented; the moments lie in the past weeks, whenever it is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from linli.kernel.places.models import Area
from linli.kernel.procedures.rehearsal import Act, Rehearsal, Story, Troupe

OFFICER, HEAD = "disclosure_officer@assigned", "leader@assigned"
SMALL = 2  # one story of so many where the demo is small
UNCLEAR = Act(3, OFFICER, "ask_correction", {
    "missing": "请写明是哪一年的方案、由哪个部门印发；不清楚文号的，写明项目名称也可以。",
})  # fmt: skip
THIRD_PARTY = Act(2, OFFICER, "ask_third_party", {
    "third_party": "项目施工单位（演示）", "document": "政公开征〔2026〕5号",
})  # fmt: skip
GIVEN = {
    "answer": "您申请的信息予以公开，已按您要求的方式提供。",
    "delivered_in": "electronic",
}
WITHHELD = {
    "withheld_because": "process",
    "reason": "属于讨论过程中的记录，结论已在公开的纪要里载明，纪要可以提供。",
    "legal_basis": "政府信息公开条例 16",
}


def load(county: Area, *, progress: Callable[[int, int], None], small: bool, at: datetime) -> None:
    """Play requests for information in a county whose demo people are there (载入信息公开演示)."""
    troupe = Troupe.of(county, at=at)
    stories = requests(troupe)
    Rehearsal(troupe).run(stories[::SMALL] if small else stories, progress)


def requests(troupe: Troupe) -> list[Story]:
    heard = Act(
        6, OFFICER, "third_party_answered", {"third_party_view": "合同单价属于商业秘密，其余同意公开。"}
    )
    partly = {
        **GIVEN,
        "withheld": "合同附件中的分项单价。",
        "withheld_because": "third_party",
        "reason": "分项单价属于施工单位的商业秘密，单位不同意公开；总价和工期已提供。",
        "legal_basis": "政府信息公开条例 15、32、37",
    }
    not_held = {
        "where": "由市自然资源和规划局制作，可以向该局申请，窗口电话见其网站。",
        "reason": "本机关没有制作，也没有保存这些信息。",
        "legal_basis": "政府信息公开条例 36",
    }
    tell: tuple[tuple[str, Sequence[Act], float], ...] = (
        ("水南片区防洪排涝工程的施工合同", (THIRD_PARTY,), 3),
        ("学军路改造工程的设计方案批复", (), 2),
        ("老旧小区加装电梯的补贴发放标准", (UNCLEAR,), 4),
        ("2025 年公益性岗位招录结果", (_extended(),), 2),
        ("社区养老服务站的年度补助金额", (_answer(4, "disclose", GIVEN),), 5),
        ("道路修复工程的中标合同", (THIRD_PARTY, heard, _answer(2, "disclose_partly", partly)), 3),
        ("区政府专题会议的发言记录", (_answer(5, "withhold", WITHHELD),), 10),
        ("旧城控制性详细规划的批准文件", (_answer(3, "not_held", not_held),), 20),
        ("河道整治的监测报告", (UNCLEAR, Act(4, "applicant", "correct", {"corrected": "2025 年东溪整治后的监测报告。"})), 2),
        ("以前某次活动的全部材料", (UNCLEAR,), 30),  # 逾期没有补正，视为放弃
        ("公租房轮候名单的排序办法", (_answer(2, "public_already", PUBLISHED),), 8),
    )  # fmt: skip
    return [_story(troupe, n, subject, acts, dwell) for n, (subject, acts, dwell) in enumerate(tell)]


PUBLISHED = {
    "where": "区政府网站“住房保障”栏目，今年三月公布的管理办法第八条。",
}


def _answer(days: float, action: str, data: Mapping[str, str]) -> Act:
    def numbered(story: Story) -> dict[str, str]:
        _, _, year, n = story.number.split("-")
        return {**data, "answer_number": f"政公开答〔{year}〕{int(n)}号"}

    return Act(days, OFFICER, action, numbered)


def _extended() -> Act:
    return Act(
        9, HEAD, "extend", {"reason": "档案在外馆保存，需要调阅核对。", "document": "政公开延〔2026〕2号"}
    )


def _story(troupe: Troupe, n: int, subject: str, acts: Sequence[Act], dwell: float) -> Story:
    at_window = n % 4 == 3
    return Story(
        "information-request",
        troupe.village(n),
        {"subject": subject, "office": troupe.organisation("government"), "form_wanted": "electronic"},
        acts,
        applicant=troupe.resident(n + 1),
        by="clerk" if at_window else "applicant",
        channel="window" if at_window else "web",
        dwell=dwell,
    )
