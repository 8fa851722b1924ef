"""The demo's stories (演示案例): which kinds there are, how many, and what happens in each.

Every recipe gives the acts after the report; `Story.dwell` says since when it stands where it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from linli.base.legaltime import Period, parse_period
from linli.domains.events.demo.timeline import Act, Data, Story
from linli.domains.events.demo.writing import Writer
from linli.domains.events.queries import suggest_dispatch
from linli.kernel.people.actors import Actor
from linli.kernel.procedures import engine, overseeing
from linli.kernel.procedures.models import Case

HOURS = {
    "minutes": 1 / 60,
    "hours": 1.0,
    "working_hours": 3.0,
    "days": 24.0,
    "working_days": 24.0,
    "months": 720.0,
}
# Hours that a step usually takes: accept, assign, sign, verify.
PACE = {
    "critical": (0.08, 0.06, 0.06, 0.25),
    "urgent": (0.2, 0.25, 0.5, 2.0),
    "other": (0.3, 0.9, 3.0, 4.0),
}


def length_of(limit: str) -> float:
    period: Period = parse_period(limit or "3 working days")
    return period.n * HOURS[period.unit]


class Recipes:
    """What happens in each kind of story."""

    def __init__(self, writer: Writer, at: datetime) -> None:
        self.w, self.at = writer, at
        self.random = writer.random

    # ---- parts

    def pace(self, story: Story, step: int) -> float:
        table = PACE.get(story.grade, PACE["other"])
        return table[step] * self.random.uniform(0.5, 1.5)

    def round_the_clock(self, story: Story) -> bool:
        return story.grade in {"critical", "urgent"}

    def accept(self, story: Story, **more: object) -> Act:
        data = {"category": story.category.key, "grade": story.grade, **more}
        return Act(self.pace(story, 0), "dispatcher", "accept", data, office=False)

    def assign(self, story: Story, *, helpers: bool = False) -> Act:
        def make(story: Story) -> Data:
            found = suggest_dispatch(story.case, at=self.at)
            assert found is not None
            story.lead = found.lead
            story.helpers = tuple(code for code, _ in found.helpers) if helpers else ()
            return {"lead": found.lead, **({"helpers": list(story.helpers)} if story.helpers else {})}

        return Act(self.pace(story, 1), "dispatcher", "assign", make, office=False)

    def sign(self, story: Story) -> Act:
        return Act(self.pace(story, 2), "lead", "sign", office=not self.round_the_clock(story))

    def answer(self, story: Story, share: float | None = None, who: str = "lead") -> Act:
        share = share if share is not None else self.random.uniform(0.15, 0.8)
        hours = length_of(story.category.limit) * share
        data = {"result": story.result, "public_answer": story.answer}
        return Act(hours, who, "answer", data, office=not self.round_the_clock(story))

    def verify(self, story: Story) -> Act:
        said = self.random.choice(["到场查看，已经办好。", "现场核实，和答复一致。", "看过了，问题解决。"])
        office = story.grade != "critical"
        return Act(self.pace(story, 3), "grid_worker", "verify", {"passed": said}, office=office)

    def rework(self, story: Story) -> Act:
        said = self.random.choice(
            ["只清了一半，角落还在。", "修过的地方又松了，没有办好。", "到场看还是原样。"]
        )
        return Act(self.pace(story, 3), "grid_worker", "rework", {"reason": said})

    def rate(self, story: Story) -> Act:
        stars = self.random.choices((5, 4, 3, 2, 1), (45, 30, 12, 8, 5))[0]
        data: Data = {"solved": stars > 2, "satisfied": stars, "contacted": self.random.random() < 0.85}
        if comment := self.w.comment(stars):
            data["comment"] = comment
        after = self.random.uniform(2, 40)
        if story.channel == "web":
            return Act(after, "reporter", "rate", data, office=False)
        return Act(after, "call_back", "call_back", data)

    def to_assigned(self, story: Story, *, helpers: bool = False) -> list[Act]:
        return [self.accept(story), self.assign(story, helpers=helpers)]

    def to_handling(self, story: Story, *, helpers: bool = False) -> list[Act]:
        return [*self.to_assigned(story, helpers=helpers), self.sign(story)]

    def to_verifying(self, story: Story, share: float | None = None) -> list[Act]:
        return [*self.to_handling(story, helpers=self.random.random() < 0.25), self.answer(story, share)]

    def to_rating(self, story: Story, share: float | None = None) -> list[Act]:
        return [*self.to_verifying(story, share), self.verify(story)]

    # ---- kinds that stand somewhere now

    def waiting(self, _: Story) -> list[Act]:
        return []

    def asked(self, story: Story) -> list[Act]:
        question = {"question": "请问具体在几号楼附近？方便的话补一张照片。"}
        return [Act(self.pace(story, 0), "dispatcher", "ask", question, office=False)]

    def accepted(self, story: Story) -> list[Act]:
        return [self.accept(story)]

    def disputed(self, story: Story) -> list[Act]:
        dispute = {
            "reason": "现场查看不在我单位管养范围，属小区内部设施。",
            "legal_basis": "本单位职责清单（样例）",
        }
        return [*self.to_assigned(story), Act(2.0, "lead", "dispute", dispute)]

    def suspended(self, story: Story) -> list[Act]:
        ground, reason = self.random.choice(
            [
                ("parts", "需要的配件已订购，预计一周到货。"),
                ("weather", "连续降雨无法施工，雨停后恢复。"),
                ("expert-review", "需由鉴定单位出具意见后再处理。"),
            ]
        )
        stop = Act(4.0, "lead", "suspend", {"ground": ground, "reason": reason})
        return [*self.to_handling(story), stop]

    def joint(self, story: Story) -> list[Act]:
        return self.to_handling(story, helpers=True)

    def joint_half(self, story: Story) -> list[Act]:
        done = Act(
            5.0,
            "helper",
            "answer",
            {"result": "协办部分已完成，移交主办单位。", "public_answer": story.answer},
        )
        return [*self.to_handling(story, helpers=True), done]

    def three_departments(self, story: Story) -> list[Act]:
        """主办一家、协办两家，一家提出异议：裁定后改派；中间等鉴定停过计时，又批准延长过一次."""
        chosen: dict[str, str] = {}

        def assign(story: Story) -> Data:
            found = suggest_dispatch(story.case, at=self.at)
            assert found is not None
            others = [self.w.cast.organisation(key).code for key in ("garden", "water", "housing", "ecology")]
            others = [code for code in others if code != found.lead]
            story.lead, story.helpers, chosen["instead"] = found.lead, tuple(others[:2]), others[2]
            return {"lead": found.lead, "helpers": list(story.helpers)}

        not_ours = {
            "reason": "这段属于河道管理范围，绿化单位没有养护职责。",
            "legal_basis": "部门职责清单（样例）",
        }
        other: Callable[[Story], Data] = lambda _: {  # noqa: E731  known when it is played
            "instead": chosen["instead"],
            "reason": "职责清单写明由该单位管，请接着办。",
        }
        stop = {
            "ground": "expert-review",
            "reason": "需要鉴定单位看过地基再施工。",
            "document": "鉴函〔2026〕17 号",
        }
        longer = {"reason": "三家要先后进场，原定时间不够。"}
        return [
            self.accept(story, grade="complex"),
            Act(1.0, "dispatcher", "assign", assign),
            Act(2.0, "lead", "sign"),
            Act(1.5, "helper", "dispute_part", not_ours),
            Act(3.0, "dispatcher", "part_other", other),
            Act(6.0, "lead", "suspend", stop),
            Act(40.0, "lead", "resume", {"note": "鉴定意见已收到，可以施工。"}),
            Act(4.0, "leader", "extend", longer),
        ]

    def three_waiting(self, story: Story) -> list[Act]:
        """同样三家，异议还在裁定，计时正停着."""
        acts = self.three_departments(story)
        return [*acts[:4], acts[5]]

    def extended(self, story: Story) -> list[Act]:
        longer = Act(20.0, "leader", "extend", {"reason": "涉及多户协商，需要延长办理。"})
        return [*self.to_handling(story), longer]

    def urged(self, story: Story) -> list[Act]:
        who = self.random.choice(["supervisor", "leader"])
        return [*self.to_handling(story), Act(self.random.uniform(20, 40), who, "", do=self._urge)]

    def _urge(self, story: Story, by: Actor, at: datetime) -> None:
        overseeing.urge(story.number, "请今天内到场，并把安排告诉反映人。", by=by, at=at)

    def reworking(self, story: Story) -> list[Act]:
        return [*self.to_verifying(story, 0.4), self.rework(story)]

    def reopened(self, story: Story) -> list[Act]:
        again = Act(30.0, "reporter", "reopen", {"reason": "修好没几天又坏了，请再来看看。"}, office=False)
        return [*self.to_rating(story), self.rate(story), again]

    def not_solved(self, story: Story) -> list[Act]:
        again = Act(12.0, "reporter", "not_solved", {"reason": "问题没有解决，现场还是那样。"}, office=False)
        return [*self.to_rating(story), again]

    def recused(self, story: Story) -> list[Act]:
        accused = [self.w.cast.organisation("property").code]
        return [self.accept(story, accused=accused), self.assign(story), self.sign(story)]

    # ---- kinds that are over

    def closed(self, story: Story) -> list[Act]:
        share = self.random.uniform(1.1, 1.7) if self.random.random() < 0.12 else None
        return [*self.to_rating(story, share), self.rate(story)]

    def closed_after_rework(self, story: Story) -> list[Act]:
        again = [self.rework(story), self.answer(story, 0.2), self.verify(story), self.rate(story)]
        return [*self.to_verifying(story, 0.4), *again]

    def closed_after_question(self, story: Story) -> list[Act]:
        reply = Act(3.0, "reporter", "reply", {"reply": "在楼道口右边，晚上七点以后最明显。"}, office=False)
        first, *rest = self.to_rating(story)
        return [*self.asked(story), reply, first, *rest, self.rate(story)]

    def closed_after_dispute(self, story: Story) -> list[Act]:
        reject = Act(3.0, "dispatcher", "reject", {"reason": "经查属公共区域，仍由你单位办理。"})
        rest = [self.sign(story), self.answer(story), self.verify(story), self.rate(story)]
        return [*self.disputed(story), reject, *rest]

    def closed_after_pause(self, story: Story) -> list[Act]:
        resume = Act(60.0, "lead", "resume", {"note": "配件已到，恢复施工。"})
        return [*self.suspended(story), resume, self.answer(story, 0.3), self.verify(story), self.rate(story)]

    def settled(self, story: Story) -> list[Act]:
        data = {"result": story.result, "public_answer": story.answer}
        settle = Act(0.4, "dispatcher", "settle", data, office=False)
        return [self.accept(story), settle, self.rate(story)]

    def declined(self, story: Story) -> list[Act]:
        reason = {
            "reason": "您反映的是户内设施，由产权人维修；我们已把维修电话和流程写在答复里。",
            "legal_basis": "受理范围目录（样例）第三条",
        }
        return [Act(self.pace(story, 0), "dispatcher", "decline", reason, office=False)]

    def reviewed(self, story: Story) -> list[Act]:
        return [*self.declined(story), Act(20.0, "reporter", "", do=self._open_review, office=False)]

    def review_upheld(self, story: Story) -> list[Act]:
        return [*self.reviewed(story), Act(26.0, "supervisor", "", do=self._decide("uphold"))]

    def review_rejected(self, story: Story) -> list[Act]:
        return [*self.reviewed(story), Act(26.0, "supervisor", "", do=self._decide("reject"))]

    def withdrawn(self, story: Story) -> list[Act]:
        note = {"note": "邻居已经帮忙处理好了，谢谢。"}
        return [self.accept(story), Act(3.0, "reporter", "withdraw", note, office=False)]

    def split(self, story: Story) -> list[Act]:
        part = {
            "part_title": "另外一件：旁边的垃圾桶也满了很久。",
            "part_category": self.w.category("0203").key,
        }
        apart = Act(0.2, "dispatcher", "split", part, office=False)
        return [self.accept(story), apart, self.assign(story), self.sign(story)]

    def merged_into(self, master: Story) -> Callable[[Story], list[Act]]:
        def recipe(story: Story) -> list[Act]:
            into: Callable[[Story], Data] = lambda _: {"master": master.number}  # noqa: E731  known when it is played
            return [Act(self.random.uniform(0.2, 0.5), "dispatcher", "merge", into, office=False)]

        return recipe

    # ---- acts that are cases of their own

    def _open_review(self, story: Story, by: Actor, at: datetime) -> None:
        case = story.case
        engine.open_case(
            "event-review",
            by=by,
            area=case.area,
            data={"challenged": story.number, "reason": "这处是公共走道，不在户内，请再看一下现场照片。"},
            channel="web",
            title=f"复核：{case.title}"[:60],
            applicant=case.applicant,
            at=at,
        )

    def _decide(self, action: str) -> Callable[[Story, Actor, datetime], None]:
        def decide(story: Story, by: Actor, at: datetime) -> None:
            review = Case.objects.get(procedure="event-review", facts__challenged=story.number)
            found = {
                "uphold": {"opinion": "经查属公共部位，应予受理。"},
                "reject": {"reason": "经查确为户内设施，维持原决定。", "legal_basis": "国办发〔2020〕53号"},
            }[action]
            engine.act(review, action, found, by=by, at=at)

        return decide


@dataclass(frozen=True)
class Kind:
    """One kind of story: how many in the demo and in the small one, since when it stands there (hours), which
    categories fit; `signed_in` where the reporter has to come back."""

    name: str
    n: int
    n_small: int
    dwell: tuple[float, float]
    codes: str = ""
    signed_in: bool = False
    of_limit: bool = False  # dwell is a share of the category's limit, not hours
    shown: bool = False  # in the grid of the grid worker whose login is shown


CRITICAL = "0603 0604 0606"
PAVED = "0102 0305 0703 0706"
JOINT = "0106 0205 0501 0505 0601 0602"
KINDS = (
    Kind("waiting", 8, 2, (0.05, 0.4)),
    Kind("waiting", 1, 1, (2, 5)),  # late
    Kind("asked", 2, 1, (1, 10), signed_in=True),
    Kind("accepted", 7, 1, (0.1, 1.5)),
    Kind("accepted", 2, 0, (4, 8)),  # late
    Kind("to_assigned", 7, 1, (0.3, 6)),
    Kind("to_assigned", 3, 0, (0.3, 6), "0101 0104 0105"),  # for the handler whose login is shown
    Kind("to_assigned", 1, 0, (50, 90)),  # late
    Kind("disputed", 3, 1, (0.2, 1.5)),
    Kind("to_handling", 34, 1, (0.05, 0.9), of_limit=True),
    Kind("to_handling", 4, 1, (1.05, 1.6), of_limit=True),  # late
    Kind("joint", 4, 1, (0.1, 0.8), JOINT, of_limit=True),
    Kind("to_handling", 6, 1, (0.05, 0.5), CRITICAL),
    Kind("to_handling", 4, 0, (0.3, 0.9), "0801 0802"),
    Kind("suspended", 6, 1, (10, 70), PAVED),
    Kind("joint_half", 5, 1, (2, 20), JOINT),
    Kind("three_departments", 3, 1, (3, 20), JOINT),
    Kind("three_waiting", 2, 1, (2, 6), JOINT),
    Kind("extended", 3, 1, (5, 40), "0305 0503 0706"),
    Kind("urged", 5, 1, (3, 20)),
    Kind("reworking", 5, 1, (2, 20)),
    Kind("to_verifying", 7, 0, (0.5, 6)),
    Kind("to_verifying", 3, 1, (0.5, 6), shown=True),
    Kind("to_verifying", 1, 0, (50, 90)),  # late
    Kind("to_rating", 18, 1, (3, 90)),
    Kind("not_solved", 3, 0, (2, 20), signed_in=True),
    Kind("reopened", 3, 1, (2, 20), signed_in=True),
    Kind("recused", 4, 1, (2, 60), "0704"),
    Kind("split", 3, 1, (0.05, 0.3)),
    Kind("closed", 64, 1, (6, 560)),
    Kind("closed", 4, 1, (6, 560), "0102 0103 0201 0403"),  # with photos of before and after
    Kind("closed", 5, 0, (6, 560), CRITICAL),
    Kind("closed", 4, 0, (6, 560), "0801 0802"),
    Kind("to_rating", 12, 1, (380, 600)),  # nobody rated it: closed by the clock
    Kind("closed_after_rework", 8, 1, (6, 400)),
    Kind("closed_after_question", 4, 0, (6, 400), signed_in=True),
    Kind("closed_after_dispute", 4, 0, (6, 400)),
    Kind("closed_after_pause", 4, 0, (6, 400), PAVED),
    Kind("settled", 12, 1, (3, 560), "0805 0806"),
    Kind("declined", 4, 0, (20, 400)),
    Kind("reviewed", 2, 1, (5, 30), signed_in=True),
    Kind("review_upheld", 1, 0, (3, 6), signed_in=True),
    Kind("review_rejected", 1, 0, (20, 90), signed_in=True),
    Kind("withdrawn", 4, 1, (20, 400), signed_in=True),
)
N_MERGED, N_MERGED_SMALL = 12, 2
