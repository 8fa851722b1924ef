"""What stands in the way of an act (暂不能办的原因), and what acts change beyond their form: law as the engine asks it."""

from __future__ import annotations

from datetime import date

from linli.base.clock import local
from linli.base.codes import PREFIX_LENGTH
from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.base.legaltime import Period, due
from linli.domains.disputes import rules
from linli.kernel.calendar.queries import official_calendar
from linli.kernel.procedures.clocks import due_for
from linli.kernel.procedures.holders import area_of_queue, nearest_queue
from linli.kernel.procedures.models import Case, ClockSegment
from linli.kernel.procedures.recusal import organisations_recused
from linli.kernel.procedures.registry import effect, guard
from linli.kernel.procedures.state import Move
from linli.kernel.records.models import Record

NOTICE = Period(7, "working_days")  # 行政许可法 48、行政处罚法 64
CONFIRMATION = Period(30, "days")  # 人民调解法 33


# ---- 层级 ----
def below(move: Move, level: str) -> Text | None:
    """复查、复核、延长由法定层级的机关办，下级岗位不能代办（信访工作条例 35、36；行政复议法 62）.

    Where a level above the county is not on this platform, the county enters what it decided, with its document.
    """
    if move.hat is None or len(move.hat.area_prefix) <= PREFIX_LENGTH[level]:
        return None
    if PREFIX_LENGTH[level] < len(move.hat.area_prefix) <= PREFIX_LENGTH["county"]:
        role = move.step.actor.partition("@")[0]
        if len(area_of_queue(nearest_queue(role, level, move.case.prefix))) > PREFIX_LENGTH[level]:
            return None
    return Text(
        "这一步由上一级机关办理，您所在的层级不能办。请等上一级办理。",
        "This is for the level above yours to do. Please wait for it.",
    )


@guard("disputes.at_this_level")
def at_this_level(move: Move) -> Text | None:
    return below(move, move.step.actor.partition("@")[2])


# ---- 信访 ----
@effect("disputes.petition_opened")
def petition_opened(move: Move) -> None:
    """Refuses a group in person without representatives (信访工作条例 20)."""
    reason = rules.representatives(
        move.data.get("n_people"), move.data.get("n_representatives"), in_person=move.actor.is_staff
    )
    if reason:
        raise Invalid("disputes.representatives", reason, fields={"n_representatives": reason})
    if accused := organisations_recused(move):
        move.case.recused = True  # from the first moment: nobody there sorts it, and nobody there sees it
        move.barred = tuple(dict.fromkeys((*move.barred, *accused)))


@guard("disputes.accused_named")
def accused_named(move: Move) -> Text | None:
    """检举控告的材料不得转给被检举的单位：先登记回避，再转送（信访工作条例 30、46）."""
    if move.found.get("lead") in (move.found.get("accused") or []):
        return Text(
            "被检举控告的单位不能自己承办。请转送其他有权处理的单位。",
            "The organisation that is reported cannot handle it. Forward it to another that is competent.",
        )
    if move.data.get("kind") != "report" or move.case.recused:
        return None
    if move.data.get("accused") or move.data.get("accused_outside"):
        return None
    return Text(
        "这是检举控告。请先填被检举控告的单位或者人，登记回避，材料才不会转到他们手里。",
        "This is a report of wrongdoing. Say who is reported, so that they are recused and never receive it.",
    )


@guard("disputes.only_reports")
def only_reports(move: Move) -> Text | None:
    if not move.data or move.data.get("kind") == "report":
        return None
    return Text(
        "只有检举控告才转送纪检监察机关（信访工作条例 22）。申诉求决和建议意见请转送有权处理的单位。",
        "Only reports of wrongdoing go to the discipline body (Regulations 22). Forward claims and suggestions.",
    )


def _is(move: Move, kind: str, zh: str, en: str) -> Text | None:
    if move.case.facts.get("kind") == kind:
        return None
    return Text(
        f"这件不是{zh}，请用与类型相符的受理方式。", f"This is no {en}. Use the way that fits its kind."
    )


@guard("disputes.is_claim")
def is_claim(move: Move) -> Text | None:
    return _is(move, "claim", "申诉求决", "claim")


@guard("disputes.is_suggestion")
def is_suggestion(move: Move) -> Text | None:
    return _is(move, "suggestion", "建议意见", "suggestion")


@guard("disputes.is_report")
def is_report(move: Move) -> Text | None:
    return _is(move, "report", "检举控告", "report of wrongdoing")


# ---- 听证 ----
def _hearings(case_id: int, *, open_ones: bool) -> bool:
    hearings = Case.objects.filter(origin_id=case_id, procedure="hearing", ended_at__isnull=open_ones)
    return (hearings if open_ones else hearings.filter(outcome="held")).exists()


@guard("disputes.no_hearing_open")
def no_hearing_open(move: Move) -> Text | None:
    if not _hearings(move.case.id, open_ones=True):
        return None
    return Text("听证正在进行，等它结束再说。", "A hearing is under way. Wait until it is over.")


@guard("disputes.hearing_over")
def hearing_over(move: Move) -> Text | None:
    """决定以听证笔录为根据，听证没有结束就不能作决定（行政许可法 48、行政处罚法 65）."""
    if not _hearings(move.case.id, open_ones=True):
        return None
    return Text(
        "听证还没有结束，不能先作决定。请等听证笔录。",
        "The hearing is not over, and nothing is decided before its record is there.",
    )


def _investigated(move: Move) -> Text | None:
    """主持人不得是本案的调查、审查人员（行政许可法 48、行政处罚法 64）."""
    if move.case.origin_id is None or move.actor.account_id is None:
        return None
    if not Record.objects.filter(case_id=move.case.origin_id, actor=move.actor.account_id).exists():
        return None
    return Text(
        "您办过引出听证的那件事，不能主持这次听证。请交给其他听证主持人。",
        "You acted in the case that this hearing serves, so you cannot chair it. Hand it to another hearing officer.",
    )


