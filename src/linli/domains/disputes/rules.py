"""What the law asks in disputes (纠纷化解的法定条件), pure: facts in, the reason why not out. No clock, no query."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from linli.base.i18n import Text

MOST_REPRESENTATIVES = 5  # 信访工作条例 20
# 行政复议法 41 五：只有这三种事由中止满 60 日的，才可以终止（39 一、二、四）。
ENDING_GROUNDS = frozenset({"party-died", "party-incapable", "party-ended"})


def representatives(n_people: int | None, n_representatives: int | None, *, in_person: bool) -> Text | None:
    """多人共同走访须推选代表，不超过 5 人（信访工作条例 20）."""
    if n_representatives is not None and n_representatives > MOST_REPRESENTATIVES:
        return Text(
            f"共同走访的代表不超过 {MOST_REPRESENTATIVES} 人，请重新推选后再登记。",
            f"A group that comes in person sends at most {MOST_REPRESENTATIVES}. Choose them anew, then register.",
        )
    if n_representatives is not None and n_representatives > max(n_people or 1, 1):
        return Text(
            "代表人数比共同提出的人数还多，请核对后再填。",
            "There are more representatives than people. Check both numbers.",
        )
    if in_person and (n_people or 1) > 1 and n_representatives is None:
        return Text(
            "多人共同走访的，请推选代表并填写代表人数，不超过 5 人（信访工作条例 20）。",
            "A group that comes in person chooses representatives, at most five: enter how many (Regulations 20).",
        )
    return None


def notice_too_short(held_on: date, notice_until: date, today: date) -> Text | None:
    """通知须在举行听证的 7 个工作日前（行政许可法 48、行政处罚法 64）; `notice_until` is the last day for it."""
    if today <= notice_until:
        return None
    return Text(
        f"{held_on} 举行的听证，最迟 {notice_until} 就要通知。请另定一个更晚的日期，让当事人有 7 个工作日准备。",
        f"For a hearing on {held_on} the notice was due by {notice_until}. "
        "Choose a later date, so that the parties have seven working days.",
    )


def mediation_may_begin(data: Mapping[str, Any], mediator: str) -> Text | None:
    """双方同意、调解员与纠纷无关，才能开始调解（人民调解法 17、19、23）."""
    if not data.get("both_agree"):
        return Text(
            "有一方不同意就不能调解。请选“一方不同意”，并告知其他途径。",
            "Without the consent of both there is no mediation. Choose “One side refuses” and name the other ways.",
        )
    if not data.get("no_interest") or data.get("other_party") == mediator:
        return Text(
            "调解员不能是当事人，也不能与双方有利害关系。请由其他调解员办理。",
            "The mediator may be no party and have no interest in it. Let another mediator take it.",
        )
    return None


def agreement_not_in_force(data: Mapping[str, Any]) -> Text | None:
    """书面协议自双方签名、调解员签名并盖章起生效，口头协议自达成起生效（人民调解法 29、30）."""
    if data.get("agreement_form") == "written" and not data.get("signed"):
        return Text(
            "书面协议要双方签名、调解员签名并加盖调委会印章才生效。签好后再登记；不做书面协议的，请选口头协议。",
            "A written agreement is in force once both and the mediator have signed it and it bears the seal. "
            "Record it then; without one, choose “Oral”.",
        )
    return None


def may_end_after_suspension(ground: str, n_days: int) -> Text | None:
    """因申请人死亡、失能、终止而中止，满 60 日原因仍在的，才终止复议（行政复议法 41 五）."""
    if ground in ENDING_GROUNDS and n_days >= 60:
        return None
    return Text(
        "只有因申请人死亡、丧失行为能力或者终止而中止，满 60 日原因仍未消除的，才能终止。原因消除的请恢复审理。",
        "It may end only when the applicant died, lost capacity or ceased to exist and 60 days of suspension have "
        "passed. Where the cause is gone, resume.",
    )


def nobody_was_heard(track: str, done: Collection[str], why_not: str, *, hearing_held: bool) -> Text | None:
    """普通程序应当听取当事人意见；因当事人原因不能听取的，才可以书面审理（行政复议法 49）."""
    if track != "ordinary" or "hear" in done or hearing_held or why_not.strip():
        return None
    return Text(
        "普通程序要先听取当事人的意见。请先登记“听取意见”；因当事人原因听不到的，写明原因再作决定。",
        "In the ordinary procedure the parties are heard first. Record “Hear a party”, "
        "or say how it failed because of them, then decide.",
    )
