"""Limits (时限): all that the procedures promise in one table; a county's own, checked, tried and kept with its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.base.errors import Invalid, LinliError, NotAllowed, absent
from linli.base.i18n import Text
from linli.base.legaltime import UNITS, Period
from linli.kernel.procedures.amending import (
    LimitRow,
    all_in_hand,
    file_of,
    limit_changes,
    limit_rows,
    period_entered,
    scheduled_from,
)
from linli.kernel.procedures.checks import Finding
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.versions import current_procedures
from linli.web.faces import actor_of
from linli.web.forms import Choice, FieldView, filled, read
from linli.web.views.admin.door import admin_only
from linli.web.views.admin.proposals import (
    Proposal,
    area_chosen,
    history_url,
    in_hand,
    own_areas,
    proposal,
    save,
    was_shown,
)
from linli.web.views.admin.screens import MEND, day, finish

LIMITS = Text("时限", "Limits")
UNIT_TITLES = {
    "minutes": Text("分钟", "minutes"),
    "hours": Text("小时", "hours"),
    "working_hours": Text("工作小时", "working hours"),
    "days": Text("日", "days"),
    "working_days": Text("工作日", "working days"),
    "months": Text("月", "months"),
    "years": Text("年", "years"),
}
BASIS = FieldView(
    "basis",
    Text("依据的文件", "Document it rests on"),
    required=True,
    max=200,
    hint=Text("例如：×政办〔2026〕5号第八条", "Such as: County notice 5 of 2026, article 8"),
)
FROM = FieldView(
    "valid_from",
    Text("从哪天起施行", "In force from"),
    "date",
    hint=Text("不填就是保存后马上施行。", "Left empty: as soon as it is saved."),
)


@dataclass(frozen=True)
class Entry:
    """One limit in the form (时限填写行): a number and a unit, and what is wrong with them."""

    row: LimitRow
    number: FieldView
    unit: str
    settled: bool
    first: bool  # the first row of its limit: the sample mark stands here once
    error: Text | None

    @property
    def is_changed(self) -> bool:
        old = self.row.period
        return old is not None and (str(self.number.value), self.unit) != (str(old.n), old.unit)


@admin_only
@require_safe
def limits(request: HttpRequest) -> HttpResponse:
    """Every limit of every procedure (时限一览), as it stands in one county; narrowed by procedure, word or sample."""
    areas = own_areas(actor_of(request))
    if not areas:
        raise absent(Text("页面", "page"))
    area = area_chosen(request, areas)
    text, only, samples = (request.GET.get(k, "").strip()[:40] for k in ("q", "procedure", "sample"))
    titles, groups = [], []
    for procedure, coming in all_in_hand(area.prefix):
        titles.append((procedure.code, procedure.title))
        wanted = not only or procedure.code == only
        rows = [
            r
            for r in limit_rows(procedure)
            if wanted and (not samples or r.sample) and _says(procedure.title, r, text)
        ]
        if rows:
            groups.append((procedure, rows, coming))
    context = {
        "areas": areas,
        "area": area,
        "groups": groups,
        "n": sum(len(rows) for _, rows, _ in groups),
        "titles": titles,
        "text": text,
        "only": only,
        "samples": samples,
    }
    return render(request, "web/admin/limits.html", context)


@admin_only
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change a procedure's limits for a county (修改时限): entered, checked and tried, then saved as its next version."""
    actor = actor_of(request)
    areas = own_areas(actor)
    if not areas or code not in {p.code for p in current_procedures()}:
        raise absent(Text("程序", "procedure"))
    area = area_chosen(request, areas)
    procedure = in_hand(code, area.prefix)
    coming = scheduled_from(code, area.prefix)
    fields = (BASIS, FROM)
    entered: Mapping[str, Any] = {"valid_from": coming.isoformat() if coming else ""}
    found: Proposal | None = None
    error: LinliError | None = None
    wrong: dict[str, Text] = {}
    if request.method == "POST":
        entered = read(fields, request.POST)
        try:
            text = _file(
                request, procedure, area.prefix, entered["basis"] or "", day(dict(entered), "valid_from")
            )
            found = proposal(text, by=actor)
            if was_shown(request, found) and found.may_load:
                return finish(request, save(found, by=actor, because=entered["basis"] or ""))
            wrong = _placed(found.override.findings, procedure)
        except NotAllowed:
            raise
        except LinliError as refused:
            error = refused
            wrong = refused.fields if isinstance(refused, Invalid) else {}
    rows = _entries(procedure, request.POST if request.method == "POST" else None, wrong)
    fields_shown = filled(fields, entered, wrong)
    status = error.status if error else 422 if found and found.override.findings else 200
    context = {
        "procedure": procedure,
        "area": area,
        "entries": rows,
        "wrong_entries": [e.number for e in rows if e.error],
        "units": [Choice(u, UNIT_TITLES[u]) for u in UNITS],
        "fields": fields_shown,
        "all_fields": [*(e.number for e in rows), *fields_shown],
        "found": found,
        "message": (MEND if wrong else error.message) if error else "",
        "trail": [(LIMITS, f"{reverse('web:admin_limits')}?area={area.prefix}")],
        "history": history_url(code, area.prefix),
        "coming": coming,
    }
    return render(request, "web/admin/limits_edit.html", context, status=status)


