"""Petitions of the demo (信访演示): each of the three kinds, from the first sorting to a final re-review."""

from __future__ import annotations

from typing import Any

from linli.kernel.procedures.rehearsal import Act, Open, Story, Troupe

OFFICER = "petition_officer"
REVIEWER = "petition_reviewer#petition-office"
LIAISON = "petition_reviewer#petition-liaison"
HANDLER = "handler@assigned"
HEAD = "leader@assigned"

# Kind, subject, description, who is competent, what the opinion says, why, and under which article.
CLAIMS = (
    (
        "请求补发拆迁过渡费",
        "2024年签的征收协议，约定过渡费发到回迁之日，今年一月起没有再发。请求补发并说明原因。",
        "housing",
        "按协议第六条补发一月至今的过渡费，三十日内到账；今后按季发放，逾期由房屋征收中心书面说明。",
        "协议约定发至回迁之日，停发没有依据。",
        "国有土地上房屋征收与补偿条例 22",
    ),
    (
        "请求核实危房改造补助",
        "去年房屋鉴定为C级并完成加固，验收后半年没有拨付补助。请求核实拨付时间。",
        "housing",
        "补助已列入本批次，十五个工作日内拨付到户；延误的原因是材料移交遗漏，已责令改进。",
        "加固验收合格，符合补助条件。",
        "农村危房改造补助资金管理办法 9",
    ),
    (
        "反映道路施工破坏门前排水沟",
        "管网改造回填后，门前排水沟被截断，雨天积水倒灌进一楼。请求恢复并赔偿损失。",
        "municipal",
        "十日内恢复排水沟；损失由施工单位与您协商，协商不成的可以申请人民调解或者起诉。",
        "施工图要求原样恢复，现场未恢复属实。",
        "城镇排水与污水处理条例 43",
    ),
    (
        "请求认定宅基地四至有误",
        "邻居翻建后围墙占到我家滴水，请求重新确认宅基地四至。",
        "housing",
        "现有图件与现场一致，四至没有变化；对界址仍有争议的，可以申请权属争议调处或者向法院起诉。",
        "两次现场测量与登记图件相符，没有事实依据支持变更。",
        "土地管理法 14",
    ),
    (
        "反映老旧小区电梯加装补贴未到位",
        "加装电梯已经竣工备案，市区两级补贴只到了一半，业主垫付压力很大。",
        "housing",
        "剩余补贴在年度预算下达后二十日内拨付，区里先行垫付一半。",
        "竣工备案材料齐全，符合补贴办法。",
        "福建省老旧小区改造补助办法（样例）",
    ),
    (
        "请求解决临街餐饮油烟扰民",
        "楼下三家餐饮店油烟直排，投诉多次反复。请求依法处理。",
        "ecology",
        "三家店已安装净化设施并按月清洗，由街道每周检查一次，结果贴在楼道。",
        "现场监测两家超标，已责令整改并复测达标。",
        "大气污染防治法 81",
    ),
)
SUGGESTIONS = (
    (
        "建议在学校门口增设护学岗",
        "放学时段电动车和接送车混行，建议每天16:30至17:30设护学岗，并画出等候区。",
        "traffic-police",
        "partly",
        "护学岗从下周起试行两个月；等候区的标线列入下季度交通标线计划。",
    ),
    (
        "建议把社区闲置用房改成老年食堂",
        "社区一楼仓库空了两年，建议改成老年食堂，先做午餐。",
        "civil",
        "yes",
        "建议已采纳，正在办理消防和食品经营手续，预计三个月内开餐。",
    ),
)
REPORTS = (
    (
        "检举物业公共收益不公开",
        "电梯广告、停车收费三年没有公布，业主大会也没有开过。请求核查账目。",
        "housing",
        "property",
        "部分属实：停车收费有账未公布，广告收入部分没有入账，已责令限期公布。",
        "您反映的公共收益问题部分属实，物业公司已在楼道公布近三年收支，未入账部分正在核算。",
    ),
)
GROUP = (
    "三十户请求解决安置房办证",
    "安置房入住八年没有办下产权证，影响孩子落户和出租。三十户推选五名代表到街道反映。",
    "housing",
    "对三十户分两批办理首次登记：资料齐全的二十一户两个月内办结，缺证明的九户由街道协助补齐。",
    "规划、竣工资料已补齐，符合办证条件。",
    "不动产登记暂行条例 15",
)


