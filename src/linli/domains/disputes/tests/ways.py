"""Ways through the procedures of this domain (各程序的走法): who does what, from the first step to every end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from linli.kernel.people.actors import SYSTEM
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case
from tests.cast import Cast

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai, far from every holiday
MUNICIPAL = "350102-municipal"

# (days after the act before, who, action, entries)
Step: TypeAlias = tuple[float, str, str, dict[str, Any]]

OPINION: dict[str, Any] = {
    "claim_facts": "请求核发2023年过渡费；查明已发至2023年6月。",
    "opinion": "按协议补发下半年过渡费，四月底前到账。",
    "reason": "协议约定至回迁之日止。",
    "legal_basis": "国有土地上房屋征收与补偿条例 22",
    "opinion_number": "鼓信意〔2026〕1号",
    "served_how": "in_person",
}
DECISION: dict[str, Any] = {
    "findings": "送达程序有误，其余事实清楚。",
    "decision": "见决定书。",
    "reason": "原决定没有听取申请人陈述。",
    "legal_basis": "行政复议法 64",
    "decision_number": "鼓政行复〔2026〕1号",
    "remedy_told": "收到之日起15日内向鼓楼区人民法院起诉。",
}
JUDGMENT: dict[str, Any] = {
    "judgment_number": "（2026）闽0102行初1号",
    "effective_on": "2026-08-01",
    "judgment": "见判决书。",
}
WHY = {"reason": "事实不清。", "legal_basis": "信访工作条例 32"}

FORWARD: Step = (2, "petition_town", "forward", {"kind": "claim", "lead": MUNICIPAL})
ACCEPT: Step = (3, "handler", "accept", {"received_notice": "告知〔2026〕1号"})
REJECT: Step = (20, "handler", "reject", OPINION)
SUPPORT: Step = (20, "handler", "support", OPINION)
FILE: Step = (2, "handler", "file", {"archive_number": "XF-2026-1"})
RATE: Step = (1, "resident", "rate", {"satisfied": 4})
CARRIED_OUT: Step = (10, "handler", "carried_out", {"done": "已补发到账。"})

PETITION: dict[str, tuple[list[Step], str]] = {
    "supported": ([FORWARD, ACCEPT, SUPPORT, CARRIED_OUT, RATE, FILE], "closed"),
    "rejected": ([FORWARD, ACCEPT, REJECT, RATE, FILE], "closed"),
    "explained": ([FORWARD, ACCEPT, (5, "handler", "explain", OPINION), RATE, FILE], "closed"),
    "simple": (
        [
            FORWARD,
            ACCEPT,
            (1, "handler", "simplify", {"reason": "事实清楚。"}),
            (
                3,
                "handler",
                "support",
                {k: OPINION[k] for k in ("opinion", "reason", "legal_basis", "served_how")},
            ),
            CARRIED_OUT,
            RATE,
            FILE,
        ],
        "closed",
    ),
    "simple turned ordinary": (
        [
            FORWARD,
            ACCEPT,
            (1, "handler", "simplify", {"reason": "事实清楚。"}),
            (3, "handler", "to_ordinary", {"reason": "有争议。"}),
            REJECT,
            (1, "petition_town", "call_back", {"satisfied": 3}),
            FILE,
        ],
        "closed",
    ),
    "settled": (
        [
            FORWARD,
            ACCEPT,
            (5, "handler", "settle", {"settlement": "双方和解。"}),
            CARRIED_OUT,
            RATE,
            FILE,
        ],
        "closed",
    ),
    "suggestion": (
        [
            (2, "petition_town", "forward", {"kind": "suggestion", "lead": MUNICIPAL}),
            (3, "handler", "study", {}),
            (20, "handler", "reply", {"adopted": "partly", "public_answer": "先在两个路口试点。"}),
            RATE,
            FILE,
        ],
        "closed",
    ),
    "report": (
        [
            (
                2,
                "petition_town",
                "forward",
                {"kind": "report", "lead": MUNICIPAL, "accused": ["350102-garden"]},
            ),
            (3, "handler", "inquire", {}),
            (20, "handler", "feedback", {"finding": "部分属实。", "public_answer": "已责令整改。"}),
            RATE,
            FILE,
        ],
        "closed",
    ),
    "forwarded wrongly": (
        [
            FORWARD,
            (2, "handler", "object", {"reason": "不属本单位职责。", "legal_basis": "三定方案"}),
            (1, "petition_town", "agree", {"reason": "核实属实。"}),
            (1, "petition_town", "forward", {"kind": "claim", "lead": "350102-street"}),
            (1, "street_handler", "accept", {}),
        ],
        "handling",
    ),
    "objection refused": (
        [
            FORWARD,
            (2, "handler", "object", {"reason": "不属本单位职责。", "legal_basis": "三定方案"}),
            (1, "petition_town", "refuse", {"reason": "权责清单列明。"}),
            ACCEPT,
        ],
        "handling",
    ),
    "declined": ([(3, "petition_town", "decline", WHY)], "declined"),
    "redirected": (
        [
            (
                3,
                "petition_town",
                "redirect",
                {"route": "arbitration", "where_to": "区劳动人事争议仲裁院。", **WHY},
            )
        ],
        "redirected",
    ),
    "transferred": (
        [(3, "petition_town", "transfer", {"kind": "report", "taken_to": "区纪委监委"})],
        "transferred",
    ),
    "withdrawn": ([FORWARD, (1, "resident", "withdraw", {})], "withdrawn"),
}

TAKE_UP: Step = (1, "mediator", "take_up", {})
BEGIN: Step = (
    1,
    "mediator",
    "begin",
    {
        "other_party": "王楼上",
        "both_agree": True,
        "chosen_how": "appointed",
        "no_interest": True,
        "in_private": True,
    },
)
SESSION: Step = (2, "mediator", "note_session", {"session": "双方到场，谈了赔偿数额。"})
AGREEMENT = {
    "agreement": "王楼上于4月底前赔偿1500元。",
    "agreement_form": "written",
    "signed": True,
    "perform_by": "2026-04-30",
}
AGREE: Step = (1, "mediator", "agree", AGREEMENT)
OTHER_WAYS = {"other_ways": "可以向鼓楼区人民法院起诉。"}

MEDIATION: dict[str, tuple[list[Step], str]] = {
    "agreed": (
        [TAKE_UP, BEGIN, SESSION, AGREE, (30, "mediator", "performed", {"performed": "已赔付。"})],
        "agreed",
    ),
    "not performed": (
        [
            TAKE_UP,
            BEGIN,
            AGREE,
            (50, "mediator", "not_performed", {"performed": "催了两次没有付。", **OTHER_WAYS}),
        ],
        "unperformed",
    ),
    "failed": ([TAKE_UP, BEGIN, SESSION, (3, "mediator", "fail", OTHER_WAYS)], "failed"),
    "no consent": ([TAKE_UP, (1, "mediator", "no_consent", OTHER_WAYS)], "no_consent"),
    "unsuitable": ([(1, "mediator", "not_suitable", OTHER_WAYS)], "unsuitable"),
    "ended by the party": ([TAKE_UP, BEGIN, (1, "resident", "terminate", {})], "withdrawn"),
    "referred up": (
        [
            TAKE_UP,
            BEGIN,
            (2, "mediator", "refer_up", {"reason": "牵涉两个村。"}),
            (2, "town_mediator", "note_session", {"session": "现场勘验。"}),
            (2, "town_mediator", "agree", {**AGREEMENT, "agreement_form": "oral", "signed": False}),
            (9, "mediator", "performed", {"performed": "当场付清。"}),
        ],
        "agreed",
    ),
    "another mediator": (
        [
            TAKE_UP,
            BEGIN,
            (1, "resident", "change_mediator", {"reason": "调解员和对方是牌友。"}),
            (2, "town_mediator", "fail", OTHER_WAYS),
        ],
        "failed",
    ),
}

ADMIT: Step = (3, "reconsideration", "admit", {"track": "ordinary"})
SEND: Step = (2, "reconsideration", "send_copy", {"lead": MUNICIPAL})
REPLY: Step = (5, "handler", "reply", {"defence": "原决定正确。", "evidence": "现场笔录。"})
HEAR: Step = (3, "reconsideration", "hear", {"heard": "申请人：没有收到通知。"})
TRIED = [ADMIT, SEND, REPLY, HEAR]

RECONSIDERATION: dict[str, tuple[list[Step], str]] = {
    "maintained": ([*TRIED, (5, "reconsideration", "maintain", DECISION)], "maintained"),
    "changed": ([*TRIED, (5, "reconsideration", "change", DECISION)], "changed"),
    "revoked": ([*TRIED, (5, "reconsideration", "revoke", {**DECISION, "new_within": 20})], "revoked"),
    "ordered": ([*TRIED, (5, "reconsideration", "order", {**DECISION, "new_within": 20})], "ordered"),
    "unlawful": ([*TRIED, (5, "reconsideration", "declare_unlawful", DECISION)], "unlawful"),
    "dismissed": ([*TRIED, (5, "reconsideration", "dismiss", DECISION)], "dismissed"),
    "settled": (
        [
            *TRIED,
            (5, "reconsideration", "settle", {"settlement": "补办。", "decision_number": "调〔2026〕1号"}),
        ],
        "settled",
    ),
    "withdrawn": ([ADMIT, (1, "resident", "withdraw", {})], "withdrawn"),
    "simplified, on paper": (
        [
            (3, "reconsideration", "admit", {"track": "simplified"}),
            SEND,
            (3, "handler", "reply", REPLY[3]),
            (5, "reconsideration", "maintain", DECISION),
        ],
        "maintained",
    ),
    "corrected": (
        [
            (3, "reconsideration", "request_correction", {"to_correct": "请写明请求。"}),
            (3, "resident", "correct", {"correction": "请求撤销。"}),
            ADMIT,
        ],
        "serving",
    ),
    "declined": (
        [
            (
                3,
                "reconsideration",
                "decline",
                {**WHY, "decision_number": "不受〔2026〕1号", "remedy_told": DECISION["remedy_told"]},
            )
        ],
        "declined",
    ),
    "terminated": (
        [
            *TRIED,
            (1, "reconsideration", "suspend", {"ground": "party-died", "reason": "申请人去世。"}),
            (
                61,
                "reconsideration",
                "terminate",
                {**WHY, "decision_number": "终〔2026〕1号", "remedy_told": DECISION["remedy_told"]},
            ),
        ],
        "terminated",
    ),
}

FILED: Step = (3, "clerk", "filed", {"court_number": "（2026）闽0102行初1号"})
COURT: dict[str, tuple[list[Step], str]] = {
    "not filed": ([(3, "clerk", "not_filed", WHY)], "not_filed"),
    "dismissed": ([FILED, (60, "clerk", "record_dismissed", {**JUDGMENT, **WHY})], "dismissed"),
    "annulled": ([FILED, (60, "clerk", "record_annulled", JUDGMENT)], "annulled"),
    "changed": ([FILED, (60, "clerk", "record_changed", JUDGMENT)], "changed"),
    "ordered on appeal": (
        [
            FILED,
            (60, "clerk", "appealed", {"court_number": "（2026）闽01行终1号"}),
            (60, "clerk", "record_ordered", JUDGMENT),
        ],
        "ordered",
    ),
    "withdrawn": ([FILED, (10, "resident", "withdraw", {})], "withdrawn"),
}

CONFIRMATION: dict[str, tuple[list[Step], str]] = {
    "confirmed": (
        [
            (2, "clerk", "court_accepts", {"court_number": "（2026）闽0102民特1号"}),
            (10, "clerk", "record_confirmed", {"ruling_number": "裁定1号"}),
        ],
        "confirmed",
    ),
    "not accepted": (
        [(2, "clerk", "court_declines", {"not_accepted_for": "status", **WHY})],
        "refused",
    ),
    "refused": (
        [
            (2, "clerk", "court_accepts", {"court_number": "（2026）闽0102民特1号"}),
            (10, "clerk", "record_refused", {"refused_for": "unclear", "ruling_number": "裁定1号", **WHY}),
        ],
        "refused",
    ),
    "withdrawn": ([(1, "clerk", "withdraw", {})], "withdrawn"),
}


def opened(
    cast: Cast,
    procedure: str,
    data: dict[str, Any],
    *,
    by: str = "resident",
    area: str = "grid1",
    at: datetime = MONDAY,
    channel: str = "web",
) -> Case:
    receipt = engine.open_case(
        procedure,
        by=cast.actor(by),
        area=cast.area(area),
        data=data,
        channel=channel,
        applicant=cast.person("resident"),
        at=at,
    )
    return Case.objects.get(number=receipt.number)


def do(
    cast: Cast, case: Case, who: str, action: str, data: dict[str, Any] | None = None, *, at: datetime
) -> Case:
    by = SYSTEM if who == "system" else cast.actor(who)
    engine.act(case, action, data or {}, by=by, at=at)
    case.refresh_from_db()
    return case


def walked(cast: Cast, case: Case, steps: list[Step], *, since: datetime = MONDAY) -> datetime:
    """Do all of it; gives the moment of the last act."""
    moment = since
    for days, who, action, data in steps:
        moment += timedelta(days=days)
        do(cast, case, who, action, data, at=moment)
    return moment


def petition(cast: Cast, steps: list[Step] | None = None, **data: Any) -> tuple[Case, datetime]:
    entries = {"subject": "请求核发过渡费", "description": "2023年下半年的过渡费没有发。", **data}
    case = opened(cast, "petition", entries)
    return case, walked(cast, case, steps or [])


def mediation(cast: Cast, steps: list[Step] | None = None) -> tuple[Case, datetime]:
    case = opened(cast, "mediation", {"subject": "楼上漏水赔偿", "description": "天花板泡坏了。"})
    return case, walked(cast, case, steps or [])


Made: TypeAlias = Callable[[], Case]
