"""All reads of care (关爱帮扶查询): each starts from the files that this person may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count as HowMany
from django.db.models import QuerySet, Sum

from linli.base.i18n import Text
from linli.base.paging import Page, keyset
from linli.domains.care import rules
from linli.domains.care.models import HelpPlan, ServiceTotal, Visit
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import AccessEntry
from linli.kernel.people.services.looks import record_look
from linli.kernel.procedures.casebook import first_fact
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.readers import in_words
from linli.kernel.procedures.sealing import open_fact
from linli.kernel.procedures.versions import current_version, procedure_of
from linli.kernel.procedures.visibility import visible_to
from linli.kernel.records.models import ErasableFact

PLANS = {"care_worker": "help-plan", "child_worker": "child-care"}
LED = {"care_lead": "help-plan", "child_lead": "child-care"}
SHOWN_VISITS, SHOWN_REVIEWS, SOON = 5, 20, timedelta(days=7)
STATES = {
    "planned": Text("约好", "planned"),
    "met": Text("来过", "made"),
    "away": Text("没有见到", "nobody in"),
    "unwanted": Text("这次不想", "not wanted"),
}


@dataclass(frozen=True)
class PlanView:
    """A plan as its case page shows it (帮扶计划)."""

    worker: Text | None
    goals: list[str]
    scopes: list[Text]
    by_law: list[Text]
    review_on: date | None
    visits: list[tuple[Visit, Text, Text]]  # with what it is for, and what became of it


def plan_of(case: Case) -> PlanView | None:
    """The plan beside a case whose reader was already let in (帮扶计划); nothing for other cases."""
    if case.procedure not in PLANS.values():
        return None
    plan = HelpPlan.objects.select_related("worker").filter(case=case).first()
    if plan is None or plan.agreed_at is None:
        return None
    topics = dict(procedure_of(case.version_id).fields["visit_topic"].choices)
    visits = plan.visits.order_by("-planned_on", "-id")[:SHOWN_VISITS]
    return PlanView(
        plan.worker.title if plan.worker else None,
        [line for line in str(first_fact(case, "goals") or "").splitlines() if line.strip()],
        [rules.SCOPES[s] for s in plan.scopes],
        [rules.SCOPES[s] for s in plan.by_law],
        plan.review_on,
        [(v, topics.get(v.topic, Text(v.topic, v.topic)), STATES[v.state]) for v in visits],
    )


@dataclass(frozen=True)
class Call:
    """One visit of a day (一次走访): to whom, where, what for."""

    visit: Visit
    case: Case
    name: str
    address: str
    topic: Text


def _mine(actor: Actor) -> QuerySet[Case]:
    codes = [code for role, code in PLANS.items() if role in actor.roles]
    return visible_to(actor).filter(procedure__in=codes, ended_at__isnull=True)


def calls(actor: Actor, day: date, *, at: Any, cursor: str = "", limit: int = 30) -> Page[Call]:
    """The visits planned up to a day (今天要走访的), those of one day in the order of their addresses: a list to walk by,
    no track. Names and addresses are shown in full, so each is entered as a look."""
    rows = Visit.objects.filter(
        state="planned", planned_on__lte=day, plan__case__in=_mine(actor).values("pk")
    )
    page: Page[Visit] = keyset(
        rows.select_related("plan__case__applicant", "plan__case__version"),
        ["planned_on", "id"],
        cursor,
        limit,
    )
    cases = [v.plan.case for v in page.items]
    sealed = ErasableFact.objects.filter(case_id__in=[c.pk for c in cases], name="home_address").order_by(
        "seq"
    )
    where = {f.case_id: str(open_fact(bytes(f.value))) for f in sealed}
    found = [
        Call(
            v,
            v.plan.case,
            v.plan.case.applicant.name if v.plan.case.applicant else "",
            where.get(v.plan.case_id, ""),
            dict(procedure_of(v.plan.case.version_id).fields["visit_topic"].choices)[v.topic],
        )
        for v in page.items
    ]
    _looked(actor, cases, at)
    return Page(sorted(found, key=lambda c: (c.visit.planned_on, c.address)), page.next_cursor, page.has_more)


def _looked(actor: Actor, cases: list[Case], at: Any) -> None:
    """One look a day at each person on the list (每天每人一条)."""
    what = "name, home_address"
    assert actor.account_id is not None  # the page is for staff
    known = AccessEntry.objects.filter(
        account_id=actor.account_id, what=what, at__gt=at - timedelta(hours=12)
    )
    seen = set(known.filter(case_number__in=[c.number for c in cases]).values_list("case_number", flat=True))
    for case in {c.pk: c for c in cases if c.number not in seen}.values():
        record_look(
            by=actor,
            person=case.applicant,
            what=what.split(", "),
            purpose="care-visit",
            case_number=case.number,
            at=at,
        )


def reviews_due(actor: Actor, day: date) -> list[HelpPlan]:
    """The plans to look at again within a week (该回头看的)."""
    rows = HelpPlan.objects.filter(case__in=_mine(actor).values("pk"), review_on__lte=day + SOON)
    found = list(rows.select_related("case").order_by("review_on", "pk")[:SHOWN_REVIEWS])
    for plan in found:
        in_words(plan.case)
    return found


def unanswered(actor: Actor) -> list[Visit]:
    """What was asked for on a visit and not answered yet, the oldest first (待答复的事)."""
    rows = Visit.objects.filter(asked=True, answered=False, plan__case__in=_mine(actor).values("pk"))
    found = list(rows.select_related("plan__case").order_by("planned_on", "id")[:SHOWN_REVIEWS])
    for visit in found:
        in_words(visit.plan.case)
    return found


@dataclass(frozen=True)
class Total:
    title: Text
    n: Text | int


def totals(actor: Actor, since: date) -> tuple[list[Total], list[Total]]:
    """How many plans of each group run in one's area, and how often each service was asked for (合计): numbers alone,
    none under five, no sum by which a hidden one could be worked out."""
    groups, services = [], []
    for role, code in LED.items():
        prefixes = [h.area_prefix for h in actor.hats if role in h.roles]
        if not prefixes:
            continue
        rows = HelpPlan.objects.filter(case__procedure=code, case__ended_at__isnull=True)
        counted: dict[str, int] = {}
        for prefix in _widest(prefixes):
            here = rows.filter(case__grid__startswith=prefix).values_list("group").annotate(n=HowMany("pk"))
            for group, n in here:
                counted[group] = counted.get(group, 0) + n
        groups += _titled(code, "target_group", prefixes[0], counted)
        if role == "care_lead":
            counted = {}
            for prefix in _widest(prefixes):
                asked = ServiceTotal.objects.filter(village__startswith=prefix, month__gte=since)
                for service, n in asked.values_list("service").annotate(total=Sum("n")):
                    counted[service] = counted.get(service, 0) + n
            services += _titled("care-service", "service", prefixes[0], counted)
    return groups, services


def _widest(prefixes: list[str]) -> list[str]:
    return [p for p in set(prefixes) if not any(p != q and p.startswith(q) for q in prefixes)]


def _titled(code: str, field: str, prefix: str, counted: dict[str, int]) -> list[Total]:
    choices = procedure_of(current_version(code, prefix)).fields[field].choices
    return [Total(title, rules.shown(counted.get(value, 0))) for value, title in choices]