def opinion(n: int, text: str, reason: str, basis: str, *, how: str = "online") -> dict[str, Any]:
    return {
        "claim_facts": "见您提出的请求；经核实，情况如下。",
        "opinion": text,
        "reason": reason,
        "legal_basis": basis,
        "opinion_number": f"信访意见第{n}号",
        "served_how": how,
    }


class Petitions:
    """Makes one story after the other, so that no two carry the same words."""

    def __init__(self, troupe: Troupe) -> None:
        self.troupe, self.n = troupe, 0

    def _story(
        self, subject: str, description: str, acts: list[Act | Open], dwell: float, **data: Any
    ) -> Story:
        self.n += 1
        by = data.pop("by", "applicant")
        return Story(
            "petition",
            self.troupe.village(self.n),
            {"subject": subject, "description": description, **data},
            acts,
            applicant=self.troupe.resident(self.n),
            by=by,
            channel="window" if by != "applicant" else "web",
            title=subject,
            dwell=dwell,
        )

    def claim(self, acts: list[Act | Open], dwell: float, *, of: int, forwarded: bool = True) -> Story:
        subject, description, body, *_ = CLAIMS[of]
        lead: list[Act | Open] = [Act(2, OFFICER, "forward", {"kind": "claim", "lead": self._code(body)})]
        return self._story(subject, description, [*(lead if forwarded else []), *acts], dwell)

    def decided(
        self, of: int, action: str, acts: list[Act | Open], dwell: float, *, after: float = 18
    ) -> Story:
        """A claim on which an opinion was given, and what came after it."""
        _, _, _, text, reason, basis = CLAIMS[of]
        given = Act(after, HANDLER, action, opinion(40 + self.n, text, reason, basis))
        return self.claim(
            [Act(3, HANDLER, "accept"), Act(4, HANDLER, "hear", HEARD), given, *acts], dwell, of=of
        )

    def _code(self, body: str) -> str:
        return self.troupe.organisation(body)


HEARD = {"note": "到场核对了协议和拨付凭证，双方都在场说明。"}
REVIEW = {"reason": "原处理意见没有回应协议第六条的约定。"}
STANDS = {
    "finding": "原处理意见事实清楚、依据正确。",
    "reason": "测量结果与登记图件一致，没有新的事实。",
    "legal_basis": "信访工作条例 35",
    "opinion_number": "信访复查第3号",
}
UPHELD = {
    "finding": "原处理意见遗漏了协议约定的发放期限。",
    "order": "按协议第六条重新核定，十五日内重新答复。",
    "opinion_number": "信访复查第5号",
}