def _says(title: Text, row: LimitRow, text: str) -> bool:
    words = [title, row.place, row.kind, *([row.value] if row.value else [])]
    return not text or any(text.lower() in f"{w.zh} {w.en}".lower() for w in words)


def _file(request: HttpRequest, procedure: Procedure, prefix: str, basis: str, since: date | None) -> str:
    """The file that the form makes; refuses periods that cannot be read, each at its row, and a form that changes nothing."""
    wanted: dict[str, Period] = {}
    wrong: dict[str, Text] = {}
    for row in limit_rows(procedure):
        number, unit = request.POST.get(f"n.{row.code}", ""), request.POST.get(f"u.{row.code}", "")
        if row.period is None or (not number and not unit):
            continue
        try:
            wanted[row.code] = period_entered(number.strip(), unit)
        except Invalid as error:
            wrong[f"n.{row.code}"] = error.message
    if wrong:
        raise Invalid("web.bad_period", MEND, fields=wrong)
    settled = set(request.POST.getlist("settled"))
    changes = limit_changes(procedure, wanted, settled, basis=basis)
    if not changes:
        problem = Text(
            "还没有改动。请先改一个时限，或勾选“不再是样例”。",
            "Nothing is changed yet. Change a limit first, or tick “no sample any more”.",
        )
        raise Invalid("web.nothing_changed", problem)
    return file_of(procedure.code, prefix, changes, basis=basis, valid_from=since)


def _placed(findings: tuple[Finding, ...], procedure: Procedure) -> dict[str, Text]:
    """What the checker found, at the row it is about (检查结果对应到行); the rest stands above the form."""
    rows = {row.code: row for row in limit_rows(procedure)}
    found: dict[str, Text] = {}
    for finding in findings:
        *path, last = map(str, finding.keys)
        for code in (f"{'.'.join(path)}:{last}", ".".join([*path, last])):
            if code in rows:
                found.setdefault(
                    f"n.{code}",
                    Text(finding.message.zh + finding.mend.zh, f"{finding.message.en} {finding.mend.en}"),
                )
    return found


def _entries(procedure: Procedure, post: Any, wrong: Mapping[str, Text]) -> list[Entry]:
    found: list[Entry] = []
    told: set[str] = set()
    settled = set(post.getlist("settled")) if post is not None else set()
    for n, row in enumerate(limit_rows(procedure), 1):
        name = f"n.{row.code}"
        period = row.period
        said = (str(period.n), period.unit) if period else ("", "")
        if post is not None:
            said = (post.get(name, said[0]), post.get(f"u.{row.code}", said[1]))
        what = [row.place, row.kind, *([row.value] if row.value else [])]
        title = Text(" · ".join(t.zh for t in what), " · ".join(t.en for t in what))
        number = FieldView(f"n-{n}", title, "integer", value=said[0], error=wrong.get(name, ""))
        first = row.limit_code not in told
        told.add(row.limit_code)
        error = wrong.get(name)
        found.append(Entry(row, number, said[1], row.limit_code in settled, first, error))
    return found
