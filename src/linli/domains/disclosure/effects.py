"""What the steps of an information request bring about, and what they wait for (依申请公开的环节效果和前提)."""

from __future__ import annotations

from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.base.legaltime import Period
from linli.kernel.people.models import Organisation, Person
from linli.kernel.procedures import hot
from linli.kernel.procedures.anew import count_anew
from linli.kernel.procedures.clocks import due_for
from linli.kernel.procedures.holders import accounts_in
from linli.kernel.procedures.models import ClockSegment
from linli.kernel.procedures.registry import effect, guard
from linli.kernel.procedures.state import Move
from linli.kernel.records.models import Record

CORRECTION_NOTICE = Period(7, "working_days")  # 政府信息公开条例 30


@effect("disclosure.registered")
def registered(move: Move) -> None:
    """The authority that is asked has the request from the day it came (31). Refuses one that answers no requests."""
    _applicant(move)
    organisation = move.found["office"]
    if not accounts_in(f"disclosure_officer#{organisation}"):
        title = Organisation.objects.get(pk=organisation).title
        raise Refused(
            "disclosure.nobody_there",
            Text(
                f"{title.zh} 没有在岗的信息公开工作人员。请改向县（区）政府办公室申请，由它转办或告知您找谁。",
                f"{title.en} has nobody in post who answers requests. Ask the county government's office instead; "
                "it passes your request on or tells you whom to ask.",
            ),
        )
    move.case.lead_id = organisation
    move.then(lambda m: hot.take_part(m.case.id, [("org", organisation, "lead")]))


def _applicant(move: Move) -> None:
    """Who applies must be known, to be told (政府信息公开条例 29); what the account says already is not asked again."""
    if move.case.applicant_id is None:
        raise Refused(
            "disclosure.no_applicant",
            Text(
                "请先登录，或到窗口、打电话由工作人员登记姓名和电话：受理和决定都要送达本人（政府信息公开条例 29）。",
                "Sign in first, or have your name and phone entered at the window or by phone: what is decided must "
                "reach you (Disclosure Regulations 29).",
            ),
        )
    person = Person.objects.get(pk=move.case.applicant_id)
    move.data.update({k: v for k, v in (("applicant_name", person.name), ("contact", person.phone)) if v})


@effect("disclosure.corrected")
def corrected(move: Move) -> None:
    """The time to answer runs from the day on which the corrected request came (政府信息公开条例 30)."""
    count_anew(move, basis="政府信息公开条例 30")


@effect("disclosure.reopened")
def reopened(move: Move) -> None:
    """Answered anew within the law's own time, from the day of the reconsideration (行政复议法 64, 政府信息公开条例 33)."""
    count_anew(move, basis="政府信息公开条例 33")


@guard("disclosure.within_seven_days")
def within_seven_days(move: Move) -> Text | None:
    """补正须在收到之日起七个工作日内一次告知，逾期不得再要求 (政府信息公开条例 30)."""
    if move.at <= due_for(CORRECTION_NOTICE, move.case.opened_at).due_at:
        return None
    return Text(
        "收到申请已超过七个工作日，不能再要求补正（政府信息公开条例 30）。请按现有内容答复。",
        "More than seven working days have passed since the request came, so no correction can be asked for "
        "(Disclosure Regulations 30). Answer it as it is.",
    )


def _paused_for(move: Move) -> str:
    lasting = ClockSegment.objects.filter(case_id=move.case.id, kind="suspended", to_at__isnull=True)
    return lasting.order_by("-id").values_list("ground", flat=True).first() or ""


@guard("disclosure.third_party_asked")
def third_party_asked(move: Move) -> Text | None:
    if _paused_for(move) == "third-party":
        return None
    return Text("现在没有在等第三方的意见。", "No third party's opinion is being waited for.")


@guard("disclosure.other_body_asked")
def other_body_asked(move: Move) -> Text | None:
    if _paused_for(move) == "other-body":
        return None
    return Text("现在没有在等其他机关的意见。", "No other body's opinion is being waited for.")


@guard("disclosure.third_party_heard")
def third_party_heard(move: Move) -> Text | None:
    """不公开的理由是损害第三方权益的，须先书面征求意见 (政府信息公开条例 15、32)."""
    if move.data.get("withheld_because") != "third_party":
        return None
    if Record.objects.filter(case_id=move.case.id, action="ask_third_party").exists():
        return None
    return Text(
        "不公开的原因是第三方权益，但还没有书面征求第三方意见（政府信息公开条例 32）。请先征求。",
        "It is withheld for the rights of a third party, who was not asked in writing yet (Disclosure Regulations 32). "
        "Ask first.",
    )
