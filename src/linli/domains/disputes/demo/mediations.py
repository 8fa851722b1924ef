"""Mediations of the demo (人民调解演示): from an application to a court's confirmation."""

from __future__ import annotations

from typing import Any

from linli.kernel.procedures.rehearsal import Act, Open, Story, Troupe

MEDIATOR = "mediator"
# Subject, what happened, the other side, what was agreed.
DISPUTES = (
    (
        "楼上漏水赔偿",
        "楼上卫生间渗水，我家客厅吊顶和地板泡坏，想请对方赔偿。",
        "王楼上",
        "王楼上于下月15日前修好防水，并赔偿吊顶、地板损失1500元。",
    ),
    (
        "空调外机噪声和滴水",
        "隔壁空调外机装在卧室窗边，夜里响，还滴水到我家雨棚。",
        "陈隔壁",
        "陈隔壁在十日内把外机移到北侧，加装减振垫和排水管。",
    ),
    (
        "邻里停车位占用",
        "固定车位经常被占，打电话挪车也不接。",
        "郑邻居",
        "双方约定固定车位不再占用，临时停放前先在群里说一声，超过半小时的道歉并付10元。",
    ),
    (
        "兄弟分家析产",
        "老宅两间房，父亲在世时口头说过各一间，弟弟不认。",
        "林兄弟",
        "老宅一楼归哥哥，二楼归弟弟，共用楼梯和院子，修缮费各半。",
    ),
    (
        "装修噪声与工期",
        "楼下装修三个月，周末也施工，小孩没法写作业。",
        "吴楼下",
        "工作日9:00到18:00施工，周末不做有噪声的工序，五月底前完工。",
    ),
    (
        "买卖合同货款",
        "给小饭店供货三个月，货款一万二没有结清。",
        "周饭店",
        "周饭店分三个月还清，每月10日付四千元。",
    ),
)


def mediations(troupe: Troupe) -> list[Story]:
    """The mediations of a county (调解一览), the newest ones first."""
    made = Mediations(troupe)
    return [
        made.story(0, [], 0.5),
        made.story(1, [Act(1, MEDIATOR, "take_up")], 1),
        made.story(2, made.begun(2, [Act(2, MEDIATOR, "note_session", SESSION)]), 5),
        made.story(3, made.begun(3, [Act(2, MEDIATOR, "refer_up", {"reason": "牵涉两个村的宅基地。"})]), 4),
        made.story(4, made.agreed(4, []), 8),
        made.story(0, made.agreed(0, [Act(4, MEDIATOR, "apply_confirmation", CONFIRM)]), 2),
        made.story(
            5,
            made.agreed(
                5,
                [
                    Act(4, "applicant", "apply_confirmation", CONFIRM),
                    Act(2, "clerk", "court_accepts", COURT, on="judicial-confirmation"),
                    Act(9, "clerk", "record_confirmed", RULING, on="judicial-confirmation"),
                ],
            ),
            12,
        ),
        made.story(
            3,
            made.agreed(
                3,
                [
                    Act(4, MEDIATOR, "apply_confirmation", CONFIRM),
                    Act(2, "clerk", "court_accepts", COURT, on="judicial-confirmation"),
                    Act(8, "clerk", "record_refused", REFUSED, on="judicial-confirmation"),
                ],
            ),
            6,
        ),
        made.story(
            1, made.agreed(1, [Act(20, MEDIATOR, "performed", {"performed": "外机已移位，不再滴水。"})]), 30
        ),
        made.story(2, made.begun(2, [Act(6, MEDIATOR, "fail", OTHER_WAYS)]), 18),
        made.story(5, [Act(1, MEDIATOR, "take_up"), Act(1, MEDIATOR, "no_consent", OTHER_WAYS)], 22),
    ]


SESSION = {"session": "双方到社区调解室，各自说了经过，约定下周再谈赔偿数额。", "invited": "楼长、物业"}
CONFIRM = {"jointly": True, "court": "区人民法院"}
COURT = {"court_number": "民特28号"}
RULING = {"ruling_number": "民特28号裁定"}
REFUSED = {
    "refused_for": "unclear",
    "ruling_number": "民特31号裁定",
    "reason": "协议没有写清共用部分的面积和维修办法，内容不明确。",
    "legal_basis": "民事诉讼法 206；法释〔2022〕11号 358",
}
OTHER_WAYS = {"other_ways": "可以向区人民法院起诉；属于物业服务的，可以向住建局投诉。"}


class Mediations:
    """Makes the acts that bring a dispute to where it stands."""

    def __init__(self, troupe: Troupe) -> None:
        self.troupe, self.n = troupe, 0

    def begun(self, of: int, acts: list[Act | Open]) -> list[Act | Open]:
        who = MEDIATOR
        consent = {
            "other_party": DISPUTES[of][2],
            "both_agree": True,
            "chosen_how": "appointed",
            "no_interest": True,
            "in_private": True,
        }
        return [Act(1, who, "take_up"), Act(1, who, "begin", consent), *acts]

    def agreed(self, of: int, acts: list[Act | Open]) -> list[Act | Open]:
        signed: dict[str, Any] = {
            "agreement": DISPUTES[of][3],
            "agreement_form": "written",
            "signed": True,
        }
        return self.begun(
            of, [Act(3, MEDIATOR, "note_session", SESSION), Act(2, MEDIATOR, "agree", signed), *acts]
        )

    def story(self, of: int, acts: list[Act | Open], dwell: float) -> Story:
        subject, description, _, _ = DISPUTES[of]
        self.n += 1
        return Story(
            "mediation",
            self.troupe.village(self.n),
            {"subject": subject, "description": description},
            acts,
            applicant=self.troupe.resident(self.n),
            title=subject,
            dwell=dwell,
        )
