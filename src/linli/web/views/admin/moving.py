"""Moving running cases to a newer version (在办件转版): first what it would do to each, then doing it, some at a time."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from linli.base.clock import now, today
from linli.base.errors import LinliError, absent
from linli.base.i18n import Text, current_language, use_language
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor
from linli.kernel.procedures.authority import cases_recused_from
from linli.kernel.procedures.models import ProcedureVersion
from linli.kernel.procedures.moving import Planned, dry_run, move_all, sources_of, target_version
from linli.kernel.procedures.relaying import stale
from linli.kernel.procedures.versions import current_version, procedure_of
from linli.web import flash
from linli.web.faces import actor_of
from linli.web.listing import safe_cells
from linli.web.views.admin.door import admin_only, covers, is_county_wide, prefixes
from linli.web.views.admin.mending import Row, to_mend
from linli.web.views.admin.procedures import PROCEDURES
from linli.web.words import full_moment

PAGE = 50
AT_ONCE = 100  # cases looked at in one request; the rest go on with the next press
COLUMNS = (
    Text("编号", "Number"),
    Text("原版本", "Version now"),
    Text("主办", "Lead"),
    Text("环节", "Step"),
    Text("转后环节", "Step after"),
    Text("应办结", "Due"),
    Text("转后应办结", "Due after"),
    Text("法定期限", "Due by law"),
    Text("转后法定期限", "Due by law after"),
    Text("待办到期", "Task due"),
    Text("转后待办到期", "Task due after"),
    Text("告知当事人", "Tells the applicant"),
    Text("不能转的原因", "Why it cannot move"),
)


@never_cache
@admin_only
def move(request: HttpRequest, code: str) -> HttpResponse:
    """The dry run of a move, and moving (转版试算与转版): nothing moves before it is confirmed, case by case with a record."""
    actor = actor_of(request)
    if not is_county_wide(actor):
        raise absent(Text("页面", "page"))
    area = request.GET.get("area", "")
    _known(code, area, actor)
    trail = [(PROCEDURES, reverse("web:admin_procedures"))]
    context: dict[str, Any] = {"code": code, "area": area, "trail": trail}
    try:
        target = target_version(code, area)
    except LinliError as error:
        context["message"] = error.message
        return render(request, "web/admin/moving.html", context, status=error.status)
    if request.method == "POST":
        return _moved(request, target, actor)
    after = request.GET.get("after", "")
    found = dry_run(target, under=prefixes(actor), after=int(after) if after.isdigit() else 0)
    planned = list(islice(_unnamed(found, actor), PAGE + 1))
    procedure = procedure_of(target.pk)
    context |= {
        "target": target,
        "procedure": procedure,
        "sources": sources_of(target),
        "rows": [(p, _step(p)) for p in planned[:PAGE]],
        "next": planned[PAGE - 1].case_id if len(planned) > PAGE else None,
        "n_refused": sum(p.refused is not None for p in planned[:PAGE]),
    }
    return render(request, "web/admin/moving.html", context)


def _known(code: str, area: str, actor: Actor) -> None:
    """The default, or the version of a county that the actor administers; any other is not there."""
    rows = ProcedureVersion.objects.filter(code=code, jurisdiction=area)
    if (area and not covers(actor, area)) or not rows.exists():
        raise absent(Text("程序版本", "version"))


def _unnamed(planned: Iterable[Planned], actor: Actor) -> Iterator[Planned]:
    """Without number and lead where the reader's own organisation is recused (回避): the case moves, and stays hidden."""
    hidden = cases_recused_from(actor)
    for case in planned:
        yield replace(case, number="—", lead=None) if case.case_id in hidden else case


def _step(planned: Planned) -> Text:
    plan = planned.plan
    if plan is None:
        return Text("", "")
    old, new = plan.names
    return new if plan.step[0] == plan.step[1] else Text(f"{old.zh} → {new.zh}", f"{old.en} → {new.en}")


