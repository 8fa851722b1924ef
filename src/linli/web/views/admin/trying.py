"""Try a procedure with an invented case (试一试): the way through its steps as it would be today; nothing is stored."""

from __future__ import annotations

from datetime import date, datetime, time

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.base.clock import SHANGHAI, today
from linli.base.errors import Invalid, absent
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.places.models import Area
from linli.kernel.places.queries import within
from linli.kernel.procedures.tryout import asked_facts, walk
from linli.kernel.procedures.versions import current_procedures
from linli.web.faces import actor_of
from linli.web.forms import Choice, FieldView
from linli.web.views.admin.door import admin_only, area_named
from linli.web.views.admin.proposals import area_chosen, in_hand, own_areas

RECEIVED_AT = time(9, 0)
EARLIEST, LATEST = date(2010, 1, 1), date(2099, 12, 31)


@admin_only
@require_safe
def rehearse(request: HttpRequest, code: str) -> HttpResponse:
    """Walk an invented case through a procedure (试一试): `?on=` the day it comes in, `?where=` a place, what limits go by,
    and `?do=` what is done at each step, in order."""
    actor = actor_of(request)
    areas = own_areas(actor)
    if not areas or code not in {p.code for p in current_procedures()}:
        raise absent(Text("程序", "procedure"))
    county = area_chosen(request, areas)
    procedure = in_hand(code, county.prefix)
    wrong: dict[str, Text] = {}
    on, place = _day(request, wrong), _place(request, actor, county, wrong)
    asked = asked_facts(procedure)
    facts = {f.code: _chosen(request.GET.get(f.code), [c for c, _ in f.choices]) for f in asked}
    trial = None
    if not wrong:
        at = datetime.combine(on, RECEIVED_AT, SHANGHAI)
        trial = walk(procedure, place.prefix, at=at, facts=facts, taken=request.GET.getlist("do")[:40])
    fields = [
        FieldView(
            "on", Text("哪天收到", "Comes in on"), "date", value=request.GET.get("on") or on.isoformat(),
            required=True, error=wrong.get("on", ""),
        ),
        FieldView(
            "where", Text("在哪里", "Where"), value=request.GET.get("where") or place.code, required=True,
            hint=Text("村（社区）或网格的名称或代码", "Name or code of a village or grid"),
            error=wrong.get("where", ""),
        ),
        *(
            FieldView(f.code, f.title, "choice", required=True, choices=[Choice(c, t) for c, t in f.choices], value=facts[f.code])
            for f in asked
        ),
    ]  # fmt: skip
    context = {
        "procedure": procedure,
        "area": county,
        "place": place,
        "fields": fields,
        "trial": trial,
        "trail": [
            (Text("程序", "Procedures"), reverse("web:admin_procedures")),
            (procedure.title, reverse("web:admin_procedure", args=[code])),
        ],
    }
    return render(request, "web/admin/trying.html", context, status=422 if wrong else 200)


def _day(request: HttpRequest, wrong: dict[str, Text]) -> date:
    try:
        on = date.fromisoformat(request.GET.get("on") or today().isoformat())
    except ValueError:
        wrong["on"] = Text("请写成 2026-03-01 这样的日期。", "Write the date like 2026-03-01.")
        return today()
    if not EARLIEST <= on <= LATEST:
        wrong["on"] = Text("请选 2010 年到 2099 年之间的一天。", "Choose a day from 2010 to 2099.")
    return on


def _place(request: HttpRequest, actor: Actor, county: Area, wrong: dict[str, Text]) -> Area:
    first = within(county.prefix).filter(level="village").order_by("code").first() or county
    if not request.GET.get("where"):
        return first
    try:
        return area_named(actor, request.GET["where"], "where")
    except Invalid as error:
        wrong.update(error.fields)
        return first


def _chosen(value: str | None, known: list[str]) -> str:
    return value if value in known else known[0]
