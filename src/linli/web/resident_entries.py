"""What the residents' own pages add to their first page (居民首页登记): 我的事, with what waits for them first."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string

from linli.base.i18n import Text
from linli.kernel.procedures.offered import begun_by
from linli.kernel.procedures.own import as_resident, cases_of, n_open_cases, waiting_for
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


def services_line(request: HttpRequest) -> Text | None:
    """How many can be asked for here (可以办几项)."""
    n = len(begun_by(as_resident(actor_of(request))))
    return (
        Text(f"{n} 项可以在这里提", f"{n} can be begun here" if n != 1 else "1 can be begun here")
        if n
        else None
    )


def mine_line(request: HttpRequest) -> Text:
    """How many of one's own cases are still open (我在办的几件)."""
    actor = actor_of(request)
    if actor.person_id is None:
        return Text("手机号登录，不用密码", "Sign in by phone, no password")
    n = n_open_cases(actor)
    if not n.n:
        return Text("现在没有在办的", "None is open now")
    return Text(f"{n} 件在办", f"{n} open")


def register() -> None:
    registry.home_card(
        "services",
        Text("办事与诉求", "Services and requests"),
        "web:services",
        order=5,
        line=services_line,
        icon="apply",
    )
    registry.home_card("mine", Text("我的事", "My cases"), "web:mine", order=40, line=mine_line, icon="mine")
    registry.home_section("mine", order=5, render=my_cases)
