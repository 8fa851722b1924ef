"""The demo of this domain (行政处罚演示): penalty cases at every interesting step, played by the verbs alone.

Everybody in it is invented; the moments lie in the past weeks, whenever it is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from linli.kernel.places.models import Area
from linli.kernel.procedures.rehearsal import Act, Rehearsal, Story, Troupe

OFFICER, HEAD = "officer@assigned", "leader@assigned"
SMALL = 2  # one story of so many where the demo is small


def load(county: Area, *, progress: Callable[[int, int], None], small: bool, at: datetime) -> None:
    """Play penalty cases in a county whose demo people are there (载入处罚演示)."""
    troupe = Troupe.of(county, at=at)
    stories = penalties(troupe)
    Rehearsal(troupe).run(stories[::SMALL] if small else stories, progress)


def penalties(troupe: Troupe) -> list[Story]:
    seats = [a.hats[0].post_uid.hex for a in troupe.staff if "officer" in a.roles]
    told = Case(troupe, dict(zip(("officer_a", "officer_b"), seats, strict=False)))
    tell: tuple[tuple[str, Sequence[Act], float], ...] = (
        ("占用学军路人行道堆放建材", told.to("clue"), 1),
        ("擅自砍伐小区绿化树木", (*told.to("investigating"), told.held()), 2),
        ("占用和平巷人行道经营", told.to("telling"), 1),
        ("未按规定密闭运输渣土", told.to("telling", heavy=True), 2),
        ("临街店铺噪声扰民", told.to("weighing"), 1),
        ("擅自在临街建筑物外墙开设门窗", (*told.to("telling", heavy=True), told.hearing()), 2),
        ("向河道倾倒餐厨垃圾", told.to("reviewing", heavy=True), 1),
        ("未经批准占用城市道路搭设围挡", told.to("deciding", heavy=True), 1),
        ("乱张贴小广告", told.to("serving"), 2),
        ("占用盲道停放共享电动车", told.to("performing"), 8),
        ("油烟直排污染外墙", told.to("closed"), 25),
        ("渣土运输遗撒污染路面", told.to("closed"), 32),
        ("擅自设置户外广告设施", told.to("closed"), 40),
        ("初次在店外摆放展架，当场收回", told.to("spared"), 15),
        ("遛犬不清理粪便", (told.on_the_spot(),), 3),
    )
    return [told.story(n, subject, acts, dwell) for n, (subject, acts, dwell) in enumerate(tell)]


class Case:
    """Makes the acts that bring a penalty case to where it stands (逐步办到某一环节)."""

    def __init__(self, troupe: Troupe, officers: Mapping[str, str]) -> None:
        self.troupe, self.officers = troupe, officers

    def story(self, n: int, subject: str, acts: Sequence[Act], dwell: float) -> Story:
        firm = n % 3 == 0
        data: dict[str, Any] = {
            "subject": subject,
            "party_kind": "organisation" if firm else "person",
            "source": ("inspection", "event", "report")[n % 3],
            "clue": "现场见到的情况与反映一致，已拍照并要求先行改正。",
        }
        if firm:
            data["party_organisation"] = ("顺达建材店（演示）", "家和餐饮店（演示）")[n % 2]
        return Story(
            "penalty",
            self.troupe.village(n),
            data,
            acts,
            applicant=self.troupe.resident(n),
            by="officer",
            channel="field",
            dwell=dwell,
        )

    def to(self, step: str, *, heavy: bool = False) -> list[Act]:
        ways: dict[str, Callable[[], list[Act]]] = {
            "clue": list,
            "investigating": lambda: [Act(2, HEAD, "file", self.officers)],
            "telling": lambda: [*self.to("investigating"), *self._investigated(heavy)],
            "weighing": lambda: [
                *self.to("telling", heavy=heavy),
                Act(1, "applicant", "speak", {"statement": "已经整改，以后不再这样，希望从轻。"}),
                Act(1, "applicant", "nothing_more"),
            ],
            "reviewing": lambda: [*self.to("weighing", heavy=True), Act(1, OFFICER, "send_to_review", WEIGHED)],
            "deciding": lambda: [*self.to("weighing", heavy=heavy), *self._submitted(heavy)],
            "serving": lambda: [*self.to("deciding"), Act(1, HEAD, "penalise", _decided)],
            "performing": lambda: [*self.to("serving"), Act(1, OFFICER, "serve", {"service": "direct"})],
            "closed": lambda: [
                *self.to("performing"),
                Act(4, OFFICER, "perform", {"performance": "罚款五百元已缴，现场已清理。"}),
            ],
            "spared": lambda: [*self.to("deciding"), Act(1, HEAD, "not_penalise", _spared)],
        }  # fmt: skip
        return ways[step]()

    def _investigated(self, heavy: bool) -> list[Act]:
        found = {"facts_found": FACTS, "gravity": "major" if heavy else "ordinary"}
        kind = (
            {"penalty_kind": "large_fine", "amount": 30000}
            if heavy
            else {"penalty_kind": "fine", "amount": 500}
        )
        evidence = {"evidence": "现场照片六张，执法记录仪编号 C07，已出示执法证件，当事人在笔录上签字。"}
        return [
            Act(1, OFFICER, "record_evidence", evidence),
            Act(2, OFFICER, "report", found),
            Act(1, OFFICER, "tell", {**REASONS, **kind, "facts_found": FACTS, "hearing_right": heavy}),
        ]

    def _submitted(self, heavy: bool) -> list[Act]:
        if not heavy:
            return [Act(1, OFFICER, "submit", WEIGHED)]
        return [
            Act(1, OFFICER, "send_to_review", WEIGHED),
            Act(2, "legal_reviewer", "approve", {"review_opinion": "事实清楚，裁量适当，同意。"}),
        ]

    def held(self) -> Act:
        items = {"subject": "砍伐工具登记保存", "held_items": "油锯一台，存放在执法中队物证室。"}
        return Act(1, OFFICER, "hold_evidence", items)

    def hearing(self) -> Act:
        return Act(1, "applicant", "ask_hearing", {"subject": "外墙开设门窗处罚听证"})

    def on_the_spot(self) -> Act:
        more = {
            **self.officers,
            "amount": 50,
            "statement": "认可，当场清理了。",
            "social_impact": "遛犬不清理粪便，罚款 50 元。",
        }
        return Act(0.1, OFFICER, "on_the_spot", lambda story: {**_decided(story), **more})


FACTS = "经现场检查和询问，违法行为属实，有照片、视频和当事人签字的笔录为证。"
REASONS = {
    "reason": "影响市容和通行，已责令改正。",
    "legal_basis": "城市市容和环境卫生管理条例 34、36",
}
WEIGHED = {"heard_out": "当事人已主动整改，从轻的意见予以采纳。"}
DECIDED: dict[str, Any] = {
    **REASONS,
    "penalty_kind": "fine",
    "amount": 500,
    "facts_found": FACTS,
    "social_impact": "影响市容和通行，责令改正，罚款 500 元。",
}
SPARED: dict[str, Any] = {
    "reason": "初次、情节轻微、当场改正，没有造成后果，已经说明教育。",
    "legal_basis": "行政处罚法 33",
}


def _numbered(story: Story, kind: str) -> str:
    """A number for the decision, from that of its case (文号)."""
    _, _, year, n = story.number.split("-")
    return f"城管{kind}〔{year}〕{int(n)}号"


def _decided(story: Story) -> dict[str, Any]:
    return {**DECIDED, "decision_number": _numbered(story, "罚决")}


def _spared(story: Story) -> dict[str, Any]:
    return {**SPARED, "decision_number": _numbered(story, "不罚")}
