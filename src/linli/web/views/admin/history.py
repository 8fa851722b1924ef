"""The history of a procedure in a county (程序沿革): who changed what and when, in words, and the way back as a new change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.base.errors import LinliError, NotAllowed, absent
from linli.base.i18n import Text
from linli.kernel.people.models import AuditEntry
from linli.kernel.people.queries import audit_page
from linli.kernel.procedures.amending import back_to, chain
from linli.kernel.procedures.models import ProcedureVersion
from linli.kernel.procedures.versions import current_version
from linli.web.faces import actor_of
from linli.web.forms import FieldView, filled, read
from linli.web.views.admin.door import admin_only
from linli.web.views.admin.limits import FROM
from linli.web.views.admin.procedurewords import ChangeRow, changes, raw_of, ruling
from linli.web.views.admin.proposals import (
    area_chosen,
    history_url,
    in_hand,
    own_areas,
    proposal,
    save,
    was_shown,
)
from linli.web.views.admin.screens import day, finish

PROCEDURES = Text("程序", "Procedures")
LOADED = "procedures.override_loaded"
SHOWN_AT_ONCE = 20
WHY = FieldView(
    "basis",
    Text("恢复的理由或文件", "Reason or document"),
    required=True,
    max=200,
    hint=Text("会记入沿革。", "It is kept in the history."),
)


@dataclass(frozen=True)
class Past:
    """One version in the history (沿革一行)."""

    version: ProcedureVersion
    entry: AuditEntry | None
    changes: list[tuple[Text, list[ChangeRow]]]
    in_force: bool
    is_newest: bool


@admin_only
@require_safe
def history(request: HttpRequest, code: str) -> HttpResponse:
    """Every version of a county's own procedure, the newest first (沿革), each with what it changed."""
    actor = actor_of(request)
    areas = own_areas(actor)
    if not areas or not ProcedureVersion.objects.filter(code=code).exists():
        raise absent(Text("程序", "procedure"))
    area = area_chosen(request, areas)
    rows = list(chain(code, area.prefix))[: SHOWN_AT_ONCE + 1]
    defaults = list(chain(code, ""))
    entries = _entries(actor, code, area.prefix)
    now_in_force = current_version(code, area.prefix)
    past = []
    for n, row in enumerate(rows[:SHOWN_AT_ONCE]):
        before = rows[n + 1] if n + 1 < len(rows) else defaults[0]
        past.append(
            Past(
                row,
                entries.get(row.version),
                changes(ruling(raw_of(before)), ruling(raw_of(row))),
                row.pk == now_in_force,
                n == 0,
            )
        )
    context = {
        "procedure": in_hand(code, area.prefix),
        "area": area,
        "past": past,
        "default": defaults[0],
        "default_in_force": defaults[0].pk == now_in_force,
        "trail": [(PROCEDURES, reverse("web:admin_procedures"))],
    }
    return render(request, "web/admin/history.html", context)


@admin_only
def set_back(request: HttpRequest, code: str, version: int) -> HttpResponse:
    """Make an older version hold again (恢复旧版): looked at first, then kept as a new change; 0 is the default."""
    actor = actor_of(request)
    areas = own_areas(actor)
    if not areas:
        raise absent(Text("程序", "procedure"))
    area = area_chosen(request, areas)
    rows = {v.version: v for v in chain(code, area.prefix)}
    found = rows.get(version) if version else next(iter(chain(code, "")), None)
    if found is None:
        raise absent(Text("程序版本", "version"))
    fields, error = (WHY, FROM), None
    entered: dict[str, Any] = {"basis": "", "valid_from": ""}
    made = None
    if request.method == "POST":
        entered = read(fields, request.POST)
    try:
        since = day(entered, "valid_from")
        text = back_to(found, area.prefix, basis=entered["basis"] or "—", valid_from=since)
        made = proposal(text, by=actor)
        if was_shown(request, made) and made.may_load and entered["basis"]:
            return finish(request, save(made, by=actor, because=entered["basis"]))
    except NotAllowed:
        raise
    except LinliError as refused:
        error = refused
    wrong = getattr(error, "fields", None) or {}
    if request.method == "POST" and not entered["basis"]:
        wrong["basis"] = Text("请写明为什么恢复。", "Say why it is set back.")
    context = {
        "procedure": in_hand(code, area.prefix),
        "version": found,
        "area": area,
        "found": made,
        "fields": filled(fields, entered, wrong),
        "message": error.message if error else "",
        "ready": request.method == "POST" and not wrong,
        "trail": [(Text("沿革", "History"), history_url(code, area.prefix))],
    }
    status = error.status if error else 422 if wrong else 200
    return render(request, "web/admin/set_back.html", context, status=status)


def _entries(actor: Any, code: str, prefix: str) -> dict[int, AuditEntry]:
    """Who loaded which version (载入记录); from the log, which only grows."""
    found: dict[int, AuditEntry] = {}
    for entry in audit_page(actor, act=LOADED, limit=200).items:
        if (entry.facts.get("procedure"), entry.facts.get("jurisdiction")) == (code, prefix):
            found.setdefault(int(entry.facts.get("version") or 0), entry)
    return found
