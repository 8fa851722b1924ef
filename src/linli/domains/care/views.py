"""Pages of care (关爱页面): the worker's day, figures for planning, and what residents may ask for."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from linli.base.clock import local, now
from linli.base.errors import NotAllowed
from linli.base.i18n import Text
from linli.domains.care import queries
from linli.kernel.people.actors import Actor
from linli.kernel.procedures.offered import begun_by
from linli.kernel.procedures.own import as_resident
from linli.web.faces import actor_of, staff_only

OURS = ("help-plan", "child-care", "care-service")
MONTHS = 3


@never_cache
@require_GET
@staff_only
def day(request: HttpRequest) -> HttpResponse:
    """The care worker's day (今天走访): whom to call on, in the order of the addresses. Refuses everybody else."""
    actor = actor_of(request)
    _only(actor, queries.PLANS)
    moment = now()
    today = local(moment).date()
    page = queries.calls(actor, today, at=moment, cursor=request.GET.get("cursor", ""))
    context = {
        "page": page,
        "today": today,
        "reviews": queries.reviews_due(actor, today),
        "unanswered": queries.unanswered(actor),
    }
    return render(request, "care/day.html", context)


@never_cache
@require_GET
@staff_only
def totals(request: HttpRequest) -> HttpResponse:
    """Figures for planning (关爱合计), for whoever leads; they see numbers, no files. Refuses everybody else."""
    actor = actor_of(request)
    _only(actor, queries.LED)
    since = _months_back(local(now()).date(), MONTHS)
    groups, services = queries.totals(actor, since)
    return render(request, "care/totals.html", {"groups": groups, "services": services, "since": since})


def _months_back(day: date, n: int) -> date:
    months = day.year * 12 + day.month - 1 - n
    return date(months // 12, months % 12 + 1, 1)


def _only(actor: Actor, roles: dict[str, str]) -> None:
    if not actor.roles & set(roles):
        raise NotAllowed(
            "care.team_only",
            Text(
                "这一页只给帮扶人员用。要帮居民申请，请到“可发起的事项”，或请本人在网上、窗口提出。",
                "This page is for the care team alone. To help somebody ask for care, use the list of what you may "
                "begin, or let them ask online or at the window.",
            ),
        )


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What one may ask for, and whom to call (关爱与陪伴)."""
    offered = [p for p in begun_by(as_resident(actor_of(request))) if p.code in OURS]
    return render(
        request, "care/home.html", {"procedures": sorted(offered, key=lambda p: OURS.index(p.code))}
    )


@require_GET
def self_check(request: HttpRequest) -> HttpResponse:
    """A few questions about the last two weeks (心情自查). Nothing is sent: the page itself adds up, and forgets."""
    return render(request, "care/self_check.html", {"questions": QUESTIONS, "answers": ANSWERS})


QUESTIONS = (
    Text("睡得踏实，醒来有精神", "I slept well and woke rested"),
    Text("做事提得起劲", "I had the energy for what I had to do"),
    Text("有让我高兴的事", "Something made me glad"),
    Text("心里平静，不总是担心", "I was calm and did not worry all the time"),
    Text("有人可以说说话", "There was somebody to talk to"),
)
ANSWERS = (
    (3, Text("大多数日子", "Most days")),
    (2, Text("一半左右", "About half")),
    (1, Text("几天", "A few days")),
    (0, Text("几乎没有", "Hardly ever")),
)