def petitions(troupe: Troupe) -> list[Story]:
    """The petitions of a county (信访事项一览), the newest ones first."""
    make = Petitions(troupe)
    subject, description, body, *_ = GROUP
    return [
        make.claim([], 0.4, of=0, forwarded=False),
        make.claim([], 2, of=5, forwarded=False),
        make.claim([], 1.5, of=1),
        make.claim([Act(3, HANDLER, "accept"), Act(4, HANDLER, "hear", HEARD)], 6, of=2),
        make.claim([Act(3, HANDLER, "accept")], 49, of=4),  # yellow: fifty of the sixty days are over
        make.claim(
            [
                Act(3, HANDLER, "accept"),
                Act(40, HEAD, "extend", {"reason": "要等第三方出具鉴定意见。", "document": "延期审批第2号"}),
            ],
            9,
            of=1,
        ),
        make.claim(
            [Act(3, HANDLER, "accept"), Act(1, HANDLER, "simplify", {"reason": "事实清楚，标准明确。"})],
            1,
            of=1,
        ),
        make.claim(
            [Act(2, HANDLER, "object", {"reason": "不属本局职责，属供水管网。", "legal_basis": "三定方案"})],
            1,
            of=5,
        ),
        make.decided(3, "reject", [], 3),
        make.decided(0, "support", [], 5),
        make.decided(
            0, "support", [Act(12, HANDLER, "carried_out", {"done": "已补发到账，附拨付凭证。"})], 4
        ),
        make.decided(
            4,
            "support",
            [
                Act(12, HANDLER, "carried_out", {"done": "剩余补贴已到账。"}),
                Act(2, "applicant", "rate", {"satisfied": 5, "comment": "说清楚了，也办了。"}),
                Act(3, HANDLER, "file", {"archive_number": "XF-2026-017"}),
            ],
            20,
        ),
        make.decided(3, "reject", [Open(8, "applicant", "petition-review", _challenge)], 5),
        make.decided(
            3,
            "reject",
            [
                Open(8, "applicant", "petition-review", _challenge),
                Act(12, REVIEWER, "uphold", UPHELD, on="petition-review"),
            ],
            6,
        ),
        make.decided(
            3,
            "reject",
            [
                Open(8, "applicant", "petition-review", _challenge),
                Act(12, REVIEWER, "reject", STANDS, on="petition-review"),
                Open(6, "applicant", "petition-rereview", _of_review),
            ],
            7,
        ),
        make.decided(
            3,
            "reject",
            [
                Open(8, "applicant", "petition-review", _challenge),
                Act(12, REVIEWER, "reject", STANDS, on="petition-review"),
                Open(6, "applicant", "petition-rereview", _of_review),
                Act(15, LIAISON, "reject", {**STANDS, "body": "市信访局"}, on="petition-rereview"),
            ],
            30,
        ),
        make.claim(
            [
                Act(3, HANDLER, "accept"),
                Act(5, HANDLER, "hold_hearing", {"subject": "门前排水沟恢复与损失数额"}),
            ],
            3,
            of=2,
        ),
        make._story(
            subject,
            description,
            [
                Act(2, OFFICER, "forward", {"kind": "claim", "lead": make._code(body)}),
                Act(2, HANDLER, "accept"),
            ],
            8,
            by=OFFICER,
            n_people=30,
            n_representatives=5,
        ),
        *_suggestions(make),
        *_reports(make),
        make._story(
            "欠薪维权",
            "在工地干了两个月，包工头拖欠工资八千元。",
            [
                Act(
                    1,
                    OFFICER,
                    "redirect",
                    {
                        "route": "arbitration",
                        "where_to": "区劳动保障监察大队（政务中心二楼12号窗口）可以先投诉，也可以向区劳动人事争议仲裁院申请仲裁。",
                        "reason": "拖欠工资属于劳动争议，应当通过仲裁解决。",
                        "legal_basis": "信访工作条例 31",
                    },
                )
            ],
            10,
        ),
        make._story(
            "不服法院判决",
            "对邻里纠纷的判决不服，要求街道改判。",
            [
                Act(
                    1,
                    OFFICER,
                    "decline",
                    {
                        "reason": "属于诉讼事项，街道无权处理，可以依法上诉或者申请再审。",
                        "legal_basis": "信访工作条例 20、28",
                    },
                )
            ],
            15,
        ),
    ]


def _suggestions(make: Petitions) -> list[Story]:
    found = []
    for (subject, description, body, adopted, answer), (answered, dwell) in zip(
        SUGGESTIONS, ((False, 12.0), (True, 6.0)), strict=True
    ):
        acts: list[Act | Open] = [
            Act(2, OFFICER, "forward", {"kind": "suggestion", "lead": make._code(body)}),
            Act(2, HANDLER, "study"),
        ]
        if answered:
            acts.append(Act(25, HANDLER, "reply", {"adopted": adopted, "public_answer": answer}))
        found.append(make._story(subject, description, acts, dwell))
    return found


def _reports(make: Petitions) -> list[Story]:
    found = []
    for subject, description, body, accused, finding, answer in REPORTS:
        forward = {"kind": "report", "lead": make._code(body), "accused": [make._code(accused)]}
        acts: list[Act | Open] = [Act(2, OFFICER, "forward", forward), Act(3, HANDLER, "inquire")]
        found.append(make._story(subject, description, acts, 12))
        done = Act(30, HANDLER, "feedback", {"finding": finding, "public_answer": answer})
        found.append(make._story(subject, description, [*acts, done], 8))
    found.append(
        make._story(
            "检举工作人员收受礼品",
            "窗口工作人员在办证时收受购物卡，有转账截图。",
            [Act(1, OFFICER, "transfer", {"kind": "report", "taken_to": "区纪委监委"})],
            25,
        )
    )
    return found


def _challenge(story: Story) -> dict[str, Any]:
    return {"challenged": story.number, **REVIEW}


def _of_review(story: Story) -> dict[str, Any]:
    return {"challenged": story.numbers["petition-review"], "reason": "复查没有重新测量，只看了旧图。"}
