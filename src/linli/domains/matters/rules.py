"""What may be decided about an application, and when (许可的判断): pure, no clock, no query."""

from __future__ import annotations

from collections.abc import Collection

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