def _moved(request: HttpRequest, target: ProcedureVersion, actor: Actor) -> HttpResponse:
    """Move some, say what became of them, and go on behind them with the next press."""
    after = request.POST.get("after", "")
    found = list(
        islice(
            move_all(target, by=actor, under=prefixes(actor), after=int(after) if after.isdigit() else 0),
            AT_ONCE,
        )
    )
    n = sum(p.moved for p in found)
    audit.note(
        "procedures.cases_moved",
        by=actor,
        at=now(),
        procedure=target.code,
        jurisdiction=target.jurisdiction,
        version=target.version,
        n_moved=n,
        n_refused=len(found) - n,
    )
    kept = len(found) - n
    said = Text(
        f"转版 {n} 件，{kept} 件沿用原来的版本。", f"{n} cases moved; {kept} keep the version they have."
    )
    more = len(found) == AT_ONCE
    if more:
        said = Text(f"{said.zh}还有的请再按一次。", f"{said.en} Press again for the rest.")
    flash.say(request, said, tone="warn" if kept else "ok")
    query = f"?area={target.jurisdiction}" + (f"&after={found[-1].case_id}" if more else "")
    return HttpResponseRedirect(reverse("web:admin_move_cases", args=[target.code]) + query)


@never_cache
@admin_only
@require_safe
def export(request: HttpRequest, code: str) -> HttpResponseBase:
    """The whole dry run as a file (试算结果 CSV), a line for each running case, none of them named."""
    actor = actor_of(request)
    if not is_county_wide(actor):
        raise absent(Text("页面", "page"))
    area = request.GET.get("area", "")
    _known(code, area, actor)
    target = target_version(code, area)
    lines = _lines(_unnamed(dry_run(target, under=prefixes(actor)), actor), current_language())
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="move-{code}-{today():%Y%m%d}.csv"'
    return response


class _Line:
    def write(self, text: str) -> str:
        return text


def _lines(planned: Iterator[Planned], language: str) -> Iterator[str]:
    writer = csv.writer(_Line())
    with use_language(language):
        head = "\ufeff" + writer.writerow([str(title) for title in COLUMNS])
    yield head
    for case in planned:
        with use_language(language):
            line = writer.writerow(safe_cells(_cells(case)))
        yield line


def _cells(case: Planned) -> list[Text | str | int]:
    plan = case.plan
    if plan is None:
        return [case.number, case.version, case.lead or "", *[""] * 9, case.refused or ""]
    moments = [*plan.due, *plan.statutory, *(plan.tasks[0].due if plan.tasks else (None, None))]
    tells = case.has_applicant and plan.changes_for_the_person
    return [
        case.number,
        case.version,
        case.lead or "",
        *plan.step,
        *(full_moment(m) if m else "" for m in moments),
        Text("是", "yes") if tells else Text("否", "no"),
        "",
    ]


# ------------------------------------------------------------------------------------------------ what to mend


def left_behind(actor: Actor) -> list[Row]:
    """Counties' versions that could not follow a default that changed, each with what is in the way (过时的地方程序)."""
    rows = []
    for found in stale():
        version = found.version
        if not covers(actor, version.jurisdiction):
            continue
        in_force = current_version(version.code, version.jurisdiction) == version.pk
        note = (
            found.findings[0].message if found.findings else Text("默认已不再提供。", "Its default is gone.")
        )
        if in_force:
            url = reverse("web:admin_procedure", args=[version.code])
            rows.append(Row(procedure_of(version.pk).title, f"{url}?area={version.jurisdiction}", note))
    return rows


def register() -> None:
    to_mend(
        "stale_procedures",
        Text("没有跟上默认的地方程序", "Local procedures that do not follow their default"),
        Text(
            "默认程序更新了，本地的写法与它不再相合，所以仍用旧的。改好后重新上传。",
            "The default changed and what was written locally no longer fits it, so the old one is still used. "
            "Mend it and upload it again.",
        ),
        left_behind,
        order=60,
    )
