"""What may be decided about an application, and when (许可的判断): pure, no clock, no query."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from linli.base.i18n import Text

EXAMINED_AT = frozenset({"examining", "deciding"})
DECIDED_AT = frozenset({"delivering", "serving"})


def handling_fits(handling: str, n_helpers: int) -> Text | None:
    """联合办理要有一起审查的部门，单独办理没有 (行政许可法 42)."""
    if handling == "joint" and not n_helpers:
        return Text(
            "联合办理要选一起审查的部门。只有本机关审查的，请选“单独办理”。",
            "Choose the departments that examine it too. If nobody else does, choose “by this authority alone”.",
        )
    if handling == "single" and n_helpers:
        return Text(
            "单独办理不选其他部门。需要其他部门一起审查的，请选“联合办理”。",
            "Handled alone means that no other department examines it. If one does, choose “jointly”.",
        )
    return None


def interests_heard(
    *, public_interest: bool, affects_others: bool | None, done: Collection[str]
) -> Text | None:
    """涉及公共利益的先公告、听证，关系他人重大利益的先告知、听取意见 (行政许可法 36、46、47). `done`: acts on the record."""
    if public_interest and "announced" not in done:
        return Text(
            "这件事涉及重大公共利益，须先向社会公告（行政许可法 46）。请先办“向社会公告”，期满后再提审查意见。",
            "A major public interest is concerned: announce it to the public first (Licensing Law 46), "
            "and give your opinion when the announcement has ended.",
        )
    if public_interest and "hold_hearing" not in done:
        return Text(
            "这件事涉及重大公共利益，须举行听证（行政许可法 46）。请先办“听证”。",
            "A major public interest is concerned: hold a hearing first (Licensing Law 46).",
        )
    if affects_others is None:
        return Text(
            "请先判断是否直接关系他人重大利益，填好再提交。",
            "Say first whether major interests of others are directly concerned, then submit.",
        )
    if affects_others and "tell_third_party" not in done:
        return Text(
            "这件事直接关系他人重大利益，须先告知利害关系人、听取意见（行政许可法 36、47）。请先办这一步。",
            "Major interests of others are directly concerned: tell and hear them first (Licensing Law 36, 47).",
        )
    return None


def being_examined(step: str) -> Text | None:
    if step in EXAMINED_AT:
        return None
    return Text(
        "这一步只在审查和决定环节办。现在还没有开始审查，或者已经作出决定。",
        "This is done while the application is examined or decided; it is not begun yet, or decided already.",
    )


def not_decided_yet(step: str) -> Text | None:
    if step not in DECIDED_AT:
        return None
    return Text(
        "已经作出决定，不能再撤回申请。不需要这项许可的，可以申请注销。",
        "It has been decided and can no longer be withdrawn. If you do not need it any more, ask to have it cancelled.",
    )


def not_the_examiner(same: bool) -> Text | None:
    """审查与决定分开 (行政许可法 34、38)."""
    if not same:
        return None
    return Text(
        "审查意见是您提出的，决定须由另一位负责人作出。",
        "You gave the opinion yourself; somebody else has to decide.",
    )


def no_hearing_pending(pending: bool) -> Text | None:
    if not pending:
        return None
    return Text(
        "听证还没有结束。听证结束后会自动恢复计时。",
        "The hearing is not over. The clock runs on by itself when it is.",
    )


# ------------------------------------------------------------------------------------------ applications

STOPS = {  # 事项列明的特别程序，对应哪一种停表事由
    "hearing": "hearing",
    "expert": "expert-review",
    "inspection": "inspection",
    "supplement": "awaiting-applicant",
}


def _listed(titles: Sequence[Text]) -> Text:
    return Text("、".join(t.zh for t in titles), ", ".join(t.en for t in titles))


def papers_complete(open_papers: Sequence[Text]) -> Text | None:
    """材料齐了才受理；缺的一次告知，或者容缺受理 (优化营商环境条例 36)."""
    if not open_papers:
        return None
    titles = _listed(open_papers)
    return Text(
        f"还没有收到：{titles.zh}。收到的请先办“收下材料”；缺的请“一次告知补正”，能后补的可以“容缺受理”。",
        f"Not here yet: {titles.en}. Enter what came by “Take papers”; say once what is missing, or accept with papers to "
        "follow where the matter allows it.",
    )


def tolerable(*, n_open: int, others: Sequence[Text], promised: bool) -> Text | None:
    """容缺受理：只缺列明可后补的材料，而且申请人已作承诺 (各地容缺办法，样例)."""
    if not n_open:
        return Text("材料齐了，直接受理。", "All papers are here: simply accept it.")
    if others:
        titles = _listed(others)
        return Text(
            f"{titles.zh} 不能容缺，请一次告知补正。",
            f"{titles.en} cannot follow later. Say once what is missing.",
        )
    if not promised:
        return Text(
            "申请人没有作容缺承诺，不能容缺受理。请一次告知补正，或者请申请人补签承诺后重新申请。",
            "The applicant has made no promise, so it cannot be accepted like this. Say once what is missing.",
        )
    return None


def pause_listed(special: Collection[str], ground: str | None) -> Text | None:
    """停表只限事项列明的特别程序 (facts 57)."""
    grounds = {STOPS[s] for s in special if s in STOPS}
    if not grounds:
        return Text(
            "这个事项没有列明可以停表的环节，期限照算。",
            "This matter lists nothing that stops the clock; the limit runs on.",
        )
    if ground is None or ground in grounds:
        return None
    return Text(
        "事项目录里没有列明这个停表环节，请选列明的。",
        "The catalogue does not list this as a step that stops the clock. Choose one that is listed.",
    )


def papers_came(open_papers: Sequence[Text]) -> Text | None:
    if not open_papers:
        return None
    titles = _listed(open_papers)
    return Text(
        f"容缺的材料还没有补齐：{titles.zh}。补齐才能出结果；逾期没有补的，请退回或作不同意的决定。",
        f"Papers that were to follow are not here yet: {titles.en}. The result waits for them.",
    )


def delivery_offered(offered: Collection[str], way: str) -> Text | None:
    if way in offered:
        return None
    return Text(
        "这个事项不用这种方式送达，请从指南列出的方式里选。",
        "This matter is not delivered in this way. Choose one that its guide lists.",
    )


HANDLED_AT = frozenset({"examining", "deciding", "surveying", "showing"})
LENT_AT = frozenset({"lent", "overdue"})
LONGEST_LOAN = 90  # days; a sample


def being_handled(step: str, steps: Collection[str]) -> Text | None:
    """办理中才能停表、延期；借用没有审查环节，收件后就算办理."""
    if step in HANDLED_AT or ("examining" not in steps and step in {"received", "waiting"}):
        return None
    return Text(
        "这一步只在办理中办。现在还没有受理，或者已经作出决定。",
        "This is done while it is being handled; it is not accepted yet, or decided already.",
    )


def not_lent(step: str) -> Text | None:
    if step not in LENT_AT:
        return None
    return Text(
        "器具已经借出，不能再撤回。用完了请归还。",
        "The device is on loan, so the request can no longer be withdrawn. Please return it when you are done.",
    )


def loan_fits(until: str | None, today: date) -> Text | None:
    """约定的归还日期在明天到九十天之内（样例），可以续借一次."""
    if not until:
        return None
    day = date.fromisoformat(until)
    if today < day <= today + timedelta(days=LONGEST_LOAN):
        return None
    return Text(
        f"归还日期请选明天到 {LONGEST_LOAN} 天以内，到期可以续借一次。",
        f"Choose a day from tomorrow to {LONGEST_LOAN} days from now; it may be renewed once.",
    )
