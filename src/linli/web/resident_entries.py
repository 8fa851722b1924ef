"""What the residents' own pages add to their first page (居民首页登记): 我的事, with what waits for them first."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string

from linli.base.i18n import Text
from linli.kernel.procedures.own import cases_of, waiting_for
from linli.kernel.procedures.versions import procedure_of
from linli.web import registry
from linli.web.faces import actor_of

SHOWN = 3


def my_cases(request: HttpRequest) -> str | None:
    """The newest of one's own cases (首页上的“我的事”); nothing for whoever is not signed in or has none."""
    actor = actor_of(request)
    if actor.person_id is None:
        return None
    waits = waiting_for(actor)
    waiting = {w.case.pk: w.action for w in waits}
    others = [c for c in cases_of(actor, limit=10).items if c.pk not in waiting and c.ended_at is None]
    rows = [
        {"case": c, "step": _step(c.version_id, c.step), "waits": waiting.get(c.pk)}
        for c in [*(w.case for w in waits), *others][:SHOWN]
    ]
    return render_to_string("web/home_mine.html", {"rows": rows}) if rows else None


def _step(version: int, code: str) -> object:
    step = procedure_of(version).steps[code]
    return step.public_words or step.title


def register() -> None:
    registry.home_card(
        "services",
        Text("办事与诉求", "Services and requests"),
        "web:services",
        order=5,
        line=lambda _: Text("信访、申请、调解，都从这里提", "Petitions, applications, mediation begin here"),
    )
    registry.home_section("mine", order=5, render=my_cases)
