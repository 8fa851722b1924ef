"""What the Administrative Penalty Law lets be decided, and when (处罚的判断, 行政处罚法): pure, no clock, no query."""

from __future__ import annotations

from dataclasses import dataclass

from linli.base.i18n import Text

# From light to heavy (行政处罚法 9). Sample order: the law gives none between confiscations and fines.
KINDS = (
    "warning",
    "fine",
    "confiscation",
    "large_fine",
    "large_confiscation",
    "licence",
    "shutdown",
)
HEARD_FIRST = frozenset({"large_fine", "large_confiscation", "licence", "shutdown"})  # 63
WITH_AMOUNT = frozenset({"fine", "large_fine"})
ON_THE_SPOT = {"person": 200, "organisation": 3000}  # yuan, 51


@dataclass(frozen=True)
class Officer:
    """A seat and who sits in it (执法人员): enough to say whether two of them may handle a case."""

    post_id: int
    organisation_id: int
    account_ids: frozenset[int]
    person_ids: frozenset[int]


def two_officers(
    first: Officer, second: Officer, *, lead_id: int | None, party_id: int | None
) -> Text | None:
    """两名以上有执法资格的本机关人员，不是同一人，也不是当事人 (行政处罚法 42、43)."""
    if first.post_id == second.post_id or first.account_ids & second.account_ids:
        return Text(
            "执法人员不得少于两人（行政处罚法 42），这里选的是同一人。请再选一位。",
            "At least two officers are needed (Penalty Law 42), and these are the same person. Choose another.",
        )
    for officer in (first, second):
        if officer.organisation_id != lead_id:
            return Text(
                "执法人员须是办理机关的人员。请从本机关的执法人员里选。",
                "Both officers must belong to the authority that has the case. Choose from its own officers.",
            )
        if not officer.account_ids:
            return Text(
                "选的执法岗位现在没有人。请选在岗的人员。",
                "Nobody holds this post today. Choose an officer who is in post.",
            )
        if party_id is not None and party_id in officer.person_ids:
            return Text(
                "当事人本人须回避，不能办自己的案件（行政处罚法 43）。请另选一位。",
                "The party cannot handle their own case (Penalty Law 43). Choose another officer.",
            )
    return None


def amount_fits(kind: str, amount: int | None) -> Text | None:
    if kind in WITH_AMOUNT and not amount:
        return Text("罚款要写金额。", "A fine needs its amount.")
    if kind == "warning" and amount:
        return Text(
            "警告没有金额，请去掉，或改选罚款。", "A warning has no amount. Remove it, or choose a fine."
        )
    return None


def small_enough(party_kind: str, kind: str, amount: int | None) -> Text | None:
    """当场处罚限于警告，公民二百元以下、单位三千元以下罚款 (行政处罚法 51)."""
    most = ON_THE_SPOT.get(party_kind, 0)
    if kind == "warning" or (kind == "fine" and amount is not None and amount <= most):
        return amount_fits(kind, amount)
    return Text(
        f"当场处罚只限警告或 {most} 元以下的罚款（行政处罚法 51）。请报请立案，按普通程序办。",
        f"On the spot only a warning or a fine of up to {most} yuan may be imposed (Penalty Law 51). "
        "Have the case filed and go the ordinary way.",
    )


def hearing_right_told(kind: str, told: bool) -> Text | None:
    """较重的处罚必须告知听证权利 (行政处罚法 63)."""
    if kind not in HEARD_FIRST or told:
        return None
    return Text(
        "这种处罚必须告知当事人有权要求听证（行政处罚法 63）。请选“是”。",
        "For this penalty the party must be told of the right to a hearing (Penalty Law 63). Choose “yes”.",
    )


def not_heavier(kind: str, amount: int | None, *, told_kind: str, told_amount: int | None) -> Text | None:
    """决定不重于告知，不因申辩加重 (行政处罚法 45、62)."""
    same_or_lighter = kind in KINDS and told_kind in KINDS and KINDS.index(kind) <= KINDS.index(told_kind)
    if same_or_lighter and (amount or 0) <= (told_amount or 0):
        return None
    return Text(
        "这个处罚比事先告知的重。不得因申辩加重（行政处罚法 45）；事实或依据确有变化的，请退回重新告知。",
        "This is heavier than what the party was told. Nobody is punished harder for speaking (Penalty Law 45); "
        "if facts or basis changed, send it back so that the party is told anew.",
    )


def review_needed(gravity: str | None, heard: bool) -> bool:
    """重大复杂的、经过听证的，须法制审核 (行政处罚法 58)."""
    return gravity == "major" or heard


def reviewed(needed: bool, done: bool) -> Text | None:
    if not needed or done:
        return None
    return Text(
        "这个案件须经法制审核，未经审核或者审核未通过的，不得作出决定（行政处罚法 58）。请先送法制审核。",
        "This case needs a legal review; without one that passed no decision may be made (Penalty Law 58). "
        "Send it to legal review first.",
    )


def discussed(gravity: str | None, record: str | None) -> Text | None:
    """情节复杂或者重大的，由负责人集体讨论决定 (行政处罚法 57)."""
    if gravity != "major" or record:
        return None
    return Text(
        "重大复杂的案件须由负责人集体讨论决定（行政处罚法 57）。请填写集体讨论记录编号。",
        "A major or complex case is decided by the heads in discussion (Penalty Law 57). Enter the number of its record.",
    )


def surcharge_capped(surcharge: int, fine: int | None, *, overdue: bool) -> Text | None:
    """到期不缴才加处，总额不超过罚款 (行政处罚法 72)."""
    if not overdue:
        return Text(
            "缴款期限还没有过，不能加处罚款。",
            "The time to pay is not over; no surcharge can be added yet.",
        )
    if surcharge <= (fine or 0):
        return None
    return Text(
        f"加处罚款的总额不能超过罚款本身（{fine or 0} 元，行政处罚法 72）。请改小。",
        f"The surcharge may never exceed the fine itself ({fine or 0} yuan, Penalty Law 72). Make it smaller.",
    )