@guard("disputes.can_give_notice")
def can_give_notice(move: Move) -> Text | None:
    if reason := _investigated(move):
        return reason
    if "held_on" not in move.data:
        return None
    held_on = date.fromisoformat(move.data["held_on"])
    begins = local(move.at).replace(year=held_on.year, month=held_on.month, day=held_on.day)
    last = due(NOTICE, begins, official_calendar(), backwards=True).due_on
    return rules.notice_too_short(held_on, last, local(move.at).date())


@guard("disputes.can_hold")
def can_hold(move: Move) -> Text | None:
    if reason := _investigated(move):
        return reason
    held_on = move.case.facts.get("held_on")
    if held_on and local(move.at).date() < date.fromisoformat(held_on):
        return Text(
            f"听证定在 {held_on}，还没有到。", f"The hearing is set for {held_on}, which has not come yet."
        )
    if "minutes" in move.data and not move.data.get("signed"):
        return Text(
            "笔录要交参加人核对并签字盖章；拒签的由主持人注明。办好后再提交。",
            "The record is checked and signed by those present, and refusals are noted. Enter it then.",
        )
    return None


# ---- 人民调解、司法确认 ----
@guard("disputes.can_begin_mediation")
def can_begin_mediation(move: Move) -> Text | None:
    return rules.mediation_may_begin(move.data, move.actor.name) if move.data else None


@guard("disputes.mediator_is_no_party")
def mediator_is_no_party(move: Move) -> Text | None:
    """当事人要求更换的调解员不再参加（人民调解法 23）."""
    acted = Record.objects.filter(case_id=move.case.id)
    if not acted.filter(action="change_mediator").exists():
        return None
    if not acted.filter(action="begin", actor=move.actor.account_id).exists():
        return None
    return Text(
        "当事人已要求更换调解员，请由另派的调解员办理。",
        "Another mediator was asked for. Leave it to whoever was sent.",
    )


@guard("disputes.agreement_in_force")
def agreement_in_force(move: Move) -> Text | None:
    return mediator_is_no_party(move) or (rules.agreement_not_in_force(move.data) if move.data else None)


@guard("disputes.can_apply_for_confirmation")
def can_apply_for_confirmation(move: Move) -> Text | None:
    """协议生效之日起 30 日内，双方共同申请，一份协议一次（人民调解法 33、民事诉讼法 205）."""
    agreed = Record.objects.filter(case_id=move.case.id, action="agree").order_by("-seq").first()
    if agreed is not None:
        last = due_for(CONFIRMATION, agreed.at).due_at
        if move.at > last:
            return Text(
                f"司法确认要在协议生效之日起 30 日内申请，到 {local(last):%Y-%m-%d} 为止，已经过了。对方不履行的，可以向法院起诉。",
                f"Confirmation is asked for within 30 days of the agreement, until {local(last):%Y-%m-%d}, which is over. "
                "If the other side does not perform it, you can sue.",
            )
        earlier = Case.objects.filter(
            origin_id=move.case.id, procedure="judicial-confirmation", opened_at__gte=agreed.at
        )
        if earlier.exclude(outcome="withdrawn").exists():
            return Text(
                "这份协议已经申请过司法确认，请在那一件里查看。",
                "Confirmation of this agreement was asked for already; see that case.",
            )
    if move.data and not move.data.get("jointly"):
        return Text(
            "司法确认要双方共同申请。只有一方想要的，请先和对方商量。",
            "Confirmation is asked for by both sides together. Speak to the other side first.",
        )
    return None


# ---- 行政复议 ----
@guard("disputes.is_simplified")
def is_simplified(move: Move) -> Text | None:
    if move.case.facts.get("track") == "simplified":
        return below(move, "county")
    return Text("这件已经按普通程序审理。", "This is in the ordinary procedure already.")


@guard("disputes.is_ordinary")
def is_ordinary(move: Move) -> Text | None:
    """简易程序 30 日内决定，不能延长（行政复议法 62）."""
    if move.case.facts.get("track") == "ordinary":
        return below(move, "county")
    return Text(
        "简易程序不能延长。不宜适用简易程序的，请先经负责人批准转为普通程序。",
        "The simplified procedure is not extended. Where it does not fit, have it turned to the ordinary one first.",
    )


@guard("disputes.can_decide_reconsideration")
def can_decide_reconsideration(move: Move) -> Text | None:
    if reason := hearing_over(move):
        return reason
    if not move.data:
        return None
    done = set(Record.objects.filter(case_id=move.case.id).values_list("action", flat=True))
    return rules.nobody_was_heard(
        str(move.case.facts.get("track", "")),
        done,
        str(move.data.get("not_heard_for", "")),
        hearing_held=_hearings(move.case.id, open_ones=False),
    )


@guard("disputes.suspended_sixty_days")
def suspended_sixty_days(move: Move) -> Text | None:
    segment = ClockSegment.objects.filter(
        case_id=move.case.id, kind="suspended", to_at__isnull=True
    ).order_by("-from_at")
    since = segment.first()
    if since is None:
        return rules.may_end_after_suspension("", 0)
    return rules.may_end_after_suspension(since.ground, (move.at - since.from_at).days)


@effect("disputes.ordinary_track")
def ordinary_track(move: Move) -> None:
    move.show(track="ordinary")


@effect("disputes.no_reply")
def no_reply(move: Move) -> None:
    """不答复、不举证的，视为没有证据、依据（行政复议法 70）."""
    move.show(no_reply=True)
