"""What the steps of care bring about, and what they wait for (关爱帮扶的环节效果和前提)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import F, QuerySet

from linli.base.clock import local
from linli.base.errors import Invalid, Refused
from linli.base.i18n import Text
from linli.domains.care import rules
from linli.domains.care.models import HelpPlan, ServiceTotal, Visit
from linli.kernel.procedures import hot
from linli.kernel.procedures.beside import add_beside
from linli.kernel.procedures.casebook import first_fact
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.registry import effect, guard
from linli.kernel.procedures.retention import erase_facts
from linli.kernel.procedures.state import Move
from linli.kernel.records.models import Record


def _plan(move: Move) -> HelpPlan:
    return HelpPlan.objects.get(case_id=move.case.id)


def _set(move: Move, **values: Any) -> None:
    HelpPlan.objects.filter(case_id=move.case.id).update(**values)


def _today(move: Move) -> date:
    return local(move.at).date()


def _by_consent(move: Move) -> None:
    """Refuses what nobody asked for: help is given to a person who is known, and who agreed (须本人提出或同意)."""
    if move.case.applicant_id is None:
        raise Refused(
            "care.no_person",
            Text(
                "没有写明是谁要帮助，没有登记。请写姓名和电话，或请本人登录后自己提出。",
                "It is not said who needs help, so nothing was entered. Give a name and phone, or let them ask themselves.",
            ),
        )
    if move.actor.is_staff and move.data.get("agreed") != "yes":
        raise Refused(
            "care.not_agreed",
            Text(
                "本人（或监护人）还没有同意，没有登记。征得同意后选上“同意”再提交。",
                "The person, or their guardian, has not agreed, so nothing was entered. Ask first, then mark it.",
            ),
        )
    move.case.title = move.procedure.title.zh  # never in anybody's own words: a title is read in many places


@effect("care.asked")
def asked(move: Move) -> None:
    _by_consent(move)
    group = move.data["target_group"]
    move.then(lambda m: add_beside(HelpPlan(case_id=m.case.id, group=group)))


@effect("care.service_asked")
def service_asked(move: Move) -> None:
    """Counted by village and month for planning, without the person."""
    _by_consent(move)
    key = {
        "village": move.case.prefix[:12],
        "month": _today(move).replace(day=1),
        "service": move.data["service"],
    }
    move.then(lambda _: _one_more(key))


def _one_more(key: dict[str, Any]) -> None:
    ServiceTotal.objects.bulk_create([ServiceTotal(**key)], ignore_conflicts=True)
    ServiceTotal.objects.filter(**key).update(n=F("n") + 1)


@effect("care.agreed")
def agreed(move: Move) -> None:
    """Whoever enters the consent is the one who comes; the consent to health, means or family is a separate one."""
    worker = move.actor.account_id
    _set(
        move,
        worker_id=worker,
        scopes=move.data.get("consent_scope") or [],
        by_law=list(rules.OPENED_BY_LAW.get(move.data["consent_ground"], ())),
        agreed_at=move.at,
    )
    if worker is not None:
        move.then(lambda m: hot.take_part(m.case.id, [("account", worker, "worker")]))


@guard("care.not_mine")
def not_mine(move: Move) -> Text | None:
    if _plan(move).worker_id != move.actor.account_id:
        return None
    return Text("本来就是您在帮扶。", "It is yours already.")


@effect("care.taken_over")
def taken_over(move: Move) -> None:
    """Whoever had it before reads it no more."""
    worker = move.actor.account_id
    assert worker is not None  # a post does it
    _set(move, worker_id=worker)
    move.then(lambda m: hot.part_with(m.case.id, "account"))
    move.then(lambda m: hot.take_part(m.case.id, [("account", worker, "worker")]))


@guard("care.begun")
def begun(move: Move) -> Text | None:
    if _plan(move).agreed_at is not None:
        return None
    return Text(
        "帮扶还没有开始，帮扶员联系您时一起记下同意。",
        "It has not begun yet: the consent is entered when the care worker calls.",
    )


@effect("care.consent_given")
def consent_given(move: Move) -> None:
    """What they agreed to more (加一项同意). Refuses one in which nothing was chosen."""
    chosen = move.data.get("consent_scope")
    if not chosen:
        words = Text("请至少勾选一项，再提交。", "Tick at least one, then submit.")
        raise Invalid("care.nothing_agreed", words, fields={"consent_scope": words})
    _set(move, scopes=sorted({*_plan(move).scopes, *chosen}))


@guard("care.has_consent")
def has_consent(move: Move) -> Text | None:
    if _plan(move).scopes:
        return None
    return Text(
        "现在没有可以撤回的单独同意。不再要帮扶的，请用“不再要帮扶”。",
        "There is no separate consent to withdraw. To stop the help, use “I want no more help”.",
    )


@effect("care.consent_withdrawn")
def consent_withdrawn(move: Move) -> None:
    """What the consent alone covered is erased at once (个人信息保护法 47); what a law opens stays, and so does the help."""
    plan = _plan(move)
    gone = [field for scope, field in rules.SENSITIVE.items() if scope not in plan.by_law]
    _set(move, scopes=[])
    move.then(lambda m: _erase(m.case.id, gone))


def _erase(case_id: int, fields: list[str]) -> None:
    erase_facts(case_id, fields)


@guard("care.may_write")
def may_write(move: Move) -> Text | None:
    if not move.data:
        return None
    plan = _plan(move)
    if refusal := rules.without_consent(move.data, {*plan.scopes, *plan.by_law}):
        return refusal
    if not move.data.get("review_on"):
        return None
    day = date.fromisoformat(move.data["review_on"])
    last = local(move.case.due_at).date() if move.case.due_at else date.max
    return rules.review_too_far(day, _today(move)) or rules.beyond_the_year(day, last)


@effect("care.planned")
def planned(move: Move) -> None:
    _set(move, review_on=date.fromisoformat(move.data["review_on"]))


@guard("care.to_come")
def to_come(move: Move) -> Text | None:
    return rules.to_come(date.fromisoformat(move.data["visit_on"]), _today(move)) if move.data else None


@guard("care.visit_fits")
def visit_fits(move: Move) -> Text | None:
    return rules.visit_fits(move.data, _today(move)) if move.data else None


@effect("care.visit_planned")
def visit_planned(move: Move) -> None:
    day, topic = move.data["visit_on"], move.data["visit_topic"]
    move.then(lambda m: _visit(m, planned_on=day, topic=topic))


def _visit(move: Move, **values: Any) -> None:
    Visit.objects.create(plan_id=move.case.id, **values)


@effect("care.visited")
def visited(move: Move) -> None:
    """The earliest visit that was planned up to that day is the one that was made; else one that nobody planned."""
    move.then(_made)


def _made(move: Move) -> None:
    day = move.data["visit_on"]
    made = {
        "planned_on": day,
        "topic": move.data["visit_topic"],
        "state": move.data["met"],
        "asked": bool(move.data.get("request")),
        "answered": bool(move.data.get("answer") or move.data.get("handed_to")),
    }
    waiting = Visit.objects.filter(plan_id=move.case.id, state="planned", planned_on__lte=day)
    first = waiting.order_by("planned_on", "id").values_list("pk", flat=True).first()
    if first is None:
        _visit(move, **made)
    else:
        Visit.objects.filter(pk=first).update(**made)


def _unanswered(move: Move) -> QuerySet[Visit]:
    return Visit.objects.filter(plan_id=move.case.id, asked=True, answered=False)


@guard("care.to_answer")
def to_answer(move: Move) -> Text | None:
    """有诉求就要有答复：一次答一件，先提的先答。"""
    if not _unanswered(move).exists():
        return Text("没有待答复的事。", "Nothing waits for an answer.")
    if move.data and not move.data.get("answer"):
        return Text("请写明怎么答复的，本人会看到。", "Write the answer; the person reads it.")
    return None


@effect("care.answered")
def answered(move: Move) -> None:
    move.then(_answer_the_first)


def _answer_the_first(move: Move) -> None:
    first = _unanswered(move).order_by("planned_on", "id").values_list("pk", flat=True).first()
    if first is not None:
        Visit.objects.filter(pk=first).update(answered=True)


@guard("care.heard")
def heard(move: Move) -> Text | None:
    """停止帮扶前须听取本人意见（社会救助法 48）；过了时间没有回音的，才能不等。"""
    rows = Record.objects.filter(case_id=move.case.id)
    proposed = rows.filter(action="propose_end").order_by("-seq").first()
    if proposed is None or move.at >= proposed.at + rules.TIME_TO_ANSWER:
        return None
    if rows.filter(action__in=("state", "note_statement"), seq__gt=proposed.seq).exists():
        return None
    return Text(
        f"还没有听取本人的意见（社会救助法 48）。请先听取并记下；{rules.TIME_TO_ANSWER.days} 天没有回音的，才可以决定。",
        "The person has not been heard yet (Social Assistance Law 48). Hear them and enter what they say; only after "
        f"{rules.TIME_TO_ANSWER.days} days without an answer can it be decided.",
    )


@effect("care.closed")
def closed(move: Move) -> None:
    """An end is an end (到期结束): no visit is left, no consent, no group, and no worker who goes on reading the file."""
    _set(move, group="", scopes=[], review_on=None)
    move.then(lambda m: _leave_nothing(m.case.id))


@effect("care.reopened")
def reopened(move: Move) -> None:
    """A review was upheld: the plan is of its group again."""
    group = first_fact(Case.objects.get(pk=move.case.id), "target_group")
    _set(move, group=group or "")


def _leave_nothing(case_id: int) -> None:
    Visit.objects.filter(plan_id=case_id, state="planned").delete()
    hot.part_with(case_id, "account")
