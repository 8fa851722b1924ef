"""What the steps of a licence bring about, and what they wait for (许可的环节效果和前提)."""

from __future__ import annotations

from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.domains.matters import rules
from linli.domains.matters.application_effects import lacking_came, remember
from linli.domains.matters.application_fields import BY_LAW, key_of
from linli.kernel.people.models import Organisation, Person
from linli.kernel.procedures import hot
from linli.kernel.procedures.anew import count_anew
from linli.kernel.procedures.holders import accounts_in
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.registry import effect, guard
from linli.kernel.procedures.state import Move
from linli.kernel.records.models import Record

NEEDED = ("examiner", "leader")


@effect("matters.received")
def received(move: Move) -> None:
    """The authority that is asked has the case from now on. Refuses one in which nobody examines or decides."""
    _applicant(move)
    organisation = move.found["office"]
    if any(not accounts_in(f"{role}#{organisation}") for role in NEEDED):
        title = Organisation.objects.get(pk=organisation).title
        raise Refused(
            "matters.nobody_there",
            Text(
                f"{title.zh} 目前没有在岗的审批人员或负责人，不能受理许可申请。请核对是不是由别的机关办，或到综合窗口询问。",
                f"{title.en} has nobody in post who examines or decides licences. Check whether another authority "
                "does, or ask at the service window.",
            ),
        )
    applied = move.found.get("matter")
    # until it is allotted: the shorter limit holds from the first day
    move.show(handling="single", promise=key_of(applied) if applied else BY_LAW["single"])
    move.case.lead_id = organisation
    move.then(lambda m: hot.take_part(m.case.id, [("org", organisation, "lead")]))
    if applied:
        move.then(remember)


@effect("matters.allotted")
def allotted(move: Move) -> None:
    """Handled jointly, the law's longer limit holds, but what the matter promises stays promised."""
    if not move.case.facts.get("matter"):
        move.show(promise=BY_LAW[move.data["handling"]])


def _applicant(move: Move) -> None:
    """Who applies must be known, to be told (行政许可法 29); what the account says already is not asked again."""
    if move.case.applicant_id is None:
        raise Refused(
            "matters.no_applicant",
            Text(
                "请先登录，或到窗口、打电话由工作人员登记姓名和电话：受理和决定都要送达本人（行政许可法 29）。",
                "Sign in first, or have your name and phone entered at the window or by phone: what is decided must "
                "reach you (Licensing Law 29).",
            ),
        )
    person = Person.objects.get(pk=move.case.applicant_id)
    said = (("applicant_name", person.name), ("contact", person.phone))
    move.data.update({k: v for k, v in said if v and k in move.procedure.fields})


@effect("matters.accepted")
def accepted(move: Move) -> None:
    """The time to decide runs from acceptance (行政许可法 42); what counts as accepted runs from receipt (32)."""
    count_anew(move, basis="行政许可法 42")


@effect("matters.corrected")
def corrected(move: Move) -> None:
    """Received anew: if nothing is said within five working days, it counts as accepted from this day (行政许可法 32)."""
    count_anew(move, basis="行政许可法 32")
    lacking_came(move)


@guard("matters.handling_fits")
def handling_fits(move: Move) -> Text | None:
    if not move.data:
        return None
    return rules.handling_fits(move.data["handling"], len(move.data.get("helpers") or ()))


@guard("matters.interests_heard")
def interests_heard(move: Move) -> Text | None:
    if not move.data or move.is_part:
        return None
    done = set(Record.objects.filter(case_id=move.case.id).values_list("action", flat=True))
    return rules.interests_heard(
        public_interest=bool(move.case.facts.get("public_interest")),
        affects_others=move.data.get("affects_others"),
        done=done,
    )


@guard("matters.being_examined")
def being_examined(move: Move) -> Text | None:
    return rules.being_examined(move.step.code)


@guard("matters.not_decided_yet")
def not_decided_yet(move: Move) -> Text | None:
    return rules.not_decided_yet(move.step.code)


@guard("matters.not_the_examiner")
def not_the_examiner(move: Move) -> Text | None:
    if move.actor.account_id is None:
        return None
    reports = Record.objects.filter(case_id=move.case.id, action="report", actor=move.actor.account_id)
    return rules.not_the_examiner(reports.exists())


@guard("matters.no_hearing_pending")
def no_hearing_pending(move: Move) -> Text | None:
    waiting = Case.objects.filter(origin_id=move.case.id, procedure="hearing", ended_at__isnull=True)
    return rules.no_hearing_pending(waiting.exists())
